"""Each layer, alone and together, holds against an attempt at what it forbids.

A server process is started once per surroundings (root, an ordinary user, bubblewrap), imports
NumPy and forks a child per attempt, as the sandbox does. An attempt is a few lines of Python that
set `answer`; what the child reports is the answer, or the exception, or the signal that ended it.
Where possible the same lines are first run without the layer: they must get through there, or the
attempt proves nothing.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import confine

ORDINARY = 65534
MIB = 1 << 20
FOLDER = Path(confine.__file__).parent

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's"),
]

SERVER = r"""
import ctypes, errno, json, mmap, os, resource, select, signal, socket, subprocess, sys, threading
import time, traceback
import numpy, numpy.fft, numpy.linalg, numpy.random, numpy.testing
sys.path.insert(0, sys.argv[1])
import confine
numpy.linalg.svd(numpy.ones((8, 8)) @ numpy.ones((8, 8)))
libc = ctypes.CDLL(None, use_errno=True)

def raw(number, *arguments):
    "A system call by its number: 0 or the name of the error."
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in arguments])
    return errno.errorcode[ctypes.get_errno()] if result == -1 else 0

inherited = os.open(sys.executable, os.O_RDONLY)
if int(sys.argv[2]):
    os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
for line in sys.stdin:
    job = json.loads(line)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        result = {}
        try:
            os.close(reading)
            signal.alarm(20)
            result["applied"] = confine.confine(
                confine.Settings(**job["settings"]), (0, 1, 2, writing))
            space = dict(globals())
            exec(compile(job["source"], "attempt.py", "exec"), space)
            result["answer"] = space["answer"]
        except BaseException as error:
            result["raised"] = type(error).__name__
            result["said"] = traceback.format_exc()
        os.write(writing, json.dumps(result, default=repr).encode())
        os._exit(0)
    os.close(writing)
    text = b""
    while part := os.read(reading, 1 << 16):
        text += part
    os.close(reading)
    status = os.waitpid(pid, 0)[1]
    result = json.loads(text or b"{}")
    result["signal"] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    print(json.dumps(result), flush=True)
"""


class Box:
    """A server in some surroundings; `run` is one attempt in a fresh child of it."""

    def __init__(self, uid: int = 0, prefix: tuple[str, ...] = (), folder: Path = FOLDER) -> None:
        command = [*prefix, sys.executable, "-B", "-c", SERVER, str(folder), str(uid)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env={"OPENBLAS_NUM_THREADS": "1"},
        )
        self.noise: list[str] = []
        self.drain = threading.Thread(target=self._drain)
        self.drain.start()

    def _drain(self) -> None:
        assert self.process.stderr is not None
        self.noise += self.process.stderr

    def run(
        self, source: str, layers: list[str] | tuple[str, ...] | None = (), **settings: object
    ) -> dict[str, Any]:
        """Confine a child with these layers (None for all) and run the source in it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        job = {"source": source, "settings": {"layers": layers, **settings}}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError("the server ended: " + "".join(self.noise))
        result: dict[str, Any] = json.loads(line)
        return result

    def close(self) -> None:
        """End the server."""
        self.process.kill()
        self.process.wait()
        self.drain.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


def bubblewrap() -> tuple[str, ...]:
    """A bubblewrap command line that shows the interpreter, NumPy and confine.py, nothing else."""
    shown = {"/usr", sys.prefix, sys.base_prefix, str(FOLDER)}
    links = [("--symlink", f"usr/{n}", f"/{n}") for n in ("lib", "lib64", "bin")]
    binds = [("--ro-bind", path, path) for path in sorted(shown)]
    options = ("bwrap", "--unshare-all", "--die-with-parent", "--new-session")
    return (*options, *(word for group in binds + links for word in group))


@pytest.fixture(scope="module")
def root() -> Iterator[Box]:
    """A server that is root, without namespaces."""
    if os.getuid() != 0:
        pytest.skip("needs root")
    box = Box()
    yield box
    box.close()


@pytest.fixture(scope="module")
def user() -> Iterator[Box]:
    """A server of an ordinary user, without namespaces."""
    box = Box(ORDINARY if os.getuid() == 0 else 0)
    yield box
    box.close()


