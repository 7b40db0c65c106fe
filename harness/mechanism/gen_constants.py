#!/usr/bin/env python3
"""Turns constants.def into a list that any C or C++ file can include: a constant the headers lack
becomes U(name, group) instead of V(name, group, value), which the preprocessor alone cannot do from one X-macro line."""
import re
import sys

source, target = sys.argv[1:]
lines = ["/* made from constants.def by gen_constants.py */"]
for name, group in re.findall(r"^C\((\w+), (\w+)\)$", open(source).read(), re.M):
    lines += [f"#ifdef {name}", f"V({name}, {group}, {name})", "#else", f"U({name}, {group})", "#endif"]
open(target, "w").write("\n".join(lines) + "\n#undef V\n#undef U\n")
