"""Writes the SQL that is run: the question's cells person by person, then the city's rules, then what was asked.

No cell passes without its count of distinct persons, and nothing after `released` can see a cell that was not.
"""

from collections.abc import Iterable, Iterator, Mapping

from federation.privacy.measures import Measure
from federation.privacy.question import Question, Source
from federation.privacy.rules import Rules
from federation.privacy.tree import quoted, text


def emit(question: Question, orgs: Iterable[str], rules: Rules) -> str:
    """DuckDB SQL over the pool tables by name, for the rows of `orgs` (org_code of the sites that are in)."""
    steps = {
        "asked": _asked(question, sorted(orgs)),
        "persons": _persons(question),
        **_distincts(question, rules),
        "cells": _cells(question, rules),
        "released": _released(question, rules),
    }
    told = ",\n".join(f"{name} AS ({sql})" for name, sql in steps.items())
    outputs = ", ".join(f"{sql} AS {quoted(name)}" for sql, name in question.outputs)
    where = f"\nWHERE {question.having}" if question.having else ""
    order = f"\nORDER BY {question.order}" if question.order else ""
    return f"WITH {told}\nSELECT {outputs} FROM released{where}{order}\n{question.limit}".rstrip()


def months(question: Question, orgs: Iterable[str], rules: Rules, dated: Mapping[str, str]) -> str:
    """First and last month in which the sites that are in have rows of k persons; empty SQL for an undated table."""
    source = next((one for one in question.sources if one.table in dated and one.person), None)
    if source is None:
        return ""
    when, person = quoted(dated[source.table]), quoted(str(source.person))
    table, where = quoted(source.table), _of(sorted(orgs))
    return (
        f"SELECT strftime(min(m), '%Y-%m'), strftime(max(m), '%Y-%m') "
        f"FROM (SELECT date_trunc('month', {when}) AS m FROM {table} "
        f"WHERE {where} AND {when} IS NOT NULL GROUP BY 1 HAVING count(DISTINCT {person}) >= {rules.k})"
    )


def _of(orgs: list[str]) -> str:
    inside = f"org_code IN ({', '.join(text(org) for org in orgs)})" if orgs else "FALSE"
    return f"{inside} AND NOT coalesce(deleted, FALSE)"


def _source(source: Source, orgs: list[str]) -> str:
    columns = {*source.columns, *([source.person] if source.person else []), "org_code"}
    listed = ", ".join(quoted(name) for name in sorted(columns))
    return f"(SELECT {listed} FROM {quoted(source.table)} WHERE {_of(orgs)}) AS {quoted(source.alias)}"


def _asked(question: Question, orgs: list[str]) -> str:
    first, *joined = question.sources
    person = f"{quoted(first.alias)}.{quoted(str(first.person))}"
    values = [f"{one.value} AS v{at}" for at, one in enumerate(question.measures) if one.value]
    listed = ", ".join([*(f"{key} AS k{at}" for at, key in enumerate(question.keys)), f"{person} AS person", *values])
    joins = "".join(f" JOIN {_source(one, orgs)} ON {one.on}" for one in joined)
    where = f" AND {question.where}" if question.where else ""
    return f"SELECT {listed} FROM {_source(first, orgs)}{joins} WHERE {person} IS NOT NULL{where}"


def _keys(question: Question, prefix: str = "") -> list[str]:
    return [f"{prefix}k{at}" for at in range(len(question.keys))]


def _grouped(columns: list[str]) -> str:
    return f" GROUP BY {', '.join(columns)}" if columns else ""


def _persons(question: Question) -> str:
    keys = [*_keys(question), "person"]
    parts = [*keys, "count(*) AS n"]
    for at, one in enumerate(question.measures):
        parts += _person_parts(at, one)
    return f"SELECT {', '.join(parts)} FROM asked{_grouped(keys)}"


def _person_parts(at: int, one: Measure) -> Iterator[str]:
    if not one.value:
        return
    entering = f"v{at} IS NOT NULL" + (f" AND v{at} <> 0" if one.zero_is_out else "")
    yield f"count(*) FILTER (WHERE {entering}) AS n{at}"
    if one.kind in {"sum", "mean"}:
        yield f"count(v{at}) AS d{at}"
        yield f"sum(v{at}) AS s{at}"
        yield f"sum(abs(CAST(v{at} AS DOUBLE))) AS w{at}"


