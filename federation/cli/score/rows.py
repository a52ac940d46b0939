"""What `guantong score --check ID --explain` shows: the likely causes, and under each of them rows that failed."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from federation.cli.output import answer, show_json

if TYPE_CHECKING:
    import polars as pl

    from federation.node.causes import SiteCauses
    from federation.node.home import Home
    from federation.node.journal import BatchRow
    from federation.quality.causes.cause import Cause, Causes
    from federation.quality.check import Check

HEADS = {"columns": "columns\n字段", "slip": "likely\n疑为", "values": "values\n原值", "meant": "meant\n应为"}


def show_rows(
    home: "Home", recorded: "Sequence[BatchRow]", chosen: "Sequence[Check]", month: date | None, limit: int, raw: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Site by site: what the failing rows of each check have in common, and at most `limit` rows of each cause."""
    from federation.node.causes import site_causes

    told: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for site, own in groupby(recorded, key=lambda batch: batch.site):
        found = site_causes(home, site, list(own), chosen, month)
        for each in found.causes:
            of_check = found.rows(each, limit, raw, month)
            told += [as_told(site, each, one, found.files) for one in [*each.found, None]]
            rows += of_check.to_dicts()
            if not as_json:
                _show(found, each, of_check)
    if as_json:
        show_json({"causes": [each for each in told if each["failed"]], "rows": rows})
    elif not told:
        answer.print("No row failed. 没有不合格记录")


def as_told(site: str, of: "Causes", cause: "Cause | None", files: dict[str, str]) -> dict[str, Any]:
    """One cause for programs; None is what is left, scattered."""
    from federation.quality.causes.who import who
    from federation.report.because import SCATTERED, because, how_much, written

    likely = who(of.check, cause)
    about = {"site": site, "check": of.check.id, "who": likely, "who_zh": likely.zh}
    if cause is None:
        return about | {
            "cause": None, "en": SCATTERED.en, "zh": SCATTERED.zh, "failed": of.unexplained,
            "share": of.unexplained / of.failed if of.failed else None, "conditions": [],
        }  # fmt: skip
    words, much, looks = because(cause, files), how_much(cause), written(cause)
    return about | {
        "cause": of.found.index(cause) + 1,
        "en": words.en,
        "zh": words.zh,
        "asked": cause.asked,
        "failed": cause.failed,
        "share": cause.share,
        "rate": cause.rate,
        "lift": cause.lift,
        "conditions": [
            {"column": each.attribute.column, "kind": each.attribute.kind, "how": each.how, "value": each.value,
             "last": each.last}
            for each in cause.conditions
        ],
        "how_much": {"en": much.en, "zh": much.zh},
        "looks": {"en": looks.en, "zh": looks.zh},
    }  # fmt: skip


def _show(found: "SiteCauses", of: "Causes", rows: "pl.DataFrame") -> None:
    from rich.markup import escape

    from federation.cli.score.cards import table_of
    from federation.node.causes import CAUSE
    from federation.quality.explain import KEYS

    check = of.check
    _say(f"{found.site}  {check.id}  {check.means} {check.zh}  {of.failed:,} / {of.asked:,}")
    for number in [*range(1, len(of.found) + 1), None]:
        here = rows.filter(rows[CAUSE].is_null() if number is None else rows[CAUSE] == number)
        if here.height:
            _cause(found, of, number)
            own = here.drop(*KEYS, "check", "table", CAUSE)
            more = [each.name for each in own if each.name not in HEADS or each.drop_nulls().len()]
            table = table_of("file:position\n文件:位置", "record\n记录", *(HEADS.get(name, name) for name in more))
            for row in here.iter_rows(named=True):
                file = found.files.get(row["source_file"], row["source_file"])
                cells = [f"{file}:{row['source_position']}", row["record_id"], *(row[name] for name in more)]
                table.add_row(*(escape(each or "") for each in cells))
            answer.print(table)


def _cause(found: "SiteCauses", of: "Causes", number: int | None) -> None:
    from federation.quality.causes.who import who
    from federation.report.because import SCATTERED, because, how_much, written

    if number is None:
        _say(f"\n{SCATTERED.en} {SCATTERED.zh}: {of.unexplained:,} / {of.failed:,}")
        return
    cause = of.found[number - 1]
    words, much, looks, likely = because(cause, found.files), how_much(cause), written(cause), who(of.check, cause)
    _say(f"\n{number}. likely cause 可能原因: {words.en}  {words.zh}")
    _say(f"   {much.en}. {much.zh}。")
    if looks.en:
        _say(f"   {looks.en} {looks.zh}")
    _say(f"   likely 可能在: {likely.en}  {likely.zh}")


def _say(text: str) -> None:
    answer.print(text, markup=False, soft_wrap=True)
