# The checkout and its Python, where they lie on this machine. The guest lays its own over /tmp, /run, /var/lib and the
# homes, and either may be there. Sourced, before anything lies over it, by init.sh, bench.sh and image.sh.
# shellcheck shell=sh

# usage: show ROOT: both below that folder at their own paths, read-only, whatever lies over them.
show() {
	for shown_place in "$HIL_CHECKOUT" "$HIL_PYTHON"; do
		case $shown_place in /usr) continue ;; esac # nothing lies over it, and image.sh writes there
		mkdir -p "$1$shown_place"
		mount -n -r -t hostfs -o "$shown_place" none "$1$shown_place"
	done
}
