#!/bin/sh
# After the files are gone. The ledger holds years that exist nowhere else, so a purge by dpkg keeps it too, and says where it is; it goes only
# where /etc/veille/purge-data exists.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi
if [ -n "${DPKG_MAINTSCRIPT_PACKAGE:-}" ]; then
	case "$1" in
	remove) deb-systemd-helper mask veille-collector.service >/dev/null || true ;;
	purge)
		deb-systemd-helper purge veille-collector.service >/dev/null || true
		deb-systemd-helper unmask veille-collector.service >/dev/null || true
		rm -f /etc/systemd/system/timers.target.wants/veille-backup.timer /var/lib/systemd/timers/stamp-veille-backup.timer
		;;
	esac
fi
[ "$1" = purge ] || exit 0
# systemd keeps the folder of a service whose user is made for it in private, and a link where it is looked for.
if [ -e /etc/veille/purge-data ]; then
	rm -rf /var/lib/private/veille-collector /var/lib/veille-collector /etc/veille/purge-data
elif [ -d /var/lib/private/veille-collector ] || [ -d /var/lib/veille-collector ]; then
	echo "veille-collector: the ledger is kept in /var/lib/private/veille-collector. To delete it, which cannot be undone: rm -r /var/lib/private/veille-collector /var/lib/veille-collector"
fi
if [ -d /var/backups/veille ]; then
	echo "veille-collector: backups are left in /var/backups/veille"
fi
rmdir /etc/veille 2>/dev/null || true
