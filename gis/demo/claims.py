"""Published figures of the territory, those that contradict each other, and the variants selected for the pages."""

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from gis.demo.buildings import BuiltLots
from gis.demo.fabric import demo_area_m2
from gis.demo.land import Land
from gis.schemas import Answer, AreaKind, ClaimStatus, ClaimUse, Occupied, Phase, Sale, Servicing, records
from gis.units import to_ha

#: Who says so, beside the territory itself: invented, as their names say.
KIT: Final = "dossier-fictif"
PAPER: Final = "gazette-fictive"
WATCH: Final = "observatoire-fictif"
OWN: Final = "demo"

#: Of how many sites the land area is disputed, and of how many it is published once.
_DISPUTED_EVERY: Final = 6
_PUBLISHED_EVERY: Final = 3
_LAND: Final = ("surface de terrain", "land area")
_HELD: Final = ("surface occupée", "area held")
_WHY_KIT: Final = ("le dossier, qui donne la date de sa mesure", "the file, which dates its measure")


@dataclass(frozen=True, slots=True)
class Variant:
    """A disputed value, the claim that pages open with ("" for unknown), and why, in French and English."""

    of: str
    claim: str
    why: tuple[str, str]


@dataclass(frozen=True, slots=True)
class DemoClaims:
    """The claims, how the disputed ones are settled, and those that the first page shows."""

    claims: pd.DataFrame
    variants: list[Variant]
    index: list[str]


def demo_claims(land: Land, built: BuiltLots, tenancies: pd.DataFrame) -> DemoClaims:
    """Publish figures of the focus site, of some other sites and of the territory.

    Returns
    -------
    published
        Claims as in `gis.schemas`, without basis. Every value that two claims state differently has a variant.
    """
    rows: list[dict[str, Any]] = []
    variants: list[Variant] = []
    hectares = to_ha(1.0) * demo_area_m2(land.sites.shapes)
    focus = _Subject(
        rows, variants, "focus", str(land.sites.table["site_id"][0]), str(land.sites.table["site_name"][0])
    )
    _publish_bases(focus, float(hectares[0]), built)
    _publish_tenants(focus, tenancies[tenancies["site_id"] == focus.site_id])
    _publish_history(focus)
    offers = _offered_hectares_by_site(land)
    for n, row in enumerate(records(land.sites.table)):
        subject = _Subject(rows, variants, row["site_id"], row["site_id"], row["site_name"]) if n else focus
        if n % _PUBLISHED_EVERY == 1:
            _publish_land_area(subject, float(hectares[n]), disputed=n % _DISPUTED_EVERY == 1)
        _publish_offer(subject, float(offers["ready"][n]), float(offers["built"][n]))
    territory = _Subject(rows, variants, "", "", "Territoire fictif")
    index = _publish_territory(territory, land, float(offers["ready"].sum()))
    return DemoClaims(pd.DataFrame(rows).fillna(""), variants, index)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is spoken of: the rows and variants are added to those of the territory."""

    rows: list[dict[str, Any]]
    variants: list[Variant]
    stem: str
    site_id: str
    name: str

    def key(self, claim: str) -> str:
        """Return the id of a claim of this subject; nothing stays nothing."""
        return claim and ".".join(filter(None, (self.stem, claim)))

    def say(self, claim: str, measure: tuple[str, str], value: float | str, unit: str, **more: Any) -> None:
        """Publish a figure, by the territory's file of the month unless `more` says otherwise."""
        self.rows.append(
            {
                "claim_id": self.key(claim),
                "site_id": self.site_id,
                "subject": self.name,
                "measure": measure[0],
                "measure_en": measure[1],
                "value": value if isinstance(value, str) else f"{value:.10g}",
                "unit": unit,
                "qualifier": "stated",
                "as_of": "2025-06",
                "source_id": KIT,
                **more,
            }
        )

    def settle(self, of: str, claim: str, why: tuple[str, str]) -> None:
        """Choose the claim that pages open with for a disputed value."""
        self.variants.append(Variant(of, self.key(claim), why))


def _publish_land_area(subject: _Subject, hectares: float, *, disputed: bool) -> None:
    """Publish the land area of a site, and another one where it is disputed."""
    claim_columns = {
        "use": ClaimUse.BASE.value,
        "area_kind": AreaKind.LAND.value,
        "states": f"sites/{subject.site_id}/land_ha",
    }
    exact = max(0.1, round(hectares, 1))
    subject.say("land", _LAND, exact, "ha", **claim_columns)
    if disputed:
        subject.say(
            "land.watch", _LAND, round(exact * 1.12 + 0.1, 1), "ha", source_id=WATCH, as_of="2023", **claim_columns
        )
        subject.settle(claim_columns["states"], "land", _WHY_KIT)


