"""A territory folder: its settings, the values it chooses, and how it shows itself."""

import pytest
from shapely import Polygon, box

from gis.crs import checked_area_m2
from gis.errors import GisError, SchemaError
from gis.store.geopackage import read_geopackage

X, Y = 1_674_000.0, 9_259_000.0

SETTINGS = {
    "a CRS in degrees": (
        "EPSG:3950",
        "EPSG:4326",
        "EPSG:4326 is in degree, not metres. Name the zone in metres that the territory is measured in",
    ),
    "a CRS that is none": ("EPSG:3950", "Lambert", "crs: `Lambert` is not known. Write it as EPSG:3950."),
    "no name": ('name = "Port-Neuf"\n', "", 'has no `name`. Add name = "…".'),
    "no CRS": ('crs = "EPSG:3950"\n', "", 'has no `crs`. Add crs = "EPSG:3950".'),
    "no opening": (
        "[opening]\ndate = 2025-09-30\n",
        "",
        "[opening]: has no date. Add date = 2025-09-30, without quotes.",
    ),
    "a date between quotes": ("2025-09-30", '"2025-09-30"', "[opening]: `2025-09-30` is no date. Add date ="),
    "a date with an hour": ("2025-09-30", "2025-09-30T08:00:00", "[opening]: `2025-09-30 08:00:00` is no date."),
    "an axis that begins at no date": (
        "2025-09-30",
        "2025-09-30\nfrom = 2020",
        "[opening]: `2020` is no date. Add from = 2020-01-01, without quotes.",
    ),
    "an opening that is no table": ("[opening]\ndate = 2025-09-30", "opening = 2025", "[opening]: is no table."),
    "a focus that is no list": ("[[focus]]", "[focus]", "[[focus]]: is no list of tables. Write [[focus]] above each"),
    "a focus without a site": ('site = "port"', "", '[[focus]] 1: has no site. Add site = "…".'),
    "a focus on an unknown site": (
        'site = "port"',
        'site = "gare"',
        "[[focus]]: site `gare` is not known. Known: port.",
    ),
    "a page outside its folder": ('slug = "port"', 'slug = "../port"', "[[focus]] 1: `../port` cannot name a page."),
    "a page that is the first one": ('slug = "port"', 'slug = "index"', "[[focus]] 1: `index` cannot name a page."),
    "a question in one language": (
        'slug = "port"',
        'slug = "port"\nquestion = "Qui ?"',
        '[[focus]] 1: question is not in two languages. Write question = { fr = "…", en = "…" }.',
    ),
    "a notice that is no address": (
        "[opening]",
        '[notices]\nlegal = "javascript:alert(1)"\n\n[opening]',
        "[notices] legal: `javascript:alert(1)` is no address. Write it as https://….",
    ),
    "a notice that nobody knows": (
        "[opening]",
        '[notices]\ncookies = "https://x.example"\n\n[opening]',
        "[notices]: `cookies` is not known. Known: publisher, legal, accessibility.",
    ),
    "exclusions that are no table": ("crs = ", "exclusions = 1\ncrs = ", "[exclusions]: is no table."),
    "an order of reasons that is no list": (
        "[opening]",
        '[exclusions]\npriority = "water"\n[opening]',
        '[exclusions] priority: is no list. Write priority = ["risk_plan", "water"].',
    ),
    "an order that names no reason": (
        "[opening]",
        '[exclusions]\npriority = ["wind"]\n[opening]',
        "[exclusions] priority: `wind`: is no reason. Write one of slope, water,",
    ),
    "an order that names a reason twice": (
        "[opening]",
        '[exclusions]\npriority = ["water", "slope", "water"]\n[opening]',
        "[exclusions] priority: `water`: stands twice. Keep one.",
    ),
    "a line that is no TOML": ("crs = ", "crs ", "no sound TOML: "),
}

WHY = 'why = { fr = "ainsi", en = "so" }\n'

