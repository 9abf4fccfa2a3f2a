"""Schemas of results: figures of sites, plots, comparisons, and missing or doubtful data."""

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from gis.schemas.columns import Given, Public, Spatial, column, measured_area_column, vocabulary_words
from gis.schemas.described import Geometry, LayerDescription, described
from gis.schemas.vocabularies import (
    AccessKind,
    Answer,
    Approach,
    AreaKind,
    ExclusionFamily,
    ExclusionReason,
    Located,
    Phase,
    Step,
)


@described(LayerDescription(name="plots", title="Offres de terrains", key="plot_id", geometry=Geometry.MULTIPOLYGON))
class Plots(Spatial):
    """Plots offered to an investor: adjacent terrains that can be acquired together, or one without a geometry."""

    plot_id: Series[str] = column(
        "Key of the plot, made of its terrains.",
        label="Identifiant de l’offre",
        note="Clé de l’offre, faite de ses terrains.",
        public=Public.ALWAYS,
        unique=True,
        str_length={"min_value": 1},
    )
    terrain_ids: Series[str] = column(
        "Its terrains, `|` between two.", label="Terrains", note="Ses terrains, `|` entre deux.", public=Public.ALWAYS
    )
    terrains: Series[int] = column(
        "How many they are.", label="Nombre de terrains", public=Public.ALWAYS, unit="count", ge=1
    )
    site_ids: Series[str] = column(
        "Sites they are pieces of, `|` between two.",
        label="Sites",
        note="Sites dont ils sont des parties, `|` entre deux.",
        public=Public.ALWAYS,
    )
    available: Series[str] = column(
        "Whether it can be had, or nobody said.",
        label="Disponible",
        note="Dit si on peut l’avoir, ou si personne ne l’a dit.",
        public=Public.ALWAYS,
        isin=[Answer.YES, Answer.UNKNOWN],
    )
    later: Series[str] = column(
        "Whether it can be had later only.",
        label="Disponible plus tard",
        note="Dit si on ne peut l’avoir que plus tard.",
        public=Public.ALWAYS,
        isin=[Answer.YES, Answer.NO],
    )
    serviced: Series[str] = column(
        "Whether all of it has its networks.",
        label="Viabilisé",
        note="Dit si tous ses terrains ont leurs réseaux.",
        public=Public.ALWAYS,
        isin=vocabulary_words(Answer),
    )
    vocation: Series[str] = column(
        "What its terrains are meant for, `|` between two.",
        label="Vocation",
        note="À quoi ses terrains sont destinés, `|` entre deux.",
        public=Public.ALWAYS,
    )
    price_low_eur_m2: Series[float] = column(
        "Price asked, the least of its terrains; nothing where one of them has none.",
        label="Prix demandé, au moins",
        note="Prix demandé, le plus bas de ses terrains, rien si l’un d’eux n’en a pas.",
        public=Public.ALWAYS,
        unit="EUR/m2",
        ge=0,
        nullable=True,
    )
    price_high_eur_m2: Series[float] = column(
        "The same, the most.",
        label="Prix demandé, au plus",
        note="Prix demandé, le plus haut de ses terrains.",
        public=Public.ALWAYS,
        unit="EUR/m2",
        ge=0,
        nullable=True,
    )
    power_kw: Series[float] = column(
        "Electric power at hand, the most of its terrains.",
        label="Puissance électrique disponible",
        note="Puissance électrique disponible, la plus forte de ses terrains.",
        public=Public.ALWAYS,
        unit="kW",
        ge=0,
        nullable=True,
    )
    available_from: Series[pd.Timestamp] = column(
        "All of it can be had from this day; nothing where one terrain has none.",
        label="Disponible à partir du",
        note="Jour à partir duquel on peut tout avoir, rien si un terrain n’en a pas.",
        public=Public.ALWAYS,
        nullable=True,
    )
    owners: Series[float] = column(
        "How many own its ground; nothing where some of it has no known owner.",
        label="Nombre de propriétaires",
        note="Combien de propriétaires la possèdent, rien si une partie n’a pas de propriétaire connu.",
        public=Public.ALWAYS,
        unit="count",
        ge=1,
        nullable=True,
    )
    gross_ha: Series[float] = column(
        "Its ground.",
        label="Surface brute",
        note="Surface de l’offre.",
        public=Public.ALWAYS,
        unit="ha",
        ge=0,
        nullable=True,
    )
    left_ha: Series[float] = column(
        "What exclusions leave of it.",
        label="Surface hors contraintes",
        note="Ce que les contraintes en laissent.",
        public=Public.ALWAYS,
        unit="ha",
        ge=0,
        nullable=True,
    )
    width_m: Series[float] = column(
        "Least width of a band that what is left lies in.",
        label="Largeur",
        note="Plus petite largeur d’une bande qui contient ce qui reste.",
        public=Public.ALWAYS,
        unit="m",
        ge=0,
        nullable=True,
    )
    circle_m: Series[float] = column(
        "Diameter of the largest circle in what is left.",
        label="Diamètre du plus grand cercle",
        note="Diamètre du plus grand cercle dans ce qui reste.",
        public=Public.ALWAYS,
        unit="m",
        ge=0,
        nullable=True,
    )
    built_m2: Series[float] = column(
        "Footprints of buildings on it; nothing where no building is known anywhere, or it has no shape.",
        label="Emprise bâtie",
        note="Emprise au sol des bâtiments, rien si aucun bâtiment n’est connu nulle part ou si "
        "l’offre n’a pas de tracé.",
        public=Public.ALWAYS,
        unit="m2",
        ge=0,
        nullable=True,
    )
    compactness: Series[float] = column(
        "4π area over the square of the border: 1 for a disc.",
        label="Compacité",
        note="Surface fois 4π, sur le carré du périmètre, 1 pour un disque.",
        public=Public.ALWAYS,
        unit="ratio",
        ge=0,
        le=1,
        nullable=True,
    )
    frontage_m: Series[float] = column(
        "Border along roads; nothing where none are known.",
        label="Façade sur rue",
        note="Longueur de limite le long des routes, rien si aucune n’est connue.",
        public=Public.ALWAYS,
        unit="m",
        ge=0,
        nullable=True,
    )
    measured_m2: Series[float] = measured_area_column()


