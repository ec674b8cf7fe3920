"""A process gives up, for good, what a student's code must not have.

Theory of operation
-------------------
A server process imports NumPy, then forks a child per submission. The child is still
single-threaded and has run none of the student's code when it calls `confine`. What it gives up
there cannot be taken back, not by Python code nor by machine code reached through ctypes, because
the kernel keeps the promise and not the interpreter. Afterwards the child can compute, use memory
up to a limit, and read and write the descriptors it kept; the student's source comes through one.

`confine` applies small, independent layers, each of which forbids on its own what it can:

session        own session, cwd at /       no terminal, no folder of the grader held open
descriptors    all but `keep_fds` closed   nothing inherited: no file, socket, sibling's pipe
user           another uid and gid         others' files, signals to others, ptrace
capabilities   the empty set               what is left of root's privileges
no_new_privs   execve grants nothing       set-uid programs; it also admits the two filters below
parent_death   SIGKILL as the parent dies  nothing outlives the server
undumpable     no core, ptrace, /proc/PID  one box cannot open another's memory
landlock       no path, port or peer       files, TCP, abstract sockets, signals: what it knows of
memory         RLIMIT_AS                   MemoryError instead of a machine that swaps
cpu            RLIMIT_CPU                  SIGXCPU, and SIGKILL a second later
file_size      RLIMIT_FSIZE = 0            not a byte into any file, memfd or /dev/shm
core           RLIMIT_CORE = 0             no core file
kernel_memory  MEMLOCK, MSGQUEUE = 0       no locked pages, no POSIX queues
processes      RLIMIT_NPROC = 0            no process, no thread (the kernel exempts uid 0)
new_files      RLIMIT_NOFILE = 0           no new descriptor: open, socket, pipe all fail
seccomp        a list of system calls      everything that is not on the list

The order matters: identity comes first, because a change of uid undoes `parent_death` and
`undumpable`; the system call filter comes last, because it forbids to change limits.

seccomp is an allow-list: a system call that nobody thought of, or that a future kernel adds, is
refused. It is refused with EPERM, which Python shows as a PermissionError that the student can
read, and not with a kill. Only another architecture's calls (32-bit code) are killed: there the
numbers mean other things. Nothing on the list takes a path, makes a descriptor, a process or a
thread, or reaches another process: `kill` and `tgkill` may name the own process only, for abort().

A layer that the machine does not offer (another system, an old kernel, a container's policy, no
privilege) is left out of the answer and is no exception: the caller compares the answer with what
it requires. A layer that stops half-way raises ConfinementError; the process must then end.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import struct
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache

if sys.platform != "win32":
    import resource

__all__ = ["LAYERS", "ConfinementError", "Settings", "confine"]

_MIB = 1 << 20


class ConfinementError(RuntimeError):
    """A layer stopped half-way, or the process is not in a state to be confined: end it."""


@dataclass(frozen=True)
class Settings:
    """What a process may still have. Every field fits into JSON: `Settings(**json.loads(text))`."""

    memory_bytes: int | None = 512 * _MIB
    """Address space above what is in use when `confine` is called; None for no limit."""
    cpu_seconds: int | None = 60
    """CPU time of the process over its whole life; None for no limit."""
    uid: int | None = None
    """The user and group to become (needs root); None to stay."""
    parent: int | None = None
    """The process id of the parent, so that its death before `parent_death` holds is noticed."""
    layers: Collection[str] | None = None
    """The names of the layers to apply; None for all. A lower level is fewer layers."""


def confine(settings: Settings, keep_fds: Collection[int] = (0, 1, 2)) -> list[str]:
    """Apply the layers to this process, irrevocably, and return the names of those in force.

    Call it in a freshly forked, single-threaded child that has imported all it will ever need.
    Raises ValueError for an unknown layer (before anything is applied), ConfinementError when the
    process is left half confined and must end.
    """
    wanted = set(LAYERS) if settings.layers is None else set(settings.layers)
    if unknown := wanted - set(LAYERS):
        raise ValueError(f"no such layer: {sorted(unknown)}; there are {list(LAYERS)}")
    return [name for name, layer in LAYERS.items() if name in wanted and layer(settings, keep_fds)]


# --- the system's calls


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    word = ctypes.c_ulong
    libc.prctl.argtypes = [ctypes.c_int, word, word, word, word]
    libc.syscall.restype = ctypes.c_long
    return libc


def _prctl(option: int, *arguments: int) -> bool:
    """prctl(2); False if the system refuses or has no such thing."""
    if sys.platform != "linux":
        return False
    return bool(_libc().prctl(option, *(*arguments, 0, 0, 0)[:4]) == 0)


def _syscall(number: int, *arguments: int | bytes) -> int:
    """A system call that the C library may not know; -1 if the system refuses or has none."""
    if sys.platform != "linux":
        return -1
    words = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    return int(_libc().syscall(ctypes.c_long(number), *words))


def _machine() -> str:
    """The architecture whose system calls we know, or the empty string."""
    known = sys.platform == "linux" and sys.byteorder == "little" and sys.maxsize > 1 << 32
    machine = os.uname().machine if known else ""
    return machine if machine in _AUDIT_ARCH else ""


# --- what the process is


def _session(_settings: Settings, _keep: Collection[int]) -> bool:
    if sys.platform == "win32":
        return False
    try:
        os.chdir("/")
        if os.getsid(0) != os.getpid():
            os.setsid()
    except OSError:  # it leads a group, or is confined already
        return False
    return True


_CLOSE_RANGE = 436  # the same number on every architecture


def _descriptors(_settings: Settings, keep: Collection[int]) -> bool:
    if sys.platform == "win32":  # handles are not descriptors: the launcher lets none be inherited
        return False
    first = 0
    for kept in sorted(keep):
        if first < kept:
            os.closerange(first, kept)
        first = kept + 1
    if _syscall(_CLOSE_RANGE, first, 0xFFFFFFFF, 0) != 0:
        os.closerange(first, os.sysconf("SC_OPEN_MAX"))
    return True


def _user(settings: Settings, _keep: Collection[int]) -> bool:
    if sys.platform == "win32":
        return False
    if settings.uid is None:
        return False
    if settings.uid == 0:
        raise ConfinementError("the uid to become must not be 0")
    try:
        os.setgroups([])
    except OSError:  # not root, or root of a user namespace only
        return False
    try:
        os.setgid(settings.uid)
        os.setuid(settings.uid)
    except OSError as error:
        raise ConfinementError(f"cannot become uid {settings.uid}: {error}") from error
    try:
        os.setuid(0)
    except OSError:
        return True
    raise ConfinementError(f"uid {settings.uid} can become root again")


_CAPABILITY_VERSION_3 = 0x20080522
_CAPSET = {"x86_64": 126, "aarch64": 91}


def _capabilities(_settings: Settings, _keep: Collection[int]) -> bool:
    number = _CAPSET.get(_machine())
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    return number is not None and _syscall(number, header, bytes(24)) == 0


# --- what the kernel then refuses

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SIGKILL = 9


def _parent_death(settings: Settings, _keep: Collection[int]) -> bool:
    if not _prctl(_PR_SET_PDEATHSIG, _SIGKILL):
        return False
    if settings.parent is not None and os.getppid() != settings.parent:
        raise ConfinementError(f"the parent process {settings.parent} is gone")
    return True


_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446  # the same on every architecture


def _landlock(_settings: Settings, _keep: Collection[int]) -> bool:
    """Handle every right that the kernel knows, grant none.

    The rights are three words: on files, on the network, to reach outside (scopes). Which bits a
    kernel knows is asked of it, bit by bit, so that a newer kernel's rights are handled, too.
    """
    known = [0, 0, 0]
    for word in range(3):
        for bit in range(64):
            alone = [1 << bit if w == word else 0 for w in range(3)]
            ruleset = _syscall(_LANDLOCK_CREATE_RULESET, struct.pack("=3Q", *alone), 24, 0)
            if ruleset < 0:
                break
            os.close(ruleset)
            known[word] |= 1 << bit
    if not known[0]:
        return False
    ruleset = _syscall(_LANDLOCK_CREATE_RULESET, struct.pack("=3Q", *known), 24, 0)
    if ruleset < 0:
        return False
    restricted = _syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return restricted


# --- limits


def _limit(name: str, soft: int, hard: int | None = None) -> bool:
    """Lower a resource limit for good; False if the system has none of that name or refuses."""
    if sys.platform == "win32":
        return False
    which = getattr(resource, name, None)
    if which is None:
        return False
    hard = soft if hard is None else hard
    try:
        ceiling = resource.getrlimit(which)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(which, (soft, hard))
    except (OSError, ValueError):
        return False
    return True


def _memory(settings: Settings, _keep: Collection[int]) -> bool:
    """Limit the address space to what is in use now plus the allowance.

    What is in use is found to a MiB by trying limits: inside the box there is no /proc to read,
    and a system that accepts the limit but does not enforce it (macOS) shows itself.
    """
    if sys.platform == "win32":
        return False
    if settings.memory_bytes is None:
        return False

    def fits(limit: int) -> bool:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
        try:
            mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
        except (OSError, MemoryError):
            return False
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (old, hard))
        return True

    try:
        old, hard = resource.getrlimit(resource.RLIMIT_AS)
        top = 1 << 47 if hard == resource.RLIM_INFINITY else hard
        if fits(0):
            return False
        above = 64 * _MIB
        while above < top and not fits(above):
            above *= 2
        below, above = above // 2, min(above, top)
        while above - below > _MIB:
            middle = (below + above) // 2
            below, above = (below, middle) if fits(middle) else (middle, above)
    except (OSError, ValueError):  # the system does not take such a limit at all
        return False
    return _limit("RLIMIT_AS", above + settings.memory_bytes)


def _cpu(settings: Settings, _keep: Collection[int]) -> bool:
    seconds = settings.cpu_seconds
    return seconds is not None and _limit("RLIMIT_CPU", seconds, seconds + 1)


def _processes(_settings: Settings, _keep: Collection[int]) -> bool:
    # The kernel does not count the processes of uid 0: set the limit, but claim nothing.
    return _limit("RLIMIT_NPROC", 0) and sys.platform != "win32" and os.getuid() != 0


# --- the system calls that remain

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# A call's number on x86_64 and on aarch64 (None: never had it). The calls of x32, which are
# those of x86_64 with bit 30 set, match none of them.
# fmt: off
_ALLOWED: dict[str, tuple[int, int | None]] = {
    # the descriptors that are open: pipes
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "close": (3, 57),
    "fstat": (5, 80), "lseek": (8, 62), "poll": (7, None), "ppoll": (271, 73),
    "select": (23, None), "pselect6": (270, 72),
    # memory, below the limit
    "brk": (12, 214), "mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216),
    "mprotect": (10, 226), "madvise": (28, 233),
    # locks, random numbers, clocks and timers
    "futex": (202, 98), "sched_yield": (24, 124), "getrandom": (318, 278),
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169),
    "time": (201, None), "times": (100, 153), "getrusage": (98, 165),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "restart_syscall": (219, 128),
    "getitimer": (36, 102), "setitimer": (38, 103),
    # its own signals
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    # who and where it is (in /), and its end
    "getpid": (39, 172), "gettid": (186, 178), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getppid": (110, 173), "getcwd": (79, 17),
    "uname": (63, 160), "sched_getaffinity": (204, 123),
    "exit": (60, 93), "exit_group": (231, 94),
}
# fmt: on
_ALLOWED_TO_SELF = {"kill": (62, 129), "tgkill": (234, 131)}

_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # _REFUSE is errno 1, EPERM
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16  # in the kernel's struct seccomp_data
_SECCOMP_MODE_FILTER = 2


def _filter(machine: str, pid: int) -> list[tuple[int, int, int, int]]:
    """What the kernel runs at each system call: (operation, jump if true, if false, operand)."""
    column = 0 if machine == "x86_64" else 1
    program = [
        (_LOAD_WORD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_IF_EQUAL, 1, 0, _AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD_WORD, 0, 0, _NUMBER_AT),
    ]
    for numbers in _ALLOWED.values():
        if (number := numbers[column]) is not None:
            program += [(_JUMP_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for own in _ALLOWED_TO_SELF.values():
        program += [
            (_JUMP_IF_EQUAL, 0, 4, own[column]),
            (_LOAD_WORD, 0, 0, _FIRST_ARGUMENT_AT),  # the low half is all the kernel reads of a pid
            (_JUMP_IF_EQUAL, 0, 1, pid),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _REFUSE),
        ]
    return [*program, (_RETURN, 0, 0, _REFUSE)]


def _seccomp(_settings: Settings, _keep: Collection[int]) -> bool:
    if not (machine := _machine()):
        return False
    program = _filter(machine, os.getpid())
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    head = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    return _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(head))


# In this order; each answers whether it is in force.
LAYERS: dict[str, Callable[[Settings, Collection[int]], bool]] = {
    "session": _session,
    "descriptors": _descriptors,
    "user": _user,
    "capabilities": _capabilities,
    "no_new_privs": lambda _s, _k: _prctl(_PR_SET_NO_NEW_PRIVS, 1),
    "parent_death": _parent_death,
    "undumpable": lambda _s, _k: _prctl(_PR_SET_DUMPABLE, 0),
    "landlock": _landlock,
    "memory": _memory,
    "cpu": _cpu,
    "file_size": lambda _s, _k: _limit("RLIMIT_FSIZE", 0),
    "core": lambda _s, _k: _limit("RLIMIT_CORE", 0),
    "kernel_memory": lambda _s, _k: _limit("RLIMIT_MEMLOCK", 0) and _limit("RLIMIT_MSGQUEUE", 0),
    "processes": _processes,
    "new_files": lambda _s, _k: _limit("RLIMIT_NOFILE", 0),
    "seccomp": _seccomp,
}
