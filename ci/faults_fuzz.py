"""Fuzzes systems with planted faults and tells which are found: the mutation score of the fuzzers.

usage: faults_fuzz.py IPCVET ACTOR IPCVET_FAULTS [--sample N] [--mechanism M] [--json FILE] [FAULT...]

IPCVET_FAULTS is ipcvet with the faults inside itself, for the sequential mode; ACTOR is ipcvet-actor-faults, for the other two.
Each fault is fuzzed by the target of its mechanism: a little sequentially, then with actors, concurrently, and
sequentially again if the fault bit there, until it is found or its time is used up. A deviation counts when the fault
bit and it is not there without it: neither the same seed nor its program shows it under the fault's base. Exits 0 if every
fault that is judged is found, else 1.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from faults import Fault, add_selection, finish, read_faults, score, selected

# The share of a fault's time, stage by stage.
STAGES = [("sequential", 0.05), ("actors", 0.5), ("concurrent", 0.25), ("sequential", 0.2)]
FIRST = re.compile(r"first with seed (\d+) at execution (\d+)\n  ipcvet run (\S+)")
COUNT = re.compile(r": (\d+) executions, .* in ([\d.]+) s")


def target_of(fault: Fault) -> str:
    return "process" if fault.mechanism == "signal" else fault.mechanism


class Fuzz:
    """One run of ipcvet fuzz: its deviations as (execution, file), how many programs it ran, how often the fault bit."""

    def __init__(
        self, options: argparse.Namespace, target: str, fault: str, mode: str, ends: list, directory: str, cases: str = "", seed: int = 1
    ) -> None:
        hits = pathlib.Path(directory) / "hits"
        hits.unlink(missing_ok=True)
        program = [options.ipcvet_faults] if mode == "sequential" else [options.ipcvet]
        command = [*program, "fuzz", target, "--mode", mode, "--seed", str(seed), "--output", directory, "--quiet", *ends]
        command += [] if mode == "sequential" else ["--actor", options.actor]
        cases = cases or options.cases
        command += ["--cases", cases] if cases else []
        child = subprocess.Popen(
            command, env=dict(os.environ, IPCVET_FAULT=fault, IPCVET_FAULT_HITS=str(hits)), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        text = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = used.ru_utime + used.ru_stime
        self.found = sorted((int(execution), file) for _, execution, file in FIRST.findall(text))
        self.hits = sum(int(line) for line in hits.read_text().split()) if hits.exists() else 0
        count = COUNT.search(text)
        # A fault can break the harness itself: then that is what finds it, if it does.
        self.executions = int(count[1]) if count else 0
        self.broken = child.returncode not in (0, 1)
        self.text = text


def is_shown(options: argparse.Namespace, target: str, fault: str, mode: str, file: str, times: int) -> bool:
    """Does the program of a case that was written deviate, run so many times?"""
    text = pathlib.Path(file).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="ipcvet-faults-") as directory:
        cases = pathlib.Path(directory) / "cases" / target
        cases.mkdir(parents=True)
        for i in range(times):
            copy = re.sub(r"^case  .*$", f"case  {target}/again-{i}", text, flags=re.M)
            (cases / f"again-{i}.ipc").write_text(copy, encoding="utf-8")
        ends = ["--runs", str(times), "--fail-fast"]
        return bool(Fuzz(options, target, fault, mode, ends, directory, str(cases.parent)).found)


def is_of_the_fault(options: argparse.Namespace, fault: Fault, mode: str, seed: int, execution: int, file: str) -> bool:
    """What races may take more than one run to show again. One process does the same with the same seed, and the name of a
    case is that of its kind of deviation."""
    target, times = target_of(fault), 10 if mode == "concurrent" else 2
    if mode != "sequential":
        return is_shown(options, target, fault.name, mode, file, times) and not is_shown(options, target, fault.base, mode, file, times)
    with tempfile.TemporaryDirectory(prefix="ipcvet-faults-") as directory:
        plain = Fuzz(options, target, fault.base, mode, ["--runs", str(execution + 1)], directory, seed=seed)
    return pathlib.Path(file).name not in [pathlib.Path(found).name for _, found in plain.found]


def ends_of(fault: Fault, mode: str, seconds: float) -> list:
    """The emulations deviate with actors by themselves, so that what is found first may be theirs."""
    alone = fault.base == "none" or mode == "sequential"
    return ["--time", f"{seconds:.1f}"] + (["--fail-fast"] if alone else [])


def look(options: argparse.Namespace, fault: Fault, mode: str, seconds: float, place: int, total: dict) -> dict:
    """One stage. What is found first and is not of the fault is passed over: then another seed has what time is left."""
    end, seed, result = time.monotonic() + seconds, 1000 * place + 1, {"bitten": False, "broken": ""}
    with tempfile.TemporaryDirectory(prefix="ipcvet-faults-") as directory:
        while (left := end - time.monotonic()) > 0.1:
            run = Fuzz(options, target_of(fault), fault.name, mode, ends_of(fault, mode, left), directory, seed=seed)
            total["cpu"] += run.cpu
            total["hits"] += run.hits
            result["bitten"] = result["bitten"] or run.hits > 0
            result["broken"] = run.text[-300:] if run.broken else result["broken"]
            for execution, file in run.found:
                if run.hits > 0 and is_of_the_fault(options, fault, mode, seed, execution, file):
                    total["executions"] += execution + 1
                    return {**result, "at": execution + 1, "file": pathlib.Path(file).read_text(encoding="utf-8")}
            total["executions"] += run.executions
            seed += 1
            if not run.found:
                break
    return result


def judge(options: argparse.Namespace, fault: Fault) -> dict:
    start, total = time.monotonic(), {"executions": 0, "cpu": 0.0, "hits": 0}
    bitten, broken = {}, ""
    for place, (mode, share) in enumerate(STAGES):
        # The emulated waiting needs somebody else, and what did not bite in one process at first hardly will.
        if mode == "sequential" and (fault.base == "waits" or not bitten.get(mode, True)):
            continue
        stage = look(options, fault, mode, max(options.seconds * share, 1.0), place, total)
        bitten[mode], broken = stage["bitten"], stage["broken"] or broken
        if "at" in stage:
            return {"result": "found", "target": target_of(fault), "mode": mode, "at": stage["at"],
                    "wall": time.monotonic() - start, "case": stage["file"], **total}  # fmt: skip
    result = "not found" if total["hits"] else "not reached"
    return {"result": result, "target": target_of(fault), "wall": time.monotonic() - start, "broken": broken, **total}


def controls(options: argparse.Namespace, faults: list) -> None:
    """A layer without a fault bites nowhere. Where nobody may make namespaces, there is no sequential mode."""
    for base, target in sorted({(fault.base, target_of(fault)) for fault in faults if fault.base != "waits"}):
        with tempfile.TemporaryDirectory(prefix="ipcvet-faults-") as directory:
            run = Fuzz(options, target, base, "sequential", ["--runs", "3000"], directory)
        if "namespaces cannot be made" in run.text:
            STAGES[:] = [(mode, share) for mode, share in STAGES if mode != "sequential"]
            print("no sequential mode: namespaces cannot be made here")
            return
        print(f"control `{base}`: {target} sequential, {run.executions} executions, {len(run.found)} deviations, {run.hits} hits")
        if run.hits or run.broken or run.executions == 0:
            sys.exit(f"the layer with no fault on is not neutral:\n{run.text}")


def tell(fault: Fault, result: dict) -> str:
    line = f"{result['result']:11}  {fault.mechanism:9}  {fault.name}"
    if result["result"] == "found":
        line += f"  by {result['target']} {result['mode']} after {result['at']} executions ({result['cpu']:.1f} s of CPU)"
    else:
        line += f"  {fault.brief} ({fault.requirement}; {result['executions']} executions, {result['cpu']:.1f} s of CPU"
        line += f", bit {result['hits']} times)"
    if result.get("broken"):
        line += f"  [the harness failed: {' '.join(result['broken'].split())}]"
    if not fault.judged:
        line += f"  [not judged: {fault.reason}]"
    return line


def by_mode(results: list) -> None:
    print(f"\n{'found in mode':16}{'faults':>7}{'median executions':>20}{'median CPU s':>14}")
    for mode in ("sequential", "actors", "concurrent"):
        mine = [r for f, r in results if f.judged and r["result"] == "found" and r["mode"] == mode]
        if mine:
            executions, cpu = (statistics.median(r[key] for r in mine) for key in ("at", "cpu"))
            print(f"{mode:16}{len(mine):7}{executions:20.0f}{cpu:14.1f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ipcvet")
    parser.add_argument("actor")
    parser.add_argument("ipcvet_faults")
    add_selection(parser)
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="leave out the first N of the chosen faults")
    parser.add_argument("--most", type=int, metavar="N", help="at most N faults")
    parser.add_argument("--seconds", type=float, default=60, help="for one fault, as long as it is not found (default 60)")
    parser.add_argument("--no-cases", action="store_true", help="begin with nothing, not with what cases of the mechanism do")
    parser.add_argument("--jobs", type=int, default=2, help="faults at the same time (default 2)")
    options = parser.parse_intermixed_args()
    faults = selected(read_faults(), options)[options.skip :][: options.most]
    start, results = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="ipcvet-nothing-") as nothing:
        options.cases = nothing if options.no_cases else ""
        controls(options, faults)
        with ThreadPoolExecutor(options.jobs) as pool:
            for fault, result in zip(faults, pool.map(lambda f: judge(options, f), faults)):
                results.append((fault, result))
                print(tell(fault, result), flush=True)
    missed = score(results)
    by_mode(results)
    finish(options, results, start)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
