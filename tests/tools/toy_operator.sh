#!/bin/sh
# Adding an operator edits ops.def alone: a copy of the tree gets a toy row,
# is built, and must pass every self-test, print, read back, differentiate
# and evaluate it.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
cp -R Makefile grammar src stdlib tests "$work"
cat >> "$work/src/op/ops.def.toy" <<'ROW'
ELEMENTWISE(TOYCUBE, "toycube", 1, "\\operatorname{toycube}(%a)", a*a*a, CURVE_NONE, "-1.5, 0.2, 2.0")
    HELP(TOYCUBE, "the cube of a number, for make lint", "toycube(2.0)")
    DIFF(TOYCUBE, a, "3*a^2*da")
    RULE(TOYCUBE, "toycube(-a)", "-toycube(a)")
ROW
# The row goes in front of the first ELEMENTWISE row.
awk -v toy="$work/src/op/ops.def.toy" '
    !done && /^ELEMENTWISE\(/ { while ((getline l < toy) > 0) print l; done = 1 }
    { print }' src/op/ops.def > "$work/ops.def"
mv "$work/ops.def" "$work/src/op/ops.def"
rm "$work/src/op/ops.def.toy"
cat > "$work/toy.mlc" <<'TEST'
toycube(2.0)                     # expect: 8.0
toycube(-x)                      # expect: -toycube(x)
diff(toycube(x), x)              # expect: 3*x^2
f(v[n]) = sum(toycube(v))
grad(f)([1.0, 2.0])              # expect: [3, 12]
check(grad(f)).passed            # expect: true
TEST
cd "$work"
make -j"$(nproc)" all build/release/unit/test_diff > "$work/log" 2>&1 || { tail -n 30 "$work/log"; exit 1; }
build/mlc test toy.mlc || exit 1
build/release/unit/test_diff > "$work/log" 2>&1 || { grep 'not ok' "$work/log"; exit 1; }
grep -q 'ok' "$work/log"
echo "toy operator: added by one row, all its tests pass"
