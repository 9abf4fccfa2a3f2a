"""Everything that we put on disk goes through here: written aside, then put in place, all of it or none.

Who writes holds a lock (`.emprise-NAME.lock`) and keeps a journal (`.emprise-NAME.run/journal.json`), both beside what
NAME is: a territory folder, or one file or folder of outputs. What is written goes to folders aside
(`.emprise-NAME.aside-*`), each named in the journal before it is made, and each on the disk of what it is for. Once
all is there, the journal lists what goes where, with hashes; then files take their places, one after the other.

A run that was killed leaves its journal. `mend` finds it when no living process holds the lock: it finishes what had
begun to go in place, or takes it back, and clears away the rest. A file that somebody changed since is left alone.
The journal is only believed where it moves files within the folder that its own aside stands in.
"""

import errno
import hashlib
import json
import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gis.errors import GisError, RenderError, SourceChangedError
from gis.locking import WAIT_S, WriterLock, holder, note, read_json

#: What the names of all that is passing begin with.
OURS: Final = ".emprise-"

#: In `raw/`, where downloads come; what was cut there can be continued.
COMING: Final = ".coming"

#: How long opening a territory waits for files that are being put in place, in seconds.
SETTLED_S: Final = 5.0

#: Files in which SQLite keeps what is not in the database yet.
_SIDECARS: Final = ("-wal", "-journal", "-shm")

#: What the journal of a rollback begins with while it is needed.
_HOT: Final = bytes.fromhex("d9d505f920a163d7")

#: What refuses files for want of rights.
_NO_RIGHTS: Final = {errno.EACCES, errno.EPERM, errno.EROFS}

#: What a full disk answers, and what else only writing can meet.
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_ONLY_WRITING: Final = {errno.EROFS, errno.EEXIST, errno.ENOTEMPTY, errno.EXDEV, errno.EBUSY, errno.ETXTBSY}

_held = threading.local()
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Step:
    """What one place gets: the file `new`, nothing where there is none; `old` is a second name of what was there."""

    place: Path
    new: Path | None
    new_sha256: str
    old: Path | None
    old_sha256: str


class Placing:
    """One run that writes: where its files are made, and how they get to their places."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._asides: dict[Path, Path] = {}
        self._count = 0
        self._places: set[str] = set()
        self.state = ""

    def begin(self) -> None:
        """Say who we are, and that nothing is written yet."""
        self._run.mkdir()
        self.state = "writing"
        (self._run / "holder.json").write_text(note(), encoding="utf-8")

    def aside(self, folder: Path) -> Path:
        """Return a folder to make files in, on the disk that `folder` is on, or will be."""
        root = _nearest(folder)
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
        lacking = [folder for place in [*(p.parent for p in files), *folders] for folder in _lacking(place)]
        made = sorted(set(lacking))
        try:
            steps = [self._step(place.absolute(), file) for place, file in files.items()]
            for folder in {file.parent for file in files.values() if file}:
                _sync(folder)
            self._record("placing", steps, made)
            _finish(steps, made)
        except BaseException:
            if self.state == "placing":
                with suppress(OSError):  # a full disk: the journal that stands says to finish, which is as whole
                    self._record("back", steps, made)
                _take_back(steps, made)
            self.state = "writing"
            with suppress(OSError):
                self._record()
            raise
        self._record()
        for step in steps:
            if step.old:
                step.old.unlink(missing_ok=True)

    def _step(self, place: Path, file: Path | None) -> _Step:
        self._places.add(str(place))
        refuse_open(place)
        aside = self.aside(place.parent)
        if place.is_dir() and not place.is_symlink():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
        if file:
            _sync(file)
        old = None
        if os.path.lexists(place):
            self._count += 1
            old = aside / f"{self._count}.old"
            _second_name(place, old)
        return _Step(place, file, _hash(file) if file else "", old, _hash(place))

    def _record(self, state: str = "writing", steps: Sequence[_Step] = (), made: Sequence[Path] = ()) -> None:
        """Write the journal; from there on it is what counts."""
        rows = [
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
        journal = {"state": state, "asides": asides, "steps": rows, "made": [self._told(folder) for folder in made]}
        part = self._run / "journal.json.new"
        with part.open("w", encoding="utf-8", newline="\n") as stream:
            json.dump(journal, stream, ensure_ascii=False, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(self._run / "journal.json")
        _sync(self._run)
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
            _clear(self._run)

    def writes(self, file: str) -> bool:
        """Say whether a file is one that this run writes."""
        return file in self._places or self.plainly(file) != file

    def plainly(self, text: str) -> str:
        """Return a text with the folders that files are for in place of those that they are made in."""
        for root, aside in self._asides.items():
            text = text.replace(str(aside), str(root))
        return text


# --- who writes -----------------------------------------------------------------------------------------------------


@contextmanager
def writing(
    what: str | Path,
    *beside: Path,
    refusal: type[GisError] = RenderError,
    wait_s: float = WAIT_S,
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
    wait_s
        How long to wait for another run.

    Raises
    ------
    GisError
        If another process writes there, or the disk refuses; nothing is in place then.
    """
    outer: Placing | None = getattr(_held, "placing", None)
    if outer:
        with _refusing(outer, what, refusal):
            yield outer
        return
    place = Path(what).resolve()
    for line in mend(place):
        _log.warning(line)
    lock, run = _locked(place, beside, refusal, wait_s)
    placing = Placing(run)
    try:
        with _refusing(placing, what, refusal):
            for line in _mend_run(run):
                _log.warning(line)
            placing.begin()
            _held.placing = placing
            yield placing
    finally:
        _held.placing = None
        placing.end()
        lock.release()


