#!/bin/sh
# make install and uninstall; the manual page and the completions name what
# the program has.
mlc=${MLC:-build/mlc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "not ok $1"; }
skip() { skipped=$((skipped + 1)); }
has() { if grep -qF -- "$2" "$3"; then ok; else bad "$1"; fi; }

if [ "$mlc" = build/mlc ] && [ -x build/release/mlc ]; then
    unset MAKEFLAGS MAKELEVEL MFLAGS
    make -s install DESTDIR="$work/root" PREFIX=/usr > "$work/log" 2>&1 && ok || {
        bad "make install"; cat "$work/log"; }
    for f in bin/mlc share/mlc/stdlib/prelude.mlc share/man/man1/mlc.1 \
             share/bash-completion/completions/mlc share/zsh/site-functions/_mlc \
             share/fish/vendor_completions.d/mlc.fish; do
        [ -s "$work/root/usr/$f" ] && ok || bad "install: $f"
    done
    got=$(cd / && MLC_LIBRARY= "$work/root/usr/bin/mlc" -e 'accuracy([1, 2], [1, 2])')
    [ "$got" = 1 ] && ok || bad "the installed program finds its library: $got"
    make -s uninstall DESTDIR="$work/root" PREFIX=/usr > "$work/log" 2>&1 && ok || bad "make uninstall"
    [ -z "$(find "$work/root" -type f)" ] && ok || bad "uninstall leaves $(find "$work/root" -type f)"
else
    skip
fi

# Every command and option of --help.
"$mlc" --help > "$work/help"
for word in test check fmt lsp kernel; do
    has "--help: $word" "mlc $word" "$work/help"
    has "manual: $word" "$word" share/man/man1/mlc.1
    for f in mlc.bash _mlc mlc.fish; do
        has "$f: $word" "$word" "share/completions/$f"
    done
done
tr ' [],' '\n\n\n\n' < "$work/help" | grep -E '^--[a-z]+$' | sort -u > "$work/options"
[ "$(wc -l < "$work/options")" -ge 5 ] && ok || bad "options of --help"
tr -d '\\' < share/man/man1/mlc.1 > "$work/manual"
while read -r option; do
    has "manual: $option" "$option" "$work/manual"
    has "bash: $option" "$option" share/completions/mlc.bash
    has "zsh: $option" "$option" share/completions/_mlc
    has "fish: $option" "-l ${option#--} " share/completions/mlc.fish
done < "$work/options"

if command -v groff > /dev/null; then
    groff -man -Tutf8 -ww -z share/man/man1/mlc.1 > "$work/log" 2>&1
    [ ! -s "$work/log" ] && ok || { bad "the manual page"; cat "$work/log"; }
else
    skip
fi

# completes LINE WORD: bash offers the word
completes() {
    words=$1
    got=$(cd "$work" && PATH="$(dirname "$program"):$PATH" bash --norc -c '
        . "$1"
        read -ra COMP_WORDS <<< "$2"
        [[ $2 == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _mlc
        printf "%s\n" "${COMPREPLY[@]}"' x "$root/share/completions/mlc.bash" "$words" 2>&1)
    if printf '%s\n' "$got" | grep -qxF -- "$2"; then ok; else bad "bash: $1: $got"; fi
}
root=$(pwd)
program=$(cd "$(dirname "$mlc")" && pwd)/$(basename "$mlc")
if command -v bash > /dev/null; then
    : > "$work/script.mlc"
    mkdir "$work/scripts"
    completes "mlc ch" check
    completes "mlc --e" --explain
    completes "mlc check --j" --json
    completes "mlc fmt " script.mlc
    completes "mlc scr" script.mlc
    completes "mlc scr" scripts/
    completes "mlc --explain E20" E203
    completes "mlc kernel " install
else
    skip
fi
for shell in zsh fish; do
    case $shell in zsh) f=_mlc ;; *) f=mlc.fish ;; esac
    if command -v $shell > /dev/null; then
        $shell -n share/completions/$f && ok || bad "$shell reads $f"
    else
        skip
    fi
done

echo "$passed passed, $failed failed, $skipped skipped"
