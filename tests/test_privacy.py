"""No name of a person, and no key that leads to one, is in anything that is published or printed."""

import base64
import io
import json
import re
import shutil
import sqlite3
import unicodedata
import zipfile
import zlib
from contextlib import closing

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa
import pytest
from click.testing import CliRunner
from shapely import box

from gis import public, schemas
from gis.build import INTERNAL, build_internal
from gis.cli import main
from gis.explain import figure_chain
from gis.public import DECLARED, Public, column_publicity, territory_publication
from gis.schemas import column
from gis.territory import Published, Territory

#: What is planted, as a search finds it; each stands in the internal edition.
PLANTED = {
    "an owner who is a person, before the correction": "zorglub",
    "the same, after it": "krapotte",
    "an owner of whom nobody knows the kind": "vroombat",
    "the key of the one": "qznatkey7",
    "the key of the other": "qzunkkey8",
    "an owner that is typed where a key is due": "tournebroche",
    "an occupant who is a person": "quillever",
    "the number of that person": "98765432100017",
}
#: Bodies, which a public source names.
BODIES = ("algues", "bois")

FACTS = {
    "owners.csv": """\
owner_id,owner_kind,owner_name,source_id
bassin,legal,SCI du Bassin Vert,registre
QZNATKEY7,natural,Mme Wilhelmine ZORGLUB,registre
QZUNKKEY8,unknown,Xanthippe Vroombat,registre
""",
    "parcels.csv": """\
parcel_id,owner_id,source_id
99001000AA0001,bassin,registre
99001000AA0002,QZNATKEY7,registre
99001000AA0003,QZUNKKEY8,registre
99001000AA0004,,registre
""",
    "establishments.csv": """\
establishment_id,establishment_name,siret,group,activity,activity_en,insee,site_id,establishment_kind,page,note,\
note_en,source_id
algues,Algues,,industry,culture,farming,99001,port,legal,,,,registre
barnabe-quillevere,Barnabé Quilleveré,98765432100017,industry,réparation de filets,net mending,99001,port,natural,\
p. Quilleveré,Chez QUILLEVERE,At Quillevere’s,registre
""",
    "terrains.csv": """\
terrain_id,site_id,useful,occupied,sale,servicing,source_id
t1,port,oui,inconnu,inconnu,inconnu,registre
""",
}
TENANCY = (
    "quillevere-2021,port,atelier-quillevere,barnabe-quillevere,B. Quilleveré,réparation de filets,in_place,2021-01-01,"
    "2021-12-31,,,500,500,not_said,5,registre\n"
)
CLAIMS = (
    "quillevere-m2,port,Quilleveré,surface,500,m2,,floor,2025,tenancies/quillevere-2021/area_m2,,,,selon B. Quilleveré,"
    "registre\n"
    "quillevere-m2-bis,port,Barnabé Quilleveré,surface,520,m2,,floor,2025,tenancies/quillevere-2021/area_m2,,,,,"
    "registre\n"
    "lot,port,Le port,terrain,2,ha,,land,2025,,,,,vendu à xanthippe VROOMBAT,registre\n"
)


def runs(*arguments):
    """Run a command, and return all that it says."""
    ended = CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="gis")
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return ended.exit_code, f"{ended.output}\n{ended.stderr}"


