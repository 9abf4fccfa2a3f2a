"""Bad tables of facts: one message with file, row, what was found and what to do."""

import csv
import io

import pandas as pd
import pytest

from gis.errors import SchemaError
from gis.schemas import Claims, Matches
from gis.sources.conflation.joined import read_confirmed_matches, write_candidates
from gis.sources.open_data.fetch import source_place_of_folder
from gis.sources.open_data.fetched import read_fetched
from gis.sources.tables.fact_tables import read_table

ROWS = {
    "an unknown column": (
        "tenancies.csv",
        "area_kind,page",
        "area_kind,leaf",
        "header: column `leaf` is not known. Known: source_id, tenancy_id,",
    ),
    "a computed column": (
        "claims.csv",
        "note,source_id",
        "low,source_id",
        "header: column `low` is not known. Known: source_id, claim_id,",
    ),
    "a column twice": ("tenancies.csv", "page,source_id", "phase,source_id", "column `phase` stands twice. Keep one."),
    "a broken date": (
        "tenancies.csv",
        "2020-12-31",
        "2020-12-32",
        "row 2 (algues), column `from_latest`: `2020-12-32` is no date. Write it as 2022-05-17",
    ),
    "a year where a day should be": (
        "tenancies.csv",
        "2020-01-01",
        "2020",
        "row 2 (algues), column `from_earliest`: `2020` is no date. Write it as 2022-05-17",
    ),
    "a text where a number should be": (
        "sites.csv",
        "8,8",
        "8,eight",
        "row 2 (port), column `land_high_ha`: `eight` is no number. Write digits",
    ),
    "a number that could be two": (
        "sites.csv",
        "8,8",
        '8,"8,000"',
        "row 2 (port), column `land_high_ha`: `8,000` is no number. Write digits",
    ),
    "a number that is not finite": (
        "sites.csv",
        "8,8",
        "8,inf",
        "row 2 (port), column `land_high_ha`: `inf` is no number. Write digits",
    ),
    "a number that is none": (
        "sites.csv",
        "8,8",
        "nan,8",
        "row 2 (port), column `land_low_ha`: `nan` is no number. Write digits",
    ),
    "digits joined by an underscore": (
        "sites.csv",
        "8,8",
        "8,1_0",
        "row 2 (port), column `land_high_ha`: `1_0` is no number. Write digits",
    ),
    "a negative area": (
        "tenancies.csv",
        "20000,20000",
        "-20000,20000",
        "row 2 (algues), column `area_low_m2`: `-20000.0` breaks the rule greater_than(0). Give a value",
    ),
    "an area of nothing": (
        "sites.csv",
        "8,8",
        "0,8",
        "row 2 (port), column `land_low_ha`: `0.0` breaks the rule greater_than(0). Give a value",
    ),
    "bounds of a land area the wrong way round": (
        "sites.csv",
        "8,8",
        "9,8",
        "row 2 (port): land_low_ha is after land_high_ha (9.0 > 8.0). Correct land_low_ha or land_high_ha.",
    ),
    "bounds of an area held the wrong way round": (
        "tenancies.csv",
        "10000,10000",
        "10001,10000",
        "row 3 (bois): area_low_m2 is after area_high_m2 (10001.0 > 10000.0). Correct",
    ),
    "a beginning the wrong way round": (
        "tenancies.csv",
        "2020-12-31",
        "2019-12-31",
        "row 2 (algues): from_earliest is after from_latest (2020-01-01 > 2019-12-31). Correct",
    ),
    "an end the wrong way round": (
        "tenancies.csv",
        "2020-12-31,,",
        "2020-12-31,2025-01-02,2025-01-01",
        "row 2 (algues): to_earliest is after to_latest (2025-01-02 > 2025-01-01). Correct",
    ),
    "a tenancy that ends before it starts": (
        "tenancies.csv",
        "2026-12-31,,",
        "2026-12-31,,2024-12-31",
        "row 3 (bois): ends before it starts (2025-01-01 > 2024-12-31). Correct from_earliest or to_latest.",
    ),
    "a tenancy of unknown premises": (
        "tenancies.csv",
        "port,cour",
        "port,pont",
        "row 3 (bois), column `premises_id`: `pont` is not known. Add it to premises, or correct it here.",
    ),
    "a tenancy of an unknown site": (
        "tenancies.csv",
        "bois,port,cour",
        "bois,gare,cour",
        "row 3 (bois), column `site_id`: `gare` is not known. Add it to site, or correct it here.",
    ),
    "premises of an unknown site": (
        "premises.csv",
        "cour,port",
        "cour,gare",
        "row 3 (cour), column `site_id`: `gare` is not known. Add it to site, or correct it here.",
    ),
    "a claim about an unknown site": (
        "claims.csv",
        "jobs,port",
        "jobs,gare",
        "row 4 (jobs), column `site_id`: `gare` is not known. Add it to site, or correct it here.",
    ),
    "a duplicate key": (
        "communes.csv",
        "99002",
        "99001",
        "row 3 (99001), column `insee`: `99001` stands twice. Give each row a key of its own.",
    ),
    "a row without a key": (
        "premises.csv",
        "cour,port",
        ",port",
        "row 3 (no key), column `premises_id`: `` breaks the rule str_length",
    ),
    "an INSEE code that lost its zero": (
        "communes.csv",
        "99002",
        "9902",
        "row 3 (9902), column `insee`: `9902` breaks the rule str_length",
    ),
    "a row without source": (
        "communes.csv",
        "Les Prés,registre",
        "Les Prés,",
        "row 3 (99002), column `source_id`: no source. Say who published it (a key of sources.toml).",
    ),
    "a row with an unknown source": (
        "sites.csv",
        "8,registre",
        "8,rumeur",
        "row 2 (port), column `source_id`: `rumeur` is not known. Add it to sources.toml",
    ),
    "a phase that is none": (
        "tenancies.csv",
        "announced",
        "maybe",
        "row 3 (bois), column `phase`: `maybe` is not in the vocabulary. Write one of 'announced', 'lease_signed'",
    ),
    "a type of site that is none": (
        "sites.csv",
        "inconnu",
        "harbour",
        "row 2 (port), column `site_type`: `harbour` is not in the vocabulary. Write one of \"zone d'activité",
    ),
    "a kind of area that is none": (
        "claims.csv",
        "8,ha,,land",
        "8,ha,,sea",
        "row 2 (land), column `area_kind`: `sea` is not in the vocabulary. Write one of '', 'land'",
    ),
    "a row with too many cells": (
        "sites.csv",
        "Le port,",
        "Le port, ou presque,",
        "row 2: 8 cells, the header has 7. Put text that holds a separator between quotes.",
    ),
    "a row with too few cells": ("sites.csv", "Le port,", "", "row 2: 6 cells, the header has 7. Put text"),
    "a claim in an unknown unit": (
        "claims.csv",
        "12,jobs",
        "12,cats",
        "row 4 (jobs), column `unit`: `cats` is not known. Known: %, EUR,",
    ),
    "a claim that is no number": (
        "claims.csv",
        "12,jobs",
        "dozen,jobs",
        "row 4 (jobs), column `value`: `dozen` is no value in jobs. Write a number",
    ),
    "a claim that is no date": (
        "claims.csv",
        "12,jobs",
        "2025-02-30,date",
        "row 4 (jobs), column `value`: `2025-02-30` is no value in date. Write a number, a date",
    ),
    "a claim the wrong way round": (
        "claims.csv",
        "12,jobs",
        "12-9,jobs",
        "row 4 (jobs), column `value`: `12-9` runs backwards. Write the smaller or earlier one first.",
    ),
    "a claim of two dates the wrong way round": (
        "claims.csv",
        "12,jobs",
        "2025..2024,date",
        "row 4 (jobs), column `value`: `2025..2024` runs backwards. Write the smaller or earlier one first.",
    ),
    "a claim of a date that is none": (
        "claims.csv",
        "12,jobs,,,2025",
        "12,jobs,,,soon",
        "row 4 (jobs), column `as_of`: `soon` is no date. Write 2022, 2022-05",
    ),
    "a part that is no claim": (
        "claims.csv",
        "12,jobs,,,2025,,,",
        "12,jobs,,,2025,,,lost",
        "row 4 (jobs), column `parts`: `lost` is not known. Name a claim of this file.",
    ),
    "a base that is no area": (
        "claims.csv",
        "8,ha,,land,2025,sites/port/land_ha",
        "8,jobs,,land,2025,",
        "row 2 (land), column `use`: `base` needs an area above 0, not `8` in `jobs`. Correct the claim",
    ),
    "a base of nothing": (
        "claims.csv",
        "8,ha,,land,2025,sites/port/land_ha",
        "0,ha,,land,2025,",
        "row 2 (land), column `use`: `base` needs an area above 0, not `0` in `ha`. Correct the claim",
    ),
    "a share that is two numbers": (
        "claims.csv",
        "60,%",
        "55-60,%",
        "row 3 (share), column `use`: `occupied_share` needs one number, not `55-60` in `%`. Correct the claim",
    ),
    "a share of parts without a whole": (
        "claims.csv",
        "occupied_share,,",
        "parts_share,jobs,",
        "row 3 (share), column `use`: `parts_share` needs one number, `parts` that are numbers and a `whole` above 0",
    ),
    "a count without parts": (
        "claims.csv",
        "occupied_share,",
        "parts_count,",
        "row 3 (share), column `use`: `parts_count` needs one number, and `parts`, not `60` in `%`. Correct the claim",
    ),
    "a stated area that is no area": (
        "claims.csv",
        "12,jobs,,,2025,",
        "12,jobs,,,2025,tenancies/bois/area_m2",
        "row 4 (jobs), column `states`: `tenancies/bois/area_m2` needs an area above 0, not `12` in `jobs`. Correct",
    ),
    "a stated date that is no date": (
        "claims.csv",
        "12,jobs,,,2025,",
        "12,jobs,,,2025,tenancies/bois/from",
        "row 4 (jobs), column `states`: `tenancies/bois/from` needs a date, not `12` in `jobs`. Correct",
    ),
    "a stated phase that is no phase": (
        "claims.csv",
        "12,jobs,,,2025,",
        "soon,text,,,2025,tenancies/bois/phase",
        "row 4 (jobs), column `states`: `tenancies/bois/phase` needs one of announced, lease_signed, in_place, left,",
    ),
}