def _distincts(question: Question, rules: Rules) -> dict[str, str]:
    """Distinct values do not add up over persons: each such measure has a step of its own."""
    return {
        f"distinct{at}": _distinct(
            _keys(question), at, "" if one.of_token else f" HAVING count(DISTINCT person) >= {rules.k}"
        )
        for at, one in enumerate(question.measures)
        if one.kind == "distinct"
    }


def _distinct(keys: list[str], at: int, having: str) -> str:
    """How many values a cell has. A value of few persons is not counted: counting it would tell that it is there.

    A token is always one person's, and says nothing about whose; all of them are counted.
    """
    values = f"SELECT {', '.join([*keys, f'v{at}'])} FROM asked WHERE v{at} IS NOT NULL"
    each = f"{values} GROUP BY {', '.join([*keys, f'v{at}'])}{having}"
    return f"SELECT {', '.join([*keys, f'count(*) AS u{at}'])} FROM ({each}){_grouped(keys)}"


def _cells(question: Question, rules: Rules) -> str:
    parts = [*_keys(question), "count(*) AS persons", "sum(n) AS n"]
    for at, one in enumerate(question.measures):
        if one.value:
            parts += [f"sum(n{at}) AS n{at}", f"count(*) FILTER (WHERE n{at} > 0) AS p{at}"]
            parts += [f"count(*) FILTER (WHERE {_left_out(at, one)}) AS r{at}"]
        if one.kind in {"sum", "mean"}:
            parts += [
                f"sum(d{at}) AS d{at}",
                f"sum(s{at}) AS s{at}",
                f"max(w{at}) / nullif(sum(w{at}), 0) AS share{at}",
                f"count(*) FILTER (WHERE d{at} < n) AS e{at}",
            ]
    return f"SELECT {', '.join(parts)} FROM persons{_grouped(_keys(question))} HAVING count(*) >= {rules.k}"


def _left_out(at: int, one: Measure) -> str:
    """Who is on the other side: persons with a row that does not enter; for a count of persons, those not counted."""
    return f"n{at} = 0" if one.kind == "persons" else f"n{at} < n"


def _released(question: Question, rules: Rules) -> str:
    parts = _keys(question, "cells.")
    joins = ""
    for at, one in enumerate(question.measures):
        parts.append(f"CASE WHEN {_may(at, one, rules)} THEN {_value(at, one)} END AS m{at}")
        if one.kind == "distinct":
            same = [f"cells.{key} IS NOT DISTINCT FROM distinct{at}.{key}" for key in _keys(question)]
            joins += f" LEFT JOIN distinct{at} ON {' AND '.join(same) or 'TRUE'}"
    return f"SELECT {', '.join(parts)} FROM cells{joins}"


def _may(at: int, one: Measure, rules: Rules) -> str:
    """Enough persons on both sides of a condition, and nobody who makes up most of a sum.

    Nobody on the other side is as good as few: "all but nobody" would tell that nobody is there. A column without a
    gap is shown. A sum over its mean is the number of values, so persons without a value are few or many there too.
    """
    if not one.value:
        return "TRUE"
    conditions = [f"p{at} >= {rules.k}"]
    if one.counts_if:
        conditions.append(f"r{at} >= {rules.k}" if one.by_condition else f"(r{at} = 0 OR r{at} >= {rules.k})")
    if one.kind in {"sum", "mean"}:
        conditions.append(f"(e{at} = 0 OR e{at} >= {rules.k})")
        conditions.append(f"coalesce(share{at}, 0) <= {rules.dominance}")
    return " AND ".join(conditions)


def _value(at: int, one: Measure) -> str:
    return {
        "rows": "CAST(n AS BIGINT)",
        "values": f"CAST(n{at} AS BIGINT)",
        "persons": f"p{at}",
        "distinct": f"u{at}",
        "sum": f"s{at}",
        "mean": f"CAST(s{at} AS DOUBLE) / d{at}",
    }[one.kind]
