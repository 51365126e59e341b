#!/bin/sh
# bench.sh [NAME]: runs the rows of rows.sh, or those whose name or group is
# NAME.
#
# A row is a task, mlc's command for it and those of its peers.  All of them
# are run in turn, ROUNDS times; the figure is the median.  What a command
# prints is read as lines: `time SECONDS` (measured inside it; a row may take
# the time of the whole process instead) and `answer NUMBERS`, which must
# agree with those of mlc and with the truth, where the row states it.
# MLC is the program, WORK the folder of the inputs and outputs.  One thread,
# unless a row says otherwise.
set -u
ONLY=${1-}
MLC=${MLC:-build/mlc}
WORK=${WORK:-build/bench}
ROUNDS=${ROUNDS:-5}
LIMIT=${LIMIT:-10}
HERE=tests/bench
CC=${CC:-cc}
export MLC WORK MLC_THREADS=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 LC_ALL=C
mkdir -p "$WORK"

# ---- what is on the machine ----

have() { command -v "$1" >/dev/null 2>&1; }

# The first Python that has NumPy, else any.
PYTHON=
for p in python3 /usr/bin/python3; do
    have "$p" || continue
    [ -n "$PYTHON" ] || PYTHON=$p
    "$p" -c 'import numpy' 2>/dev/null && PYTHON=$p && break
done

has_module() { [ -n "$PYTHON" ] && "$PYTHON" -c "import $1" 2>/dev/null; }

# What a peer needs: a program, `py:MODULE`, or `ref:KERNEL`, built here.
found() {
    case $1 in
    py:*) has_module "${1#py:}" ;;
    ref:*) kernel "${1#ref:}" ;;
    *) have "$1" ;;
    esac
}

kernel() {
    [ "$WORK/$1" -nt "$HERE/ref/$1.c" ] &&
        [ "$WORK/$1" -nt "$HERE/ref/bench.h" ] && return 0
    "$CC" -std=c11 -D_POSIX_C_SOURCE=200809L -O3 -march=native \
        -o "$WORK/$1" "$HERE/ref/$1.c" -ldl -lm
}

# A program of ours that is built against the library.
library_kernel() {
    [ "$WORK/$1" -nt "$HERE/$1.c" ] &&
        [ "$WORK/$1" -nt build/release/libmlc.a ] && return 0
    "$CC" -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -Isrc -Ibuild/release \
        -o "$WORK/$1" "$HERE/$1.c" build/release/libmlc.a -lgmp -ldl -lm -pthread
}

# ---- rows ----

group='' # rows that run too where ONLY is this name

# row NAME MEASURE UNIT BAR TASK: begins a row.  MEASURE is wall, cpu
# or memory (the whole process), inner (its `time` lines) or inner/N (those
# over N, for a time per turn); UNIT is s, ms, us, ns, MB, B, x; BAR is in UNIT,
# - for none.
row() {
    finish
    name=$1 measure=$2 unit=$3 bar=$4 task=$5
    count=0 truth='' tolerance=1e-9 pick='' check=''
    case $ONLY in '' | "$name" | "$group") active=1 ;; *) active=0 ;; esac
}

# The command of mlc, then of each peer: WHO NEEDS COMMAND (for the shell).
mlc() { count=1; who_1=mlc; command_1=$1; }
peer() {
    [ "$active" = 1 ] || return 0
    if found "$2"; then
        count=$((count + 1))
        eval "who_$count=\$1 command_$count=\$3"
    else
        echo "$name: $1 skipped, $2 is not here" >>"$WORK/skipped"
    fi
}

truth() { truth=$1; }            # the numbers of the answer
tolerance() { tolerance=$1; }    # relative
pick() { pick=$1; }              # an awk program that prints the answer
check() { check=$1; }            # a command that compares the outputs itself

scaled() {
    awk -v m="$measure" -v u="$unit" '
        BEGIN { k["s"] = k["x"] = 1; k["ms"] = 1e3; k["us"] = 1e6; k["ns"] = 1e9; k["MB"] = 1e-3; k["B"] = 1
                split(m, part, "/"); f = k[u]/(part[2] ? part[2] : 1) }
        { print $1*f }'
}

