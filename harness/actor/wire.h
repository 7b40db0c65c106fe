/* The wire between ipcvet and its actors: one shared memory area a worker, fixed-width fields only, so
 * that 32-bit and 64-bit images, glibc's and musl's, agree on it byte by byte. Its byte order is that of the ipcvet
 * that made the area; actors of the other order convert (order.h). C11 and C++23 both read it.
 *
 * Hand-off: the caller writes a request into a slot, stores the next number to `request` (release) and
 * wakes it as a futex; the actor performs it, writes the answer, stores the same number to `answer` (release),
 * adds one to the area's `bell` and wakes that. All words are accessed with __atomic builtins. The futexes are
 * process-shared (no FUTEX_PRIVATE_FLAG). */
#ifndef IPCVET_WIRE_H
#define IPCVET_WIRE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  WIRE_MAGIC = 0x69706376, /* "ipcv" */
  WIRE_VERSION = 2,
  WIRE_SLOTS = 48,       /* actors of a case, threads and stress roles counted */
  WIRE_ARGS = 8,         /* arguments of a call */
  WIRE_SIGNALS = 64,     /* handler runs a slot can log before `signals_lost` */
  WIRE_DEATHS = 64,      /* orphans the sandbox's init reaped */
  WIRE_MADE = 1024,      /* objects made where namespaces do not clean up */
  WIRE_CONSTANTS = 1024, /* constants the actor tells the values of */
  WIRE_TEXT = 512,
  WIRE_NAME = 32,
};
#define WIRE_IN_BYTES (2u << 20)  /* a slot's request data */
#define WIRE_OUT_BYTES (2u << 20) /* a slot's answer data */
#define WIRE_SHM_FD 1000          /* the area, in every actor; survives exec */
#define WIRE_IMAGE_FD 1001        /* the actor's own program file, for exec(actor); behind it the other images */

/* The images exec can name, where they exist: image i is at WIRE_IMAGE_FD + i. One of another machine is run by
 * a program, an emulator, at WIRE_RUNNER_FD + i, and bit i of the area's `runners` is set. */
enum wire_image {
  WIRE_IMAGE_OWN = 0,
  WIRE_IMAGE_I386,
  WIRE_IMAGE_MUSL,
  WIRE_IMAGE_AARCH64,
  WIRE_IMAGE_S390X,
  WIRE_IMAGE_RISCV64,
  WIRE_IMAGES
};
#define WIRE_RUNNER_FD (WIRE_IMAGE_FD + WIRE_IMAGES)
#define WIRE_FDS_END (WIRE_RUNNER_FD + WIRE_IMAGES) /* behind the last descriptor of the wire */

/* What a wire_value holds. */
enum wire_kind {
  WIRE_NONE = 0,       /* absent: an optional argument not given, a record field not written, not an output */
  WIRE_NUM,            /* an integer, or an address */
  WIRE_BYTES,          /* `len` bytes at `off` in the data of this direction */
  WIRE_LIST,           /* `len` wire_values at `off`; a record is a list in the order of records.def */
  WIRE_BAD,            /* an address at which nothing is mapped */
  WIRE_ANY,            /* `_`: for an output buffer, a buffer of the size the call says */
  WIRE_RECORD_PAYLOAD, /* `record` in a stress part */
};

struct wire_value {
  uint32_t kind;
  uint32_t len;
  int64_t num;
  uint32_t off; /* from the start of the slot's in (request) or out (answer) data; 8-aligned */
  uint32_t pad;
};

struct wire_call {
  uint32_t call;  /* enum call_id */
  uint32_t raw;   /* 1: as a bare system call, where one exists */
  uint32_t child; /* fork, thread, spawn: the slot of the new actor */
  uint32_t nargs;
  struct wire_value args[WIRE_ARGS];
};

enum {
  WIRE_GUARD_BROKEN = 1, /* bytes outside the caller's buffer were written */
  WIRE_FAULTED = 2,      /* a memory step raised the signal in fault_* */
  WIRE_JUMPED = 4,       /* a handler left the call by siglongjmp */
  WIRE_MALFORMED = 8,    /* the actor could not understand the request: a harness error */
  WIRE_NOT_HERE = 16,    /* this image cannot perform the call at all */
};

