#!/usr/bin/env bash
# make run: a collector, this machine's agent and one measured page, on loopback with their files in ./var, until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."
listen=${VEILLE_LISTEN:-127.0.0.1:8765}
bin=${VEILLE_BIN:-bin} # a test runs its own programs, with their files elsewhere
var=${VEILLE_VAR:-var}
site="This machine"
user=me

started=()
stop() { # both programs stop on SIGTERM and leave everything on disk
	trap '' INT TERM
	kill -TERM ${started[@]+"${started[@]}"} ${nap:-} 2>/dev/null || true
	wait
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

# The collector prints its address once it listens, and nothing when it cannot.
mkdir -p "$var"
rm -f "$var"/address
mkfifo "$var"/address
"$bin"/veille-collector serve --data "$var"/collector --listen "$listen" --allow-private >"$var"/address &
started+=($!)
if ! read -r address <"$var"/address; then
	echo "make run: the collector did not start; another address is set by VEILLE_LISTEN=127.0.0.1:8766 make run" >&2
	exit 1
fi
address=${address%/}

zone=${VEILLE_TIME_ZONE:-$(cat /etc/timezone 2>/dev/null || true)}
if ! "$bin"/veille-collector site list --data "$var"/collector | grep -qF "$site"; then
	"$bin"/veille-collector site add --data "$var"/collector --time-zone "${zone:-Europe/Paris}" "$site"
fi
VEILLE_TOKEN=$("$bin"/veille-collector token create --data "$var"/collector --site "$site") \
	"$bin"/veille-agent enrol --data "$var"/agent --collector "$address" --use server
"$bin"/veille-agent run --data "$var"/agent --period 10s --post-every 10s &
started+=($!)

# The pages are for users: the first time there is a new one.
echo
if ! "$bin"/veille-collector user list --data "$var"/collector | grep -q "^$user "; then
	"$bin"/veille-collector user add --data "$var"/collector "$user" --role it,officer,web,reader >/dev/null
	echo "open $address$("$bin"/veille-collector user invite --data "$var"/collector "$user")"
	echo "     (choose a password for the user \"$user\"; the first figures come in about fifteen seconds; Ctrl-C stops everything)"
else
	echo "open $address/sign-in  (as \"$user\"; Ctrl-C stops everything)"
	echo "     (without a password? $bin/veille-collector user invite --data $var/collector $user prints a link on which to choose one)"
fi
echo

sleep 13 & # until the page has something to show; in the background, so that Ctrl-C need not wait for it
nap=$!
wait $nap
page="The sign-in page of ${address#*://}"
if "$bin"/veille-collector page list --data "$var"/collector | grep -qF "$page "; then
	"$bin"/veille-collector website measure --data "$var"/collector --allow-private "$page" || true
else
	"$bin"/veille-collector page add --data "$var"/collector --allow-private --mode static --name "$page" "$address/sign-in" || true
fi

# Neither ends by itself, but bash takes a Ctrl-C for dealt with where a program of its own ends well on it: then both have ended already, which is 127.
wait -n "${started[@]}" || [ $? = 127 ]
