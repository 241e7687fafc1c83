#!/usr/bin/env bash
# make demo: a year of 2,000 machines that do not exist, in ./var/demo, then its dashboards on loopback until Ctrl-C. All that it shows is simulated.
set -euo pipefail
cd "$(dirname "$0")/.."
listen=${VEILLE_LISTEN:-127.0.0.1:8765}
bin=${VEILLE_BIN:-bin}
var=${VEILLE_VAR:-var/demo}
machines=${VEILLE_DEMO_MACHINES:-2000} # a test has fewer
sites=${VEILLE_DEMO_SITES:-30}
data=$var/collector
user=me
collector() { "$bin"/veille-collector "$@" --data "$data"; }

days() { # from 1970-01-01 to year $1, month $2, day $3
	local y=$(($1 - ($2 < 3))) m=$((($2 + 9) % 12))
	echo $((365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + $3 - 719469))
}

# The sleep policy is of the last March that has three months after it; the fleet lives from the September before, and for fourteen months at least,
# so that there is a baseline, and the same months of a year ago.
plan() {
	local y m d
	read -r y m d <<<"$(printf '%(%Y %-m %-d)T' -1)"
	yesterday=$(printf '%(%Y-%m-%d)T' $(($(printf '%(%s)T' -1) - 86400)))
	year=$((m < 6 ? y - 1 : y)) # of the policy
	policy=$year-03-02
	baseline=$((year - 1))-09:$year-02
	lived=$(($(days "$y" "$m" "$d") - $(days $((year - 1)) 9 1)))
	lived=$((lived > 425 ? lived : 425))
}

# What an organisation says of itself, made up: prices, an action, targets and devices.
furnish() {
	collector price set --from "$((year - 1))-01" --euro 0.236 --tax included --source "example"
	collector price set --from "$year-02" --euro 0.208 --tax included --source "example"
	collector action add "Sleep after 20 minutes" --measure sleep-policy --on "$policy" --baseline "$baseline" --owner "IT department" --note "example"
	collector target add --indicator outside_share --value 20 --by "$((year + 1))-12" --note "example"
	collector target add --indicator kwh_per_machine --value 36 --by "$((year + 1))-12" --note "example"
	equipment >"$var"/equipment.csv
	collector inventory import "$var"/equipment.csv
	collector site set --site 1 --open=true
	collector site set --site 3 --open=true
}

# Devices of each site by year and way, more where more people work, in numbers that are drawn from the site's own: the same each time.
equipment() {
	echo "site;class;bought;as;count"
	collector site list | awk -v year=$((year - 1)) '
		function draw(low, high) { seed = (seed * 1103 + 12345) % 65536; return low + seed % (high - low + 1) }
		function line(class, bought, as, count) { if (count >= 1) printf "%d;%s;%s;%s;%d\n", $1, class, bought, as, count }
		function month(age) { return sprintf("%d-%02d", year - age, draw(1, 12)) }
		{
			seed = $1 * 7919 % 65536
			size = /Hôtel/ ? 3 : /Maison/ ? 2 : /Médiathèque/ ? 0.4 : 1
			for (age = 0; age < 11; age++) {
				line("desktop", month(age), "new", size * (age < 7 ? draw(1, 6) : draw(0, 3)))
				line("notebook", month(age), draw(0, 5) ? "new" : "refurbished", size * (age < 6 ? draw(1, 4) : draw(0, 1)))
				line("monitor", month(age), draw(0, 3) ? "new" : "reused", size * draw(0, 5))
			}
			line("tablet", "", "reused", draw(1, 4))
			line("printer", month(draw(1, 8)), "new", draw(1, 5))
		}'
}

plan
if [ ! -e "$data"/ready ]; then
	if [ -e "$data"/veille.db ]; then
		echo "make demo: what is in $data was not finished: remove it and begin again" >&2
		exit 1
	fi
	echo "$machines machines at $sites sites live $lived days, which takes two minutes or three; once only, they are kept in $var"
	mkdir -p "$var"
	"$bin"/veille-fleet simulate --machines "$machines" --sites "$sites" --days "$lived" --to "$yesterday" --through store --roll-up-every 28 \
		--organisation "Région Démonstration" --sleep-policy "$policy:0.85:20" --data "$data"
	furnish
	collector user add "$user" --role it,officer,web,reader
	touch "$data"/ready
fi

started=
stop() {
	trap '' INT TERM
	kill -TERM $started 2>/dev/null || true
	wait
}
trap 'stop; exit 0' INT TERM
trap stop EXIT
rm -f "$var"/address
mkfifo "$var"/address
"$bin"/veille-collector serve --data "$data" --listen "$listen" --allow-private >"$var"/address &
started=$!
if ! read -r address <"$var"/address; then
	echo "make demo: the collector did not start; another address is set by VEILLE_LISTEN=127.0.0.1:8766 make demo" >&2
	exit 1
fi
address=${address%/}
echo
echo "open $address$(collector user invite "$user")"
echo "     (choose a password for the user \"$user\"; everybody sees $address/public/sites; all machines are simulated; Ctrl-C stops it)"
echo
page="The sign-in page of ${address#*://}"
if ! collector page list | grep -qF "$page "; then
	collector page add --allow-private --mode static --name "$page" "$address/sign-in"
fi
wait "$started"
