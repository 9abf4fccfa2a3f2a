"""The settings of a territory (`territory.toml`) and their validation."""

import base64
import datetime as dt
import mimetypes
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyproj
from pyproj.exceptions import CRSError

from gis import crs as where
from gis import days
from gis.errors import CrsError, Fault, SchemaError, SourceMissingError
from gis.maps.palette import LIGHT_INK, contrast_ratio
from gis.measures.exclusions import reasons_by_priority
from gis.measures.plausible import Plausible, read_plausible_limits
from gis.mending import refuse_half_placed
from gis.schemas import ExclusionReason
from gis.sources.tables.catalogue import read_toml

#: Least contrast of text (WCAG 2.2 AA).
READABLE: Final = 4.5

#: What `[notices]` may hold: who publishes the pages, and the addresses of two notices kept elsewhere.
NOTICES: Final = ("publisher", "legal", "accessibility")

#: The tables and the lists of tables that territory.toml may hold.
TABLES: Final = (
    "opening",
    "index",
    "notices",
    "exclusions",
    "plausible",
    "brand",
    "zones",
    "available",
    "territory",
    "services",
    "layers",
)
LISTED: Final = ("focus", "variant", "assumption")

#: Which of their keys hold a text, and which a list of texts; "" is the top.
TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("epci", "contact"),
    "brand": ("colour", "logo"),
    "notices": NOTICES,
    "focus": ("slug", "site"),
    "variant": ("of", "claim"),
}
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "index": ("claims",),
    "zones": ("claims",),
    "available": ("claims", "premises"),
    "territory": ("claims", "transport", "transport_sites"),
    "assumption": ("pages",),
}


