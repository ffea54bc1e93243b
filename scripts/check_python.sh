#!/bin/sh
# check_python.sh PYTHON   Says in words why that Python cannot make an environment.
set -eu
if ! command -v "$1" >/dev/null 2>&1; then
    echo "There is no $1. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$("$1" --version) is too old. Install Python 3.11 or newer, or name one: make PYTHON=…" >&2
    exit 1
fi
if ! "$1" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$1 cannot make environments. Install its venv (Debian: apt-get install python3-venv)" >&2
    echo "and run again." >&2
    exit 1
fi
