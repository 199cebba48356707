# Steps that end, and what came of them. To be sourced; then `step NAME MINUTES COMMAND…` for each. A step that fails ends
# the script. At its end, however that comes: a table of the steps, and the line "N passed, N failed" of all their tests.
set -euo pipefail

# jest's runs add a line each: tests passed, tests failed (test/support/jest/tally-reporter.ts).
TEST_TALLY=$(mktemp)
export TEST_TALLY
table=''
running=''
name=''
begin=0

# MINUTES: after these it is stuck, and killed.
step() {
  name=$1
  begin=$SECONDS
  local minutes=$2 code=0
  shift 2
  printf '\n=== %s: %s\n' "$name" "$*"
  # timeout ends the step's whole process group; what has a group of its own is guarded and goes with it.
  timeout --kill-after=20s "${minutes}m" "$@" </dev/null &
  running=$!
  wait "$running" || code=$?
  running=''
  case $code in
    0) note passed ;;
    124) note "FAILED: not over after $minutes minutes" ;;
    137) note "FAILED: killed, by its limit of $minutes minutes or from outside" ;;
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
  printf '\n%s%6d s  in all\n\n' "$table" "$SECONDS"
  # A step that fails without a failing test (types, format, build) counts as one.
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
