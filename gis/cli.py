"""The command `gis`: arguments in, exit code out."""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.tree import Tree

from gis.build import build as build_territory
from gis.demo import write_demo
from gis.errors import GisError
from gis.explain import chain, find_figure, value_text
from gis.fetching import drifts, feeds, fetch_all, shown, told
from gis.founding import found
from gis.schemas import records
from gis.sources.fetch import Asking
from gis.sources.outlines import fetch_outlines
from gis.store.bundle import write_bundle
from gis.store.geopackage import write_to_complete
from gis.territory import Territory


class _Group(click.Group):
    """A group whose commands end a `GisError` in one message and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GisError as error:
            click.echo(f"gis: {error}", err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="emprise", prog_name="gis")
def main() -> None:
    """Economic land of a territory: who holds it, what is left, where each figure comes from."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


_TERRITORY = click.argument("territory", type=click.Path(path_type=Path))


@main.command()
@_TERRITORY
@click.option("-o", "--maps-dir", type=click.Path(path_type=Path), help="Folder of the pages.")
def build(territory: Path, maps_dir: Path | None) -> None:
    """Write the GeoPackage, the figures and the pages of TERRITORY."""
    console = Console(stderr=True)
    with console.status("reading") as status:
        built = build_territory(territory, maps=maps_dir, progress=status.update)
    for path in (built.geopackage, built.ledger, *built.pages):
        click.echo(_shown(path))
    click.echo(f"Open {_shown(built.pages[0])} in a browser.")


@main.command()
@click.argument("names", nargs=-1, metavar="[EPCI] [FOLDER]")
@click.option("--demo", is_flag=True, help="Make it fictional, with everything known.")
@click.option("--communes", default="", help="Make it of these communes: INSEE codes, a comma between two.")
@click.option("--name", default="", help="Name of the territory.")
@click.option("--sites", type=click.IntRange(min=1), default=30, show_default=True, help="How many sites (--demo).")
@click.option("--terrains", type=click.IntRange(min=1), default=1000, show_default=True, help="Terrains (--demo).")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Another demo.")
def new(  # noqa: PLR0913  (one for each option)
    names: tuple[str, ...], communes: str, name: str, *, demo: bool, sites: int, terrains: int, seed: int
) -> None:
    """Write the folder of a new territory: an EPCI by its code, or --communes, or --demo.

    FOLDER is by default the code, or the name, under layers/.
    """
    if demo:
        write_demo(_only_folder(names), sites=sites, terrains=terrains, seed=seed)
        click.echo(names[0])
        return
    insee = [code.strip() for code in communes.split(",") if code.strip()]
    epci, folder = ("" if insee else (names or ("",))[0]), names[0 if insee else 1 :]
    place = Path(folder[0]) if folder else Path("layers") / (name or epci or "".join(insee[:1]))
    click.echo(_shown(found(place, epci=epci, insee=insee, name=name, today=_today())))


def _only_folder(names: tuple[str, ...]) -> Path:
    if len(names) != 1:
        msg = "name one FOLDER."
        raise click.UsageError(msg)
    return Path(names[0])


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


@main.command()
@_TERRITORY
@click.argument("sources", nargs=-1)
@click.option("--offline", is_flag=True, help="Ask nobody: say what is here.")
@click.option("--dry-run", is_flag=True, help="Say what would come, and how much.")
@click.option("--file", type=click.Path(exists=True, dir_okay=False), help="A file you have (fusac).")
def fetch(territory: Path, sources: tuple[str, ...], file: str | None, *, offline: bool, dry_run: bool) -> None:
    """Fetch what is missing or stale of the open data of TERRITORY: all SOURCES, or those named."""
    opened = Territory(territory)
    asking = Asking(_today(), offline=offline, dry_run=dry_run, file=file or "")
    with shown(Console(stderr=True), asking) as watched:
        outcomes = list(fetch_all(opened.folder, sources, watched))
    for outcome in outcomes:
        click.echo(told(outcome, asking))
    if any(outcome.failed for outcome in outcomes):
        raise click.exceptions.Exit(1)


@main.command()
@_TERRITORY
def sources(territory: Path) -> None:
    """Say what feeds each layer of TERRITORY, from when, under which licence; and what is missing."""
    for line in feeds(Territory(territory)):
        click.echo(line)


@main.command()
@_TERRITORY
@click.argument("sources", nargs=-1)
@click.option("--online", is_flag=True, help="Ask the publishers: it must be said.")
def doctor(territory: Path, sources: tuple[str, ...], *, online: bool) -> None:
    """Try each source on a small box of TERRITORY, and say what is no more as it was."""
    opened = Territory(territory)
    if not online:
        msg = "say --online: it asks the publishers."
        raise click.UsageError(msg)
    drifted = list(drifts(opened.folder, sources, _today()))
    for name, drift in drifted:
        click.echo(f"{name}: {drift}")
    if drifted:
        raise click.exceptions.Exit(1)
    click.echo("All as it was.")


@main.command()
@_TERRITORY
def outlines(territory: Path) -> None:
    """Fetch the outlines of the communes of TERRITORY, once, for the background of its pages."""
    opened = Territory(territory)
    with Console(stderr=True).status("fetching commune outlines"):
        file = fetch_outlines(opened.folder, opened.epci)
    click.echo(_shown(file))


@main.command()
@_TERRITORY
def figures(territory: Path) -> None:
    """List every computed figure of TERRITORY."""
    for figure in Territory(territory).figures.values():
        click.echo(f"{value_text(figure):>28}  {figure.figure_id}")


@main.command()
@_TERRITORY
@click.argument("figure")
def explain(territory: Path, figure: str) -> None:
    """Print the chain behind FIGURE (an id, or the beginning of one) as a tree."""
    opened = Territory(territory)
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _WIDE)
    console.print(_tree(chain(opened, find_figure(opened, figure))))


#: Columns of a tree that goes to a file or another program: nothing is folded.
_WIDE = 1000


def _tree(node: tuple[str, list[Any]]) -> Tree:
    text, children = node
    tree = Tree(text)
    for child in children:
        tree.add(_tree(child))
    return tree


@main.command()
@_TERRITORY
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A GeoPackage to complete in QGIS.")
def gaps(territory: Path, output: Path | None) -> None:
    """List what nobody has published of the zones of TERRITORY, the most useful first.

    With -o, write a GeoPackage whose rows wait for their shape: draw them in QGIS, put the file in raw/sites.gpkg.
    """
    opened = Territory(territory)
    for row in records(opened.gaps):
        hectares = f"{row['brings_ha']:>6,.0f} ha" if row["brings_ha"] > 0 else " " * 9
        click.echo(f"{hectares}  {row['site_name']:<60}  {row['missing'].replace('|', ', ')}")
    if output:
        click.echo(_shown(write_to_complete(opened.gaps, output, edition=opened.opening)))


@main.command()
@_TERRITORY
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The zip file.")
def bundle(territory: Path, output: Path | None) -> None:
    """Put the pages, GeoPackage, figures, licences and hashes of TERRITORY in one zip."""
    built = build_territory(territory)
    opened = Territory(territory)
    target = output or built.geopackage.with_suffix(".zip")
    click.echo(_shown(write_bundle(built.by_name, opened.sources, target, edition=opened.opening)))


def _shown(path: Path) -> str:
    """Return a path as the user would type it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
