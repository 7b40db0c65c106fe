#!/usr/bin/env python3
"""Joins the viewer's scripts and styles into one of each, and writes them with their hashes as C++.

usage: pack.py OUTPUT FILE...      scripts (*.js) and styles (*.css) in the order they are to have

The scripts become one strict scope, so they share functions and put nothing into the page's global one."""
import base64
import hashlib
import pathlib
import sys

output, *files = sys.argv[1:]
MARK = "~viewer~"
PIECE = 8000  # compilers limit the length of one literal; neighbours are joined


def joined(ending):
    return "".join(pathlib.Path(name).read_text(encoding="utf-8") for name in files if name.endswith(ending))


def literal(text):
    data = text.encode("utf-8").decode("latin-1")  # cut between bytes; the compiler joins them again
    pieces = [data[i:i + PIECE] for i in range(0, len(data), PIECE)]
    return "\n".join(f'R"{MARK}({piece}){MARK}"' for piece in pieces)


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


script = '\n"use strict";\n{\n' + joined(".js") + "}\n"
style = "\n" + joined(".css")
for text in (script, style):
    if "</script" in text.lower() or "</style" in text.lower() or "<!--" in text or "\r" in text:
        sys.exit("pack.py: a viewer's source would end its own element")

with open(output, "w", encoding="latin-1", newline="") as target:
    target.write('// made by reports/viewer/pack.py\n#include "reports/viewer/assets.h"\n\n')
    target.write('#pragma GCC diagnostic ignored "-Woverlength-strings"\n\nnamespace ipcvet {\n')
    for name, text in (("script", script), ("style", style)):
        target.write(f"const std::string_view page_{name} = {literal(text)};\n")
        target.write(f'const std::string_view page_{name}_hash = "sha256-{digest(text)}";\n')
    target.write("}  // namespace ipcvet\n")
