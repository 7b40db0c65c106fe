"""Runs the cases against systems with planted faults and tells which are found: the mutation score.

usage: faults.py IPCVET ACTOR [--full] [--sample N] [--mechanism M] [--json FILE] [FAULT...]

ACTOR is ipcvet-actor-faults; what it can do wrong is in fuzz/faults/faults.def, with the requirement each fault breaks.
A fault counts as found when an instance that passes on the same actor without the fault does not pass with it, twice.
A fault that never bit is `not reached`, not `not found`. Each run ends at the first instance that finds the fault
unless --full is given, which tells how many do. Exits 0 if every fault that is judged is found, else 1.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from records import instance

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENTRY = re.compile(
    r'^(FAULT|UNJUDGED)\((\w+), "([^"]+)", (\w+), "([^"]+)", "((?:[^"\\]|\\.)*)"(?:,\s*"((?:[^"\\]|\\.)*)")?\)', re.M
)
FOLDERS = {"process": ["process", "signal"], "signal": ["signal", "process"], "pipe": ["pipe", "fifo"], "fifo": ["fifo", "pipe"]}
ALL = ["process", "signal", "pipe", "fifo", "sysv-msg", "sysv-shm", "posix-shm"]
GOOD = {"pass", "skip"}
CITED = {}
for path in sorted((ROOT / "cases").glob("*/*.ipc")):
    for cited in re.findall(r"^spec +(\S+)", path.read_text(encoding="utf-8"), re.M):
        CITED.setdefault(cited, []).append(f"{path.parent.name}/{path.stem}")


class Fault:
    def __init__(self, entry: tuple) -> None:
        kind, name, self.mechanism, base, self.requirement, self.brief, self.reason = entry
        self.name = name.replace("_", "-")
        self.base = {"PLAIN": "none"}.get(base, base.lower())
        self.judged = kind == "FAULT"


def read_faults() -> list:
    text = (ROOT / "fuzz/faults/faults.def").read_text(encoding="utf-8")
    faults = [Fault(entry) for entry in ENTRY.findall(text)]
    assert len(faults) == len(re.findall(r"^(?:FAULT|UNJUDGED)\(", text, re.M)), "an entry of faults.def is not understood"
    known = set()
    for file in (ROOT / "cases/requirements").glob("*.toml"):
        known |= set(re.findall(r'^id = "([^"]+)"', file.read_text(encoding="utf-8"), re.M))
    for fault in faults:
        if fault.requirement not in known:
            sys.exit(f"{fault.name} breaks {fault.requirement}, which is not in the catalogue")
    return faults


class Run:
    """One run of ipcvet with a fault on: what each instance came to, in order, and how often the fault bit."""

    def __init__(self, options: argparse.Namespace, fault: str, filters: list, fast: bool, limit: str) -> None:
        with tempfile.TemporaryDirectory(prefix="ipcvet-faults-") as directory:
            record, hits = pathlib.Path(directory) / "record.json", pathlib.Path(directory) / "hits"
            command = [options.ipcvet, "run", "--actor", options.actor, "--cases", str(ROOT / "cases"), "--json", str(record)]
            command += ["--quiet", "--timeout", limit, "--jobs", str(options.jobs)] + (["--fail-fast"] if fast else [])
            for pattern in filters:
                command += ["--filter", pattern]
            environment = dict(os.environ, IPCVET_FAULT=fault, IPCVET_FAULT_HITS=str(hits))
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            self.cases = {}
            self.hits = sum(int(line) for line in hits.read_text().split()) if hits.exists() else 0
            if record.exists():
                for case in json.loads(record.read_text(encoding="utf-8"))["cases"]:
                    self.cases[instance(case)] = case
            elif b"no case matches" not in done.stdout:
                sys.exit(f"{' '.join(command)}: no record (status {done.returncode})\n{done.stdout.decode()[-2000:]}")

    def failing(self) -> list:
        return [name for name, case in self.cases.items() if case["verdict"] not in GOOD]


def excluded(names: set) -> list:
    return sorted({"!" + re.sub(r"\[\d+\]$", "", name) for name in names})


def case_of(name: str) -> str:
    return re.sub(r"\[\d+\]$", "", name)


class Judge:
    def __init__(self, options: argparse.Namespace, faults: list) -> None:
        self.options = options
        self.base, self.suspects = {"none": set()}, []
        if options.controls and options.controls.exists():
            self.base = {base: set(names) for base, names in json.loads(options.controls.read_text()).items()}
        for base in sorted({fault.base for fault in faults} | {"none"}):
            if base in self.base and options.controls and options.controls.exists():
                continue
            run = Run(options, base, [], False, "10")
            self.base[base] = set(run.failing())
            print(f"control `{base}`: {len(run.cases)} instances, {len(self.base[base])} do not pass, {run.hits} hits")
            if run.hits != 0 or (base == "none" and self.base[base]):
                sys.exit(f"the layer with no fault on is not neutral: {sorted(self.base[base])}")
        if options.controls and not options.controls.exists():
            options.controls.write_text(json.dumps({base: sorted(names) for base, names in self.base.items()}))

    def confirmed(self, fault: Fault, name: str) -> bool:
        """Again, alone, and with a longer limit: a busy machine's time-out finds nothing."""
        again = Run(self.options, fault.name, [case_of(name)], False, "6")
        return again.hits != 0 and name in again.failing()

    def look(self, fault: Fault, patterns: list, fast: bool) -> tuple:
        run = Run(self.options, fault.name, patterns + excluded(self.base[fault.base]), fast, "2")
        executed = [name for name, case in run.cases.items() if case["verdict"] != "skip"]
        self.suspects = [name for name in run.failing() if name not in self.base[fault.base]]
        for name in self.suspects:
            if run.cases[name]["verdict"] != "fail" and not self.confirmed(fault, name):
                continue
            finders = [n for n in run.failing() if n not in self.base[fault.base]]
            return name, run.cases[name], executed.index(name) + 1, len(finders), len(executed), run.hits
        return None, None, 0, 0, len(executed), run.hits

    def stages(self, fault: Fault) -> list:
        """Which cases to run: those that cite the requirement, those of the mechanism, all others."""
        near = FOLDERS.get(fault.mechanism, [fault.mechanism])
        stages = [[folder + "/*" for folder in near], [folder + "/*" for folder in ALL if folder not in near]]
        stages = stages[:1] if self.options.near else stages
        return stages if self.options.full else [CITED.get(fault.requirement, []), *stages]

    def judge(self, fault: Fault) -> dict:
        before = hits = 0
        for patterns in self.stages(fault):
            if not patterns:
                continue
            for fast in (True, False) if not self.options.full else (False,):
                name, case, place, finders, executed, bites = self.look(fault, patterns, fast)
                hits += bites
                if name is not None or not self.suspects:
                    break
            if name is not None:
                return {
                    "result": "found", "by": name, "verdict": case["verdict"], "after": before + place,
                    "finders": finders, "executed": executed, "hits": hits,
                }  # fmt: skip
            before += executed
        return {"result": "not found" if hits else "not reached", "after": before, "hits": hits}


