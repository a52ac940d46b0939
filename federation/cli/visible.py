"""Text as it may go to a terminal: signs that a terminal or a reader's eye would act upon are shown as their numbers.

Never changes what is stored or handed over as JSON; only what people look at.
"""

import re
from typing import Any

from rich.console import Console
from rich.text import Text

LIVE = ("=", "+", "-", "@", "\t")  # a spreadsheet takes a cell that starts so for a formula (ASVS 1.2.10)
_END = re.compile(r"\r\n|\r|\n")
# Controls (C0 without TAB and line feed, DEL, C1), signs without width or that turn the direction of text (Unicode
# UTS 55, "Trojan Source"), other line ends, halves of surrogate pairs. Signs of private use are rare hanzi: they stay.
ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with `<1B>` for each such sign; a line end stays one, whichever way it is written."""
    return ACTS.sub(lambda found: f"<{ord(found[0]):02X}>", text.replace("\r\n", "\n"))


def escaped(document: str) -> str:
    """JSON of the same value that a terminal may be given: such signs as `\\u001b`."""
    return ACTS.sub(_escape, document)


def lines(text: str) -> list[str]:
    """The text line by line, CR alone ending one too: the segments of an HL7 v2 message. Safe to show and to paste."""
    said = [visible(line) for line in _END.split(_END.sub("\n", text).rstrip("\n"))]
    return [f"'{line}" if line.startswith(LIVE) else line for line in said]


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


class Screen(Console):
    """A console on which nothing of what is printed acts, nor `:on:` becomes a picture; rich's own colours do."""

    def __init__(self, **more: Any) -> None:
        super().__init__(highlight=False, emoji=False, **more)

    def render_str(self, text: str, **more: Any) -> Text:
        """Every text comes by here: those printed, and those in tables."""
        return super().render_str(visible(text), **more)