class Eliminations(pa.DataFrameModel):
    """Number of rows that each criterion of a search eliminates, in the order of the criteria."""

    criterion: Series[str] = column("What is asked.", public=Public.ALWAYS, unique=True)
    asked: Series[str] = column("How much of it.", public=Public.ALWAYS)
    alone: Series[int] = column(
        "Rows that it would eliminate if nothing else were asked.", public=Public.ALWAYS, unit="count", ge=0
    )
    in_sequence: Series[int] = column(
        "Rows that it eliminates of those before it left.", public=Public.ALWAYS, unit="count", ge=0
    )
    left: Series[int] = column("Rows that are left after it.", public=Public.ALWAYS, unit="count", ge=0)
    unknown: Series[int] = column("Rows of which nobody said.", public=Public.ALWAYS, unit="count", ge=0)


class Approaches(pa.DataFrameModel):
    """Distance of each plot or premises to the nearest access of each kind."""

    subject: Series[str] = column("Key of the plot or premises.", public=Public.ALWAYS)
    access_kind: Series[str] = column("What one gets to.", public=Public.ALWAYS, isin=vocabulary_words(AccessKind))
    km: Series[float] = column("Distance.", public=Public.ALWAYS, unit="km", ge=0, nullable=True)
    approach: Series[str] = column("How it is known.", public=Public.ALWAYS, isin=vocabulary_words(Approach))
    access_id: Series[str] = column("The nearest access, where the distance was measured.", public=Public.ALWAYS)


