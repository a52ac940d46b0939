"""Two sites' records in clear text, compared pair by pair: how probable it is that both are about one person.

In memory only: the database opens no file and no network. The same records give the same probabilities.
"""

import logging
import warnings
from collections.abc import Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import polars as pl

from federation.errors import BadInput, Unavailable
from federation.linkage.clear.keys import agreeing, keyed, pairs
from federation.linkage.clear.model import Comparison, Model, city_model
from federation.linkage.clear.people import people
from federation.linkage.edge import EDGES

HOW = "clear"
LEAST = 0.001  # pairs less probable than this are not told
DIGITS = 9  # of a probability: sums of two runs may differ further behind, as threads add in any order
ENOUGH = 1_000  # records of a site, and pairs of a rule, from which something is learned
SAMPLED = 3_000_000  # random pairs to see how often strangers agree
TRAINED = 1_000_000  # pairs of a rule that are learned from
SEED = 20261128
Known = tuple[pl.DataFrame, pl.DataFrame]  # NORMAL and NORMAL_NUMBERS of one site


def clear(left: Known, right: Known, model: Model | None = None) -> pl.DataFrame:
    """EDGES between two sites' normalised persons and numbers; `model` is the city's unless another is given.

    Raises BadInput for records that are not there once each, Unavailable where the extra `linkage` is missing.
    """
    return linked(people(*left), people(*right), model or city_model())


def linked(left: pl.DataFrame, right: pl.DataFrame, model: Model) -> pl.DataFrame:
    """EDGES between two frames with `site`, `record` and the model's columns (String): pairs that may be one person.

    `left` is of the left frame. A record may be in several; `federation.linkage.partition` makes persons of them.
    Sorted by left, then right record.
    """
    for rows in (left, right):
        _checked(rows, model)
    if not left.height or not right.height:
        return pl.DataFrame(schema=EDGES)
    keys = keyed(*keyed(left, right, model.blocks, "block"), model.training, "training")
    if not any(pairs(*keys, f"block_{n}") for n in range(len(model.blocks))):
        return pl.DataFrame(schema=EDGES)
    found = _predicted(*keys, model)
    names = left.select(left="record", left_site="site"), right.select(right="record", right_site="site")
    told = (
        found.join(names[0], on="left")
        .join(names[1], on="right")
        .with_columns(pl.lit(HOW).alias("how"), pl.col("score").round(DIGITS))
    )
    return told.select(list(EDGES)).cast(EDGES).sort("left", "right")


def _checked(rows: pl.DataFrame, model: Model) -> None:
    missing = [name for name in ("site", "record", *model.columns) if name not in rows.columns]
    if missing:
        raise BadInput(f"The records lack what model {model.version} compares: {', '.join(missing)}. Add the columns.")
    if rows["record"].null_count() or rows["record"].n_unique() != rows.height:
        raise BadInput("A record stands in the frame twice, or has no name. Give each record of a site once.")


def _predicted(left: pl.DataFrame, right: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Columns left, right, score. Raises BadInput where the database refuses the model's conditions, Unavailable."""
    engine = _engine()
    with engine.duckdb.connect(":memory:") as base, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its advice to whoever writes models
        base.execute("SET enable_external_access = false; SET lock_configuration = true")
        try:
            return _asked(engine, base, left, right, model)
        except (engine.exceptions.SplinkException, engine.duckdb.Error) as error:
            kind = type(error.__cause__ or error).__name__  # its text can hold values
            if kind == "OutOfMemoryException":
                raise Unavailable("These records do not fit into memory together. Link fewer at a time.") from None
        raise BadInput(f"Model {model.version} cannot be asked: its conditions end in {kind}. Mend the model file.")


def _asked(engine: Any, base: Any, left: pl.DataFrame, right: pl.DataFrame, model: Model) -> pl.DataFrame:
    api = engine.splink.DuckDBAPI(base)
    tables = [
        api.register(rows.rename({"record": "unique_id"}).to_arrow(), dataset_display_name=name)
        for name, rows in (("a_left", left), ("b_right", right))
    ]
    settings = _settings(engine.splink, model, _prior(left, right, model))
    linker = engine.splink.Linker(tables, settings, log_level=logging.ERROR)
    _learn(engine, linker, left, right, model)
    told = linker.inference.predict(threshold_match_probability=LEAST)
    found: pl.DataFrame = base.sql(
        f"SELECT unique_id_l AS left, unique_id_r AS right, match_probability AS score FROM {told.physical_name}"
    ).pl()
    return found


def _engine() -> Any:
    """The modules `splink`, `duckdb` and splink's `exceptions`."""
    try:
        import duckdb
        import splink
        from splink.internals import exceptions
    except ImportError as error:
        raise Unavailable(
            "Linkage in clear text needs the extra `linkage`. Install it: pip install 'guantong[linkage]'."
        ) from error
    logging.getLogger("splink").setLevel(logging.ERROR)
    return SimpleNamespace(splink=splink, duckdb=duckdb, exceptions=exceptions)


def _prior(left: pl.DataFrame, right: pl.DataFrame, model: Model) -> float:
    """The share of all pairs that are one person: those that agree on what makes it certain, over what that finds."""
    keys = keyed(left, right, model.certain, "certain")
    likely = agreeing(*keys, [f"certain_{n}" for n in range(len(model.certain))]) / model.found
    most = min(left.height, right.height)
    # Never none, never more than there can be, and never sure before anything is compared.
    return float(min(max(likely, 0.5), most - 0.5) / (left.height * right.height))


def _settings(splink: Any, model: Model, prior: float) -> Any:
    return splink.SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison(each) for each in model.comparisons],
        blocking_rules_to_generate_predictions=[splink.block_on(f"block_{n}") for n in range(len(model.blocks))],
        probability_two_random_records_match=prior,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def _comparison(said: Comparison) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [{"sql_condition": said.unknown, "is_null_level": True}]
    for level in said.levels:
        told = {"sql_condition": level.when, "m_probability": level.m, "u_probability": level.u}
        if level.fixed:
            told["fix_u_probability"] = True
        if level.frequency:
            told |= {"tf_adjustment_column": level.frequency, "disable_tf_exact_match_detection": True}
        levels.append(told)
    return {"output_column_name": said.name, "comparison_levels": levels}


def _learn(engine: Any, linker: Any, left: pl.DataFrame, right: pl.DataFrame, model: Model) -> None:
    """First how often strangers agree, then how often the same person does. Small registers teach nothing."""
    if min(left.height, right.height) < ENOUGH:
        return
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=SEED)
    for number, rule in enumerate(model.training):
        if pairs(left, right, f"training_{number}") >= ENOUGH:
            # Of pairs that all agree in the same way nothing can be learned; then what the model says stands.
            with suppress(engine.exceptions.EMTrainingException):
                linker.training.estimate_parameters_using_expectation_maximisation(
                    _rule(rule, f"training_{number}"), max_pairs=TRAINED
                )


def _rule(columns: Sequence[str], key: str) -> str:
    """The columns by name, so that what they make equal is not learned; and the key, which is never crowded."""
    return " AND ".join(f"l.{name} = r.{name}" for name in (*columns, key))
