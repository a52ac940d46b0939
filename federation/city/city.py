"""A made-up city as ten sites export it: the same seed and size give the same bytes, whatever the block size.

Nothing in it is about anybody real. Used by the demo, by tests and by benchmarks.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from federation.city import clinic_sheets, fhir_sheets, fronts
from federation.city.chance import Chance
from federation.city.layouts import LAYOUTS
from federation.city.lives import Lives
from federation.city.mapping_files import mapping_files
from federation.city.papers import contract_toml, sites_toml
from federation.city.people import People
from federation.city.sheet import Sheet
from federation.city.shelf import PER_FILE, Shelf, Written
from federation.city.sites import SITES, Site
from federation.city.spoil import TRUTH, spoil
from federation.errors import BadInput

BLOCK = 10_000  # persons made at a time; bounds the memory, changes no byte
LARGEST_SHARE = 0.5  # of records with an error, however large `errors` is
MOST = 50_000_000  # record numbers stay distinct up to here
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Manifest:
    """What was written. `mapping` names, for each delimited clinic export, the mapping file that reads it."""

    seed: int
    persons: int
    files: tuple[Written, ...]
    mapping: dict[str, str]
    errors: dict[str, int]
    shares: dict[str, float]

    @property
    def records(self) -> int:
        """Source records in all files."""
        return sum(file.records for file in self.files)

    @property
    def bytes(self) -> int:
        """Bytes in all export files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True)
class City:
    """A city of `persons` people; `errors` multiplies the share of records with an injected error (0 for none).

    With `rate`, that is the share at every site, whatever its tier.
    """

    seed: int
    persons: int
    errors: float = 1.0
    rate: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.persons <= MOST:
            raise BadInput(f"A city has 1 to {MOST:,} persons, not {self.persons:,}. Choose another size.")

    @cached_property
    def chance(self) -> Chance:
        """All draws of this city."""
        return Chance(self.seed)

    @cached_property
    def people(self) -> People:
        """All persons of this city."""
        return People(self.chance, self.persons)

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """Every export of every site, in the order of `SITES`."""
        return tuple(sheet for site in SITES for sheet in _sheets(site))

    def lives(self, start: int, stop: int) -> Lives:
        """What happens to persons start..stop-1; depends on nobody else."""
        return Lives(self.chance, self.people.block(start, stop))

    def share(self, site: Site) -> float:
        """The share of the site's records that carry an injected error."""
        return min(LARGEST_SHARE, site.faulty * self.errors if self.rate is None else self.rate)

    def write(
        self, folder: Path, progress: Progress | None = None, block: int = BLOCK, per_file: int = PER_FILE
    ) -> Manifest:
        """Writes exports, mappings, contracts, sites and the truth under `folder`; about 7 records a person.

        `progress(done, all)` counts persons. Raises BadInput where there is a city already.
        """
        if (folder / "exports").exists():
            raise BadInput(f"There is a city in {folder.name} already. Choose another folder, or remove it.")
        shelves = [Shelf(folder, sheet, per_file) for sheet in self.sheets]
        truths = [pl.DataFrame(schema=TRUTH)]
        for start in range(0, self.persons, block):
            lives = self.lives(start, start + block)
            truths += [self._put(lives, shelf) for shelf in shelves]
            if progress is not None:
                progress(min(start + block, self.persons), self.persons)
        files = tuple(written for shelf in shelves for written in shelf.close())
        truth = pl.concat(truths).sort("site", "file", "record", "column", "class")
        manifest = self._manifest(files, truth)
        _write_papers(folder, truth, manifest)
        return manifest

    def _put(self, lives: Lives, shelf: Shelf) -> pl.DataFrame:
        """One block of one sheet, written; the truth about its errors."""
        sheet = shelf.sheet
        page = spoil(sheet.rows(lives, sheet.site, self.chance), sheet, self.chance, self.share(sheet.site))
        places = shelf.add(page.lines, page.at)
        told = pl.concat([places, page.truth], how="horizontal")
        return told.select(pl.lit(sheet.site.id).alias("site"), *list(TRUTH)[1:])

    def _manifest(self, files: tuple[Written, ...], truth: pl.DataFrame) -> Manifest:
        counts = truth["class"].value_counts().sort("class")
        mapping = {
            f"exports/{site.id}/{stem}": f"mappings/{layout.name}_{table}.toml"
            for site in SITES
            for layout in map(LAYOUTS.get, site.writes)
            if layout
            for table, (stem, _) in layout.tables.items()
        }
        return Manifest(
            self.seed,
            self.persons,
            files,
            mapping,
            dict(counts.iter_rows()),
            {site.id: self.share(site) for site in SITES},
        )


def _sheets(site: Site) -> Iterator[Sheet]:
    for kind in site.writes:
        if kind == "hqms_v2":
            yield fronts.hqms_v2(site)
        elif kind == "hqms_v1":
            yield fronts.hqms_v1(site)
        elif kind == "wt4_1":
            yield fronts.wt_4_1(site)
        elif kind in LAYOUTS:
            yield from clinic_sheets.clinic(site, kind)
        elif site.tier == "primary":
            yield from fhir_sheets.clinic(site)
        else:
            yield from (fhir_sheets.laboratory(site) if len(site.writes) > 1 else fhir_sheets.hospital(site))


def _write_papers(folder: Path, truth: pl.DataFrame, manifest: Manifest) -> None:
    papers = {"sites.toml": sites_toml()}
    papers |= {f"contracts/{site.id}.toml": contract_toml(site) for site in SITES}
    papers |= {f"mappings/{name}": text for layout in LAYOUTS.values() for name, text in mapping_files(layout).items()}
    papers["truth.csv"] = truth.write_csv()
    for name, text in papers.items():
        _whole(folder / name, text.encode())
    beside = folder / "truth.parquet.part"
    truth.write_parquet(beside)
    beside.replace(folder / "truth.parquet")
    # Last: a city without a manifest is not finished.
    _whole(folder / "manifest.json", json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode())


def _whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(content)
    beside.replace(path)
