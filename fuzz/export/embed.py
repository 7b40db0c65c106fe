"""Writes a text file as a C++ string: embed.py IN OUT"""
import sys

source, target = sys.argv[1:]
with open(source, encoding="utf-8") as f:
    lines = f.read().splitlines()
with open(target, "w", encoding="utf-8") as f:
    f.write("namespace ipcvet::fuzz {\nextern const char *const c_prelude;\nconst char *const c_prelude =\n")
    for line in lines:
        f.write('  "' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"\n')
    f.write("  ;\n}\n")
