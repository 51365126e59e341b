#!/bin/sh
# mlc --json, scripts as programs, tables on standard input.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "not ok $1"; }
# gives NAME STATUS WANT COMMAND...: the exit status and all of stdout
gives() {
    name=$1 want_status=$2 want=$3
    shift 3
    got=$("$@" 2> "$work/err" < /dev/null)
    status=$?
    [ "$status" = "$want_status" ] && [ "$got" = "$want" ] && ok ||
        bad "$name: status $status, printed: $got"
}

gives "results" 0 '{"type":"result","text":"2*x","latex":"2 x","value":"2*x","shape":[]}
{"type":"result","text":"[1, 2; 3, 4]","latex":null,"value":[[1, 2], [3, 4]],"shape":[2,2]}
{"type":"result","text":"\"a\\\"b\"","latex":null,"value":"a\"b","shape":null}
{"type":"result","text":"1/3","latex":null,"value":"1/3","shape":[]}
{"type":"result","text":"{w = 1, b = {2, true}}","latex":null,"value":{"w": 1, "b": [2, true]},"shape":null}' \
    "$mlc" --json -e 'diff(x^2, x), [1, 2; 3, 4], "a\"b", 1/3, {w = 1, b = {2, true}}'
gives "named sides" 0 '{"type":"result","text":"2*A*v    # [n]","latex":"2 A v","value":"2*A*v","shape":["n"]}' \
    "$mlc" --json -e 'sym A[n,n] symmetric, v[n]; grad(v'"'"'*A*v, v)'
gives "output comes in order" 0 '{"type":"result","text":"1","latex":null,"value":1,"shape":[]}
{"type":"output","text":"two\n"}
{"type":"output","text":"three\n"}
{"type":"result","text":"4","latex":null,"value":4,"shape":[]}
{"type":"output","text":"five\n"}' "$mlc" --json -e '1' -e 'print("two"); print("three")' -e 4 -e 'print("five")'
gives "warnings" 0 '{"type":"warning","code":null,"message":"log gave NaN in 1 entry","file":null,"line":null,"column":null,"detail":null,"help":null,"calls":[]}' \
    "$mlc" --json -e 'v = log([-1.0, 2]);'
gives "errors" 1 '{"type":"result","text":"1","latex":null,"value":1,"shape":[]}
{"type":"error","code":"E203","message":"shapes do not fit in `u*u`","file":"-e","line":2,"column":8,"detail":"u is [2] and u is [2]: columns of u (1) must equal rows of u (2)","help":"u'"'"'*u fits, and gives a number","calls":[{"function":"f","file":"-e","line":3,"column":1}]}' \
    "$mlc" --json -e '1
f(u) = u*u
f([1, 2])
3'
printf 'x = = 1\ny = (2\n' > "$work/wrong.mlc"
got=$("$mlc" --json "$work/wrong.mlc" 2> "$work/err" | grep -c '"type":"error","code":"E10')
[ "$got" = 2 ] && [ ! -s "$work/err" ] && ok || bad "all errors of the syntax"
gives "no such file" 1 "{\"type\":\"error\",\"code\":\"E501\",\"message\":\"cannot read \`$work/none.mlc\`: No such file or directory\",\"file\":null,\"line\":null,\"column\":null,\"detail\":null,\"help\":null,\"calls\":[]}" \
    "$mlc" --json "$work/none.mlc"
got=$(echo '1 + 1' | "$mlc" --json)
[ "$got" = '{"type":"result","text":"2","latex":null,"value":2,"shape":[]}' ] && ok || bad "standard input"
printf 'f(a) = a\nf(1, 2)\nfunction g(u)\n  1\nend\n' > "$work/check.mlc"
gives "check" 1 "{\"type\":\"error\",\"code\":\"E205\",\"message\":\"f takes 1 argument, and 2 are given\",\"file\":\"$work/check.mlc\",\"line\":2,\"column\":1,\"detail\":null,\"help\":null,\"calls\":[]}
{\"type\":\"warning\",\"code\":\"E701\",\"message\":\"nothing reads the parameter \`u\`\",\"file\":\"$work/check.mlc\",\"line\":3,\"column\":12,\"detail\":null,\"help\":\"_u says that this is meant\",\"calls\":[]}" \
    "$mlc" check --json "$work/check.mlc"
gives "usage" 2 "" "$mlc" --json --wrong
gives "usage is told before anything runs" 2 "" "$mlc" -e 1 --wrong
"$mlc" --explain | grep -q '^E203 shape' && ok || bad "all codes"
if [ -w /dev/full ]; then
    "$mlc" --json -e 1 > /dev/full 2> /dev/null; [ $? = 1 ] && ok || bad "full: --json"
    "$mlc" check --json "$work/check.mlc" > /dev/full 2> /dev/null; [ $? = 1 ] && ok || bad "full: check"
    "$mlc" --explain > /dev/full 2> /dev/null; [ $? = 1 ] && ok || bad "full: --explain"
fi

program=$(cd "$(dirname "$mlc")" && pwd)/$(basename "$mlc")
printf '#!%s\nD = read("-")\nprint(args, sum(D.b), names(D))\n' "$program" > "$work/script"
chmod +x "$work/script"
got=$(printf 'a,b\n1,2\n3,4\n' | "$work/script" x "y z")
[ "$got" = '{"x", "y z"} 6.0 {"a", "b"}' ] && ok || bad "a script as a program: $got"
got=$(printf '' | "$work/script" 2>&1); [ $? = 1 ] && ok || bad "no table: $got"

echo "$passed passed, $failed failed"
