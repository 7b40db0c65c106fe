"""Changes a kernel's source so that each of many small faults in it can be switched on when it boots.

One build holds all of them (mutant schemata): a condition becomes an expression that asks whether its fault is on. What
is changed: a condition is always false or always true; one part of an `&&` or `||` is left out; `<` becomes `<=` and so
on; an error is another one; a returned 0 is 1; an assignment or a call of a line of its own is left out. Every place also
notes which ways it went, so that faults in what no case reaches need not be run.
"""
import json
import re
from pathlib import Path

# File: which of its functions; what these say of System V objects, pipes, signals, processes, memory and names.
SCOPE = {
    "fs/pipe.c": ".*", "fs/splice.c": ".*", "fs/fcntl.c": ".*", "fs/file.c": ".*", "fs/select.c": ".*",
    "fs/eventpoll.c": ".*", "fs/read_write.c": ".*", "fs/open.c": ".*", "fs/attr.c": ".*", "fs/stat.c": ".*",
    "fs/namei.c": r"may_.*|do_(mknod|unlink|link|rename|mkdir|symlink)at2?|do_rmdir|vfs_.*|path_openat|do_open|"
                  r"open_last_lookups|lookup_open|generic_permission|acl_permission_check|handle_truncate|filename_create",
    "fs/exec.c": r"begin_new_exec|de_thread|bprm_.*|do_execveat_common|do_open_execat|exec_mmap|check_unsafe_exec",
    "ipc/msg.c": ".*", "ipc/msgutil.c": ".*", "ipc/shm.c": ".*", "ipc/util.c": ".*", "ipc/namespace.c": ".*",
    "kernel/signal.c": ".*", "kernel/exit.c": ".*", "kernel/groups.c": ".*", "kernel/pid.c": ".*",
    "kernel/fork.c": r"copy_(sighand|signal|files|fs|process|mm)|dup_mmap|dup_mm|kernel_clone|.*vfork.*|.*mm_release",
    "kernel/cred.c": r"commit_creds|prepare_.*|copy_creds",
    "kernel/sys.c": r".*(pgid|pgrp|sid|setres[ug]id|rlimit|umask|getppid|getpid|prctl).*",
    "kernel/futex/waitwake.c": ".*",
    "mm/shmem.c": r"_*shmem_.*", "mm/memfd.c": ".*", "mm/mremap.c": ".*", "mm/msync.c": ".*",
    "mm/mprotect.c": r"do_mprotect.*|mprotect_fixup", "mm/madvise.c": r"madvise_.*|do_madvise",
    "mm/mmap.c": r"do_mmap|ksys_mmap_pgoff|do_v?m.*munmap|mmap_region|split_vma|may_expand_vm|file_mmap_ok",
}  # fmt: skip

# What instead: an error that a caller would treat otherwise.
OTHER_ERROR = {
    "EINVAL": "EPERM", "EPERM": "EACCES", "EACCES": "EPERM", "EBADF": "EINVAL", "EFAULT": "EINVAL", "ENOENT": "EINVAL",
    "EEXIST": "EINVAL", "EAGAIN": "EINTR", "EINTR": "EAGAIN", "ESRCH": "EPERM", "ECHILD": "EINVAL", "EIDRM": "EINVAL",
    "E2BIG": "EINVAL", "ENOMSG": "EAGAIN", "ENOSPC": "ENOMEM", "EPIPE": "EIO", "ENXIO": "ENODEV", "ESPIPE": "EINVAL",
    "EMFILE": "ENFILE", "EBUSY": "EPERM", "ENOTDIR": "ENOENT", "EISDIR": "EACCES", "EOVERFLOW": "EINVAL",
    "ERESTARTSYS": "EINTR", "ERESTARTNOHAND": "EINTR", "ENAMETOOLONG": "ENOENT",
}  # fmt: skip
OTHER_RELATION = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
OTHER_RESULT = {"0": "1", "1": "0", "true": "false", "false": "true"}