FILES = {
    "an empty file": (b"", "the file is empty. Give it a header row at least."),
    "a file of blanks": (b" \n\n", "the file is empty. Give it a header row at least."),
    "a file in no encoding": (
        b"insee,commune_name,source_id\n99001,Port-Neuf,registre\n99002,Les Pr\x81s,registre\n",
        (
            "row 3: is not in windows-1252 (character maps to <undefined>). Save the file as CSV UTF-8, or correct "
            "`encoding` in its mapping."
        ),
    ),
}


@pytest.mark.parametrize("case", ROWS.values(), ids=ROWS)
def test_a_faulty_row_is_refused_with_its_place_and_its_mend(good, refused, case):
    name, old, new, message = case
    good.change(name, old, new)
    said = refused(good)
    assert said.startswith(f"{name}: ")
    assert message in said


@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
def test_a_faulty_file_is_refused_with_its_mend(good, refused, content, message):
    good.put("communes.csv", content)
    assert refused(good) == f"communes.csv: {message}"


@pytest.mark.parametrize("name", ["communes", "sites", "premises", "tenancies", "claims"])
def test_a_missing_file_is_named(good, refused, name):
    (good.path / f"{name}.csv").unlink()
    message = "no such file. Put it in the territory folder, with a header row at least."
    assert refused(good) == f"{name}.csv: {message}"


