package packages

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLanguages reads what the package managers of languages leave behind.
func TestLanguages(t *testing.T) {
	c := New()
	collect(t, c, 0, `
-- var/lib/dpkg/info/ruby-rack.list --
/usr/share/rubygems-integration/all/specifications/rack-2.2.4.gemspec
-- usr/share/rubygems-integration/all/specifications/rack-2.2.4.gemspec --
# -*- encoding: utf-8 -*-
# stub: rack 2.2.4 ruby lib
-- usr/local/lib/ruby/gems/3.1.0/specifications/nokogiri-1.13.0-x86_64-linux.gemspec --
# -*- encoding: utf-8 -*-
# stub: nokogiri 1.13.0 x86_64-linux lib

Gem::Specification.new do |s|
  s.name = "nokogiri".freeze
-- usr/local/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec --
# stub: json 2.6.1 ruby lib
-- usr/local/lib/ruby/gems/3.1.0/specifications/by-hand.gemspec --
Gem::Specification.new do |s|
  s.name = "by-hand"
  s.version = "1.0"
  # stub: not the head of it
end
-- usr/local/bundle/gems/nokogiri-1.13.0/nokogiri.gemspec --
# stub: another 1.0 ruby lib
-- srv/vendor/composer/installed.json --
{"packages": [{"name": "Guzzlehttp/psr7", "version": "v2.1.0"}, {"name": "acme/branch", "version": "dev-main"}, {"name": "acme/next", "version": "1.x-dev"}], "dev": true}
-- old/vendor/composer/installed.json --
[{"name": "monolog/monolog", "version": "1.0.2", "version_normalized": "1.0.2.0"}]
-- composer/installed.json --
[{"name": "not/installed", "version": "1.0.2"}]
-- bad/vendor/composer/installed.json --
{"packages": "none"}
-- app/Shop.deps.json --
{"runtimeTarget": {"name": ".NETCoreApp,Version=v6.0"},
 "libraries": {
  "Shop/1.0.0": {"type": "project", "serviceable": false},
  "Newtonsoft.Json/12.0.3": {"type": "package", "sha512": "sha512-x"},
  "System.Runtime.Reference/6.0.0.0": {"type": "referenceassembly"},
  "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.5": {"type": "runtimepack"}}}
`)
	const gems = "usr/local/lib/ruby/gems/3.1.0/specifications/"
	const composer, netCore = "srv/vendor/composer/installed.json", "app/Shop.deps.json"
	want := Result{
		Packages: []Package{
			{Type: Composer, Ecosystem: "Packagist", Name: "acme/branch", Path: composer},
			{Type: Composer, Ecosystem: "Packagist", Name: "acme/next", Path: composer},
			{Type: Composer, Ecosystem: "Packagist", Name: "guzzlehttp/psr7", Version: "2.1.0", Path: composer},
			{Type: Composer, Ecosystem: "Packagist", Name: "monolog/monolog", Version: "1.0.2", Path: "old/vendor/composer/installed.json"},
			{Type: Gem, Ecosystem: "RubyGems", Name: "json", Version: "2.6.1", Path: gems + "default/json-2.6.1.gemspec"},
			{Type: Gem, Ecosystem: "RubyGems", Name: "nokogiri", Version: "1.13.0", Path: gems + "nokogiri-1.13.0-x86_64-linux.gemspec"},
			{Type: Gem, Ecosystem: "RubyGems", Name: "rack", Version: "2.2.4", Path: "usr/share/rubygems-integration/all/specifications/rack-2.2.4.gemspec", Distributed: true},
			{Type: NuGet, Ecosystem: "NuGet", Name: "Microsoft.NETCore.App.Runtime.linux-x64", Version: "6.0.5", Path: netCore},
			{Type: NuGet, Ecosystem: "NuGet", Name: "Newtonsoft.Json", Version: "12.0.3", Path: netCore},
		},
		Gaps: []string{
			`"bad/vendor/composer/installed.json" is not JSON of a package: a string is where it should not be, up to byte 19`,
			`"` + gems + `by-hand.gemspec" does not say what gem it is of`,
		},
	}
	if diff := cmp.Diff(want, c.Result()); diff != "" {
		t.Error(diff)
	}
}

func TestLanguageURL(t *testing.T) {
	for _, c := range []struct {
		p    Package
		want string
	}{
		{Package{Type: Gem, Name: "rack", Version: "2.2.4"}, "pkg:gem/rack@2.2.4"},
		{Package{Type: Composer, Name: "guzzlehttp/psr7", Version: "2.1.0"}, "pkg:composer/guzzlehttp/psr7@2.1.0"},
		{Package{Type: NuGet, Name: "Newtonsoft.Json", Version: "12.0.3"}, "pkg:nuget/Newtonsoft.Json@12.0.3"},
		{Package{Type: Maven, Name: "org.apache.logging.log4j:log4j-core", Version: "2.14.1"}, "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"},
	} {
		u := c.p.URL(OS{ID: "debian", Version: "12"})
		if got := u.String(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func FuzzGem(f *testing.F) {
	fuzz(f, "specifications/a.gemspec", 0o644, "# stub: rack 2.2.4 ruby lib\n")
}

func FuzzComposer(f *testing.F) {
	fuzz(f, "vendor/composer/installed.json", 0o644, `{"packages": [{"name": "a/b", "version": "v1.0"}]}`, `[{"name": "a/b", "version": "dev-main"}]`)
}

func FuzzDotNet(f *testing.F) {
	fuzz(f, "a.deps.json", 0o644, `{"libraries": {"a/1.0": {"type": "package"}, "b/`+strings.Repeat("1", 9)+`": {"type": "runtimepack"}}}`)
}
