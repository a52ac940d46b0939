"""What the city writes is read by the connectors, mappings and contracts as they are."""

import tomllib
from pathlib import Path

import pytest

from connectors.connector import Context
from connectors.kinds import delimited, fhir_r4
from connectors.mapping import load
from federation.city import SITES, City, Manifest
from federation.city.front_columns import V1, V2, WT_4_1
from federation.consent import contract

Written = tuple[City, Path, Manifest]
PROFILES = {"tertiary-b/hqms": "hqms_v2", "secondary-a/hqms": "hqms_v1", "secondary-b/n041": "wt4_1"}


def rejected(written: Written, suffixes: tuple[str, ...]) -> dict[str, list[tuple[str, str]]]:
    """File -> (column, reason) of everything refused in it; every record is counted on the way."""
    _, folder, manifest = written
    found: dict[str, list[tuple[str, str]]] = {}
    for file in manifest.files:
        if not file.path.endswith(suffixes):
            continue
        kind = fhir_r4 if file.path.endswith(".ndjson") else delimited
        mapping = manifest.mapping.get(file.path.split(".")[0])
        source = kind.CONNECTOR.open(folder / file.path, None, folder / mapping if mapping else None)
        read = 0
        for chunk in source.chunks(Context(file.site, "batch", "0" * 16)):
            chunk.check()
            read += chunk.read
            found.setdefault(file.path, []).extend(chunk.rejects.select("column", "reason").iter_rows())
        assert read == file.records, file.path
    return found


def test_every_delimited_export_of_a_clean_city_is_read_without_a_reject(clean: Written) -> None:
    found = rejected(clean, (".csv", ".txt"))
    assert len(found) == 15
    assert {path: rejects for path, rejects in found.items() if rejects} == {}


def test_every_fhir_export_of_a_clean_city_is_read_without_a_reject(clean: Written) -> None:
    found = rejected(clean, (".ndjson",))
    assert len(found) == 24
    reasons = {reason for rejects in found.values() for _, reason in rejects}
    assert reasons == set()


@pytest.mark.parametrize(("export", "profile"), PROFILES.items())
def test_front_pages_are_known_by_their_headers(clean: Written, export: str, profile: str) -> None:
    _, folder, _ = clean
    sniffed = delimited.CONNECTOR.sniff(folder / f"exports/{export}.0001.csv")
    assert sniffed is not None
    assert sniffed.profile == profile


@pytest.mark.parametrize(("profile", "columns"), [("hqms_v2", V2), ("hqms_v1", V1), ("wt4_1", WT_4_1)])
def test_front_pages_have_every_column_their_profile_reads(profile: str, columns: dict[str, str]) -> None:
    known = load(Path(delimited.__file__).parents[1] / "profiles" / profile)
    assert set(known.sources) <= set(columns)


def test_every_clinic_export_has_a_mapping_that_loads(clean: Written) -> None:
    _, folder, manifest = clean
    assert {load(folder / path).source for path in manifest.mapping.values()} == {
        export.rsplit("/", 1)[1] for export in manifest.mapping
    }
    assert len(list((folder / "mappings").iterdir())) == 9


def test_every_site_signs_a_contract_and_one_a_narrower_one(clean: Written) -> None:
    _, folder, _ = clean
    contracts = {site.id: contract.read(folder / f"contracts/{site.id}.toml")[0] for site in SITES}
    wary = contracts.pop("tertiary-b")
    assert all("HRESCH" in signed.purposes for signed in contracts.values())
    assert "HRESCH" not in wary.purposes
    assert all(set(wary.tables) < set(signed.tables) for signed in contracts.values())


def test_sites_toml_names_the_ten_sites(clean: Written) -> None:
    _, folder, _ = clean
    listed = tomllib.loads((folder / "sites.toml").read_text("utf-8"))["site"]
    assert [site["id"] for site in listed] == [site.id for site in SITES]
    assert all(site["name"] and site["name_zh"] and site["region"].startswith("1327") for site in listed)
