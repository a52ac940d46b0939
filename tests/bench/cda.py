"""CDA documents of 35 KB with 60 observations each to tables on disk: ours beside lxml's xpath(), on one core.

Run as `python -m tests.bench.cda [--documents 1500] [--rounds 3]`. Half of the documents are WS/T 500 laboratory reports, half
C-CDA. xpath() takes the fields that the documents have, as it is usually written, and checks, hashes, types and rejects
nothing. Outputs are compared before times are.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import call, median, side_by_side, table

OBSERVATIONS = 60
TOGETHER = 500  # documents whose rows are written at once, by both
NAMES = (
    "item_code",
    "item_system",
    "item_name",
    "sampled_time",
    "value_text",
    "unit",
    "value_code",
    "ref_low",
    "ref_high",
)
PATHS = ("h:code/@code", "h:code/@codeSystem", "h:code/@displayName", "h:effectiveTime/@value", "h:value/@value",
         "h:value/@unit", "h:interpretationCode/@code", "h:referenceRange/h:observationRange/h:value/h:low/@value",
         "h:referenceRange/h:observationRange/h:value/h:high/@value")  # fmt: skip
HEAD = ("h:id/@extension", "h:code/@code", "h:title/text()", "h:effectiveTime/@value", "//h:patientRole/h:id[1]/@extension",
        "//h:patient/h:administrativeGenderCode/@code", "//h:patient/h:birthTime/@value")  # fmt: skip


def document(number: int) -> bytes:
    """One synthetic document; even numbers are laboratory reports of WS/T 500, odd ones C-CDA."""
    chinese = number % 2 == 0
    template = "2.16.156.10011.2.1.1.27" if chinese else "2.16.840.1.113883.10.20.22.1.2"
    code, system = ("C0007", "2.16.156.10011.2.4") if chinese else ("34133-9", "2.16.840.1.113883.6.1")
    head = f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <realmCode code="CN"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_MT000040"/>
  <templateId root="{template}"/>
  <id root="2.16.156.10011.1.1" extension="D{number:06}"/>
  <code code="{code}" codeSystem="{system}"/>
  <title>检验报告</title>
  <effectiveTime value="20240301{number % 24:02}3000"/>
  <recordTarget><patientRole>
    <id root="2.16.156.10011.1.12" extension="Z{number:06}"/>
    <patient><name>甲</name>
      <administrativeGenderCode code="1" codeSystem="2.16.156.10011.2.3.3.4"/><birthTime value="19{number % 90 + 10}0305"/>
    </patient>
  </patientRole></recordTarget>
  <component><structuredBody><component><section>
    <code code="30954-2" codeSystem="2.16.840.1.113883.6.1" displayName="STUDIES SUMMARY"/><text/>
"""
    body = "".join(_observation(number, each, chinese) for each in range(OBSERVATIONS))
    return f"{head}{body}  </section></component></structuredBody></component>\n</ClinicalDocument>\n".encode()


def _observation(number: int, item: int, chinese: bool) -> str:
    code, system = (
        (f"DE04.50.{item + 200:03}.00", "2.16.156.10011.2.2.1")
        if chinese
        else (f"{item + 1000}-1", "2.16.840.1.113883.6.1")
    )
    return f"""    <entry><observation classCode="OBS" moodCode="EVN">
      <code code="{code}" codeSystem="{system}" displayName="项目{item}"/>
      <statusCode code="completed"/>
      <effectiveTime value="20240301{item % 24:02}1500"/>
      <value xsi:type="PQ" value="{(number * 7 + item) % 900 / 10}" unit="mmol/L"/>
      <interpretationCode code="N" codeSystem="2.16.840.1.113883.5.83"/>
      <referenceRange><observationRange><value xsi:type="IVL_PQ">
        <low value="3.9" unit="mmol/L"/><high value="6.1" unit="mmol/L"/></value></observationRange></referenceRange>
    </observation></entry>
"""


def write(folder: Path, documents: int) -> int:
    """The documents as files of a folder, and the same one after the other in a file beside it; their bytes."""
    files, size = folder / "files", 0
    files.mkdir()
    with (folder / "all.xml").open("wb") as together:
        for number in range(documents):
            content = document(number)
            size += len(content)
            (files / f"{number:06}.xml").write_bytes(content)
            together.write(content)
    return size


def ours(path: str, folder: str) -> dict[str, float]:
    """The way of `ingest`: digest, read, conform, hash, write as Parquet; `path` is a folder of files, or one file."""
    from connectors.kinds.cda import CONNECTOR
    from federation.node.part import read_part
    from federation.node.plan import examined, parts
    from federation.node.sources import Sources

    paths = sorted(Path(path).iterdir()) if Path(path).is_dir() else [Path(path)]
    shutil.rmtree(folder, ignore_errors=True)  # finished parts of a round before would be used as they are
    started = time.perf_counter()
    files = list(examined(paths, lambda _: Sources({"cda": CONNECTOR}, "cda")))
    counted = [each for part in parts(files) for each in read_part(part, "A", "b", Path(folder) / part.name, _nobody)]
    return {
        "read": sum(each.read for each in counted), "rejected": sum(each.rejected for each in counted),
        "seconds": time.perf_counter() - started,
    }  # fmt: skip


