"""Behind ci/mutants: builds a User-Mode Linux with switchable faults and runs the cases against a sample of them."""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import mutate_kernel

# Whose cases run first; the others run where these notice nothing and --all is given.
CASES = {
    "ipc/msg.c": ["sysv-msg"], "ipc/msgutil.c": ["sysv-msg"], "ipc/shm.c": ["sysv-shm"], "ipc/util.c": ["sysv-msg", "sysv-shm"],
    "ipc/namespace.c": ["sysv-msg", "sysv-shm"], "fs/pipe.c": ["pipe", "fifo"], "fs/splice.c": ["pipe"],
    "kernel/signal.c": ["signal", "process"], "kernel/exit.c": ["process", "signal"], "kernel/fork.c": ["process", "signal", "posix-shm"],
    "kernel/sys.c": ["process", "signal"], "kernel/cred.c": ["process", "signal"], "kernel/pid.c": ["process", "signal"],
    "fs/exec.c": ["process", "signal"], "fs/file.c": ["pipe", "fifo", "process"], "fs/select.c": ["pipe", "fifo"],
    "fs/eventpoll.c": ["pipe", "fifo"], "fs/fcntl.c": ["pipe", "fifo", "signal"], "kernel/groups.c": ["process", "fifo"],
    "kernel/futex/waitwake.c": ["process", "signal"],
}  # fmt: skip
# Of the others: names, and shared memory.
OTHER_CASES = {"fs": ["fifo", "posix-shm", "pipe"], "mm": ["posix-shm", "sysv-shm"]}
# What the kernel for User-Mode Linux does not need for any case, and takes long to build.
WITHOUT = """NETFILTER WIRELESS SOUND USB BT DRM MEDIA_SUPPORT INPUT IPV6 MPTCP EXT4_FS BTRFS_FS XFS_FS NFS_FS NFSD CIFS FUSE_FS
OVERLAY_FS FSCACHE QUOTA BLK_DEV_DM BLK_DEV_MD SCSI ATA MODULES FTRACE PROFILING KPROBES DEBUG_INFO DEBUG_KERNEL GCOV_KERNEL
BRIDGE NET_SCHED IP_ADVANCED_ROUTER UML_NET_VDE UML_NET_VECTOR SECURITY_SELINUX SECURITY_APPARMOR SECURITY_TOMOYO WERROR""".split()


def say(text):
    print("==", text, flush=True)


def make(source, *words, log):
    command = ["make", "-C", str(source), "ARCH=um", "KCFLAGS=-w", f"CC={os.environ.get('CC', 'gcc')}", *words]
    with open(log, "w") as out:
        return subprocess.run(command, stdout=out, stderr=subprocess.STDOUT).returncode == 0


def configure(source, log):
    config = subprocess.run(["linux", "--showconfig"], capture_output=True, text=True, check=True).stdout
    config = re.sub(r"^CONFIG_\w+=m$", "", config, flags=re.M)
    config = re.sub(rf"^CONFIG_({'|'.join(WITHOUT)})=.*$", "", config, flags=re.M)
    (source / ".config").write_text(config + "".join(f"# CONFIG_{name} is not set\n" for name in WITHOUT))
    if not make(source, "olddefconfig", log=log):
        raise SystemExit(f"the kernel's configuration failed: {log}")


# What is never reached now is linked, too; it has nothing behind it in this configuration.
def add_stubs(source, log):
    missing = sorted(set(re.findall(r"undefined reference to `(\w+)'", Path(log).read_text())))
    stubs = "".join(f"long {name}(void);\nlong {name}(void) {{ return 0; }}\n" for name in missing)
    (source / "kernel/ipcvet_stubs.c").write_text(stubs)
    makefile = source / "kernel/Makefile"
    if "ipcvet_stubs" not in makefile.read_text():
        makefile.write_text(makefile.read_text() + "obj-y += ipcvet_stubs.o\n")
    return missing


