"""Two numbers in a cell: `map` asks with a block that is ready, and a person only takes the question marks away."""

import polars as pl
import pytest

from connectors.connector import Context
from connectors.kinds.delimited import CONNECTOR
from connectors.mapping import load
from connectors.propose.proposal import propose
from connectors.propose.writing import written

VISITS = {
    "就诊号": ["v1", "v2", "v3"],
    "病历号": ["p1", "p2", "p2"],
    "就诊日期": ["2024-03-01 08:30", "2024-03-02 09:00", "2024-03-02 10:00"],
    "诊断编码": ["I10.x00", "E11.900", "E11.900"],
    "XY(坐)": ["120/80", "118／76", "-"],
}


def taken(text: str) -> str:
    """The file as a person leaves it: the block in force, all other questions as they were."""
    begin = text.index("# ? [[table]]")
    end = text.index("\n\n", begin)
    return text[:begin] + text[begin:end].replace("# ? ", "") + text[end:]


@pytest.mark.parametrize("more", [{}, {"体温(℃)": ["36.5", "37", "36.8"]}])
def test_the_block_loads_as_it_stands_and_makes_two_rows_a_cell(tmp_path, more):
    rows = pl.DataFrame(VISITS | more)
    text = written(propose("MZ", rows))
    mapping, path = tmp_path / "m.toml", tmp_path / "v.csv"
    mapping.write_text(text, "utf-8")
    load(mapping)
    mapping.write_text(taken(text), "utf-8")
    rows.write_csv(path)
    (chunk,) = CONNECTOR.open(path, mapping=mapping).chunks(Context("a", "b", "f" * 16))
    chunk.check()
    made = chunk.tables["observation"].filter(pl.col("unit_ucum") == "mm[Hg]").sort("record_id")
    assert made.select("item_code", "value_num", "person_id").rows() == [
        ("8462-4", 80.0, "p1"), ("8480-6", 120.0, "p1"), ("8462-4", 76.0, "p2"), ("8480-6", 118.0, "p2"),
    ]  # fmt: skip
    assert made["sampled_time"].null_count() == made["encounter_id"].null_count() == 0


@pytest.mark.parametrize("more", [{}, {"体温(℃)": ["36.5", "37", "36.8"]}])
def test_what_a_person_put_in_force_stays_and_is_not_asked_again(tmp_path, more):
    proposal = propose("MZ", pl.DataFrame(VISITS | more))
    first = taken(written(proposal))
    again = written(proposal, first)
    assert "# ? [[table]]" not in again
    assert again.count('read_as = "diastolic"') == 1
    (tmp_path / "m.toml").write_text(again, "utf-8")
    suffixes = [rows.spec.suffix for rows in load(tmp_path / "m.toml").rows]
    assert suffixes.count("sbp") == suffixes.count("dbp") == 1
    assert written(proposal, again) == again