def _nobody(_: int) -> None:
    return None


def xpaths(path: str, folder: str) -> dict[str, float]:
    """lxml xpath() for each field of each document and observation, written as Parquet."""
    import polars as pl
    from lxml import etree

    made = Path(folder)
    made.mkdir(exist_ok=True)
    names = {"h": "urn:hl7-org:v3"}
    started, read = time.perf_counter(), 0

    def first(element: "etree._Element", path_: str) -> str | None:
        found = element.xpath(path_, namespaces=names)
        return str(found[0]) if found else None

    def rows(paths: list[Path]) -> Iterator[tuple[str | None, ...]]:
        for each in paths:
            root = etree.fromstring(each.read_bytes())
            head = tuple(first(root, step) for step in HEAD)
            for observation in root.xpath("//h:observation", namespaces=names):
                yield *head, *(first(observation, step) for step in PATHS)

    every = sorted(Path(path).iterdir())
    columns = ["key", "kind", "title", "created", "person", "sex", "born", *NAMES]
    for start in range(0, len(every), TOGETHER):
        some = every[start : start + TOGETHER]
        read += len(some)
        frame = pl.DataFrame(list(rows(some)), schema=dict.fromkeys(columns, pl.String), orient="row")
        frame.write_parquet(made / f"rows.{start:06}.parquet", compression="zstd", compression_level=1)
    return {"read": read, "seconds": time.perf_counter() - started}


def compare(folder: Path) -> list[str]:
    """What differs between ours and xpath's, field by field; empty when nothing does."""
    import polars as pl

    theirs = pl.read_parquet(folder / "theirs" / "rows.*.parquet").with_columns(
        pl.col("sampled_time", "created").str.to_datetime("%Y%m%d%H%M%S", time_unit="us"),
        pl.col("ref_low", "ref_high").cast(pl.Float64), pl.col("born").str.to_date("%Y%m%d"),
    )  # fmt: skip
    differing = []
    for way in ("ours", "together"):
        mine = pl.read_parquet(folder / way / "*" / "observation.parquet").with_columns(
            key=pl.col("source_pk").str.split("^").list.last()
        )
        both = [frame.select("key", *NAMES).sort("key", "item_code") for frame in (mine, theirs)]
        differing += [f"{way}: observations"] * (not both[0].equals(both[1]))
        papers = pl.read_parquet(folder / way / "*" / "document.parquet").select(
            pl.col("source_pk").str.split("^").list.last().alias("key"), kind="doc_type_code", title="title",
            created="created_time", person=pl.col("person_id").str.split("^").list.last(),
        )  # fmt: skip
        heads = theirs.select(papers.columns).unique().sort("key")
        differing += [f"{way}: documents"] * (not papers.sort("key").equals(heads))
        people = pl.read_parquet(folder / way / "*" / "patient.parquet").select(
            pl.col("source_pk").str.split("^").list.last().alias("key"), sex="gender_code", born="birth_date"
        )
        differing += [f"{way}: patients"] * (
            not people.sort("key").equals(theirs.select(people.columns).unique().sort("key"))
        )
    return differing


def main() -> None:
    """Make the documents, compare outputs, then measure in turns and print the ratios."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--documents", type=int, default=1500)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-cda-") as scratch:
        folder = Path(scratch)
        size = write(folder, options.documents)
        runs = side_by_side({
            "lxml xpath()": call("tests.bench.cda", "xpaths", folder / "files", folder / "theirs"),
            "ours, a file each": call("tests.bench.cda", "ours", folder / "files", folder / "ours"),
            "ours, all in one file": call("tests.bench.cda", "ours", folder / "all.xml", folder / "together"),
        }, options.rounds)  # fmt: skip
        differing = compare(folder)
        differing += [
            f"{name}: {run.result['read']} documents read"  # type: ignore[index]
            for name, each in runs.items()
            for run in each
            if run.result["read"] != options.documents  # type: ignore[index]
        ]
        print("outputs compared: " + ("; ".join(differing) if differing else "equal"))
        print(f"{options.documents} documents of {size / options.documents / 1000:.0f} KB")
        print(table(runs, "lxml xpath()", size / 1e6))
        inside = {name: min(run.result["seconds"] for run in each) for name, each in runs.items()}  # type: ignore[index]
        base, cpu = (
            inside["lxml xpath()"],
            {name: median(each, "user") + median(each, "sys") for name, each in runs.items()},
        )
        for name in list(runs)[1:]:
            print(
                f"{name}: {options.documents / inside[name]:.0f} documents/s, {base / inside[name]:.1f}x xpath() "
                f"({options.documents / base:.0f}/s) without imports; {cpu['lxml xpath()'] / cpu[name]:.1f}x by processor time"
            )


if __name__ == "__main__":
    main()