class Verdicts(pa.DataFrameModel):
    """Comparison of each published figure with the value of the layers."""

    claim_id: Series[str] = column(
        "Key of the claim.", label="Identifiant du chiffre publié", public=Public.ALWAYS, unique=True
    )
    verdict: Series[str] = column(
        "How the two compare.", label="Verdict", note="Comment les deux se comparent.", public=Public.ALWAYS
    )
    reason: Series[str] = column(
        "Why, as a word of `claims.REASONS`.",
        label="Motif",
        note="Pourquoi, par un mot de `claims.REASONS`.",
        public=Public.ALWAYS,
    )
    computed_low: Series[float] = column(
        "What the layers give, at least, in the unit of the claim.",
        label="Valeur calculée, au moins",
        note="Ce que les couches donnent, au moins, dans l’unité du chiffre.",
        public=Public.ALWAYS,
        nullable=True,
    )
    computed_high: Series[float] = column(
        "What the layers give, at most, in the unit of the claim.",
        label="Valeur calculée, au plus",
        note="Ce que les couches donnent, au plus, dans l’unité du chiffre.",
        public=Public.ALWAYS,
        nullable=True,
    )


@described(LayerDescription(name="tiles", title="Tuiles", geometry=Geometry.POLYGON, label="label"))
class Tiles(Spatial):
    """Diagram of a row without a geometry: it has no true location and is never measured."""

    subject: Series[str] = column(
        "Row it stands for, `layer/key`.",
        label="Ligne représentée",
        note="Ligne dont le bloc tient lieu, `layer/key`.",
        public=Public.ALWAYS,
    )
    n: Series[int] = column(
        "Number of the tile among those of its subject.",
        label="Numéro du bloc",
        note="Numéro du bloc parmi ceux de la même ligne.",
        public=Public.ALWAYS,
        ge=1,
    )
    label: Series[str] = column("Name to show.", label="Nom à afficher", public=Public.ALWAYS)
    phase: Series[str] = column(
        "Phase of the tenancy; empty for a site.",
        label="Phase",
        note="Phase de l’occupation, vide pour un site.",
        public=Public.ALWAYS,
    )
    area_m2: Series[float] = column(
        "Published area it is drawn with.",
        label="Surface publiée",
        note="Surface publiée avec laquelle le bloc est dessiné.",
        public=Public.ALWAYS,
        unit="m2",
        nullable=True,
    )
    located: Series[str] = column(
        "Where it stands.",
        label="Emplacement du bloc",
        note="Où le bloc se trouve.",
        public=Public.ALWAYS,
        isin=vocabulary_words(Located),
    )
    insee: Series[str] = column(
        "Commune it stands at.",
        label="Code INSEE de la commune",
        note="Commune près de laquelle le bloc se trouve.",
        public=Public.ALWAYS,
    )


class Occupancy(pa.DataFrameModel):
    """State of each tenancy of a site on a date."""

    tenancy_id: Series[str] = column("Key of the tenancy.", public=Public.ALWAYS, unique=True)
    premises_id: Series[str] = column("Premises held.", public=Public.ALWAYS)
    occupant: Series[str] = column("Name of the occupant.", public=Public.ALWAYS)
    area_kind: Series[str] = column(
        "What its area is an area of.", public=Public.ALWAYS, isin=vocabulary_words(AreaKind)
    )
    phase: Series[str] = column("How far it is.", public=Public.ALWAYS, isin=vocabulary_words(Phase))
    holds: Series[str] = column("Whether it holds on the date.", public=Public.ALWAYS, isin=["yes", "maybe", "no"])
    low_m2: Series[float] = column("Area on the date, at least.", public=Public.ALWAYS, unit="m2", nullable=True)
    high_m2: Series[float] = column("Area on the date, at most.", public=Public.ALWAYS, unit="m2", nullable=True)


class Held(pa.DataFrameModel):
    """Occupied area of a site on a day, for one kind of area."""

    at: Series[pd.Timestamp] = column("The day, at its end.", public=Public.ALWAYS)
    site_id: Series[str] = column("Site; nothing for the territory.", public=Public.ALWAYS)
    kind: Series[str] = column("What is held.", public=Public.ALWAYS, isin=vocabulary_words(AreaKind))
    base_m2: Series[float] = column("All there is of this kind.", public=Public.ALWAYS, unit="m2", gt=0)
    held_low_m2: Series[float] = column("What is held of it, at least.", public=Public.ALWAYS, unit="m2", ge=0)
    held_high_m2: Series[float] = column("What is held of it, at most.", public=Public.ALWAYS, unit="m2", ge=0)
    share_low: Series[float] = column(
        "Held over all there is, at least.", public=Public.ALWAYS, unit="ratio", ge=0, le=1
    )
    share_high: Series[float] = column(
        "Held over all there is, at most.", public=Public.ALWAYS, unit="ratio", ge=0, le=1
    )
    left_out: Series[int] = column(
        "Rows without a shape or a floor area, in neither.", public=Public.ALWAYS, unit="count", ge=0
    )


