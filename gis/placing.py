"""The only module that writes to disk: files are written to temporary folders, then moved into place, all or none.

A writer holds a lock (`.emprise-NAME.lock`) and keeps a journal (`.emprise-NAME.run/journal.json`), both beside the
target NAME: a territory folder, or one output file or folder. Files are written to temporary folders
(`.emprise-NAME.aside-*`), each listed in the journal before it is created, and each on the disk of its target. When all
files are complete, the journal lists their destinations with hashes; then the files are moved one after the other. An
interrupted run leaves its journal: see `gis.mending`.
"""

import errno
import json
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gis.errors import GisError, RenderError
from gis.journal import (
    OURS,
    JournalStep,
    file_hash,
    finish_steps,
    refuse_open_geopackage,
    roll_back_steps,
    sync_to_disk,
)
from gis.locking import WAIT_S, WriterLock, holder_note_text, holder_text
from gis.mending import mend_interrupted_runs, mend_run

#: What refuses files for want of rights.
_NO_RIGHTS: Final = {errno.EACCES, errno.EPERM, errno.EROFS}

#: What a full disk answers, and what else only writing can meet.
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_ONLY_WRITING: Final = {errno.EROFS, errno.EEXIST, errno.ENOTEMPTY, errno.EXDEV, errno.EBUSY, errno.ETXTBSY}

_held = threading.local()
_log = logging.getLogger(__name__)


