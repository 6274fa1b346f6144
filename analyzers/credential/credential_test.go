package credential

import "testing"

func TestNamed(t *testing.T) {
	for name, want := range map[string]bool{
		"DB_PASSWORD": true, "apiKey": true, "APIKey": true, "AWS_SECRET_ACCESS_KEY": true, "token": true, "my-secret": true,
		"pwd": true, "AZURE_BATCH_KEY": true, "clientSecret": true, "OCI_CLI_KEY_CONTENT": true,
		"": false, "PASSWORD_FILE": false, "tokenUrl": false, "SECRET_NAME": false, "AWS_ACCESS_KEY_ID": false, "TOKEN_TTL": false,
		"KEY": false, "CACHE_KEY": false, "monkey": false, "PUBLIC_KEY": false, "passenger": false, "compass": false, "USE_TOKEN": false,
	} {
		if got := Named(name); got != want {
			t.Errorf("Named(%q) = %v", name, got)
		}
	}
}

func TestIn(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"DB_PASSWORD", "hunter2", true},
		{"DB_PASSWORD", "123456", true},
		{"TOKEN", "3600", false},
		{"DB_PASSWORD", "", false},
		{"DB_PASSWORD", "$(FROM_VAULT)", false},
		{"DB_PASSWORD", "${DB_PASSWORD}", false},
		{"DB_PASSWORD", "<password>", false},
		{"DB_PASSWORD", "changeme", false}, {"KEYSTORE_PASSWORD", "changeit", false},
		{"DB_PASSWORD", "/run/secrets/db", false},
		{"DB_PASSWORD", "xxxxx", false},
		{"DB_PASSWORD", "the password of the day", false},
		{"API_KEY", "SOME_API_KEY_VAL", false},
		{"DB_PASSWORD", "my-db-password-1", false},
		{"GREETING", "hello", false},
		{"ANY", "AKIAIOSFODNN7EXAMPLE", false},
		{"ANY", "AKIAIOSFODNN7ABCDEFG", true},
		{"URL", "postgres://app:s3cr3t@db:5432/app", true},
		{"URL", "postgres://app:$(PASS)@db:5432/app", false},
		{"URL", "http://db:5432/app@v1", false},
		{"URL", "https://example.com:8443/a@b", false},
		{"K", "-----BEGIN RSA PRIVATE KEY-----", true},
		{"K", "-----BEGIN PUBLIC KEY-----", false},
	} {
		if _, got := In(c.name, c.value); got != c.want {
			t.Errorf("In(%q, %q) = %v", c.name, c.value, got)
		}
	}
}

func TestInFile(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"app.env", "COLOR=blue\nDB_PASSWORD=hunter2 # the old one\n", "hunter2"},
		{"app.env", "export DB_PASSWORD='hunter2'\n", "hunter2"},
		{"app.json", "{\n  \"token\": \"a1b2c3d4\",\n}", "a1b2c3d4"},
		{"app.yaml", "db:\n  password: hunter2\n", "hunter2"},
		{"config", "DB_PASSWORD:supersecret", "supersecret"},
		{"app.env", "DB_PASSWORD=\n", ""},
		{"app.env", "DB_PASSWORD=${DB_PASSWORD}\n", ""},
		{"app.py", "token = fetch\n", ""},
		{"app.conf", "token = get_token()\n", ""},
		{"app.conf", "# the password: is not here\n", ""},
		{"app.conf", "The token: a story of\n", ""},
	} {
		_, m, ok := InFile(c.file, c.text)
		if got := c.text[m.Start:m.End]; got != c.want || ok != (c.want != "") {
			t.Errorf("InFile(%q, %q) = %q, %v; want %q", c.file, c.text, got, ok, c.want)
		}
	}
}

func FuzzInFile(f *testing.F) {
	f.Add("app.env", "export A_TOKEN='x'\npassword: \"y\"")
	f.Fuzz(func(t *testing.T, file, text string) {
		if name, m, ok := InFile(file, text); ok && (m.Start < 0 || m.Start >= m.End || m.End > len(text)) {
			t.Errorf("%q: %v outside of %d bytes", name, m, len(text))
		}
	})
}
