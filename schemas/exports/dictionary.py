"""The data dictionary, in both languages, as one Markdown text derived from the tables and code lists."""

from collections.abc import Iterable, Iterator

from schemas.code_system import CodeSystem
from schemas.column import Column
from schemas.exports.arrow import arrow_type
from schemas.table import COMMON, Table
from schemas.version import SCHEMA_VERSION

LONGEST_SHOWN = 40  # longer lists are counted here and printed by `guantong export codes NAME`

HEAD = """# Data dictionary 数据字典

Written by `guantong export dictionary` from `schemas/`; do not edit. Schema version {version}.

Every table is flat. Times are the wall clock of the city (Asia/Shanghai), money is in yuan, codes are text.
`req` is counted by completeness checks and rejects nothing. `level` is the sensitivity after GB/T 39725, 1 to 5.
`leaves` says what may leave a site: as it is (`yes`), as a keyed token (`token`), or not at all (`no`).

所有表均为平面表；时间为本地时间（Asia/Shanghai），金额单位为元，代码一律为文本。
`req` 表示计入完整性检查，不作为退回条件；`level` 为 GB/T 39725 数据安全级别；`leaves` 表示能否离开机构：
`yes` 原值、`token` 加密标识、`no` 不离开。
"""
COLUMNS = "| column | 中文 | type | req | meaning | codes | level | leaves | element | FHIR R4 | OMOP 5.4 |\n"
RULE = "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"


def dictionary(tables: Iterable[type[Table]], systems: Iterable[CodeSystem]) -> str:
    """The whole dictionary: tables with their own columns, the columns all tables share, the code lists."""
    shared = "".join(_row(column) for column in _shared(COMMON))
    parts = [
        HEAD.format(version=SCHEMA_VERSION),
        *(_table(table) for table in tables),
        f"## Columns every table has 公共字段\n\n{COLUMNS}{RULE}{shared}",
        "## Code lists 代码集\n\nLonger lists are printed by `guantong export codes NAME`.\n\n" + _lists(systems),
    ]
    return "\n".join(parts)


def _shared(columns: dict[str, Column]) -> Iterator[Column]:
    for name, column in columns.items():
        yield Column(**{**vars(column), "name": name})


def _table(table: type[Table]) -> str:
    own = "".join(_row(column) for name, column in table.columns.items() if name not in COMMON)
    roles = "; ".join(
        f"{role} `{name}`" for role, name in (("dated by", table.when), ("of the person", table.person)) if name
    )
    targets = "; ".join(f"{kind} {name}" for kind, name in (("FHIR R4", table.fhir), ("OMOP 5.4", table.omop)) if name)
    facts = "; ".join(part for part in (targets, roles) if part)
    return f"## {table.name} {table.zh}\n\n{table.__doc__}\n\n{facts}.\n\n{COLUMNS}{RULE}{own}"


def _row(column: Column) -> str:
    cells = (
        f"`{column.name}`",
        column.zh,
        str(arrow_type(column.dtype)),
        "yes" if column.required else "",
        column.means + (f" [{column.unit}]" if column.unit else ""),
        _domain(column),
        str(column.level),
        "token" if column.token else "yes" if column.leaves else "no",
        column.element,
        column.fhir,
        column.omop,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _domain(column: Column) -> str:
    if column.references:
        return f"→ `{column.references}`"
    return f"[{column.codes}](#codes-{column.codes})" if column.codes else ""


def _lists(systems: Iterable[CodeSystem]) -> str:
    return "".join(_list(system) for system in systems)


def _list(system: CodeSystem) -> str:
    title = f'- <a id="codes-{system.name}"></a>**{system.name}** {system.zh} {system.means}'
    about = f"{title} ({len(system.codes)}; {system.source})"
    if len(system.codes) > LONGEST_SHOWN:
        return f"{about}\n"
    shown = "; ".join(f"`{code}` {zh} {means}" for code, (means, zh) in system.labels.items())
    return f"{about}: {shown}\n"
