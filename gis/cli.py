"""The command-line interface `gis`: it parses arguments and returns an exit code."""

import datetime as dt
import errno
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console, RenderableType
from rich.tree import Tree

from gis.build import Built, Internal, build_internal
from gis.build import build as build_territory
from gis.demo import write_demo
from gis.doubts import territory_doubts
from gis.errors import GisError, printable_text
from gis.explain import figure_chain, figure_value_text, find_figure
from gis.fetching import fetch_progress_bars, fetch_territory_sources, layer_source_lines, outcome_line, source_drifts
from gis.founding import create_folder_offline, create_territory_folder, read_commune_names, read_former_codes
from gis.maps.showing import layer_showing_line
from gis.measures.inventory import ARTICLE
from gis.mending import mend_interrupted_runs
from gis.placing import disk_refusal_text, writing_under_lock
from gis.provenance import Basis, Source
from gis.public import DECLARED
from gis.schemas import Row, Spatial, records
from gis.search import TO, search_as_json, search_as_tables, search_territory
from gis.sources.open_data.fetch import FetchOptions, Outcome
from gis.sources.open_data.outlines import fetch_outlines
from gis.sources.open_data.registry import recognised_source
from gis.sources.own_files.forgetting import Only, forget_file
from gis.sources.own_files.handing import import_handed
from gis.sources.own_files.importing import ImportRequest, import_file
from gis.sources.own_files.mapping import TARGETS
from gis.sources.tables.persons import persons_in_folder
from gis.sources.tables.rows import READABLE
from gis.store.bundle import write_bundle
from gis.store.geopackage import write_layer_to_complete
from gis.store.inventory import write_inventory
from gis.territory import Published, Territory
from gis.territory.opened import place_of_handed_file, place_of_import
from gis.territory.settings import Described

#: Key of the territory folder in the click context, for the error messages of a command.
_FOLDER: Final = "gis.territory"


def _print_line(text: object, *, err: bool = False) -> None:
    """Print a line: the only function that writes text of files and servers to the terminal."""
    click.echo(printable_text(str(text)), err=err)


def _print_tables(*parts: RenderableType) -> None:
    """Print tables or trees; output to a file or another program is not wrapped."""
    console = Console(highlight=False, markup=False, color_system=None, width=None if sys.stdout.isatty() else _WIDE)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    _print_line(captured.get().removesuffix("\n"))


class _CommandGroup(click.Group):
    """A group that turns a `GisError` into one message, which names no person, and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GisError as error:
            _print_line(f"gis: {_message_without_persons(str(error), ctx.meta.get(_FOLDER))}", err=True)
        except OSError as error:
            if error.errno == errno.EPIPE:  # nobody reads on: click ends it
                raise
            _print_line(f"gis: {_message_without_persons(disk_refusal_text(error), ctx.meta.get(_FOLDER))}", err=True)
        return ctx.exit(1)


@click.group(cls=_CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="emprise", prog_name="gis")
def main() -> None:
    """Occupancy and land availability of economic sites, with the provenance of each figure."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _with_access_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add to a command one option for the distance to each kind of access."""
    for name, kind in reversed(TO.items()):
        place = kind.replace("_", " ")
        command = click.option(f"--{name}", help=f"Straight-line distance to the nearest {place} (..2km).")(command)
    return command


def _mended_folder(territory: Path) -> Path:
    """Recover from interrupted commands and report it: every command calls this function."""
    for line in mend_interrupted_runs(territory):
        _print_line(f"gis: {line}", err=True)
    return territory


def _folder_from_argument(ctx: click.Context, _: click.Parameter, territory: Path) -> Path:
    ctx.meta[_FOLDER] = territory
    return _mended_folder(territory)


def _message_without_persons(message: str, folder: Path | None) -> str:
    """Return a message without the names and keys of the persons in a folder."""
    if folder is None:
        return message
    try:
        return Territory(folder).publication.message(message)
    except Exception:  # noqa: BLE001  (whatever else is wrong with the folder, the message is told)
        persons = persons_in_folder(folder)
        return "\n".join(map(persons.redact, message.split("\n")))


