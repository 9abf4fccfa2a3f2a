"""The journal of a write: the moves it lists, how they are executed, and how they are rolled back."""

import errno
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gis.errors import RenderError

#: What the names of all that is passing begin with.
OURS: Final = ".emprise-"

#: Files in which SQLite keeps what is not in the database yet.
_SIDECARS: Final = ("-wal", "-journal", "-shm")

#: What the journal of a rollback begins with while it is needed.
_HOT: Final = bytes.fromhex("d9d505f920a163d7")


@dataclass(frozen=True, slots=True)
class JournalStep:
    """What one place gets: the file `new`, nothing where there is none; `old` is a second name of what was there."""

    place: Path
    new: Path | None
    new_sha256: str
    old: Path | None
    old_sha256: str


def refuse_open_geopackage(file: Path) -> None:
    """Refuse to replace a database while what was changed in it stands in a file beside it.

    Raises
    ------
    RenderError
        If a `-wal` or `-journal` beside it holds anything.
    """
    for ending in _SIDECARS[:2] if file.suffix == ".gpkg" else ():
        sidecar = file.with_name(f"{file.name}{ending}")
        if sidecar.is_file() and is_sidecar_needed(sidecar):
            msg = (
                f"{file}: another program has it open, or was cut short with it: {sidecar.name} holds changes that are "
                "not in it yet. Close it in QGIS, and run this again; what was drawn in it must go to a file of yours."
            )
            raise RenderError(msg)


def is_sidecar_needed(sidecar: Path) -> bool:
    """Say whether a `-wal` or `-journal` holds what is not in its database, or must be taken back."""
    with sidecar.open("rb") as stream:
        first_bytes = stream.read(len(_HOT))
    return first_bytes == _HOT if sidecar.name.endswith("-journal") else bool(first_bytes)


def finish_steps(steps: Sequence[JournalStep], made: Sequence[Path]) -> None:
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
        sync_to_disk(folder)


def roll_back_steps(steps: Sequence[JournalStep], made: Sequence[Path]) -> list[Path]:
    """Put back what was there, but where somebody changed it since: those are returned."""
    changed_places = []
    for step in steps:
        present_hash = file_hash(step.place)
        if present_hash == step.old_sha256:
            continue
        if present_hash != step.new_sha256:
            changed_places.append(step.place)
        elif step.old:
            step.old.replace(step.place)
        else:
            step.place.unlink()
    for folder in reversed(made):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return changed_places


def file_hash(file: Path) -> str:
    """Return the hash of a file; nothing where there is none."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def sync_to_disk(path: Path) -> None:
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


def journal_paths(value: object) -> list[str]:
    """Return the paths of a list in a journal."""
    return [each for each in value if _is_path(each) and each] if isinstance(value, list) else []


def _is_path(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value


def read_journal_steps(journal: Mapping[str, Any], root: Path, asides: Sequence[Path]) -> list[JournalStep]:
    """Read the steps of a journal; one that leads out of where its aside stands is nobody's."""
    rows = journal.get("steps")
    steps = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict):
            continue
        step_texts = [row.get(key, "") for key in ("place", "new", "new_sha256", "old", "old_sha256")]
        if not all(map(_is_path, step_texts)):
            continue
        place, new, old = (root / each if each else None for each in (step_texts[0], step_texts[1], step_texts[3]))
        is_ours = all(_is_in_aside(each, asides) for each in (new, old) if each)
        if place and is_ours and is_beside_asides(place, asides):
            steps.append(JournalStep(place, new, step_texts[2], old, step_texts[4]))
    return steps


def is_aside_folder(folder: Path, name: str) -> bool:
    """Say whether a folder is one that a run of that name made files in."""
    return folder.name.startswith(f"{name}.aside-") and folder.is_dir() and not folder.is_symlink()


def _is_in_aside(file: Path, asides: Sequence[Path]) -> bool:
    return any(file.parent.resolve().is_relative_to(aside.resolve()) for aside in asides)


def is_beside_asides(place: Path, asides: Sequence[Path]) -> bool:
    """Say whether a place is below a folder that an aside stands in."""
    return any(place.parent.resolve().is_relative_to(aside.parent.resolve()) for aside in asides)
