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
from gis.journal import OURS, JournalStep, finish, hash_of, is_aside, refuse_open, steps_of, take_back, texts, within
from gis.locking import WriterLock, holder, read_json

#: What the name of a file ends with that comes into `raw/`; a download of it that was cut can be continued.
COMING: Final = ".come"

#: How long opening a territory waits for files that are being put in place, in seconds.
SETTLED_S: Final = 5.0


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
    with suppress(OSError):  # who reads it says so
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
            return mend_run(run)
        finally:
            lock.release()
    except OSError as error:
        return [f"{base / name}: a command was cut short here, and it cannot be mended ({error.strerror})."]


def mend_run(run: Path) -> list[str]:
    """Finish what a dead run had begun to put in place, or take it back, and clear away the rest."""
    if not run.is_dir() or run.is_symlink():
        return []
    journal, who = read_json(run / "journal.json"), holder(run / "holder.json")
    root, name = run.parent, run.name.removesuffix(".run")
    asides = [aside for each in texts(journal.get("asides")) if is_aside(aside := root / each, name)]
    steps, made = steps_of(journal, root, asides), [root / each for each in texts(journal.get("made"))]
    made = [folder for folder in made if within(folder, asides)]
    state, changed = journal.get("state"), list[Path]()
    if state == "placing" and all(map(_can_finish, steps)):
        changed = [step.place for step in steps if _is_changed(step)]
        finish([step for step in steps if not _is_changed(step) and not _is_done(step)], made)
        what = f"finished: all new, {_count(len(steps) - len(changed))}"
    elif state in {"placing", "back"}:
        changed = take_back(steps, made)
        what = "taken back: all is as it was"
    else:
        what = "cleared away; what is in place is whole"
    for aside in asides:
        shutil.rmtree(aside)
    shutil.rmtree(run, ignore_errors=True)
    kept = "".join(f" {place} was changed since and stays as it is: run the command again." for place in changed)
    return [f"{who} was cut short. What it left is {what}.{kept}"]


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"


def _can_finish(step: JournalStep) -> bool:
    """Say whether what a place gets is there, whole, or in its place already, or not wanted any more."""
    return _is_done(step) or _is_changed(step) or step.new is None or hash_of(step.new) == step.new_sha256


def _is_done(step: JournalStep) -> bool:
    return hash_of(step.place) == step.new_sha256


def _is_changed(step: JournalStep) -> bool:
    """Say whether somebody changed a place since the run was cut short."""
    try:
        refuse_open(step.place)
    except RenderError:
        return True
    return hash_of(step.place) not in {step.old_sha256, step.new_sha256}


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
    yield from raw.rglob(f"*{COMING}")


def _cleared(place: Path) -> list[str]:
    lock = WriterLock(place.parent / f"{OURS}{place.name}.lock")
    if not lock.acquire(0):
        return []
    try:
        spares = [spare for spare in _spares(place) if not spare.is_symlink()]
        for spare in spares:
            if spare.is_dir():
                shutil.rmtree(spare)
            else:
                spare.unlink(missing_ok=True)
    finally:
        lock.release()
    return [f"{place}: cleared away {_count(len(spares))} that commands left that were cut short."] if spares else []
