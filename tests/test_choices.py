"""A published value that is chosen on the page of a site gives the sums of a territory that opens with it."""

import datetime as dt
from itertools import product

import pytest

from gis.maps.site import site_data
from gis.measures.occupancy import TO_COME, occupancy, occupancy_figures
from gis.measures.three_valued import ANSWERS
from gis.schemas import Phase
from gis.territory import Published, Territory

#: Values that two sources give: what each is of, and its claims.
DISPUTED = {
    "tenancies/algues/area_m2": {"algues.area.deed": "20000", "algues.area.press": "2.6", "": ""},
    "tenancies/algues/from": {"algues.from.deed": "2020", "algues.from.press": "2022-03-01", "": ""},
    "tenancies/bois/phase": {"bois.phase.plan": "announced", "bois.phase.visit": "in_place"},
    "tenancies/bois/to": {"bois.to.plan": "2027-03-31", "bois.to.press": "2026-12-31..2027-12-31"},
    "sites/port/land_ha": {"land": "8", "land.press": "7.5"},
}
UNITS = {"area_m2": ("m2", "ha"), "from": ("date",), "to": ("date",), "phase": ("text",), "land_ha": ("ha",)}
DAYS = ("2019-12-31", "2020-06-30", "2022-03-01", "2025-09-30", "2026-12-31", "2027-06-30")


@pytest.fixture
def disputed(demo):
    """The port with a second source for some of its values; what nobody chose yet opens with the first."""
    rows = []
    for of, claims in DISPUTED.items():
        quantity = of.rpartition("/")[2]
        for n, (claim, value) in enumerate(claims.items()):
            if claim and claim != "land":
                unit = UNITS[quantity][n % len(UNITS[quantity])]
                kind = "land" if quantity == "land_ha" else "not_said"
                rows.append(f"{claim},port,Le port,{quantity},{value},{unit},,{kind},2025,{of},,,,,registre\n")
    demo.put("claims.csv", (demo.path / "claims.csv").read_text(encoding="utf-8") + "".join(rows))
    before = (demo.path / "territory.toml").read_text(encoding="utf-8")

    def opened(**others):
        chosen = {of: next(iter(claims)) for of, claims in DISPUTED.items()} | others
        entries = [
            f'[[variant]]\nof = "{of}"\nclaim = "{claim}"\nwhy = {{ fr = "un acte", en = "a deed" }}\n'
            for of, claim in chosen.items()
        ]
        demo.put("territory.toml", before + "\n" + "\n".join(entries))
        return Published(Territory(demo.path))

    return opened


def sums(known, day):
    """Compute what the page of the port adds up."""
    at = dt.date.fromisoformat(day)
    figures = occupancy_figures(known.tenancies, known.claims, site_id="port", at=at)
    area = {each.kind: each.low for each in figures if each.unit == "m2" and each.low is not None}
    rows = occupancy(known.tenancies, site_id="port", at=at)
    land = known.sites.set_index("site_id").loc["port", "land_low_ha"] * 10_000
    told = zip(rows["tenancy_id"], rows["holds"], rows["phase"], strict=True)
    return {
        "day": day,
        "land_m2": land,
        "in_place_m2": area["in_place_m2"],
        "to_come_m2": area["to_come_m2"],
        "with_m2": area["with_to_come_m2"],
        "rows": {key: [ANSWERS[holds].value, Phase(phase) in TO_COME] for key, holds, phase in told},
    }


def test_the_choices_that_the_pages_are_tested_on_give_what_is_computed_here(disputed, recorded):
    """Every choice of one value, and every choice of two, on days before, between and after all dates."""
    known = disputed()
    page = site_data(known, "port")
    kept = ("site", "at", "from", "to", "tenancies", "held", "vacancy", "vacant", "bases", "claims")
    page = {name: page[name] for name in kept} | {"from": "2019-01-01", "to": "2027-12-31"}
    single = [{of: claim} for of, claims in DISPUTED.items() for claim in [*claims][1:]]
    pairs = [{**one, **other} for one, other in product(single, single) if [*one] < [*other]]
    cases = [{"page": page}]
    for variants in [{}, *single, *pairs[::5]]:
        chosen = disputed(**variants)
        cases.append({"variants": variants, "sums": [sums(chosen, day) for day in DAYS]})
    told = [str(case["sums"]) for case in cases[1 : len(single) + 2]]
    assert len({*told}) == len(told), "a choice that changes nothing"
    recorded("choices_cases.json", cases)
