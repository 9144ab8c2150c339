#!/usr/bin/env bash
# Set up .venv with the pinned packages and this package in it.
#
#   tools/environment.sh run    what a user needs
#   tools/environment.sh dev    the same and what the checks need
#
# Quick when nothing changed. PYTHON=... chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=${1:?run or dev}
venv=$PWD/.venv
log=$venv/install.log
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

digest() {
    cat "$@" | cksum
}

recorded() {
    cat "$venv/.$1" 2>/dev/null || true
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed (looked for: ${PYTHON:-python3 python3.13 python3.12 python3.11})." \
        "On Debian: apt-get install python3 python3-pip. Elsewhere: make PYTHON=/path/to/python3"
}

make_venv() {
    local python=$1
    echo "[1/3] a virtual environment in .venv, with $("$python" --version)"
    # Debian keeps ensurepip in python3-venv. Without it the outer pip does the work.
    "$python" -m venv --clear "$venv" >/dev/null 2>&1 ||
        "$python" -m venv --clear --without-pip "$venv" ||
        fail "No virtual environment could be made. On Debian: apt-get install python3-venv"
    command -v "$python" >"$venv/.python"
    # The editable install and the scripts hold this path, so a copy elsewhere starts afresh.
    echo "$PWD" >"$venv/.place"
}

choose_pip() {
    pip=("$venv/bin/python" -m pip)
    "${pip[@]}" --version >/dev/null 2>&1 && return
    pip=("$(recorded python)" -m pip --python "$venv/bin/python")
    "${pip[@]}" --version >/dev/null 2>&1 ||
        fail "No pip that can install into .venv (22.3 or newer)." \
            "On Debian: apt-get install python3-venv, or python3-pip"
}

install_pins() {
    echo "[2/3] the pinned packages of requirements/$wanted.txt (the first time a minute or two)"
    "${pip[@]}" install --require-hashes -r "requirements/$wanted.txt" 2>&1 | tee "$log" |
        while read -r word package _; do
            if [ "$word" = Collecting ]; then printf '%s ' "${package%%[=<>!;]*}"; fi
        done || { echo && tail -n 20 "$log" >&2 && fail "pip failed; all it said: $log"; }
    echo
}

install_package() {
    echo "[3/3] mesospread itself"
    "${pip[@]}" install --no-deps --no-build-isolation --editable . >>"$log" 2>&1 ||
        { tail -n 20 "$log" >&2 && fail "pip failed; all it said: $log"; }
}

if [ "$(recorded place)" != "$PWD" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
    python=$(find_python)
    make_venv "$python"
fi

# dev holds all of run, at the same versions.
pins="$wanted $(digest "requirements/$wanted.txt")"
package=$(digest pyproject.toml src/mesospread/_version.py)
have=$(recorded pins)
if [ "$have" != "$pins" ] && [ "$have" != "dev $(digest requirements/dev.txt)" ]; then
    choose_pip
    rm -f "$venv/.package"
    install_pins
    echo "$pins" >"$venv/.pins"
fi
if [ "$(recorded package)" != "$package" ]; then
    choose_pip
    install_package
    echo "$package" >"$venv/.package"
    echo "ready after $SECONDS s"
fi