VARIANTS = {
    "without a reason": (
        '[[variant]]\nof = "sites/port/land_ha"\nclaim = "land"\n',
        "[[variant]] of `sites/port/land_ha`: has no why. Say why pages open with it.",
    ),
    "without a claim": (
        f'[[variant]]\nof = "sites/port/land_ha"\n{WHY}',
        "[[variant]] of `sites/port/land_ha`: has no claim. Name one, or write claim",
    ),
    "with a claim that states something else": (
        f'[[variant]]\nof = "sites/port/land_ha"\nclaim = "jobs"\n{WHY}',
        "[[variant]] of `sites/port/land_ha`: claim `jobs` does not state it. Name a claim whose",
    ),
    "of a row that is none": (
        f'[[variant]]\nof = "sites/gare/land_ha"\nclaim = ""\n{WHY}',
        "[[variant]] of `sites/gare/land_ha`: `sites/gare/land_ha` names no row of sites. Write of = layer/key",
    ),
    "of nothing that has a value": (
        f'[[variant]]\nof = "port"\nclaim = ""\n{WHY}',
        "[[variant]] of `port`: `port` names no quantity. Write of = layer/key/quantity.",
    ),
    "that is no list": (f'[variant]\nof = "sites/port/land_ha"\n{WHY}', "[[variant]]: is no list of tables."),
}


@pytest.mark.parametrize(("old", "new", "message"), SETTINGS.values(), ids=SETTINGS)
def test_a_faulty_setting_is_refused_with_its_mend(good, refused, old, new, message):
    good.change("territory.toml", old, new)
    said = refused(good)
    assert said.removeprefix("demo/").startswith("territory.toml: ")
    assert message in said


EXCLUSIONS = {
    "a reason that is none": ("wind,,", "column `reason`: `wind` is not in the vocabulary. Write one of 'slope',"),
    "a distance below 0": ("water,-5,", "column `buffer_m`: `-5.0` breaks the rule"),
    "a distance that is none": ("water,near,", "column `buffer_m`: `near` is no number."),
    "a share that is a percentage": ("water,,30", "column `whole_from_share`: `30.0` breaks the rule"),
    "a share of nothing": ("water,,0", "column `whole_from_share`: `0.0` breaks the rule"),
}


@pytest.mark.parametrize(("cells", "message"), EXCLUSIONS.values(), ids=EXCLUSIONS)
def test_a_faulty_exclusion_is_refused_with_its_mend(good, refused, cells, message):
    good.put("exclusions.csv", f"exclusion_id,reason,buffer_m,whole_from_share,source_id\nriver,{cells},registre\n")
    assert f"exclusions.csv: row 2 (river), {message}" in refused(good)


def test_an_exclusion_whose_ring_crosses_itself_is_refused(good, refused):
    good.put("exclusions.csv", "exclusion_id,reason,source_id\nriver,water,registre\n")
    good.draw("exclusions.gpkg", "exclusion_id", {"river": Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])})
    assert "feature 1 (river): the shape is broken (Self-intersection" in refused(good)


@pytest.fixture
def landed(good):
    """Add two hectares on offer, one sold each year since 2019, and a river and a monument over one another."""
    state = "oui,vacant,en vente,viabilisé et aménagé"
    sold = [f"s{year},port,{state},{year}-03-01,registre" for year in range(2019, 2025)]
    rows = [f"a,port,{state},,registre", *sold]
    header = "terrain_id,site_id,useful,occupied,sale,servicing,sold_on,source_id"
    good.put(
        "terrains.csv", "\n".join([header, *rows]).replace("en vente,viabilisé et aménagé,20", f"{SOLD},inconnu,20")
    )
    good.put("exclusions.csv", "exclusion_id,reason,source_id\nriver,water,registre\nabbey,heritage,registre\n")
    lots = {f"s{year}": box(X + 100 * n, Y, X + 100 * n + 100, Y + 100) for n, year in enumerate(range(2019, 2025))}
    good.draw("terrains.gpkg", "terrain_id", {"a": box(X, Y + 100, X + 200, Y + 200), **lots})
    river, abbey = box(X, Y + 100, X + 100, Y + 200), box(X + 50, Y + 100, X + 150, Y + 200)
    good.draw("exclusions.gpkg", "exclusion_id", {"river": river, "abbey": abbey}, crs=2154)
    return good


SOLD = '"vendu, commercialisation achevée"'


def test_what_lifting_frees_and_how_long_ground_lasts_are_in_the_ledger(landed):
    figures = landed.open().figures
    known = {
        key: (round(figure.low, 3), round(figure.high, 3))
        for key, figure in figures.items()
        if figure.unit != "m2" and figure.low and figure.high
    }
    assert known["available_ha:territory"] == (0.5, 0.5)
    assert known["freed_ha:territory@water"] == (0.5, 0.5)
    assert known["freed_ha:territory@heritage"] == (0.5, 0.5)
    assert known["absorption_years:territory"] == (5, 5)
    assert known["absorption_ha_per_year:territory"] == (1, 1)
    assert known["supply_years:territory"] == (0.5, 0.5)


