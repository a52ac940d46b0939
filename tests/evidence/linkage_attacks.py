"""Attacks on the encodings: what somebody without the key reads out of them, hardened and not.

Run as `python -m tests.evidence.linkage_attacks [SIZE]`. The attacker sees every encoding of a hospital's register, knows
the spec but no key, and how frequent each name is among the same people. Told is the share of whole names (surname and
given name) that are read rightly; whoever calls everybody by the commonest name reads 0.1 % of them.

* frequency: equal encodings are taken for equal names, the most frequent for the most frequent.
* pattern mining: bits that are set together more than by chance are taken for one character, the most frequent for the
  most frequent (after Christen, Ranbaduge, Vatsalan, Schnell 2018).
* known persons: the attacker knows who 500 of the records are (staff, neighbours), learns from them which bits a
  character sets, and reads the others.
"""

import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from federation.city.doubles import Register, doubles
from federation.linkage.bloom import encode
from federation.linkage.encodable import encodable
from federation.linkage.normal.persons import normal
from federation.linkage.spec import Part, Salting, Spec, city_spec
from tests.evidence.linkage_private import NONE, derive

SEED, SIZE, KNOWN = 20261128, 20_000, 500
FAMILY, GIVEN, ONE = "family", "given", "one"
NAMED = "names alone, one salt, not hardened"
HARDENED = "all fields, one salt, hardened"
SHIPPED = "as it ships: salted and hardened"
PLAIN = "all fields, one salt, not hardened"
NAME = (FAMILY, GIVEN, "family_pinyin", "given_pinyin")
SALTED = "year-month"  # the salting that an attacker looks at
WHOLE = 0.97  # of its bits, set, from which on a character is taken to be in a name
SURE = 8  # times that a character must be seen among known persons
TRIED, FEWEST, MOST = 2_000, 0.004, 0.2  # pairs of bits looked at; share of rows that a pattern is in
LEAST = 80  # bits of a character and its sound
SMALLEST = 500
HEAD = "| encodings | frequency | pattern mining | known persons |\n|---|---|---|---|"
Bits = NDArray[np.bool_]
Floats = NDArray[np.float64]
Pattern = tuple[NDArray[np.int64], Bits]  # bits, and the rows in which all of them are set
Names = list[tuple[str, str]]
Signs = dict[tuple[str, str], NDArray[np.int64]]  # (column, character) -> its bits


def name_of(rows: pl.DataFrame) -> Names:
    """Surname and given name of each row, as normalised."""
    return list(rows.select(pl.col(FAMILY, GIVEN).fill_null("")).iter_rows())


def encoded(rows: pl.DataFrame, spec: Spec, salting: str) -> tuple[Bits, NDArray[np.int64], NDArray[np.int64]]:
    """Bits, their group (equal salts, as the attacker sees them), and the places of their rows."""
    made = encode(rows, spec, derive).filter(pl.col("salting") == salting)
    flat = np.frombuffer(b"".join(made["bits"].to_list()), np.uint8).reshape(made.height, -1)
    groups = made["block"].rank("dense").to_numpy().astype(np.int64)
    return np.unpackbits(flat, axis=1).astype(np.bool_), groups, made["row"].to_numpy().astype(np.int64)


def ranked(census: Names) -> Names:
    """Each name once, the most frequent first."""
    return [name for name, _ in Counter(census).most_common()]


def frequency(bits: Bits, by_rank: Names) -> Names:
    """Equal encodings by their number, names of the census by theirs."""
    packed = np.packbits(bits, axis=1)
    _, code, count = np.unique(packed, axis=0, return_inverse=True, return_counts=True)
    rank = np.empty(len(count), dtype=np.int64)
    rank[np.argsort(-count, kind="stable")] = np.arange(len(count))
    return [by_rank[place] if place < len(by_rank) else ("", "") for place in rank[code.ravel()].tolist()]


