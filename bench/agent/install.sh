#!/usr/bin/env bash
# Fetch the peers that our agent is compared with, as Debian packages that are unpacked and not installed: no daemon is
# started, and nothing outside .tools/bench/agent changes. What cannot be had is said, and left out of the comparison.
set -uo pipefail
cd "$(dirname "$0")/../.."
house=$PWD/.tools/bench/agent
mkdir -p "$house"

fetch() { # PACKAGE PROGRAM...: what is there already is kept; a program whose libraries are missing here is not
	package=$1
	shift
	[ -e "$house/$package.installed" ] && return
	echo "fetching $package" >&2
	rm -rf "${house:?}/$package" "$house/tmp" && mkdir -p "$house/tmp"
	(
		set -e
		cd "$house/tmp"
		apt-get -o APT::Sandbox::User=root download "$package" || { apt-get update -qq; apt-get -o APT::Sandbox::User=root download "$package"; }
		dpkg-deb -x "$package"_*.deb "$house/$package"
		for program in "$@"; do
			if ldd "$house/$package/$program" | grep 'not found'; then
				echo "$program needs libraries that are not on this machine"
				exit 1
			fi
		done
		dpkg-deb -f "$package"_*.deb Version >"$house/$package.installed"
	) >"$house/$package.log" 2>&1 # not within the if, where set -e has no effect
	if [ $? != 0 ]; then
		rm -f "$house/$package.installed"
		echo "$package could not be fetched, and is left out of the comparison; the last of .tools/bench/agent/$package.log is:" >&2
		tail -n 3 "$house/$package.log" >&2
	fi
	rm -rf "${house:?}/tmp"
}

fetch collectd-core usr/sbin/collectd usr/lib/collectd/{cpu,memory,uptime,battery,csv}.so
fetch prometheus-node-exporter usr/bin/prometheus-node-exporter
