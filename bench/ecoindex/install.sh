#!/usr/bin/env bash
# Install what the comparison measures with and measures: peers, manuals from Debian packages, and three sites that
# other people wrote and npm builds. Everything goes below .tools/bench, which git ignores; nothing of it is ours and
# nothing of it is committed. What is there already is kept; what cannot be had is said, and left out of the comparison.
set -uo pipefail
cd "$(dirname "$0")/../.."
house=$PWD/.tools/bench
mkdir -p "$house/sites"

# What a caret in somebody's package.json may resolve to ends here, so that a site is the same a year later.
before=2026-11-20
peers=(lighthouse-plugin-ecoindex@7.4.2 lighthouse-plugin-ecoindex-core@7.4.2 lighthouse-plugin-ecoindex-courses@7.4.2
	lighthouse@13.4.1 playwright-core@1.64.1)
manuals=(python3.11-doc postgresql-doc-15 sqlite3-doc git-doc apache2-doc doxygen-doc nodejs-doc aptitude-doc-fr
	fontforge-doc libreoffice-help-fr libreoffice-help-common
	libjs-sphinxdoc libjs-jquery libjs-underscore node-normalize.css node-prismjs) # the last five: what the others link to

npm() { command npm --ignore-scripts --no-audit --no-fund --loglevel=error "$@"; }

part() { # NAME STAMP FUNCTION: run FUNCTION in an empty folder, once for each STAMP
	stamp=$house/$1.installed
	if [ "$(cat "$stamp" 2>/dev/null)" = "$2" ]; then return; fi
	echo "installing $1" >&2
	rm -rf "$stamp" "${house:?}/tmp" && mkdir -p "$house/tmp"
	(cd "$house/tmp" && set -e && "$3") >"$house/$1.log" 2>&1 # not within the if, where set -e has no effect
	if [ $? = 0 ]; then
		echo "$2" >"$stamp"
	else
		echo "$1 could not be installed, and is left out of the comparison; the last of .tools/bench/$1.log is:" >&2
		tail -n 3 "$house/$1.log" >&2
	fi
	rm -rf "${house:?}/tmp"
}

# The plugin looks below $HOME for one revision of a shell of its own, and gets that of the system there.
install_peers() {
	npm install --before "$before" "${peers[@]}"
	revision=$(cd node_modules/lighthouse-plugin-ecoindex-courses &&
		node --input-type=module -e 'console.log((await import("puppeteer-core")).PUPPETEER_REVISIONS["chrome-headless-shell"])')
	shell=home/.cache/puppeteer/chrome-headless-shell/linux-$revision/chrome-headless-shell-linux64
	mkdir -p "$shell"
	ln -s "$(command -v chromium-headless-shell || command -v chromium)" "$shell/chrome-headless-shell"
	rm -rf "$house/peers"
	mv "$PWD" "$house/peers"
}

install_debian() {
	apt-get update -qq || true
	apt-get download "${manuals[@]}"
	for package in *.deb; do dpkg-deb -x "$package" root; done
	rm -rf "$house/sites/debian"
	mv root/usr/share "$house/sites/debian"
}

# A documentation site: rendered ahead, then taken over by React. The override is for a release that is not everywhere.
install_docusaurus() {
	npx --yes create-docusaurus@3.10.2 site classic --javascript --skip-install --package-manager npm
	cd site
	npm pkg set overrides.@docsearch/react=4.7.0
	npm install --before "$before"
	NO_UPDATE_NOTIFIER=1 npx docusaurus build
	keep docusaurus build
}

# An application: an empty page and a script that draws it.
install_vite() {
	npx --yes create-vite@9.3.0 site --template react-ts --no-interactive </dev/null
	cd site
	npm install --before "$before"
	npx vite build
	keep vite dist
}

# A blog: generated pages with jQuery and a banner.
install_hexo() {
	npm install --before "$before" hexo-cli@4.3.2
	cp -r node_modules/hexo-cli/assets site
	cd site
	sed -i 's/^title: Hello World$/&\ndate: 2026-01-01 12:00:00/' source/_posts/hello-world.md # otherwise the day it is built
	npm install --before "$before"
	TZ=UTC npx hexo generate
	keep hexo public
}

keep() { # NAME FOLDER
	rm -rf "${house:?}/sites/$1"
	mv "$2" "$house/sites/$1"
}

part peers "${peers[*]} $before with a shell" install_peers
part debian "${manuals[*]}" install_debian
part docusaurus "create-docusaurus@3.10.2 $before" install_docusaurus
part vite "create-vite@9.3.0 $before" install_vite
part hexo "hexo-cli@4.3.2 $before" install_hexo
