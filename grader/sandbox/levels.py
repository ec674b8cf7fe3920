"""The levels of isolation between a student's process and the machine, from strong to weak.

A level combines a command around the server (bubblewrap), a user of its own for each process, and
the layers of `confine`. Whether a level works here is tried and not looked up: see `launch.Server`.
Runs in the grader; standard library only, because it is imported before everything else.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from grader.sandbox.sentences import later

NOBODY = 65534


class Level(NamedTuple):
    """One composition.

    Attributes:
        name: T3 to T0.
        title: what it is made of.
        namespaces: whether bubblewrap surrounds the server.
        own_user: whether each process gets a user of its own (only root can give one).
        layers: the layers of `confine` to apply; None for all that the system has.
    """

    name: str
    title: str
    namespaces: bool = False
    own_user: bool = False
    layers: tuple[str, ...] | None = None

    @property
    def server(self) -> dict[str, Any]:
        """What the server itself gives up once NumPy is loaded: `confine.Settings`.

        A level without users of their own is the level of an ordinary user; root becomes one.
        """
        layers = ["undumpable"] if self.own_user or not is_root() else ["user", "undumpable"]
        return {"uid": NOBODY, "layers": layers}

    def settings(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """`confine.Settings` of one process at this level, for what an exercise wants."""
        uid = fresh_uid() if self.own_user and is_root() else None
        return {**wanted, "uid": uid, "layers": self.layers}


LIMITS = (
    "session descriptors capabilities no_new_privs parent_death undumpable "
    "memory cpu file_size core kernel_memory processes new_files"
)
LEVELS = {
    level.name: level
    for level in (
        Level("T3", "bubblewrap, Landlock, system call filter, limits", True, True),
        Level("T2", "a user of its own, Landlock, system call filter, limits", False, True),
        Level("T1", "Landlock, system call filter, limits"),
        Level("T0", "limits", layers=tuple(LIMITS.split())),
    )
}


def levels_to_try() -> list[Level]:
    """The levels to try here, the strongest first.

    All but T3 differ only in what the process itself finds available, so one of them is enough.
    """
    plain = LEVELS["T2"] if is_root() else LEVELS["T1"]
    return [LEVELS["T3"], plain] if bubblewrap() else [plain]


def level_name(namespaces: bool, layers: Iterable[str]) -> str:
    """The name of the level that these mechanisms make up."""
    held = set(layers)
    if not {"landlock", "seccomp"} <= held:
        return "T3" if namespaces and held & {"landlock", "seccomp"} else "T0"
    if namespaces:
        return "T3"
    return "T2" if "user" in held else "T1"


def mechanisms(namespaces: bool, layers: Iterable[str]) -> list[str]:
    """What is in force, in words that are said where they are shown."""
    held = set(layers)
    words = {"user": later("own user"), "landlock": "Landlock", "seccomp": "seccomp"}
    found = ["bubblewrap"] if namespaces else []
    found += [word for layer, word in words.items() if layer in held]
    return [*found, later("limits")] if held & set(LIMITS.split()[6:]) else found


def is_root() -> bool:
    """Whether this process may become any user."""
    return sys.platform != "win32" and os.geteuid() == 0


@functools.cache
def _free_uids() -> range:
    """User ids that nobody has, also where a container knows only 65,536."""
    try:
        lines = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
        most = max(int(first) + int(count) for first, _, count in map(str.split, lines))
    except (OSError, ValueError):
        most = 1 << 16
    return range(1_900_000_000, 2_100_000_000) if most > 1 << 31 else range(61_184, 65_520)


def fresh_uid() -> int:
    """A user id that owns and runs nothing, so that one box cannot signal another."""
    uids = _free_uids()
    return uids[int.from_bytes(os.urandom(4), "little") % len(uids)]


def interpreter() -> str:
    """The Python that runs the server: the one behind a virtual environment."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


@functools.cache
def bubblewrap() -> str:
    """The path of bubblewrap; empty where there is none."""
    found = (os.path.join(folder, "bwrap") for folder in os.get_exec_path())  # noqa: PTH118
    usable = (path for path in found if os.access(path, os.X_OK))
    return next(usable, "") if sys.platform == "linux" else ""


SYSTEM = (
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/alternatives",  # where Debian's NumPy finds its linear algebra
)


def bubblewrap_command(packages: Path, sandbox: Path) -> list[str]:
    """bubblewrap and its options: the command after them sees Python, NumPy and this package only.

    Args:
        packages: the folder that holds NumPy; nothing else of it is shown.
        sandbox: the folder of this package.

    There is no /proc, no /dev, no /tmp, and nothing is writable. Real root keeps the right to change
    its user id, so that each student's process gets a user of its own; anybody else gets a user
    namespace. The box does not die with the *thread* that started it
    (--die-with-parent would see to that): the server ends when its socket closes.
    """
    libraries = [str(Path(sys.base_prefix) / name) for name in ("lib", "lib64")]
    shown = [*SYSTEM, *libraries, os.path.realpath(interpreter())]
    words = [bubblewrap(), "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--hostname", "box", "--cap-drop", "ALL", "--chdir", "/"]
    if is_root():
        words += [w for name in ("SETUID", "SETGID", "KILL") for w in ("--cap-add", f"CAP_{name}")]
    else:
        words += ["--unshare-user"]
    for path in dict.fromkeys(shown):
        if os.path.islink(path):  # noqa: PTH114
            words += ["--symlink", os.readlink(path), path]  # noqa: PTH115
        elif os.path.exists(path):  # noqa: PTH110
            words += ["--ro-bind", path, path]
    for path in _other_packages(dict.fromkeys([*SYSTEM, *libraries])):
        words += ["--tmpfs", path]
    for name in ("numpy", "numpy.libs"):
        words += ["--ro-bind-try", str(packages / name), str(packages / name)]
    return [*words, "--ro-bind", str(sandbox), str(sandbox), "--remount-ro", "/", "--"]


def _other_packages(libraries: Iterable[str]) -> list[str]:
    """Folders of installed packages below `libraries`, to be covered: the grader may be in one."""
    return [
        str(folder)
        for library in libraries
        if not os.path.islink(library)  # noqa: PTH114
        for folder in sorted(Path(library).glob("python3*/*-packages"))
    ]