def _say_unnamed(lines: Iterable[str], folder: Path) -> None:
    """Print lines without the names and keys of persons of a folder: who they are is found out once for all lines."""
    if told := "\n".join(lines):
        for line in _message_without_persons(told, folder).split("\n"):
            _print_line(line)


_TERRITORY = click.argument("territory", type=click.Path(path_type=Path), callback=_folder_from_argument)


@main.command()
@_TERRITORY
@click.option("-o", "--maps-dir", type=click.Path(path_type=Path), help="Output folder of the pages.")
@click.option(
    "--internal", is_flag=True, help="Write only the internal edition, which contains personal data, to NAME.internal."
)
def build(territory: Path, maps_dir: Path | None, *, internal: bool) -> None:
    """Write the GeoPackage, the figures and the pages of TERRITORY in their public edition."""
    console = Console(stderr=True)
    if internal:
        if maps_dir:
            msg = "the internal edition has a folder of its own: say --internal without --maps-dir."
            raise click.UsageError(msg)
        with console.status("reading") as status:
            internal_built = build_internal(territory, progress=status.update)
        for path in internal_built.files:
            _print_line(_relative_path_text(path))
        _report_build(territory, internal_built)
        return
    with console.status("reading") as status:
        built = build_territory(territory, maps=maps_dir, progress=status.update)
    for path in (built.geopackage, built.ledger, *built.pages):
        _print_line(_relative_path_text(path))
    _report_build(territory, built)
    _print_line(f"Open {_relative_path_text(built.pages[0])} in a browser.")


def _report_build(territory: Path, built: Built | Internal) -> None:
    """Report the rows that are on no page, the files that are read differently than at import, and the issues."""
    for line in (*built.unshown, *(f"Not as when it was imported: {line}" for line in built.changed)):
        _print_line(line)
    issue_lines = {0: "No issues.", 1: f"1 issue: `gis issues {_relative_path_text(territory)}` lists it."}
    _print_line(
        issue_lines.get(
            built.issues, f"{built.issues:,} issues: `gis issues {_relative_path_text(territory)}` lists them."
        )
    )


@main.command()
@click.argument("names", nargs=-1, metavar="[EPCI] [FOLDER]")
@click.option("--demo", is_flag=True, help="Create a fictional territory in which all data is known.")
@click.option(
    "--communes", default="", help="Communes of the territory: INSEE codes or CODE=NAME, separated by commas."
)
@click.option(
    "--communes-file", type=click.Path(path_type=Path), help="The same, read from a table (insee, commune_name)."
)
@click.option("--offline", is_flag=True, help="Send no request: communes are named as typed.")
@click.option("--name", default="", help="Name of the territory.")
@click.option("--sites", type=click.IntRange(min=1), default=30, show_default=True, help="Number of sites (--demo).")
@click.option(
    "--terrains", type=click.IntRange(min=1), default=1000, show_default=True, help="Number of terrains (--demo)."
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Random seed (--demo).")
def new(  # noqa: PLR0913  (one for each option)
    names: tuple[str, ...],
    communes: str,
    communes_file: Path | None,
    name: str,
    *,
    offline: bool,
    demo: bool,
    sites: int,
    terrains: int,
    seed: int,
) -> None:
    """Create a territory folder: an EPCI by its SIREN code, or --communes, or --demo.

    With --offline no request is sent: `gis new --offline --communes CODE=NAME,CODE=NAME FOLDER`.

    The default FOLDER is layers/CODE or layers/NAME.
    """
    if demo:
        place = _mended_folder(_single_folder(names))
        write_demo(place, sites=sites, terrains=terrains, seed=seed)
        _print_line(_relative_path_text(place))
        return
    typed_communes = [part.partition("=") for part in communes.split(",") if part.strip()]
    names_by_code = read_commune_names(communes_file) if communes_file else {}
    names_by_code |= {code.strip(): typed_name.strip() for code, _, typed_name in typed_communes}
    epci, folder = ("" if names_by_code else (names or ("",))[0]), names[0 if names_by_code else 1 :]
    place = Path(folder[0]) if folder else Path("layers") / (name or epci or next(iter(names_by_code), ""))
    if offline and not names_by_code:
        msg = "say which communes: --communes CODE=NAME,CODE=NAME, or --communes-file."
        raise click.UsageError(msg)
    if not offline:
        _print_line(
            _relative_path_text(
                create_territory_folder(
                    _mended_folder(place), epci=epci, insee=[*names_by_code], name=name, today=_today()
                )
            )
        )
        return
    former_by_code = read_former_codes(communes_file) if communes_file else {}
    new_folder, lacking_text = create_folder_offline(
        _mended_folder(place), names_by_code, name=name, today=_today(), former=former_by_code
    )
    _print_line(_relative_path_text(new_folder))
    if lacking_text:
        _print_line(lacking_text)


def _single_folder(names: tuple[str, ...]) -> Path:
    if len(names) != 1:
        msg = "name one FOLDER."
        raise click.UsageError(msg)
    return Path(names[0])


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


@main.command()
@_TERRITORY
@click.argument("sources", nargs=-1)
@click.option("--offline", is_flag=True, help="Send no request: report the data that is already in the folder.")
@click.option("--dry-run", is_flag=True, help="Report what would be downloaded, and its size.")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False),
    help="Use this local file instead of downloading it (fusac).",
)
def fetch(territory: Path, sources: tuple[str, ...], file: str | None, *, offline: bool, dry_run: bool) -> None:
    """Download missing or outdated open data of TERRITORY, from all sources or from the SOURCES given."""
    opened = Territory(territory)
    asking = FetchOptions(_today(), offline=offline, dry_run=dry_run, file=file or "")
    outcomes: list[Outcome] = []
    try:
        with fetch_progress_bars(Console(stderr=True), asking) as options_with_bars:
            outcomes.extend(fetch_territory_sources(opened.folder, sources, options_with_bars))
    finally:
        _say_unnamed([outcome_line(outcome, asking) for outcome in outcomes], territory)
    if any(outcome.failed for outcome in outcomes):
        raise click.exceptions.Exit(1)


