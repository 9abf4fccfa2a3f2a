"""Spoil files for as long as one likes, led by what the code does with them (atheris, which is no dependency of ours).

    pip install atheris && python -m tests.fuzz.endless KIND [-max_total_time=600] [CORPUS]

KIND is one of those of `tests.fuzz.mutants.sound_files` (`gpkg`, `geojson`, `xlsx`, `territory`, …), or `all` of them
in turn. What fails is written to `crash-*`; `tests.fuzz.count` does the same from a seed, and outlives a crash of the
process.
"""

import subprocess
import sys


def main() -> None:
    """Try one kind, or all in turn, each in a process of its own."""
    kind, *rest = sys.argv[1:]
    if kind != "all":
        endless(kind, rest)
        return
    from tests.fuzz.mutants import sound_files  # noqa: PLC0415  (what is watched is imported after who watches)

    for each in sound_files():
        subprocess.run([sys.executable, "-m", "tests.fuzz.endless", each, *rest], check=True)


def endless(kind: str, rest: list[str]) -> None:
    """Try one kind without an end."""
    import atheris  # noqa: PLC0415  (here alone, and before what it watches)

    with atheris.instrument_imports(include=["gis"]):
        from tests.fuzz.mutants import sound_files, spoilt  # noqa: PLC0415
        from tests.fuzz.readers import AS, ends, readers_of  # noqa: PLC0415
    name, files = sound_files()[kind]

    def once(data: bytes) -> None:
        given = atheris.FuzzedDataProvider(data)
        victim = given.PickValueInList(sorted(files))
        ways = [
            (given.ConsumeIntInRange(0, 999), given.ConsumeIntInRange(0, 999), given.ConsumeIntInRange(0, 9999))
            for _ in range(given.ConsumeIntInRange(1, 3))
        ]
        changed = {**files, victim: spoilt(victim, files[victim], ways)}
        for reader in readers_of(kind):
            ends(reader, name, changed, given.PickValueInList(AS))

    atheris.Setup([sys.argv[0], *rest], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
