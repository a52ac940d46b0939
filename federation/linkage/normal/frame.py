"""What the frames of normalised persons look like; the columns are made by the modules beside this one.

A cell that is unknown, or that only fills a form (`无`, `111111111111111111`), is null.
"""

import polars as pl

# `given` of a name that cannot be split is the whole name and `family` null; `*` stands for a sign nobody can read.
# `newborn`: the name is the mother's; `twin` says which of several born together, `1`, `2`, ... where it is said.
NORMAL = pl.Schema({
    "site": pl.String, "record": pl.String, "family": pl.String, "given": pl.String, "family_pinyin": pl.String,
    "given_pinyin": pl.String, "born": pl.String, "sex": pl.String, "phone": pl.String, "division": pl.String,
    "street": pl.String, "newborn": pl.Boolean, "twin": pl.String,
})  # fmt: skip
# `kind` is one of KINDS. Where `usable` is false, `why` is one of WHY and no token may be made of the value.
NORMAL_NUMBERS = pl.Schema({
    "site": pl.String, "record": pl.String, "kind": pl.String, "value": pl.String, "usable": pl.Boolean,
    "why": pl.String,
})  # fmt: skip
