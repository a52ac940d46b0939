"""What mandates asked and what came, as `guantong score delay` shows it: sites in sum, then table by table."""

from typing import TYPE_CHECKING

from federation.cli.output import answer

if TYPE_CHECKING:
    import polars as pl


def show_sums(found: "pl.DataFrame", limit: int) -> None:
    """Columns SUMS, at most `limit` of them."""
    from federation.cli.score.cards import points, table_of

    table = table_of(
        "month\n月份", "mandate\n任务", "site\n机构", "due\n截止", "tables\n应报表", "in time\n按时", "late\n迟报",
        "absent\n缺报", "short\n偏少", "not due\n未到期", "latest by days\n最迟天数", "score\n得分", "at least\n要求",
    )  # fmt: skip
    for row in found.head(limit).iter_rows(named=True):
        score, least = row["score"], row["at_least"]
        said = "–" if score is None else points(score)
        table.add_row(
            f"{row['month']:%Y-%m}", row["mandate"], row["org_code"], str(row["due"]),
            *(_count(row[name]) for name in ("tables", "in_time", "late", "absent", "short", "open", "days_late")),
            f"{said} ✗" if row["below"] else said, "" if least is None else points(least),
        )  # fmt: skip
    if found.height:
        answer.print(table)
    if found.height > limit:
        answer.print(
            f"{found.height - limit} more; --limit shows them. 另有 {found.height - limit} 项，用 --limit 显示"
        )


def _count(number: int | None) -> str:
    return str(number) if number else "·"


def show_tasks(found: "pl.DataFrame", number: int, every: bool, limit: int) -> None:
    """Columns MANDATED, at most `limit` of them; `number` is how many were asked, `every` whether all are listed."""
    from federation.cli.score.cards import table_of
    from federation.quality.due import COMPLETE, SHORT, State
    from federation.report.small import FEW

    if found.is_empty():
        answer.print(
            "Nothing is late, absent or short. 没有迟报、缺报或偏少。" if number else "Nothing is asked. 无归集要求。"
        )
        return
    table = table_of(
        "month\n月份", "site\n机构", "table\n共享表", "due\n截止", "first\n首批", "complete\n报齐",
        "days late\n迟报天数", "in time / rows\n按时 / 条数", "usual\n平常", "standing\n结论",
    )  # fmt: skip
    for row in found.head(limit).iter_rows(named=True):
        state = State(row["state"])
        rows = FEW.en if row["small"] else f"{'–' if row['in_time'] is None else row['in_time']} / {row['rows']}"
        short = " short 偏少" if row["short"] else ""
        table.add_row(
            f"{row['month']:%Y-%m}", row["org_code"], row["table"], str(row["due"]), str(row["first"] or "–"),
            str(row["complete"] or "–"), _count(row["days_late"]), rows,
            "" if row["usual"] is None else f"{row['usual']:.0f}", f"{state} {state.zh}{short}",
        )  # fmt: skip
    answer.print(table)
    if found.height > limit:
        answer.print(
            f"{found.height - limit} more; --limit shows them. 另有 {found.height - limit} 项，用 --limit 显示"
        )
    answer.print(
        f"Complete: since {100 * COMPLETE:.0f}% of the rows that stand now had come; short: under {100 * SHORT:.0f}% "
        f"of the middle of three months.{'' if every else ' --all shows those in time as well.'}\n"
        f"报齐：现有记录的{100 * COMPLETE:.0f}%已到达；偏少：不足前三月中位的{100 * SHORT:.0f}%。"
        f"{'' if every else '用 --all 含按时。'}",
        soft_wrap=True,
    )


def _more(number: int) -> None:
    answer.print(f"{number} more; --limit shows them. 另有 {number} 项，用 --limit 显示")