struct wire_answer {
  int64_t result; /* what the call returned, pointers as unsigned addresses */
  int32_t error;  /* errno if it failed, else 0 */
  uint32_t flags;
  int32_t fault_signo, fault_code;
  uint64_t fault_addr;
  struct wire_value out[WIRE_ARGS]; /* WIRE_NONE where the argument is not an output */
};

struct wire_signal {
  int32_t signo, code, pid, uid, status, in_call;
  int64_t value;
  uint64_t addr;
  uint64_t mask;   /* bit n-1: signal n was blocked while the handler ran */
  uint32_t logged; /* 1: by the log handler, 0: by count or jump */
  int32_t onstack; /* 1: it ran on the alternate stack, 0: on the usual one, -1: the system contradicts itself */
};

enum wire_state { WIRE_FREE = 0, WIRE_STARTING, WIRE_READY };
enum wire_phase { WIRE_IDLE = 0, WIRE_IN_CALL, WIRE_DONE };

struct wire_slot {
  uint32_t request, answer; /* sequence numbers; equal: idle */
  uint32_t state, phase;
  int32_t pid, tid;    /* in the sandbox's pid namespace */
  uint32_t word_bytes; /* sizeof(long) of the image in it */
  uint32_t signals;    /* handler runs so far; entry i is signal_log[i % WIRE_SIGNALS] */
  struct wire_signal signal_log[WIRE_SIGNALS];
  struct wire_call call;
  struct wire_answer reply;
};

/* The sandbox, as the fork server was able to make it. */
enum {
  WIRE_SB_USER = 1,
  WIRE_SB_PID = 2,
  WIRE_SB_IPC = 4,
  WIRE_SB_MOUNT = 8,
  WIRE_SB_NET = 16,
  WIRE_SB_PROC = 32,    /* a /proc of its own */
  WIRE_SB_TMP = 64,     /* a fresh /tmp */
  WIRE_SB_SHM = 128,    /* a fresh /dev/shm */
  WIRE_SB_MQUEUE = 256, /* a fresh mqueue file system at /dev/mqueue */
  WIRE_SB_NULL = 512,   /* a /dev/null whose mode, owner and times cannot be changed */
  WIRE_SB_OWNER = 1024  /* CAP_IPC_OWNER, and it holds for the System V objects that cases make */
};

enum wire_command { WIRE_CMD_START = 1, WIRE_CMD_END = 2, WIRE_CMD_QUIT = 3 };

/* An object made outside namespaces; `kind` 'm' 's' 'h' System V by id, 'S' POSIX shm by name, 'Q' 'E' ... */
struct wire_made {
  uint32_t kind;   /* 0: free; stored last */
  int32_t pending; /* 1 from just before the call until its id is known */
  int64_t id;
  char name[WIRE_NAME];
};

struct wire_server {
  uint32_t request, answer; /* as in a slot; the server waits on request, rings the bell */
  uint32_t command;
  uint32_t want;             /* WIRE_SB_*: what START should try */
  uint32_t got;              /* WIRE_SB_*: what the running case has */
  int32_t init_pid;          /* of the case's init, as the server (and ipcvet) sees it */
  int32_t root_pid;          /* of the root actor, in the sandbox */
  int32_t error;             /* errno of a START that failed, 0 */
  uint32_t case_number;      /* makes names unique */
  uint32_t leaks;            /* objects END removed one by one, where no namespace took them away */
  char directory[WIRE_TEXT]; /* the case's working directory */
  char prefix[WIRE_NAME];    /* put after '/' of POSIX names where the name space is shared; else "" */
  char text[WIRE_TEXT];      /* what went wrong, in words */
};

/* The C library an actor is built with. */
enum wire_libc { WIRE_LIBC_OTHER = 1, WIRE_LIBC_GLIBC, WIRE_LIBC_MUSL };

