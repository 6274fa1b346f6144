package image

import (
	"strconv"
	"strings"
)

// A passwd is what /etc/passwd says.
type passwd struct {
	users map[string]int64 // nil when there is none
	layer int
}

// maxPasswd is how much of it is read, in bytes.
const maxPasswd = 1 << 20

// hide takes it away when it is of a layer below.
func (p *passwd) hide(number int) {
	if p.layer < number {
		p.users = nil
	}
}

// users reads the numbers of users; of a name that comes twice the first one
// counts.
func users(text []byte) map[string]int64 {
	all := map[string]int64{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) < 3 {
			continue
		}
		id, err := strconv.ParseUint(fields[2], 10, 32)
		if _, known := all[fields[0]]; err == nil && !known {
			all[fields[0]] = int64(id)
		}
	}
	return all
}

// userID is the number of the user of a configuration, "name", "id" or either
// with a group behind a colon, and whether it is known.
func (p passwd) userID(user string) (id int64, known bool) {
	user, _, _ = strings.Cut(user, ":")
	if user == "" {
		return 0, true
	}
	if id, known = p.users[user]; known {
		return id, true // even of a user whose name is a number
	}
	n, err := strconv.ParseUint(user, 10, 32)
	return int64(n), err == nil
}