def test_a_missing_column_is_named(good, refused):
    good.change("communes.csv", "commune_name", "basis")
    assert refused(good) == "communes.csv: header: column `commune_name` is absent. Add it."


def test_a_file_that_cannot_be_opened_is_named(good, refused):
    (good.path / "communes.csv").unlink()
    (good.path / "communes.csv").mkdir()
    assert refused(good).startswith("communes.csv: cannot be read (")


def test_all_faults_of_a_file_come_in_one_message(good, refused):
    good.change("tenancies.csv", "20000,20000", "big,20000")
    good.change("tenancies.csv", "port,cour", "port,pont")
    good.change("tenancies.csv", "announced", "maybe")
    good.change("tenancies.csv", "4,registre", "4,")
    first, *faults = refused(good).splitlines()
    assert first == "tenancies.csv: 4 faults"
    assert [fault.partition(": ")[0] for fault in faults] == [
        "  - row 2 (algues), column `area_low_m2`",
        "  - row 3 (bois), column `source_id`",
        "  - row 3 (bois), column `premises_id`",
        "  - row 3 (bois), column `phase`",
    ]


def test_both_rows_of_a_duplicate_key_are_named(good, refused):
    good.change("communes.csv", "99002", "99001")
    first, *faults = refused(good).splitlines()
    assert first == "communes.csv: 2 faults"
    assert [fault.split()[2] for fault in faults] == ["2", "3"]


