#!/bin/sh
# compare.sh [MLC]: fits of the library beside those of R and scikit-learn, where
# these are installed.  NAME.mlc and NAME.R or NAME.py print lines `what number
# number ...`, the same names in both; numbers agree to 5 digits, or to what a
# line `# digits what n` in NAME.mlc says.  What is missing is skipped.
set -u
MLC=$(cd "$(dirname "${1:-build/mlc}")" && pwd)/$(basename "${1:-build/mlc}")
cd "$(dirname "$0")" || exit 1
data=$(pwd)/../../../shared/data
passed=0 failed=0 skipped=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
for p in python3 /usr/bin/python3; do
    "$p" -c 'import sklearn' 2>/dev/null && python=$p && break
done
for peer in *.R *.py; do
    name=${peer%.*}
    case $peer in
    *.R) run=$(command -v Rscript || true) ;;
    *.py) run=${python-} ;;
    esac
    if [ -z "$run" ] || [ ! -d "$data" ]; then
        skipped=$((skipped + 1))
        continue
    fi
    "$run" "$peer" "$data" >"$work/peer" 2>"$work/peer.err" ||
        { cat "$work/peer.err"; failed=$((failed + 1)); continue; }
    "$MLC" "$name.mlc" "$data" >"$work/mlc" 2>"$work/mlc.err" ||
        { cat "$work/mlc.err"; failed=$((failed + 1)); continue; }
    grep '^# digits' "$name.mlc" >"$work/digits"
    awk -v file="$name" '
        FILENAME ~ /digits$/ { digits[$3] = $4; next }
        FILENAME ~ /peer$/ { want[$1] = $0; next }
        !($1 in want) { print file ": " $1 " is not in the peer"; bad++; next }
        {
            n = split(want[$1], w); seen[$1] = 1
            tol = 10^-($1 in digits ? digits[$1] : 5); wrong = n != NF
            for (i = 2; i <= NF; i++) {
                d = $i - w[i]; size = w[i] < 0 ? -w[i] : w[i]
                if ((d < 0 ? -d : d) > tol*(size > 1e-3 ? size : 1e-3)) wrong = 1
            }
            if (wrong) { print file ": " $0 "\n  peer: " want[$1]; bad++ } else good++
        }
        END {
            for (k in want) if (!(k in seen)) { print file ": " k " is not in mlc"; bad++ }
            print "count", good + 0, bad + 0
        }' "$work/digits" "$work/peer" "$work/mlc" >"$work/out"
    grep -v '^count' "$work/out"
    passed=$((passed + $(awk '/^count/ { print $2 }' "$work/out")))
    failed=$((failed + $(awk '/^count/ { print $3 }' "$work/out")))
done
echo "$passed passed, $failed failed, $skipped skipped (R or scikit-learn is not here)"
[ "$failed" = 0 ]
