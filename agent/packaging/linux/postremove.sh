#!/bin/sh
# After the files are gone. What the agent counted and its identity stay, so that a machine that is installed again is the same one; a purge
# by dpkg removes them too.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi
if [ -n "${DPKG_MAINTSCRIPT_PACKAGE:-}" ]; then
	case "$1" in
	remove) deb-systemd-helper mask veille-agent.service >/dev/null || true ;;
	purge)
		deb-systemd-helper purge veille-agent.service >/dev/null || true
		deb-systemd-helper unmask veille-agent.service >/dev/null || true
		;;
	esac
fi
if [ "$1" = purge ]; then
	rm -rf /var/lib/veille-agent
	rmdir /etc/veille 2>/dev/null || true
	if getent passwd veille-agent >/dev/null && command -v userdel >/dev/null; then
		userdel veille-agent || true
	fi
fi
