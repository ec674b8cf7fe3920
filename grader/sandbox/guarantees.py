"""What is promised about a student's process, and attempts to break each promise.

The attempts run *inside*, in a process confined like a student's (the canary). They do what a hostile
submission would do, but harmlessly, and they clean up. A promise holds only if every attempt against
it was refused; kernel versions and lists of layers prove nothing.

Runs on both sides; standard library only.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn

from grader.sandbox.sentences import later

GUARANTEES = {
    "filesystem": later("cannot read, list, change or make files"),
    "network": later("cannot reach or offer anything"),
    "processes": later("cannot start processes or threads, nor signal the one that started it"),
    "memory": later("cannot use more than its limit"),
    "cpu": later("is ended when its time is over"),
    "disk": later("cannot store a byte, neither on a disk nor in a file in memory"),
    "output": later("cannot flood the grader"),
    "environment": later("sees no variable of the grader's"),
}

CLEAN_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    # One thread: reproducible, no stray processes, and 40 MB less address space for each thread.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
HOME = os.sep  # `Path.home()` at the top of a file raises without one; nothing can be read there
FLOOD = 1 << 20
# What can enforce each guarantee: layers of `confine`, bubblewrap's namespaces, or the grader itself.
ENFORCED_BY = {
    "filesystem": "bubblewrap user landlock seccomp",
    "network": "bubblewrap landlock new_files seccomp",
    "processes": "bubblewrap user processes landlock seccomp",
    "memory": "bubblewrap memory seccomp",
    "cpu": "cpu",
    "disk": "bubblewrap landlock file_size new_files seccomp",
}
ENFORCED_BY_GRADER = {
    "cpu": later("the grader's clock"),
    "output": later("the grader's bound"),
    "environment": later("a clean start"),
}


class Target(NamedTuple):
    """What the attempts are made on; all of it exists.

    Attributes:
        file: a file that the server can read, and `mode`, its permissions.
        port: a TCP port on 127.0.0.1 at which somebody listens.
        memory: the limit in bytes.
    """

    file: str
    mode: int
    port: int
    memory: int


def make_target(memory: int, listener: socket.socket | None) -> Target:
    """A target that this process can reach."""
    mode = os.stat(__file__).st_mode & 0o7777  # noqa: PTH116
    return Target(__file__, mode, listener.getsockname()[1] if listener else 9, memory)


def listen() -> socket.socket | None:
    """A listener to connect to, if there is a network at all."""
    try:
        return socket.create_server(("127.0.0.1", 0))
    except OSError:
        return None


# Attempts: each raises if it is refused, and returns if it got through ---------------------------


def _read(target: Target) -> None:
    with open(target.file, "rb") as file:  # noqa: PTH123
        file.read(1)


def _list(target: Target) -> None:
    os.listdir(os.path.dirname(target.file))  # noqa: PTH120, PTH208


def _change(target: Target) -> None:
    os.chmod(target.file, target.mode)  # noqa: PTH101


def _places() -> Iterator[str]:
    folders = ("/tmp", "/var/tmp", "/dev/shm", "/", os.environ.get("TEMP", "."))
    return (os.path.join(folder, f"nn-grader-probe-{os.getpid()}") for folder in folders)  # noqa: PTH118


def _make_folder(_: Target) -> None:
    def make(path: str) -> None:
        os.mkdir(path)  # noqa: PTH102
        os.rmdir(path)  # noqa: PTH106

    _any(_places(), make)


def _store(_: Target) -> None:
    def store(path: str) -> None:
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
        try:
            os.write(descriptor, b"x")
        finally:
            os.close(descriptor)
            os.unlink(path)  # noqa: PTH108

    _any(_places(), store)


def _store_in_memory(_: Target) -> None:
    if not hasattr(os, "memfd_create"):
        raise PermissionError("this system has no such files")
    descriptor = os.memfd_create("nn-grader-probe")
    try:
        os.write(descriptor, b"x")
    finally:
        os.close(descriptor)


def _connect(target: Target) -> None:
    with socket.socket() as client:
        client.settimeout(1)
        with suppress(
            ConnectionRefusedError, TimeoutError
        ):  # nobody listens, but the network is there
            client.connect(("127.0.0.1", target.port))


def _listen(_: Target) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()


def _datagram(target: Target) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", target.port))


def _fork(_: Target) -> None:
    if sys.platform == "win32":
        return  # there are other ways to start a process there
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _thread(_: Target) -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def _signal(_: Target) -> None:
    os.kill(os.getppid(), 0)


def _allocate(target: Target) -> None:
    bytearray(target.memory + (64 << 20))  # never touched, so it uses no real memory


def _share(_: Target) -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(0, ctypes.c_size_t(1 << 20), 0o600)  # System V: it outlives its process
    if segment < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    libc.shmctl(segment, 0, None)


def _read_environment(_: Target) -> None:
    started_with = getattr(sys.modules.get("posix"), "environ", {})  # clearing leaves this as it is
    seen = {**os.environ, **{os.fsdecode(n): os.fsdecode(v) for n, v in started_with.items()}}
    known = {*CLEAN_ENVIRONMENT, "PWD"}
    if not {name for name, value in seen.items() if value != HOME} - known:
        raise PermissionError("nothing but our own constants is there")


ATTEMPTS: dict[str, tuple[str, Callable[[Target], None]]] = {
    later("read a file"): ("filesystem", _read),
    later("list a folder"): ("filesystem", _list),
    later("change permissions"): ("filesystem", _change),
    later("make a folder"): ("filesystem", _make_folder),
    later("connect"): ("network", _connect),
    later("listen"): ("network", _listen),
    later("send a datagram"): ("network", _datagram),
    later("fork"): ("processes", _fork),
    later("start a thread"): ("processes", _thread),
    later("signal the parent"): ("processes", _signal),
    later("allocate beyond the limit"): ("memory", _allocate),
    later("share memory"): ("memory", _share),
    later("write a file"): ("disk", _store),
    later("write a file in memory"): ("disk", _store_in_memory),
    later("look for variables"): ("environment", _read_environment),
}
# These two are observed by the grader: `flood` and `loop`.
FROM_OUTSIDE = {
    later("print a megabyte"): "output",
    later("loop, ignoring signals"): "cpu",
}


def attempt_all(target: Target) -> dict[str, str]:
    """Make all attempts: what refused each, or the empty string if it succeeded."""
    return {name: _refusal(attempt, target) for name, (_, attempt) in ATTEMPTS.items()}


def _refusal(attempt: Callable[[Target], None], target: Target) -> str:
    try:
        attempt(target)
    except (OSError, MemoryError, RuntimeError) as error:  # what a refusal looks like
        return type(error).__name__
    except Exception:  # a bug in the attempt proves nothing
        return ""
    return ""


def _any(places: Iterator[str], attempt: Callable[[str], object]) -> None:
    """Return if the attempt gets through at one of the places, else raise."""
    refused: OSError | None = None
    for place in places:
        try:
            attempt(place)
        except OSError as error:
            refused = error
        else:
            return
    raise refused or PermissionError("nowhere to try")


def flood() -> None:
    """Print far more than the bound."""
    for _ in range(FLOOD >> 12):
        os.write(2, bytes(1 << 12))


def loop() -> NoReturn:
    """Compute for ever and ignore every signal."""
    for number in signal.Signals:
        with suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    while True:
        pass


# What follows from the attempts ----------------------------------------------------------------


class Claims(NamedTuple):
    """What is known about students' processes here.

    Attributes:
        level: T3 to T0.
        mechanisms: what is in force, in words.
        layers: the layers of `confine` that the canary was under.
        tried: attempts, and what refused each; empty if it succeeded.
    """

    level: str
    mechanisms: tuple[str, ...]
    layers: tuple[str, ...]
    tried: Mapping[str, str]

    @property
    def held(self) -> dict[str, bool]:
        """Each guarantee, and whether every attempt against it was refused."""
        return {name: all(self.attempts(name).values()) for name in GUARANTEES}

    def attempts(self, guarantee: str) -> dict[str, str]:
        """The attempts against one guarantee; one that was not made counts as successful."""
        against = {name: of for name, (of, _) in ATTEMPTS.items()} | FROM_OUTSIDE
        return {name: self.tried.get(name, "") for name, of in against.items() if of == guarantee}

    def enforced_by(self, guarantee: str) -> list[str]:
        """The mechanisms in force that work towards a guarantee."""
        there = {*self.layers, *self.mechanisms}
        ours = ENFORCED_BY_GRADER.get(guarantee)
        found = [word for word in ENFORCED_BY.get(guarantee, "").split() if word in there]
        return [ours, *found] if ours else found


def claims_from(level: str, mechanisms: list[str], layers: tuple[str, ...], tried: Any) -> Claims:
    """The canary's answer, validated before it is used."""
    good = tried if isinstance(tried, dict) else {}
    words = {str(k): str(v) for k, v in good.items() if k in ATTEMPTS}
    return Claims(level, tuple(mechanisms), layers, words)