def tell(fault: Fault, result: dict, full: bool) -> str:
    line = f"{result['result']:11}  {fault.mechanism:9}  {fault.name}"
    if result["result"] == "found":
        line += f"  by {result['by']} ({result['verdict']}) after {result['after']} instances"
        if full:
            line += f"; {result['finders']} of {result['executed']} find it"
    else:
        line += f"  {fault.brief} ({fault.requirement}; {result['after']} instances, bit {result['hits']} times)"
    if not fault.judged:
        line += f"  [not judged: {fault.reason}]"
    return line


def score(results: list) -> int:
    print(f"\n{'mutation score':16}{'found':>7}{'judged':>8}{'share':>9}{'not judged':>12}{'not reached':>13}")
    missed = 0
    mechanisms = list(dict.fromkeys(fault.mechanism for fault, _ in results))
    for mechanism in [*mechanisms, None]:
        mine = [(f, r) for f, r in results if mechanism in (None, f.mechanism)]
        judged = [r["result"] for f, r in mine if f.judged]
        found, unreached = judged.count("found"), judged.count("not reached")
        missed += (len(judged) - found) if mechanism is None else 0
        share = f"{100 * found / len(judged):.1f} %" if judged else "-"
        print(f"{mechanism or 'all':16}{found:7}{len(judged):8}{share:>9}{len(mine) - len(judged):12}{unreached:13}")
    return missed


def finish(options: argparse.Namespace, results: list, start: float) -> None:
    print(f"{len(results)} faults in {time.monotonic() - start:.0f} s")
    if options.json:
        rows = [{"name": f.name, "mechanism": f.mechanism, "requirement": f.requirement, "judged": f.judged, **r} for f, r in results]
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def add_selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("faults", nargs="*", metavar="FAULT")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="every N-th fault only")
    parser.add_argument("--mechanism", action="append", help="faults of this mechanism only")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the results")


def selected(faults: list, options: argparse.Namespace) -> list:
    if options.faults:
        wanted = {name.replace("_", "-") for name in options.faults}
        if unknown := wanted - {fault.name for fault in faults}:
            sys.exit(f"no planted fault is called {', '.join(sorted(unknown))}")
        faults = [fault for fault in faults if fault.name in wanted]
    if options.mechanism:
        faults = [fault for fault in faults if fault.mechanism in options.mechanism]
    return faults[:: options.sample] if options.sample else faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ipcvet")
    parser.add_argument("actor")
    add_selection(parser)
    parser.add_argument("--full", action="store_true", help="run all cases of the mechanism, also after the first that finds it")
    parser.add_argument("--near", action="store_true", help="run no cases of other mechanisms")
    parser.add_argument("--controls", type=pathlib.Path, metavar="FILE", help="keep what the controls came to, and use it again")
    parser.add_argument("--jobs", type=int, default=4)
    options = parser.parse_intermixed_args()
    faults = selected(read_faults(), options)
    start = time.monotonic()
    judge = Judge(options, faults)
    results = []
    for fault in faults:
        results.append((fault, judge.judge(fault)))
        print(tell(*results[-1], options.full), flush=True)
    missed = score(results)
    finish(options, results, start)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