@pytest.fixture(scope="module")
def boxed() -> Iterator[Box]:
    """A server in bubblewrap."""
    works = shutil.which("bwrap") and subprocess.run(
        [*bubblewrap(), "/usr/bin/true"], check=False, capture_output=True
    )
    if not works or works.returncode:
        pytest.skip("needs bubblewrap and user namespaces")
    box = Box(prefix=bubblewrap())
    yield box
    box.close()


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder that every user may use."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def landlock_version() -> int:
    """The version of Landlock that the kernel has; 0 or less for none."""
    return int(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1))


def needs_landlock(version: int) -> None:
    """Skip the test where the kernel's Landlock is older."""
    if landlock_version() < version:
        pytest.skip(f"needs Landlock {version}")


# --- what the process is


def test_session_is_its_own_and_holds_no_folder(user: Box) -> None:
    """The child leads a session of its own and its working directory is the root."""
    source = "answer = [os.getsid(0) == os.getpid(), os.getcwd()]"
    assert user.run(source)["answer"][0] is False
    assert user.run(source, ["session"])["answer"] == [True, "/"]


def test_descriptors_of_the_server_are_closed(user: Box) -> None:
    """A file that the server holds open cannot be read through its inherited descriptor."""
    source = "answer = len(os.pread(inherited, 4, 0))"
    assert user.run(source)["answer"] == 4
    assert "Bad file descriptor" in user.run(source, ["descriptors"])["said"]


def test_descriptors_with_high_numbers_are_closed(user: Box) -> None:
    """A descriptor far above the others is closed, too, and the kept ones stay."""
    source = (
        "os.dup2(inherited, 900)\n"
        "got = confine.confine(confine.Settings(layers=['descriptors']), (0, 2, writing))\n"
        "still = [fd for fd in range(1000) if not raw(72, fd, 1)]\n"
        "answer = [got, still == sorted({0, 2, writing})]"
    )
    if os.uname().machine != "x86_64":
        source = source.replace("raw(72", "raw(25")
    assert user.run(source)["answer"] == [["descriptors"], True]


def test_user_cannot_read_what_belongs_to_root(root: Box, scratch: Path) -> None:
    """After the change of user a file that only root may read is refused."""
    secret = scratch / "secret"
    secret.write_text("42")
    secret.chmod(0o600)
    source = f"answer = open({str(secret)!r}).read()"
    assert root.run(source)["answer"] == "42"
    confined = root.run(source, ["user"], uid=ORDINARY)
    assert confined["applied"] == ["user"]
    assert confined["raised"] == "PermissionError"


@pytest.mark.parametrize(
    "source",
    ["os.setuid(0)", "os.setgid(0)", "os.setgroups([0])", "os.kill(os.getppid(), 0)"],
)
def test_user_cannot_return_nor_signal_root(root: Box, source: str) -> None:
    """The old identity is gone for good, and the server's process is out of reach of signals."""
    source += "\nanswer = os.getgroups()"
    assert "answer" in root.run(source)
    assert root.run(source, ["user"], uid=ORDINARY)["raised"] == "PermissionError"


def test_user_keeps_no_group(root: Box) -> None:
    """No group of root's, main or supplementary, remains."""
    source = "answer = [os.getresuid(), os.getresgid(), os.getgroups()]"
    ids = [ORDINARY] * 3
    assert root.run(source, ["user"], uid=ORDINARY)["answer"] == [ids, ids, []]


def test_user_is_left_out_without_privilege(user: Box) -> None:
    """Who is not root cannot become another user: the layer is left out, without an exception."""
    assert user.run("answer = 1", ["user"], uid=ORDINARY - 1)["applied"] == []


def test_user_zero_is_no_user_to_become(root: Box) -> None:
    """To become uid 0 is no confinement and is refused as such."""
    assert root.run("answer = 1", ["user"], uid=0)["raised"] == "ConfinementError"


@pytest.mark.parametrize("source", ["os.chroot('/')", "os.setuid(1)", "os.nice(-1)"])
def test_capabilities_take_root_s_privileges(root: Box, source: str) -> None:
    """Root without capabilities can no longer do what only root can."""
    source += "\nanswer = True"
    assert root.run(source)["answer"] is True
    confined = root.run(source, ["capabilities"])
    assert confined["applied"] == ["capabilities"]
    assert confined["raised"] == "PermissionError"


