"""Children who have no name yet and are called after their mother: `甲某之子`, `甲某之女A`, `甲某大双`, `baby of ...`.

The child's own name is unknown; what is taken from the cell is the mother's, and that it is hers.
"""

import polars as pl

_WORDS = "子女婴儿男宝孩娃毛双胎"
_BESIDE = f"{_WORDS}胞孪生新大小长次幼之一二三四五甲乙丙丁1-5a-eA-E#号"
_ORDER = "[大小一二三四甲乙丙丁1-5a-eA-E]"
_CHILDREN = (
    rf"^([\p{{Han}}*]{{2,}}?)(之[{_BESIDE}]*[{_WORDS}][{_BESIDE}]*)$",
    rf"^([\p{{Han}}*]{{2,}}?)((?:大双|小双|双大|双小|双胞?胎|新生儿|[女男]婴儿?|婴儿|[大小]?(?:宝宝|毛毛))(?:之?{_ORDER})?)$",
    r"^([\p{Han}*]{3,})(婴)$",  # two characters and 婴 are a name as any other
    rf"^(\p{{Han}}{{1,2}})?((?:[女男]婴儿?|婴儿|新生儿){_ORDER}?)$",
)
TITLE = "(?:mr|mrs|ms|miss|mister|madam|dr|prof)"
_BABY = "(?:(?:baby|newborn|infant|twin)(?: ?(?:boy|girl|male|female|[12ab]))?|bb|bg|b o)(?: of)?"
_LETTERS = rf"^{_BABY}(?: (?:{_BABY}|{TITLE}))*(?: (.+))?$"
_SMALL = "小(?:孩|儿|婴|娃)"  # says that it is small, not the smaller of two
_PLACES = {"大": "1", "长": "1", "一": "1", "1": "1", "a": "1", "甲": "1", "小": "2", "次": "2", "二": "2", "2": "2",
           "b": "2", "乙": "2", "三": "3", "3": "3", "c": "3", "丙": "3", "四": "4", "4": "4", "d": "4", "丁": "4",
           "五": "5", "5": "5", "e": "5"}  # fmt: skip


def mother(name: pl.Expr) -> pl.Expr:
    """The part of a Chinese name that is the mother's: `""` where hers is not said, null where no child is."""
    found = [name.str.extract(each, 1).fill_null("") for each in _CHILDREN]
    return pl.coalesce(
        *(pl.when(name.str.contains(each)).then(part) for each, part in zip(_CHILDREN, found, strict=True))
    )


def mother_in_letters(name: pl.Expr) -> pl.Expr:
    """The same of a name as `latin` leaves it."""
    return pl.when(name.str.contains(_LETTERS)).then(name.str.extract(_LETTERS, 1).fill_null(""))


def twin(name: pl.Expr) -> pl.Expr:
    """Which of several children of one mother, `1`, `2`, ...; null where it is not said, or where no child is."""
    said = pl.coalesce(*(name.str.extract(each, 2) for each in _CHILDREN)).str.replace_all(_SMALL, "")
    return _place(said.str.to_lowercase().str.extract(r"([大长一1a甲小次二2b乙三3c丙四4d丁五5e])", 1))


def letter(name: pl.Expr) -> pl.Expr:
    """A single letter behind a Chinese name as a place: `甲某A`, `甲某B` are twins at most sites."""
    return _place(name.str.extract(r"^[\p{Han}*]{2,4}([A-Ea-e])$", 1).str.to_lowercase())


def _place(sign: pl.Expr) -> pl.Expr:
    return sign.replace_strict(_PLACES, default=None, return_dtype=pl.String)
