"""Where is it bad? Sites by kind of check, a cell the share that failed; dark is bad, empty was not asked.

The shades are those of the report's heat map: they mean the same in every month and city.
"""

from federation.quality.finding import percent
from federation.report.both import LANGS, NO_EVIDENCE, Both, count
from federation.report.bulletin import KIND_NAMES, Bulletin
from federation.report.drawing import EMPTY, INK, SOFT
from federation.report.paper import Part, Titled
from federation.report.pictures.grid import Cell, grid
from federation.report.pictures.heat import STEPS, shade
from federation.report.pictures.picture import Twin
from federation.report.pictures.rows import Site
from federation.report.small import FEW, asked_of, failed_of

LEGEND = (
    *((fill, Both(label, label)) for _, fill, label in STEPS),
    (EMPTY, NO_EVIDENCE),
)
DARK = {STEPS[-1][1], STEPS[-2][1]}


def part(bulletin: Bulletin) -> Part:
    """The chapter."""
    cells = {(row["site"], row["kind"]): row for row in bulletin.kinds.iter_rows(named=True)}
    kinds = list(KIND_NAMES)

    def cell(site: Site, place: int) -> Cell:
        return _cell(cells.get((site.site, kinds[place].value)))

    about = Both("机构与规则类别热力图", "Heat map of sites and kinds of check")
    drawn = {lang: grid(bulletin.sites, list(KIND_NAMES.values()), cell, lang, about, LEGEND) for lang in LANGS}
    return Part(
        "kinds",
        Both("三、问题分布", "3. Where it is bad"),
        Both(
            "格内为不合格占比，颜色越深问题越多；填写、格式、值域、关联、推算、唯一、数值、时间八类规则。",
            "A cell holds the share that failed, the darker the more; eight kinds of check.",
        ),
        _reading(bulletin),
        drawn,
        [Titled(_twin(bulletin, cells), Both("问题分布", "Kinds of check"), is_open=False)],
    )


def _cell(row: dict[str, object] | None) -> Cell:
    if row is None:
        return Cell("–", EMPTY, NO_EVIDENCE, SOFT, dashed=True)
    asked, failed = asked_of(row), failed_of(row)
    if isinstance(failed, Both) or isinstance(asked, Both):
        tip = Both("计数过小，不显示", "too few to tell")
        return Cell(failed.zh if isinstance(failed, Both) else "", "#ffffff", tip, SOFT, dashed=True)
    fill = shade(failed, asked)
    tip = Both(f"{count(asked)} 项中 {count(failed)} 项不合格", f"{count(failed)} of {count(asked)} failed")
    return Cell(percent(failed, asked) if failed else "0", fill, tip, "#ffffff" if fill in DARK else INK)


def _reading(bulletin: Bulletin) -> Both:
    told = bulletin.kinds.drop_nulls("failed")
    if told.is_empty():
        return Both("本月无可判断的数据。", "Nothing of the month can be judged.")
    worst = told.sort(told["failed"] / told["asked"], descending=True).row(0, named=True)
    name, kind = bulletin.names[worst["site"]], next(each for each in KIND_NAMES if each.value == worst["kind"])
    share, words = percent(worst["failed"], worst["asked"]), KIND_NAMES[kind]
    if not worst["failed"]:
        return Both("本月已检查的内容全部合格。", "All that was asked this month is right.")
    failed, asked = count(worst["failed"]), count(worst["asked"])
    return Both(
        f"最突出：{name.zh}的“{words.zh}”类，{asked} 项中 {failed} 项不合格（{share}）。",
        f"Worst: `{words.en}` at {name.en}, {failed} of {asked} failed ({share}).",
    )


def _twin(bulletin: Bulletin, cells: dict[tuple[str, str], dict[str, object]]) -> Twin:
    heads = (
        Both("机构", "Site"),
        Both("类别", "Kind"),
        Both("不合格率", "Share failed"),
        Both("应查", "Asked"),
        Both("不合格", "Failed"),
    )
    rows = [
        (site.name, KIND_NAMES[kind], *_numbers(cells.get((site.site, kind.value))))
        for site in bulletin.sites
        for kind in KIND_NAMES
    ]
    return Twin(heads, rows, right=3)


def _numbers(row: dict[str, object] | None) -> tuple[Both | str | int, Both | int, Both | int]:
    if row is None:
        return NO_EVIDENCE, 0, 0
    asked, failed = asked_of(row), failed_of(row)
    if isinstance(asked, Both) or isinstance(failed, Both):
        return FEW if not row["most"] else failed, asked, failed
    return percent(failed, asked), asked, failed
