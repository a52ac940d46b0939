"""What can the pool be asked? Example questions with their SQL, their answer, and what was held back."""

from datetime import datetime, time

from federation.report.both import Both, Lang, count
from federation.report.drawing import Drawing
from federation.report.facts import Answer, Facts
from federation.report.pictures.bars import Bar, Group, bars
from federation.report.pictures.picture import Picture, Twin
from federation.report.pictures.rows import names

SHOWN = 12  # rows drawn of an answer
HUE = "#0072b2"


def draw(facts: Facts, lang: Lang) -> Drawing | None:
    """The first number of each row as a bar, each question on its own scale; None where no answer has one."""
    groups = [_group(answer, names(facts), lang) for answer in facts.answers]
    about = Both("查询示例", "Example answers of the pool").of(lang)
    full = [group for group in groups if group.bars]
    return bars(full, about, full=1.0) if full else None


def _group(answer: Answer, known: dict[str, Both], lang: Lang) -> Group:
    table = answer.table
    numbers = [name for name, dtype in table.schema.items() if dtype.is_numeric()]
    labels = [name for name in table.columns if name not in numbers]
    heading = answer.question.of(lang)
    if table.height > SHOWN:
        heading += Both(f"（前 {SHOWN} 行，共 {table.height} 行）", f" (first {SHOWN} of {table.height} rows)").of(lang)
    if not numbers or not labels:
        return Group(heading, ())

    most = max((float(size) for size in table[numbers[0]].drop_nulls()), default=0.0) or 1.0

    def bar(row: dict[str, object]) -> Bar:
        label = " · ".join(_said(row[name], known, lang) for name in labels)
        number = row[numbers[0]]
        size = float(str(number)) if number is not None else 0.0
        note = count(int(size)) if size.is_integer() else f"{size:,.2f}"
        return Bar(label, ((size / most, HUE, f"{label}: {note}"),), note)

    return Group(heading, tuple(map(bar, table.head(SHOWN).iter_rows(named=True))))


def _said(value: object, known: dict[str, Both], lang: Lang) -> str:
    """A site by its name, a midnight as its day, everything else as it came."""
    if isinstance(value, datetime) and value.time() == time():
        return str(value.date())
    return known[str(value)].of(lang) if str(value) in known else str(value)


def reading(facts: Facts) -> Both:
    """How much there is to ask, and how many of the questions were answered."""
    if not facts.answers:
        return Both("尚未向数据池提问。", "The pool has not been asked anything yet.")
    rows, persons, asked = count(facts.pooled_rows), count(facts.persons), len(facts.answers)
    told = sum(answer.table.width > 0 for answer in facts.answers)
    return Both(
        f"数据池现有 {rows} 行、{persons} 人；{asked} 个示例问题中 {told} 个得到回答，其余被拒绝。",
        f"The pool holds {rows} rows of {persons} persons; {told} of {asked} example questions were answered, "
        "the others refused.",
    )


def table_of(answer: Answer) -> Twin:
    """An answer as it came; the page shows it under its question, SQL and note."""
    table = answer.table
    right = 0
    for dtype in reversed(table.dtypes):
        if not dtype.is_numeric():
            break
        right += 1
    rows = [
        tuple(cell if isinstance(cell, (str, int, float)) or cell is None else str(cell) for cell in row)
        for row in table.iter_rows()
    ]
    return Twin([Both(name, name) for name in table.columns], rows, right)


def twin(_: Facts) -> Twin:
    """Nothing: every answer has a table of its own."""
    return Twin((), ())


PICTURE = Picture(
    name="answers",
    title=Both("数据池能回答什么", "What the pool can answer"),
    question=Both(
        "离开中心的查询结果，人数过少的组不显示。", "Answers as they leave the centre; small groups are held back."
    ),
    draw=draw,
    reading=reading,
    twin=twin,
)
