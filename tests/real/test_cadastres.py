"""Cadastres as they are published: land units of whole communes, and the faults that the files hold, no others."""

import re

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gis.measures.land_units import land_units

pytestmark = pytest.mark.real

#: The zone that each commune is measured in.
CRS = {"93010": 3949, "27412": 3949}
ROW = {"source_id": "cadastre", "basis": "surveyed"}
NOBODY = pd.DataFrame({"owner_id": pd.array([], dtype="str"), "owner_kind": pd.array([], dtype="str")})
OVERLAP = re.compile(r"Overlap with parcel (\w+)(, nowhere wider than 0\.05 m)?: the smaller parcel keeps the ground\.")


def cadastre(file):
    read = gpd.read_file(f"/vsigzip/{file}" if file.suffix == ".gz" else file).to_crs(CRS[file.name[:5]])
    return gpd.GeoDataFrame({"parcel_id": read["id"], "owner_id": "", **ROW}, geometry=read.geometry)


def commune(parcels):
    """Return a site around all parcels."""
    hull = shapely.buffer(shapely.convex_hull(shapely.union_all(parcels.geometry.to_numpy())), 10)
    return gpd.GeoDataFrame({"site_id": ["commune"], "part_of": [""], **ROW}, geometry=[hull], crs=parcels.crs)


def overlapping(parcels, at_least_m2):
    """Return the area of every pair of parcels that share ground, the largest first: the witness."""
    shapes = parcels.geometry.to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    areas = shapely.area(shapely.intersection(shapes[a[a < b]], shapes[b[a < b]]))
    return sorted((area for area in areas.tolist() if area > at_least_m2), reverse=True)


@pytest.mark.parametrize(
    ("name", "parcels", "blocks", "wide", "large"),
    [
        ("93010-bondy-2022-01-01-parcelles.json.gz", 7_053, 190, [40.85, 30.74, 0.38, 0.16], 2),
        ("93010-bondy-2023-01-01-parcelles.json.gz", 7_084, 190, [659.43, 656.26, 40.85, 30.74, 0.38, 0.16], 4),
        ("27412-terres-de-bord-parcelles.geojson", 1_990, 55, None, 17),
    ],
    ids=["Bondy 2022", "Bondy 2023", "Terres de Bord"],
)
def test_land_units_of_a_commune_are_bounds_and_its_faults_those_of_the_file(
    published, name, parcels, blocks, wide, large
):
    layer = cadastre(published(name))
    found = land_units(layer, NOBODY, commune(layer))
    # nobody says who owns: every parcel is one unit at most, and what is connected is one at least
    assert found.counts[["units_low", "units_high", "unknown_owner"]].to_numpy().tolist() == [
        [blocks, parcels, parcels]
    ]
    assert len(shapely.get_parts(shapely.union_all(layer.geometry.to_numpy()))) == blocks
    told = [OVERLAP.fullmatch(message) for message in found.issues["message"]]
    areas = [float(value.removesuffix(" m²")) for value in found.issues["value"][[match is not None for match in told]]]
    assert sorted(areas, reverse=True) == pytest.approx(overlapping(layer, 0.0001), abs=0.02)
    assert sum(area > 1 for area in areas) == large
    if wide:
        known = zip(found.issues["value"], told, strict=True)
        broad = [float(value.removesuffix(" m²")) for value, match in known if match and not match[2]]
        assert sorted(broad, reverse=True) == wide
    others = found.issues["message"][[match is None for match in told]]
    assert others.str.startswith(("A gap of up to 0.05 m along", "A sliver of it, nowhere wider than 0.05 m")).all()
    assert found.units["measured_m2"].sum() == pytest.approx(shapely.union_all(layer.geometry.to_numpy()).area, abs=0.1)