@main.command()
@_TERRITORY
def sources(territory: Path) -> None:
    """List the sources of each layer of TERRITORY with date and licence, and the sources that are missing."""
    for line in layer_source_lines(Published(Territory(territory))):
        _print_line(line)


@main.command()
@_TERRITORY
@click.argument("sources", nargs=-1)
@click.option("--online", is_flag=True, help="Required: confirms that requests are sent to the publishers.")
def doctor(territory: Path, sources: tuple[str, ...], *, online: bool) -> None:
    """Query each source on a small bounding box of TERRITORY, and report what has changed at the publisher."""
    opened = Territory(territory)
    if not online:
        msg = "say --online: it asks the publishers."
        raise click.UsageError(msg)
    drifted_sources = list(source_drifts(opened.folder, sources, _today()))
    for name, drift in drifted_sources:
        _print_line(f"{name}: {drift}")
    if drifted_sources:
        raise click.exceptions.Exit(1)
    _print_line("All as it was.")


@main.command(name="import")
@_TERRITORY
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "layer", type=click.Choice([*TARGETS]), help="Target layer; not needed for a CNIG delivery.")
@click.option("--layer", "table", default="", help="Layer or sheet of FILE to read, if it has several.")
@click.option("--crs", default="", help="CRS, if FILE does not state it, such as EPSG:3950.")
@click.option(
    "--source", "source_id", default="", help="Source cited by its rows: a key of sources.toml, or a new key."
)
@click.option("--basis", type=click.Choice([word.value for word in Basis]), help="Basis of the rows with a geometry.")
@click.option("--mend", is_flag=True, help="Repair invalid geometries; the change in each is reported.")
@click.option("--keep-totals", "totals", is_flag=True, help="Import rows that look like totals of other rows.")
@click.option("--replace", is_flag=True, help="Replace the imported file of the same name, with its mapping.")
@click.option("--yes", is_flag=True, help="Import even if most rows are skipped or refused.")
@click.option("--title", default="", help="Title of a new source (default: the file name).")
@click.option("--publisher", default="", help="Publisher of a new source.")
@click.option("--licence", default="", help="Licence of a new source.")
@click.option("--edition", default="", help="Date stated by a new source.")
@click.option("--url", default="", help="URL of a new source.")
def import_(  # noqa: PLR0913  (each is one thing that a file does not say of itself)
    territory: Path,
    file: Path,
    *,
    layer: str | None,
    table: str,
    crs: str,
    source_id: str,
    basis: str | None,
    mend: bool,
    totals: bool,
    replace: bool,
    yes: bool,
    title: str,
    **said: str,
) -> None:
    """Import FILE into TERRITORY, and propose a mapping of its columns in raw/FILE.mapping.toml.

    FILE is a GeoPackage, GeoJSON, Shapefile, FlatGeobuf, CSV or spreadsheet. A publisher's file is recognised by its
    content and needs no options: cadastre, legal persons (DGFiP), SIRENE, FUSAC, Cartofriches. Existing files are never
    overwritten, except by --replace the file imported under the same name: its source and its mapping are kept.
    """
    place, catalogue, unread_reason = place_of_import(territory)
    is_own_ground = layer is not None and issubclass(TARGETS[layer], Spatial) and file.suffix.lower() in READABLE
    tells_how_to_read = replace or crs or mend or totals or table
    by_hand = bool(tells_how_to_read or is_own_ground)  # ground that is said to be of a layer is one's own
    publisher_source = None if by_hand else recognised_source(file, layer or "")
    if publisher_source:
        source_place = place_of_handed_file(place.folder, place.communes)
        stated_and_today = (said["edition"], _today())
        handed_import = import_handed(place.folder, file, publisher_source, source_place, place.crs, stated_and_today)
        unneeded_lines = [f"  not needed: --source {source_id} and what else is said of a source"] if source_id else []
        _report_import(
            territory, file.name, handed_import.written, [*handed_import.lines, *unneeded_lines], unread_reason
        )
        _print_line(handed_import.sum)
        return
    if not replace:
        missing = [name for name, text in (("source", source_id), ("basis", basis)) if not text]
        if missing:
            raise click.UsageError(f"say --{' and --'.join(missing)}.")
        missing = [] if source_id in catalogue else [name for name in ("publisher", "licence") if not said[name]]
        if missing:
            raise click.UsageError(f"`{source_id}` is a new source: say --{' and --'.join(missing)}.")
    source = Source(
        source_id,
        title=title or (f"{file.name}, {table}" if table else file.name),
        basis=Basis(basis or Basis.STATED),
        **said,
    )

    def ask_to_import(reason: str) -> bool:
        if yes or not sys.stdin.isatty():
            return yes
        _print_line(_message_without_persons(f"{file.name}: {reason}", territory), err=True)
        return click.confirm("Import it all the same?", err=True)

    imported = import_file(
        place, file, ImportRequest(layer or "", table, crs, mend, replace, totals), source, ask_to_import
    )
    _report_import(territory, file.name, imported.written, imported.lines, unread_reason)
    _print_line(imported.sum)