class Placing:
    """One run that writes: where its files are made, and how they get to their places."""

    def __init__(self, run: Path) -> None:
        self.process = os.getpid()
        self._run = run
        self._asides: dict[Path, Path] = {}
        self._count = 0
        self._places: set[str] = set()
        self.state = ""

    def begin(self) -> None:
        """Say who we are, and that nothing is written yet."""
        self._run.mkdir()
        self.state = "writing"
        (self._run / "holder.json").write_text(holder_note_text(), encoding="utf-8")

    def aside(self, folder: Path) -> Path:
        """Return a folder to make files in, on the disk that `folder` is on, or will be."""
        root = _nearest_existing_folder(folder)
        if root not in self._asides:
            name = self._run.name.removesuffix(".run")
            aside = root / f"{name}.aside-{secrets.token_hex(4)}"
            self._asides[root] = aside
            self._record()
            aside.mkdir()
        return self._asides[root]

    def put(self, files: Mapping[Path, Path | None], folders: Sequence[Path] = ()) -> None:
        """Put files in their places (place → file made aside, or nothing to take one away): all of them, or none.

        Raises
        ------
        OSError
            If one cannot be put there.
        RenderError
            If a place is a database that another program has open.
        """
        missing_folders = [
            folder for place in [*(p.parent for p in files), *folders] for folder in _missing_folders(place)
        ]
        made_folders = sorted(set(missing_folders))
        try:
            steps = [self._step(place.absolute(), file) for place, file in files.items()]
            for folder in {file.parent for file in files.values() if file}:
                sync_to_disk(folder)
            self._record("placing", steps, made_folders)
            finish_steps(steps, made_folders)
        except BaseException:
            if self.state == "placing":
                with suppress(OSError):  # a full disk: the journal that stands says to finish, which is as whole
                    self._record("back", steps, made_folders)
                roll_back_steps(steps, made_folders)
            self.state = "writing"
            with suppress(OSError):
                self._record()
            raise
        self._record()
        for step in steps:
            if step.old:
                step.old.unlink(missing_ok=True)

    def _step(self, place: Path, file: Path | None) -> JournalStep:
        self._places.add(str(place))
        refuse_open_geopackage(place)
        aside = self.aside(place.parent)
        if place.is_dir() and not place.is_symlink():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
        if file:
            if not any(file.is_relative_to(each) for each in self._asides.values()):
                msg = f"{file} was not made aside"
                raise ValueError(msg)
            sync_to_disk(file)
        second_name = None
        if os.path.lexists(place):
            self._count += 1
            second_name = aside / f"{self._count}.old"
            _link_second_name(place, second_name)
        return JournalStep(place, file, file_hash(file) if file else "", second_name, file_hash(place))

    def _record(self, state: str = "writing", steps: Sequence[JournalStep] = (), made: Sequence[Path] = ()) -> None:
        """Write the journal; from there on it is what counts."""
        step_rows = [
            {
                "place": self._told(step.place),
                "new": self._told(step.new),
                "new_sha256": step.new_sha256,
                "old": self._told(step.old),
                "old_sha256": step.old_sha256,
            }
            for step in steps
        ]
        asides = [self._told(aside) for aside in self._asides.values()]
        journal = {
            "state": state,
            "asides": asides,
            "steps": step_rows,
            "made": [self._told(folder) for folder in made],
        }
        partial_file = self._run / "journal.json.new"
        with partial_file.open("w", encoding="utf-8", newline="\n") as stream:
            json.dump(journal, stream, ensure_ascii=False, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        partial_file.replace(self._run / "journal.json")
        sync_to_disk(self._run)
        self.state = state

    def _told(self, path: Path | None) -> str:
        """Return a path as seen from where the run is, so that what is moved as a whole stays true."""
        try:
            return os.path.relpath(path, self._run.parent) if path else ""
        except ValueError:  # another drive
            return str(path)

    def end(self) -> None:
        """Clear away what is passing."""
        if self.state == "writing":
            for aside in self._asides.values():
                shutil.rmtree(aside, ignore_errors=True)
            if not any(aside.exists() for aside in self._asides.values()):  # else the next command tries again
                shutil.rmtree(self._run, ignore_errors=True)

    def writes(self, file: str) -> bool:
        """Say whether a file is one that this run writes."""
        return file in self._places or self.plainly(file) != file

    def latest(self) -> Path | None:
        """Return the file that was last written to: a disk that is full does not say which."""
        files = [file for aside in self._asides.values() for file in aside.rglob("*") if file.is_file()]
        return max(files, key=lambda file: file.stat().st_mtime_ns, default=None)

    def plainly(self, text: str) -> str:
        """Return a text with the folders that files are for in place of those that they are made in."""
        for root, aside in self._asides.items():
            text = text.replace(str(aside), str(root))
        return text


# --- who writes -----------------------------------------------------------------------------------------------------


@contextmanager
def writing_under_lock(
    what: str | Path,
    *beside: Path,
    refusal: type[GisError] = RenderError,
) -> Iterator[Placing]:
    """Hold the lock of a territory, or of a file or folder of outputs, and write; within another run, join it.

    Parameters
    ----------
    what
        What is written. The lock stands beside it; in it or beside what else is written where that is read-only.
    beside
        What else is written.
    refusal
        What a disk that refuses is raised as.

    Raises
    ------
    GisError
        If another process writes there, or the disk refuses; nothing is in place then.
    """
    outer_placing: Placing | None = getattr(_held, "placing", None)
    if outer_placing and outer_placing.process == os.getpid():  # a fork does not hold what its parent holds
        with _refuse_disk_errors(outer_placing, what, refusal):
            yield outer_placing
        return
    place = Path(what).resolve()
    for line in mend_interrupted_runs(place):
        _log.warning(line)
    lock, run = _acquire_writer_lock(place, beside, refusal)
    placing = Placing(run)
    try:
        with _refuse_disk_errors(placing, what, refusal):
            for line in mend_run(run):
                _log.warning(line)
            placing.begin()
            _held.placing = placing
            yield placing
    finally:
        _held.placing = None
        placing.end()
        lock.release()


def _acquire_writer_lock(place: Path, beside: Sequence[Path], refusal: type[GisError]) -> tuple[WriterLock, Path]:
    """Take the lock in the first folder that takes files."""
    bases = [
        place.parent,
        *([place] if place.is_dir() else []),
        *(_nearest_existing_folder(Path(each).parent) for each in beside),
    ]
    rights_error: OSError | None = None
    for base in bases:
        run = base / f"{OURS}{place.name}.run"
        lock = WriterLock(base / f"{OURS}{place.name}.lock")
        try:
            base.mkdir(parents=True, exist_ok=True)
            if lock.acquire(WAIT_S):
                return lock, run
        except OSError as error:
            if error.errno not in _NO_RIGHTS:
                raise refusal(f"{base}: cannot be written ({error.strerror}).") from None
            rights_error = rights_error or error
            continue
        lock_holder = holder_text(run / "holder.json")
        raise refusal(
            f"{place}: {lock_holder} is writing here. Wait until it has ended, or end it; then run this again."
        )
    reason = rights_error.strerror if rights_error else ""
    raise refusal(f"{bases[0]}: cannot be written ({reason}). Look at your rights, or copy the folder and work there.")


@contextmanager
def _refuse_disk_errors(placing: Placing, what: str | Path, refusal: type[GisError]) -> Iterator[None]:
    """Say in one error what the disk refuses, by the name of the file as the user knows it."""
    try:
        yield
    except OSError as error:
        raise refusal(disk_refusal_text(error, what, placing)) from None
    except GisError as error:
        if (text := placing.plainly(str(error))) != str(error):
            raise type(error)(text) from None
        raise


def disk_refusal_text(error: OSError, what: str | Path = "", placing: Placing | None = None) -> str:
    """Say which file the disk refuses, why, and what to do."""
    file = str(error.filename2 or error.filename or (placing and placing.latest()) or what)
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        verb, mend_advice = "written", "Free some space."
    elif error.errno in _ONLY_WRITING or OURS in file or (placing and placing.writes(file)):
        verb, mend_advice = "written", "Close it in other programs and look at your rights."
    else:
        verb, mend_advice = "read", "Close it in other programs and look at your rights."
    return f"{placing.plainly(file) if placing else file}: cannot be {verb} ({reason}). {mend_advice}"


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Give a name beside a file to write to: the file is there once all of it is written, and not before."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    yield part
    part.replace(file)


# --- folders --------------------------------------------------------------------------------------------------------


def _nearest_existing_folder(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that is there."""
    folder = folder.resolve()
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _missing_folders(folder: Path) -> Iterator[Path]:
    folder = folder.absolute()
    return (each for each in (folder, *folder.parents) if not each.exists())


def _link_second_name(file: Path, name: Path) -> None:
    try:
        os.link(file, name, follow_symlinks=False)
    except OSError:  # not every disk knows a second name
        shutil.copy2(file, name)
        sync_to_disk(name)
