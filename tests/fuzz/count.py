"""Spoil files by a seed, read each in a process that may die, and count how the readers end.

    python -m tests.fuzz.count --files 3000 [--seed 1] [--only gpkg] [--keep FOLDER]

The same numbers spoil the same files, so that two states of the product can be compared.
"""

import argparse
import collections
import json
import multiprocessing
import queue
import random
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fuzz.mutants import is_toml, sound_files, spoilt
from tests.fuzz.readers import AS, ends, readers_of

#: Seconds after which a file counts as one that hangs.
LIMIT = 30


def chosen(number: int, seed: int, only: str) -> tuple[str, str, str, dict[str, bytes]]:
    """Return the kind, layer, name and bytes of one spoilt file."""
    rnd = random.Random(f"{seed}/{number}")  # noqa: S311  (nothing is secret)
    kinds = {kind: each for kind, each in _SOUND.items() if kind.startswith(only)}
    kind = [*kinds][number % len(kinds)]
    name, files = kinds[kind]
    files = dict(files)
    for _ in range(50):
        victim = rnd.choice([each for each in files if not each.endswith((".prj", ".cpg")) or rnd.random() < 0.3])
        spoilings = [
            (rnd.randrange(1000), rnd.randrange(1000), rnd.randrange(10_000))
            for _ in range(rnd.choice([1, 1, 1, 2, 3]))
        ]
        changed = spoilt(victim, files[victim], spoilings)
        if changed != files[victim] and (not victim.endswith("toml") or is_toml(changed) or rnd.random() < 0.1):
            files[victim] = changed
            break
    return kind, rnd.choice(AS), name, files


_SOUND = sound_files()


def _work(todo: Any, done: Any) -> None:
    while (each := todo.get()) is not None:
        number, seed, only = each
        kind, layer, name, files = chosen(number, seed, only)
        for reader in readers_of(kind):
            done.put((number, kind, reader.__name__, "began", ""))
            try:
                how, why = ends(reader, name, files, layer), ""
            except BaseException as error:  # noqa: BLE001  (that is what is counted)
                frames = [f for f in traceback.extract_tb(error.__traceback__) if "/gis/" in f.filename]
                at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
                how, why = "uncaught", f"{type(error).__name__} at {at}: {str(error)[:90]}"
            done.put((number, kind, reader.__name__, how, why))
        done.put((number, kind, "", "over", ""))


class Workers:
    """One process that reads, made anew when it dies or hangs."""

    def __init__(self, seed: int, only: str) -> None:
        self.seed, self.only = seed, only
        self.context = multiprocessing.get_context("fork")
        self.process: Any = None

    def ends(self, number: int) -> Iterator[tuple[str, str, str, str]]:
        """Yield how each reader ends over one file: kind of file, reader, how, and why it is uncaught."""
        if self.process is None or not self.process.is_alive():
            self.todo, self.done = self.context.Queue(), self.context.Queue()
            self.process = self.context.Process(target=_work, args=(self.todo, self.done), daemon=True)
            self.process.start()
        self.todo.put((number, self.seed, self.only))
        kind = reader = how = ""
        while how != "over":
            try:
                _, kind, reader, how, why = self.done.get(timeout=LIMIT)
            except queue.Empty:
                dead = not self.process.is_alive()
                self.process.kill()
                self.process.join()
                yield kind, reader, "crash" if dead else "hang", f"exit code {self.process.exitcode}"
                return
            if how not in {"began", "over"}:
                yield kind, reader, how, why


def main() -> None:
    """Count, and say."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--files", type=int, default=3000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="")
    asked.add_argument("--keep", type=Path)
    said = asked.parse_args()
    workers = Workers(said.seed, said.only)
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    whys: collections.Counter[str] = collections.Counter()
    spoilt_files = set()
    for number in range(said.files):
        for kind, reader, how, why in workers.ends(number):
            counts[kind][how] += 1
            if how not in {"read", "refused"}:
                whys[f"{kind} / {reader}: {how}: {why}"] += 1
                spoilt_files.add(number)
                _keep(said.keep, number, said)
    lines = [f"{kind:<16} {json.dumps(each)}" for kind, each in counts.items()]
    lines += [f"{len(spoilt_files)} of {said.files} files uncaught"]
    sys.stdout.write("\n".join([*lines, *(f"{n:>5}  {why}" for why, n in whys.most_common())]) + "\n")


def _keep(folder: Path | None, number: int, said: argparse.Namespace) -> None:
    if folder is None:
        return
    kind, layer, _, files = chosen(number, said.seed, said.only)
    place = folder / f"{kind.replace(' ', '-')}-{number}-{layer}"
    place.mkdir(parents=True, exist_ok=True)
    for each, data in files.items():
        (place / each).write_bytes(data)


if __name__ == "__main__":
    main()
