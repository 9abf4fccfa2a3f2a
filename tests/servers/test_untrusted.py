"""What was begun, written down or configured may be of anybody: it is looked at, and what is wrong is named."""

import json

import pytest

import gis
from gis.errors import GisError, SchemaError, SourceError
from gis.sources.open_data.fetched import read_fetched
from gis.sources.open_data.national import service_of_source
from gis.sources.open_data.registry import ALL, readers_of_layer
from gis.sources.tables.catalogue import sha256_of_file

OLD, NEW = b"old " * 200_000, b"new!" * 200_000


def _begin(service, client, reply, tmp_path):
    """Begin a download of the old file, and let it be cut."""
    service.script["/a"] = [reply(OLD, headers={"ETag": '"old"'}, cut=500_000), reply(status=403)]
    with pytest.raises(SourceError, match="403"):
        client.download(f"{service.url}/a", tmp_path / "a")
    begun = (tmp_path / "a.part").stat().st_size
    assert 0 < begun <= 500_000
    service.log.clear()
    return begun


@pytest.mark.parametrize(
    "vouches",
    [{"ETag": '"new"'}, {}, {"ETag": 'W/"old"'}, {"Last-Modified": "Wed, 01 Jul 2026 00:00:00 GMT"}],
    ids=["another tag", "nothing", "a weak tag", "a date alone"],
)
def test_what_a_server_splices_is_not_kept(service, client, reply, tmp_path, vouches):
    begun = _begin(service, client, reply, tmp_path)
    told = {"Content-Range": f"bytes {begun}-{len(NEW) - 1}/{len(NEW)}", **vouches}
    service.files["/a"] = NEW
    service.script["/a"] = [reply(NEW[begun:], status=206, headers=told)]
    client.download(f"{service.url}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == NEW
    assert ["range" in asked.headers for asked in service.log] == [True, False]


@pytest.mark.parametrize("total", ["*", "799999", "5", "x", "9" * 4301])
def test_a_part_of_an_odd_whole_is_not_kept(service, client, reply, tmp_path, total):
    begun = _begin(service, client, reply, tmp_path)
    told = {"Content-Range": f"bytes {begun}-799999/{total}", "ETag": '"old"'}
    service.files["/a"] = NEW
    service.script["/a"] = [reply(OLD[begun:], status=206, headers=told)]
    client.download(f"{service.url}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == NEW


def test_a_part_that_is_too_long_is_begun_anew(service, client, reply, tmp_path):
    _begin(service, client, reply, tmp_path)
    service.files["/a"] = NEW
    service.script["/a"] = [reply(status=416)]
    client.download(f"{service.url}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == NEW


@pytest.mark.parametrize("mark", [b"[]", b"null", b'{"url": 1}', b"[" * 100_000, b"\xff", b'{"same": ["a"]}'])
def test_a_mark_that_is_none_begins_anew(service, client, tmp_path, mark):
    service.files["/a"] = NEW
    (tmp_path / "a.part").write_bytes(b"part")
    (tmp_path / "a.part.json").write_bytes(mark)
    client.download(f"{service.url}/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == NEW


GOOD = {
    "file": "cadastre/a.json.gz",
    "url": "https://publisher.example/a",
    "retrieved": "2026-07-01",
    "sha256": "0" * 64,
    "bytes": 12,
}
HEAD = (
    '[cadastre]\ntitle = "a"\npublisher = "b"\nlicence = "c"\nurl = "https://publisher.example"\nbasis = "surveyed"\n'
)


def _record(raw, head=HEAD, **changed):
    lines = [f"{key} = {json.dumps(value)}" for key, value in {**GOOD, **changed}.items() if value is not None]
    raw.mkdir(exist_ok=True)
    (raw / "fetched.toml").write_text(head + "[[cadastre.files]]\n" + "\n".join(lines), encoding="utf-8")
    return raw


def test_a_sound_record_is_read(tmp_path):
    entry = read_fetched(_record(tmp_path, edition="2026-01-01", rows=0)).entries["cadastre"]["cadastre/a.json.gz"]
    assert (entry.bytes, entry.rows, entry.edition) == (12, 0, "2026-01-01")


PATHS = [
    "../a",
    "a/../../b",
    "/etc/passwd",
    "C:/a",
    "C:a",
    "a\\b",
    "..\\a",
    "",
    ".",
    "a//b",
    "a/./b",
    "a\u0000b",
    "a\nb",
]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("file", value) for value in [*PATHS, "\\\\host\\a", "file:///a", 3, ["a"]]),
        *(
            ("url", value)
            for value in ["javascript:alert(1)", "file:///etc/passwd", "../a", "", 3, "https://a\u001b[2J"]
        ),
        *(("retrieved", value) for value in ["", "yesterday", "2026-02-31", "2026-07-01T00", "20260701", 3]),
        *(("sha256", value) for value in ["", "0" * 63, "g" * 64, "A" * 64, 3]),
        *(("bytes", value) for value in [-1, "12", True, 1.5, 10**30]),
        *(("edition", value) for value in ["\u001b[2J", "2026", 2026]),
        *(("rows", value) for value in [-1, "x", [1]]),
        ("announced", -1),
        *((key, None) for key in GOOD),
        ("evil", "x"),
    ],
)
def test_a_record_that_is_none_names_its_entry_and_leads_nowhere(tmp_path, key, value):
    with pytest.raises(
        SchemaError, match=rf"(?s)fetched\.toml: (\d+ faults\n  - )?(\[cadastre\], file 1|cadastre\.files 1\.).*{key}"
    ):
        read_fetched(_record(tmp_path, **{key: value}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[cadastre]\n", "cadastre = 3\n[x]\n"),
        ("[cadastre]\n", '["../a"]\n'),
        ('title = "a"\n', ""),
        ('title = "a"\n', "title = 3\n"),
        ('title = "a"\n', 'title = "\\u001b[2J"\n'),
        ('basis = "surveyed"\n', 'basis = "guessed"\n'),
        ('basis = "surveyed"\n', 'basis = ["surveyed"]\n'),
        ("https://publisher", "javascript:publisher"),
        ('basis = "surveyed"\n', 'basis = "surveyed"\nfiles = 3\n#'),
        ('basis = "surveyed"\n', f'basis = "surveyed"\nx = {"[" * 5000}\n'),
        ('basis = "surveyed"\n', f'basis = "surveyed"\nx = {"9" * 5000}\n'),
    ],
)
def test_a_source_that_is_none_is_named(tmp_path, old, new):
    raw = _record(tmp_path, HEAD.replace(old, new))
    if "files" in new:
        (raw / "fetched.toml").write_text(HEAD.replace(old, new), encoding="utf-8")
    with pytest.raises(SchemaError, match=r"fetched\.toml: "):
        read_fetched(raw)


def test_no_link_leads_out_of_the_folder(tmp_path):
    raw = _record(tmp_path / "raw")
    (tmp_path / "secret").write_text("x")
    (raw / "cadastre").mkdir()
    (raw / "cadastre" / "a.json.gz").symlink_to(tmp_path / "secret")
    with pytest.raises(SourceError, match="leads out of"):
        read_fetched(raw).files("cadastre", "*")


@pytest.mark.parametrize(
    "settings",
    [
        {"services": 3},
        {"services": ["a"]},
        {"services": {"osm": 3}},
        {"services": {"osm": {"url": 3}}},
        {"services": {"osm": "ftp://a"}},
        {"services": {"osm": "http://["}},
        {"services": {"osm": "http://a:99999"}},
    ],
)
def test_a_service_that_is_no_address_is_named(settings):
    with pytest.raises(SchemaError, match=r"territory\.toml: (services|\[services\] osm): "):
        service_of_source(ALL["osm"], settings, "territory.toml")


def test_the_address_of_the_environment_is_looked_at_too(monkeypatch):
    monkeypatch.setenv("GIS_OSM_URL", "file:///etc/passwd")
    with pytest.raises(SchemaError, match="GIS_OSM_URL"):
        service_of_source(ALL["osm"], {}, "territory.toml")


@pytest.mark.parametrize("settings", [{"layers": 3}, {"layers": {"sites": 3}}, {"layers": {"sites": [["bdtopo"]]}}])
def test_an_order_of_sources_that_is_none_is_named(settings):
    with pytest.raises(SchemaError, match="layers"):
        list(readers_of_layer("sites", settings))


def test_a_file_that_is_not_the_one_on_record_is_fetched_again(command, founded):
    assert command("fetch", founded, "cadastre").code == 0
    file = founded / "raw" / "cadastre" / "cadastre-62901-parcelles.json.gz"
    good = file.read_bytes()
    file.write_bytes(b"[1, 2")
    ended = command("fetch", founded, "cadastre")  # its bytes are not those on record
    assert (ended.code, file.read_bytes()) == (0, good)
    assert not (founded / "raw" / ".coming").exists()


def test_outlines_that_cannot_be_read_stop_those_alone_who_need_them(command, founded):
    (founded / "raw" / "communes" / "communes.json.gz").unlink()
    ended = command("fetch", founded, "cadastre", "bdtopo")
    assert ended.code == 1
    assert "cadastre: 6 files came" in ended.out
    assert "bdtopo: failed, what was here stays. the outlines of the communes cannot be read" in ended.out
    assert command("fetch", founded).code == 0  # and it is mended by fetching


def test_a_fault_of_ours_is_said_and_leaves_the_others_alone(command, founded, monkeypatch):
    def broken(*_):
        return 1 / 0

    monkeypatch.setattr("gis.sources.open_data.pages.Paged.all", broken)
    ended = command("fetch", founded, "cartofriches", "cadastre")
    assert "cartofriches: failed" in ended.out
    assert "ZeroDivisionError at test_untrusted.py" in ended.out or "ZeroDivisionError at national.py" in ended.out
    assert "cadastre: 6 files came" in ended.out
    told = command("doctor", founded, "--online", "cartofriches", "cadastre")
    assert told.code == 1
    assert "cartofriches: cannot be read (ZeroDivisionError" in told.out


def test_what_a_server_says_reaches_the_terminal_without_its_escapes(command, founded, service, reply):
    text = "<title>\x1b]0;owned\x07\x9b2Jred\u202e</title>".encode()
    service.script["/cartofriches"] = [reply(text, status=403)]
    ended = command("fetch", founded, "cartofriches")
    assert ended.code == 1
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(ended.out)
    assert "\\u001b]0;owned\\u0007\\u009b2Jred\\u202e" in ended.out


def test_what_a_file_says_reaches_the_terminal_without_its_escapes(command, founded):
    toml = founded / "territory.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + '\n[layers]\nsites = ["\\u001b[2J"]\n', encoding="utf-8")
    command("fetch", founded, "cadastre")
    ended = command("build", founded)
    assert ended.code == 1
    assert "\x1b" not in ended.err.rpartition("gis: ")[2]


def test_a_raw_file_of_another_shape_ends_the_build_in_one_error(command, founded):
    command("fetch", founded, "bdtopo")
    raw = founded / "raw"
    file = "bdtopo/62901-zone.json.gz"
    (raw / file).write_bytes(b'{"features": [{"properties": {"cleabs": [1]}, "geometry": {"type": 3}}]}')
    fetched = read_fetched(raw)
    entry = fetched.entries["bdtopo"][file]
    text = (raw / "fetched.toml").read_text(encoding="utf-8")
    (raw / "fetched.toml").write_text(text.replace(entry.sha256, sha256_of_file(raw / file)), encoding="utf-8")
    ended = command("build", founded)
    assert ended.code == 1
    assert ended.err.rpartition("gis: ")[2].count("62901-zone.json.gz") == 1
    with pytest.raises(GisError, match="62901-zone"):
        _ = gis.open(founded).sites