struct wire_death {
  int32_t pid, status; /* as wait() gives it */
};

struct wire_area {
  uint32_t magic, version;
  uint32_t bell; /* rung at every answer, birth and death */
  uint32_t deaths;
  struct wire_death death_log[WIRE_DEATHS];
  uint32_t made;
  uint32_t libc; /* WIRE_LIBC_* << 24 | major << 16 | minor << 8 | bytes of a long; 0: not told */
  struct wire_made made_log[WIRE_MADE];
  uint32_t key_salt;  /* System V keys are exclusive-or'ed with it where the key space is shared; else 0 */
  uint32_t constants; /* how many of constants.def the actor filled in */
  int64_t constant[WIRE_CONSTANTS]; /* in the order of constants.def; INT64_MIN: not known there */
  uint32_t stress_ready, stress_go; /* start barrier of the stress roles */
  uint32_t runners;                 /* bit i: image i is run by the program at WIRE_RUNNER_FD + i */
  uint32_t root_by_exec;            /* 1: image 0 is not the server's own; root actors are made by exec of it */
  char machine[WIRE_NAME];          /* what uname() tells the actor, filled in with the constants */
  struct wire_server server;
  struct wire_slot slots[WIRE_SLOTS];
};

/* Data follows the area, page aligned: for slot i first its in, then its out bytes. */
#define WIRE_DATA_START ((sizeof(struct wire_area) + 65535u) & ~65535ul)
#define WIRE_IN(slot) (WIRE_DATA_START + (slot) * (0ull + WIRE_IN_BYTES + WIRE_OUT_BYTES))
#define WIRE_OUT(slot) (WIRE_IN(slot) + WIRE_IN_BYTES)
#define WIRE_TOTAL WIRE_IN(WIRE_SLOTS)

/* Stress: the request is a call STRESS whose args are a list of statements; see the end of mechanism/process/calls.def.
 */
struct wire_record_head { /* the first bytes of every record a stress writer sends */
  uint32_t magic;         /* WIRE_MAGIC */
  uint16_t writer;        /* slot of the writer */
  uint16_t check;         /* writer ^ low 16 bits of seq ^ low 16 bits of size */
  uint32_t seq;
  uint32_t size; /* of the whole record; the rest is filled with (writer * 31 + seq * 7 + offset) & 0xff */
};
enum { WIRE_REC_WHOLE = 0, WIRE_REC_TORN = 1, WIRE_REC_SHORT = 2, WIRE_REC_SENT = 3, WIRE_REC_FAILED = 4 };
struct wire_record { /* one entry of a stress role's log, in its out data */
  uint32_t what;     /* WIRE_REC_* */
  uint32_t writer;
  uint32_t seq;
  uint32_t size; /* bytes sent or received; WIRE_REC_FAILED: the errno */
};

/* 64-bit fields must lie alike where int64_t is aligned to 4 (i386) and to 8. */
#ifdef __cplusplus
#define WIRE_CHECK(e) static_assert(e, #e)
#else
#define WIRE_CHECK(e) _Static_assert(e, #e)
#endif
#define WIRE_OFF(t, m) __builtin_offsetof(struct t, m)
WIRE_CHECK(sizeof(struct wire_value) == 24);
WIRE_CHECK(sizeof(struct wire_signal) == 56);
WIRE_CHECK(sizeof(struct wire_answer) == 32 + 24 * WIRE_ARGS);
WIRE_CHECK(sizeof(struct wire_slot) == 32 + 56 * WIRE_SIGNALS + sizeof(struct wire_call) + sizeof(struct wire_answer));
WIRE_CHECK(WIRE_OFF(wire_area, made_log) % 8 == 0 && WIRE_OFF(wire_area, constant) % 8 == 0);
WIRE_CHECK(WIRE_OFF(wire_area, server) % 8 == 0 && WIRE_OFF(wire_area, slots) % 8 == 0);
WIRE_CHECK(sizeof(struct wire_area) % 8 == 0);

#ifdef __cplusplus
}
#endif
#endif
