#!/bin/sh
# The words that the colours of examples/editors name are those of the grammar.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
folder=examples/editors

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "not ok $1"; }

sed -n 's/^"\([a-z]*\)" *WORD(.*/\1/p' grammar/lexer.l | sort > "$work/words"
[ "$(wc -l < "$work/words")" -gt 30 ] && ok || bad "words of grammar/lexer.l"

grep -o '\\b(?:[a-z|]*)\\\\b' $folder/vscode/syntaxes/mlc.tmLanguage.json |
    sed 's/.*(?://; s/).*//' | tr '|' '\n' | sort > "$work/vscode"
cmp -s "$work/words" "$work/vscode" && ok || {
    bad "words of the TextMate grammar"; diff "$work/words" "$work/vscode"; }

{
    sed -n 's/^syn keyword mlc\(Control\|Include\|Operator\|Define\|Boolean\) //p' \
        $folder/vim/syntax/mlc.vim | tr ' ' '\n'
    sed -n 's/^syn match mlcRole .*%(\(.*\)\\).*/\1/p' $folder/vim/syntax/mlc.vim |
        sed 's/\\|/ /g' | tr ' ' '\n'
} | sort > "$work/vim"
cmp -s "$work/words" "$work/vim" && ok || {
    bad "words of vim's syntax"; diff "$work/words" "$work/vim"; }

for f in package.json language-configuration.json syntaxes/mlc.tmLanguage.json; do
    "$mlc" -e "read(\"$folder/vscode/$f\");" > "$work/out" 2>&1 && ok || {
        bad "$f is JSON"; cat "$work/out"; }
done
got=$("$mlc" -e "p = read(\"$folder/vscode/package.json\"); print(p.contributes.grammars[1].path, p.contributes.languages[1].configuration, p.main)")
for f in $got; do
    [ -f "$folder/vscode/$f" ] && ok || bad "package.json names $f"
done
if command -v vim > /dev/null; then
    printf 'model m\n' > "$work/a.mlc"
    vim -u NONE -es -N --cmd "set rtp+=$folder/vim" -c 'filetype plugin on' -c 'syntax on' \
        -c "edit $work/a.mlc" -c "redir! > $work/vim.out" \
        -c 'echo &filetype synIDattr(synID(1, 1, 1), "name")' -c 'redir END' -c 'qa!' > /dev/null 2>&1
    grep -q 'mlc mlcDefine' "$work/vim.out" && ok || bad "vim: $(cat "$work/vim.out")"
else
    skipped=$((skipped + 1))
fi

echo "$passed passed, $failed failed, $skipped skipped"
