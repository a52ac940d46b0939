"""The words a mapping file may use, as strict models: what is not listed here is refused.

[columns]
gender_code = { from = "A12C" }                                  # read as the column's own type
start_time  = { from = ["RYSJ", "RYSJS"], read_as = "date-hour" }
marital_code = { from = "HY", codes = "marital" }                # a list under [codes], or written here
code_version = { value = "GLB2.0" }
onset_date  = { absent = "A front page does not say when it began." }
"""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]
Codes = dict[str, str]


class Strict(BaseModel):
    """Nothing is coerced, nothing unknown is taken."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=False)


class Rule(Strict):
    """Where one column comes from: exactly one of `from`, `value`, `absent`, `number`, `record`.

    `number` is the place of a repeated row; `record` the id of the record's main row; `id_of` turns a key cell into
    the id of a row of that source table; `without` is the value where the export has no such column at all.
    """

    from_: Text | list[Text] | None = Field(None, alias="from")
    value: Text | None = None
    absent: Text | None = None
    number: bool = False
    record: bool = False
    id_of: Text | None = None
    read_as: Text | None = None
    codes: Text | Codes | None = None
    without: Text | None = None

    @property
    def sources(self) -> list[str]:
        """Source columns, or cells of `repeat` where the name begins with `@`."""
        if self.from_ is None:
            return []
        return [self.from_] if isinstance(self.from_, str) else self.from_

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        said = [self.from_ is not None, self.value is not None, self.absent is not None, self.number, self.record]
        if sum(said) != 1:
            raise ValueError("say exactly one of `from`, `value`, `absent`, `number`, `record`")
        if self.from_ is None and (self.read_as or self.codes or self.without or self.id_of):
            raise ValueError("`read_as`, `codes`, `id_of` and `without` need `from`")
        return self


class Repeat(Strict):
    """The same kind of row several times in a record: `as` names the cells, `cells` lists them for each row.

    `{n}` in a pattern of `each` stands for the number, `start` to `start + times - 1`, with `digits` digits.
    A name in `as` that begins with `=` is a constant of that row, not a source column. Rows are numbered from
    `number_from`.
    """

    as_: list[Text] = Field(alias="as")
    cells: list[list[str]] = []
    each: list[Text] = []
    start: int = 1
    times: int = 0
    digits: int = 1
    number_from: int = 1

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.cells) == bool(self.each):
            raise ValueError("say either `cells` or `each` with `times`")
        if any(len(row) != len(self.as_) for row in [*self.cells, *([self.each] if self.each else [])]):
            raise ValueError("every row of `cells` needs one entry for each name in `as`")
        if self.each and self.times < 1:
            raise ValueError("`each` needs `times`")
        return self

    def instances(self) -> list[dict[str, str]]:
        """Slot -> source column (or constant, where the slot begins with `=`), for every row in order."""
        rows = self.cells or [
            [pattern.replace("{n}", f"{n:0{self.digits}}") for pattern in self.each]
            for n in range(self.start, self.start + self.times)
        ]
        return [dict(zip(self.as_, row, strict=True)) for row in rows]

    def sources(self) -> Iterator[str]:
        for instance in self.instances():
            yield from (cell for slot, cell in instance.items() if cell and not slot.startswith("="))


class Split(Strict):
    """One cell that holds several values: a row for each of them, under the name `@as`."""

    cell: Text
    by: Text
    as_: Text = Field(alias="as")


class Entries(Strict):
    """A list inside a record (JSON): a row for each entry of the list `of`; `as` names the entry's cells for `@`."""

    of: Text
    as_: list[Text] = Field(alias="as")


class Rows(Strict):
    """One row, or `repeat`ed rows, of each record; made only where one of the cells in `when` holds something."""

    suffix: str = ""
    when: list[Text] = []
    repeat: Repeat | None = None
    split: Split | None = None
    entries: Entries | None = None
    columns: dict[str, Rule] = {}

    @property
    def many(self) -> bool:
        """Whether a record may become any number of these rows."""
        return bool(self.repeat or self.split or self.entries)

    def slots(self) -> list[str]:
        """Names that rules may use after `@`."""
        named = [slot.removeprefix("=") for slot in self.repeat.as_] if self.repeat else []
        named += self.entries.as_ if self.entries else []
        return [*named, self.split.as_] if self.split else named

    @model_validator(mode="after")
    def _has_distinct_ids(self) -> Self:
        many = [each for each in (self.repeat, self.split, self.entries) if each]
        if many and not self.suffix:
            raise ValueError("repeated rows need a `suffix`")
        if len(many) > 1:
            raise ValueError("`repeat`, `split` and `entries` do not go together")
        return self


class TableModel(Strict):
    """One shared table: rules for all rows under [columns], differences under [[rows]]."""

    target: Text
    columns: dict[str, Rule] = {}
    rows: tuple[Rows, ...] = Field((), strict=False)


class Detect(Strict):
    """A header is this profile when it has all of `all`, none of `none`, and at least `share` of `most`."""

    all: list[Text] = []
    none: list[Text] = []
    most: list[Text] = []
    share: float = 1.0


class FileModel(Strict):
    """What is said of the source itself.

    `key` and `person` are joined with `-`; `key_also` lists cells that tell records of one key apart and may be empty;
    `any_case` says that the columns, written here in small letters, may stand in capitals; `nothing` lists the cells
    that mean "nothing to record"; `partial` allows an export to leave out columns (the editions of a national set
    differ); `main` is the table that carries `extra`; `history` says that later rows of one key are later versions of
    its record, as in a log of changes: else a key stands once in a file.
    """

    name: str = ""
    zh: str = ""
    means: str = ""
    kind: Text = "delimited"
    source: Text
    key: Annotated[list[Text], Field(min_length=1)]
    key_also: list[Text] = []
    any_case: bool = False
    person: list[Text] = []
    main: str = ""
    order: int = 0
    partial: bool = False
    history: bool = False
    encoding: str = ""
    separator: str = ""
    nothing: list[str] = ["-", "－"]
    detect: Detect = Detect()
    codes: dict[str, Codes] = {}
