# Everything that this project can be asked to do. CI runs `make lint` and `make test`, and nothing else.
GO       ?= go
TOOLS    := $(CURDIR)/.tools
GOLANGCI ?= $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
GOLANGCI_VERSION := v2.15.0
AGENTS   := linux/amd64 linux/arm64 windows/amd64 darwin/amd64 darwin/arm64
SERVERS  := linux/amd64 linux/arm64
# Packages whose tests drive a browser: one after the other, with the machine to themselves.
DRIVERS  := '/ecoindex/browser$$|/cmd/veille-ecoindex$$|veille/cmd$$'
# Packages whose tests wait longest: they begin first, so that the others fill the time.
SLOW     := ./packaging ./collector/store/influx ./collector/store/victoria ./collector/store/postgres ./collector/store/outbox ./collector/store/relational ./cmd/veille-agent ./agent
# SQLite is C, translated; its data are outside of the heap that the race detector watches. To watch it finds nothing and takes six times as long.
RACE     := -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false -gcflags=modernc.org/memory=-race=false
# A program that the race detector watches waits a second when it ends, in case something is still to be told. Tests start hundreds.
export GORACE := atexit_sleep_ms=10
# Tests kill programs, and cut no power: their files are in memory where there are 4 GB for them, and no disk is waited for.
SCRATCH  := GOTMPDIR=$${TMPDIR:-/tmp} TMPDIR=$$([ "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 ] 2>/dev/null && echo /dev/shm || echo $${TMPDIR:-/tmp})
# What the tests talk to: a command, and the Debian package it is in.
NEEDS    := debootstrap:debootstrap systemd-nspawn:systemd-container systemd-analyze:systemd rpm:rpm mandoc:mandoc zsh:zsh fish:fish minisign:minisign wixl:wixl msibuild:msitools osslsigncode:osslsigncode xmllint:libxml2-utils ansible-playbook:ansible-core ansible-lint:ansible-lint chromium:chromium chromium-headless-shell:chromium-headless-shell wine:wine wine:wine64 x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64 strace:strace npm:npm pdfinfo:poppler-utils /usr/lib/postgresql/15/bin/initdb:postgresql-15
# What looks at our pages as an auditor would, and at our descriptions of the API, of tables and of catalogues: packages of npm, with their versions.
NPM      := axe-core@4.14.1 @seriousme/openapi-schema-validator@2.11.0 tableschema@1.12.6 jsonld@9.0.0
# The servers that series are delivered to, in versions that their modules build: facts about them are in docs/series.md.
INFLUXD  := v1.8.10
VICTORIA := v1.150.0
# What makes .deb and .rpm. v2.48.0 needs a module that the proxy does not have.
NFPM     := v2.43.4
# What the Debian has in which packages are installed for a test.
DEBIAN   := systemd,systemd-sysv,dbus,ca-certificates,python3-apt,python3-cffi-backend,ansible-core
# No cgo: every program is one static file. -buildvcs=auto stamps the version even where GOFLAGS says otherwise.
BUILD    := CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=auto -ldflags='-s -w'
# An agent speaks a few times a day: it does without HTTP/2, which is a twentieth of its size, and without functions copied into one another, which
# are another. packaging/compile.go says the same.
AGENT    := -gcflags=all=-l -tags nethttpomithttp2 ./cmd/veille-agent

.PHONY: build packages run demo test check lint profile bench cross size fuzz golden tools needs

build: # the programs, in bin/
	@mkdir -p bin
	$(BUILD) -o bin/ $(AGENT)
	$(BUILD) -o bin/ ./cmd/veille-ecoindex ./cmd/veille-fleet
	$(BUILD) -pgo=cmd/veille-collector/collector.pgo -o bin/ ./cmd/veille-collector

packages: $(TOOLS)/nfpm-$(NFPM) # what is delivered, in dist/: .deb, .rpm, .msi, .tar.gz, what each is made of, sums. VERSION=1.2.3 names it, else git does; SIGN_KEY=minisign.key signs the sums, CODE_CERT and CODE_KEY (PEM) what is for Windows
	$(GO) run ./packaging --out dist --nfpm $(TOOLS)/nfpm-$(NFPM) $(if $(VERSION),--version $(VERSION)) $(if $(SIGN_KEY),--sign-key $(SIGN_KEY)) $(if $(CODE_CERT),--code-cert $(CODE_CERT) --code-key $(CODE_KEY))

run: build # a collector, this machine's agent and one page measured, on loopback; Ctrl-C stops all of it
	@exec cmd/run.sh

demo: build # a simulated year of 2,000 machines in 30 sites, then its dashboards, on loopback; Ctrl-C stops it
	@exec cmd/demo.sh

check: # the quick loop: Go alone
	$(SCRATCH) $(GO) test $(RACE) -shuffle=on ./...

test: tools # everything; what a test needs and does not find makes it fail. Programs that a test only starts are built without -race, and so is ./cmd, which does nothing else
	$(SCRATCH) REQUIRE=all $(GO) test $(RACE) -shuffle=on -count=1 -p=$$(($$(nproc) + 1)) $(SLOW) $$($(GO) list ./... | grep -Ev $(DRIVERS))
	$(SCRATCH) REQUIRE=all $(GO) test $(RACE) -shuffle=on -count=1 -timeout=20m -p=1 ./ecoindex/browser ./cmd/veille-ecoindex
	$(SCRATCH) REQUIRE=all $(GO) test -shuffle=on -count=1 -timeout=20m -parallel=4 ./cmd

lint: $(GOLANGCI) # style, then the import rules: every one must report its planted violation
	$(GO) mod tidy -diff
	$(GOLANGCI) run ./...
	GOLANGCI=$(GOLANGCI) .ci/rules

profile: # what the collector is compiled by: where its time goes when many machines post
	$(GO) test -trimpath ./collector/store/relational -run='^$$' -bench=KeepAmong/sqlite/50000_ -benchtime=40000x -cpuprofile $(CURDIR)/cmd/veille-collector/collector.pgo -o /tmp/relational.test

bench: build cross tools # speed and allocations of what is called often; then our page measuring, our collector under load, our agent beside its peers
	bench/go.sh
	bench/ecoindex/install.sh
	$(GO) run ./bench/ecoindex
	$(GO) run ./bench/ecoindex --numbers
	$(GO) run ./bench/ecoindex --site
	$(GO) run ./bench/collector
	$(GO) run ./bench/pages
	bench/agent/install.sh
	$(GO) run ./bench/agent --for $${BENCH_FOR:-10m}

cross: # vet and build every program for every system it supports
	@set -e; export CGO_ENABLED=0; build() { echo "$$1 $$2"; t=$$1 n=$$2; shift 2; GOOS=$${t%/*} GOARCH=$${t#*/} $(BUILD) -o bin/cross/$$n-$${t%/*}-$${t#*/} "$$@"; }; \
	for t in $(AGENTS); do GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) vet ./agent/... ./ecoindex/... ./cmd/veille-agent ./cmd/veille-ecoindex; \
		build $$t veille-agent $(AGENT); build $$t veille-ecoindex ./cmd/veille-ecoindex; done; \
	for t in $(SERVERS); do build $$t veille-collector ./cmd/veille-collector; build $$t veille-fleet ./cmd/veille-fleet; done

size: cross # bytes of each agent, beside the 8 MB it may take
	@wc -c bin/cross/veille-agent-* | awk '$$2 != "total" {printf "%-50s %5.2f MB of 8\n", $$2, $$1/1e6; if ($$1 > 8e6) bad = 1} END {exit bad}'

fuzz: # each fuzz target for FUZZTIME
	@set -e; $(GO) list -f '{{.Dir}} {{join .TestGoFiles " "}} {{join .XTestGoFiles " "}}' ./... | while read -r dir files; do \
		for f in $$files; do grep -oh '^func Fuzz[A-Za-z0-9]*' $$dir/$$f | sed 's/func //' | while read -r target; do \
			echo "$$dir $$target"; (cd $$dir && $(GO) test -run='^$$' -fuzz="^$$target$$" -fuzztime=$${FUZZTIME:-20s} .); done; done; done

golden: # rewrite the golden files; then read the diff
	UPDATE_GOLDEN=1 $(GO) test ./...

tools: needs $(TOOLS)/influxd-$(INFLUXD) $(TOOLS)/victoria-metrics-$(VICTORIA) $(TOOLS)/nfpm-$(NFPM) $(TOOLS)/debian-bookworm.tar $(TOOLS)/proxies # what the tests talk to; built from their modules: InfluxDB, VictoriaMetrics, nfpm; a Debian of its own; nginx and Caddy of Debian

needs: # of the tests, from Debian: Chromium, with and without windows, Wine, and a compiler for a library it lacks, PostgreSQL, what makes, checks and installs packages; from npm: axe-core
	@missing=; for need in $(NEEDS); do command -v $${need%:*} >/dev/null || missing="$$missing $${need#*:}"; done; [ -z "$$missing" ] || \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing; } || \
		{ echo "make test needs$$missing, and could not install that: as root, apt-get install$$missing" >&2; exit 1; }
	@[ "$$(cat $(TOOLS)/npm/installed 2>/dev/null)" = "$(NPM)" ] || { npm install --silent --no-audit --no-fund --ignore-scripts --prefix $(TOOLS)/npm $(NPM) >/dev/null && echo "$(NPM)" >$(TOOLS)/npm/installed; } || \
		{ echo "make test needs $(NPM) of npm, and could not install that" >&2; exit 1; }