def test_no_new_privs_disarms_set_uid_programs(user: Box, scratch: Path) -> None:
    """A set-uid program runs with the rights of who starts it, no more."""
    if os.getuid() != 0:
        pytest.skip("needs root to make a set-uid program")
    program = scratch / "id"
    shutil.copy("/usr/bin/id", program)
    program.chmod(stat.S_ISUID | 0o755)
    source = f"answer = int(subprocess.check_output([{str(program)!r}, '-u']))"
    if user.run(source).get("answer") != 0:
        pytest.skip("the file system honours no set-uid bit")
    assert user.run(source, ["no_new_privs"])["answer"] == ORDINARY


ORPHAN = """
reading, telling = os.pipe()
ready, say_ready = os.pipe()
if not os.fork():
    if not os.fork():
        confine.confine(confine.Settings(layers=LAYERS), range(1000))
        os.write(say_ready, b"!")
        time.sleep(0.4)
        os.write(telling, b"alive")
        os._exit(0)
    os.read(ready, 1)
    os._exit(0)
os.close(telling)
answer = b"".join(iter(lambda: os.read(reading, 10), b"")).decode()
"""


def test_parent_death_ends_the_child(user: Box) -> None:
    """A child whose parent has died does not live on."""
    assert "alive" in user.run(ORPHAN.replace("LAYERS", "[]"))["answer"]
    assert "alive" not in user.run(ORPHAN.replace("LAYERS", "['parent_death']"))["answer"]


def test_parent_death_before_the_layer_is_noticed(user: Box) -> None:
    """If the parent is not the expected one any more, the child does not go on."""
    assert user.run("answer = 1", ["parent_death"], parent=1)["raised"] == "ConfinementError"


PEEK = """
pid = os.fork()
if pid == 0:
    try:
        os.close(os.open(f"/proc/{os.getppid()}/mem", os.O_RDONLY))
    except OSError:
        os._exit(1)
    os._exit(0)
answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
"""


def test_undumpable_memory_cannot_be_opened(user: Box) -> None:
    """Another process of the same user cannot open the memory of an undumpable one."""
    dumpable = "libc.prctl(4, 1, 0, 0, 0)\n"  # the server's own change of user has cleared it
    if not user.run(dumpable + PEEK)["answer"]:
        pytest.skip("the machine forbids it to begin with")
    again = "confine.confine(confine.Settings(layers=['undumpable']), range(1000))\n"
    assert user.run(dumpable + again + PEEK)["answer"] is False


# --- Landlock

LANDLOCK = ["no_new_privs", "landlock"]


@pytest.mark.parametrize(
    "source",
    [
        "open('/etc/passwd').read()",
        "os.listdir('/')",
        "open(SCRATCH + '/new', 'w')",
        "open(SCRATCH + '/old', 'w')",
        "os.mkdir(SCRATCH + '/folder')",
        "os.symlink('/', SCRATCH + '/link')",
        "os.remove(SCRATCH + '/old')",
        "os.rename(SCRATCH + '/old', SCRATCH + '/other')",
        "os.link(SCRATCH + '/old', SCRATCH + '/other')",
        "subprocess.run(['/usr/bin/true'], check=True)",
        "open('/dev/shm/' + SCRATCH.replace('/', ''), 'x')",
    ],
)
def test_landlock_refuses_every_path(user: Box, scratch: Path, source: str) -> None:
    """No file or folder can be opened, made, changed, removed or executed."""
    needs_landlock(1)
    old = scratch / "old"
    old.touch()
    old.chmod(0o666)
    if os.getuid() == 0:
        os.chown(old, ORDINARY, ORDINARY)
    source = f"SCRATCH = {str(scratch)!r}\n{source}\nanswer = True"
    confined = user.run(source, LANDLOCK)
    assert confined["applied"] == LANDLOCK
    assert confined["raised"] in {"PermissionError", "OSError"}
    assert old.exists()
    assert user.run(source)["answer"] is True
    Path("/dev/shm" + "/" + str(scratch).replace("/", "")).unlink(missing_ok=True)