class _SitesCounted(pa.DataFrameModel):
    """Sites in a sum: one in the row of a site, several in the row of the territory."""

    site_id: Series[str] = column(
        "Site; nothing for the territory.", label="Site", note="Site, ou rien pour le territoire.", public=Public.ALWAYS
    )
    sites: Series[int] = column(
        "Sites that the row speaks of, those that are `part_of` another not counted.",
        label="Nombre de sites",
        note="Sites dont la ligne parle, sans compter ceux qui sont `part_of` d’un autre.",
        public=Public.ALWAYS,
        ge=0,
    )
    sites_known: Series[int] = column(
        "Those of them whose ground has a shape.",
        label="Nombre de sites tracés",
        note="Ceux d’entre eux qui ont un tracé.",
        public=Public.ALWAYS,
        ge=0,
    )
    without_shape: Series[int] = column(
        "Terrains that may belong here and have no shape, so no hectares.",
        label="Terrains sans tracé",
        note="Terrains qui comptent peut-être ici et n’ont pas de tracé, donc pas d’hectares.",
        public=Public.ALWAYS,
        ge=0,
    )


class Availability(_SitesCounted):
    """Land of each site that is left after each step; NaN if its geometry is not published."""

    step: Series[str] = column(
        "Step; what it splits is what the step before left open.", public=Public.ALWAYS, isin=vocabulary_words(Step)
    )
    passes_ha: Series[float] = column(
        "Ground that the step lets through.", public=Public.ALWAYS, unit="ha", ge=0, nullable=True
    )
    fails_ha: Series[float] = column(
        "Ground that the step takes away.", public=Public.ALWAYS, unit="ha", ge=0, nullable=True
    )
    unknown_ha: Series[float] = column(
        "Ground of which the step cannot tell.", public=Public.ALWAYS, unit="ha", ge=0, nullable=True
    )
    reaches_low_ha: Series[float] = column(
        "Ground sure to come through this step and all before it.", public=Public.ALWAYS, unit="ha", ge=0, nullable=True
    )
    reaches_high_ha: Series[float] = column(
        "Ground that neither this step nor one before it takes away.",
        public=Public.ALWAYS,
        unit="ha",
        ge=0,
        nullable=True,
    )


def _hectares_column(meaning: str, *, label: str, note: str) -> Any:
    return column(meaning, label=label, note=note, public=Public.ALWAYS, unit="ha", ge=0, nullable=True)


class Excluded(pa.DataFrameModel):
    """Area that exclusions remove from each row of a layer, in total and by reason."""

    row: Series[str] = column("Key of the row.", public=Public.ALWAYS)
    reason: Series[str] = column(
        "Reason; nothing for all of them together.", public=Public.ALWAYS, isin=["", *vocabulary_words(ExclusionReason)]
    )
    gross_m2: Series[float] = column("Ground of the row.", public=Public.ALWAYS, unit="m2", ge=0)
    left_m2: Series[float] = column(
        "Ground of the row that no exclusion covers.", public=Public.ALWAYS, unit="m2", ge=0
    )
    attributed_m2: Series[float] = column(
        "Ground that this reason covers and none before it; reasons add up to what all of them take.",
        public=Public.ALWAYS,
        unit="m2",
        ge=0,
    )
    any_m2: Series[float] = column(
        "Ground that this reason covers, whatever else does.", public=Public.ALWAYS, unit="m2", ge=0
    )
    only_m2: Series[float] = column(
        "Ground that this reason alone covers: what lifting it frees.", public=Public.ALWAYS, unit="m2", ge=0
    )