def test_rows_are_counted_as_an_editor_counts_lines(good, refused):
    good.change("communes.csv", "99001,Port-Neuf", '\n99001,"Port\nNeuf"')
    good.change("communes.csv", "Les Prés,registre", "Les Prés,")
    assert refused(good).startswith("communes.csv: row 5 (99002), ")


@pytest.mark.parametrize(
    "emptied",
    [["communes"], ["claims"], ["tenancies"], ["premises", "tenancies"]],
    ids=" and ".join,
)
def test_a_table_with_a_header_alone_is_a_layer_without_rows(demo, rebuilt, emptied):
    for name in emptied:
        text = (demo.path / f"{name}.csv").read_text(encoding="utf-8")
        demo.put(f"{name}.csv", text.splitlines()[0] + "\n")
    layers = rebuilt(demo).layers
    assert {name: len(layers[name]) for name in emptied} == dict.fromkeys(emptied, 0)
    assert len(layers["sites"]) == 1


@pytest.mark.parametrize(
    ("low", "high"),
    [("8,5", "8,50"), ("8.5", "8.5"), ("8,5", "1 000"), ("8,5", "1\u202f000"), ("8,5", "1\u00a0000")],
    ids=["decimal commas", "decimal points", "space", "narrow no-break space", "no-break space"],
)
def test_semicolons_decimal_commas_and_spaced_thousands_are_read(demo, low, high):
    demo.put(
        "sites.csv",
        "\ufeffsite_id;site_name;site_type;insee;land_low_ha;land_high_ha;source_id\r\n"
        f"port;Le port, en ville;inconnu;99001;{low};{high};registre\r\n",
    )
    demo.change("claims.csv", "sites/port/land_ha", "")
    (site,) = demo.open().sites.to_dict("records")
    assert site["site_name"] == "Le port, en ville"
    assert (site["land_low_ha"], site["land_high_ha"]) == (8.5, 8.5 if high.startswith("8") else 1000)


@pytest.mark.parametrize(
    ("value", "unit", "bounds"),
    [("12", "jobs", (12, 12)), ("2-3", "h", (2, 3)), ("1,5", "GEUR", (1.5, 1.5)), ("10 000", "EUR", (10_000, 10_000))],
    ids=["one number", "two numbers", "decimal comma", "spaced thousands"],
)
def test_the_value_of_a_claim_is_read_by_its_unit(demo, value, unit, bounds):
    demo.change("claims.csv", "12,jobs", f'"{value}",{unit}')
    claim = demo.open().claims.set_index("claim_id").loc["jobs"]
    assert (claim["low"], claim["high"]) == bounds
    assert claim["value"] == value


