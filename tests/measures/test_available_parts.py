"""Parts of a sum of available ground: together they name what the ledger names for all of them."""

from itertools import combinations

import pytest
from shapely import box

from gis.measures.availability import availability_figures
from gis.measures.available_parts import KINDS, parts_of_plots, parts_of_sites
from gis.measures.plots import PlotGround, assemble_plots
from gis.measures.topology import containing_sites
from gis.provenance import row_name
from gis.schemas import Exclusions, Owners, Parcels, Roads, Sites, Terrains

X, Y = 1_674_000, 9_259_000
SOLD = "non commercialisable"
ZONES = ("park", "hill", "full", "lost", "wood")


def at(west, south, east, north):
    return box(X + west, Y + south, X + east, Y + north)


@pytest.fixture(scope="module")
def layers(land_of):
    """Zones with ground in no terrain, one inside another, sold out, under water whole, and not drawn in part."""
    sites = land_of(
        Sites,
        {"site_id": "park", "geometry": at(0, 0, 300, 100), "basis": "surveyed"},
        {"site_id": "yard", "part_of": "park", "geometry": at(0, 0, 100, 100), "basis": "surveyed"},
        {"site_id": "hill", "basis": "digitised"},
        {"site_id": "full", "geometry": at(800, 0, 900, 100), "basis": "surveyed"},
        {"site_id": "lost", "basis": "stated"},
        {"site_id": "wood", "geometry": at(1200, 0, 1300, 100), "basis": "digitised"},
    )
    terrains = land_of(
        Terrains,
        {"terrain_id": "y1", "site_id": "yard", "geometry": at(0, 0, 100, 100), "basis": "surveyed"},
        {
            "terrain_id": "p1",
            "site_id": "park",
            "geometry": at(100, 0, 200, 100),
            "basis": "digitised",
            "sale": SOLD,
        },
        {"terrain_id": "h1", "site_id": "hill", "geometry": at(500, 0, 600, 100), "basis": "digitised"},
        {"terrain_id": "h2", "site_id": "hill", "geometry": at(600, 0, 700, 100), "sale": "inconnu"},
        {"terrain_id": "h3", "site_id": "hill", "basis": "stated"},
        {"terrain_id": "f1", "site_id": "full", "geometry": at(800, 0, 900, 100), "basis": "surveyed", "sale": SOLD},
        {"terrain_id": "l1", "site_id": "lost", "geometry": at(1000, 0, 1100, 100), "basis": "surveyed"},
    )
    exclusions = land_of(
        Exclusions,
        {"exclusion_id": "brook", "geometry": at(50, 0, 60, 100), "basis": "surveyed"},
        {"exclusion_id": "lake", "geometry": at(990, -10, 1310, 110), "basis": "digitised"},
        {"exclusion_id": "church", "reason": "heritage", "geometry": at(590, 0, 610, 100), "buffer_m": 5.0},
        {"exclusion_id": "far", "geometry": at(5000, 0, 5100, 100), "basis": "stated"},
    )
    return sites, terrains, exclusions


def together(sites, terrains, exclusions, zones):
    """Compute the ledger's figures of some zones and the sites inside them."""
    own = [site for site, above in containing_sites(sites).items() if {site, *above} & {*zones}]
    figures = availability_figures(
        sites[sites["site_id"].isin(own)], terrains[terrains["site_id"].isin(own)], exclusions
    )
    return {figure.kind: figure for figure in figures}


def record(part):
    return {
        "rows": [*part.rows],
        "taken_by": [*part.taken_by],
        "assumptions": [*part.assumptions],
        "of_rows": [*part.of_rows],
        "asked": part.asked,
    }


def joined(parts):
    """Join parts as a page does: which rows are named, what is assumed."""
    told = [part for part in parts if not part.asked] or parts
    rows = {row for part in told for row in part.rows} | {row for part in parts for row in part.taken_by}
    assumed = {key for part in parts for key in part.assumptions} | {key for part in told for key in part.of_rows}
    return sorted(rows), sorted(assumed)


def test_the_cases_that_the_pages_are_tested_on_are_what_the_ledger_names(layers, recorded):
    sites, terrains, exclusions = layers
    parts = parts_of_sites(sites, terrains, exclusions, ZONES)
    keys = ((terrains, "terrain_id"), (sites, "site_id"), (exclusions, "exclusion_id"))
    cited = [
        {"row": row_name(key.replace("_id", "s"), row[key]), "basis": row["basis"]}
        for rows, key in keys
        for row in rows.to_dict("records")
    ]
    cases = []
    for zones in (those for n in range(1, len(ZONES) + 1) for those in combinations(ZONES, n)):
        for kind, figure in together(*layers, zones).items():
            own = [parts[zone][kind] for zone in zones]
            assert joined(own) == (sorted(figure.rows), sorted(figure.assumptions)), (zones, kind)
            assert {*figure.rows} <= {each["row"] for each in cited}
            if len(zones) in {1, 2, len(ZONES)}:
                cases.append(
                    {
                        "of": f"{kind}: {', '.join(zones)}",
                        "parts": [record(part) for part in own],
                        "cited": [each for each in cited if any(each["row"] in {*p.rows, *p.taken_by} for p in own)],
                        "rows": list(figure.rows),
                        "basis": figure.basis.value,
                        "assumptions": sorted(figure.assumptions),
                    }
                )
    assert {kind for case in cases for kind in KINDS if case["of"].startswith(f"{kind}:")} == {*KINDS}
    said = {key for case in cases for key in case["assumptions"]}
    assert said >= {"ground_without_terrain", "ground_without_shape", "parts_once", "exclusions_by_text"}
    assert {part["asked"] for case in cases for part in case["parts"]} == {True, False}
    assert {case["basis"] for case in cases} == {"surveyed", "digitised", "stated"}
    recorded("sums_cases.json", cases)


def test_an_exclusion_that_nobody_has_drawn_is_assumed_of_every_part(layers, land_of):
    sites, terrains, _ = layers
    nowhere = land_of(Exclusions, {"exclusion_id": "somewhere"})
    parts = parts_of_sites(sites, terrains, nowhere, ZONES)
    assert all("exclusions_without_shape" in part["available_ha"].assumptions for part in parts.values())


def test_plots_together_name_what_the_ledger_names_of_the_ground_in_terrains(layers, layer_of):
    sites, terrains, exclusions = layers
    sites = sites.set_geometry(sites.geometry.where(sites["site_id"] == ""))
    figures = {each.kind: each for each in availability_figures(sites, terrains, exclusions)}
    whole = figures["available_ha"]
    ground = PlotGround(terrains, exclusions, layer_of(Parcels, []), layer_of(Owners, []), layer_of(Roads, []))
    rows, assumed = joined(parts_of_plots(assemble_plots(ground), exclusions, whole))
    assert {*rows} - {"terrains/h3"} == {*whole.rows}
    assert assumed == sorted(whole.assumptions)
