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
	collector action add "Sleep after 20 minutes" --measure sleep-policy --on "$policy" --baseline "$baseline" --owner "IT department" --note "example" \
		--expected-kwh 20000 --serves U1
	collector target add --indicator outside_share --value 20 --by "$((year + 1))-12" --note "example"
	collector target add --indicator kwh_per_machine --value 36 --by "$((year + 1))-12" --note "example"
	equipment >"$var"/equipment.csv
	collector inventory import "$var"/equipment.csv
	collector site set --site 1 --open=true
	collector site set --site 3 --open=true
	declare
}

# What it states for the label report, made up too: the year that is reported is the one from September on.
declare() {
	local from=$((year - 1))-09 to=$year-08
	collector org set --siren 123456782 --open-data=true
	state() { collector quantity set "$1" --value "$2" --from "$from" --to "$to" --source "example" --owner "$3"; }
	state staff 3400 "Human resources"
	state pupils 41000 "Education department"
	state purchases 402400 "Purchasing"
	state purchases-reused 86400 "Purchasing"
	state contracts 12 "Purchasing"
	state contracts-clause 9 "Purchasing"
	state retired 120 "IT department"
	state retired-reused 66 "IT department"
	state weee 2350 "IT department"
	state weee-organised 2350 "IT department"
	state printers 180 "IT department"
	state printers-shared 151 "IT department"
	state trained 430 "Human resources"
	state workshops 14 "Communication"
	state reached 610 "Communication"
	collector step add "Charter signed" --kind charter --on "$((year - 1))-10-04" --owner "Executive office"
	collector step add "First meeting of the committee" --kind committee --on "$((year - 1))-11-18" --owner "Sustainability office"
	collector step add "Staff representatives consulted" --kind consulted --on "$((year - 1))-09-12" --owner "Human resources"
	collector step add "Impact assessment signed" --kind dpia --on "$((year - 1))-09-20" --owner "Data protection"
	collector evidence add "Charter" --of "step 1" --where "DSI/2025/charter.pdf" --on "$((year - 1))-10-04" --note "example"
	collector evidence add "Export of the sleep policy" --of "action 1" --where "https://intranet.example.org/gpo" --on "$policy" --note "example"
	collector evidence add "Slips of the producer-responsibility body" --of L4.kg --where "DSI/2026/weee" --on "$year-06-30" --note "example"
	collector target add --indicator U1 --value 80 --by "$((year + 1))-08" --note "example"
	collector target add --indicator L3 --value 50 --by "$((year + 1))-08" --note "example"
	collector remark set U1 --text "The policy of March reached the classrooms first." --by "Sustainability office" --on "$policy"
	meters "$from" >"$var"/meters.csv
	collector meter import "$var"/meters.csv
}

# A building's meter, month by month for a year from month $1: made up.
meters() {
	echo "site;meter;month;kwh"
	local y=${1%-*} m=${1#*-} i
	m=$((10#$m))
	for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
		printf '1;main;%d-%02d;%d\n' "$y" "$m" $((21000 + (i * 7919) % 6000))
		m=$((m + 1))
		if [ "$m" = 13 ]; then m=1 y=$((y + 1)); fi
	done
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
	collector baseline keep
	collector report keep --template lnr-2019 --from "$((year - 1))-09" --to "$year-08"
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
	collector page add --allow-private --mode static --name "$page" "$address/sign-in" || true # where Ctrl-C has ended it, the collector has ended too
fi
wait "$started"