class Lifting(_SitesCounted):
    """Area that exclusions remove from otherwise available land, and the area that lifting one reason would free."""

    reason: Series[str] = column(
        "Reason; nothing for all of them together.",
        label="Motif",
        note="Motif, ou rien pour tous ensemble.",
        public=Public.ALWAYS,
        isin=["", *vocabulary_words(ExclusionReason)],
    )
    family: Series[str] = column(
        "Family of the reason.",
        label="Famille du motif",
        public=Public.ALWAYS,
        isin=["", *vocabulary_words(ExclusionFamily)],
    )
    exclusions: Series[int] = column(
        "Exclusions of the territory for this reason.",
        label="Nombre de contraintes",
        note="Contraintes du territoire pour ce motif.",
        public=Public.ALWAYS,
        unit="count",
        ge=0,
    )
    undrawn: Series[int] = column(
        "Those of them without a shape: they take nothing.",
        label="Contraintes sans tracé",
        note="Celles d’entre elles qui n’ont pas de tracé et ne prennent donc rien.",
        public=Public.ALWAYS,
        unit="count",
        ge=0,
    )
    otherwise_low_ha: Series[float] = _hectares_column(
        "Ground sure to be available but for exclusions.",
        label="Disponible hors contraintes, au moins",
        note="Surface sûrement disponible si l’on met à part les contraintes.",
    )
    otherwise_high_ha: Series[float] = _hectares_column(
        "Ground that may be available but for exclusions.",
        label="Disponible hors contraintes, au plus",
        note="Surface peut-être disponible si l’on met à part les contraintes.",
    )
    attributed_low_ha: Series[float] = _hectares_column(
        "Of it, what this reason covers and none before it, at least.",
        label="Attribué au motif, au moins",
        note="Ce que ce motif en couvre et aucun motif avant lui, au moins.",
    )
    attributed_high_ha: Series[float] = _hectares_column(
        "Of it, what this reason covers and none before it, at most.",
        label="Attribué au motif, au plus",
        note="Ce que ce motif en couvre et aucun motif avant lui, au plus.",
    )
    any_low_ha: Series[float] = _hectares_column(
        "Of it, what this reason covers, whatever else does, at least.",
        label="Couvert par le motif, au moins",
        note="Ce que ce motif en couvre, quoi que d’autres couvrent, au moins.",
    )
    any_high_ha: Series[float] = _hectares_column(
        "Of it, what this reason covers, whatever else does, at most.",
        label="Couvert par le motif, au plus",
        note="Ce que ce motif en couvre, quoi que d’autres couvrent, au plus.",
    )
    frees_low_ha: Series[float] = _hectares_column(
        "Available ground that lifting this reason alone adds, at least.",
        label="Libéré si le motif est levé, au moins",
        note="Surface disponible que la levée de ce seul motif ajoute, au moins.",
    )
    frees_high_ha: Series[float] = _hectares_column(
        "Available ground that lifting this reason alone adds, at most.",
        label="Libéré si le motif est levé, au plus",
        note="Surface disponible que la levée de ce seul motif ajoute, au plus.",
    )
    left_low_ha: Series[float] = _hectares_column(
        "Of it, what no exclusion covers, at least.",
        label="Reste hors contraintes, au moins",
        note="Ce qu’aucune contrainte n’en couvre, au moins.",
    )
    left_high_ha: Series[float] = _hectares_column(
        "Of it, what no exclusion covers, at most.",
        label="Reste hors contraintes, au plus",
        note="Ce qu’aucune contrainte n’en couvre, au plus.",
    )


class OfferCurve(_SitesCounted):
    """Available land by the size of the plot searched for."""

    min_ha: Series[float] = column(
        "Area that one connected piece of a terrain must have.",
        label="Surface recherchée",
        note="Surface que doit avoir un morceau d’un seul tenant d’un terrain.",
        public=Public.ALWAYS,
        unit="ha",
        gt=0,
    )
    available_low_ha: Series[float] = _hectares_column(
        "Ground sure to be available to who needs that much.",
        label="Surface disponible, au moins",
        note="Surface sûrement disponible pour qui a besoin d’autant.",
    )
    available_high_ha: Series[float] = _hectares_column(
        "Ground that may be available to who needs that much.",
        label="Surface disponible, au plus",
        note="Surface peut-être disponible pour qui a besoin d’autant.",
    )


