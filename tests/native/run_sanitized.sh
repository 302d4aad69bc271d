#!/bin/sh
# Runs the tests of this folder with the extension built with AddressSanitizer, and fails on the first error in it, or in
# a block of memory or a string that pjsip handles by libc. They take about as long as without. What pjsip does within its
# own blocks, and leaks, are memcheck's to find: run_valgrind.sh.
# Usage: tests/native/run_sanitized.sh [python] [pytest arguments]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${1:-"$here/../../.venv/bin/python"}
[ $# -gt 0 ] && shift
place=$("$python" "$here/../../firmware/native/build.py" sanitized --python "$python" | tail -n 1)
library=$(cc -print-file-name=libasan.so)
report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
status=0
SANITIZED=1 PYTHONMALLOC=malloc PYTHONPATH="$place" LD_PRELOAD="$library" \
    ASAN_OPTIONS="detect_leaks=0:log_path=$report/asan:alloc_dealloc_mismatch=0" \
    "$python" -m pytest -q -p no:cacheprovider -p no:hypothesispytest --rootdir "$here/../.." \
    -c "$here/../../firmware/pyproject.toml" \
    "$@" "$here" --ignore "$here/test_build.py" --ignore "$here/test_valgrind_report.py" || status=$?
found=$(find "$report" -name 'asan.*' | head -n 1)
[ -z "$found" ] || { sed -n 1,60p "$found"; echo "native-check: a memory error" >&2; exit 1; }
[ "$status" -eq 0 ] || { echo "native-check: the tests themselves failed ($status)" >&2; exit 1; }
echo "native-check: no memory error"
