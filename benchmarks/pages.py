"""How soon a page of many terrains is drawn, and what it weighs, beside folium.GeoJson.

    python benchmarks/pages.py --terrains 10000 --runs 9

Both draw the same terrains, coloured by whether they can be had now, with their attributes at a click, in the same
browser, in turn, from the disk. A peer's page asks the network for Leaflet and much that it does not need to draw: here
it is given the same Leaflet from the folder of the assets and is spared the rest, so that no network is timed. Drawn
means: every terrain is in the page (a path of SVG, a shape of our canvas) and a frame has passed. Ready means: it also
answers a click (and, for ours, its filters are there). Then both are dragged to and fro, and the time of each frame is
taken. Last, how soon each page of the shipped territory draws. Medians and ratios are what to quote; seconds do not
travel.
"""

import argparse
import json
import re
import shutil
import statistics
import tempfile
from pathlib import Path

import folium
from playwright.sync_api import Browser, sync_playwright

from gis.build import build
from gis.demo import write_demo
from gis.maps.packing import deflate, inflate
from gis.measures.availability import immediately_available
from gis.territory import Territory

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "layers" / "bethune-bruay"
LEAFLET = ROOT / "gis" / "maps" / "assets" / "node_modules" / "leaflet" / "dist"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
COLOURS = {"oui": "#D55E00", "inconnu": "#E69F00", "non": "#e9eef1"}
#: Looks once a frame, until one has passed after what was waited for.
WATCH = """
  window.watched = (async () => {{
    const frame = () => new Promise(requestAnimationFrame);
    const until = async (is) => {{
      while (!is()) await frame();
      await frame();
      return performance.now();
    }};
    return {{ drawn: await until(() => ({drawn}) >= {count}), ready: await until(() => {ready}) }};
  }})();
"""
FRAMES = """() => {
  window.gaps = [];
  let last = performance.now();
  const look = (now) => { gaps.push(now - last); last = now; requestAnimationFrame(look); };
  requestAnimationFrame(look);
}"""
OURS = "window.emprise?.attached[0]?.layer.count ?? 0", "document.querySelector('html.ready')"
FOLIUM = "document.querySelectorAll('path').length", "document.readyState === 'complete'"


def peer(territory: Territory, file: Path) -> None:
    """Write the same terrains with folium.GeoJson."""
    names = ["terrain_id", "site_id", "useful", "occupied", "sale", "servicing"]
    shapes = territory.terrains[[*names, "geometry"]].to_crs(4326)
    west, south, east, north = shapes.total_bounds
    page = folium.Map(location=[(south + north) / 2, (west + east) / 2], tiles=None)
    shapes["now"] = list(immediately_available(territory.terrains))
    folium.GeoJson(
        shapes,
        style_function=lambda feature: {
            "fillColor": COLOURS[feature["properties"]["now"]],
            "color": "#333",
            "weight": 1,
        },
        tooltip=folium.GeoJsonTooltip(names),
        popup=folium.GeoJsonPopup(names),
    ).add_to(page)
    page.fit_bounds([[south, west], [north, east]])
    page.save(str(file))
    html = re.sub(r"<link rel=[^>]*>|<script src=[^>]*></script>", "", file.read_text(encoding="utf-8"))
    leaflet = f'<link rel="stylesheet" href="{(LEAFLET / "leaflet.css").as_uri()}">'
    leaflet += f'<script src="{(LEAFLET / "leaflet.js").as_uri()}"></script>'
    file.write_text(html.replace("<head>", f"<head>{leaflet}", 1), encoding="utf-8")


def seconds(browser: Browser, file: Path, drawn: str, count: int, ready: str) -> tuple[float, float]:
    """Open a page in a new context; return when it has drawn every terrain and when it answers, by its own clock."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(WATCH.format(drawn=drawn, count=count, ready=ready))
    page.goto(file.as_uri(), wait_until="commit")
    times = page.evaluate("watched")
    page.context.close()
    return times["drawn"] / 1000, times["ready"] / 1000


def frames(browser: Browser, file: Path, count: int, drawn: str, ready: str) -> list[float]:
    """Return the milliseconds of a frame while the map is dragged to and fro: the median, and what 95 % stay under."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(WATCH.format(drawn=drawn, count=count, ready=ready))
    page.goto(file.as_uri())
    page.evaluate("watched")
    page.evaluate(FRAMES)
    for way in (1, -1, 1, -1):
        page.mouse.move(900 - 150 * way, 450)
        page.mouse.down()
        for step in range(40):
            page.mouse.move(900 + (7.5 * step - 150) * way, 450 + 2 * step)
        page.mouse.up()
    found = page.evaluate("gaps")
    page.context.close()
    return [round(statistics.median(found), 1), round(sorted(found)[int(0.95 * len(found))], 1)]


def shipped(browser: Browser, folder: Path) -> dict[str, float]:
    """Return the seconds until each page of the shipped territory has drawn, the median of five."""
    copy = folder / "layers" / SHIPPED.name
    shutil.copytree(SHIPPED, copy)
    drawn = "window.emprise?.attached[0]?.layer._hits ? 1 : 0"
    return {
        page.stem: round(statistics.median(seconds(browser, page, drawn, 1, OURS[1])[0] for _ in range(5)), 3)
        for page in build(copy).pages
    }


def compared(runs: list[dict[str, tuple[float, float]]], n: int) -> dict[str, object]:
    """Return the median seconds of both, and the least, median and greatest ratio of a pair."""
    ratios = sorted(run["folium"][n] / run["ours"][n] for run in runs)
    return {
        **{name: round(statistics.median(run[name][n] for run in runs), 3) for name in ("ours", "folium")},
        "folium_over_ours": [round(ratios[0], 2), round(statistics.median(ratios), 2), round(ratios[-1], 2)],
    }


def main() -> None:
    """Measure and print one line of JSON."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--terrains", type=int, default=10_000)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--browser", default="/usr/bin/chromium")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        layers = Path(folder) / "layers" / "big"
        write_demo(layers, sites=max(given.terrains // 100, 3), terrains=given.terrains)
        ours = next(page for page in build(layers).pages if page.stem == "available")
        territory = Territory(layers)
        theirs = Path(folder) / "folium.html"
        peer(territory, theirs)
        browser = playwright.chromium.launch(executable_path=given.browser, args=FLAGS)
        count = len(territory.terrains)
        runs = [
            {
                "ours": seconds(browser, ours, OURS[0], count, OURS[1]),
                "folium": seconds(browser, theirs, FOLIUM[0], count, FOLIUM[1]),
            }
            for _ in range(given.runs + 1)
        ][1:]  # the first warms both up
        (packed,) = re.findall(r'id="page-map">(.*?)</script>', ours.read_text(encoding="utf-8"))
        rings = json.loads(inflate(packed))[0]["shapes"]["rings"]
        result = {
            "terrains": count,
            **{name: compared(runs, n) for n, name in enumerate(("drawn", "ready"))},
            "frame_ms": {
                "ours": frames(browser, ours, count, *OURS),
                "folium": frames(browser, theirs, count, *FOLIUM),
            },
            "shipped_s": shipped(browser, Path(folder)),
            "bytes": {"ours": ours.stat().st_size, "folium": theirs.stat().st_size},
            "geometry_bytes_per_terrain": round(len(deflate(rings)) / count, 1),
        }
        print(json.dumps(result))  # noqa: T201  (what the command is for)


if __name__ == "__main__":
    main()
