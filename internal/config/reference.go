package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/seaworthy-iac/seaworthy/analyzers"
)

// Reference writes what there is to configure as Markdown, key by key.
func Reference(w io.Writer) error {
	var b strings.Builder
	b.WriteString("| key | value | what it says |\n|---|---|---|\n")
	describe(&b, reflect.TypeFor[Config](), "")
	_, err := io.WriteString(w, b.String())
	return err
}

func describe(b *strings.Builder, t reflect.Type, prefix string) {
	for _, f := range fieldsOf(t) {
		doc := f.doc
		if f.required {
			doc += " Required."
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s |\n", prefix, f.key, strings.ReplaceAll(valueOf(f.typ, f.form), "|", `\|`), strings.ReplaceAll(doc, "|", `\|`))
		switch {
		case f.typ.Kind() == reflect.Struct:
			describe(b, f.typ, prefix+f.key+".")
		case f.typ.Kind() == reflect.Slice && f.typ.Elem().Kind() == reflect.Struct:
			describe(b, f.typ.Elem(), prefix+f.key+"[].")
		}
	}
}

// valueOf says in words what may stand under a key.
func valueOf(t reflect.Type, form string) string {
	switch t.Kind() {
	case reflect.Struct:
		for _, f := range fieldsOf(t) {
			if f.short {
				return "text or mapping"
			}
		}
		return "mapping"
	case reflect.Slice:
		return "list of " + valueOf(t.Elem(), form)
	case reflect.Map:
		return "mapping to " + valueOf(t.Elem(), form)
	case reflect.Pointer:
		return valueOf(t.Elem(), form)
	case reflect.Bool:
		return "true or false"
	case reflect.Interface:
		return "anything"
	}
	switch form {
	case "severity":
		return strings.Join(analyzers.Severities[:], ", ")
	case "day":
		return "day"
	}
	return "text"
}