def test_landlock_refuses_to_truncate(user: Box, scratch: Path) -> None:
    """A file cannot be emptied by its name."""
    needs_landlock(3)
    file = scratch / "file"
    file.write_text("text")
    file.chmod(0o666)
    assert user.run(f"os.truncate({str(file)!r}, 0)\nanswer = 1", LANDLOCK)["raised"]
    assert file.read_text() == "text"


def test_landlock_refuses_tcp(user: Box) -> None:
    """No port can be connected to, and none can be listened on."""
    needs_landlock(4)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        connect = f"socket.socket().connect(('127.0.0.1', {port}))\nanswer = True"
        assert user.run(connect)["answer"] is True
        assert user.run(connect, LANDLOCK)["raised"] == "PermissionError"
    listen = "socket.socket().bind(('127.0.0.1', 0))\nanswer = True"
    assert user.run(listen)["answer"] is True
    assert user.run(listen, LANDLOCK)["raised"] == "PermissionError"


def test_landlock_refuses_abstract_sockets_and_signals(user: Box) -> None:
    """An abstract Unix socket outside the box, and the server, are out of reach."""
    needs_landlock(6)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("")  # the kernel chooses an abstract name
        listener.listen()
        name = listener.getsockname()
        connect = f"socket.socket(socket.AF_UNIX).connect({name!r})\nanswer = True"
        assert user.run(connect)["answer"] is True
        assert user.run(connect, LANDLOCK)["raised"] == "PermissionError"
    signalling = "os.kill(os.getppid(), 0)\nanswer = True"
    assert user.run(signalling)["answer"] is True
    assert user.run(signalling, LANDLOCK)["raised"] == "PermissionError"


def test_landlock_is_left_out_when_not_admitted(user: Box) -> None:
    """Without no_new_privs the kernel refuses it to an ordinary user: left out, no exception."""
    assert user.run("answer = 1", ["landlock"])["applied"] == []


# --- limits


def test_memory_ends_in_memory_error(user: Box) -> None:
    """Too much at once, and too much bit by bit, raise MemoryError; afterwards the child lives."""
    source = (
        "caught = []\n"
        "try: numpy.ones(1 << 26)\n"
        "except MemoryError: caught.append('at once')\n"
        "hoard = []\n"
        "try:\n"
        "    while len(hoard) < 400: hoard.append(bytearray(1 << 20))\n"
        "except MemoryError: caught.append(len(hoard))\n"
        "del hoard\n"
        "answer = [caught, int(numpy.ones(1000).sum())]"
    )
    assert user.run(source)["answer"] == [[], 1000]
    confined = user.run(source, ["memory"], memory_bytes=128 * MIB)
    assert confined["applied"] == ["memory"]
    (at_once, count), lives = confined["answer"]
    assert at_once == "at once"
    assert 100 < count <= 130  # the allowance is what it says, whatever NumPy had taken before
    assert lives == 1000


def test_memory_limit_that_was_there_is_not_raised(user: Box) -> None:
    """A stricter limit of the surroundings stays."""
    source = (
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))\n"
        "one = confine.confine(confine.Settings(1 << 40, layers=['memory']), range(1000))\n"
        "answer = resource.getrlimit(resource.RLIMIT_AS)"
    )
    assert user.run(source)["answer"] == [1 << 31, 1 << 31]


def test_cpu_ends_a_busy_loop(user: Box) -> None:
    """A loop ends by SIGXCPU at the limit, so that it can be told from a crash."""
    result = user.run("while True: pass", ["cpu"], cpu_seconds=1)
    assert result["signal"] == signal.SIGXCPU


def test_cpu_ends_a_loop_that_ignores_the_signal(user: Box) -> None:
    """Who ignores SIGXCPU is killed a second later."""
    source = "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    assert user.run(source, ["cpu"], cpu_seconds=1)["signal"] == signal.SIGKILL


