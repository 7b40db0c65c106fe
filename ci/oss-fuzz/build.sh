#!/bin/bash -eu
# Builds the fuzz targets for whichever engine asks: CC, CXX, CFLAGS and CXXFLAGS say with what and how,
# LIB_FUZZING_ENGINE what to link with, OUT where to put them, SRC where the sources are. WORK, if set, is for what is
# built on the way; TARGETS, if set, names the targets wanted. SANITIZER is in the flags already; one that wants every
# library instrumented would report what is none of ours.
: "${SRC:?}" "${OUT:?}" "${LIB_FUZZING_ENGINE:?}"
if [ "${SANITIZER:-}" = memory ]; then
  echo "SANITIZER=memory: the distribution's libraries are not instrumented; nothing is built" >&2
  exit 1
fi
source=$SRC/ipcvet
[ -d "$source" ] || source=$(cd "$(dirname "$0")/../.." && pwd)
build=${WORK:-$OUT}/build-ipcvet
targets=${TARGETS:-parser record pipe fifo sysv-msg sysv-shm posix-shm process all}

setup=()
[ -d "$build" ] && setup=(--reconfigure)
meson setup "${setup[@]}" "$build" "$source" -Dfuzzing=engine -Dengine="$LIB_FUZZING_ENGINE" -Dtests=disabled \
  -Ddefault_library=static -Dbuildtype=plain -Dwerror=false
# shellcheck disable=SC2086
ninja -C "$build" $(for t in $targets; do echo "fuzz/${t}_target"; done)

for target in $targets; do
  cp "$build/fuzz/${target}_target" "$OUT/${target}_target"
  for kind in options dict; do
    [ ! -e "$source/fuzz/$target.$kind" ] || cp "$source/fuzz/$target.$kind" "$OUT/${target}_target.$kind"
  done
  (cd "$source/fuzz/corpus/$target" && python3 -m zipfile -c "$OUT/${target}_target_seed_corpus.zip" ./*)
done