run_once() {
    eval "cmd=\$command_$1"
    out=$WORK/$name.$1.out
    if [ "$round" = 1 ]; then : >"$WORK/$name.$1.times"; fi
    grep -q over "$WORK/$name.$1.times" && return 0
    used=$("$WORK/stopwatch" "$LIMIT" "$out" sh -c "exec $cmd")
    status=$?
    case $used in over*) echo over >>"$WORK/$name.$1.times"; return 0 ;; esac
    if [ $status != 0 ]; then
        eval "echo \"$name: \$who_$1 failed: \$(head -n 1 $out)\"" \
            >>"$WORK/skipped"
        echo over >>"$WORK/$name.$1.times"
        return 0
    fi
    case $measure in
    wall) echo "${used%% *}" ;;
    cpu) echo "$used" | cut -d ' ' -f 2 ;;
    memory) echo "${used##* }" ;;
    *) sed -n 's/^time //p' "$out" ;;
    esac | scaled >>"$WORK/$name.$1.times"
    echo "${used##* }" >>"$WORK/$name.$1.memory"
}

median() { sort -g "$1" | awk '{ v[NR] = $1 }
    END { if (NR % 2) print v[(NR + 1)/2]; else print (v[NR/2] + v[NR/2 + 1])/2 }'; }

answer_of() {
    if [ -n "$pick" ]; then
        awk "$pick" "$WORK/$name.$1.out"
    else
        sed -n 's/^answer //p' "$WORK/$name.$1.out"
    fi | tr '\n' ' '
}

agree() {
    awk -v a="$1" -v b="$2" -v tol="$tolerance" '
        function size(x) { return x < 0 ? -x : x }
        BEGIN { n = split(a, u, " "); m = split(b, v, " "); ok = n > 0 && n == m
                for (k = 1; k <= n; k++)
                    if (size(u[k] - v[k]) > tol*(size(u[k]) + 1e-300)) ok = 0
                exit !ok }'
}

# line PEER TIME STATE: a row of the table, and of the JSON file.
line() {
    awk -v task="$task" -v unit="$unit" -v mlc="$figure" -v who="$1" \
        -v t="$2" -v bar="$bar" -v state="$3" -v json="$WORK/rows.json" '
        function show(x) { return x ~ /^[0-9.e+-]+$/ && x != "-" ? sprintf("%.3g", x) : x }
        function value(x) { return x ~ /^[0-9.e+-]+$/ && x != "-" ? x : "null" }
        BEGIN {
            over = t ~ /^>/
            ratio = t == "-" || mlc == "-" ? "-" : mlc/substr(t, over + 1)
            met = bar == "-" ? "-" : mlc != "-" && mlc <= bar ? "yes" : "no"
            if (state != "") met = state
            printf "%-46s %9s %-2s %-14s %9s %7s %7s  %s\n", task, show(mlc),
                unit, who, over ? t : show(t),
                (over ? "<" : "") show(ratio), bar, met
            printf "{\"task\":\"%s\",\"unit\":\"%s\",\"mlc\":%s,\"peer\":\"%s\",\"peer_time\":%s,\"ratio\":%s,\"bar\":%s,\"met\":%s}\n",
                task, unit, value(mlc), who, value(t), over ? "null" : value(ratio),
                value(bar), met == "yes" ? "true" : met == "-" ? "null" : "false" >> json
        }'
}

# Whether peer $1 has the answer of mlc.
same() {
    if [ -n "$check" ]; then
        sh -c "$check" check "$WORK/$name.1.out" "$WORK/$name.$1.out"
    else
        agree "$mine" "$(answer_of "$1")"
    fi
}

# grow NAME BAR TASK COMMAND N...: the exponents of time and memory in n, the
# slopes of their logarithms; BAR is for that of the time.  n is written
# at the end of COMMAND; of three runs the fastest counts.
grow() {
    finish
    count=0
    case $ONLY in '' | "$1" | growth) ;; *) return 0 ;; esac
    name=$1 bar=$2 task=$3 command=$4
    shift 4
    sizes="$*"
    : >"$WORK/$name.grow"
    for n; do
        for round in 1 2 3; do
            used=$("$WORK/stopwatch" "$LIMIT" "$WORK/$name.1.out" \
                sh -c "exec $command$n") || continue
            echo "$n $(sed -n 's/^time //p' "$WORK/$name.1.out" | head -n 1)" \
                "${used##* }"
        done
    done >>"$WORK/$name.grow"
    awk -v task="$task" -v sizes="$sizes" -v bar="$bar" \
        -v json="$WORK/rows.json" '
        NF == 3 { if (!($1 in t) || $2 < t[$1]) { t[$1] = $2; m[$1] = $3 } }
        function slope(v,    k, n, x, y, xx, xy) {
            for (k in v) { n++; x += log(k); y += log(v[k]); xx += log(k)^2
                           xy += log(k)*log(v[k]) }
            return n > 1 ? (n*xy - x*y)/(n*xx - x*x) : -1 }
        END {
            e = slope(t); met = e < 0 ? "FAILED" : e <= bar ? "yes" : "no"
            printf "%-46s time n^%.2f memory n^%.2f bar %s  %s   n = %s\n",
                task, e, slope(m), bar, met, sizes
            printf "{\"task\":\"growth: %s\",\"unit\":\"exponent\",\"mlc\":%.3f,\"peer\":\"-\",\"peer_time\":null,\"ratio\":null,\"bar\":%s,\"met\":%s}\n",
                task, e, bar, met == "yes" ? "true" : "false" >> json }' \
        "$WORK/$name.grow"
}

