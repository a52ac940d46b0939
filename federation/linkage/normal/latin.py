"""Names in letters: lower case, no accents, words one blank apart; `Müller-Lüdenscheidt` and `MUELLER` stay two names.

No language is guessed: `ü` is `u`, whatever a German would write.
"""

import polars as pl

from federation.linkage.normal.written import plain

# Letters that carry a stroke or are two in one; Unicode does not take them apart.
_APART = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ł": "l",
    "ħ": "h",
    "ı": "i",
    "ŋ": "n",
}
_APOSTROPHES = "['`\u2019\u2018\u02bb\u02bc\u00b4\u02b9\u2032]"


def latin(name: pl.Expr) -> pl.Expr:
    """Letters of whatever script in lower case, without accents, digits and signs; null where no letter is left."""
    small = plain(name).str.to_lowercase().str.normalize("NFKD").str.to_lowercase()
    bare = small.str.replace_all(r"[\u{0300}-\u{036F}]", "").str.replace_many(_APART)
    words = bare.str.replace_all(_APOSTROPHES, "").str.normalize("NFKC").str.replace_all(r"[^\p{L}\p{M}]+", " ")
    return words.str.strip_chars(" ").str.extract(r"^(.*\p{L}.*)$", 1)
