"""Prints what a JSON record says: verdicts by mechanism, and every instance that is neither pass nor skip.

usage: summary.py RECORD
"""

import collections
import json
import sys

from records import instance


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        record = json.load(file)
    table = collections.defaultdict(collections.Counter)
    others = []
    for case in record["cases"]:
        table[case["mechanism"]][case["verdict"]] += 1
        if case["verdict"] not in ("pass", "skip"):
            others.append(f"{case['verdict']:10}  {instance(case)}  {', '.join(r['id'] for r in case['requirements'])}")
    for mechanism in sorted(table):
        print(f"{mechanism:12}", ", ".join(f"{n} {verdict}" for verdict, n in table[mechanism].most_common()))
    print("\n".join(others))
    return 0


sys.exit(main())
