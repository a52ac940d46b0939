"""What an answer must not be taken for: rows that are no persons, and persons that are not known to be one.

Says nothing about single cells, and never how many of them are hidden: that number would tell of small groups.
"""

from collections.abc import Iterator, Sequence

from federation.privacy.question import Question

_SOURCES = {
    "patient": (
        "A row of `patient` is what one site says of a person in one record, not a person.",
        "patient 表一行是一个机构的一条登记，不等于一个人。",
    ),
    "encounter": (
        "A row of `encounter` is a visit as one site recorded it: a stay that two sites report counts twice.",
        "encounter 表一行是一个机构记录的一次就诊，两个机构都上报的会计两次。",
    ),
}
_PERSONS = (
    "Without a valid identity number somebody seen at several sites counts once for each until linkage has run.",
    "无有效身份证件号者，在完成主索引关联之前，在不同机构会重复计数。",
)


def caveats(question: Question, asker: str, inside: Sequence[str], outside: Sequence[str]) -> tuple[str, ...]:
    """Sentences in both languages for the answer of `asker`; `inside` are the sites in it, `outside` the others."""
    return tuple(" ".join(pair) for pair in _pairs(question, asker, inside, outside))


def _pairs(question: Question, asker: str, inside: Sequence[str], outside: Sequence[str]) -> Iterator[tuple[str, str]]:
    kinds = {one.kind for one in question.measures}
    if kinds - {"persons"}:
        yield from (pair for table, pair in _SOURCES.items() if table in {one.table for one in question.sources})
    if "persons" in kinds or "patient" in question.used or len(inside) > 1:
        yield _PERSONS
    if asker in outside:
        yield (
            f"The rows of {asker} itself are not in it: at the site they need no contract, in the pool they do.",
            f"未包含 {asker} 自身的数据：在本机构内使用无需合约，经数据池则需要。",
        )