def build(folder, archive):
    kernel, places = folder / "linux", folder / "places.json"
    if kernel.exists() and places.exists():
        return kernel, json.loads(places.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / Path(archive).name.split(".tar")[0]
    subprocess.run(["rm", "-rf", str(source)], check=True)
    say(f"unpacking {Path(archive).name}")
    subprocess.run(["tar", "-C", str(folder), "-xf", archive], check=True)
    made = mutate_kernel.mutate(source, folder / "places.made")
    say(f"{len(made)} places in {len({p['file'] for p in made})} files; building the kernel")
    log = folder / "build.log"
    configure(source, log)
    jobs = f"-j{os.cpu_count()}"
    if not make(source, jobs, "linux", log=log) and (not add_stubs(source, log) or not make(source, jobs, "linux", log=log)):
        raise SystemExit(f"the kernel does not build: {log}")
    (source / "linux").rename(kernel)
    (folder / "places.made").rename(places)
    subprocess.run(["rm", "-rf", str(source)], check=True)
    return kernel, made


class Runs:
    def __init__(self, ipcvet, kernel, folder):
        self.ipcvet, self.kernel, self.folder = str(Path(ipcvet).resolve()), kernel.resolve(), folder
        self.known = []  # what fails without a fault

    def run(self, name, groups, *words, environment):
        record = self.folder / f"{name}.json"
        record.unlink(missing_ok=True)
        command = [self.ipcvet, "run", "--on", f"uml:{self.kernel}", "--program", self.ipcvet, "--quiet", "--timeout", "10",
                   "--target-limit", "40", "--json", str(record), *words]  # fmt: skip
        for group in groups:
            command += ["--filter", f"{group}/*"]
        for case in self.known:
            command += ["--filter", f"!{case}"]
        done = subprocess.run(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return done.returncode, record, done.stdout + done.stderr

    # Which ways every place went when all cases ran.
    def reach(self):
        went = self.folder / "went"
        went.unlink(missing_ok=True)
        _, record, text = self.run("reach", [], environment={"IPCVET_WENT": str(went.resolve())})
        if not went.exists():
            raise SystemExit("the cases did not run to their end without a fault:\n" + text)
        rows = json.loads(record.read_text())["cases"]
        self.known = sorted({r["id"] + "*" for r in rows if r["verdict"] not in ("pass", "skip", "observe")})
        return went.read_bytes()

    # How a fault was noticed, or "".
    def notice(self, fault, groups):
        code, record, text = self.run(f"fault-{fault}", groups, "--fail-fast", environment={"IPCVET_KERNEL_FAULT": str(fault)})
        record.unlink(missing_ok=True)
        if code == 0:
            return ""
        told = re.search(r"^(?:fail|timeout|error) .*|^target .*", text, flags=re.M)
        return " ".join(told.group(0).split())[:150] if told else f"exit status {code}"


# The faults of a place that can make a difference in what the cases reach: each has a number.
def faults_of(number, place, went):
    both = went == 3
    if place["kind"] == "if":
        return [2 * number] * bool(went & 2) + [2 * number + 1] * bool(went & 1)
    if place["kind"] in ("part", "relation"):
        return [2 * number] if both or (went & 2 and place["kind"] == "relation") else []
    return [2 * number] if went else []


def describe(place, fault):
    what = ("is always true" if fault & 1 else "is always false") if place["kind"] == "if" else place["kind"]
    other = f", {place['other']}" if place["other"] else ""
    return f"{place['file']}:{place['line']} {place['function']}(): {place['text'][:100]}: {what}{other}"


def groups_of(file):
    return CASES.get(file) or OTHER_CASES[file.split("/")[0]]


def main():
    p = argparse.ArgumentParser(prog="ci/mutants", description=__doc__)
    p.add_argument("ipcvet")
    p.add_argument("archive")
    p.add_argument("--folder", type=Path, default=Path("build-mutants"))
    p.add_argument("--files", help="only places in these files, joined by commas", default="")
    p.add_argument("--sample", type=int, default=100, help="how many faults (100)")
    p.add_argument("--seed", type=int, default=1, help="which ones (1)")
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--json", type=Path)
    given = p.parse_args()

    kernel, places = build(given.folder, given.archive)
    runs = Runs(given.ipcvet, kernel, given.folder)
    say("running all cases without a fault")
    went = runs.reach()
    files = set(filter(None, given.files.split(",")))
    chosen = [
        (fault, place)
        for number, place in enumerate(places, 1)
        if not files or place["file"] in files
        for fault in faults_of(number, place, went[number])
    ]
    unreached = sum(1 for number in range(1, len(places) + 1) if not went[number])
    say(f"{len(chosen)} faults that could show; {unreached} of {len(places)} places are reached by no case")
    random.Random(given.seed).shuffle(chosen)
    waiting, rows, lock = chosen[: given.sample][::-1], [], threading.Lock()

    def work():
        while True:
            with lock:
                if not waiting:
                    return
                fault, place = waiting.pop()
            how = runs.notice(fault, groups_of(place["file"]))
            with lock:
                rows.append({"fault": fault, **place, "noticed": how})
                print(("noticed    " if how else "unnoticed  ") + describe(place, fault) + (f"\n           {how}" if how else ""), flush=True)

    workers = [threading.Thread(target=work) for _ in range(given.jobs)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    noticed = Counter(r["file"] for r in rows if r["noticed"])
    for file, n in sorted(Counter(r["file"] for r in rows).items()):
        print(f"{file:28} {noticed[file]:4} of {n:4}")
    share = 100 * sum(noticed.values()) / max(1, len(rows))
    print(f"{sum(noticed.values())} of {len(rows)} faults noticed ({share:.0f} %); of the others many change nothing that a program could see")
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
