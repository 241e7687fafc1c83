#!/bin/sh
# Before the files go: dpkg says "remove" or "upgrade", rpm how many versions will be left.
set -e
case "$1" in
remove | 0)
	if [ -d /run/systemd/system ]; then
		systemctl stop veille-collector.service veille-backup.timer || true
	fi
	if [ -z "${DPKG_MAINTSCRIPT_PACKAGE:-}" ] && command -v systemctl >/dev/null; then
		systemctl disable veille-collector.service veille-backup.timer >/dev/null 2>&1 || true
	fi
	;;
esac
