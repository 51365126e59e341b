#!/bin/sh
# The interactive session, played on a pseudo-terminal (tests/tools/pty.c).
mlc=${MLC:-build/mlc}
pty=${PTY:-build/release/pty}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
here=$(pwd)
case $mlc in /*) ;; *) mlc=$here/$mlc ;; esac
case $pty in /*) ;; *) pty=$here/$pty ;; esac
scripts=$here/tests/program/terminal
cd "$work" || exit 1

# play SCRIPT VARIABLE=VALUE...: with standard output to $to, if that is set
play() {
    script=$1
    shift
    env XDG_STATE_HOME="$work/state" TERM=xterm LC_ALL=C.UTF-8 "$@" \
        "$pty" "$scripts/$script.txt" sh -c "exec '$mlc' ${to:+> $to}" \
        > out 2>&1
    grep '^not ok' out
    line=$(tail -n 1 out)
    set -- $(echo "$line" | tr -cd '0-9 ')
    passed=$((passed + ${1:-0})) failed=$((failed + ${2:-1}))
    skipped=$((skipped + ${3:-0}))
}

play lines
play again
play interrupts
printf 'speed,dist\n4,2\n5,4\n6,7\n' > cars.csv
play complete
play tour
play learn
play tour_again
play plain TERM=dumb LC_ALL=C
play plain NO_COLOR=1
play coloured
to=results play pipe
[ "$(cat results)" = "1/2
42" ] && passed=$((passed + 1)) || {
    echo "not ok results in a pipe: $(cat results)"; failed=$((failed + 1)); }
[ -e /dev/full ] && to=/dev/full play full

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
