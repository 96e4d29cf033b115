#!/usr/bin/env bash
# Every check and every test, side by side: most tests wait for something, and the checks compute meanwhile.
# Tests that measure processor time follow alone. A test that fails is run once more by itself, and named: on a
# machine with two processors a neighbour may have starved it. Ends with one line for each. WORKERS: how many tests run at
# once, 3 unless set: more of them starve each other's converters on two processors.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
readonly log=build/logs/lint.log

# tests write many small files and databases: in memory, where there is enough of it
free_megabytes() { df --output=avail --block-size=1M "$1" 2>/dev/null | tail -n 1; }
parent=${TMPDIR:-/tmp}
if [ "$(free_megabytes /dev/shm)" -ge 4000 ] 2>/dev/null; then parent=/dev/shm; fi
PYTEST_DEBUG_TEMPROOT=$(mktemp -d "$parent/viewer-tests-XXXXXX")
export PYTEST_DEBUG_TEMPROOT
trap 'rm -rf "$PYTEST_DEBUG_TEMPROOT"; kill $lint 2>/dev/null' EXIT
lint=

# some fifty programs start: with their modules compiled, each does so in half the time
unset PYTHONDONTWRITEBYTECODE

mkdir -p build/logs
started=$SECONDS
make --no-print-directory lint >"$log" 2>&1 &
lint=$!

once_more() {
  echo "these failed, and are run once more by themselves:"
  .venv/bin/python -m pytest -v --last-failed --last-failed-no-failures none "$@"
}

.venv/bin/python -m pytest -n "${WORKERS:-3}" --dist loadfile --durations=20 -m "not undisturbed" "$@"
tests=$?
if [ $tests -eq 1 ]; then
  once_more -m "not undisturbed" "$@"
  tests=$?
fi
wait $lint
checks=$?
lint=
.venv/bin/python -m pytest -m undisturbed "$@"
alone=$?
if [ $alone -eq 1 ]; then
  once_more -m undisturbed "$@"
  alone=$?
fi
if [ $alone -eq 5 ]; then alone=0; fi # none of those that were asked for
if [ $tests -eq 0 ]; then tests=$alone; fi

echo
if [ $checks -eq 0 ]; then echo "checks: passed"; else cat "$log"; echo "checks: FAILED, see above and $log"; fi
if [ $tests -eq 0 ]; then echo "tests: passed"; else echo "tests: FAILED, see above"; fi
echo "$(((SECONDS - started) / 60)) min $(((SECONDS - started) % 60)) s"
[ $checks -eq 0 ] && [ $tests -eq 0 ]
