#!/usr/bin/env bash
# The pictures of the guides, drawn by the program itself of machines that do not exist:
#
#	make demo                                                     # in another window; it prints a link that is good once
#	docs/pictures/make.sh 'http://127.0.0.1:8765/invite?secret=…'
#
# Each is a drawing of a page with the lines of the pages' style sheet that drawings need.
set -euo pipefail
link=$1
base=${link%%/invite*}
to=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ask() { curl -sSf -c "$work/jar" -b "$work/jar" -H "Origin: $base" "$@"; }

password=$(head -c 24 /dev/urandom | base64)
name=$(ask -L "$link&lang=en" | sed -n 's/.*id="name" name="name" value="\([^"]*\)".*/\1/p')
ask -o "$work/in" --data-urlencode "name=$name" --data-urlencode "password=$password" --data-urlencode "again=$password" "$base/invite?lang=en"
ask -o "$work/overview" "$base/?lang=en"
ask -o "$work/action" "$base/actions/1?lang=en"
{
	echo "svg { background: #fff; font-family: sans-serif }" # readers may have a dark page
	ask "$base$(grep -o '/assets/veille-[0-9a-f]*\.css' "$work/overview" | head -n 1)" |
		sed -n -E '1s/color-scheme: light dark; //p; /^(svg text|\.(chart (text|\.)|end|middle|grid|axis|trend \.line|line|before|diamond|dot|hole|moment|band|state|on|display-off|sleep|off|unknown|estimated))/p'
} >"$work/style"

# draw NAME PAGE CLASS WIDTH: the first drawing of a class on a page.
draw() {
	local svg tag
	svg=$(tr '\n' ' ' <"$work/$2" | grep -o "<svg class=\"chart $3\".*")
	svg=${svg%%</svg>*}
	tag=${svg%%>*}
	{
		echo "$tag xmlns=\"http://www.w3.org/2000/svg\" width=\"$4\"><style>"
		cat "$work/style"
		echo "</style>${svg#*>}</svg>"
	} >"$to/$1.svg"
}
draw overview-months overview trend 600
draw overview-week overview stacks 400
draw action-months action trend 600
