"""Two who write at the same time: both whole, one after the other; and a lock that says who holds it."""

import errno
import json
import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from functools import partial

import pytest

import gis
from gis import locking, placing
from gis.build import build
from gis.cli import main
from gis.errors import GisError, SourceChangedError
from gis.locking import WriterLock
from gis.mending import mend_interrupted_runs
from gis.placing import writing_under_lock
from tests.writing.conftest import LONG, cut_short, ended, forked, watched


def write(root, label):
    """Put three files in two folders, as a build does."""
    with writing_under_lock(root / "layers" / "demo") as run:
        home, pages = root / "layers", root / "maps" / "demo"
        places = [home / "demo.gpkg", home / "demo.figures.json", pages / "index.html"]
        files = {}
        for place in places:
            files[place] = run.aside(place.parent) / place.name
            files[place].write_text(label, encoding="utf-8")
        run.put(files)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "layers" / "demo").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def holding(root):
    """Let a process hold the lock with a file half made, for as long as the test lasts."""
    ready, tell = os.pipe()

    def hold():
        with writing_under_lock(root / "layers" / "demo") as run:
            (run.aside(root / "layers") / "half").write_text("half", encoding="utf-8")
            os.write(tell, b".")
            time.sleep(60)

    child = forked(hold)
    os.read(ready, 1)
    yield child
    os.kill(child, signal.SIGKILL)
    ended(child)
    os.close(ready)
    os.close(tell)


def test_two_who_put_files_in_place_at_once_are_both_whole(root, tree):
    for n in range(300 if LONG else 25):
        children = [forked(partial(write, root, f"{label}{n}")) for label in "ab"]
        assert [ended(child) for child in children] == [0, 0]
        found = {name: data for name, data in tree(root).items() if data}
        assert found.keys() == {"layers/demo.gpkg", "layers/demo.figures.json", "maps/demo/index.html"}
        assert {*found.values()} in ({b"a%d" % n}, {b"b%d" % n})
        assert {name for name in tree(root) if ".emprise" in name} == set()


def test_one_is_killed_while_the_other_writes_and_all_is_whole(root, tree):
    chance = random.Random(1)  # noqa: S311  (which event, not a secret)
    write(root, "old")
    for n in range(100 if LONG else 12):
        at = chance.randrange(60)
        killed = forked(lambda at=at, n=n: watched(str(root), lambda: write(root, f"k{n}"), at))
        other = forked(lambda n=n: write(root, f"w{n}"))
        ended(killed)
        assert ended(other) == 0
        mend_interrupted_runs(root / "layers" / "demo")
        found = {name: data for name, data in tree(root).items() if data}
        assert {*found.values()} in ({b"k%d" % n}, {b"w%d" % n}), f"killed before event {at}"
        assert len(found) == 3


def test_two_builds_at_once_are_both_whole(good, tree, monkeypatch):
    monkeypatch.setattr(placing, "WAIT_S", 120.0)
    facts = good.path / "tenancies.csv"
    text = facts.read_text(encoding="utf-8")
    before = tree(good.path.parents[1])
    for _ in range(5 if LONG else 1):
        children = [forked(lambda: build(good.path)) for _ in range(2)]
        assert [ended(child) for child in children] == [0, 0]
        assert tree(good.path.parents[1]) == before
    assert facts.read_text(encoding="utf-8") == text


# --- the lock -------------------------------------------------------------------------------------------------------


def test_a_second_writer_is_told_who_holds_the_lock(root, holding, monkeypatch):
    monkeypatch.setattr(placing, "WAIT_S", 0.2)
    with pytest.raises(GisError, match=rf"process {holding} on .*, since 20.* is writing here\. Wait until it has"):
        write(root, "b")


@pytest.mark.usefixtures("holding")
def test_what_a_living_run_uses_is_left_alone(root):
    halves = [*(root / "layers").glob(".emprise-demo.aside-*/half")]
    assert halves
    assert mend_interrupted_runs(root / "layers" / "demo") == []
    assert [*(root / "layers").glob(".emprise-demo.aside-*/half")] == halves


def test_the_lock_of_a_dead_process_holds_nobody_up(root, holding, tree):
    os.kill(holding, signal.SIGKILL)
    time.sleep(0.1)
    (line,) = mend_interrupted_runs(root / "layers" / "demo")
    assert f"process {holding} " in line
    assert line.endswith("was cut short. What it left is cleared away; what is in place is whole.")
    write(root, "b")
    assert {data for data in tree(root).values() if data} == {b"b"}