@pytest.mark.parametrize(
    "source",
    ["os.write(os.open(SCRATCH + '/new', 65), b'x')", "os.write(os.memfd_create('x'), b'x')"],
)
def test_file_size_refuses_every_byte(user: Box, scratch: Path, source: str) -> None:
    """Nothing can be written, neither to a disk nor to a file in memory."""
    source = f"SCRATCH = {str(scratch)!r}\n{source}\nanswer = True"
    assert user.run(source)["answer"] is True
    (scratch / "new").unlink(missing_ok=True)
    assert "File too large" in user.run(source, ["file_size"])["said"]


def test_core_leaves_no_core_file(user: Box) -> None:
    """The limit on core files is zero and cannot be raised."""
    source = "resource.setrlimit(resource.RLIMIT_CORE, (1, 1))\nanswer = True"
    assert user.run(source, ["core"])["raised"] == "ValueError"


def test_kernel_memory_cannot_be_locked(user: Box) -> None:
    """Not a page can be locked into memory."""
    source = (
        "page = mmap.mmap(-1, mmap.PAGESIZE)\n"
        "at = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
        "answer = libc.mlock(ctypes.c_void_p(at), ctypes.c_size_t(mmap.PAGESIZE))"
    )
    if user.run(source)["answer"] != 0:
        pytest.skip("the machine forbids it to begin with")
    assert user.run(source, ["kernel_memory"])["answer"] == -1


FORK = "pid = os.fork()\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)\nanswer = True"
THREAD = "t = threading.Thread(target=int)\nt.start()\nt.join()\nanswer = True"


@pytest.mark.parametrize(
    ("source", "refusal"), [(FORK, "BlockingIOError"), (THREAD, "RuntimeError")]
)
def test_processes_cannot_multiply(user: Box, source: str, refusal: str) -> None:
    """An ordinary user can start neither a process nor a thread."""
    assert user.run(source)["answer"] is True
    confined = user.run(source, ["processes"])
    assert confined["applied"] == ["processes"]
    assert confined["raised"] == refusal


def test_processes_is_not_claimed_for_root(root: Box) -> None:
    """The kernel does not limit root's processes, so the layer does not claim to."""
    assert root.run(FORK, ["processes"])["applied"] == []


@pytest.mark.parametrize(
    "source", ["open('/etc/passwd')", "socket.socket()", "os.pipe()", "os.memfd_create('x')"]
)
def test_new_files_cannot_be_opened(user: Box, source: str) -> None:
    """Every new descriptor is refused; those that are open still work."""
    source += "\nanswer = True"
    assert user.run(source)["answer"] is True
    assert "Too many open files" in user.run(source, ["new_files"])["said"]


@pytest.mark.parametrize("name", ["FSIZE", "NPROC", "NOFILE", "AS", "CPU"])
def test_limits_cannot_be_raised(user: Box, root: Box, name: str) -> None:
    """What was lowered stays low, for a user and for a root that has lost its capabilities."""
    source = f"resource.setrlimit(resource.RLIMIT_{name}, (1 << 40, 1 << 40))\nanswer = True"
    layers = ["capabilities", "memory", "cpu", "file_size", "processes", "new_files"]
    for box in (user, root):
        assert box.run(source, layers)["raised"] in {"ValueError", "PermissionError"}


# --- system calls

