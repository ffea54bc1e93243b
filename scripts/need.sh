#!/bin/sh
# need.sh program:package …   Sees to it that the programs are there: installs
# their Debian packages when it may, and otherwise says which ones are missing.
set -eu
missing=""
for pair in "$@"; do
    program=${pair%%:*}
    if ! PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null 2>&1; then
        missing="$missing ${pair##*:}"
    fi
done
[ -n "$missing" ] || exit 0

say_what_to_do() {
    echo "Missing:$missing. Install them (as root: apt-get install$missing) and run again." >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 || say_what_to_do
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    say_what_to_do
fi
# shellcheck disable=SC2086  # lists of words, on purpose
{
    $as_root apt-get -qq update &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq install -y --no-install-recommends $missing >/dev/null
} || say_what_to_do
