#!/bin/sh
# Make a virtual environment: venv.sh PYTHON FOLDER. Debian ships Python without its venv module: then it is installed.
set -eu
python=$1
folder=$2
command -v "$python" >/dev/null 2>&1 || python=python3
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or newer is needed. On Debian: apt-get install python3" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq && apt-get install -y -qq "$package" >/dev/null
    else
        echo "The package $package is missing. Install it once: sudo apt-get install $package" >&2
        exit 1
    fi
fi
"$python" -m venv "$folder"
