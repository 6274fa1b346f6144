// Package spelling finds what somebody meant to write.
package spelling

import "strings"

// Distance is the Levenshtein distance of two short ASCII names.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// Meant is the name that a text is a misspelling of: one in other letters of
// case, or one that differs in few of its letters; "" when none is near. Of
// several it is the nearest, then the first.
func Meant(text string, names []string) string {
	best, distance := "", max(1, len(text)/4)+1
	for _, name := range names {
		if strings.EqualFold(name, text) {
			return name
		}
		if d := Distance(name, text); d < distance {
			best, distance = name, d
		}
	}
	return best
}
