#!/bin/sh
# The test of job.yaml: runs every case on the board and tells LAVA each verdict by lava-test-case, and the run's own
# status as the case `ipcvet`. A shell and awk are all it needs.
set -u
IPCVET=${IPCVET:?the static ipcvet program}
ktap=$(mktemp) || exit 3
status=0
# shellcheck disable=SC2086 # a list of words
"$IPCVET" run --quiet --ktap "$ktap" ${IPCVET_ARGUMENTS:-} </dev/null || status=$?

# The inner lines are the cases: `  ok 3 pipe/last-close[1]`, `  ok 3 name # SKIP why`, `  not ok 3 name # why`. LAVA knows
# pass, fail, skip and unknown; what came to no verdict is unknown.
awk '/^ +(ok|not ok) / {
  result = $1 == "ok" ? "pass" : "fail"; name = $1 == "ok" ? $3 : $4
  if (/# SKIP/) result = "skip"
  else if (/# (TIMEOUT|ERROR) /) result = "unknown"
  gsub(/\//, ".", name); gsub(/\[/, ".", name); gsub(/\]/, "", name)
  print name, result }' "$ktap" |
  while read -r name result; do lava-test-case "$name" --result "$result"; done
case $status in 0) result=pass ;; 1) result=fail ;; *) result=unknown ;; esac
lava-test-case ipcvet --result "$result"
rm -f "$ktap"
exit 0