# Locking, accounting and what only checks the kernel itself: leaving these out is seen, if at all, as a crash.
DULL_CALL = re.compile(
    r"(BUG|WARN|VM_|rcu|lockdep|might|trace|audit|spin|raw_spin|read_|write_|mutex|down_|up_|mmap_|k?v?free|f?put|smp|"
    r"preempt|cond_resched|local|task_|d?put|path_put|security|fsnotify|count|pr_|print|acct|sched|cgroup|perf|mem(cg|_cgroup)|"
    r"unlock|lock|inode_(un)?lock|i_mmap|tlb|flush|folio|page|INIT|init|debug|k[am]san|refcount|atomic|get_|pid_|h?list|"
    r"set_current_state|__set_current_state|add_wait|finish_wait|schedule)"
)
HAS_EFFECT = re.compile(r"[^=!<>]=[^=]|\+\+|--")
CALLS = re.compile(r"\b(?!likely\b|unlikely\b|sizeof\b)\w+\(")

HEADER = """#ifndef IPCVET_FAULTS_H
#define IPCVET_FAULTS_H
#include <linux/compiler_types.h>
#include <linux/build_bug.h>
/* What is never reached must compile now. */
#undef compiletime_assert
#define compiletime_assert(...) do {{ }} while (0)
#undef BUILD_BUG
#define BUILD_BUG() do {{ }} while (0)
#define IPCVET_PLACES {places}
extern int ipcvet_fault;
extern unsigned char ipcvet_went[IPCVET_PLACES];
#define IPCVET_IF(n, c) ({{ int c_ = !!(c); ipcvet_went[n] |= 1 << c_; \\
  ipcvet_fault == 2 * (n) ? 0 : ipcvet_fault == 2 * (n) + 1 ? 1 : c_; }})
#define IPCVET_PART(n, without, p) ({{ int p_ = !!(p); ipcvet_went[n] |= 1 << p_; \\
  ipcvet_fault == 2 * (n) ? (without) : p_; }})
#define IPCVET_RELATION(n, c, other) ({{ int r_ = !!(c); ipcvet_went[n] |= r_ == !!(other) ? 1 : 2; \\
  ipcvet_fault == 2 * (n) ? !!(other) : r_; }})
#define IPCVET_VALUE(n, v, other) ({{ ipcvet_went[n] |= 1; ipcvet_fault == 2 * (n) ? (other) : (v); }})
#define IPCVET_DO(n, ...) do {{ ipcvet_went[n] |= 1; if (ipcvet_fault != 2 * (n)) {{ __VA_ARGS__ }} }} while (0);
#endif
"""


def closing(text, start):
    """Where the parenthesis at `start` ends, or -1."""
    depth, quote, i = 0, "", start
    while i < len(text):
        c = text[i]
        if quote:
            if c == "\\":
                i += 1
            elif c == quote:
                quote = ""
        elif c in "\"'":
            quote = c
        elif c in "()":
            depth += 1 if c == "(" else -1
            if depth == 0:
                return i
        i += 1
    return -1


def parts_of(condition):
    """The operands of a condition that is one row of `&&` or of `||`, and the operator; or none."""
    depth, last, operators, parts = 0, 0, [], []
    i = 0
    while i < len(condition) - 1:
        if condition[i] in "([":
            depth += 1
        elif condition[i] in ")]":
            depth -= 1
        elif depth == 0 and condition[i : i + 2] in ("&&", "||"):
            operators.append(condition[i : i + 2])
            parts.append(condition[last:i].strip())
            last = i + 2
            i += 1
        i += 1
    parts.append(condition[last:].strip())
    simple = len(set(operators)) == 1 and "?" not in condition and not any(HAS_EFFECT.search(p) for p in parts)
    return (parts, operators[0]) if simple else ([], "")