# A minute and a quarter, once. What was fetched and unpacked on the way is thrown away.
$(TOOLS)/debian-bookworm.tar: | needs
	@set -e; root=$$(mktemp -d); chmod 755 "$$root"; trap 'rm -rf "$$root"' EXIT; echo "a Debian for tests: debootstrap bookworm"; \
		debootstrap --variant=minbase --include=$(DEBIAN) bookworm "$$root" >$(TOOLS)/debootstrap.log 2>&1 || { tail -n 5 $(TOOLS)/debootstrap.log >&2; exit 1; }; \
		rm -rf "$$root"/var/cache/apt/archives/*.deb "$$root"/var/lib/apt/lists/*; tar -C "$$root" --numeric-owner -cf $@.part . && mv $@.part $@

# Their packages would start them as services, on port 80: the files alone do. The libraries that they want are there with what needs installs.
$(TOOLS)/proxies: | needs
	@set -e; into=$$(mktemp -d); trap 'rm -rf "$$into"' EXIT; mkdir "$$into/proxies"; chmod 777 "$$into"; cd "$$into"; echo "reverse proxies for tests: nginx, Caddy"; \
		apt-get download -qq nginx nginx-common caddy 2>/dev/null || { apt-get update -qq && apt-get download -qq nginx nginx-common caddy; }; \
		for package in *.deb; do dpkg-deb -x "$$package" proxies; done; cp -r proxies $@.part && rm -rf $@ && mv $@.part $@

$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION):
	GOBIN=$(TOOLS) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv $(TOOLS)/golangci-lint $@

$(TOOLS)/nfpm-$(NFPM):
	GOBIN=$(TOOLS) $(GO) install github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM)
	@mv $(TOOLS)/nfpm $@

$(TOOLS)/influxd-$(INFLUXD):
	GOBIN=$(TOOLS) $(GO) install github.com/influxdata/influxdb/cmd/influxd@$(INFLUXD)
	@touch $@

# go install would look for the newest version to say whether this one is deprecated; a module of its own does not.
$(TOOLS)/victoria-metrics-$(VICTORIA):
	@mkdir -p $(TOOLS)/victoria && printf 'module scratch\n\ngo 1.26\n\nrequire github.com/VictoriaMetrics/VictoriaMetrics $(VICTORIA)\n' >$(TOOLS)/victoria/go.mod
	cd $(TOOLS)/victoria && $(GO) build -mod=mod -o $(TOOLS)/victoria-metrics github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics
	@touch $@
