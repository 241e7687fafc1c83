#!/usr/bin/env bash
# Every benchmark of Go, a line each; then what is promised of series, meters and ledgers beside InfluxDB, with its ratio.
set -euo pipefail
cd "$(dirname "$0")/.."
export REQUIRE=all # a server that is not there is an error, and not a benchmark that was left out

run() { go test -run='^$' "$@" | sed -E '/no test files|^(goos|goarch|pkg|cpu|PASS|ok)/d'; }

lines() { # NAME  figure unit  figure unit …
	awk '!/^Benchmark/ { print; next }
		{ sub(/^Benchmark/, "", $1); sub(/-[0-9]+$/, "", $1); printf "%-46s", $1; for (i = 3; i < NF; i += 2) printf " %14s %-15s", $i, $(i + 1); print "" }'
}

promised='^Benchmark(IntoInfluxd|Door|Influxd|YearByGroupAndMonth)$'
run -bench=. -skip="$promised" -benchmem ./... | lines

echo
echo "points a second into InfluxDB, through the outbox and by the same client alone (promised: a ratio of 0.8)"
run -bench='^BenchmarkIntoInfluxd$' -benchtime=1x ./collector/store/outbox | lines
echo
echo "lines a second that are durable, of our door and of influxd (promised: 40,000)"
run -bench='^Benchmark(Door|Influxd)$' -benchtime=2000x ./collector/metering | lines |
	awk '{ print } $3 == "lines/s" { rate[$1] = $2 } END { if (rate["Influxd"]) printf "%-46s %14.2f ratio\n", "Door, beside Influxd", rate["Door"] / rate["Influxd"]; else exit 1 }'
echo
echo "a year by group and month, on each engine"
run -bench='^BenchmarkYearByGroupAndMonth$' ./bench/series | lines |
	awk '{ print } $3 == "ns/op" { if (!first) first = $2; printf "%-46s %14.1f times as long as the first\n", "", $2 / first }'
