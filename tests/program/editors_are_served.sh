#!/bin/sh
# mlc lsp: a session of an editor, message by message.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
LC_ALL=C.UTF-8
export LC_ALL

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "not ok $1"; }

# Messages are collected in $work/in, and sent at once.
send() {
    n=$(printf '%s' "$1" | wc -c)
    printf 'Content-Length: %d\r\n\r\n%s' "$n" "$1" >> "$work/in"
}
ask() { send "{\"jsonrpc\":\"2.0\",\"id\":$1,\"method\":\"$2\",\"params\":{$3}}"; }
tell() { send "{\"jsonrpc\":\"2.0\",\"method\":\"$1\",\"params\":{$2}}"; }
# Answers, one a line, into $work/out.
run() {
    "$mlc" lsp < "$work/in" > "$work/raw" 2> "$work/err"
    status=$?
    tr -d '\r' < "$work/raw" | sed 's/}Content-Length: [0-9]*$/}/' | grep '^{' > "$work/out"
    : > "$work/in"
}
# has NAME PATTERN TEXT: the line that holds PATTERN holds TEXT
has() {
    if grep -F -- "$2" "$work/out" | grep -qF -- "$3"; then ok; else
        bad "$1"; grep -F -- "$2" "$work/out" | cut -c1-2000; fi
}
place() { echo "\"textDocument\":{\"uri\":\"$uri\"},\"position\":{\"line\":$1,\"character\":$2}"; }

uri="file://$work/a%20b.mlc"
doc="\"textDocument\":{\"uri\":\"$uri\"}"
: > "$work/in"

