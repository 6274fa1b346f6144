#!/bin/sh
# Scans every project below a directory and lets others read the output:
# junitparser that of JUnit, and TypeScript, with the types of a Code Climate
# report, that of GitLab. What was written as CycloneDX of images that are recorded
# beside this file is read by CycloneDX's own library for Python, which validates
# it strictly, and its package URLs by that of purl-spec. Where JUNIT_XSD names a schema, such as junit-10.xsd
# of Jenkins' xUnit plugin, JUnit's is held against it too. Needs Python, npm
# and the network.
#   internal/printer/validate.sh DIRECTORY [SEAWORTHY]
set -eu
projects=$1
program=$(realpath "${2:-bin/seaworthy}")
schema=${JUNIT_XSD:+$(realpath "$JUNIT_XSD")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet --disable-pip-version-check junitparser==5.0.3 lxml==6.1.3 \
    'cyclonedx-python-lib[json-validation]==11.12.0' packageurl-python==0.17.6
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" typescript@5.9.3 codeclimate-types@0.3.1 >&2

cat >"$work/junit.py" <<'END'
import sys
from junitparser import JUnitXml
from lxml import etree

name, report, findings, schema = sys.argv[1:]
bad = []
if schema:
    xsd = etree.XMLSchema(etree.parse(schema))
    if not xsd.validate(etree.parse(report)):
        bad += [str(e) for e in xsd.error_log.filter_from_errors()]
read = JUnitXml.fromfile(report)
results = [type(r).__name__ for suite in read for case in suite for r in case.result]
for what, said, found in (
    ("tests", read.tests, sum(len(list(suite)) for suite in read)),
    ("failures", read.failures, results.count("Failure")),
    ("errors", read.errors, results.count("Error")),
    ("failures", read.failures, int(findings)),
):
    if said != found:
        bad.append(f"{said} {what} are said and {found} are there")
for b in bad:
    print(f"{name}: junit: {b}")
sys.exit(1 if bad else 0)
END

cat >"$work/bom.py" <<'END'
import json
import sys
from urllib.parse import unquote

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

bad, urls = [], 0
for name in sys.argv[1:]:
    text = open(name, encoding="utf-8").read()
    bad += [f"{name}: {e}" for e in JsonStrictValidator(SchemaVersion.V1_6).validate_str(text, all_errors=True) or []]
    bom = json.loads(text)
    for c in bom.get("components", []) + [bom["metadata"].get("component", {})]:
        if url := c.get("purl"):
            urls += 1
            again = PackageURL.from_string(url).to_string()
            if unquote(again) != unquote(url):
                bad.append(f"{name}: {url} is written {again}")
for b in bad:
    print(f"cyclonedx: {b}")
print(f"cyclonedx: {urls} package URLs checked", file=sys.stderr)
sys.exit(1 if bad or not urls else 0)
END

bad=0
"$work/python/bin/python" "$work/bom.py" "$(dirname "$0")"/testdata/cyclonedx-*.golden || bad=1
for project in "$projects"/*/; do
    name=$(basename "$project")
    # 3 says that a file could not be analysed, which is in the output too.
    (cd "$project" && "$program" scan . --select all --exit-zero --format junit -o "$work/$name.xml" \
        --format gitlab -o "$work/$name.json" --format json -o "$work/findings.json") || [ $? -eq 3 ]
    findings=$(node -p 'require(process.argv[1]).findings.length' "$work/findings.json")
    "$work/python/bin/python" "$work/junit.py" "$name" "$work/$name.xml" "$findings" "$schema" || bad=1
    {
        echo "import type { Issue } from 'codeclimate-types'"
        echo "type Read = Required<Pick<Issue, 'check_name' | 'description' | 'severity' | 'fingerprint' | 'location'>>"
        echo "export const report: Read[] ="
        cat "$work/$name.json"
    } >"$work/$name.ts"
    # Every issue is one of its own: GitLab tells them apart by the fingerprint.
    node -e '
        const seen = new Set()
        for (const issue of require(process.argv[1])) {
            if (seen.has(issue.fingerprint)) { console.log(`${process.argv[2]}: gitlab: ${issue.fingerprint} is there twice`); process.exitCode = 1 }
            seen.add(issue.fingerprint)
        }
    ' "$work/$name.json" "$name" || bad=1
    (cd "$work" && node_modules/.bin/tsc --noEmit --strict --skipLibCheck "$name.ts") || bad=1
    echo "$name: checked" >&2
done
exit $bad
