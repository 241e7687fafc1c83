#!/bin/sh
# After the files are there: dpkg says "configure" and the version before, rpm how many versions there are.
set -e

if command -v systemd-sysusers >/dev/null; then
	systemd-sysusers veille-agent.conf
elif ! getent passwd veille-agent >/dev/null; then
	useradd --system --user-group --no-create-home --home-dir /var/lib/veille-agent --shell /usr/sbin/nologin veille-agent
fi
# In an image that is being made /proc may be missing, which systemd-tmpfiles needs.
if ! { command -v systemd-tmpfiles && systemd-tmpfiles --create veille-agent.conf; } >/dev/null 2>&1; then
	install -d -m 755 -o veille-agent -g veille-agent /var/lib/veille-agent
	chown root:veille-agent /etc/veille/agent.conf
	chmod 640 /etc/veille/agent.conf
fi

if [ -n "${DPKG_MAINTSCRIPT_PACKAGE:-}" ]; then # it knows whether the administrator has disabled the service
	deb-systemd-helper unmask veille-agent.service >/dev/null || true
	if deb-systemd-helper --quiet was-enabled veille-agent.service; then
		deb-systemd-helper enable veille-agent.service >/dev/null || true
	else
		deb-systemd-helper update-state veille-agent.service >/dev/null || true
	fi
elif command -v systemctl >/dev/null && [ "$1" = 1 ]; then
	systemctl enable veille-agent.service >/dev/null 2>&1 || true
fi

[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload || true
# A machine whose settings name no collector yet stays stopped, and says so: systemctl status veille-agent.
if [ -n "${DPKG_MAINTSCRIPT_PACKAGE:-}" ]; then # this heeds policy-rc.d
	deb-systemd-invoke restart veille-agent.service || true
elif systemctl is-enabled --quiet veille-agent.service || systemctl is-active --quiet veille-agent.service; then
	systemctl restart veille-agent.service || true
fi
