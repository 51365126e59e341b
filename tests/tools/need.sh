#!/bin/sh
# Looks for what mlc needs to build and run; installs it with apt where that
# is allowed (root, or sudo without a password), else names the packages.
set -u
CC=${CC:-cc}

has_header() {
    printf '#include <stdio.h>\n#include <%s>\n' "$1" |
        "$CC" -E -x c - >/dev/null 2>&1
}
has_library() {
    for d in $(ldconfig -p 2>/dev/null | sed -n "s/.*$1.*=> //p") \
             /usr/lib/*/"$1" /usr/lib/"$1" /usr/lib64/"$1" /usr/local/lib/"$1"; do
        [ -e "$d" ] && return 0
    done
    return 1
}

missing=
command -v "$CC" >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
command -v flex >/dev/null 2>&1 || missing="$missing flex"
command -v bison >/dev/null 2>&1 || missing="$missing bison"
if command -v "$CC" >/dev/null 2>&1; then
    has_header readline/readline.h || missing="$missing libreadline-dev"
    has_header gmp.h || missing="$missing libgmp-dev"
else
    missing="$missing libreadline-dev libgmp-dev"
fi
has_library libopenblas.so.0 || missing="$missing libopenblas0"
[ -z "$missing" ] && exit 0

as_root=
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        as_root=env
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root=sudo
    fi
fi
if [ -z "$as_root" ]; then
    echo "mlc needs these packages (names of Debian and Ubuntu):$missing" >&2
    echo "install them, then call make again" >&2
    exit 1
fi
echo "installing:$missing"
$as_root apt-get update -q >/dev/null 2>&1
# shellcheck disable=SC2086 -- a list of packages
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q $missing \
    >/tmp/mlc-apt.$$ 2>&1 || { cat /tmp/mlc-apt.$$ >&2; exit 1; }
rm -f /tmp/mlc-apt.$$
