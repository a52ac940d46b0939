"""Phones and addresses as a register holds them: changed, a relative's, missing, written otherwise."""

import numpy as np

from federation.city.chance import Ints
from federation.city.doubles import places
from federation.city.doubles.clerk import Clerk, Words
from federation.city.doubles.folk import Folk
from federation.city.doubles.rates import Rates

NO_PHONE = ("13800000000", "00000000000", "无", "-", "11111111111", "不详")
STYLES = {"tertiary": (60, 8, 8, 14, 8, 2), "community": (12, 22, 32, 8, 22, 4)}  # weights of the ways to write


def phones(clerk: Clerk, people: Ints, folk: Folk, rates: Rates) -> Words:
    """Phones written, None where there is none."""
    phone = folk.phone[people]
    relative = _relatives(clerk, people, folk)
    clerk.change(phone, "phone: missing", rates.phone_missing, lambda *_: None)
    there = np.array([one is not None for one in phone])
    for slip, share, among, how in (
        ("changed", rates.phone_changed, there, lambda _, n: f"1540{n % 10**7:07}"),
        ("a relative's", rates.phone_of_family, there & (relative != people), lambda at, _: folk.phone[relative[at]]),
        ("one digit", rates.phone_one_digit, there, lambda at, n: _digit(str(phone[at]), n)),
        ("written otherwise", rates.phone_written, there, lambda at, n: _otherwise(str(phone[at]), n)),
        ("placeholder", rates.phone_placeholder, there, lambda _, n: NO_PHONE[n % len(NO_PHONE)]),
    ):
        clerk.change(phone, f"phone: {slip}", share, how, among)
    return phone


def _relatives(clerk: Clerk, people: Ints, folk: Folk) -> Ints:
    """Somebody of the same home; the person where alone."""
    start = np.searchsorted(folk.home, folk.home[people])
    size = np.searchsorted(folk.home, folk.home[people], side="right") - start
    step = 1 + clerk.chance.whole(f"{clerk.tier}|which relative", clerk.keys, 0, 3) % np.maximum(size - 1, 1)
    other: Ints = np.where(size > 1, start + (people - start + step) % size, people)
    return other


def _digit(phone: str, drawn: int) -> str:
    place = 4 + drawn % 7
    return phone[:place] + str(drawn // 7 % 10) + phone[place + 1 :]


def _otherwise(phone: str, drawn: int) -> str:
    split = f"{phone[:3]}{'- '[drawn % 2]}{phone[3:7]}{'- '[drawn % 2]}{phone[7:]}"
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in phone)
    return (f"+86{phone}", f"86-{phone}", split, f"{phone} ", wide, f"+86 {split}")[drawn // 2 % 6]


def addresses(clerk: Clerk, people: Ints, folk: Folk, rates: Rates) -> tuple[Words, Words]:
    """Addresses and division codes written, None where there is none; a family writes one home in several ways."""
    home = folk.home[people].astype(np.uint64)
    style = clerk.chance.one_of(f"{clerk.tier}|address style", clerk.keys, STYLES[clerk.tier]).tolist()
    division = folk.division[people]
    address = np.array(places.written(clerk.chance, home, division.tolist(), style), dtype=object)
    moved = clerk.hits("address: moved", rates.address_moved)
    old = np.array(clerk.drawn("address: moved", moved), dtype=np.uint64)
    codes = list(places.COUNTIES)
    stay = clerk.chance.yes(f"{clerk.tier}|moved near", clerk.keys[moved], 0.6).tolist()
    before = [
        division[at] if near else codes[int(n) % len(codes)] for at, near, n in zip(moved, stay, old, strict=True)
    ]
    division[moved] = before
    address[moved] = places.written(clerk.chance, old, before, [style[at] for at in moved], "old home")
    clerk.note("address: moved", moved)
    clerk.change(address, "address: missing", rates.address_missing, lambda *_: None)
    there = np.array([one is not None for one in address])
    clerk.change(address, "address: cut", rates.address_cut, lambda at, n: address[at][: 5 + n % 6], there)
    clerk.change(division, "division: missing", rates.division_missing, lambda *_: None)
    return address, division