def _locked(place: Path, beside: Sequence[Path], refusal: type[GisError], wait_s: float) -> tuple[WriterLock, Path]:
    """Take the lock in the first folder that takes files."""
    bases = [place.parent, *([place] if place.is_dir() else []), *(_nearest(Path(each).parent) for each in beside)]
    refused: OSError | None = None
    for base in bases:
        run = base / f"{OURS}{place.name}.run"
        lock = WriterLock(base / f"{OURS}{place.name}.lock")
        try:
            base.mkdir(parents=True, exist_ok=True)
            if lock.acquire(wait_s):
                return lock, run
        except OSError as error:
            if error.errno not in _NO_RIGHTS:
                raise refusal(f"{base}: cannot be written ({error.strerror}).") from None
            refused = refused or error
            continue
        who = holder(run / "holder.json")
        raise refusal(f"{place}: {who} is writing here. Wait until it has ended, or end it; then run this again.")
    why = refused.strerror if refused else ""
    raise refusal(f"{bases[0]}: cannot be written ({why}). Look at your rights, or copy the folder and work there.")


@contextmanager
def _refusing(placing: Placing, what: str | Path, refusal: type[GisError]) -> Iterator[None]:
    """Say in one error what the disk refuses, by the name of the file as the user knows it."""
    try:
        yield
    except OSError as error:
        raise refusal(refused(error, what, placing)) from None
    except GisError as error:
        if (text := placing.plainly(str(error))) != str(error):
            raise type(error)(text) from None
        raise


def refused(error: OSError, what: str | Path = "", placing: Placing | None = None) -> str:
    """Say which file the disk refuses, why, and what to do."""
    file = str(error.filename2 or error.filename or what)
    why = error.strerror or str(error)
    if error.errno in _FULL:
        verb, mend_it = "written", "Free some space."
    elif error.errno in _ONLY_WRITING or OURS in file or (placing and placing.writes(file)):
        verb, mend_it = "written", "Close it in other programs and look at your rights."
    else:
        verb, mend_it = "read", "Close it in other programs and look at your rights."
    return f"{placing.plainly(file) if placing else file}: cannot be {verb} ({why}). {mend_it}"


# --- files ----------------------------------------------------------------------------------------------------------


def refuse_open(file: Path) -> None:
    """Refuse to replace a database while what was changed in it stands in a file beside it.

    Raises
    ------
    RenderError
        If a `-wal` or `-journal` beside it holds anything.
    """
    for ending in _SIDECARS[:2] if file.suffix == ".gpkg" else ():
        sidecar = file.with_name(f"{file.name}{ending}")
        if sidecar.is_file() and is_needed(sidecar):
            msg = (
                f"{file}: another program has it open, or was cut short with it: {sidecar.name} holds changes that are "
                "not in it yet. Close it in QGIS, and run this again; what was drawn in it must go to a file of yours."
            )
            raise RenderError(msg)


def is_needed(sidecar: Path) -> bool:
    """Say whether a `-wal` or `-journal` holds what is not in its database, or must be taken back."""
    with sidecar.open("rb") as stream:
        start = stream.read(len(_HOT))
    return start == _HOT if sidecar.name.endswith("-journal") else bool(start)