class Sales(Spatial):
    """Terrains that were sold, with the date of sale."""

    terrain_id: Series[str] = column("Terrain that was sold.", public=Public.ALWAYS)
    earliest: Series[pd.Timestamp] = column(
        "First day that it may have been sold on.", public=Public.ALWAYS, nullable=True
    )
    latest: Series[pd.Timestamp] = column(
        "Last day that it may have been sold on.", public=Public.ALWAYS, nullable=True
    )
    sold_m2: Series[float] = column(
        "Area of its shape, or nothing.", public=Public.ALWAYS, unit="m2", ge=0, nullable=True
    )


class SurfaceVacancy(_SitesCounted):
    """Vacant and occupied hectares: not the statutory rate, which counts land units."""

    vacant_ha: Series[float] = column("Vacant ground.", public=Public.ALWAYS, unit="ha", ge=0, nullable=True)
    occupied_ha: Series[float] = column("Occupied ground.", public=Public.ALWAYS, unit="ha", ge=0, nullable=True)
    unknown_ha: Series[float] = column(
        "Ground of unknown occupation.", public=Public.ALWAYS, unit="ha", ge=0, nullable=True
    )
    surface_vacancy_low: Series[float] = column(
        "Vacant over vacant and occupied ground, at least.",
        public=Public.ALWAYS,
        unit="ratio",
        ge=0,
        le=1,
        nullable=True,
    )
    surface_vacancy_high: Series[float] = column(
        "Vacant over vacant and occupied ground, at most.",
        public=Public.ALWAYS,
        unit="ratio",
        ge=0,
        le=1,
        nullable=True,
    )


class PremisesVacancy(pa.DataFrameModel):
    """Premises without an occupant on a date, and all premises with a floor area."""

    site_id: Series[str] = column("Site; nothing for the territory.", public=Public.ALWAYS, unique=True)
    premises: Series[int] = column("Premises with a floor area.", public=Public.ALWAYS, unit="count", ge=0)
    vacant_low: Series[int] = column("Those that nobody holds, at least.", public=Public.ALWAYS, unit="count", ge=0)
    vacant_high: Series[int] = column("Those that nobody holds, at most.", public=Public.ALWAYS, unit="count", ge=0)
    premises_vacancy_low: Series[float] = column(
        "Vacant over all, by number, at least.", public=Public.ALWAYS, unit="ratio", ge=0, le=1, nullable=True
    )
    premises_vacancy_high: Series[float] = column(
        "Vacant over all, by number, at most.", public=Public.ALWAYS, unit="ratio", ge=0, le=1, nullable=True
    )
    floor_m2: Series[float] = column("Floor area of all.", public=Public.ALWAYS, unit="m2", ge=0)
    vacant_low_m2: Series[float] = column(
        "Floor area that nobody holds, at least.", public=Public.ALWAYS, unit="m2", ge=0
    )
    vacant_high_m2: Series[float] = column(
        "Floor area that nobody holds, at most.", public=Public.ALWAYS, unit="m2", ge=0
    )
    floor_vacancy_low: Series[float] = column(
        "Vacant over all, by floor area, at least.", public=Public.ALWAYS, unit="ratio", ge=0, le=1, nullable=True
    )
    floor_vacancy_high: Series[float] = column(
        "Vacant over all, by floor area, at most.", public=Public.ALWAYS, unit="ratio", ge=0, le=1, nullable=True
    )
    without_area: Series[int] = column(
        "Premises without a floor area, not counted.", public=Public.ALWAYS, unit="count", ge=0
    )