def planted(folder):
    """Write a territory in which persons own ground, hold premises and are named in texts."""
    for name, text in FACTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, more in {
        "tenancies.csv": TENANCY,
        "claims.csv": CLAIMS,
        "premises.csv": "atelier-quillevere,port,L’atelier Quilleveré,registre\n",
        "sources.toml": '\n[visite]\ntitle = "Visite de Wilhelmine Zorglub"\npublisher = "Port-Neuf"\nlicence = "—"\n',
        "territory.toml": """
[[variant]]
of = "tenancies/quillevere-2021/area_m2"
claim = "quillevere-m2"
why = { fr = "Barnabé Quilleveré le dit.", en = "Barnabé Quilleveré says so." }

[[assumption]]
pages = ["zones"]
text = { fr = "Zorglub (Wilhelmine) l’a dit.", en = "Wilhelmine ZORGLUB said so." }

[territory]
claims = ["quillevere-m2-bis", "lot"]
""",
    }.items():
        file = folder / name
        file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    sites = pd.read_csv(folder / "sites.csv", dtype=str)
    sites["counted"], sites["occupants"] = "oui", "Algues|Barnabé Quilleveré"
    sites["note"], sites["note_en"] = "Vroombat (Xanthippe) y demeure", "XANTHIPPE VROOMBAT lives there"
    sites["source_id"] = "visite"
    sites.to_csv(folder / "sites.csv", index=False)
    west, south = 1_674_000.0, 9_259_000.0
    shapes = {f"99001000AA000{n}": box(west + 100 * n, south, west + 100 * n + 100, south + 200) for n in range(1, 5)}
    (folder / "raw").mkdir()
    drawn = gpd.GeoDataFrame({"parcel_id": list(shapes)}, geometry=list(shapes.values()), crs=3950)
    drawn.to_file(folder / "raw" / "parcels.gpkg")
    site = gpd.GeoDataFrame({"site_id": ["port"]}, geometry=[box(west, south, west + 600, south + 200)], crs=3950)
    site.to_file(folder / "raw" / "sites.gpkg")
    terrain = gpd.GeoDataFrame({"terrain_id": ["t1"]}, geometry=[box(west, south, west + 100, south + 200)], crs=3950)
    terrain.to_file(folder / "raw" / "terrains.gpkg")


@pytest.fixture(scope="module")
def home(built_demo, tmp_path_factory):
    """Build, bundle, draw up and explain such a territory, and keep all that was said on the way."""
    home = tmp_path_factory.mktemp("privacy")
    folder = home / "layers" / "quai"
    shutil.copytree(built_demo / "layers" / "demo", folder)
    planted(folder)
    owners = home / "corrigé.csv"
    owners.write_text(
        "owner_id;owner_kind;owner_name\nQZNATKEY7;natural;Wilhelmine Krapotte\nQZUNKKEY8;;Hildegarde Vroombat\n",
        encoding="utf-8",
    )
    parcels = home / "parcelles.csv"
    parcels.write_text("parcel_id;owner_id\n99001000AA0004;Euphrasie TOURNEBROCHE\n", encoding="utf-8")
    said = {}
    for file, layer in ((owners, "owners"), (parcels, "parcels")):
        more = ("--source", "mairie", "--basis", "stated", "--publisher", "Port-Neuf", "--licence", "—")
        said[f"import {layer}"] = runs("import", folder, file, "--as", layer, *more)
    said["build --internal"] = runs("build", folder, "--internal")
    said["bundle"] = runs("bundle", folder)
    for name in ("sources", "gaps", "figures", "issues", "inventory"):
        said[name] = runs(name, folder)
    found = Published(Territory(folder))
    for figure in found.figures.values():
        said[f"explain {figure.figure_id}"] = (0, str(figure_chain(found, figure)))
    said["explain"] = runs("explain", folder, "in_place_m2")
    said["find"] = runs("find", folder, "--ha", "0..", "--why")
    said["find premises"] = runs("find", folder, "--floor", "0..", "--why", "--json")
    assert {code for code, _ in said.values()} == {0}, said
    assert "entreprise individuelle" in said["explain"][1]
    return home, said


def everything(file):
    """Return all that is in a file, unpacked where it is packed, and its name; small letters without accents."""
    return folded(b"\n".join([str(file.name).encode(), *_layers_of(file.name, file.read_bytes())]))


def _layers_of(name, data):
    yield data
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive.comment
            for entry in archive.infolist():
                yield entry.filename.encode() + entry.comment + entry.extra
                yield from _layers_of(entry.filename, archive.read(entry))
    elif data.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(":memory:")) as base:
            base.deserialize(data)
            base.execute("PRAGMA writable_schema = ON")
            tables = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
            for table, _ in [each for each in tables if not each[0].startswith("rtree")]:
                for row in base.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                    yield repr(row).encode()
    elif name.endswith(".html"):
        for packed in re.findall(rb'<script type="application/zlib"[^>]*>([A-Za-z0-9+/=]+)<', data):
            yield zlib.decompress(base64.b64decode(packed))