def test_at_least_has_no_upper_bound(demo):
    demo.change("claims.csv", "12,jobs,", "12,jobs,at least")
    claim = demo.open().claims.set_index("claim_id").loc["jobs"]
    assert claim["low"] == 12
    assert claim["high"] != claim["high"]


def test_a_row_says_its_basis_or_is_stated(demo):
    demo.change("communes.csv", "insee,commune_name", "basis,insee,commune_name")
    demo.change("communes.csv", "99001", "surveyed,99001")
    demo.change("communes.csv", "99002", ",99002")
    assert list(demo.open().communes["basis"]) == ["surveyed", "stated"]


ACTIVE = {
    "that is no date": ("soon", "", "row 2 (e), column `active_from`: `soon` is no date. Write 2022, 2022-05"),
    "before it opened": (
        "2022",
        "2021",
        "row 2 (e): `2022` to `2021` runs backwards. Correct active_from or active_to.",
    ),
    "the wrong way round": ("", "2022..2021", "row 2 (e): `` to `2022..2021` runs backwards. Correct active_from"),
}


@pytest.mark.parametrize(("first", "last", "message"), ACTIVE.values(), ids=ACTIVE)
def test_an_establishment_that_closed_or_opened_on_a_day(good, refused, first, last, message):
    header = "establishment_id,establishment_name,active_from,active_to,source_id"
    good.put("establishments.csv", f"{header}\ne,E,{first},{last},registre\n")
    assert f"establishments.csv: {message}" in refused(good)


FAR = {
    "an end that nobody will see": ("2020-12-31,,", "2020-12-31,9999-12-31,9999-12-31", ["to_earliest", "to_latest"]),
    "an end in the year 3000": ("2020-12-31,,", "2020-12-31,,3000-01-01", ["to_latest"]),
    "an end as a French spreadsheet writes it": ("2020-12-31,,", "2020-12-31,,31/12/2999", ["to_latest"]),
}


@pytest.mark.parametrize(("old", "new", "columns"), FAR.values(), ids=FAR)
def test_an_end_that_nobody_will_see_is_open_and_an_issue(demo, old, new, columns):
    demo.change("tenancies.csv", old, new)
    territory = demo.open()
    tenancy = territory.tenancies.set_index("tenancy_id").loc["algues"]
    assert tenancy[["to_earliest", "to_latest"]].isna().all()
    told = [
        (row["row"], row["column_name"]) for row in territory.issues.to_dict("records") if "no end" in row["message"]
    ]
    assert told == [("algues", column) for column in columns]
    held = territory.occupancy("port", "2025-09-30").set_index("tenancy_id")
    assert held.loc["algues", "holds"] == "yes"


def test_a_tenancy_without_an_end_holds_on_its_page(demo, page_data):
    demo.change("tenancies.csv", "2020-12-31,,", "2020-12-31,9999-12-31,9999-12-31")
    page = next(page for page in demo.build().pages if page.stem == "port")
    (algues,) = [row for row in page_data(page)["tenancies"] if row["id"] == "algues"]
    assert "1816" not in str(algues)
    assert algues["to"] == [None, None]


OUT = {
    "a far day that is no end": ("2020-12-31,,", "2020-12-31,,2500-06-15", "`2500-06-15` is no day from 1678 to 2261."),
    "a beginning that nobody will see": ("2020-01-01", "9999-12-31", "`9999-12-31` is no day from 1678 to 2261."),
    "an open end before a day": (
        "2020-12-31,,",
        "2020-12-31,9999-12-31,2024-01-01",
        "row 2 (algues): to_earliest is after to_latest (9999-12-31 > 2024-01-01).",
    ),
    "an early day": ("2020-01-01", "1023-01-01", "`1023-01-01` is no day from 1678 to 2261."),
}