def _report_import(territory: Path, name: str, written: Sequence[Path], lines: Sequence[str], unread: str) -> None:
    """Report what was written, how it was read, which pages will show it, and why other files cannot be read."""
    if unread:
        reason = _message_without_persons(unread, territory)
        _print_line(f"What else is in the folder cannot be read yet, and was not held against this file: {reason}")
    for path in written:
        _print_line(_relative_path_text(path))
    _say_unnamed(lines, territory)
    for line in _page_lines_of_file(territory, name):
        _print_line(line)
    _print_line(f"Correct what is wrong there, then `gis build {_relative_path_text(territory)}`.")


def _page_lines_of_file(folder: Path, name: str) -> list[str]:
    """Return which pages will show the rows of a file; nothing if the folder cannot be read yet (reported before)."""
    try:
        opened = Published(Territory(folder))
        return [line for layer in opened.whole.fed_by(name) if (line := layer_showing_line(opened, layer))]
    except GisError:
        return []


@main.command()
@_TERRITORY
@click.argument("file")
@click.option("--layer", "table", default="", help="Remove only the rows of this layer or sheet of FILE.")
@click.option(
    "--as", "layer", type=click.Choice([*TARGETS]), help="Remove only its rows of this layer of the territory."
)
@click.option("--source", "source_id", default="", help="Remove only the rows that cite this source.")
def forget(territory: Path, file: str, table: str, layer: str | None, source_id: str) -> None:
    """Remove FILE from raw/ of TERRITORY, with its mapping, and with its source unless other data cites it.

    For an imported publisher's file, FILE is its name, or the name of the extract that was made from it.
    """
    _say_unnamed(forget_file(Described(territory).folder, file, Only(table, layer or "", source_id)), territory)
    try:
        Territory(territory).check()
    except GisError as error:
        _print_line(f"What is left cannot be built yet: {_message_without_persons(str(error), territory)}")


