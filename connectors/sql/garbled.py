"""Whether text looks like GBK bytes that somebody took for Latin-1: what old databases hold and show as `ÖÐÎÄ`.

Says which columns, never what stands in them.
"""

from collections.abc import Iterable, Sequence

SAMPLE = 200


def garbled(names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> list[str]:
    """Columns of which most cells beyond ASCII read as Chinese once their letters are taken for bytes of GB18030."""
    odd = dict.fromkeys(range(len(names)), 0)
    beyond = dict.fromkeys(range(len(names)), 0)
    for row in rows:
        for at, cell in enumerate(row):
            if cell and not cell.isascii():
                beyond[at] += 1
                odd[at] += _is_garbled(cell)
    return [name for at, name in enumerate(names) if odd[at] * 2 > beyond[at]]


def _is_garbled(cell: str) -> bool:
    raw = bytearray()
    for letter in cell:
        byte = _byte(letter)
        if byte is None:
            return False
        raw.append(byte)
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    beyond = [letter for letter in text if not letter.isascii()]
    return sum("\u4e00" <= letter <= "\u9fff" for letter in beyond) * 2 > len(beyond)


def _byte(letter: str) -> int | None:
    """The byte that Latin-1, or Windows' variant of it, shows as this letter."""
    if ord(letter) < 256:
        return ord(letter)
    try:
        return letter.encode("cp1252")[0]
    except UnicodeEncodeError:
        return None
