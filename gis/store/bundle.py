"""All outputs of a build in one zip file, to mail or to publish."""

import datetime as dt
import hashlib
import zipfile
from collections.abc import Mapping
from importlib.metadata import files as distribution_files
from importlib.resources import files
from pathlib import Path
from typing import Final

from gis.errors import RenderError
from gis.placing import writing_under_lock
from gis.provenance import Source

#: The first and the last year that a zip can hold.
FIRST_YEAR: Final = 1980
LAST_YEAR: Final = 2107


def write_bundle(outputs: Mapping[str, Path], sources: Mapping[str, Source], target: Path, *, edition: dt.date) -> Path:
    """Write one zip: what a build made, licences and hashes; the same input gives the same bytes.

    Parameters
    ----------
    outputs
        The files, by their name in the zip.
    sources
        Everything that is cited.
    target
        The zip.
    edition
        The date that the zip gives its entries: the clock never enters it.

    Raises
    ------
    RenderError
        If the zip cannot be written, or can hold no such date; an older one is untouched.
    """
    if edition.year > LAST_YEAR:
        msg = f"{target}: a zip holds no day after {LAST_YEAR}, and it would be of {edition}. Correct [opening] date."
        raise RenderError(msg)
    day = (max(edition.year, FIRST_YEAR), edition.month, edition.day, 0, 0, 0)
    with writing_under_lock(target) as placing:
        entries = {name: path.read_bytes() for name, path in outputs.items()}
        entries["LICENCES.txt"] = licences_text(sources).encode()
        hashes = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(entries.items()))
        entries["SHA256SUMS"] = hashes.encode()
        new_zip = placing.aside(target.parent) / target.name
        with zipfile.ZipFile(new_zip, "w") as archive:
            for name, data in sorted(entries.items()):
                info = zipfile.ZipInfo(name, day)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                info.create_system = 3
                archive.writestr(info, data)
        placing.put({target: new_zip})
    return target


def licences_text(sources: Mapping[str, Source]) -> str:
    """List the licence of every source, of this software, and of what the pages carry."""
    source_licences = "".join(f"- {source.credit}: {source.licence or '?'}\n" for source in sources.values())
    carried_licences = files("gis.maps").joinpath("assets", "dist", "licenses.txt").read_text(encoding="utf-8")
    own_licence = next(
        (str(file.read_text()) for file in distribution_files("emprise") or [] if file.name == "LICENSE"),
        "MIT\n",
    )
    carried_text = f"Carried by the pages / Dans les pages\n\n{carried_licences}"
    return f"Sources / Sources\n\n{source_licences}\nEmprise\n\n{own_licence}\n{carried_text}"
