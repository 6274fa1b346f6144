# Every target runs on a machine with Go and nothing else, but for precommit-test,
# cluster-test, image-test and those that end in -validate.
GO     ?= go
BIN    := bin/seaworthy
LINT   := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1\t/' | expand -t 18

build: ## build bin/seaworthy
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o $(BIN) ./cmd/seaworthy

keyless: ## build bin/seaworthy-keyless, which verifies keyless signatures of images
	cd cmd/seaworthy-keyless && CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o $(CURDIR)/bin/seaworthy-keyless .

demo: build ## build, and scan a sample project
	$(BIN) scan fixtures/projects/webshop --format text --exit-zero

test: ## run the tests
	$(GO) test ./...

race: ## run the tests with the race detector
	$(GO) test -race ./...

check: fmt vet lint test generated selfscan ## all that must be green before a change lands

fmt: ## fail on files that are not formatted
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w on these files'; exit 1; }

vet: ## run go vet
	$(GO) vet ./...

lint: ## run golangci-lint
	$(LINT) run ./...

generate: ## write the generated files anew: rule pages, schema, keys of the configuration, golden output
	$(GO) generate ./...
	$(GO) test ./cmd/seaworthy ./sarif ./internal/printer -update

generated: ## fail on generated files that are out of date
	$(GO) test ./cmd/... -run 'TestGenerated|TestGolden' -count=1

selfscan: build ## scan this repository's own configuration
	$(BIN) scan . --exclude fixtures/ --exclude testdata/ --format line

new-rule: ## scaffold a rule: make new-rule ID=k8s-my-rule
	$(GO) run internal/scaffold/new_rule.go '$(ID)'

provenance: ## hold places against Helm, kustomize and the evaluation of Terraform, also over the projects in SEAWORTHY_CORPUS
	$(GO) test ./parsers/helm ./parsers/kustomize ./parsers/terraform -run 'Oracle|Variations' -count=1 -v

bench: build ## run the benchmarks, and whole runs of the program
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz: ## fuzz every target for FUZZTIME each
	@./fixtures/fuzz.sh '$(or $(FUZZTIME),30s)'

precommit-test: ## run the real pre-commit on a sample repository
	./fixtures/precommit.sh

cluster-test: ## run the tests that want a real API server and etcd, which are built and installed on the first run
	./fixtures/cluster/test.sh

image-test: ## run the tests that want a real registry, which is installed on the first run
	./fixtures/images/test.sh

VULNDB      := golang.org/x/vulndb@v0.0.0-20261105234957-e22db6528018
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.3.0

osv-test: ## hold vulnerabilities of Go executables against govulncheck and all its records, which are fetched
	GOBIN=$(CURDIR)/bin $(GO) install $(GOVULNCHECK)
	SEAWORTHY_VULNDB="$$($(GO) mod download -json $(VULNDB) | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')" \
	SEAWORTHY_GOVULNCHECK=$(CURDIR)/bin/govulncheck SEAWORTHY_EXECUTABLES="$$(command -v terraform) $(EXECUTABLES)" \
	$(GO) test ./parsers/image/osv -run 'VulnDB|Govulncheck' -count=1 -v

keyless-test: ## vet and test seaworthy-keyless, which is a module of its own
	cd cmd/seaworthy-keyless && $(GO) vet ./... && $(GO) test ./...

sarif-validate: build ## validate the SARIF of the sample projects with sarif-multitool
	./sarif/validate.sh fixtures/projects

formats-validate: build ## let others read the JUnit, GitLab and CycloneDX output
	./internal/printer/validate.sh fixtures/projects

.PHONY: help build keyless demo test race check fmt vet lint generate generated selfscan new-rule provenance bench fuzz precommit-test cluster-test image-test osv-test keyless-test sarif-validate formats-validate
