"""Processes that die at any file event, or that run at the same time: forked, so that each takes milliseconds."""

import os
import shutil
import signal
import sys
import traceback
import warnings
from dataclasses import dataclass

import pytest

#: The long runs, which `make fuzz` asks for.
LONG = os.environ.get("EMPRISE_FUZZ") == "long"

#: What a program does to files, as Python itself reports it before it happens.
CHANGING = {
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "fcntl.flock",
    "shutil.copyfile",
    "shutil.rmtree",
    "sqlite3.connect",
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def forked(act):
    """Run something in a process of its own, and return its number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of 3.12: the child runs alone, and ends at once
        child = os.fork()
    if child:
        return child
    code = 1
    try:
        act()
        code = 0
    except BaseException:  # noqa: BLE001  (whatever it is, it must not reach pytest twice)
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(child):
    """Wait for a process, and return how it ended: its exit code, or the signal that killed it below zero."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def watched(root, act, at):
    """Count what an action does to the files below a folder; die before the event of number `at`."""
    count = 0

    def came():
        nonlocal count
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    def hook(event, arguments):
        if event == "open":
            path, _, flags = arguments
            if flags & _WRITES and isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(root):
                came()
        elif event in CHANGING:
            came()

    def fsync(_):
        came()  # the system keeps what was written of a process that is killed, so that the disk need not be waited for

    sys.addaudithook(hook)
    os.fsync = fsync
    act()
    return count


def cut_short(act, place):
    """Run an action in a process that dies right before a file takes its place."""

    def hook(event, arguments):
        if event == "os.rename" and os.fsdecode(arguments[1]) == str(place):
            os.kill(os.getpid(), signal.SIGKILL)

    def dying():
        sys.addaudithook(hook)
        act()

    assert ended(forked(dying)) == -signal.SIGKILL


@dataclass(frozen=True)
class Bench:
    """A folder in which an action is tried from the same start again and again."""

    root: object
    start: object

    def reset(self):
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.start, self.root, symlinks=True)

    def events(self, act):
        """Return how many file events an action is made of."""
        read, write = os.pipe()

        def counted():
            os.write(write, str(watched(str(self.root), act, -1)).encode())

        assert ended(forked(counted)) == 0
        os.close(write)
        with os.fdopen(read) as stream:
            return int(stream.read())

    def killed(self, act, at):
        """Run an action in a process that dies before the event of that number."""
        assert ended(forked(lambda: watched(str(self.root), act, at))) == -signal.SIGKILL


@pytest.fixture
def bench(tmp_path_factory):
    """Take what stands in a folder as the start."""

    def make(root):
        start = tmp_path_factory.mktemp("start") / "start"
        shutil.copytree(root, start)
        return Bench(root, start)

    return make
