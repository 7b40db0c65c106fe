"""What records cost as they grow; the second part of ci/bench.

usage: bench_records.py PROGRAM [MOST]

A real run's cases, of mechanisms that move few bytes, are repeated under other names to 1,000, 10,000 and 100,000
instances. For each size: the processor time, which does not depend on what else the machine does, and the peak memory
of reading with histories, of reading and writing, of diff and of matrix over two records. Growth is the ratio of one
size to the one before; ten times the instances should take about ten times as long.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

MIB = 1024 * 1024
SIZES = (1_000, 10_000, 100_000)


def measure(*command):
    """Processor seconds, elapsed seconds and peak bytes of a command; its statuses 0 and 1 are both results."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command}: status {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss * 1024


def grown(record, lines, size, path, broken):
    """A record of `size` instances, one a line as ipcvet writes them; every `broken`-th fails."""
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"schema": "ipcvet/record/1",\n"system": ' + json.dumps(record["system"]) + ',\n"summary": {},\n"cases": [\n')
        for i in range(size):
            case = lines[i % len(lines)]
            text = '{"id":"' + f"{case['id']}-{i // len(lines)}" + '",' + case["rest"]
            if i % broken == 0:
                text = text.replace('"verdict":"pass"', '"verdict":"fail"', 1)
            file.write((",\n" if i else "") + text)
        file.write("\n]}\n")


def main():
    program = sys.argv[1]
    most = int(sys.argv[2]) if len(sys.argv) > 2 else SIZES[-1]
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        directory = pathlib.Path(directory)
        source = directory / "source.json"
        subprocess.run([program, "run", "--quiet", "--json", source, "--filter", "signal/*", "--filter", "sysv-shm/*",
                        "--filter", "fifo/*", "--filter", "!*/stress*"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        record = json.loads(source.read_text(encoding="utf-8"))
        lines = []
        for case in record["cases"]:
            name = case.pop("id")
            lines.append({"id": name, "rest": json.dumps(case, separators=(",", ":"))[1:]})
        before = {}
        print("== records as they grow")
        for size in (s for s in SIZES if s <= most):
            old, new, out = directory / "old.json", directory / "new.json", directory / "out.json"
            grown(record, lines, size, old, 10)
            grown(record, lines, size, new, 9)
            print(f"  {size} instances, {os.path.getsize(old) / MIB:.1f} MiB")
            for name, command in {
                "reading": [program, "report", old, "--annotations", "/dev/null"],
                "reading and writing": [program, "report", old, "--json", out],
                "diff": [program, "diff", "--quiet", old, new],
                "matrix": [program, "matrix", "--quiet", "--by", "case", old, new],
            }.items():
                seconds, elapsed, peak = measure(*command)
                growth = f"  growth {seconds / before[name][0]:.1f}x time, {peak / before[name][1]:.1f}x memory" if name in before else ""
                print(f"    {name:20} {seconds:8.2f} s ({elapsed:.2f} s elapsed)  {peak / MIB:7.0f} MiB{growth}", flush=True)
                before[name] = (seconds, peak)
    return 0


sys.exit(main())