def _publish_bases(focus: _Subject, hectares: float, built: BuiltLots) -> None:
    """Publish the areas that shares of the focus site may be taken of, and shares that do not say of what."""
    _publish_land_area(focus, hectares, disputed=True)
    indoors, roofed = (layer.table["site_id"] == focus.site_id for layer in (built.premises, built.buildings))
    floor = float(built.premises.table.loc[indoors, "floor_m2"].sum())
    walls = float(demo_area_m2(built.buildings.shapes[roofed.to_numpy()]).sum())
    base = {"use": ClaimUse.BASE.value}
    not_said = {"area_kind": AreaKind.NOT_SAID.value}
    paper = {"source_id": PAPER, "as_of": "2023-04"}
    focus.say(
        "floor", ("surface de plancher", "floor area"), round(floor), "m2", area_kind=AreaKind.FLOOR.value, **base
    )
    focus.say(
        "walls", ("emprise des bâtiments", "footprint"), round(walls), "m2", area_kind=AreaKind.FOOTPRINT.value, **base
    )
    focus.say("plant", ("surface de l’usine", "plant area"), round(floor * 1.25, -2), "m2", **base, **not_said, **paper)
    note = {"note": "de quoi : non dit", "note_en": "of what: not said"}
    share = ("part réoccupée", "share reoccupied")
    focus.say("occupied", share, 70, "%", use=ClaimUse.OCCUPIED_SHARE.value, **note, **not_said)
    part = ("part du site", "share of the site")
    focus.say("largest", part, 20, "%", use=ClaimUse.TENANT_SHARE.value, **not_said, **paper)


def _publish_tenants(focus: _Subject, tenancies: pd.DataFrame) -> None:
    """Publish the tenants of the focus site: an area each, and what a newspaper says otherwise."""
    tenancies_with_area = tenancies[
        tenancies["phase"].isin([Phase.IN_PLACE, Phase.LEASE_SIGNED]) & tenancies["area_low_m2"].notna()
    ]
    tenants = records(tenancies_with_area.head(4))
    names, parts = [f"tenant{n}" for n in range(1, len(tenants) + 1)], []
    for name, row in zip(names, tenants, strict=True):
        value_name = f"tenancies/{row['tenancy_id']}/area_m2"
        claim_columns = {"subject": row["occupant"], "area_kind": row["area_kind"]}
        focus.say(f"{name}.area", _HELD, row["area_low_m2"], "m2", states=value_name, **claim_columns)
        parts.append(focus.key(f"{name}.area"))
    first, second, _, signed = tenants
    paper = {"source_id": PAPER, "as_of": "2024"}

    value_name, claim_columns = f"tenancies/{first['tenancy_id']}/jobs_now", {"subject": first["occupant"]}
    jobs = ("emplois", "jobs")
    focus.say("tenant1.jobs", jobs, first["jobs_now"], "jobs", states=value_name, **claim_columns)
    focus.say("tenant1.jobs.paper", jobs, first["jobs_now"] + 15, "jobs", states=value_name, **claim_columns, **paper)
    focus.settle(
        value_name, "", ("aucune des deux sources ne dit comment elle compte", "neither source says how it counts")
    )

    value_name = f"tenancies/{second['tenancy_id']}/area_m2"
    claim_columns = {"subject": second["occupant"], "area_kind": second["area_kind"]}
    larger = round(second["area_low_m2"] * 1.3, -1)
    focus.say("tenant2.area.paper", _HELD, larger, "m2", states=value_name, **claim_columns, **paper)
    lost = {"note": "source non retrouvée", "note_en": "source not refound", "status": ClaimStatus.NOT_REFOUND.value}
    focus.say(
        "tenant2.area.old",
        _HELD,
        round(larger / 2, -1),
        "m2",
        states=value_name,
        **claim_columns,
        **lost,
        source_id=WATCH,
    )
    focus.settle(value_name, "tenant2.area", _WHY_KIT)
    value_name, claim_columns = f"tenancies/{second['tenancy_id']}/from", {"subject": second["occupant"]}
    arrival = ("arrivée", "arrival")
    focus.say("tenant2.from", arrival, "2022", "date", states=value_name, **claim_columns)
    focus.say("tenant2.from.paper", arrival, "2022-03..2022-06", "date", states=value_name, **claim_columns, **paper)
    year_alone = ("le dossier, qui ne donne que l’année", "the file, which gives the year alone")
    focus.settle(value_name, "tenant2.from", year_alone)

    value_name, claim_columns = f"tenancies/{signed['tenancy_id']}/phase", {"subject": signed["occupant"]}
    progress = ("avancement", "progress")
    focus.say("tenant4.phase", progress, Phase.LEASE_SIGNED.value, "text", states=value_name, **claim_columns)
    focus.say(
        "tenant4.phase.paper", progress, Phase.ANNOUNCED.value, "text", states=value_name, **claim_columns, **paper
    )
    focus.settle(value_name, "tenant4.phase", ("le dossier cite le bail", "the file cites the lease"))

    count = ("entreprises sur le site", "firms on the site")
    count_columns = {"use": ClaimUse.PARTS_COUNT.value, "parts": "|".join(parts)}
    focus.say("tenants", count, len(parts), "count", **count_columns)
    focus.say("tenants.paper", count, len(parts) + 1, "count", **count_columns, **paper)