def _finish(steps: Sequence[_Step], made: Sequence[Path]) -> None:
    """Put each file in its place; what SQLite left empty beside an older one would spoil the new one."""
    for folder in made:
        folder.mkdir(exist_ok=True)
    for step in steps:
        for ending in _SIDECARS if step.place.suffix == ".gpkg" else ():
            step.place.with_name(f"{step.place.name}{ending}").unlink(missing_ok=True)
        if step.new:
            step.new.replace(step.place)
        else:
            step.place.unlink(missing_ok=True)
    for folder in {step.place.parent for step in steps}:
        _sync(folder)


def _take_back(steps: Sequence[_Step], made: Sequence[Path]) -> list[Path]:
    """Put back what was there, but where somebody changed it since: those are returned."""
    changed = []
    for step in steps:
        there = _hash(step.place)
        if there == step.old_sha256:
            continue
        if there != step.new_sha256:
            changed.append(step.place)
        elif step.old:
            step.old.replace(step.place)
        else:
            step.place.unlink()
    for folder in reversed(made):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return changed


def _hash(file: Path) -> str:
    """Return the hash of a file; nothing where there is none."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _second_name(file: Path, name: Path) -> None:
    try:
        os.link(file, name, follow_symlinks=False)
    except OSError:  # not every disk knows a second name
        shutil.copy2(file, name)
        _sync(name)


def _sync(path: Path) -> None:
    """Have the disk keep what was written; folders too, where it can."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EROFS}:
            raise
    finally:
        os.close(handle)


def _nearest(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that is there."""
    folder = folder.resolve()
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _lacking(folder: Path) -> Iterator[Path]:
    folder = folder.absolute()
    return (each for each in (folder, *folder.parents) if not each.exists())


def _clear(run: Path) -> None:
    """Take a run away, its journal before its name, so that what is left of it still says whose it is."""
    shutil.rmtree(run, ignore_errors=True)


# --- what dead runs left --------------------------------------------------------------------------------------------


def mend(what: str | Path) -> list[str]:
    """Mend what runs that were cut short left beside a territory, or in it; what a living run uses is left alone.

    Returns
    -------
    lines
        What was mended, one line a run.
    """
    place = Path(what).resolve()
    lines = []
    for base in (place.parent, place):
        for name in _names(base):
            lines += _mended(base, name)
    if any(_spares(place)):
        lines += _cleared(place)
    return lines


def _names(base: Path) -> list[str]:
    """Return of what there are runs, or locks, in a folder."""
    try:
        found = [re.fullmatch(rf"{re.escape(OURS)}(.+)\.(?:lock|run|soft)", each.name) for each in os.scandir(base)]
    except OSError:
        return []
    return sorted({match[1] for match in found if match})


def _mended(base: Path, name: str) -> list[str]:
    lock, run = WriterLock(base / f"{OURS}{name}.lock"), base / f"{OURS}{name}.run"
    try:
        if not lock.acquire(0):
            return []
        try:
            return _mend_run(run)
        finally:
            lock.release()
    except OSError as error:
        return [f"{base / name}: a command was cut short here, and it cannot be mended ({error.strerror})."]


def _mend_run(run: Path) -> list[str]:
    """Finish what a dead run had begun to put in place, or take it back, and clear away the rest."""
    if not run.is_dir() or run.is_symlink():
        return []
    journal, who = read_json(run / "journal.json"), holder(run / "holder.json")
    root, name = run.parent, run.name.removesuffix(".run")
    asides = [aside for each in _texts(journal.get("asides")) if _is_aside(aside := root / each, name)]
    steps, made = _steps(journal, root, asides), [root / each for each in _texts(journal.get("made"))]
    made = [folder for folder in made if _within(folder, asides)]
    state, changed = journal.get("state"), list[Path]()
    if state == "placing" and all(map(_can_finish, steps)):
        changed = [step.place for step in steps if _is_changed(step)]
        _finish([step for step in steps if not _is_changed(step) and not _is_done(step)], made)
        what = f"finished: all new, {_count(len(steps) - len(changed))}"
    elif state in {"placing", "back"}:
        changed = _take_back(steps, made)
        what = "taken back: all is as it was"
    else:
        what = "cleared away; what is in place is whole"
    for aside in asides:
        shutil.rmtree(aside)
    _clear(run)
    kept = "".join(f" {place} was changed since and stays as it is: run the command again." for place in changed)
    return [f"{who} was cut short. What it left is {what}.{kept}"]


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str) and each] if isinstance(value, list) else []


def _steps(journal: Mapping[str, Any], root: Path, asides: Sequence[Path]) -> list[_Step]:
    """Read the steps of a journal; one that leads out of where its aside stands is nobody's."""
    rows = journal.get("steps")
    steps = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict):
            continue
        said = [row.get(key, "") for key in ("place", "new", "new_sha256", "old", "old_sha256")]
        if not all(isinstance(each, str) for each in said):
            continue
        place, new, old = (root / each if each else None for each in (said[0], said[1], said[3]))
        ours = all(_is_inside(each, asides) for each in (new, old) if each)
        if place and ours and _within(place, asides):
            steps.append(_Step(place, new, said[2], old, said[4]))
    return steps


