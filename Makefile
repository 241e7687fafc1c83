# Everything that this project can be asked to do. CI runs `make lint` and `make test`, and nothing else.
GO       ?= go
TOOLS    := $(CURDIR)/.tools
GOLANGCI ?= $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
GOLANGCI_VERSION := v2.15.0
AGENTS   := linux/amd64 linux/arm64 windows/amd64 darwin/amd64 darwin/arm64
SERVERS  := linux/amd64 linux/arm64
# Packages whose tests drive a browser: one after the other, with the machine to themselves.
DRIVERS  := '/ecoindex/browser$$|/cmd/veille-ecoindex$$'
# No cgo: every program is one static file. -buildvcs=auto stamps the version even where GOFLAGS says otherwise.
BUILD    := CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=auto -ldflags='-s -w'

.PHONY: build run test check lint bench cross size fuzz golden tools

build: # the programs, in bin/
	@mkdir -p bin
	$(BUILD) -o bin/ ./cmd/veille-agent ./cmd/veille-collector ./cmd/veille-ecoindex

run: build # a collector, this machine's agent and one page measured, on loopback; Ctrl-C stops all of it
	@exec cmd/run.sh

check: # the quick loop: Go alone
	$(GO) test -race -shuffle=on ./...

test: tools # everything; what a test needs and does not find makes it fail
	REQUIRE=all $(GO) test -race -shuffle=on -count=1 $$($(GO) list ./... | grep -Ev $(DRIVERS))
	REQUIRE=all $(GO) test -race -shuffle=on -count=1 -timeout=20m -p=1 $$($(GO) list ./... | grep -E $(DRIVERS))

lint: $(GOLANGCI) # style, then the import rules: every one must report its planted violation
	$(GO) mod tidy -diff
	$(GOLANGCI) run ./...
	GOLANGCI=$(GOLANGCI) .ci/rules

bench: build tools # speed and allocations of what is called often; then our page measuring beside its peers
	$(GO) test -run='^$$' -bench=. -benchmem ./...
	bench/ecoindex/install.sh
	$(GO) run ./bench/ecoindex
	$(GO) run ./bench/ecoindex --numbers

cross: # vet and build every program for every system it supports
	@set -e; export CGO_ENABLED=0; build() { echo "$$1 $$2"; GOOS=$${1%/*} GOARCH=$${1#*/} $(BUILD) -o bin/cross/$$2-$${1%/*}-$${1#*/} ./cmd/$$2; }; \
	for t in $(AGENTS); do GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) vet ./agent/... ./ecoindex/... ./cmd/veille-agent ./cmd/veille-ecoindex; \
		build $$t veille-agent; build $$t veille-ecoindex; done; \
	for t in $(SERVERS); do build $$t veille-collector; done

size: cross # bytes of each agent, beside the 8 MB it may take
	@wc -c bin/cross/veille-agent-* | awk '$$2 != "total" {printf "%-50s %5.2f MB of 8\n", $$2, $$1/1e6; if ($$1 > 8e6) bad = 1} END {exit bad}'

fuzz: # each fuzz target for FUZZTIME
	@set -e; $(GO) list -f '{{.Dir}} {{join .TestGoFiles " "}} {{join .XTestGoFiles " "}}' ./... | while read -r dir files; do \
		for f in $$files; do grep -oh '^func Fuzz[A-Za-z0-9]*' $$dir/$$f | sed 's/func //' | while read -r target; do \
			echo "$$dir $$target"; (cd $$dir && $(GO) test -run='^$$' -fuzz="^$$target$$" -fuzztime=$${FUZZTIME:-20s} .); done; done; done

golden: # rewrite the golden files; then read the diff
	UPDATE_GOLDEN=1 $(GO) test ./...

tools: # what the tests talk to: Chromium, with and without windows, from Debian
	@{ command -v chromium && command -v chromium-headless-shell; } >/dev/null || \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium chromium-headless-shell; } || \
		{ echo "chromium and chromium-headless-shell are needed by make test, and could not be installed: as root, apt-get install them" >&2; exit 1; }

$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION):
	GOBIN=$(TOOLS) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv $(TOOLS)/golangci-lint $@
