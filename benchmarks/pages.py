"""How soon a page of many terrains is drawn, and what it weighs, beside folium.GeoJson.

    python benchmarks/pages.py --terrains 10000 --runs 5

Both draw the same terrains, coloured by whether they can be had now, with their attributes at a click, in the same
browser, in turn, from the disk. A peer's page asks the network for Leaflet and much that it does not need to draw: here
it is given the same Leaflet from the folder of the assets and is spared the rest, so that no network is timed. Drawn
means: every terrain is in the page (a path of SVG, a shape of our canvas) and two frames have passed. Medians and
ratios are what to quote; seconds do not travel.
"""

import argparse
import json
import re
import statistics
import tempfile
import time
from pathlib import Path

import folium
from playwright.sync_api import Browser, sync_playwright

from gis.build import build
from gis.demo import write_demo
from gis.maps.packing import deflate, inflate
from gis.measures.availability import immediately_available
from gis.territory import Territory

LEAFLET = Path(__file__).parents[1] / "gis" / "maps" / "assets" / "node_modules" / "leaflet" / "dist"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
COLOURS = {"oui": "#D55E00", "inconnu": "#E69F00", "non": "#e9eef1"}
FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


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


def seconds(browser: Browser, file: Path, drawn: str, count: int) -> float:
    """Open a page in a new context and wait until it has drawn every terrain."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    begun = time.perf_counter()
    page.goto(file.as_uri(), wait_until="commit")
    page.wait_for_function(f"() => {{ try {{ return {drawn} >= {count}; }} catch {{ return false; }} }}")
    page.evaluate(FRAMES)
    taken = time.perf_counter() - begun
    page.context.close()
    return taken


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
        times: dict[str, list[float]] = {"ours": [], "folium": []}
        for run in range(given.runs + 1):  # the first warms both up
            pair = {
                "ours": seconds(browser, ours, "emprise.attached[0].layer.count", count),
                "folium": seconds(browser, theirs, "document.querySelectorAll('path').length", count),
            }
            for name, taken in pair.items():
                times[name] += [taken] if run else []
        (packed,) = re.findall(r'id="page-data">(.*?)</script>', ours.read_text(encoding="utf-8"))
        rings = json.loads(inflate(packed))["map"][0]["shapes"]["rings"]
        medians = {name: round(statistics.median(taken), 3) for name, taken in times.items()}
        ratios = sorted(f / o for f, o in zip(times["folium"], times["ours"], strict=True))
        result = {
            "terrains": count,
            "drawn_s": medians,
            "folium_over_ours": [round(ratios[0], 2), round(statistics.median(ratios), 2), round(ratios[-1], 2)],
            "bytes": {"ours": ours.stat().st_size, "folium": theirs.stat().st_size},
            "geometry_bytes_per_terrain": round(len(deflate(rings)) / count, 1),
        }
        print(json.dumps(result))  # noqa: T201  (what the command is for)


if __name__ == "__main__":
    main()
