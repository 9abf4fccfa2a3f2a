"""An output folder, written to a temporary folder and moved into place as a whole; foreign files in it are kept."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gis.errors import RenderError
from gis.journal import OURS
from gis.placing import writing_under_lock

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
    with writing_under_lock(folder) as placing:
        _refuse_foreign_files(folder)
        previous_names = _file_names_in_folder(folder)
        new_folder = placing.aside(folder) / "new"
        new_folder.mkdir()
        write(new_folder)
        (new_folder / SUMS).write_text(_sha256_lines(new_folder), encoding="utf-8", newline="\n")
        files: dict[Path, Path | None] = {
            folder / name: new_folder / name for name in _file_names_in_folder(new_folder)
        }
        placing.put({folder / name: None for name in previous_names} | files)
    return [folder / name for name in _file_names_in_folder(folder)]


def _file_names_in_folder(folder: Path) -> list[str]:
    """List what is in a folder but for what is passing."""

    def raise_error(error: OSError) -> None:
        raise error

    walk = os.walk(folder, onerror=raise_error) if folder.exists() else ()
    file_names = (Path(at, name).relative_to(folder).as_posix() for at, _, names in walk for name in names)
    return sorted(name for name in file_names if OURS not in name.partition("/")[0])


def _sha256_lines(folder: Path) -> str:
    return "".join(
        f"{_sha256_of_file(folder / name)}  {name}\n" for name in _file_names_in_folder(folder) if name != SUMS
    )


def _sha256_of_file(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _refuse_foreign_files(folder: Path) -> None:
    """Refuse a folder with files that were not written here, or that somebody has worked on since."""
    if folder.exists() and not folder.is_dir():
        raise RenderError(f"{folder}: is a file. Name a folder that does not exist, or that this command wrote.")
    file_names = _file_names_in_folder(folder)
    sums_file = folder / SUMS
    lines = sums_file.read_text(encoding="utf-8", errors="replace").splitlines() if SUMS in file_names else []
    digest_by_name = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name in file_names:
        if name != SUMS and name not in digest_by_name:
            raise RenderError(f"{folder / name}: was not written by this command. Move it, or name another folder.")
        if name != SUMS and _sha256_of_file(folder / name) != digest_by_name[name]:
            raise RenderError(f"{folder / name}: was changed since it was written. Move it, or name another folder.")
