package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seaworthy-iac/seaworthy/internal/late"
)

// plainText is text that YAML takes for itself, in a flow list as well.
var plainText = late.Pattern(`^(?:\.{0,2}/)?[A-Za-z_.][A-Za-z0-9_./-]*$`)

// Quote is text as it is written into a configuration: as itself where YAML
// reads it back so, else in double quotes, whose escapes are those of Go.
func Quote(text string) string {
	taken := []string{"true", "false", "yes", "no", "on", "off", "y", "n", "null", ".inf", ".nan"}
	if plainText().MatchString(text) && !slices.Contains(taken, strings.ToLower(text)) {
		return text
	}
	return strconv.Quote(text)
}

// QuoteAll is a flow list of texts.
func QuoteAll(texts []string) string {
	var all []string
	for _, t := range texts {
		all = append(all, Quote(t))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// OneLine is text that may stand in a comment: what others wrote must not end
// it.
func OneLine(text string) string {
	quoted := strconv.QuoteToGraphic(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
