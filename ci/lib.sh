# Shared by the scripts in this folder; sourced, never run.
#
# Every script starts in the repository's root, says what it does on lines starting with "==", and can be
# run again at once: what is there already is kept.

set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

say() { printf '== %s\n' "$*"; }
die() {
  printf '%s: %s\n' "$0" "$*" >&2
  exit 3
}

# Runs a command as root: at once, or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo -- "$@"
  else
    die "root or sudo is needed for: $*"
  fi
}

# setup_build DIR [MESON-OPTION...]: configures once; afterwards ninja reconfigures by itself when needed.
setup_build() {
  build_dir=$1
  shift
  if [ -f "$build_dir/build.ninja" ]; then
    say "$build_dir is configured"
  elif [ -d "$build_dir/meson-private" ]; then
    say "configuring $build_dir anew: an earlier configuration did not finish"
    meson setup --wipe "$build_dir" "$@"
  else
    say "configuring $build_dir"
    meson setup "$build_dir" "$@"
  fi
}

# build_all DIR [TARGET...]
build_all() {
  build_dir=$1
  shift
  say "building in $build_dir"
  meson compile -C "$build_dir" "$@"
}

# Where Meson puts the program.
ipcvet_in() { printf '%s/harness/cli/ipcvet\n' "$1"; }