def test_a_territory_declares_which_reason_ground_counts_for(landed):
    before = landed.open().lifting.set_index(["site_id", "reason"])["attributed_high_ha"].round(3)
    landed.change("territory.toml", "[opening]", '[exclusions]\npriority = ["heritage"]\n[opening]')
    territory = landed.open()
    after = territory.lifting.set_index(["site_id", "reason"])["attributed_high_ha"].round(3)
    assert (before["", "water"], before["", "heritage"]) == (1, 0.5)
    assert (after["", "water"], after["", "heritage"]) == (0.5, 1)
    assert territory.priority[:2] == ("heritage", "slope")
    assert list(read_geopackage(landed.build().geopackage)["lifting"]["reason"]) == list(territory.lifting["reason"])
    curve = territory.offer_curve
    assert curve[curve["min_ha"] == 0.5]["available_high_ha"].round(3).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(("table", "message"), VARIANTS.values(), ids=VARIANTS)
def test_a_faulty_variant_is_refused(good, refused, table, message):
    good.put("territory.toml", (good.path / "territory.toml").read_text(encoding="utf-8") + table)
    assert f"territory.toml: {message}" in refused(good)


def test_all_faults_of_the_settings_come_in_one_message(good, refused):
    good.change("territory.toml", 'name = "Port-Neuf"\n', "")
    good.change("territory.toml", "2025-09-30", "2025\nfrom = 2020")
    assert refused(good).splitlines()[0].endswith('has no `name`. Add name = "…".')
    good.change("territory.toml", 'epci = "999999999"', 'name = "Port-Neuf"')
    assert refused(good).splitlines()[0] == "territory.toml: 2 faults"


def test_a_folder_that_is_not_there_is_named(tmp_path, command):
    ended = command("build", tmp_path / "nowhere")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"gis: {tmp_path / 'nowhere'}: no such folder. Name a territory folder, such as layers/NAME.\n"
    )


def test_a_folder_without_settings_is_refused(good, refused):
    (good.path / "territory.toml").unlink()
    assert refused(good).startswith("territory.toml: no such file. A territory folder has territory.toml and sources")


def test_a_disputed_value_must_be_settled(good, refused):
    good.change(
        "claims.csv",
        "jobs,port",
        "land.other,port,Le port,terrain,9,ha,,land,2025,sites/port/land_ha,,,,,registre\njobs,port",
    )
    assert "territory.toml: `sites/port/land_ha`: 2 published values, none chosen. Add a [[variant]]" in refused(good)


def test_a_claim_of_a_row_that_is_none_is_refused(good, refused):
    good.change("claims.csv", "sites/port/land_ha", "sites/gare/land_ha")
    assert "claim land, column `states`: `sites/gare/land_ha` names no row of sites. Write layer/key/quantity." in (
        refused(good)
    )


def test_chosen_claims_may_not_end_a_tenancy_before_it_starts(good, refused):
    good.change("claims.csv", "12,jobs,,,2025,", "2019,year,,,2025,tenancies/algues/to")
    assert "tenancy algues, with the claims chosen for it: ends before it starts (2020-01-01 > 2019-12-31)" in (
        refused(good)
    )


@pytest.mark.parametrize(
    ("value", "unit", "low", "high"),
    [("9", "ha", 9, 9), ("90000", "m2", 9, 9), ("0.09", "km2", 9, 9), ("8-10", "ha", 8, 10)],
    ids=["hectares", "square metres", "square kilometres", "two bounds"],
)
def test_the_chosen_claim_is_the_value_of_the_row(demo, value, unit, low, high):
    demo.change("claims.csv", "8,ha", f"{value},{unit}")
    demo.change("sources.toml", "[registre]", '[presse]\ntitle = "P"\npublisher = "P"\nlicence = "P"\n\n[registre]')
    demo.change("claims.csv", "base,,,,registre", ",,,,presse")
    (site,) = demo.open().sites.to_dict("records")
    assert (site["land_low_ha"], site["land_high_ha"]) == pytest.approx((low, high))
    assert site["source_id"] == "presse"


def test_a_value_may_be_chosen_as_unknown(demo):
    variant = f'[[variant]]\nof = "sites/port/land_ha"\nclaim = ""\n{WHY}'
    demo.put("territory.toml", (demo.path / "territory.toml").read_text(encoding="utf-8") + variant)
    assert demo.open().sites["land_low_ha"].isna().all()