def by_field(rows: pl.DataFrame, spec: Spec, census: Names) -> Floats:
    """(2,): shares of surnames and of whole names read by frequency where each field is encoded by itself."""
    guesses = []
    for place, column in enumerate((FAMILY, GIVEN)):
        alone = spec.model_copy(update={"fields": tuple(f for f in spec.fields if f.column == column)})
        bits, _, _ = encoded(rows, alone, ONE)
        told = frequency(bits, ranked([(name[place], "") for name in census if name[place]]))
        guesses.append([word for word, _ in told])
    return share(list(zip(*guesses, strict=True)), name_of(rows)) / rows.height


def together(bits: Bits) -> list[Pattern]:
    """Sets of bits that one character sets, it seems, and the rows in which it is; each found from a pair of bits."""
    base = bits.mean(axis=0, dtype=np.float32)
    one = (bits - base) / np.maximum(np.sqrt(base * (1 - base)), 1e-3)
    near = np.triu(one.T @ one / len(one), 1)
    found: list[Pattern] = []
    for _ in range(TRIED):
        first, second = np.unravel_index(np.argmax(near), near.shape)
        near[first, second] = 0
        more = bits[bits[:, first] & bits[:, second]].mean(axis=0) - base
        some = np.flatnonzero(more > 0.6 * np.sort(more)[-5])
        rows = bits[:, some].mean(axis=1) > WHOLE
        if not FEWEST < rows.mean() < MOST:
            continue
        members = np.flatnonzero((bits[rows].mean(axis=0) > WHOLE) & (base < 0.9))
        if len(members) >= LEAST:
            near[np.ix_(members, members)] = 0
            there = bits[:, members].mean(axis=1) > WHOLE
            if all((there & other).sum() < 0.8 * (there | other).sum() for _, other in found):
                found.append((members, there))
    return found


def mined(bits: Bits, census: Names) -> Names:
    """Patterns of bits as characters, by how often each is there; surnames are those that exclude the commonest one."""
    found = sorted(together(bits), key=lambda each: -each[1].mean())
    if not found:
        return [("", "")] * len(bits)
    first = found[0][1]
    excluded = [(first & there).mean() < 0.3 * first.mean() * there.mean() for _, there in found]
    apart = [each for each, no in zip(found, excluded, strict=True) if no or each is found[0]]
    beside = [each for each, no in zip(found, excluded, strict=True) if not no and each is not found[0]]
    surnames = [{family} for family, _ in census if family]
    letters = [set(given) for _, given in census if given]
    signs = {(FAMILY, one): members for one, members in _named(apart, surnames).items()}
    signs |= {(GIVEN, one): members for one, members in _named(beside, letters).items()}
    return read(bits, signs, census)


def _named(found: list[Pattern], census: Sequence[set[str]]) -> dict[str, NDArray[np.int64]]:
    """Which character each pattern is: the one that is nearly as frequent."""
    counts = Counter(letter for letters in census for letter in letters)
    free, named = dict(counts.most_common(200)), {}
    for members, there in found[: len(free)]:
        wanted = np.log(there.mean() * len(census))
        letter = min(free, key=lambda one, wanted=wanted: abs(np.log(free[one]) - wanted))
        named[letter] = members
        del free[letter]
    return named


def learned(bits: Bits, names: Names) -> Signs:
    """Bits that are set whenever a character is in the name of a known person."""
    signs: Signs = {}
    parts = {FAMILY: [{family} for family, _ in names], GIVEN: [set(given) for _, given in names]}
    for column, sets in parts.items():
        for letter, count in Counter(letter for letters in sets for letter in letters if letter).items():
            if count >= SURE:
                rows = np.array([letter in letters for letters in sets])
                always = np.flatnonzero(bits[rows].all(axis=0))
                # Bits that nearly everybody has say nothing of the character.
                signs[column, letter] = always[bits[~rows][:, always].mean(axis=0) < 0.8]
    return signs