def test_who_reads_is_not_held_up(demo):
    with writing_under_lock(demo.path):
        ready = forked(lambda: gis.open(demo.path).figures)
        assert ended(ready) == 0
        assert forked_command(demo.path) == 0


def forked_command(folder):
    def figures():
        with pytest.raises(SystemExit) as end:
            main(["figures", str(folder)])
        os._exit(end.value.code)

    return ended(forked(figures))


def test_within_a_run_others_of_the_same_thread_join_it(root):
    with writing_under_lock(root / "layers" / "demo") as outer, writing_under_lock(root / "elsewhere") as inner:
        assert inner is outer


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_where_the_file_system_knows_no_locks_a_file_takes_their_place(root, monkeypatch, code, tree):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("fcntl.flock", refuse)
    file = root / "layers" / ".emprise-demo.lock"
    first = WriterLock(file)
    assert first.acquire(0)
    taken = forked(lambda: os._exit(WriterLock(file).acquire(0.1)))
    assert ended(taken) == 0
    first.release()
    dead = forked(lambda: os._exit(WriterLock(file).acquire(0.1)))
    assert ended(dead) == 1
    write(root, "b")
    assert {name for name, data in tree(root).items() if "emprise" in name} == set()


@pytest.mark.parametrize("refusing", [["layers"], ["layers", "demo"]])
def test_where_a_folder_is_read_only_the_lock_stands_in_the_next_one(root, monkeypatch, refusing):
    acquire = WriterLock.acquire

    def limited(self, wait_s):
        if self._file.parent.name in refusing:
            raise OSError(errno.EROFS, "Read-only file system", str(self._file))
        return acquire(self, wait_s)

    monkeypatch.setattr(locking.WriterLock, "acquire", limited)
    if refusing == ["layers"]:
        with writing_under_lock(root / "layers" / "demo"):
            assert (root / "layers" / "demo" / ".emprise-demo.lock").exists()
        return
    with pytest.raises(GisError, match="Read-only file system"), writing_under_lock(root / "layers" / "demo"):
        pass
    with writing_under_lock(root / "layers" / "demo", root / "out" / "x.gpkg"):
        assert (root / ".emprise-demo.lock").exists()


# --- what is mended -------------------------------------------------------------------------------------------------


def test_a_file_that_somebody_changed_since_is_left_alone(root):
    write(root, "old")
    first, second = root / "layers" / "demo.gpkg", root / "layers" / "demo.figures.json"
    third = root / "maps" / "demo" / "index.html"
    cut_short(lambda: write(root, "new"), second)
    assert [each.read_text(encoding="utf-8") for each in (first, second, third)] == ["new", "old", "old"]
    second.write_text("mine", encoding="utf-8")
    (line,) = mend_interrupted_runs(root / "layers" / "demo")
    assert f"{second} was changed since and stays as it is: run the command again." in line
    assert [each.read_text(encoding="utf-8") for each in (first, second, third)] == ["new", "mine", "new"]


def test_what_cannot_be_finished_is_taken_back(root, tree):
    write(root, "old")
    before = tree(root)
    cut_short(lambda: write(root, "new"), root / "layers" / "demo.figures.json")
    (new,) = root.glob("maps/demo/.emprise-demo.aside-*/index.html")
    new.write_text("torn", encoding="utf-8")
    (line,) = mend_interrupted_runs(root / "layers" / "demo")
    assert "taken back" in line
    assert tree(root) == before


def test_opening_a_territory_that_is_half_old_and_half_new_is_refused_and_any_command_mends_it(
    demo, command, monkeypatch
):
    monkeypatch.setattr("gis.mending.SETTLED_S", 0.0)
    names = ("premises.csv", "sites.csv")
    texts = {name: (demo.path / name).read_text(encoding="utf-8") for name in names}

    def act():
        with writing_under_lock(demo.path) as run:
            files = {demo.path / name: run.aside(demo.path) / name for name in names}
            for file in files.values():
                file.write_text(texts[file.name] + "\n", encoding="utf-8")
            run.put(files)

    cut_short(act, demo.path / "sites.csv")
    assert (demo.path / "premises.csv").read_text(encoding="utf-8") == texts["premises.csv"] + "\n"
    assert (demo.path / "sites.csv").read_text(encoding="utf-8") == texts["sites.csv"]
    with pytest.raises(SourceChangedError, match=r"was cut short while it put files here\. Run any command on it"):
        gis.open(demo.path)
    told = command("figures", demo.path)
    assert told.code == 0
    assert "was cut short. What it left is finished: all new, 2 files." in told.err
    assert (demo.path / "sites.csv").read_text(encoding="utf-8") == texts["sites.csv"] + "\n"
    assert command("figures", demo.path).err == ""


