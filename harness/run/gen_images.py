#!/usr/bin/env python3
"""Writes an assembler file that carries actor programs: name=path pairs; a name without a path gets an empty image."""
import os
import sys

target, *pairs = sys.argv[1:]
lines = ["/* made by gen_images.py */", ".section .rodata"]
for pair in pairs:
    name, _, path = pair.partition("=")
    lines += [f".global ipcvet_image_{name}", f".global ipcvet_image_{name}_end", ".balign 16", f"ipcvet_image_{name}:"]
    if path:
        lines.append(f'.incbin "{os.path.abspath(path)}"')
    lines += [f"ipcvet_image_{name}_end:", ".byte 0"]
lines.append('.section .note.GNU-stack,"",%progbits')
with open(target, "w") as out:
    out.write("\n".join(lines) + "\n")