def folded(data):
    texts = [data.decode("utf-8", errors="replace"), data.decode("utf-16-le", errors="ignore")]
    texts.append(re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), texts[0]))
    plain = unicodedata.normalize("NFKD", "\n".join(texts)).casefold()
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def published(home):
    """Return every public file: all but the territory folder, what was imported, and the internal editions."""
    files = [file for file in home.rglob("*") if file.is_file()]
    private = ("layers/quai/", "layers/quai.internal/", "layers/quai.inventory/internal/", "corrigé", "parcelles")
    return [file for file in files if not file.relative_to(home).as_posix().startswith(private)]


@pytest.fixture(scope="module")
def public_files(home):
    return {file.relative_to(home[0]).as_posix(): everything(file) for file in published(home[0])}


@pytest.fixture(scope="module")
def internal_files(home):
    folder = home[0] / "layers" / "quai.internal"
    return {file.relative_to(folder).as_posix(): everything(file) for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("needle", PLANTED.values(), ids=PLANTED)
def test_no_public_byte_has(public_files, needle):
    assert {"layers/quai.gpkg", "layers/quai.zip", "layers/quai.figures.json", "maps/quai/port.html"} <= {*public_files}
    assert any(name.endswith(".xlsx") for name in public_files)
    assert [name for name, text in public_files.items() if needle in text or needle in folded(name.encode())] == []


@pytest.mark.parametrize("needle", PLANTED.values(), ids=PLANTED)
def test_the_internal_edition_has(internal_files, needle):
    """The same search finds what is planted, so that it can fail."""
    assert needle in internal_files["quai.internal.gpkg"]


@pytest.mark.parametrize("needle", PLANTED.values(), ids=PLANTED)
def test_nothing_printed_has(home, needle):
    assert [name for name, (_, text) in home[1].items() if needle in folded(text.encode())] == []


def test_bodies_are_named_where_a_source_names_them(public_files):
    for name in BODIES:
        assert name in public_files["layers/quai.gpkg"]
        assert name in public_files["maps/quai/port.html"]


def test_no_parcel_leads_to_an_owner(home, public_files):
    for name, text in public_files.items():
        assert "sci du bassin" not in text, name
    with closing(sqlite3.connect(home[0] / "layers" / "quai.gpkg")) as base:
        for layer in ("parcels", "land_units"):
            assert not [row[1] for row in base.execute(f"PRAGMA table_info({layer})") if "owner" in row[1]]
        tables = {name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")}
        assert "owners" not in tables


def test_an_occupant_who_is_a_person_is_what_it_is_with_premises_and_area(home):
    found = Published(Territory(home[0] / "layers" / "quai"))
    (row,) = schemas.records(found.tenancies[found.tenancies["occupant"] == "entreprise individuelle"])
    assert (row["tenancy_id"], row["establishment_id"]) == ("tenancy-1", "occupant-1")
    assert (row["area_low_m2"], row["activity"]) == (500, "réparation de filets")
    (room,) = schemas.records(found.premises[found.premises["premises_id"] == row["premises_id"]])
    assert room["premises_name"] == "non diffusé"
    firm = schemas.row_of(found.establishments, "establishment_id", "occupant-1")
    assert (firm["establishment_name"], firm["siret"], firm["note"], firm["note_en"]) == (
        "entreprise individuelle",
        "",
        "non diffusé",
        "withheld",
    )
    claim = schemas.row_of(found.claims, "claim_id", found.choices["tenancies/tenancy-1/area_m2"])
    assert (claim["subject"], claim["value"]) == ("entreprise individuelle", "500")
    assert schemas.row_of(found.sites, "site_id", "port")["occupants"] == "Algues|entreprise individuelle"


def test_figures_are_the_same_in_both_editions(home):
    whole = Territory(home[0] / "layers" / "quai")
    values = [
        sorted((figure.kind, figure.low, figure.high) for figure in each.figures.values())
        for each in (whole, Published(whole))
    ]
    assert values[0] == values[1]
    rates = [each.rates.drop(columns="site_id") for each in (whole, Published(whole))]
    pd.testing.assert_frame_equal(*rates)


def test_what_rows_name_in_what_is_published_is_there(home):
    found = Published(Territory(home[0] / "layers" / "quai"))
    assert {*found.tenancies["establishment_id"]} - {"bois"} <= {*found.establishments["establishment_id"]}
    assert {*found.tenancies["premises_id"]} <= {*found.premises["premises_id"]}
    stated = {name.rpartition("/")[0] for name in found.claims["states"] if name.startswith("tenancies/")}
    assert stated <= {f"tenancies/{key}" for key in found.tenancies["tenancy_id"]}
    rows = {name for figure in found.figures.values() for name in figure.rows if name.startswith("tenancies/")}
    assert rows == {f"tenancies/{key}" for key in found.tenancies["tenancy_id"]} - {"tenancies/bois"} | rows


# --- the internal edition --------------------------------------------------------------------------------------------


def test_every_layer_page_and_ledger_of_the_internal_edition_is_marked(home, internal_files):
    folder = home[0] / "layers" / "quai.internal"
    with closing(sqlite3.connect(folder / "quai.internal.gpkg")) as base:
        tables = [name for (name,) in base.execute("SELECT table_name FROM gpkg_contents") if name != "layer_styles"]
        assert {"owners", "parcels", "issues", "figures"} <= {*tables}
        for table in tables:
            assert {mark for (mark,) in base.execute(f"SELECT edition FROM {table}")} <= {INTERNAL}  # noqa: S608
        assert "owner_id" in {row[1] for row in base.execute("PRAGMA table_info(parcels)")}
    assert json.loads((folder / "quai.internal.figures.json").read_text(encoding="utf-8"))["edition"] == INTERNAL
    pages = [text for name, text in internal_files.items() if name.endswith(".html")]
    assert len(pages) == 5
    for text in pages:
        assert '<aside class="internal"' in text
        assert "edition interne — ne pas diffuser" in text
        assert "internal edition — not for publication" in text
        assert '"slug":"quai-interne-' in text


def test_a_public_build_neither_reads_nor_touches_the_internal_edition(home, tree, tmp_path):
    copied = shutil.copytree(home[0], tmp_path / "home")
    before = tree(copied / "layers" / "quai.internal")
    for file in (copied / "layers" / "quai.internal").rglob("*"):
        if file.is_file():
            file.chmod(0)
    assert runs("bundle", copied / "layers" / "quai")[0] == 0
    for file in (copied / "layers" / "quai.internal").rglob("*"):
        if file.is_file():
            file.chmod(0o644)
    assert tree(copied / "layers" / "quai.internal") == before
    with zipfile.ZipFile(copied / "layers" / "quai.zip") as archive:
        assert not [name for name in archive.namelist() if "intern" in name]


def test_the_internal_edition_is_written_over_itself_alone(home, tree, tmp_path):
    copied = shutil.copytree(home[0], tmp_path / "home") / "layers"
    before = tree(copied)
    made = build_internal(copied / "quai")
    assert tree(copied) == before
    code, told = runs("build", copied / "quai", "--internal")
    assert code == 0
    assert f"\n{made.issues} issues: `gis issues " in told
    (copied / "quai.internal" / "notes.txt").write_text("mine", encoding="utf-8")
    code, said = runs("build", copied / "quai", "--internal")
    assert code == 1
    assert "was not written by this command" in said


# --- what goes wrong -------------------------------------------------------------------------------------------------

SPOILT = {
    "an owner who stands twice": ("owners.csv", "QZUNKKEY8", "QZNATKEY7"),
    "an owner of no kind": ("owners.csv", ",natural,", ",Mme Zorglub,"),
    "a source that is the name": ("owners.csv", "ZORGLUB,registre", "ZORGLUB,Zorglub"),
    "a table without a header": ("owners.csv", FACTS["owners.csv"].partition("\n")[0], "k,natural,Zorglub,registre"),
    "an owner nobody lists": ("parcels.csv", "0004,,", "0004,Euphrasie TOURNEBROCHE,"),
    "a parcel that is none": ("parcels.csv", "99001000AA0002,", "Zorglub Wilhelmine,"),
    "an occupant whose jobs are no number": ("establishments.csv", ",p. Quilleveré,", ",p,"),
    "an occupant on no site": ("establishments.csv", "99001,port,natural", "99001,quillevere barnabe,natural"),
    "an occupant of a kind that is none": ("establishments.csv", ",natural,", ",naturel,"),
    "a tenancy that ends before it starts": ("tenancies.csv", "2021-12-31,,", "2021-12-31,2019-01-01,2019-01-01"),
    "a tenancy of no premises": ("tenancies.csv", ",atelier-quillevere,", ",chez barnabe quillevere,"),
    "a phase that is none": ("tenancies.csv", "filets,in_place", "filets,Barnabé Quilleveré"),
    "a dispute that nobody settled": ("territory.toml", "[[variant]]", "[[assumption]]\npages=[]\n[[nothing]]"),
    "a variant without a claim": ("territory.toml", 'claim = "quillevere-m2"', 'claim = "barnabe-quillevere"'),
    "a claim that does not fit": ("claims.csv", ",500,m2,", ",Barnabé Quilleveré,m2,"),
}


@pytest.mark.parametrize(("name", "old", "new"), SPOILT.values(), ids=SPOILT)
def test_no_error_names_a_person(home, tmp_path, name, old, new):
    folder = shutil.copytree(home[0] / "layers" / "quai", tmp_path / "quai")
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    code, said = runs("build", folder)
    assert name in said or code == 0
    assert [needle for needle in PLANTED.values() if needle in folded(said.encode())] == []


# --- the policy ------------------------------------------------------------------------------------------------------


def every_schema():
    found = [getattr(schemas, name) for name in schemas.__all__]
    return [each for each in found if isinstance(each, type) and issubclass(each, pa.DataFrameModel)]


def test_of_every_column_somebody_decided_whether_it_is_public():
    assert len(every_schema()) > 30
    undecided = [
        f"{schema.__name__}.{name}"
        for schema in every_schema()
        for name, declared in schema.to_schema().columns.items()
        if not isinstance(declared.metadata["public"], Public)
    ]
    assert undecided == []


def test_a_column_of_which_nobody_decided_is_not_published(monkeypatch):
    class Undecided(schemas.Owners):
        place_id: schemas.sites.Series[str] = column("Key.", public=Public.ALWAYS)
        secret: schemas.sites.Series[str] = column("Nobody decided.")

    monkeypatch.setattr(public, "DECLARED", {**DECLARED, "undecided": Undecided})
    frame = pd.DataFrame({"place_id": ["a"], "secret": ["b"], "stray": ["c"]}, dtype="str")
    assert [*public.public_columns("undecided", frame)] == ["place_id"]
    shown = territory_publication(empty()).layer("undecided", frame)
    assert (shown["secret"].tolist(), shown["stray"].tolist()) == ([""], [""])


@pytest.mark.parametrize("dtype", ["str", "object"])
def test_a_text_is_looked_at_whatever_it_is_kept_as(dtype):
    frame = pd.DataFrame({"insee": ["99001", "99002"], "commune_name": ["Zoé Été", "Port-Neuf"]}, dtype=dtype)
    shown = territory_publication(empty() | {"owners": owner("Zoé Été")}).layer("communes", frame)
    assert shown["commune_name"].tolist() == ["non diffusé", "Port-Neuf"]


def test_a_firm_whose_key_is_made_of_the_name_of_an_owner_is_no_person():
    firms = {"establishment_id": "ete-zoe", "establishment_name": "Algues", "establishment_kind": "legal"}
    names = DECLARED["establishments"].to_schema().columns
    layers = empty() | {"owners": owner("Zoé Été"), "establishments": pd.DataFrame([dict.fromkeys(names, "") | firms])}
    shown = territory_publication(layers).layer("establishments", layers["establishments"])
    assert shown[["establishment_id", "establishment_name"]].to_numpy().tolist() == [["occupant-1", "Algues"]]


def test_every_layer_of_a_geopackage_is_declared(demo_built):
    assert {*demo_built.layers} - {"figures", "layer_styles"} <= {*DECLARED}
    for name, layer in demo_built.layers.items():
        if name not in {"figures", "layer_styles"}:
            odd = {each for each in layer if column_publicity(name, each) in {None, Public.NEVER}} - {"available_now"}
            assert odd == set(), name


def empty():
    names = ("owners", "establishments", "tenancies", "claims")
    return {name: pd.DataFrame(columns=[*DECLARED[name].to_schema().columns]) for name in names}


def owner(name, kind="natural", key="K7"):
    return pd.DataFrame({"owner_id": [key], "owner_kind": [kind], "owner_name": [name]})


QUOTES = {
    "another order": ("Zoé Été", "ÉTÉ Zoé"),
    "no accents": ("Zoé Été", "zoe ete"),
    "an address": ("Zoé Été", "https://x.example/?q=Zo%C3%A9%20%C3%89t%C3%A9"),
    "one word": ("Jeanne Dupont", "dupontjeanne2"),
    "underscores": ("Jeanne Dupont", "lot_dupont_jeanne"),
    "a title": ("Mme Jeanne Dupont", "Jeanne Dupont"),
    "one of several given names": ("DUPONT Jeanne Marie Louise", "Jeanne Dupont"),
    "a remark behind the name": ("Jeanne Dupont (nue-propriétaire)", "chez Jeanne Dupont"),
    "a soft hyphen": ("Jeanne Dupont", "Jeanne Du\u00adpont"),
    "a ligature": ("Jeanne Lecœur", "LECOEUR Jeanne"),
    "a key": ("Jeanne Dupont", "compte K7Q123"),
}


@pytest.mark.parametrize(("name", "text"), QUOTES.values(), ids=QUOTES)
def test_a_name_is_found_in(name, text):
    persons = public.Persons(owner(name, key="K7Q123"))
    assert persons.hide(text) == "non diffusé"
    assert persons.hide(text, "en") == "withheld"
    assert not persons.quotes("Jeanne et les autres, 12 rue du Port")


def test_who_is_nobody_and_who_is_a_body_is_not_withheld():
    persons = public.Persons(
        pd.concat([owner("Propriétaire inconnu", "unknown"), owner("Ville de Port-Neuf", "legal")])
    )
    for text in ("parcelles de propriétaire inconnu", "Ville de Port-Neuf", "K7"):
        assert persons.hide(text) == text


def test_an_owner_of_unknown_kind_who_is_called_like_a_body_is_one():
    owners = owner("Ville de Port-Neuf", "unknown", "K1234")
    assert public.Persons(owners).quotes("Ville de Port-Neuf")
    assert not public.Persons(owners, bodies=["Port-Neuf"]).quotes("Ville de Port-Neuf, cadastre")
    assert public.Persons(owner("Port-Neuf", "natural"), bodies=["Port-Neuf"]).quotes("Port-Neuf")


def test_a_key_that_is_a_word_of_the_language_withholds_no_text():
    assert not public.Persons(owner("Jeanne Dupont", key="garage")).quotes("le garage du port")
    assert public.Persons(owner("Jeanne Dupont", key="dupont")).quotes("compte Dupont")


def test_who_turned_out_a_body_is_named_and_whom_it_was_taken_for_is_not():
    stated = [owner("SCI Nord", "unknown"), owner("Zoé Été", "natural")]
    found = territory_publication(empty() | {"owners": owner("SCI Nord", "legal")}, stated={"owners": stated}).persons
    assert not found.quotes("SCI Nord")
    assert found.quotes("Zoé Été")


def test_of_several_texts_in_a_cell_the_one_that_quotes_is_withheld():
    assert public.Persons(owner("Zoé Été")).hide("SCI Nord|Été Zoé|Bois") == "SCI Nord|non diffusé|Bois"


# --- the demo --------------------------------------------------------------------------------------------------------


def test_no_person_of_the_demo_is_in_what_is_built_of_it(demo_built):
    facts = Territory(demo_built.folder.path)
    owners, firms = facts.owners, facts.establishments
    names = [*owners.loc[owners["owner_kind"] != "legal", "owner_name"]]
    names += [*firms.loc[firms["establishment_kind"] == "natural", "establishment_name"]]
    assert len(names) > 40
    bodies = folded("\n".join(firms.loc[firms["establishment_kind"] == "legal", "establishment_name"]).encode())
    written = [demo_built.files.geopackage, demo_built.files.ledger, *demo_built.files.pages]
    content = "\n".join(map(everything, written))
    said = [folded(name.encode()).split("\n")[0] for name in names]
    assert [name for name in said if name in content] == []
    assert any(line in content for line in bodies.splitlines())
    assert "entreprise individuelle" in content
