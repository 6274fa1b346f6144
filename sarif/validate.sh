#!/bin/sh
# Scans every project below a directory and holds the SARIF against the rules of
# Microsoft's sarif-multitool, GitHub's among them. Needs npm and the network.
#   sarif/validate.sh DIRECTORY [SEAWORTHY]
set -eu
projects=$1
program=$(realpath "${2:-bin/seaworthy}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work" @microsoft/sarif-multitool@5.7.0 >&2
tool=$work/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
chmod u+x "$tool"

bad=0
for project in "$projects"/*/; do
    name=$(basename "$project")
    # 3 says that a file could not be analysed, which is in the SARIF too.
    (cd "$project" && "$program" scan --select all --exit-zero --format sarif .) >"$work/$name.sarif" || [ $? -eq 3 ]
    "$tool" validate "$work/$name.sarif" --rule-kind 'Sarif;Ghas' --level 'Error;Warning' \
        --output "$work/$name.out" --log ForceOverwrite >"$work/log" || { cat "$work/log"; exit 2; }
    # The exit code says nothing about what was found.
    node -e '
        const run = JSON.parse(require("fs").readFileSync(process.argv[1])).runs[0]
        const results = (run.results || []).filter(r => r.level !== "note")
        for (const r of results) {
            const rule = run.tool.driver.rules.find(x => x.id === r.ruleId)
            const text = r.message.text || rule.messageStrings[r.message.id].text
            const region = r.locations?.[0]?.physicalLocation?.region
            console.log(`${process.argv[2]}:${region?.startLine ?? 1}: ${r.ruleId}: ` +
                text.replace(/\{(\d)\}/g, (_, i) => r.message.arguments?.[i]))
        }
        process.exit(results.length > 0 ? 1 : 0)
    ' "$work/$name.out" "$name.sarif" || bad=1
    echo "$name: checked" >&2
done
exit $bad
