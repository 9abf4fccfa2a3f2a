"""Recovery of interrupted commands, executed by the next command of any kind.

If no living process holds the lock of a run, its moves are completed, or rolled back if its journal is incomplete; its
other files are deleted. A file that has been changed since is left unchanged. A journal is trusted only for moves
within the folder that contains its own temporary folder.
"""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from gis.errors import RenderError, SourceChangedError
from gis.journal import (
    OURS,
    JournalStep,
    file_hash,
    finish_steps,
    is_aside_folder,
    is_beside_asides,
    journal_paths,
    read_journal_steps,
    refuse_open_geopackage,
    roll_back_steps,
)
from gis.locking import WriterLock, holder_text, read_json_table

#: What the name of a file ends with that comes into `raw/`; a download of it that was cut can be continued.
COMING: Final = ".come"

#: How long opening a territory waits for files that are being put in place, in seconds.
SETTLED_S: Final = 5.0


def mend_interrupted_runs(what: str | Path) -> list[str]:
    """Mend what runs that were cut short left beside a territory, or in it; what a living run uses is left alone.

    Returns
    -------
    lines
        What was mended, one line a run.
    """
    place = Path(what).resolve()
    lines = []
    for base in (place.parent, place):
        for name in _interrupted_run_names(base):
            lines += _mend_locked_run(base, name)
    with suppress(OSError):  # who reads it says so
        if any(_leftover_files(place)):
            lines += _clear_leftovers(place)
    return lines


def _interrupted_run_names(base: Path) -> list[str]:
    """Return of what there are runs, or locks, in a folder."""
    try:
        name_matches = [
            re.fullmatch(rf"{re.escape(OURS)}(.+)\.(?:lock|run|soft)", each.name) for each in os.scandir(base)
        ]
    except OSError:
        return []
    return sorted({match[1] for match in name_matches if match})


def _mend_locked_run(base: Path, name: str) -> list[str]:
    lock, run = WriterLock(base / f"{OURS}{name}.lock"), base / f"{OURS}{name}.run"
    try:
        if not lock.acquire(0):
            return []
        try:
            return mend_run(run)
        finally:
            lock.release()
    except OSError as error:
        return [f"{base / name}: a command was cut short here, and it cannot be mended ({error.strerror})."]


def mend_run(run: Path) -> list[str]:
    """Finish what a dead run had begun to put in place, or take it back, and clear away the rest."""
    if not run.is_dir() or run.is_symlink():
        return []
    journal, run_holder = read_json_table(run / "journal.json"), holder_text(run / "holder.json")
    root, name = run.parent, run.name.removesuffix(".run")
    asides = [aside for each in journal_paths(journal.get("asides")) if is_aside_folder(aside := root / each, name)]
    steps, made_folders = (
        read_journal_steps(journal, root, asides),
        [root / each for each in journal_paths(journal.get("made"))],
    )
    made_folders = [folder for folder in made_folders if is_beside_asides(folder, asides)]
    state, changed_places = journal.get("state"), list[Path]()
    if state == "placing" and all(map(_can_finish_step, steps)):
        changed_places = [step.place for step in steps if _is_place_changed(step)]
        finish_steps([step for step in steps if not _is_place_changed(step) and not _is_step_done(step)], made_folders)
        fate = f"finished: all new, {_file_count_text(len(steps) - len(changed_places))}"
    elif state in {"placing", "back"}:
        changed_places = roll_back_steps(steps, made_folders)
        fate = "taken back: all is as it was"
    else:
        fate = "cleared away; what is in place is whole"
    for aside in asides:
        shutil.rmtree(aside)
    shutil.rmtree(run, ignore_errors=True)
    changed_text = "".join(
        f" {place} was changed since and stays as it is: run the command again." for place in changed_places
    )
    return [f"{run_holder} was cut short. What it left is {fate}.{changed_text}"]


def _file_count_text(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"


def _can_finish_step(step: JournalStep) -> bool:
    """Say whether what a place gets is there, whole, or in its place already, or not wanted any more."""
    return _is_step_done(step) or _is_place_changed(step) or step.new is None or file_hash(step.new) == step.new_sha256


def _is_step_done(step: JournalStep) -> bool:
    return file_hash(step.place) == step.new_sha256


def _is_place_changed(step: JournalStep) -> bool:
    """Say whether somebody changed a place since the run was cut short."""
    try:
        refuse_open_geopackage(step.place)
    except RenderError:
        return True
    return file_hash(step.place) not in {step.old_sha256, step.new_sha256}


def refuse_half_placed(territory: Path) -> None:
    """Refuse to read a territory of which some files are new and others old: nothing is written to mend it.

    Raises
    ------
    SourceChangedError
        If a run was cut short while it put files in the folder; a living one is waited for.
    """
    place = territory.resolve()
    runs = [base / f"{OURS}{place.name}.run" for base in (place.parent, place)]
    deadline = time.monotonic() + SETTLED_S
    while moving_runs := [run for run in runs if _moves_within(run, place)]:
        if time.monotonic() > deadline:
            run_holder = holder_text(moving_runs[0] / "holder.json")
            mend_advice = f"Run any command on it, such as `gis sources {territory}`, which mends it."
            raise SourceChangedError(f"{territory}: {run_holder} was cut short while it put files here. {mend_advice}")
        time.sleep(0.02)


def _moves_within(run: Path, place: Path) -> bool:
    journal = read_json_table(run / "journal.json")
    if journal.get("state") not in {"placing", "back"} or not isinstance(journal.get("steps"), list):
        return False
    places = (run.parent / str(row.get("place", "")) for row in journal["steps"] if isinstance(row, dict))
    return any(each.parent.resolve().is_relative_to(place) for each in places)


# --- what earlier versions left -------------------------------------------------------------------------------------


def _leftover_files(place: Path) -> Iterator[Path]:
    """Yield what runs of earlier versions left; and files half made that no download can go on with."""
    parent_folder = place.parent
    maps_parent = parent_folder.parent if parent_folder.name == "layers" else parent_folder
    raw = place / "raw"
    for folder in (parent_folder, place, raw):
        for aside in folder.glob(f"{OURS}*"):
            if re.fullmatch(rf"{re.escape(OURS)}[a-z0-9_]{{8}}", aside.name) and not (aside / "old").exists():
                yield aside
    for ending in ("new", "old"):
        for name in (f"{place.name}.gpkg", f"{place.name}.figures.json", f"{place.name}.zip"):
            yield from parent_folder.glob(f".{name}.{ending}")
        yield from (maps_parent / "maps" / place.name).glob(f".*.html.{ending}")
    yield from place.glob(".sources.toml.new")
    yield from place.glob(".matches.csv.part")
    yield from (place / ".cache").glob("*.partial.geojson")
    yield from raw.glob(".*.new")
    for partial_file in raw.rglob("*.part"):
        if not partial_file.with_name(f"{partial_file.name}.json").exists():
            yield partial_file
    yield from raw.rglob(f"*{COMING}")


def _clear_leftovers(place: Path) -> list[str]:
    lock = WriterLock(place.parent / f"{OURS}{place.name}.lock")
    if not lock.acquire(0):
        return []
    try:
        leftovers = [spare for spare in _leftover_files(place) if not spare.is_symlink()]
        for spare in leftovers:
            if spare.is_dir():
                shutil.rmtree(spare)
            else:
                spare.unlink(missing_ok=True)
    finally:
        lock.release()
    return (
        [f"{place}: cleared away {_file_count_text(len(leftovers))} that commands left that were cut short."]
        if leftovers
        else []
    )
