"""One writer at a time: a lock beside the written files, and a note that names the process that holds it.

The operating system releases the lock of a terminated process. On a file system without locks, a file that names its
process replaces it.
"""

import datetime as dt
import errno
import json
import os
import socket
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

#: How long a second writer waits for the first, in seconds.
WAIT_S: Final = 10.0

#: Letters of a command that are shown.
_SHOWN: Final = 200

#: What a file system answers that knows no locks.
_NO_LOCKS: Final = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


class WriterLock:
    """The lock of one writer: a file, which is gone again once the lock is let go of."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock: BaseFileLock = FileLock(file)

    def acquire(self, wait_s: float) -> bool:
        """Take the lock, and say whether it could be had in that time.

        Raises
        ------
        OSError
            If the folder takes no file.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it says that it does as we do below
            try:
                self._lock.acquire(timeout=wait_s, poll_interval=0.05)
            except Timeout:
                return False
            except OSError as error:
                if error.errno not in _NO_LOCKS or isinstance(self._lock, SoftFileLock):
                    raise
                self._file.unlink(missing_ok=True)
                self._lock = SoftFileLock(self._file.with_suffix(".soft"))
                return self.acquire(wait_s)
        return True

    def release(self) -> None:
        """Let go of the lock; who waits for the file that is gone takes the next one."""
        if os.name == "posix" and not isinstance(self._lock, SoftFileLock):
            self._file.unlink(missing_ok=True)
        self._lock.release()


def holder_note_text() -> str:
    """Write down who we are: the command, the process, the machine, and since when."""
    command_words = [Path(sys.argv[0]).name if sys.argv else "", *sys.argv[1:]]
    since = dt.datetime.now().astimezone().isoformat(timespec="seconds")
    note_record = {
        "command": " ".join(command_words)[:_SHOWN],
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": since,
    }
    return json.dumps(note_record, ensure_ascii=False) + "\n"


def holder_text(file: Path) -> str:
    """Say who wrote a note."""
    note_record = read_json_table(file)
    if not note_record:
        return "another command"
    command, pid, host, since = (
        _printable_value(note_record.get(key, "?")) for key in ("command", "pid", "host", "since")
    )
    return f"`{command}` (process {pid} on {host}, since {since})"


def _printable_value(value: object) -> str:
    return "".join(letter for letter in str(value) if letter.isprintable())[:_SHOWN]


def read_json_table(file: Path) -> Mapping[str, Any]:
    """Read a table that we wrote; nothing where it is absent or torn."""
    try:
        json_value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return json_value if isinstance(json_value, dict) else {}
