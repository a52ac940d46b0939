"""Splink as its manual says, with the comparisons of its own library: what ours stands beside."""

import logging
import warnings
from collections.abc import Sequence

import polars as pl
import splink
import splink.internals.comparison_library as library

from tests.evidence.linkage_scoring import Link

HALF = 0.5


def plain(
    left: pl.DataFrame,
    right: pl.DataFrame,
    comparisons: Sequence[object],
    blocks: Sequence[Sequence[str]],
    training: Sequence[Sequence[str]],
    certain: Sequence[Sequence[str]],
) -> Link:
    """Pairs of two frames with `record`; rules are columns that agree."""

    def link() -> tuple[pl.DataFrame, float]:
        logging.getLogger("splink").setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            api = splink.DuckDBAPI()
            tables = [
                api.register(rows.rename({"record": "unique_id"}).to_arrow(), dataset_display_name=name)
                for name, rows in (("a_left", left), ("b_right", right))
            ]
            settings = splink.SettingsCreator(
                link_type="link_only",
                comparisons=list(comparisons),
                blocking_rules_to_generate_predictions=[splink.block_on(*rule) for rule in blocks],
                retain_matching_columns=False,
            )
            linker = splink.Linker(tables, settings, log_level=logging.ERROR)
            learn = linker.training
            learn.estimate_probability_two_random_records_match(
                [splink.block_on(*rule) for rule in certain], recall=0.9
            )
            learn.estimate_u_using_random_sampling(max_pairs=3e6, seed=1)
            for rule in training:
                learn.estimate_parameters_using_expectation_maximisation(splink.block_on(*rule))
            told = linker.inference.predict(threshold_match_probability=0.001)
            found = api.duckdb_con.sql(
                f"SELECT unique_id_l AS left, unique_id_r AS right, match_probability AS score FROM {told.physical_name}"
            ).pl()
        return found, HALF

    return link


def febrl(left: pl.DataFrame, right: pl.DataFrame, with_id: bool) -> Link:
    """The fields of Febrl."""
    comparisons = [
        library.NameComparison("given"), library.NameComparison("surname"),
        library.DamerauLevenshteinAtThresholds("born", [1, 2]),
        library.ExactMatch("number").configure(term_frequency_adjustments=True),
        library.JaroWinklerAtThresholds("street", [0.9]), library.JaroWinklerAtThresholds("suburb", [0.9]),
        library.DamerauLevenshteinAtThresholds("postcode", [1]).configure(term_frequency_adjustments=True),
    ]  # fmt: skip
    blocks = [["given", "surname"], ["born"], ["postcode", "surname"], ["postcode", "given"], ["street", "number"]]
    certain = [["given", "surname", "born"], ["street", "number", "born"]]
    if with_id:
        comparisons.append(library.DamerauLevenshteinAtThresholds("id", [1, 2]))
        blocks.append(["id"])
        certain.append(["id"])
    return plain(left, right, comparisons, blocks, [["born"], ["postcode"]], certain)


def city(left: pl.DataFrame, right: pl.DataFrame, with_id: bool) -> Link:
    """People of the made-up city."""
    comparisons = [
        library.ExactMatch("family").configure(term_frequency_adjustments=True),
        library.JaroWinklerAtThresholds("given", [0.9, 0.7]).configure(term_frequency_adjustments=True),
        library.DamerauLevenshteinAtThresholds("born", [1, 2]), library.ExactMatch("sex"),
        library.DamerauLevenshteinAtThresholds("phone", [1]), library.ExactMatch("division"),
        library.JaroWinklerAtThresholds("street", [0.95, 0.88]),
    ]  # fmt: skip
    blocks = [["name", "year"], ["phone"], ["born", "sex", "division"], ["born", "family"], ["born", "street"]]
    certain = [["name", "born"], ["phone", "born"]]
    if with_id:
        comparisons.append(library.DamerauLevenshteinAtThresholds("id", [1, 2]))
        blocks.append(["id"])
        certain.append(["id"])
    return plain(left, right, comparisons, blocks, [["born"], ["name"], ["phone"]], certain)
