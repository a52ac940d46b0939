"""Addresses as a division of GB/T 2260 and what comes after it: half width, numerals in digits, no blanks, no signs.

A code the record has is believed; the text may say more exactly, never otherwise. Nothing is looked up on a map.
"""

import polars as pl

from federation.linkage.normal import placeholder
from federation.linkage.normal.distinct import of_distinct
from federation.linkage.normal.division import at_head, spellings, trimmed
from federation.linkage.normal.numeral import in_digits
from federation.linkage.normal.written import filled, has_han, plain

LONGEST = 200  # characters; more is a note, not an address
_ELSEWHERE = r"^(?:同上|同前|见上|同户籍(?:地址)?|同现住址|本市|本地|外地|外省|本村|本县|住址|现住址|户籍地?)$"


def of_addresses(addresses: pl.Series, divisions: pl.Series) -> pl.DataFrame:
    """Division (6 digits) and street, String, one row an address; `divisions` are codes the records have, or null.

    Of a place known only by its city or province the last digits are `0`.
    """
    both = pl.DataFrame({"address": addresses, "code": divisions}, schema={"address": pl.String, "code": pl.String})
    key = both.select(pl.struct("address", "code")).to_series()
    return of_distinct(key, _parted)


def _parted(places: pl.Series) -> pl.DataFrame:
    rows = places.struct.unnest().select(
        code=trimmed(pl.col("code").str.strip_chars()), street=_tidy(pl.col("address"))
    )
    left = rows.select(pl.col("street").is_not_null().arg_true()).to_series()
    while len(left):
        some = rows[left]
        shorter = _shortened(some)
        changed = (shorter["street"] != some["street"]).fill_null(value=True)
        rows = rows.with_columns(rows[name].scatter(left, shorter[name]) for name in ("code", "street"))
        left = left.filter(changed & shorter["street"].is_not_null())
    return rows.select(division=pl.col("code").str.pad_end(6, "0"), street=_street(rows["street"]))


def _tidy(address: pl.Expr) -> pl.Expr:
    text = pl.when(address.str.len_chars() <= LONGEST).then(plain(address)).str.to_lowercase()
    bare = text.str.replace_all("#", "号").str.replace_all(r"([0-9a-z])[-—–_ ]+([0-9a-z])", "$1-$2")
    signs = bare.str.replace_all(r"[^\p{L}\p{N}\p{M}\-]", "").str.replace_all("-{2,}", "-").str.strip_chars("-")
    words = text.str.replace_all(r"[^\p{L}\p{N}\p{M}]+", " ").str.strip_chars(" ")
    signs = pl.when(has_han(text)).then(signs).otherwise(words)
    nothing = placeholder.nothing(address) | signs.str.contains(_ELSEWHERE) | signs.is_in(placeholder.words())
    return filled(pl.when(~nothing).then(signs).str.normalize("NFKC"))


def _shortened(rows: pl.DataFrame) -> pl.DataFrame:
    """Code and street once the division at the head of the street, if it fits what is known, is taken off."""
    found = rows.with_columns(at_head(rows["street"]).alias("spelling"), context=pl.col("code").fill_null(""))
    for suffix, context in (("_within", pl.col("context")), ("_alone", pl.lit(""))):
        known = spellings().rename({"spelling": "said", "context": "asked", "code": f"code{suffix}"})
        asked = [pl.col("spelling"), context]
        found = found.join(known, left_on=asked, right_on=["said", "asked"], how="left", maintain_order="left")
    meant, code = pl.coalesce("code_within", "code_alone"), pl.col("code")
    fits = (code.is_null() & meant.is_not_null()) | meant.str.starts_with(code) | code.str.starts_with(meant)
    longer = pl.when(meant.str.len_bytes() >= code.str.len_bytes()).then(meant).otherwise(code).fill_null(meant)
    return found.select(
        code=pl.when(fits).then(longer).otherwise(code),
        street=filled(pl.when(fits).then(_after(pl.col("spelling"))).otherwise("street")),
    )


def _after(spelling: pl.Expr) -> pl.Expr:
    return (
        pl.col("street")
        .str.strip_prefix(spelling)
        .str.replace("^(?:市辖区|(?:省|自治区)直辖县级行政(?:区划|单位))", "")
        .str.strip_chars("-")
    )


def _street(street: pl.Series) -> pl.Series:
    text = in_digits(street).alias("street").to_frame()
    named = (
        pl.col("street")
        .str.replace_all(r"([0-9a-z])(?:号楼|幢|座)", "${1}栋")
        .str.replace(r"([0-9])(?:室|房|户)$", "$1")
    )
    rows = text.select(named)
    words = pl.col("street").str.replace_all(r"[^\p{L}\p{N}\p{M}]+", " ").str.strip_chars(" ")
    rows = rows.select(pl.when(has_han(pl.col("street"))).then(pl.col("street")).otherwise(words))
    return rows.select(pl.col("street").str.extract(r"^(.*[\p{L}\p{N}].*)$", 1)).to_series()