ask 1 textDocument/hover "$(place 0 0)"
ask 2 initialize '"capabilities":{}'
tell initialized ''
tell textDocument/didOpen "\"textDocument\":{\"uri\":\"$uri\",\"languageId\":\"mlc\",\"version\":1,\"text\":\"## Squares.\\nsq(x) = x^2\\r\\nA = [1, 2; 3, 4]\\ns = \\\"𝒳é\\\" + bogus\\nsq(A, 2)\\nexp(accuracy(1, 1))\\nmodel line_fit\\n  data X[n,d]\\n  param w[d]\\n  loss norm2(X*w)^2\\nend\\nsq(1)+line_fit(2)\\nfunction g(a, b)\\n  a\\nend\\n\"}"
ask 3 textDocument/hover "$(place 4 0)"
ask 4 textDocument/hover "$(place 4 3)"
ask 5 textDocument/hover "$(place 5 2)"
ask 6 textDocument/hover "$(place 11 8)"
ask 7 textDocument/hover "$(place 90 90)"
ask 8 textDocument/definition "$(place 11 1)"
ask 19 textDocument/definition "$(place 5 1)"
ask 21 textDocument/definition "$(place 5 6)"
ask 20 textDocument/definition "$(place 10 1)"
ask 9 textDocument/references "$(place 1 0)"
ask 25 textDocument/rename "$(place 4 0),\"newName\":\"square\""
ask 26 textDocument/rename "$(place 4 0),\"newName\":\"line_fit\""
ask 27 textDocument/rename "$(place 5 1),\"newName\":\"other\""
ask 28 textDocument/rename "$(place 4 0),\"newName\":\"1x\""
ask 29 textDocument/signatureHelp "$(place 4 7)"
ask 30 textDocument/signatureHelp "$(place 5 15)"
ask 31 textDocument/signatureHelp "$(place 0 0)"
ask 10 textDocument/completion "$(place 11 8)"
ask 11 textDocument/documentSymbol "$doc"
ask 12 textDocument/formatting "$doc,\"options\":{}"
# Behind two characters that are three units of UTF-16.
tell textDocument/didChange "\"textDocument\":{\"uri\":\"$uri\",\"version\":2},\"contentChanges\":[{\"range\":{\"start\":{\"line\":3,\"character\":12},\"end\":{\"line\":3,\"character\":17}},\"text\":\"\\\"b\\\"\"},{\"range\":{\"start\":{\"line\":4,\"character\":4},\"end\":{\"line\":4,\"character\":7}},\"text\":\"\"}]"
ask 13 textDocument/documentHighlight "$(place 4 3)"
tell textDocument/didChange "\"textDocument\":{\"uri\":\"$uri\",\"version\":3},\"contentChanges\":[{\"text\":\"x = (1\"}]"
ask 14 textDocument/formatting "$doc,\"options\":{}"
ask 15 textDocument/completion "$(place 0 5)"
tell textDocument/didChange "\"textDocument\":{\"uri\":\"$uri\",\"version\":4},\"contentChanges\":[{\"text\":\"h(a; tolerance = 1) = a*tolerance\\nh(1; to\\nsort([1]; \"}]"
ask 22 textDocument/completion "$(place 1 7)"
tell textDocument/didChange "\"textDocument\":{\"uri\":\"$uri\",\"version\":5},\"contentChanges\":[{\"text\":\"h(a; tolerance = 1) = a*tolerance\\nh(1; to\"}]"
ask 23 textDocument/completion "$(place 1 7)"
ask 24 textDocument/completion "$(place 0 99)"
tell textDocument/didClose "$doc"
ask 16 textDocument/hover "$(place 0 0)"
send '{garbage'
send '[]'
ask 17 no/such ''
send '{"jsonrpc":"2.0","id":"text","method":"shutdown"}'
ask 18 textDocument/hover "$(place 0 0)"
tell exit ''
run
[ "$status" = 0 ] && ok || bad "status $status"
has "before initialize" '"id":1,' '"code":-32002'
has "what it can do" '"id":2,' '"documentFormattingProvider":true'
has "an unknown name, in units of UTF-16" '"version":1,' '"range":{"start":{"line":3,"character":12},"end":{"line":3,"character":17}},"severity":1,"code":"E201"'
has "a wrong call" '"version":1,' '"code":"E205","source":"mlc","message":"sq takes 1 argument, and 2 are given"'
has "what nothing reads" '"version":1,' '"severity":2,"code":"E701","source":"mlc","tags":[1]'
has "hover: a function" '"id":3,' 'sq(x) = x^2'
has "hover: its comment" '"id":3,' '\nSquares.\n'
has "hover: a shape" '"id":4,' 'A    # variable, [2,2]'
has "hover: the library" '"id":5,' 'exponential function'
has "hover: a model" '"id":6,' 'param w[d]'
has "hover: nothing" '"id":7,' '"result":null'
has "definition" '"id":8,' '"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":2}}'
has "definition: a builtin" '"id":19,' '"result":null'
has "definition: nothing" '"id":20,' '"result":null'
has "definition: the library" '"id":21,' 'stdlib/metrics/metrics.mlc","range"'
has "references" '"id":9,' '{"line":4,"character":0},"end":{"line":4,"character":2}}'
has "references" '"id":9,' '{"line":11,"character":0},"end":{"line":11,"character":2}}'
has "rename" '"id":25,' '"newText":"square"'
has "rename: the last place" '"id":25,' '{"range":{"start":{"line":11,"character":0},"end":{"line":11,"character":2}},"newText":"square"}]}}'
for i in 26 27 28 31; do has "refused: $i" "\"id\":$i," '"result":null'; done
has "signature" '"id":29,' '"label":"sq(x)","parameters":[{"label":"x"}],"documentation":"Squares."}],"activeSignature":0,"activeParameter":1'
has "signature: the library" '"id":30,' '"label":"accuracy('
has "completion: a model" '"id":10,' '{"label":"line_fit","kind":7}'
has "completion: a builtin" '"id":10,' '{"label":"linspace","kind":3,"detail":"linspace('
has "symbols" '"id":11,' '{"name":"g","kind":12,"range":{"start":{"line":12,"character":0},"end":{"line":14,"character":3}}'
has "formatting" '"id":12,' 'sq(1) + line_fit(2)\n'
has "formatting: the range" '"id":12,' '"range":{"start":{"line":0,"character":0},"end":{"line":15,"character":0}}'
has "after the changes" '"version":2,' '"diagnostics":[{"range":{"start":{"line":12,"character":14}'
has "highlights" '"id":13,' '[{"range":{"start":{"line":2,'
has "a bracket that is open" '"version":3,' '"code":"E104"'
has "formatting: with a mistake" '"id":14,' '"result":[]'
has "completion: with a mistake" '"id":15,' '"label":"x"'
has "completion: an option" '"id":23,' '{"label":"tolerance = ","kind":10}'
has "closed" "\"uri\":\"$uri\",\"diagnostics\":[]" 'publishDiagnostics'
has "hover: closed" '"id":16,' '"result":null'
has "no JSON" '"id":null,' '"code":-32700'
has "no request" '"id":null,' '"code":-32600'
has "no method" '"id":17,' '"code":-32601'
has "shutdown" '"id":"text"' '"result":null'
has "after shutdown" '"id":18,' '"code":-32600'

# What is no protocol at all ends with the input, without a crash.
printf 'hello\r\n\r\nContent-Length: 99999999999999\r\n\r\nContent-Length: -5\r\n\r\n\000\001{}\nContent-Length: 4\r\n\r\n\377\376' > "$work/in"
run
[ "$status" = 1 ] && ok || bad "garbage: status $status"
has "garbage is answered" '"id":null,' '"error"'
ask 1 initialize ''
tell textDocument/didOpen '"textDocument":5'
tell textDocument/didOpen "\"textDocument\":{\"uri\":\"$uri\",\"text\":\"a = 1\"}"
tell textDocument/didChange "$doc,\"contentChanges\":[{\"range\":{\"start\":{\"line\":-1,\"character\":1e300},\"end\":7},\"text\":\"b\"},3,{}]"
ask 2 textDocument/hover ''
ask 3 textDocument/hover "$doc,\"position\":{\"line\":\"x\"}"
ask 4 textDocument/completion "$(place -3 -3)"
run
[ "$status" = 1 ] && ok || bad "no shutdown: status $status"
has "strange members" '"id":2,' '"result":null'
has "strange places" '"id":4,' '"isIncomplete"'
"$mlc" lsp --wrong < /dev/null > /dev/null 2>&1; [ $? = 2 ] && ok || bad "usage"

echo "$passed passed, $failed failed"