@pytest.mark.parametrize(("old", "new", "message"), OUT.values(), ids=OUT)
def test_a_day_that_no_layer_holds_is_refused(demo, old, new, message):
    demo.change("tenancies.csv", old, new)
    with pytest.raises(SchemaError) as told:
        _ = demo.open().tenancies
    assert message in str(told.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1023", "`1023` is no day from 1678 to 2261."),
        ("2012-13", "`2012-13` is no date."),
        ("bientôt", "`bientôt` is no date."),
        ("2024 (prévu)", ""),
        ("17/05/2012", ""),
    ],
)
def test_every_column_of_published_dates_holds_dates(demo, text, message):
    demo.change("sites.csv", "land_high_ha,source_id", "land_high_ha,opened,source_id")
    demo.change("sites.csv", "8,8,registre", f"8,8,{text},registre")
    if not message:
        assert demo.open().sites["opened"].tolist() == [text.replace("17/05/2012", "2012-05-17")]
        return
    with pytest.raises(SchemaError) as told:
        _ = demo.open().sites
    assert message in str(told.value)
    assert "row 2 (port), column `opened`" in str(told.value)


def test_a_claim_may_state_that_there_is_no_end(demo):
    demo.change("claims.csv", "12,jobs,,,2025,", "9999-12-31,date,,,2025,tenancies/algues/to")
    territory = demo.open()
    assert territory.tenancies.set_index("tenancy_id").loc["algues", ["to_earliest", "to_latest"]].isna().all()
    assert ("claims", "jobs", "value") in {
        (row["layer"], row["row"], row["column_name"]) for row in territory.issues.to_dict("records")
    }
    demo.change("claims.csv", "tenancies/algues/to", "tenancies/algues/from")
    with pytest.raises(SchemaError, match=r"column `value`: `9999-12-31` is no day from 1678 to 2261\."):
        _ = demo.open().claims


def test_an_establishment_that_never_closes_is_open(demo):
    header = "establishment_id,establishment_name,active_from,active_to,source_id"
    demo.put("establishments.csv", f"{header}\ne,E,17/05/2022,31/12/9999,registre\n")
    territory = demo.open()
    (firm,) = territory.establishments.to_dict("records")
    assert (firm["active_from"], firm["active_to"]) == ("2022-05-17", "")
    assert ("establishments", "e", "active_to") in {
        (row["layer"], row["row"], row["column_name"]) for row in territory.issues.to_dict("records")
    }


@pytest.mark.parametrize("number", ["9" * 400, "1e400", "-0", "∞"])
def test_a_number_that_is_none_is_refused_by_its_row(demo, number):
    demo.change("sites.csv", "8,8", f"8,{number}")
    demo.change("claims.csv", "12,jobs", f"{number},jobs")
    for layer, row in (("sites", "row 2 (port), column `land_high_ha`"), ("claims", "row 4 (jobs), column `value`")):
        with pytest.raises(SchemaError, match=r"is no (number|value in jobs)") as told:
            _ = (
                getattr(demo.open(), layer)
                if layer == "sites"
                else read_table(demo.path, Claims, demo.open().crs, {"sources": {"registre"}, "sites": {"port"}})
            )
        assert row in str(told.value)
        assert len(str(told.value)) < 700  # both tables at fault, and no number of 400 digits among it


@pytest.mark.parametrize("value", ["inf", "nan", "1e400", "[1, -inf]", "9" * 400, "9" * 5000])
def test_a_number_of_the_settings_that_is_none_is_named(demo, value):
    demo.change("territory.toml", "[opening]\n", f"[available]\nshare = {value}\n\n[opening]\n")
    with pytest.raises(SchemaError, match=r"territory\.toml: (available\.share|no sound TOML)"):
        demo.open()


@pytest.mark.parametrize("day", ["9999-12-31", "1000-01-01"])
def test_a_day_that_cannot_be_asked_for_is_refused(demo, day):
    with pytest.raises(SchemaError, match=r"at: .* is no day from 1700 to 2199\. Write 2025-09-30\."):
        demo.open().occupancy("port", day)
    demo.change("territory.toml", "date = 2025-09-30", f"date = {day}")
    with pytest.raises(SchemaError, match=r"\[opening\]: date .* is no day from 1700 to 2199\."):
        demo.open()


