#!/usr/bin/env python3
"""Writes the baselines of a folder into a C++ file, so that ipcvet knows them by name anywhere.

usage: embed.py OUTPUT BASELINE.toml..."""
import pathlib
import sys

output, paths = sys.argv[1], sys.argv[2:]
MARK = "~ipcvet~"
PIECE = 8000  # compilers limit the length of one literal; neighbours are joined


def literal(text):
    pieces = [text[i:i + PIECE] for i in range(0, len(text), PIECE)] or [""]
    return "\n".join(f'R"{MARK}({piece}){MARK}"' for piece in pieces)


entries = "".join(f'    {{"{pathlib.Path(p).stem}",\n{literal(pathlib.Path(p).read_text(encoding="utf-8"))}}},\n'
                  for p in sorted(paths))
pathlib.Path(output).write_text(
    '// made by reports/embed.py\n#include "reports/baselines.h"\n\nnamespace ipcvet {\n\n'
    'const std::vector<EmbeddedBaseline> &embedded_baselines() {\n'
    f'  static const std::vector<EmbeddedBaseline> all = {{\n{entries}  }};\n  return all;\n}}\n\n}}  // namespace ipcvet\n',
    encoding="utf-8")