class Described:
    """A territory folder, with what its `territory.toml` says.

    Parameters
    ----------
    folder
        The territory folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not folder.is_dir():
            msg = f"{folder}: no such folder. Name a territory folder, such as layers/NAME."
            raise SourceMissingError(msg)
        refuse_half_placed(folder)
        self.file = folder / "territory.toml"
        self.settings = read_settings(self.file)

    @property
    def slug(self) -> str:
        """The name of the folder, which names what is built from it."""
        return self.folder.resolve().name

    @property
    def name(self) -> str:
        """The name of the territory."""
        return str(self.settings["name"])

    @property
    def epci(self) -> str:
        """The SIREN code of the EPCI."""
        return str(self.settings.get("epci", ""))

    @cached_property
    def logo(self) -> str:
        """The logo of the pages, as a data address; empty when `[brand]` names none."""
        name = str(self.settings.get("brand", {}).get("logo", ""))
        if not name:
            return ""
        kind = mimetypes.guess_type(name)[0] or ""
        file = self.folder / name
        if not kind.startswith("image/") or not file.is_file():
            fault = Fault("[brand] logo", f"`{name}` is no picture in the folder.", "Name a PNG or SVG file in it.")
            raise SchemaError.of(str(self.file), [fault])
        return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"

    @property
    def colour(self) -> str:
        """The colour of the pages, `#rrggbb`, dark enough to be read on white; empty when `[brand]` names none."""
        colour = str(self.settings.get("brand", {}).get("colour", ""))
        if colour and not (re.fullmatch(r"#[0-9a-fA-F]{6}", colour) and contrast_ratio(colour, LIGHT_INK) >= READABLE):
            contrast_fault = f"`{colour}` cannot be read on white."
            fault = Fault("[brand] colour", contrast_fault, f"Write #rrggbb with a contrast of {READABLE}:1 at least.")
            raise SchemaError.of(str(self.file), [fault])
        return colour

    @cached_property
    def crs(self) -> pyproj.CRS:
        """The zone that areas are measured in."""
        mend = 'Name the zone in metres that the territory is measured in, such as crs = "EPSG:3950".'
        try:
            return where.require_metric_crs(pyproj.CRS.from_user_input(self.settings["crs"]), str(self.file), mend)
        except CRSError:
            fault = Fault("crs", f"`{self.settings['crs']}` is not known.", "Write it as EPSG:3950.")
            raise CrsError.of(str(self.file), [fault]) from None

    @property
    def opening(self) -> dt.date:
        """The day that pages open with and that the ledger computes for."""
        day: dt.date = self.settings["opening"]["date"]
        return day

    @property
    def priority(self) -> tuple[ExclusionReason, ...]:
        """The order in which reasons take ground that several cover: `[exclusions]`, then the order of the product."""
        return _exclusion_priority(self.file, self.settings)

    @property
    def plausible(self) -> Plausible:
        """The limits that facts are held against: `[plausible]`, else those of `gis.measures.plausible`."""
        return _plausible_limits(self.file, self.settings)


def read_settings(file: Path) -> dict[str, Any]:
    """Read territory.toml and check what everything else relies on."""
    settings = read_toml(file)
    faults = [
        Fault("", f"has no `{key}`.", f"Add {key} = {example}.")
        for key, example in (("name", '"…"'), ("crs", '"EPSG:3950"'))
        if not isinstance(settings.get(key), str)
    ]
    faults += [
        Fault(f"[{name}]", "is no table.", f"Write [{name}] on a line of its own, and its keys below.")
        for name in TABLES
        if not isinstance(settings.get(name, {}), Mapping)
    ]
    faults += [
        Fault(f"[[{name}]]", "is no list of tables.", f"Write [[{name}]] above each of them.")
        for name in LISTED
        if not _is_list_of_tables(settings.get(name, []))
    ]
    if not faults:
        faults += _type_faults(settings)
    if not faults and not isinstance(settings.get("exclusions", {}).get("priority", []), list):
        faults.append(Fault("[exclusions] priority", "is no list.", 'Write priority = ["risk_plan", "water"].'))
    if not faults:
        faults = [
            *_opening_faults(settings.get("opening", {})),
            *_entry_faults(settings),
            *_notice_faults(settings.get("notices", {})),
        ]
    if faults:
        raise SchemaError.of(str(file), faults)
    _exclusion_priority(file, settings)
    _plausible_limits(file, settings)
    return settings


def _type_faults(settings: Mapping[str, Any]) -> list[Fault]:
    """Say which keys do not hold what they should: a text, a list of texts, yes or no."""
    faults = []
    for name in {**TEXTS, **LISTS}:
        tables = settings.get(name, []) if name in LISTED else [settings.get(name, {}) if name else settings]
        for n, table in enumerate(tables, 1):
            table_label = f"[[{name}]] {n}" if name in LISTED else f"[{name}]" if name else ""
            faults += [
                Fault(table_label, f"{key} is no text.", "Put it between quotes.")
                for key in TEXTS.get(name, ())
                if not isinstance(table.get(key, ""), str)
            ]
            faults += [
                Fault(table_label, f"{key} is no list of texts.", f'Write {key} = ["…", "…"].')
                for key in LISTS.get(name, ())
                if not isinstance(table.get(key, []), list)
                or not all(isinstance(each, str) for each in table.get(key, []))
            ]
    if not isinstance(settings.get("fictional", False), bool):
        faults.append(Fault("", "fictional is neither true nor false.", "Write fictional = true."))
    return faults


def _exclusion_priority(file: Path, settings: Mapping[str, Any]) -> tuple[ExclusionReason, ...]:
    names = settings.get("exclusions", {}).get("priority", [])
    return reasons_by_priority(map(str, names), f"{file}: [exclusions] priority")


def _plausible_limits(file: Path, settings: Mapping[str, Any]) -> Plausible:
    return read_plausible_limits(settings.get("plausible", {}), f"{file}: [plausible]")


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value)


def _opening_faults(opening: Mapping[str, Any]) -> list[Fault]:
    faults = []
    for key, example, is_required in (("date", "2025-09-30", True), ("from", "2020-01-01", False)):
        day = opening.get(key)
        if isinstance(day, dt.datetime) or not isinstance(day, dt.date if is_required else dt.date | None):
            fault_text = f"has no {key}." if day is None else f"`{day}` is no date."
            faults.append(Fault("[opening]", fault_text, f"Add {key} = {example}, without quotes."))
        elif day is not None and not days.FIRST_ASKED <= day <= days.LAST_ASKED:
            fault_text = f"{key} `{day}` is no day from {days.FIRST_ASKED.year} to {days.LAST_ASKED.year}."
            faults.append(Fault("[opening]", fault_text, f"Write it as {example}."))
    return faults


def _notice_faults(notices: Mapping[str, Any]) -> list[Fault]:
    """Say what is wrong with the notices: a link leads to a page of the web, and nowhere else."""
    faults = [
        Fault("[notices]", f"`{key}` is not known.", f"Known: {', '.join(NOTICES)}.")
        for key in notices
        if key not in NOTICES
    ]
    return faults + [
        Fault(f"[notices] {key}", f"`{notices[key]}` is no address.", "Write it as https://….")
        for key in ("legal", "accessibility")
        if key in notices and not re.fullmatch(r"https?://[^\s\"'<>]+", str(notices[key]))
    ]


def _entry_faults(settings: Mapping[str, Any]) -> list[Fault]:
    """Say what is wrong with [[focus]] and with what stands in two languages there and in [[variant]]."""
    faults = []
    slugs = ["index"]
    for n, entry in enumerate(settings.get("focus", []), 1):
        entry_label, slug = f"[[focus]] {n}", str(entry.get("slug", ""))
        faults += [
            Fault(entry_label, f"has no {key}.", f'Add {key} = "…".') for key in ("slug", "site") if not entry.get(key)
        ]
        if slug and (slug in slugs or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", slug)):
            mend = "Give each page a slug of its own: small letters, digits, - and _, not `index`."
            faults.append(Fault(entry_label, f"`{slug}` cannot name a page.", mend))
        slugs.append(slug)
    faults += [
        Fault(f"[[assumption]] {n}", f"has no {key}.", "Say on which pages it is printed, and its text.")
        for n, entry in enumerate(settings.get("assumption", []), 1)
        for key in ("pages", "text")
        if not entry.get(key)
    ]
    for name, keys in (("focus", ("short", "question")), ("variant", ("why",)), ("assumption", ("text",))):
        faults += [
            Fault(f"[[{name}]] {n}", f"{key} is not in two languages.", f'Write {key} = {{ fr = "…", en = "…" }}.')
            for n, entry in enumerate(settings.get(name, []), 1)
            for key in keys
            if key in entry and not (isinstance(entry[key], Mapping) and entry[key].keys() == {"fr", "en"})
        ]
    return faults
