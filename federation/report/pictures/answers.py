"""What can the pool be asked? Example questions with their SQL, their answer, and what was held back."""

from federation.report.both import Both, Lang, count
from federation.report.drawing import Drawing
from federation.report.facts import Answer, Facts
from federation.report.pictures.bars import Bar, Group, bars
from federation.report.pictures.picture import Picture, Twin

SHOWN = 12  # rows drawn of an answer
HUE = "#0072b2"


def draw(facts: Facts, lang: Lang) -> Drawing | None:
    """The first number of each row as a bar, each question on its own scale; None where no answer has one."""
    groups = [_group(answer, lang) for answer in facts.answers]
    about = Both("查询示例", "Example answers of the pool").of(lang)
    full = [group for group in groups if group.bars]
    return bars(full, about, full=1.0) if full else None


def _group(answer: Answer, lang: Lang) -> Group:
    table = answer.table
    numbers = [name for name, dtype in table.schema.items() if dtype.is_numeric()]
    labels = [name for name in table.columns if name not in numbers]
    heading = answer.question.of(lang)
    if not numbers or not labels:
        return Group(heading, ())

    most = max((float(size) for size in table[numbers[0]].drop_nulls()), default=0.0) or 1.0

    def bar(row: dict[str, object]) -> Bar:
        label = " · ".join(str(row[name]) for name in labels)
        number = row[numbers[0]]
        size = float(str(number)) if number is not None else 0.0
        note = count(int(size)) if size.is_integer() else f"{size:,.2f}"
        return Bar(label, ((size / most, HUE, f"{label}: {note}"),), note)

    return Group(heading, tuple(map(bar, table.head(SHOWN).iter_rows(named=True))))


def reading(facts: Facts) -> Both:
    """How much there is to ask, and what was held back from the first answer."""
    if not facts.answers:
        return Both("尚未向数据池提问。", "The pool has not been asked anything yet.")
    rows, persons = count(facts.pooled_rows), count(facts.persons)
    holds = Both(f"数据池现有 {rows} 行、{persons} 人。", f"The pool holds {rows} rows of {persons} persons.")
    return holds + facts.answers[0].note


def twin(facts: Facts) -> Twin:
    """The first answer as it came; the page shows the others and the SQL below it."""
    if not facts.answers:
        return Twin((), ())
    table = facts.answers[0].table
    return Twin(
        [Both(name, name) for name in table.columns],
        [
            tuple(cell if isinstance(cell, (str, int, float)) or cell is None else str(cell) for cell in row)
            for row in table.iter_rows()
        ],
    )


PICTURE = Picture(
    name="answers",
    title=Both("数据池能回答什么", "What the pool can answer"),
    question=Both(
        "离开中心的一次查询结果，人数过少的组不显示。", "An answer as it leaves the centre; small groups are held back."
    ),
    draw=draw,
    reading=reading,
    twin=twin,
)
