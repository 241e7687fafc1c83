#!/bin/sh
# Removes Veille's agent from this Mac: sudo ./uninstall.sh. What it counted, its identity and its settings stay, so that a machine on which it is
# installed again is the same one; sudo ./uninstall.sh --purge removes them too. DESTDIR removes below another folder.
set -eu
root=${DESTDIR:-}
[ -n "$root" ] || [ "$(id -u)" = 0 ] || { echo "uninstall.sh: only root may remove it: sudo $0" >&2; exit 1; }
[ -n "$root" ] || launchctl bootout system/veille-agent 2>/dev/null || true
rm -f "$root/Library/LaunchDaemons/veille-agent.plist" "$root/usr/local/bin/veille-agent"
[ "${1:-}" = --purge ] || exit 0
rm -rf "$root/Library/Application Support/Veille/agent" "$root/Library/Logs/Veille" "$root/etc/veille/agent.conf"
rmdir "$root/Library/Application Support/Veille" "$root/etc/veille" 2>/dev/null || true
[ -z "$root" ] || exit 0
dscl . -delete /Users/_veille 2>/dev/null || true
dscl . -delete /Groups/_veille 2>/dev/null || true
