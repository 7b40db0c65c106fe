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
# JOBS        of make; LIMIT: seconds a boot may take before the commit is passed over
set -u
here=$(cd "$(dirname "$0")" && pwd)
IPCVET=${IPCVET:-$here/ipcvet}
JOBS=${JOBS:-$(nproc)}
LIMIT=${LIMIT:-600}
)sh";

constexpr const char *common = R"sh(
pass_over() { echo "bisect: $1: this commit is passed over" >&2; exit 125; }
[ -x "$IPCVET" ] || { echo "bisect: no static ipcvet at $IPCVET" >&2; exit 255; }
work=$(mktemp -d) || exit 255
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/proc" "$work/root/sys" "$work/root/dev" "$work/root/tmp" "$work/root/out"
cp "$IPCVET" "$work/root/ipcvet" || exit 255

# The first process of the machine: mounts, runs the case, tells the status, switches off.
cat >"$work/init.c" <<'EOF'
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
  mkdir("/dev/shm", 0755);
  mount("proc", "/proc", "proc", 0, 0);
  mount("sysfs", "/sys", "sysfs", 0, 0);
  mount("devtmpfs", "/dev", "devtmpfs", 0, 0);
  mkdir("/dev/shm", 0755);
  mkdir("/dev/mqueue", 0755);
  mount("tmpfs", "/dev/shm", "tmpfs", 0, 0);
  mount("mqueue", "/dev/mqueue", "mqueue", 0, 0);
  mount("tmpfs", "/tmp", "tmpfs", 0, 0);
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    char *environment[] = {"PATH=/", "NO_COLOR=1", 0};
    execle("/ipcvet", "ipcvet", "run", "--quiet", "--repeat", REPEAT, "--filter", FILTER, (char *)0, environment);
    _exit(127);
  }
  while (wait(&status) != child) {
  }
  printf("\nbisect-status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128);
  fflush(stdout);
  sync();
  reboot(RB_POWER_OFF);
}
EOF
)sh";

constexpr const char *uml = R"sh(
# User-Mode Linux: the kernel is a program, its root a folder.
if [ -n "${CONFIG:-}" ]; then sh -c "$CONFIG"; else make ARCH=um defconfig; fi >"$work/log" 2>&1 ||
  pass_over "it cannot be configured"
make ARCH=um olddefconfig >>"$work/log" 2>&1
make ARCH=um -j"$JOBS" linux >>"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; pass_over "it does not build"; }
timeout --kill-after=10 "$LIMIT" ./linux mem=1G rootfstype=hostfs "rootflags=$work/root" rw init=/init quiet \
  con=null con0=fd:0,fd:1 </dev/null >"$work/console" 2>&1 || true
)sh";

constexpr const char *qemu = R"sh(
# A virtual machine, everything in its initial file system.
arch=$(uname -m)
if [ -n "${CONFIG:-}" ]; then sh -c "$CONFIG"; else make defconfig; fi >"$work/log" 2>&1 || pass_over "it cannot be configured"
make olddefconfig >>"$work/log" 2>&1
make -j"$JOBS" >>"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; pass_over "it does not build"; }
case $arch in
  x86_64) image=arch/x86/boot/bzImage console=ttyS0 machine= ;;
  aarch64) image=arch/arm64/boot/Image console=ttyAMA0 machine="-machine virt -cpu max" ;;
  *) echo "bisect: say how to boot $arch" >&2; exit 255 ;;
esac
(cd "$work/root" && find . | cpio -o -H newc 2>/dev/null) >"$work/initrd" || exit 255
accel=; [ -w /dev/kvm ] && accel=-enable-kvm
# shellcheck disable=SC2086 # lists of words
timeout --kill-after=10 "$LIMIT" qemu-system-"$arch" $machine $accel -m 1G -smp 2 -nographic -no-reboot -kernel "$image" \
  -initrd "$work/initrd" -append "console=$console rdinit=/init quiet panic=-1" </dev/null >"$work/console" 2>&1 || true
)sh";

constexpr const char *tail = R"sh(
status=$(tr -d '\r' <"$work/console" | sed -n 's/^bisect-status //p' | tail -n 1)
[ -n "$status" ] || { tail -n 20 "$work/console" >&2; pass_over "it does not boot, or did not end in time"; }
sed -n '/^fail \|^timeout /p' "$work/console" >&2
deviation=fail
[ -z "${TIMEOUT_IS_BAD:-}" ] || deviation='\(fail\|timeout\)'
case $status in
)sh";

}  // namespace

std::string bisect_script(const BisectOptions &options) {
  std::string out = head;
  out += fmt::format("FILTER={}\nREPEAT={}\n", quoted(options.filter), options.repeat);
  out += common;
  out +=
      "${CC:-cc} -O1 -static -DREPEAT=\"\\\"$REPEAT\\\"\" -DFILTER=\"\\\"$FILTER\\\"\" -o \"$work/root/init\" "
      "\"$work/init.c\" || exit 255\n";
  out += options.boot == "qemu" ? qemu : uml;
  out += tail;
  out += fmt::format("  0) echo \"bisect: the case passes\" >&2; exit {} ;;\n", options.bad_is_pass ? 1 : 0);
  out += fmt::format(
      "  1) grep -q \"^$deviation \" \"$work/console\" || pass_over \"the case came to no verdict\"\n"
      "     echo \"bisect: the case deviates\" >&2; exit {} ;;\n",
      options.bad_is_pass ? 0 : 1);
  out += "  *) pass_over \"the case came to no verdict (status $status)\" ;;\nesac\n";
  return out;
}

}  // namespace ipcvet
