#!/bin/sh
# The mlc blocks of README.md as one script, run from the root: prints its
# counts.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$(pwd)
awk '/^```mlc$/ { on = 1; next } /^```$/ { on = 0 } on' README.md |
    sed "s|read(\"examples/|read(\"$root/examples/|" > "$work/README.mlc"
"$mlc" test "$work/README.mlc"