def _is_aside(folder: Path, name: str) -> bool:
    return folder.name.startswith(f"{name}.aside-") and folder.is_dir() and not folder.is_symlink()


def _is_inside(file: Path, asides: Sequence[Path]) -> bool:
    return any(file.parent.resolve().is_relative_to(aside.resolve()) for aside in asides)


def _within(place: Path, asides: Sequence[Path]) -> bool:
    """Say whether a place is below a folder that an aside stands in."""
    return any(place.parent.resolve().is_relative_to(aside.parent.resolve()) for aside in asides)


def _can_finish(step: _Step) -> bool:
    """Say whether what a place gets is there, whole, or in its place already, or not wanted any more."""
    return _is_done(step) or _is_changed(step) or step.new is None or _hash(step.new) == step.new_sha256


def _is_done(step: _Step) -> bool:
    return _hash(step.place) == step.new_sha256


def _is_changed(step: _Step) -> bool:
    """Say whether somebody changed a place since the run was cut short."""
    try:
        refuse_open(step.place)
    except RenderError:
        return True
    return _hash(step.place) not in {step.old_sha256, step.new_sha256}


def refuse_half_placed(territory: Path) -> None:
    """Refuse to read a territory of which some files are new and others old: nothing is written to mend it.

    Raises
    ------
    SourceChangedError
        If a run was cut short while it put files in the folder; a living one is waited for.
    """
    place = territory.resolve()
    runs = [base / f"{OURS}{place.name}.run" for base in (place.parent, place)]
    until = time.monotonic() + SETTLED_S
    while found := [run for run in runs if _moves_within(run, place)]:
        if time.monotonic() > until:
            who = holder(found[0] / "holder.json")
            mend_it = f"Run any command on it, such as `gis sources {territory}`, which mends it."
            raise SourceChangedError(f"{territory}: {who} was cut short while it put files here. {mend_it}")
        time.sleep(0.02)


def _moves_within(run: Path, place: Path) -> bool:
    journal = read_json(run / "journal.json")
    if journal.get("state") not in {"placing", "back"} or not isinstance(journal.get("steps"), list):
        return False
    places = (run.parent / str(row.get("place", "")) for row in journal["steps"] if isinstance(row, dict))
    return any(each.parent.resolve().is_relative_to(place) for each in places)


# --- what earlier versions left -------------------------------------------------------------------------------------


def _spares(place: Path) -> Iterator[Path]:
    """Yield what runs of earlier versions left; and files half made that no download can go on with."""
    home = place.parent
    beside = home.parent if home.name == "layers" else home
    raw = place / "raw"
    for folder in (home, place, raw):
        for aside in folder.glob(f"{OURS}*"):
            if re.fullmatch(rf"{re.escape(OURS)}[a-z0-9_]{{8}}", aside.name) and not (aside / "old").exists():
                yield aside
    for ending in ("new", "old"):
        for name in (f"{place.name}.gpkg", f"{place.name}.figures.json", f"{place.name}.zip"):
            yield from home.glob(f".{name}.{ending}")
        yield from (beside / "maps" / place.name).glob(f".*.html.{ending}")
    yield from place.glob(".sources.toml.new")
    yield from place.glob(".matches.csv.part")
    yield from (place / ".cache").glob("*.partial.geojson")
    yield from raw.glob(".*.new")
    for part in raw.rglob("*.part"):
        if not part.with_name(f"{part.name}.json").exists():
            yield part
    for come in (raw / COMING).rglob("*"):
        if not come.is_dir() and not come.name.endswith((".part", ".part.json")):
            yield come


def _cleared(place: Path) -> list[str]:
    lock = WriterLock(place.parent / f"{OURS}{place.name}.lock")
    try:
        if not lock.acquire(0):
            return []
        try:
            spares = [spare for spare in _spares(place) if not spare.is_symlink()]
            for spare in spares:
                _ = shutil.rmtree(spare) if spare.is_dir() else spare.unlink(missing_ok=True)
        finally:
            lock.release()
    except OSError:
        return []
    return [f"{place}: cleared away {_count(len(spares))} that commands left that were cut short."] if spares else []