def _publish_history(focus: _Subject) -> None:
    """Publish what became of the staff, and the dates of the focus site."""
    focus.say("staff", ("emplois supprimés", "jobs lost"), 412, "jobs", as_of="2021")
    for key, french, english, number in (
        ("staff.hired", "réembauchés", "hired again", 231),
        ("staff.trained", "en formation", "in training", 84),
        ("staff.retired", "retraités", "retired", 61),
    ):
        focus.say(key, (french, english), number, "people", as_of="2023")
    parts = "|".join(focus.key(f"staff.{key}") for key in ("hired", "trained", "retired"))
    share_columns = {"use": ClaimUse.PARTS_SHARE.value, "parts": parts, "whole": focus.key("staff"), "as_of": "2023"}
    focus.say("solution", ("salariés avec une solution", "employees with a solution"), 95, "%", **share_columns)
    for key, french, english, date in (
        ("closed", "fermeture de la manufacture", "works closed", "2021-04-30"),
        ("sold", "vente du site", "site sold", "2021-09-17"),
        ("opened", "inauguration", "opening", "2022-03-14"),
        ("works", "début des travaux de voirie", "road works begin", "2024-02"),
    ):
        focus.say(f"event.{key}", (french, english), date, "date", use=ClaimUse.EVENT.value, as_of=date)


def _offered_hectares_by_site(land: Land) -> pd.DataFrame:
    """Measure, site by site, what is on offer at once and what was sold and built in the six years: hectares."""
    terrains = land.terrains.table
    ready = (
        (terrains["useful"] == Answer.YES)
        & (terrains["sale"] == Sale.FOR_SALE)
        & terrains["servicing"].isin([Servicing.SERVICED, Servicing.FITTED_OUT])
        & terrains["occupied"].isin([Occupied.NEVER, Occupied.VACANT])
    )
    built = (terrains["occupied"] == Occupied.OCCUPIED) & terrains["sold_on"].notna()
    hectares = to_ha(1.0) * demo_area_m2(land.terrains.shapes)
    measured = pd.DataFrame({"ready": hectares * ready, "built": hectares * built}).groupby(land.site).sum()
    return measured.apply(_round_keeping_sum)


def _round_keeping_sum(values: "pd.Series[float]") -> "pd.Series[float]":
    """Round to two decimals so that the sum is the rounded sum: what is missing goes to those cut most."""
    hundredths = values * 100
    cut_hundredths = hundredths // 1
    missing = round(hundredths.sum()) - int(cut_hundredths.sum())
    rounds_up = (hundredths - cut_hundredths).rank(method="first", ascending=False) <= missing
    return (cut_hundredths + rounds_up.astype(float)) / 100


def _publish_offer(site: _Subject, ready: float, built: float) -> None:
    """Publish what a site had on offer, and what of it is built since."""
    if ready <= 0:
        return
    claim_columns = {"area_kind": AreaKind.LAND.value, "source_id": OWN}
    offer_measure = ("foncier mis en vente depuis 2020", "land put on sale since 2020")
    site.say("offer", offer_measure, round(ready + built, 2), "ha", use=ClaimUse.OFFER.value, **claim_columns)
    if built > 0:
        site.say("built", ("dont construit", "of which built"), built, "ha", use=ClaimUse.BUILT.value, **claim_columns)


def _publish_territory(territory: _Subject, land: Land, hectares: float) -> list[str]:
    """Publish the numbers of the first page: counts that hold, and one quantity that a newspaper rounds up."""
    rows_before = len(territory.rows)
    own_source = {"source_id": OWN}
    communes, zones = len(land.communes.table), int((land.sites.table["counted"] == Answer.YES).sum())
    territory.say("territory.communes", ("communes", "communes"), communes, "count", **own_source)
    zone = ("zones d’activités", "activity zones")
    territory.say("zones.count", zone, zones, "count", use=ClaimUse.ZONE_COUNT.value, **own_source)
    on_offer = ("foncier immédiatement disponible", "land available at once")
    area = {"area_kind": AreaKind.LAND.value}
    if hectares > 0:
        territory.say(
            "zones.available", on_offer, round(hectares, 2), "ha", use=ClaimUse.AVAILABLE.value, **area, **own_source
        )
    rounded = {"source_id": PAPER, "as_of": "2025-05", "qualifier": "about"}
    territory.say("zones.available.paper", on_offer, 10 * (1 + hectares // 10), "ha", **area, **rounded)
    return [str(row["claim_id"]) for row in territory.rows[rows_before:]]