@main.command()
@_TERRITORY
@click.option("--layer", type=click.Choice([*DECLARED]), help="Only this layer.")
@click.option("--file", default="", help="Only the file of this name.")
@click.option("--json", "for_programs", is_flag=True, help="Print JSON.")
def issues(territory: Path, layer: str | None, file: str, *, for_programs: bool) -> None:
    """List the doubtful data of TERRITORY, and account for every row, cell and hectare of the files in raw/.

    Every input row is used, merged, passed over or refused; the last three are listed with their reasons.
    """
    territory_issues = territory_doubts(Published(Territory(territory)), layer=layer or "", file=file)
    for line in [territory_issues.as_json()] if for_programs else territory_issues.lines():
        _print_line(line)


@main.command()
@_TERRITORY
def outlines(territory: Path) -> None:
    """Download the commune boundaries of TERRITORY once, for the background map of its pages."""
    opened = Territory(territory)
    with Console(stderr=True).status("fetching commune outlines"):
        file = fetch_outlines(opened.folder, opened.epci)
    _print_line(_relative_path_text(file))


@main.command()
@_TERRITORY
def figures(territory: Path) -> None:
    """List every computed figure of TERRITORY."""
    for figure in Published(Territory(territory)).figures.values():
        _print_line(f"{figure_value_text(figure):>28}  {figure.figure_id}")


@main.command()
@_TERRITORY
@click.argument("figure")
def explain(territory: Path, figure: str) -> None:
    """Print the provenance of FIGURE (an id, or the beginning of one) as a tree."""
    opened = Published(Territory(territory))
    _print_tables(_tree_of_nodes(figure_chain(opened, find_figure(opened, figure))))


#: Width of output to a file or another program: nothing is wrapped.
_WIDE = 1000


def _tree_of_nodes(node: tuple[str, list[Any]]) -> Tree:
    text, children = node
    tree = Tree(text)
    for child in children:
        tree.add(_tree_of_nodes(child))
    return tree


@main.command()
@_TERRITORY
@click.option("-o", "--output", type=click.Path(path_type=Path), help="GeoPackage to write, for completion in QGIS.")
def gaps(territory: Path, output: Path | None) -> None:
    """List the unpublished data of the zones of TERRITORY, the most useful first.

    With -o, write a GeoPackage of zones without geometry: draw them in QGIS and save the file as raw/sites.gpkg.
    """
    opened = Published(Territory(territory))
    for row in records(opened.gaps):
        hectares = f"{row['brings_ha']:>6,.0f} ha" if row["brings_ha"] > 0 else " " * 9
        _print_line(f"{hectares}  {row['site_name']:<60}  {row['missing'].replace('|', ', ')}")
    if output:
        with writing_under_lock(territory, output):
            _print_line(
                _relative_path_text(
                    write_layer_to_complete(opened.gaps, output, zone=opened.crs, edition=opened.opening)
                )
            )