def test_a_zone_that_distorts_areas_is_refused_once_there_is_a_place(good, refused):
    good.outline()
    good.change("territory.toml", "EPSG:3950", "EPSG:2154")
    said = refused(good)
    assert said.startswith("territory.toml: sites/port: EPSG:2154 distorts areas by 0.31% here, more than 0.02%.")
    assert "measure in their zone (`crs` in territory.toml)" in said


def test_layers_are_measured_in_the_zone_of_the_territory(demo):
    demo.outline()
    territory = demo.open()
    spatial = [layer for layer in territory.layers.values() if hasattr(layer, "crs")]
    assert {layer.crs.to_epsg() for layer in spatial} == {3950}
    assert checked_area_m2(territory.tiles.geometry)[0] == pytest.approx(80_000)


def test_the_occupancy_of_an_unknown_site_names_the_known_ones(demo):
    with pytest.raises(SchemaError, match="`gare` is not known"):
        demo.open().occupancy("gare")


@pytest.mark.parametrize(("day", "holds"), [(None, ["yes", "yes"]), ("2019-12-31", ["no", "no"])], ids=str)
def test_the_occupancy_is_of_the_opening_day_unless_another_is_asked(demo, day, holds):
    assert list(demo.open().occupancy("port", day)["holds"]) == holds


def test_a_territory_shows_its_layers_in_a_notebook(demo):
    demo.change("territory.toml", "Port-Neuf", "Port <b>Neuf</b>")
    territory = demo.open()
    assert "1 sites" in repr(territory)
    shown = territory._repr_html_()
    assert "Port &lt;b&gt;Neuf&lt;/b&gt; · EPSG:3950" in shown
    assert "<th scope='row'>tenancies</th><td>2</td>" in shown


def test_every_refusal_is_one_kind_of_error(demo):
    demo.change("sites.csv", "port,Le port", ",Le port")
    with pytest.raises(GisError) as refusal:
        _ = demo.open().layers
    assert isinstance(refusal.value, ValueError)


PARCELS = """\
parcel_id,owner_id,source_id
99001000AA0001,ville,registre
99001000AA0002,ville,registre
99001000AA0003,jeanne,registre
99001000AA0004,,registre
"""
OWNED = """\
owner_id,owner_kind,owner_name,source_id
ville,legal,Ville de Port-Neuf,registre
jeanne,natural,Jeanne Quai,registre
"""


@pytest.fixture
def owned(demo, square):
    """Draw the site, and a row of four parcels in it; the last one sticks out of it by half, and over the third."""
    demo.put("parcels.csv", PARCELS)
    demo.put("owners.csv", OWNED)
    demo.draw("sites.gpkg", "site_id", {"port": square(400, 200)})
    row = [square(100, 200), square(100, 200, east=100), square(150, 200, east=200), square(120, 200, east=340)]
    demo.draw("parcels.gpkg", "parcel_id", {f"99001000AA000{n}": shape for n, shape in enumerate(row, 1)})
    return demo


def test_land_units_of_a_territory_and_what_is_doubtful_about_them(owned):
    territory = owned.open()
    found = territory.land_units
    assert found.units["parcel_ids"].tolist() == ["99001000AA0001|99001000AA0002", "99001000AA0003", "99001000AA0004"]
    assert found.counts[["units_low", "units_high"]].to_numpy().tolist() == [[2, 3]]
    doubtful = territory.issues[territory.issues["layer"] == "parcels"]
    assert doubtful[["row", "value"]].to_numpy().tolist() == [
        ["99001000AA0004", "12000.00 m²"],
        ["99001000AA0003", "2000.00 m²"],
    ]


def test_land_units_are_written_without_their_owners(owned, rebuilt):
    written = rebuilt(owned).layers["land_units"]
    assert written["land_unit_id"].tolist() == [f"port/99001000AA000{n}" for n in (1, 3, 4)]
    assert not [column for column in written if "owner" in column]
    assert written["measured_m2"].tolist() == pytest.approx([40_000, 28_000, 12_000], abs=0.1)
    assert b"Jeanne" not in owned.path.with_suffix(".gpkg").read_bytes()


def test_an_owner_file_of_another_vintage_is_refused(good, refused):
    good.put("parcels.csv", PARCELS)
    good.put("owners.csv", OWNED.replace("jeanne", "jean"))
    assert refused(good).startswith("parcels.csv: row 4 (99001000AA0003), column `owner_id`: what stands there")
