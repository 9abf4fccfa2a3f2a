"""Published files, imported as a new user would: what is proposed is right, and every row arrives."""

import gzip
import shutil

import pytest

import gis
from gis import founding

pytestmark = pytest.mark.real

SAID = ["--basis", "surveyed", "--publisher", "DGFiP", "--licence", "Licence Ouverte 2.0", "--edition", "2024-01"]


@pytest.fixture
def folder(tmp_path):
    """Write a territory of two communes without anything in it."""

    made = tmp_path / "layers" / "two"
    (made / "raw").mkdir(parents=True)
    toml = 'name = "Deux"\ncrs = "EPSG:3949"\n\n[opening]\ndate = 2026-01-01\n'
    (made / "territory.toml").write_text(toml, encoding="utf-8")
    source = '[list]\ntitle = "Communes"\npublisher = "Insee"\nlicence = "Licence Ouverte 2.0"\n'
    (made / "sources.toml").write_text(source, encoding="utf-8")
    rows = "insee,commune_name,source_id\n27412,Terres de Bord,list\n93010,Bondy,list\n"
    (made / "communes.csv").write_text(rows, encoding="utf-8")
    for table, schema in founding.TABLES.items():
        (made / f"{table}.csv").write_text(founding.fact_table_header(schema), encoding="utf-8")
    return made


@pytest.mark.parametrize(
    ("name", "layer", "rows", "proposed"),
    [
        ("27412-terres-de-bord-parcelles.geojson", "parcels", 1990, {"parcel_id = id"}),
        ("27412-terres-de-bord-batiments.geojson", "buildings", 1597, {"building_id = fid", "as_of = updated"}),
        ("93010-bondy-2022-01-01-parcelles.json.gz", "parcels", 7053, {"parcel_id = id", "stated_m2 = contenance"}),
        ("93010-bondy-2023-01-01-parcelles.json.gz", "parcels", 7084, {"parcel_id = id", "stated_m2 = contenance"}),
    ],
    ids=["parcels of Terres de Bord", "its buildings", "parcels of Bondy 2022", "parcels of Bondy 2023"],
)
def test_a_published_cadastre_is_imported_whole(command, folder, published, tmp_path, name, layer, rows, proposed):
    file, territory = published(name), folder
    if file.suffix == ".gz":
        plain = tmp_path / name.removesuffix(".gz")
        with gzip.open(file) as packed, plain.open("wb") as stream:
            shutil.copyfileobj(packed, stream)
        file = plain
    ended = command("import", territory, file, "--as", layer, "--source", "cadastre", *SAID)
    assert ended.code == 0, ended.err
    lines = {" ".join(line.split()[:3]) for line in ended.out.splitlines()}
    assert proposed <= lines
    assert f"  {rows:,} rows of {layer}, {rows} with a shape; 0 issues" in ended.out
    read = getattr(gis.open(territory), layer)
    assert len(read) == rows
    assert (read["measured_m2"] > 0).all()


def test_published_outlines_of_communes_are_shapes_of_ones_own(copied, published):
    (copied.path / "raw").mkdir(exist_ok=True)
    shutil.copy(published("communes.geojson"), copied.path / "raw" / "communes.geojson")
    communes = gis.open(copied.path).communes
    assert len(communes) == 100
    assert communes.geometry.notna().all()
    assert set(communes["basis"]) == {"digitised"}


def test_a_packed_cadastre_is_taken_as_it_comes(command, folder, published):
    ended = command("import", folder, published("93010-bondy-2023-01-01-parcelles.json.gz"))
    assert ended.code == 0, ended.err
    assert "  7,084 rows of parcels, 7084 with a shape" in ended.out
