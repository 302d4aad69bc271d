#!/bin/sh
# Runs the tests of this folder under valgrind's memcheck and fails on a memory error or a definite leak that has our
# extension in its stack. Python runs with malloc, so that memcheck sees every object. Hours: run_sanitized.sh finds the
# errors in minutes, this one leaks, too.
# Usage: tests/native/run_valgrind.sh [python] [pytest arguments]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${1:-"$here/../../.venv/bin/python"}
[ $# -gt 0 ] && shift
command -v valgrind >/dev/null || { echo "missing: valgrind (Debian package valgrind)" >&2; exit 69; }
report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
VALGRIND=1 PYTHONMALLOC=malloc valgrind --tool=memcheck --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=none --num-callers=40 --log-file="$report" \
    "$python" -m pytest -q -p no:cacheprovider -p no:hypothesispytest "$@" \
    "$here" --ignore "$here/test_build.py" --ignore "$here/test_valgrind_report.py" || status=$?
[ "$status" -eq 0 ] || { echo "native-check: the tests themselves failed ($status)" >&2; tail -n 40 "$report" >&2; exit 1; }
"$python" "$here/valgrind_report.py" "$report"
