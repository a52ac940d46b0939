"""Which concepts a column's name may mean: Chinese, pinyin in full, its initials, half of both, English, DE codes.

A name says what it may mean and how surely; it never decides alone where two concepts share their letters. What is not
in synonyms.csv is known by the names that the shared tables give their own columns.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from connectors.propose.shared import SharedColumn, shared_columns

WHOLE, INITIALS, MANY = 0.95, 0.9, 4  # how sure letters are, and signs from which initials count
PERSONAL = ("病人", "患者")  # often written before a name: BRXM, HZXM
_SIGNS = re.compile(r"[\s_\-./()（）:：*#]+")
UNIT = re.compile(r"[（(\[][^）)\]]*[）)\]]\s*$")


@dataclass(frozen=True)
class Concept:
    """One thing a column can hold. `expects` is the shape of its values; `kinds` are the rows in which it stands."""

    name: str
    expects: str
    kinds: frozenset[str]
    zh: tuple[str, ...]

    def stands_in(self, kind: str) -> bool:
        return "*" in self.kinds or kind in self.kinds


@cache
def concepts() -> dict[str, Concept]:
    """Every concept of synonyms.csv by its name, and one for every other column of the shared tables."""
    written = {
        each["concept"]: Concept(
            each["concept"], each["expects"], frozenset(each["kinds"].split()), tuple(each["zh"].split())
        )
        for each in _rows()
    }
    own = {
        name: Concept(name, column.expects, frozenset([column.kind]), column.zh)
        for name, column in shared_columns().items()
        if column.own
    }
    return written | own


@cache
def _spoken() -> frozenset[str]:
    written = (word for each in _rows() for word in (*each["zh"].split(), *each["others"].split()))
    shared = (word for column in shared_columns().values() for word in (*column.zh, *column.elements))
    return frozenset(plain(word) for word in (*written, *shared))


def known(name: str) -> bool:
    """Whether it is a name of synonyms.csv or of the shared tables as it is written there; loads nothing heavy."""
    return plain(name) in _spoken()


def _rows() -> list[dict[str, str]]:
    text = files("connectors.propose").joinpath("synonyms.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def plain(name: str) -> str:
    """The name in small letters, without the signs between its words."""
    return _SIGNS.sub("", name.strip().lower())


@cache
def _written() -> Mapping[str, Mapping[str, tuple[float, str]]]:
    """Plain written form -> concept -> how sure, and what kind of form it is."""
    found: dict[str, dict[str, tuple[float, str]]] = {}
    for each in _rows():
        for word in each["others"].split():
            _add(found, plain(word), each["concept"], 1.0, "its name in English or of the standard")
        for word in each["zh"].split():
            _add(found, plain(word), each["concept"], 1.0, "its Chinese name")
            for form, sure, why in _pinyin(word):
                _add(found, form, each["concept"], sure, why)
    taken = set(found)
    for column in shared_columns().values():
        _add_shared(found, column, taken)
    return found


def _add_shared(found: dict[str, dict[str, tuple[float, str]]], column: SharedColumn, taken: set[str]) -> None:
    """The names that the shared tables use; letters that already mean something do not come to mean more."""
    for concept in column.concepts:
        for word in column.elements:
            _add(found, plain(word), concept, 1.0, "its data element")
        for word in column.zh:
            if not column.own or plain(word) not in taken:
                _add(found, plain(word), concept, 1.0, "its name in the shared tables")
            letters = [form for form in _pinyin(word) if form[1] >= (WHOLE if len(word) < MANY else INITIALS)]
            for form, sure, why in letters if column.own else ():
                if form not in taken:
                    _add(found, form, concept, sure, why)


def _add(found: dict[str, dict[str, tuple[float, str]]], form: str, concept: str, sure: float, why: str) -> None:
    known = found.setdefault(form, {})
    if sure > known.get(concept, (0.0, ""))[0]:
        known[concept] = (sure, why)


def _pinyin(word: str) -> list[tuple[str, float, str]]:
    """Forms of a Chinese name in letters; the shorter, the less sure."""
    from pypinyin import lazy_pinyin

    sounds = [plain(sound) for sound in lazy_pinyin(word, errors="default")]
    initials = "".join(sound if len(sounds) == 1 else sound[0] for sound in sounds if sound)
    forms = [("".join(sounds), 0.95, "pinyin"), (initials, 0.9 if len(initials) > 2 else 0.8, "initials of its pinyin")]
    if word.startswith(PERSONAL):
        return forms
    for cut in range(1, len(sounds)):
        mixed = "".join(sounds[:cut]) + "".join(sound[0] for sound in sounds[cut:] if sound)
        forms.append((mixed, 0.85, "pinyin, half of it as initials"))
    forms += [(prefix + initials, 0.85, "initials of its pinyin") for prefix in ("br", "hz")]
    return [(form, sure, why) for form, sure, why in forms if len(form) > 1]


def meanings(name: str) -> dict[str, tuple[float, str]]:
    """Concept -> how sure the name makes it (0 to 1), and why."""
    whole = plain(name)
    found = dict(_written().get(whole, {}))
    short = plain(UNIT.sub("", name.strip()))
    if not found and short != whole:
        known = _written().get(short, {})
        found = {concept: (sure * 0.98, f"{why}, without its unit") for concept, (sure, why) in known.items()}
    if not found and re.search(r"[\u4e00-\u9fff]", name):
        found = _inside(short)
    return found


def _inside(name: str) -> dict[str, tuple[float, str]]:
    """A longer Chinese name that ends in a known one: `患者的家庭住址`."""
    found: dict[str, tuple[float, str]] = {}
    for concept in concepts().values():
        for word in concept.zh:
            if len(word) > 1 and name != plain(word) and name.endswith(plain(word)):
                _add({"": found}, "", concept.name, 0.4 + 0.3 * len(word) / len(name), f"it ends in {word}")
    return found