def test_a_journal_that_leads_out_of_its_folder_is_not_believed(root):
    victim = root / "victim"
    victim.write_text("mine", encoding="utf-8")
    run, aside = root / "layers" / ".emprise-demo.run", root / "layers" / ".emprise-demo.aside-00"
    run.mkdir()
    aside.mkdir()
    (aside / "x").write_text("theirs", encoding="utf-8")
    steps = [
        {"place": place, "new": new, "new_sha256": "", "old": "", "old_sha256": old}
        for place in ("../victim", str(victim), "demo/../../victim", "a\0b")
        for new in (".emprise-demo.aside-00/x", "")
        for old in ("", placing.file_hash(victim))
    ]
    for state in ("placing", "back"):
        run.mkdir(exist_ok=True)
        journal = {"state": state, "asides": [aside.name, "..", "demo"], "steps": [*steps, 1], "made": ["../x", 3]}
        (run / "journal.json").write_text(json.dumps(journal), encoding="utf-8")
        mend_interrupted_runs(root / "layers" / "demo")
        assert victim.read_text(encoding="utf-8") == "mine"
        assert sorted(path.name for path in root.iterdir()) == ["layers", "victim"]
        assert [path.name for path in (root / "layers").iterdir()] == ["demo"]


def test_what_earlier_versions_left_is_cleared_away(demo, command, tree):
    before = tree(demo.path.parents[1])
    home = demo.path.parent
    for name in (".demo.gpkg.new", ".demo.figures.json.old", ".demo.zip.new", "demo/.sources.toml.new"):
        (home / name).write_text("half", encoding="utf-8")
    (home / ".emprise-ab12_cde").mkdir()
    (home / ".emprise-ab12_cde" / "new").mkdir()
    (demo.path / ".matches.csv.part").write_text("half", encoding="utf-8")
    ended_ = command("figures", demo.path)
    assert "cleared away 6 files that commands left that were cut short" in ended_.err
    assert tree(demo.path.parents[1]) == before


# --- a database that is open elsewhere ------------------------------------------------------------------------------


def opened(file):
    """Open a database as QGIS does, and change a row without having it written to the database itself."""
    other = sqlite3.connect(file, isolation_level=None)
    assert other.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    other.execute("PRAGMA wal_autocheckpoint = 0")
    return other


def test_a_geopackage_that_is_open_with_changes_is_not_replaced(good, command, tree):
    file = good.path.with_suffix(".gpkg")
    with closing(opened(file)) as other:
        other.execute("CREATE TABLE mine (a TEXT)")
        other.execute("INSERT INTO mine VALUES ('drawn')")
        before = {name: data for name, data in tree(good.path.parents[1]).items() if not name.endswith("-shm")}
        end = command("build", good.path)
        assert (end.code, end.out) == (1, "")
        assert end.err.startswith(f"gis: {file}: another program has it open")
        assert "demo.gpkg-wal holds changes that are not in it yet. Close it in QGIS" in end.err
        after = {name: data for name, data in tree(good.path.parents[1]).items() if not name.endswith("-shm")}
        assert after == before
    with closing(sqlite3.connect(file)) as read:
        assert read.execute("SELECT a FROM mine").fetchall() == [("drawn",)]
        assert read.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert command("build", good.path).code == 0
    assert [each.name for each in file.parent.glob("demo.gpkg*")] == ["demo.gpkg"]


def test_a_geopackage_that_is_open_without_changes_is_replaced_and_stays_sound(good, command):
    file = good.path.with_suffix(".gpkg")
    good_bytes = file.read_bytes()
    with closing(opened(file)) as other:
        other.execute("SELECT * FROM gpkg_contents").fetchall()
        assert file.with_name("demo.gpkg-shm").exists()
        assert command("build", good.path).code == 0
        assert [each.name for each in file.parent.glob("demo.gpkg*")] == ["demo.gpkg"]
        other.execute("CREATE TABLE late (a TEXT)")
    assert file.read_bytes() == good_bytes
    assert [each.name for each in file.parent.glob("demo.gpkg*")] == ["demo.gpkg"]
