#!/bin/bash -eu
# The same targets as for OSS-Fuzz.
exec "$(dirname "$0")/../oss-fuzz/build.sh"