SPREADSHEETS = {
    "a French one": ("\ufeff{}", ";", "\r\n", "utf-8"),
    "an old French one": ("{}", ";", "\r\n", "cp1252"),
    "an old Mac": ("{}", ";", "\r", "cp1252"),
    "Unicode text": ("{}", "\t", "\r\n", "utf-16"),
    "one that says its delimiter": ("sep=|\n{}", "|", "\n", "utf-8"),
}


@pytest.mark.parametrize(("dress", "delimiter", "line_end", "encoding"), SPREADSHEETS.values(), ids=SPREADSHEETS)
def test_tables_saved_by_a_spreadsheet_give_the_same_rows(demo, dress, delimiter, line_end, encoding):
    before = {name: getattr(demo.open(), name) for name in ("communes", "sites", "tenancies", "claims")}
    for name in before:
        rows = list(csv.reader(io.StringIO((demo.path / f"{name}.csv").read_text(encoding="utf-8"))))
        text = dress.format("".join(delimiter.join(row) + line_end for row in rows))
        demo.put(f"{name}.csv", text.encode(encoding))
    for name, layer in before.items():
        assert getattr(demo.open(), name).equals(layer)
    assert source_place_of_folder(demo.path, {}, read_fetched(demo.path / "raw")).communes == ("99001", "99002")


@pytest.mark.parametrize(("dress", "delimiter", "line_end", "encoding"), SPREADSHEETS.values(), ids=SPREADSHEETS)
def test_answers_saved_by_a_spreadsheet_are_read(tmp_path, dress, delimiter, line_end, encoding):
    rows = [
        {"site_id": "=deux", "feature": "-a", "confirmed": "oui"},
        {"site_id": "a; b", "feature": 'l"é', "confirmed": ""},
        {"site_id": "+33 1", "feature": "b", "confirmed": "non"},
    ]
    both = dict.fromkeys(Matches.to_schema().columns, "") | {"score": 0.5}
    candidates = pd.DataFrame([both | row for row in rows])
    text = write_candidates(tmp_path, candidates).read_text(encoding="utf-8")
    assert "'=deux" in text
    stream = io.StringIO(newline="")
    said = [[cell.upper() if cell in {"oui", "non"} else cell for cell in row] for row in csv.reader(io.StringIO(text))]
    csv.writer(stream, delimiter=delimiter, lineterminator=line_end).writerows(said)
    (tmp_path / "matches.csv").write_bytes(dress.format(stream.getvalue()).encode(encoding))
    assert read_confirmed_matches(tmp_path) == {(row["site_id"], row["feature"]): row["confirmed"] for row in rows}


def test_answers_without_a_column_or_that_are_none_are_told(tmp_path):
    (tmp_path / "matches.csv").write_text("site_id;feature\na;b\n", encoding="utf-8")
    with pytest.raises(SchemaError, match=r"matches\.csv: header: column `confirmed` is absent\. Put it back"):
        read_confirmed_matches(tmp_path)
    (tmp_path / "matches.csv").write_text("site_id;feature;confirmed\na;b;Oui\na;c;peut-être\n", encoding="utf-8")
    with pytest.raises(SchemaError, match=r"row 3, column `confirmed`: `peut-être` is no answer\. Write oui or non\."):
        read_confirmed_matches(tmp_path)


def test_a_siret_that_a_spreadsheet_spoilt_is_told_and_its_row_kept(demo):
    header = "establishment_id;establishment_name;siret;source_id"
    rows = "a;A;5500000000020;registre\nb;B;5,55E+13;registre\nc;C;732 829 320 00074;registre\n"
    demo.put("establishments.csv", f"{header}\n{rows}")
    territory = demo.open()
    assert list(territory.establishments["siret"]) == ["05500000000020", "", "73282932000074"]
    told = {row["row"]: row["value"] for row in territory.issues.to_dict("records") if row["column_name"] == "siret"}
    assert told == {"a": "5500000000020", "b": "5,55E+13"}