SECCOMP = ["no_new_privs", "seccomp"]
REFUSED = {
    "open": "open('/etc/passwd')",
    "open for writing": "open('/tmp/x', 'w')",
    "stat": "os.stat('/etc/passwd')",
    "stat by descriptor and path": "os.stat('etc', dir_fd=inherited)",
    "access": "assert os.access('/', os.R_OK)",
    "listdir": "os.listdir('/')",
    "readlink": "os.readlink('/proc/self/exe')",
    "chdir": "os.chdir('/tmp')",
    "mkdir": "os.mkdir('/tmp/nn-grader-confine')",
    "symlink": "os.symlink('/', '/tmp/nn-grader-confine')",
    "chmod": "os.chmod('/tmp', 0o777)",
    "chown": "os.chown('/tmp', 0, 0)",
    "utime": "os.utime('/tmp')",
    "fchmod": "os.fchmod(inherited, 0o777)",
    "truncate": "os.ftruncate(writing, 0)",
    "memfd": "os.memfd_create('x')",
    "pipe": "os.pipe()",
    "dup": "os.dup(0)",
    "tcp": "socket.socket(socket.AF_INET)",
    "unix": "socket.socket(socket.AF_UNIX)",
    "socketpair": "socket.socketpair()",
    "fork": "os.fork()",
    "posix_spawn": "os.posix_spawn('/usr/bin/true', ['true'], {})",
    "subprocess": "subprocess.run(['/usr/bin/true'])",
    "thread": "threading.Thread(target=int).start()",
    "exec": "os.execv('/usr/bin/true', ['true'])",
    "kill the parent": "os.kill(os.getppid(), 0)",
    "kill everybody": "os.kill(-1, 0)",
    "kill the group": "os.killpg(0, 0)",
    "signal through a pidfd": "os.pidfd_open(os.getppid())",
    "raise a limit": "resource.setrlimit(resource.RLIMIT_CPU, (99, 99))",
    "limit the parent": "resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))",
    "priority": "os.nice(1)",
    "affinity": "os.sched_setaffinity(0, {0})",
    "scheduler": "os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))",
    "session": "os.setsid()",
    "user": "os.setuid(os.getuid())",
    "terminal": "__import__('fcntl').ioctl(2, 0x5412, b'x')",
    "signal at readiness": "__import__('fcntl').fcntl(0, 8, os.getppid())",
}


@pytest.mark.parametrize("attempt", REFUSED)
def test_seccomp_refuses(user: Box, attempt: str) -> None:
    """A system call that is not on the list fails with an error that Python can report."""
    confined = user.run(f"{REFUSED[attempt]}\nanswer = True", SECCOMP)
    assert confined["applied"] == SECCOMP
    assert confined["signal"] == 0
    expected = {"PermissionError", "RuntimeError", "ValueError", "AssertionError"}
    assert confined["raised"] in expected
    if confined["raised"] == "RuntimeError":
        assert "thread" in confined["said"]


RAW = """
    ptrace process_vm_readv process_vm_writev tkill rt_sigqueueinfo rt_tgsigqueueinfo clone
    clone3 unshare setns mount umount2 pivot_root chroot prctl seccomp shmget shmat shmctl
    semget semop semctl msgget msgsnd msgrcv mq_open mq_unlink keyctl add_key request_key bpf
    perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register inotify_init1
    fanotify_init prlimit64 setrlimit setpriority sched_setattr personality execveat openat2
    statx newfstatat name_to_handle_at open_by_handle_at splice tee vmsplice sendfile sendmsg
    recvmsg landlock_create_ruleset timer_create eventfd2 signalfd4 epoll_create1 memfd_secret
    pidfd_getfd mlock mlockall sethostname acct swapon quotactl init_module kexec_load
"""


def header_numbers(machine: str) -> dict[str, int]:
    """Names and numbers of the system calls, as the C headers of this machine have them."""
    header = {
        "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        "aarch64": Path("/usr/include/asm-generic/unistd.h"),
    }.get(machine)
    if header is None or not header.exists():
        pytest.skip("needs the C headers of the kernel")
    found = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text(), re.MULTILINE)
    return {name: int(number) for name, number in found}


def test_seccomp_refuses_raw_system_calls(user: Box) -> None:
    """System calls made by their number, past Python and the C library, are refused, too."""
    numbers = header_numbers(os.uname().machine)
    wanted = {name: numbers[name] for name in RAW.split() if name in numbers}
    assert len(wanted) > 60
    source = f"answer = {{name: raw(n) for name, n in {wanted!r}.items()}}"
    assert user.run(source, SECCOMP)["answer"] == dict.fromkeys(wanted, "EPERM")


def test_seccomp_refuses_the_x32_calls(user: Box) -> None:
    """The same calls with the bit of x32 set are no way around the list."""
    if os.uname().machine != "x86_64":
        pytest.skip("only x86_64 has x32 calls")
    source = "answer = [raw(39), raw(0x40000000 + 39), raw(0x40000000 + 2)]"
    assert user.run(source, SECCOMP)["answer"] == [0, "EPERM", "EPERM"]


