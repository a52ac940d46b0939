"""A cause of failing rows in words: which rows, since when, how much it explains, how the cells are written."""

from collections.abc import Mapping

from federation.quality.causes.cause import Cause
from federation.quality.causes.look import Look
from federation.quality.finding import percent
from federation.report.both import Both

SCATTERED = Both("其余零散，未见共同原因", "the rest, scattered: nothing in common")
EVERY = Both("所有记录", "every row")


def because(cause: Cause, files: Mapping[str, str]) -> Both:
    """Which rows they are; `files` are names of files by their marks."""
    if not cause.conditions:
        return EVERY
    return Both(
        "，".join(each.zh(files) for each in cause.conditions), ", ".join(each.en(files) for each in cause.conditions)
    )


def how_much(cause: Cause) -> Both:
    """How many of the rows fail, and how much oftener than others."""
    rows = f"{cause.failed:,} / {cause.asked:,}"
    share = percent(cause.failed, cause.failed + cause.others_failed)
    rate, others = percent(cause.failed, cause.asked), percent(cause.others_failed, cause.others_asked)
    if not cause.others_asked:
        return Both(f"{rows} 条不合格（{rate}）", f"{rows} rows fail ({rate})")
    return Both(
        f"{rows} 条不合格（{rate}），其他记录为{others}；占全部不合格的{share}",
        f"{rows} rows fail ({rate}; of all others {others}); {share} of all failures",
    )


def written(cause: Cause) -> Both:
    """How the checked cells look in the failing rows; nothing where there is nothing to tell."""
    told = Both("", "")
    for each in cause.looks:
        told += _look(each)
    return told


def _look(look: Look) -> Both:
    share = f"{100 * look.share:.0f}%"
    usual = Both(f"（其他记录多为{look.elsewhere}）", f" (elsewhere mostly {look.elsewhere})")
    usual = usual if look.elsewhere is not None else Both("", "")
    return Both(f"{look.condition.zh({})}：{share}{usual.zh}。", f"{look.condition.en({})}: {share}{usual.en}.")
