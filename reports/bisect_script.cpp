#include "reports/bisect_script.h"

#include <fmt/format.h>

namespace ipcvet {
namespace {

// For the shell: in single quotes, those within spelt out.
std::string quoted(const std::string &text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

constexpr const char *head = R"sh(#!/bin/sh
# For `git bisect run`, in a kernel's source tree. Made by `ipcvet bisect`; yours to change.
#
#   git bisect start BAD GOOD && git bisect run sh this-script
#
# IPCVET      a static ipcvet (meson setup build-static -Dstatic=true); default: ./ipcvet beside this script
# CONFIG      commands that make .config; default: the architecture's own default
# TIMEOUT_IS_BAD  not empty: a case that hits its limit deviates (a lost wake-up); otherwise such a commit is passed over
# JOBS        of make; LIMIT: seconds without a sign of life, after which the commit is passed over
set -u
here=$(cd "$(dirname "$0")" && pwd)
IPCVET=${IPCVET:-$here/ipcvet}
JOBS=${JOBS:-$(nproc)}
LIMIT=${LIMIT:-600}
)sh";

constexpr const char *common = R"sh(
pass_over() { echo "bisect: $1: this commit is passed over" >&2; exit 125; }
[ -x "$IPCVET" ] || { echo "bisect: no static ipcvet at $IPCVET" >&2; exit 255; }
log=$(mktemp) || exit 255
trap 'rm -f "$log"' EXIT
)sh";

constexpr const char *uml = R"sh(
# User-Mode Linux: the kernel is a program.
if [ -n "${CONFIG:-}" ]; then sh -c "$CONFIG"; else make ARCH=um defconfig; fi >"$log" 2>&1 ||
  pass_over "it cannot be configured"
make ARCH=um olddefconfig >>"$log" 2>&1
make ARCH=um -j"$JOBS" linux >>"$log" 2>&1 || { tail -n 5 "$log" >&2; pass_over "it does not build"; }
target=uml:$PWD/linux
)sh";

constexpr const char *qemu = R"sh(
# A virtual machine.
if [ -n "${CONFIG:-}" ]; then sh -c "$CONFIG"; else make defconfig; fi >"$log" 2>&1 || pass_over "it cannot be configured"
make olddefconfig >>"$log" 2>&1
make -j"$JOBS" >>"$log" 2>&1 || { tail -n 5 "$log" >&2; pass_over "it does not build"; }
case $(uname -m) in
  x86_64) target=vm:$PWD/arch/x86/boot/bzImage ;;
  aarch64) target=vm:$PWD/arch/arm64/boot/Image ;;
  *) echo "bisect: say how to boot $(uname -m)" >&2; exit 255 ;;
esac
)sh";

// A target in trouble, such as a kernel that does not boot, is status 3.
constexpr const char *tail = R"sh(
status=0
"$IPCVET" run --on "$target" --target-limit "$LIMIT" --repeat "$REPEAT" --filter "$FILTER" >"$log" 2>&1 </dev/null || status=$?
deviation=fail
[ -z "${TIMEOUT_IS_BAD:-}" ] || deviation='\(fail\|timeout\)'
[ "$status" -eq 0 ] || cat "$log" >&2
case $status in
)sh";

}  // namespace

std::string bisect_script(const BisectOptions &options) {
  std::string out = head;
  out += fmt::format("FILTER={}\nREPEAT={}\n", quoted(options.filter), options.repeat);
  out += common;
  out += options.boot == "qemu" ? qemu : uml;
  out += tail;
  out += fmt::format("  0) echo \"bisect: the case passes\" >&2; exit {} ;;\n", options.bad_is_pass ? 1 : 0);
  out += fmt::format(
      "  1) grep -q \"^$deviation \" \"$log\" || pass_over \"the case came to no verdict\"\n"
      "     echo \"bisect: the case deviates\" >&2; exit {} ;;\n",
      options.bad_is_pass ? 0 : 1);
  out += "  *) pass_over \"the case came to no verdict (status $status)\" ;;\nesac\n";
  return out;
}

}  // namespace ipcvet
