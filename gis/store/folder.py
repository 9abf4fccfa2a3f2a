"""An output folder, written to a temporary folder and moved into place as a whole; foreign files in it are kept."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gis.errors import RenderError
from gis.journal import OURS
from gis.placing import writing

#: The file that says what is in the folder: `sha256sum --check` reads it.
SUMS: Final = "SHA256SUMS"


def write_folder(folder: Path, write: Callable[[Path], None]) -> list[Path]:
    """Let `write` fill a folder aside, then put it in place of the one of last time.

    Returns
    -------
    files
        What the folder holds now, in order.

    Raises
    ------
    RenderError
        If the folder holds anything that was not written so, or was changed since; or if the disk refuses. What was
        there is untouched then.
    """
    folder = folder.resolve()
    with writing(folder) as placing:
        _check_ours(folder)
        before = _files(folder)
        new = placing.aside(folder) / "new"
        new.mkdir()
        write(new)
        (new / SUMS).write_text(_sums(new), encoding="utf-8", newline="\n")
        files: dict[Path, Path | None] = {folder / name: new / name for name in _files(new)}
        placing.put({folder / name: None for name in before} | files)
    return [folder / name for name in _files(folder)]


def _files(folder: Path) -> list[str]:
    """List what is in a folder but for what is passing."""

    def refuse(error: OSError) -> None:
        raise error

    walk = os.walk(folder, onerror=refuse) if folder.exists() else ()
    found = (Path(at, name).relative_to(folder).as_posix() for at, _, names in walk for name in names)
    return sorted(name for name in found if OURS not in name.partition("/")[0])


def _sums(folder: Path) -> str:
    return "".join(f"{_sha256(folder / name)}  {name}\n" for name in _files(folder) if name != SUMS)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _check_ours(folder: Path) -> None:
    """Refuse a folder with files that were not written here, or that somebody has worked on since."""
    if folder.exists() and not folder.is_dir():
        raise RenderError(f"{folder}: is a file. Name a folder that does not exist, or that this command wrote.")
    found = _files(folder)
    listed = folder / SUMS
    lines = listed.read_text(encoding="utf-8", errors="replace").splitlines() if SUMS in found else []
    known = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name in found:
        if name != SUMS and name not in known:
            raise RenderError(f"{folder / name}: was not written by this command. Move it, or name another folder.")
        if name != SUMS and _sha256(folder / name) != known[name]:
            raise RenderError(f"{folder / name}: was changed since it was written. Move it, or name another folder.")
