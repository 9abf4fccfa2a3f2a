"""The catalogue of sources, and the bytes it vouches for."""

import hashlib

import pytest

LINES = {
    "a source without a title": (
        'title = "Registre du port"\n',
        "",
        '[registre]: has no title. Add title = "…".',
    ),
    "a source without a licence": (
        '"Licence Ouverte 2.0"',
        '""',
        '[registre]: has no licence. Add licence = "…".',
    ),
    "an unknown key": (
        "edition",
        "editor",
        "[registre]: `editor` is not known. Known: title, publisher, licence, ",
    ),
    "a value that is no text": ('"2025"', "2025", "[registre]: edition is no text. Put it between quotes."),
    "an address that is none": (
        "edition = ",
        'url = "port.example"\nedition = ',
        "[registre]: `port.example` is no web address. Start it with https://.",
    ),
    "a basis that is none": (
        "edition = ",
        'basis = "heard"\nedition = ',
        "[registre]: basis `heard` is not known. One of surveyed, digitised, stated.",
    ),
    "a basis that is a list": (
        "edition = ",
        'basis = ["stated"]\nedition = ',
        "basis is no text. Put it between quotes.",
    ),
    "a line outside any table": (
        "[registre]",
        'note = "x"\n[registre]',
        "[note]: is no table. Write one table per source.",
    ),
    "a line that is no TOML": ("title = ", "title : ", "no sound TOML: "),
}


@pytest.mark.parametrize(("old", "new", "message"), LINES.values(), ids=LINES)
def test_a_faulty_source_is_refused_with_its_mend(good, refused, old, new, message):
    good.change("sources.toml", old, new)
    said = refused(good)
    assert said.startswith("sources.toml: ")
    assert message in said


def test_a_missing_catalogue_is_named(good, refused):
    (good.path / "sources.toml").unlink()
    assert refused(good).startswith("sources.toml: no such file. A territory folder has territory.toml and sources")


def test_a_catalogue_that_is_not_utf8_is_named(good, refused):
    good.put("sources.toml", '[registre]\ntitle = "Prés"\n'.encode("latin-1"))
    assert refused(good).endswith("Save the file as UTF-8.")


def test_all_faults_of_the_catalogue_come_in_one_message(good, refused):
    good.put("sources.toml", '[a]\ntitle = "A"\n[b]\nlicence = "B"\n')
    first, *faults = refused(good).splitlines()
    assert first == "sources.toml: 4 faults"
    assert [fault.split(".")[0] for fault in faults] == [
        "  - [a]: has no publisher",
        "  - [a]: has no licence",
        "  - [b]: has no title",
        "  - [b]: has no publisher",
    ]


def test_a_file_that_the_catalogue_names_must_be_there(good, refused):
    good.change("sources.toml", "edition = ", 'file = "raw/register.pdf"\nedition = ')
    said = refused(good)
    assert said.startswith("raw/register.pdf: the file of source `registre` is absent. Put it back")


def test_a_file_whose_bytes_changed_is_refused(good, refused):
    on_record = hashlib.sha256(b"as published").hexdigest()
    good.put("raw/register.pdf", b"as published, nearly")
    good.change("sources.toml", "edition = ", f'file = "raw/register.pdf"\nsha256 = "{on_record}"\nedition = ')
    said = refused(good)
    assert said.startswith("raw/register.pdf: its bytes are not those on record for source `registre`")
    assert on_record[:12] in said
    good.put("raw/register.pdf", b"as published")
    assert good.open().sources["registre"].sha256 == on_record


def test_a_source_is_credited_as_publisher_title_and_edition(demo):
    assert demo.open().sources["registre"].credit == "Port-Neuf, Registre du port, 2025"
