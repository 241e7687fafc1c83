#!/bin/sh
# After the files are there: dpkg says "configure" and the version before, rpm how many versions there are. The collector is started at once: it
# listens on loopback until its settings say otherwise, so nothing can go wrong that a restart after a change would not set right.
set -e

if [ -n "${DPKG_MAINTSCRIPT_PACKAGE:-}" ]; then # it knows whether the administrator has disabled the service
	deb-systemd-helper unmask veille-collector.service >/dev/null || true
	if deb-systemd-helper --quiet was-enabled veille-collector.service; then
		deb-systemd-helper enable veille-collector.service >/dev/null || true
	else
		deb-systemd-helper update-state veille-collector.service >/dev/null || true
	fi
elif command -v systemctl >/dev/null && [ "$1" = 1 ]; then
	systemctl enable veille-collector.service >/dev/null 2>&1 || true
fi

[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload || true
# This waits until it is ready: a new version may have to rewrite a large ledger first.
if [ -n "${DPKG_MAINTSCRIPT_PACKAGE:-}" ]; then # this heeds policy-rc.d
	deb-systemd-invoke restart veille-collector.service || true
elif systemctl is-enabled --quiet veille-collector.service || systemctl is-active --quiet veille-collector.service; then
	systemctl restart veille-collector.service || true
fi
