#!/bin/sh
# Installs Veille's agent on this Mac, or another version of it: sudo COLLECTOR=https://veille.example.org TOKEN=... [USE=shared] ./install.sh
# Settings that are there already stay as they are. DESTDIR installs below another folder, and then starts nothing.
set -eu
umask 022 # whatever that of whoever installs: the agent's user has to come through these folders
cd "$(dirname "$0")"
root=${DESTDIR:-}
[ -n "$root" ] || [ "$(id -u)" = 0 ] || { echo "install.sh: only root may install: sudo $0" >&2; exit 1; }

free() { # the first number of a system's account that is neither a user's nor a group's
	n=450
	while dscl . -list /Users UniqueID | awk '{print $2}' | grep -qx "$n" || dscl . -list /Groups PrimaryGroupID | awk '{print $2}' | grep -qx "$n"; do
		n=$((n + 1))
	done
	echo "$n"
}

if [ -z "$root" ] && ! dscl . -read /Users/_veille >/dev/null 2>&1; then # a user that nobody can sign in as
	n=$(free)
	dscl . -create /Groups/_veille PrimaryGroupID "$n"
	dscl . -create /Users/_veille UniqueID "$n"
	dscl . -create /Users/_veille PrimaryGroupID "$n"
	dscl . -create /Users/_veille UserShell /usr/bin/false
	dscl . -create /Users/_veille NFSHomeDirectory /var/empty
	dscl . -create /Users/_veille RealName "Veille agent"
	dscl . -create /Users/_veille IsHidden 1
fi

mkdir -p "$root/usr/local/bin" "$root/etc/veille" "$root/Library/LaunchDaemons" "$root/Library/Logs/Veille" "$root/Library/Application Support/Veille/agent"
if [ -z "$root" ] && launchctl bootout system/veille-agent 2>/dev/null; then # which does not wait until it has ended
	n=0
	while launchctl print system/veille-agent >/dev/null 2>&1 && [ "$n" -lt 30 ]; do
		n=$((n + 1))
		sleep 1
	done
fi
install -m 755 veille-agent "$root/usr/local/bin/veille-agent"
install -m 644 veille-agent.plist "$root/Library/LaunchDaemons/veille-agent.plist"
conf=$root/etc/veille/agent.conf
if [ ! -e "$conf" ]; then
	(umask 077 && cp agent.conf "$conf")
	[ -z "${COLLECTOR:-}" ] || echo "collector = $COLLECTOR" >>"$conf"
	[ -z "${TOKEN:-}" ] || echo "token = $TOKEN" >>"$conf"
	[ -z "${USE:-}" ] || echo "use = $USE" >>"$conf"
fi
[ -z "$root" ] || exit 0
# A browser marks what it fetched, and launchd starts nothing that is marked and not signed by Apple's means.
xattr -d com.apple.quarantine /usr/local/bin/veille-agent 2>/dev/null || true
chown root:_veille "$conf"
chmod 640 "$conf"
chown _veille:_veille "$root/Library/Logs/Veille" "$root/Library/Application Support/Veille/agent"
launchctl bootstrap system /Library/LaunchDaemons/veille-agent.plist
echo "installed; what it says: /Library/Logs/Veille/agent.log"
