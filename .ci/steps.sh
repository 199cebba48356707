# Runs steps with a time limit and reports their results. Source it, then call `step NAME MINUTES COMMAND…` for each. A
# failing step ends the script. However the script ends, it prints a table of the steps and "N passed, N failed" for all
# of their tests.
set -euo pipefail

# Each jest run appends a line: tests passed, tests failed (test/support/jest/tally-reporter.ts).
TEST_TALLY=$(mktemp)
export TEST_TALLY
table=''
running=''
name=''
begin=0

# MINUTES: the step's time limit; after it the step counts as stuck and is killed.
step() {
  name=$1
  begin=$SECONDS
  local minutes=$2 code=0
  shift 2
  printf '\n=== %s: %s\n' "$name" "$*"
  # timeout ends the step's whole process group; children with their own group have a guard and end with it.
  timeout --kill-after=20s "${minutes}m" "$@" </dev/null &
  running=$!
  wait "$running" || code=$?
  running=''
  case $code in
    0) note passed ;;
    124) note "FAILED: not finished after $minutes minutes" ;;
    137) note "FAILED: killed, by its limit of $minutes minutes or by another process" ;;
    *) note "FAILED with exit code $code" ;;
  esac
  return "$code"
}

note() {
  table+=$(printf '%6d s  %-12s %s' $((SECONDS - begin)) "$name" "$1")$'\n'
}

finish() {
  local code=$?
  trap '' INT TERM HUP
  if [ -n "$running" ]; then
    kill "$running" || true
    wait "$running" || true
    note STOPPED
  fi
  printf '\n%s%6d s  in total\n\n' "$table" "$SECONDS"
  # A step that fails without a failing test (types, format, build) counts as one failure.
  awk -v code="$code" '
    { passed += $1; failed += $2 }
    END {
      if (code != 0 && failed == 0) failed = 1
      printf "%d passed, %d failed\n", passed, failed
    }' "$TEST_TALLY"
  rm -f "$TEST_TALLY"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
