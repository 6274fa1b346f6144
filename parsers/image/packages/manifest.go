package packages

import (
	"archive/zip"
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// A jarManifest is what of the manifest of a Java archive says what it is.
type jarManifest struct{ title, version, module, bundle string }

// manifest reads META-INF/MANIFEST.MF.
func (a *archives) manifest(name string, entry *zip.File) (m jarManifest) {
	a.open(name, entry, maxMetadata, func(r io.Reader) {
		err := eachStanza(name, r, maxMetadata, func(s stanza) bool {
			bundle, _, _ := strings.Cut(s["Bundle-SymbolicName"], ";")
			m = jarManifest{
				title: s["Implementation-Title"], version: cmp.Or(s["Implementation-Version"], s["Bundle-Version"]),
				module: s["Automatic-Module-Name"], bundle: bundle,
			}
			return false // what follows is about single files
		}, "Implementation-Title", "Implementation-Version", "Automatic-Module-Name", "Bundle-SymbolicName", "Bundle-Version")
		if err != nil {
			a.said(name, err.Error())
		}
	})
	return m
}

// byManifest takes an archive that was not made by Maven, so that it does not
// have its package, for the package that its manifest says, or notes that it
// says none. What only holds others is no package.
func (a *archives) byManifest(name string, m jarManifest, holds bool) {
	group, artifact := m.maven(path.Base(name))
	switch {
	case m.title == "Java Runtime Environment": // Java itself
	case group != "" && m.version != "":
		a.take(name, group, artifact, m.version)
	case !holds:
		a.f.unnamed = append(a.f.unnamed, name)
	}
}

// maven is the package of widely used archives that are built with other tools
// and say in their manifest what they are. Most others do not: their names are
// not unique.
func (m jarManifest) maven(file string) (group, artifact string) {
	// Spring calls the module spring.security.core that is in spring-security-core-5.6.2.jar.
	if artifact, ok := strings.CutSuffix(file, "-"+m.version+".jar"); ok && m.module == strings.ReplaceAll(artifact, "-", ".") {
		if group := springGroup(artifact); group != "" {
			return group, artifact
		}
	}
	if rest, ok := strings.CutPrefix(m.bundle, "org.apache.tomcat-embed-"); ok {
		return "org.apache.tomcat.embed", "tomcat-embed-" + rest
	}
	if rest, ok := strings.CutPrefix(m.bundle, "org.apache.tomcat-"); ok {
		return "org.apache.tomcat", "tomcat-" + rest
	}
	switch m.bundle {
	case "org.postgresql.jdbc":
		return "org.postgresql", "postgresql"
	case "com.h2database":
		return "com.h2database", "h2"
	}
	return "", ""
}

// springGroup is the group of a package of Spring, "" for one that is not.
func springGroup(artifact string) string {
	for _, of := range [...]struct{ prefix, group string }{
		{"spring-boot", "org.springframework.boot"}, {"spring-security-", "org.springframework.security"}, {"spring-data-", "org.springframework.data"},
	} {
		if strings.HasPrefix(artifact, of.prefix) {
			return of.group
		}
	}
	if name, ok := strings.CutPrefix(artifact, "spring-"); ok && slices.Contains(springFramework[:], name) {
		return "org.springframework"
	}
	return ""
}

// springFramework are the parts of Spring Framework.
var springFramework = [...]string{
	"aop", "aspects", "beans", "context", "context-indexer", "context-support", "core", "expression", "instrument", "jcl", "jdbc", "jms",
	"messaging", "orm", "oxm", "r2dbc", "test", "tx", "web", "webflux", "webmvc", "websocket",
}

// unnamedJava says which archives do not say what package they are, of those
// that did not come with a package of the distribution.
func (c *Collector) unnamedJava(names []string) string {
	var all []string
	for _, name := range names {
		if !c.owned.has(name) {
			all = append(all, c.files[name].unnamed...)
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	const most = 3
	text := strings.Join(all[:min(most, len(all))], ", ")
	if len(all) > most {
		text += ", …"
	}
	return fmt.Sprintf("%d Java archives do not say which packages of Maven they are: %s", len(all), text)
}
