"""Counts the results in a Meson test log and prints `N passed, N failed, N skipped` as its last line.

usage: tally.py TESTLOG MESON-STATUS

Exits 1 if a test failed, if Meson itself reported a failure, or if nothing passed at all: no result is no success.
"""

import json
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}


def main() -> int:
    path, meson_status = sys.argv[1], int(sys.argv[2])
    passed = failed = skipped = 0
    try:
        with open(path, encoding="utf-8") as log:
            for line in log:
                result = json.loads(line)["result"]
                if result in PASSED:
                    passed += 1
                elif result in SKIPPED:
                    skipped += 1
                else:  # FAIL, ERROR, TIMEOUT, INTERRUPT, UNEXPECTEDPASS, and whatever may be added
                    failed += 1
    except (OSError, ValueError, KeyError) as error:
        print(f"no readable test log: {error}")
        failed += 1
    if meson_status != 0 and failed == 0:
        print(f"meson test ended with status {meson_status} without naming a failure")
        failed = 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if failed == 0 and passed > 0 else 1


sys.exit(main())