# Runs the row that was read last, and prints a line for each peer.
finish() {
    if [ "${active:-0}" != 1 ] || [ "${count:-0}" = 0 ]; then return 0; fi
    rm -f "$WORK/$name".[0-9]*
    round=1
    while [ $round -le "$ROUNDS" ]; do
        k=1
        while [ $k -le "$count" ]; do run_once $k; k=$((k + 1)); done
        round=$((round + 1))
    done
    state=
    if grep -q over "$WORK/$name.1.times"; then
        figure=- mine='' state=FAILED wrong=1
        grep -q "^$name: mlc failed" "$WORK/skipped" ||
            echo "$name: mlc failed: over $LIMIT s" >>"$WORK/skipped"
    else
        figure=$(median "$WORK/$name.1.times")
        mine=$(answer_of 1)
        [ -z "$truth" ] || agree "$mine" "$truth" || { state=WRONG; wrong=1; }
    fi
    [ "$count" -gt 1 ] || line - - "$state"
    k=2
    while [ $k -le "$count" ]; do
        eval "who=\$who_$k"
        if grep -q over "$WORK/$name.$k.times"; then
            grep -q "^$name: $who failed" "$WORK/skipped" ||
                line "$who" ">$(echo "$LIMIT" | measure=inner scaled)" "$state"
        else
            if [ -z "$state" ] && ! same $k; then state=DIFFER; wrong=1; fi
            line "$who" "$(median "$WORK/$name.$k.times")" "$state"
        fi
        k=$((k + 1))
    done
}

wrong=0
: >"$WORK/skipped"
: >"$WORK/rows.json"
kernel stopwatch || exit 1
printf '%-46s %9s %-2s %-14s %9s %7s %7s  %s\n' task mlc '' peer '' ratio bar met
. "$HERE/rows.sh"
finish
[ -s "$WORK/rows.json" ] || { echo "no row is called $ONLY"; exit 2; }
sed 's/^/# /' "$WORK/skipped"
awk 'BEGIN { print "[" } { printf "%s%s", (NR > 1 ? ",\n" : ""), $0 }
     END { print "\n]" }' "$WORK/rows.json" >"${JSON:-build/bench.json}"
exit $wrong