class Replaced(pa.DataFrameModel):
    """Feature of one source that replaces a feature of another, with the distance between the two."""

    layer: Series[str] = column("Layer of both.", label="Couche", note="Couche des deux lignes.", public=Public.ALWAYS)
    row: Series[str] = column("Row that is kept.", label="Ligne gardée", public=Public.ALWAYS)
    source_id: Series[str] = column("Source of its shape.", label="Source du tracé gardé", public=Public.ALWAYS)
    replaced: Series[str] = column(
        "Row that gives way.", label="Ligne remplacée", note="Ligne qui cède la place.", public=Public.ALWAYS
    )
    replaced_source_id: Series[str] = column(
        "Source of that row.", label="Source de la ligne remplacée", public=Public.ALWAYS
    )
    overlap_share: Series[float] = column(
        "Ground they share, over the smaller of the two.",
        label="Part commune",
        note="Surface commune, sur la plus petite des deux.",
        public=Public.ALWAYS,
        unit="ratio",
        ge=0,
        le=1,
    )
    apart_m: Series[float] = column(
        "Farthest that their outlines are from each other.",
        label="Écart des contours",
        note="Plus grande distance entre leurs contours.",
        public=Public.ALWAYS,
        unit="m",
        ge=0,
    )


class Matches(pa.DataFrameModel):
    """Site known by name next to a fetched geometry that may be the same site."""

    site_id: Series[str] = column("Site that is known.", public=Public.ALWAYS)
    site_name: Series[str] = column("Its name in use.", public=Public.ALWAYS)
    source_id: Series[str] = column("Source of the shape.", public=Public.ALWAYS)
    feature: Series[str] = column("Key of the shape there.", public=Public.ALWAYS)
    feature_name: Series[str] = column("Its name there.", public=Public.ALWAYS)
    insee: Series[str] = column("INSEE codes of the communes of the shape, `|` between two.", public=Public.ALWAYS)
    score: Series[float] = column("How alike names and communes are.", public=Public.ALWAYS, unit="ratio", ge=0, le=1)
    confirmed: Series[str] = column(
        "Whether a person says they are one.", public=Public.ALWAYS, isin=["", "oui", "non"]
    )


class Gaps(pa.DataFrameModel):
    """Missing data of an activity zone, the most useful first."""

    site_id: Series[str] = column("Key of the site.", public=Public.ALWAYS, unique=True)
    site_name: Series[str] = column("Name in use.", public=Public.ALWAYS)
    insee: Series[str] = column("INSEE codes of its communes.", public=Public.ALWAYS)
    missing: Series[str] = column(
        "What is missing, `|` between two: name, shape, area, commune, vocation, jobs.", public=Public.ALWAYS
    )
    brings_ha: Series[float] = column(
        "Stated area that a shape would measure and place.", public=Public.ALWAYS, unit="ha", nullable=True
    )


class Issues(pa.DataFrameModel):
    """Doubtful value; it stops nothing."""

    layer: Series[str] = column("Layer of the row.", label="Couche", note="Couche de la ligne.", public=Public.ALWAYS)
    row: Series[str] = column("Key of the row.", label="Ligne", note="Clé de la ligne.", public=Public.QUOTED)
    column_name: Series[str] = column("Column.", label="Colonne", public=Public.ALWAYS)
    value: Series[str] = column("What was found.", label="Valeur trouvée", public=Public.QUOTED)
    message: Series[str] = column(
        "What is doubtful about it.", label="Anomalie", note="Ce qui en est douteux.", public=Public.QUOTED
    )
    file: Series[str] | None = column(
        "File that says it, where it is one.",
        label="Fichier",
        note="Fichier qui le dit, si c’en est un.",
        public=Public.QUOTED,
    )


class AddedInFile(pa.DataFrameModel):
    """Columns that are added to a layer when it is written to a GeoPackage."""

    available_now: Series[str] | None = column(
        "Of a terrain: whether it is for sale, serviced, unoccupied or vacant, and meant for business.",
        label="Disponible immédiatement",
        note="Pour un terrain, dit s’il est en vente, viabilisé, inoccupé ou vacant, et destiné aux activités.",
        public=Public.ALWAYS,
        given=Given.COMPUTED,
        isin=vocabulary_words(Answer),
    )
    edition: Series[str] | None = column(
        "In the internal edition alone: marks the layer as not for publication.",
        label="Édition",
        note="Dans la seule édition interne, marque la couche comme à ne pas diffuser.",
        public=Public.ALWAYS,
        given=Given.COMPUTED,
    )
