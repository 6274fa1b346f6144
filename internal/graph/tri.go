package graph

// Tri answers a question about configuration that may not be known yet. The
// zero value is Unsure. Compare a Tri only with ==: "not True" is not False.
type Tri uint8

// The three answers.
const (
	Unsure Tri = iota
	True
	False
)

// Of is the Tri of something that is known.
func Of(b bool) Tri {
	if b {
		return True
	}
	return False
}

// Not turns True and False into each other.
func (t Tri) Not() Tri {
	switch t {
	case True:
		return False
	case False:
		return True
	}
	return Unsure
}

// And is False as soon as one is False, and True when all are.
func (t Tri) And(others ...Tri) Tri {
	all := t
	for _, o := range others {
		if all == False || o == False {
			return False
		}
		if o == Unsure {
			all = Unsure
		}
	}
	return all
}

// Or is True as soon as one is True, and False when all are.
func (t Tri) Or(others ...Tri) Tri {
	some := t
	for _, o := range others {
		if some == True || o == True {
			return True
		}
		if o == Unsure {
			some = Unsure
		}
	}
	return some
}

// String is for tests and messages of the program's own.
func (t Tri) String() string { return [...]string{"unsure", "true", "false"}[t] }
