# Everything that this project can be asked to do. CI runs `make lint` and `make test`, and nothing else.
GO       ?= go
TOOLS    := $(CURDIR)/.tools
GOLANGCI ?= $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
GOLANGCI_VERSION := v2.15.0
AGENTS   := linux/amd64 linux/arm64 windows/amd64 darwin/amd64 darwin/arm64
SERVERS  := linux/amd64 linux/arm64
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
	REQUIRE=all $(GO) test -race -shuffle=on -count=1 ./...

lint: $(GOLANGCI) # style, then the import rules: every one must report its planted violation
	$(GO) mod tidy -diff
	$(GOLANGCI) run ./...
	GOLANGCI=$(GOLANGCI) .ci/rules

bench: # speed and allocations of what is called often
	$(GO) test -run='^$$' -bench=. -benchmem ./...

cross: # vet and build every program for every system it supports
	@set -e; export CGO_ENABLED=0; \
	for t in $(AGENTS); do echo "$$t agent"; export GOOS=$${t%/*} GOARCH=$${t#*/}; \
		$(GO) vet ./agent/... ./cmd/veille-agent; $(BUILD) -o bin/cross/veille-agent-$$GOOS-$$GOARCH ./cmd/veille-agent; done; \
	for t in $(SERVERS); do echo "$$t collector, ecoindex"; export GOOS=$${t%/*} GOARCH=$${t#*/}; \
		for p in veille-collector veille-ecoindex; do $(BUILD) -o bin/cross/$$p-$$GOOS-$$GOARCH ./cmd/$$p; done; done

size: cross # bytes of each agent, beside the 8 MB it may take
	@set -e; for f in bin/cross/veille-agent-*; do n=$$(wc -c <$$f); printf '%-40s %5.2f MB of 8\n' $$(basename $$f) $$(echo "$$n/1000000" | bc -l); \
		[ $$n -le 8000000 ]; done

fuzz: # each fuzz target for FUZZTIME
	@set -e; $(GO) list -f '{{.Dir}} {{join .TestGoFiles " "}} {{join .XTestGoFiles " "}}' ./... | while read -r dir files; do \
		for f in $$files; do grep -oh '^func Fuzz[A-Za-z0-9]*' $$dir/$$f | sed 's/func //' | while read -r target; do \
			echo "$$dir $$target"; (cd $$dir && $(GO) test -run='^$$' -fuzz="^$$target$$" -fuzztime=$${FUZZTIME:-20s} .); done; done; done

golden: # rewrite the golden files; then read the diff
	UPDATE_GOLDEN=1 $(GO) test ./...

tools: # what the tests talk to: Chromium, from Debian
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || \
		{ echo "chromium is needed by make test, and could not be installed: as root, apt-get install chromium" >&2; exit 1; }

$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION):
	GOBIN=$(TOOLS) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv $(TOOLS)/golangci-lint $@