class Mutator:
    def __init__(self, source):
        self.source = Path(source)
        self.places = []

    def place(self, kind, line, text, other=""):
        self.places.append({"kind": kind, "file": self.file, "function": self.function, "line": line,
                            "text": " ".join(text.split()), "other": " ".join(other.split())})  # fmt: skip
        return len(self.places)

    def condition(self, text, line):
        whole = self.place("if", line, text)
        inner = text
        parts, operator = parts_of(text)
        if parts:
            neutral = 1 if operator == "&&" else 0
            inner = f" {operator} ".join(
                f"IPCVET_PART({self.place('part', line, text, p)}, {neutral}, {p})" for p in parts
            )
        else:
            relations = list(re.finditer(r" (<=?|>=?) ", text))
            if len(relations) == 1 and not CALLS.search(text) and not HAS_EFFECT.search(text) and "<<" not in text:
                r = relations[0]
                other = f"{text[: r.start()]} {OTHER_RELATION[r.group(1)]} {text[r.end() :]}"
                inner = f"IPCVET_RELATION({self.place('relation', line, text, other)}, ({text}), ({other}))"
        return f"IPCVET_IF({whole}, ({inner}))"

    def statement(self, line, text):
        """Another text for a line that is a statement of its own, or None."""
        m = re.fullmatch(r"((?:return|[\w>.\-]+(?: \w+)? =) )-(E[A-Z0-9]+);", text)
        if m:
            if m.group(2) not in OTHER_ERROR:
                return None
            n = self.place("error", line, text, OTHER_ERROR[m.group(2)])
            return f"{m.group(1)}IPCVET_VALUE({n}, -{m.group(2)}, -{OTHER_ERROR[m.group(2)]});"
        m = re.fullmatch(r"return (0|1|true|false);", text)
        if m:
            return f"return IPCVET_VALUE({self.place('result', line, text)}, {m.group(1)}, {OTHER_RESULT[m.group(1)]});"
        balanced = text.count("(") == text.count(")")
        assigns = re.fullmatch(
            r"[\w>.\[\]()*\-]+ [|&+\-]?= [^=].*;|(\+\+|--)[\w>.\[\]()*\-]+;|[\w>.\[\]()*\-]+(\+\+|--);", text
        )
        calls = re.fullmatch(r"[a-z_]\w*\(.*\);", text) and not re.match(r"(return|sizeof)\b", text)
        if balanced and (assigns or calls) and not re.match(r"(return|goto|break|continue)\b", text):
            if not (calls and DULL_CALL.match(text)):
                return f"IPCVET_DO({self.place('left out', line, text)}, {text})"
        return None

    def body(self, text, first_line):
        """`text` begins with the opening brace; comments are blanked in a copy, so that places stay where they are."""
        blank = re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)
        edits, directive, before, at = [], False, "", 0
        dead = []
        for line in blank.split("\n"):
            if directive or line.lstrip().startswith("#"):
                dead.append((at, at + len(line)))
                directive = line.endswith("\\")
            at += len(line) + 1
        is_dead = lambda i: any(a <= i < b for a, b in dead)
        for m in re.finditer(r"\bif \(", blank):
            end = closing(blank, m.end() - 1)
            condition = blank[m.end() : end]
            if end < 0 or is_dead(m.start()) or re.search(r"#|IS_ENABLED|__builtin|BUG|WARN", condition):
                continue
            edits.append((m.end(), end, self.condition(condition, first_line + blank[: m.start()].count("\n"))))
        taken = [(a, b) for a, b, _ in edits]
        at = 0
        for number, line in enumerate(blank.split("\n")):
            start, at = at, at + len(line) + 1
            stripped, previous = line.strip(), before
            before = stripped or before
            whole = not previous or previous[-1] in ";{}" or re.match(r"(case .*|default|\w+):$|(\} )?else\b|if \(|for \(|while \(|do$", previous)
            if not stripped or not whole or is_dead(start) or re.match(r"[A-Z_0-9]+\(", stripped):
                continue
            if any(a <= start + len(line) - 1 and start < b for a, b in taken):
                continue
            changed = self.statement(first_line + number, stripped)
            if changed:
                edits.append((start + len(line) - len(line.lstrip()), start + len(line), changed))
        out, last = [], 0
        for a, b, new in sorted(edits):
            out += [text[last:a], new]
            last = b
        return "".join(out) + text[last:]

    def change(self, file, functions):
        self.file = file
        path = self.source / file
        lines, out, i = path.read_text().replace("\f", "").split("\n"), [], 0
        while i < len(lines):
            if lines[i] != "{":
                out.append(lines[i])
                i += 1
                continue
            end = next((j for j in range(i, len(lines)) if lines[j] == "}"), len(lines))
            head = []
            for line in reversed(lines[:i]):
                if not line.strip() or line[0] in "}#" or line.rstrip().endswith((";", "*/")):
                    break
                head.insert(0, line)
            head = " ".join(head)
            call = re.search(r"SYSCALL_DEFINE\d\((\w+)", head)
            name = re.search(r"(\w+)\s*\(", head)
            self.function = call.group(1) if call else name.group(1) if name else ""
            skipped = re.search(r"__init|COMPAT|compat|define", head)
            text = "\n".join(lines[i:end])
            if self.function and not skipped and (call or re.fullmatch(functions, self.function)):
                text = self.body(text, i + 1)
            out += text.split("\n")
            i = end
        path.write_text(f'#include <linux/ipcvet_faults.h>\n#line 1 "{file}"\n' + "\n".join(out))

    def change_all(self):
        for file, functions in SCOPE.items():
            if (self.source / file).exists():
                self.change(file, functions)
        header = HEADER.format(places=len(self.places) + 2)
        (self.source / "include/linux/ipcvet_faults.h").write_text(header)
        return self.places


