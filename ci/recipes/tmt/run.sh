#!/bin/sh
# The test of ipcvet.fmf: runs every case and tells tmt what each came to.
set -u
data=${TMT_TEST_DATA:-ipcvet-report}
IPCVET=${IPCVET:?the static ipcvet program}
mkdir -p "$data"
status=0
# shellcheck disable=SC2086 # a list of words
"$IPCVET" run --quiet --json "$data/record.json" --junit "$data/junit.xml" --html "$data/index.html" \
  --ktap "$data/ktap" ${IPCVET_ARGUMENTS:-} </dev/null >"$data/output.txt" 2>&1 || status=$?
tail -n 20 "$data/output.txt"

# The inner lines of KTAP are the cases: `  ok 3 pipe/last-close[1]`, `  ok 3 name # SKIP why`, `  not ok 3 name # why`. The
# first result is the run's own.
case $status in 0) result=pass ;; 1) result=fail ;; *) result=error ;; esac
{
  printf -- '- name: /\n  result: %s\n  log: [output.txt]\n' "$result"
  [ ! -s "$data/ktap" ] || awk '/^ +(ok|not ok) / {
    result = $1 == "ok" ? "pass" : "fail"; name = $1 == "ok" ? $3 : $4
    if (/# SKIP/) result = "info"
    else if (/# (TIMEOUT|ERROR) /) result = "error"
    gsub(/\[/, "/", name); gsub(/\]/, "", name)
    printf "- name: /%s\n  result: %s\n", name, result }' "$data/ktap"
} >"$data/results.yaml"
exit "$status"
