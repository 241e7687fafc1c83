#!/usr/bin/env bash
# Every benchmark of Go, a line each; then what is promised of series, meters and ledgers beside InfluxDB, with its ratio. Ends with 1 where a promise is not kept.
set -euo pipefail
cd "$(dirname "$0")/.."
export REQUIRE=all # a server that is not there is an error, and not a benchmark that was left out

run() { go test -run='^$' "$@" | sed -E '/no test files|^(goos|goarch|pkg|cpu|PASS|ok)/d'; }

lines() { # NAME  figure unit  figure unit …
	awk '!/^Benchmark/ { print; next }
		{ sub(/^Benchmark/, "", $1); sub(/-[0-9]+$/, "", $1); printf "%-46s", $1; for (i = 3; i < NF; i += 2) printf " %14s %-15s", $i, $(i + 1); print "" }'
}

failed=0
least() { # NAME UNIT LEAST: whether the figure of a benchmark is no less
	awk -v name="$1" -v unit="$2" -v least="$3" '
		{ print } $1 == name { for (i = 2; i < NF; i += 2) if ($(i + 1) == unit) is = $i }
		END {
			if (is == "" || is + 0 < least) { printf "%s: %s %s, and %s are promised\n", name, is == "" ? "no" : is, unit, least > "/dev/stderr"; exit 1 }
		}'
}

promised='^Benchmark(IntoInfluxd|Door|Influxd|YearByGroupAndMonth)$'
run -bench=. -skip="$promised" -benchmem ./... | lines

echo
echo "points a second into InfluxDB, through the outbox and by the same client alone (promised: a ratio of 0.8)"
run -bench='^BenchmarkIntoInfluxd$' -benchtime=1x ./collector/store/outbox | lines | least IntoInfluxd ratio 0.8 || failed=1
echo
echo "lines a second that are durable, of our door and of influxd (promised: 40,000)"
run -bench='^Benchmark(Door|Influxd)$' -benchtime=2000x ./collector/metering | lines |
	awk '{ print } $3 == "lines/s" { rate[$1] = $2 } END { if (rate["Influxd"]) printf "%-46s %14.2f ratio\n", "Door, beside Influxd", rate["Door"] / rate["Influxd"]; else exit 1 }' |
	least Door lines/s 40000 || failed=1
echo
echo "a year by group and month, on each engine"
run -bench='^BenchmarkYearByGroupAndMonth$' ./bench/series | lines |
	awk '{ print } $3 == "ns/op" { if (!first) first = $2; printf "%-46s %14.1f times as long as the first\n", "", $2 / first }'
exit "$failed"
