#!/usr/bin/env python3
"""Writes the case files and the catalogue into a C++ file, so that ipcvet works from anywhere.

usage: embed.py CASES OUTPUT DEPFILE
The depfile names every file and folder read, so that ninja runs this again when a case appears, changes or goes."""
import os
import sys

folder, output, depfile = sys.argv[1:]
paths, seen = [], []
for base, folders, files in os.walk(folder):
    folders.sort()
    seen.append(base)
    paths += [os.path.join(base, name) for name in files if name.endswith((".ipc", ".toml"))]

MARK = "~ipcvet~"
PIECE = 8000  # compilers limit the length of one literal; neighbours are joined


def literal(data):
    if not data:
        return '""'
    pieces = [data[i:i + PIECE] for i in range(0, len(data), PIECE)]
    return "\n".join(f'R"{MARK}({piece}){MARK}"' for piece in pieces)


entries = []
for path in sorted(paths):
    with open(path, encoding="latin-1", newline="") as source:  # bytes as they are; the parser judges them
        text = source.read()
    name = os.path.relpath(path, folder)
    entries.append(f'    {{"{name}"sv,\n{literal(text)}sv}},\n')

with open(output, "w", encoding="latin-1", newline="") as target:
    target.write('// made by harness/case/embed.py\n#include "harness/case/embedded.h"\n\n')
    target.write("using namespace std::string_view_literals;\n\nnamespace ipcvet {\nnamespace {\n")
    target.write(f"const EmbeddedText texts[] = {{\n{''.join(entries)}    {{}}}};\n}}  // namespace\n\n")
    target.write(f"std::span<const EmbeddedText> embedded_texts() {{ return {{texts, {len(entries)}}}; }}\n")
    target.write("}  // namespace ipcvet\n")

with open(depfile, "w") as target:
    target.write(f"{output}: " + " ".join(p.replace(" ", "\\ ") for p in seen + sorted(paths)) + "\n")