def read(bits: Bits, signs: Signs, census: Names) -> Names:
    """The names whose characters all seem to be there: the one with the most bits, then the most frequent."""
    there = {sign: bits[:, members].mean(axis=1) > WHOLE for sign, members in signs.items() if len(members) >= 5}
    guesses, best = [("", "")] * len(bits), np.full(len(bits), 0.0)
    for (family, given), count in Counter(census).items() if there else ():
        wanted = [(FAMILY, family), *((GIVEN, letter) for letter in given)]
        if all(sign in there for sign in wanted):
            seen = np.logical_and.reduce([there[sign] for sign in wanted])
            score = sum(len(signs[sign]) for sign in set(wanted)) + min(count, 999) / 1000
            for row in np.flatnonzero(seen & (best < score)).tolist():
                guesses[row], best[row] = (family, given), score
    return guesses


def share(guesses: Names, names: Names) -> NDArray[np.float64]:
    """How many surnames, and how many whole names, were read rightly."""
    pairs = list(zip(guesses, names, strict=True))
    surnames = sum(guess[0] == name[0] != "" for guess, name in pairs)
    return np.array([surnames, sum(guess == name != ("", "") for guess, name in pairs)], dtype=np.float64)


def attacked(rows: pl.DataFrame, spec: Spec, salting: str, census: Names) -> Floats:
    """(3, 2): shares of surnames and of whole names read, by attack; each group of equal salts by itself."""
    bits, groups, places = encoded(rows, spec, salting)
    every = name_of(rows)
    names = [every[place] for place in places.tolist()]
    known = np.zeros(len(bits), dtype=np.bool_)
    known[np.random.default_rng(1).choice(len(bits), min(KNOWN, len(bits) // 2), replace=False)] = True
    right, by_rank = np.zeros((3, 2)), ranked(census)
    for group in np.unique(groups):
        at = np.flatnonzero(groups == group)
        mine, told = bits[at], [names[n] for n in at.tolist()]
        right[0] += share(frequency(mine, by_rank), told)
        if len(at) >= SMALLEST:  # fewer rows show no pattern
            right[1] += share(mined(mine, census), told)
        seen, others = at[known[at]], at[~known[at]]
        signs = learned(bits[seen], [names[n] for n in seen.tolist()])
        right[2] += share(read(bits[others], signs, census), [names[n] for n in others.tolist()])
    return right / np.array([[len(bits)], [len(bits)], [len(bits) - known.sum()]])


def variants(spec: Spec) -> dict[str, tuple[Spec, str]]:
    """From what others send to what ours sends: name -> spec and the salting that is attacked."""
    one = Salting(name=ONE, parts=(Part(column=ONE),))
    plain = spec.model_copy(update={"saltings": (one,), "hardening": NONE})
    named = plain.model_copy(update={"fields": tuple(f for f in spec.fields if f.column in NAME)})
    hardened = spec.model_copy(update={"saltings": (one,)})
    return {
        NAMED: (named, ONE),
        PLAIN: (plain, ONE),
        HARDENED: (hardened, ONE),
        "all fields, salted by birth, not hardened": (spec.model_copy(update={"hardening": NONE}), SALTED),
        SHIPPED: (spec, SALTED),
    }


def register(one: Register) -> pl.DataFrame:
    """The rows that are encoded, with the salt that all have in common."""
    return encodable(*normal(one.identity, one.numbers)).with_columns(pl.lit(ONE).alias(ONE))


def main() -> None:
    """Prints the table."""
    two = doubles(SEED, int(sys.argv[1]) if len(sys.argv) > 1 else SIZE)
    rows, census = register(two.tertiary), name_of(register(two.community))
    print(f"{rows.height:,} encodings; surnames, whole names\n\n{HEAD}")
    plain = variants(city_spec())[PLAIN][0]
    alone = by_field(rows, plain, census)
    print(f"| surname and given name each by itself, one salt | {alone[0]:.1%}, **{alone[1]:.2%}** | | |", flush=True)
    for name, (spec, salting) in variants(city_spec()).items():
        shares = attacked(rows, spec, salting, census)
        told = " | ".join(f"{surname:.1%}, **{whole:.2%}**" for surname, whole in shares.tolist())
        print(f"| {name} | {told} |", flush=True)


if __name__ == "__main__":
    main()