@main.command()
@_TERRITORY
@click.option("--at", help="Date, such as 2026-01-01 (default: the opening date). The 1 January of its year counts.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Output folder of the two editions (default: NAME.inventory beside TERRITORY).",
)
def inventory(territory: Path, at: str | None, output: Path | None) -> None:
    """Write the statutory inventory of the zones of TERRITORY (article L318-8-2), in a public and an internal edition.

    The vacancy rate is vacant land units divided by land units, with bounds if owners or occupants are unknown.
    """
    opened = Territory(territory)
    drawn_up = opened.inventory(at)
    target = output or opened.folder.resolve().parent / f"{opened.slug}.inventory"
    period = drawn_up.period
    _print_line(
        f"Vacancy on {period.end}: vacant land units / land units x 100 (article {ARTICLE}, Code de l’urbanisme)."
    )
    _print_line(f"Reference period {period.begin} to {period.last}; due again by {period.next_due}.")
    names = dict(zip(drawn_up.sites["site_id"], drawn_up.sites["site_name"], strict=True))
    for rate in records(drawn_up.rates):
        name = names.get(rate["site_id"], opened.name)
        _print_line(f"{_vacancy_rate_text(rate):>32}  {opened.publication.text(name)}")
    if repeated_units := drawn_up.rates["in_several"].iloc[-1]:
        _print_line(
            f"{repeated_units} land units stand in several zones, which share ground: each counts once in the whole."
        )
    with writing_under_lock(territory, target):
        written = write_inventory(drawn_up, opened, target)
    for path in written:
        _print_line(_relative_path_text(path))


def _vacancy_rate_text(rate: Row) -> str:
    """Return a vacancy rate as text."""
    if rate["no_rate"]:
        return f"no data ({rate['no_rate'].replace('_', ' ')})"
    low, high = (
        f"{rate[bound]:.1%}".replace(".0%", "%").replace("%", " %") for bound in ("vacancy_low", "vacancy_high")
    )
    return low if low == high else f"{low} to {high}"


@main.command()
@_TERRITORY
@click.option("--ha", help="Hectares left after exclusions (3.. or 2..5).")
@click.option("--fit", help="Rectangle that must fit at some angle, in metres (120x80).")
@click.option("--setback", type=float, help="Distance between the rectangle and the plot boundary, in metres.")
@click.option("--serviced", is_flag=True, help="Only serviced plots.")
@click.option("--unbuilt", is_flag=True, help="Only plots without a building.")
@click.option("--vocation", help="Word of the vocation.")
@click.option("--price", help="Price in EUR per square metre (..40).")
@click.option("--later", is_flag=True, help="Plots that will be available later, instead of now.")
@click.option(
    "--smallest", is_flag=True, help="Fewest adjacent terrains that are sufficient, instead of the largest plots."
)
@click.option("--floor", help="Premises: floor area in square metres (500..).")
@click.option("--height", help="Premises: clear height in metres (8..).")
@click.option("--docks", is_flag=True, help="Premises: with loading docks.")
@click.option("--rent", help="Premises: rent in EUR per square metre and year (..60).")
@click.option("--networks", help="Networks of the site, separated by commas (gas,fibre).")
@click.option("--power", help="Electric power in kW (1000..).")
@click.option("--commune", help="Name or INSEE code of the commune.")
@_with_access_options
@click.option("--why", is_flag=True, help="List each eliminated row with the criterion that eliminated it.")
@click.option("--json", "for_programs", is_flag=True, help="Print JSON.")
def find(territory: Path, *, why: bool, for_programs: bool, **wanted: Any) -> None:
    """Find plots or premises of TERRITORY, explain why others do not match, and list unknown answers separately."""
    answered = search_territory(
        Published(Territory(territory)), {name.replace("_", "-"): value for name, value in wanted.items()}
    )
    if for_programs:
        _print_line(search_as_json(answered))
        return
    _print_tables(*search_as_tables(answered, why=why))


@main.command()
@_TERRITORY
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Zip file to write.")
def bundle(territory: Path, output: Path | None) -> None:
    """Pack the pages, GeoPackage, figures, licences and hashes of TERRITORY into one zip file."""
    with writing_under_lock(territory):
        built = build_territory(territory)
        opened = Published(Territory(territory))
        target = output or built.geopackage.with_suffix(".zip")
        write_bundle(built.by_name, opened.sources, target, edition=opened.opening)
    _print_line(_relative_path_text(target))


def _relative_path_text(path: Path) -> str:
    """Return a path relative to the working directory, if it lies inside."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