def test_seccomp_kills_calls_of_another_architecture(user: Box) -> None:
    """32-bit code cannot use its own numbering to get past the list."""
    if os.uname().machine != "x86_64":
        pytest.skip("only x86_64 runs 32-bit code this way")
    source = (
        "code = mmap.mmap(-1, 4096, prot=7)\n"
        "code.write(bytes.fromhex('b814000000cd80c3'))\n"  # mov eax, 20 (getpid); int 0x80; ret
        "at = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
        "answer = ctypes.CFUNCTYPE(ctypes.c_int)(at)() == os.getpid()"
    )
    if user.run(source).get("answer") is not True:
        pytest.skip("the kernel runs no 32-bit code")
    assert user.run(source, SECCOMP)["signal"] == signal.SIGSYS


def test_seccomp_admits_signals_to_itself(user: Box) -> None:
    """The own process may be signalled, so that abort() ends as an abort and not as a hang."""
    assert user.run("os.kill(os.getpid(), 0)\nanswer = True", SECCOMP)["answer"] is True
    assert user.run("os.abort()", SECCOMP)["signal"] == signal.SIGABRT
    assert user.run("os.kill(os.getpid(), 9)", SECCOMP)["signal"] == signal.SIGKILL


def run_filter(machine: str, number: int, argument: int = 0, architecture: int = 0) -> int:
    """What the filter's program answers, computed here instead of in the kernel."""
    program = confine._filter(machine, 4321)
    data = {0: number, 4: architecture or confine._AUDIT_ARCH[machine], 16: argument}
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, operand = program[at]
        if operation == confine._RETURN:
            return operand
        if operation == confine._LOAD_WORD:
            accumulator = data[operand]
        else:
            at += if_true if accumulator == operand else if_false
        at += 1


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_filter_has_the_kernel_s_numbers(machine: str) -> None:
    """Exactly the listed calls pass, by the numbers that the kernel's headers give them."""
    numbers = header_numbers(machine)
    column = {"x86_64": 0, "aarch64": 1}[machine]
    for name, known in {**confine._ALLOWED, **confine._ALLOWED_TO_SELF}.items():
        assert numbers.get(name) == known[column]
    passing = {n for n in range(1024) if run_filter(machine, n) == confine._ALLOW}
    assert passing == {n[column] for n in confine._ALLOWED.values() if n[column] is not None}
    for own in confine._ALLOWED_TO_SELF.values():
        assert run_filter(machine, own[column], 4321) == confine._ALLOW
        assert run_filter(machine, own[column], 4322) == confine._REFUSE
    assert run_filter(machine, 0, architecture=0x40000003) == confine._KILL


# --- all together

EXPECTED = set(confine.LAYERS)
HONEST = """
import gc, io, random, traceback, warnings
random.seed(7)
draws = numpy.random.default_rng(1)
a = draws.standard_normal((40, 40))
def down(n):
    return n and 1 + down(n - 1)
source = "def broken():\\n    return 1 / 0\\n"
space = {}
exec(compile(source, "student.py", "exec"), space)
try:
    space["broken"]()
except ZeroDivisionError:
    trace = traceback.format_exc()
before = time.perf_counter()
time.sleep(0.01)
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    warnings.warn("careful")
print("to the output", file=sys.stderr, flush=True)
answer = {
    "matmul": float((a @ a).sum()),
    "einsum": float(numpy.einsum("ij,kj->", a, a)),
    "fft": float(abs(numpy.fft.fft2(a)).sum()),
    "svd": float(numpy.linalg.svd(a)[1].sum()),
    "inverse": float(numpy.linalg.inv(a).sum()),
    "random": random.random(),
    "legacy": float(numpy.random.RandomState(3).rand()),
    "entropy": len(os.urandom(8)),
    "deep": down(800),
    "trace": "student.py" in trace and "in broken" in trace,
    "clock": time.perf_counter() > before,
    "warned": len(seen),
    "collected": gc.collect() >= 0,
    "year": time.localtime().tm_year > 2000,
    "exists": os.path.exists("/etc/passwd") in (True, False),
    "cores": isinstance(os.cpu_count(), (int, type(None))),
}
try:
    numpy.ones(1 << 36)
except MemoryError:
    answer["memory"] = "MemoryError"
"""


