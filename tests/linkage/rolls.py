"""Rolls drawn small for the tests of this folder: records are `A1`, whose site is the letter; edges `A1-B1 0.9`."""

import polars as pl

from federation.linkage.change import Change
from federation.linkage.decision import DECISIONS
from federation.linkage.edge import EDGES, PAIR
from federation.linkage.roll import CONFLICTS


def names(text):
    """`A1 B1` as a frame of site and record."""
    return pl.DataFrame(
        [(name[0], name) for name in text.split()], {"site": pl.String, "record": pl.String}, orient="row"
    )


def pair(text):
    left, right = text.split("-")
    return left[0], left, right[0], right


def edges(text):
    """`A1-B1 0.9, B1-C1 0.8` as EDGES."""
    told = [line.split() for line in text.split(",") if line.strip()]
    return pl.DataFrame([(*pair(ends), float(score), "private") for ends, score in told], EDGES, orient="row")


def decisions(text):
    """`d1 A1-B1 same, d2 A1-C1 different` as DECISIONS."""
    told = [line.split() for line in text.split(",") if line.strip()]
    return pl.DataFrame([(name, *pair(ends), verdict) for name, ends, verdict in told], DECISIONS, orient="row")


def conflicts(text):
    """`A1-B1 A1-C1` as pairs."""
    return pl.DataFrame([pair(ends) for ends in text.split()], CONFLICTS, orient="row").select(PAIR)


def change(came="", told="", left="", decided="", lifted=(), apart="", numbers=None):
    """A Change; `numbers`: record -> one letter that stands for a resident id."""
    arrived = names(came)
    if numbers:
        tokens = [numbers[name].encode() * 16 if name in numbers else None for name in arrived["record"]]
        arrived = arrived.with_columns(number=pl.Series(tokens, dtype=pl.Binary))
    return Change(arrived, names(left), edges(told), decisions(decided), frozenset(lifted), conflicts(apart))


def groups(roll):
    """The persons as a set of texts: `{"A1 B1", "C1"}`."""
    held = roll.persons.group_by("person").agg(pl.col("record").sort())
    return {" ".join(each) for each in held["record"]}


def called(roll):
    """Record -> person."""
    return dict(roll.persons.select("record", "person").iter_rows())