def put_after(path, anchor, text):
    source = path.read_text()
    if source.count(anchor) < 1:
        raise SystemExit(f"{path}: this kernel is not as expected: there is no {anchor!r}")
    path.write_text(source.replace(anchor, anchor + text, 1))


def add_switch(source):
    """The fault is chosen by the environment of the kernel's process; it is on once init runs."""
    main = Path(source) / "init/main.c"
    put_after(main, "#include <linux/init.h>\n", """#include <linux/ipcvet_faults.h>
int ipcvet_fault = -1, ipcvet_wanted = -1;
unsigned char ipcvet_went[IPCVET_PLACES];
int ipcvet_places(void);
int ipcvet_places(void) { return IPCVET_PLACES; }
""")  # fmt: skip
    put_after(main, "\tdo_sysctl_args();\n", "\tmemset(ipcvet_went, 0, sizeof ipcvet_went);\n\tipcvet_fault = ipcvet_wanted;\n")
    um = Path(source) / "arch/um/os-Linux/main.c"
    put_after(um, "#include <stdlib.h>\n", "#include <fcntl.h>\n")
    put_after(um, "extern void scan_elf_aux( char **envp);\n", """
extern int ipcvet_wanted, ipcvet_places(void);
extern unsigned char ipcvet_went[];
static void ipcvet_tell(void)
{
	const char *file = getenv("IPCVET_WENT");
	int fd = file ? open(file, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
	if (fd >= 0 && write(fd, ipcvet_went, ipcvet_places()) >= 0)
		close(fd);
}
""")  # fmt: skip
    put_after(um, "\tset_stklim();\n", '\tif (getenv("IPCVET_KERNEL_FAULT"))\n\t\tipcvet_wanted = atoi(getenv("IPCVET_KERNEL_FAULT"));\n')
    put_after(um, "\tret = linux_main(argc, argv);\n", "\tipcvet_tell();\n")


def mutate(source, places_file):
    places = Mutator(source).change_all()
    add_switch(source)
    Path(places_file).write_text(json.dumps(places))
    return places