@pytest.fixture(params=["root", "user", "boxed"])
def anywhere(request: pytest.FixtureRequest) -> Box:
    """A server in each of the surroundings."""
    box: Box = request.getfixturevalue(request.param)
    return box


def test_all_layers_are_in_force(anywhere: Box, request: pytest.FixtureRequest) -> None:
    """Each surrounding gets every layer that it can have, and the answer names them in order."""
    if landlock_version() < 1:
        pytest.skip("needs Landlock")
    applied = anywhere.run("answer = 1", None, uid=ORDINARY)["applied"]
    where = request.node.callspec.params["anywhere"]
    missing = {"root": set(), "user": {"user"}, "boxed": {"user", "processes"}}[where]
    if where == "boxed" and os.getuid() != 0:
        missing = {"user"}
    assert applied == [name for name in confine.LAYERS if name not in missing]


@pytest.mark.parametrize("attempt", REFUSED)
def test_all_layers_refuse(anywhere: Box, attempt: str) -> None:
    """With every layer in force each attempt ends in an exception, and the child lives."""
    confined = anywhere.run(f"{REFUSED[attempt]}\nanswer = True", None, uid=ORDINARY)
    assert confined["signal"] == 0
    assert confined.get("raised")


def test_all_layers_leave_honest_work_alone(anywhere: Box) -> None:
    """NumPy, printing, clocks, tracebacks, recursion and MemoryError work as unconfined."""
    free = anywhere.run(HONEST)
    confined = anywhere.run(HONEST, None, uid=ORDINARY)
    assert confined.get("answer") == free.get("answer"), confined
    assert confined["answer"]["memory"] == "MemoryError"
    assert confined["answer"]["deep"] == 800


def test_all_layers_cost_milliseconds(anywhere: Box) -> None:
    """Confinement is cheap beside a fork: it must never come to matter."""
    source = (
        "spent = []\n"
        "for _ in range(9):\n"
        "    reading, telling = os.pipe()\n"
        "    before = time.perf_counter()\n"
        "    if not os.fork():\n"
        "        confine.confine(confine.Settings(), (telling,))\n"
        "        os.write(telling, str(time.perf_counter() - before).encode())\n"
        "        os._exit(0)\n"
        "    spent.append(float(os.read(reading, 40)))\n"
        "    os.wait()\n"
        "answer = sorted(spent)[4]"
    )
    assert anywhere.run(source)["answer"] < 0.1


# --- settings and other systems


def test_an_unknown_layer_is_refused(user: Box) -> None:
    """A misspelt layer is an error, not a layer less."""
    result = user.run("answer = 1", ["sekkomp"])
    assert result["raised"] == "ValueError"
    assert "sekkomp" in result["said"]


def test_no_layers_change_nothing(user: Box) -> None:
    """An empty choice applies nothing and says so."""
    result = user.run("answer = len(os.listdir('/')) > 0", [])
    assert (result["applied"], result["answer"]) == ([], True)


def test_layers_that_are_refused_are_left_out(user: Box) -> None:
    """Within a confinement that forbids further ones, nothing is claimed and nothing raises."""
    source = "answer = confine.confine(confine.Settings(), range(1000))"
    layers = [name for name in confine.LAYERS if name not in {"descriptors", "memory", "cpu"}]
    assert not set(user.run(source, layers)["answer"]) & {"landlock", "seccomp", "memory", "cpu"}


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("win32", []),
        ("darwin", ["session", "descriptors", "cpu", "file_size", "core", "new_files"]),
    ],
)
def test_other_systems_get_what_they_have(system: str, expected: list[str]) -> None:
    """The module imports everywhere; where a layer does not exist it is left out."""
    source = (
        f"import sys, json; sys.platform = {system!r}\n"
        "if sys.platform == 'win32': sys.modules['resource'] = None\n"
        f"sys.path.insert(0, {str(FOLDER)!r}); import confine\n"
        "settings = confine.Settings(layers=set(confine.LAYERS) - {'processes', 'memory'})\n"
        "applied = confine.confine(settings, (0, 1, 2))\n"
        "sys.stdout.write(json.dumps([n for n in applied if n != 'kernel_memory']))"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, check=True)
    assert json.loads(done.stdout) == expected
