"""A source that must be asked and is a text file: lines numbered from 1, landed two at a time."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from connectors.connector import Sniffed
from connectors.errors import BadMapping, UnknownFormat, Unreachable
from connectors.feed import Landed

PAGE = 2


@dataclass(frozen=True)
class TextFeed:
    name: str
    text: Path
    at_most: int | None
    breaks_after: int
    kind: str = "drawn_feed"
    notes: tuple[str, ...] = ("It is a text.",)

    def pull(self, state, landing, tell):
        lines = self.text.read_text().splitlines()[: self.at_most]
        for start in range(int(state.get("done", "0")), len(lines), PAGE):
            if self.breaks_after and start >= self.breaks_after:
                raise Unreachable("The text does not answer. Ask again later.")
            page = lines[start : start + PAGE]
            (landing / "page.lines").write_text("".join(f"{line}\n" for line in page))
            tell(start + len(page), len(lines))
            yield Landed(landing / "page.lines", "lines", {"done": str(start + len(page))})


@dataclass
class DrawnFeed:
    kind: str = "drawn_feed"
    means: str = "A text that is asked."
    zh: str = "测试"
    takes_mapping: bool = False
    asked: list[Path] = field(default_factory=list)

    def sniff(self, path: Path):
        about = tomllib.loads(path.read_text()) if path.suffix == ".toml" else {}
        return Sniffed(self.kind, "", 1.0, "asked", "查询") if about.get("kind") == self.kind else None

    def open(self, path: Path, profile=None, mapping=None):  # noqa: ARG002
        raise UnknownFormat(f"{path.name} describes a source.")

    def feed(self, path: Path, at_most: int | None = None) -> TextFeed:
        about = tomllib.loads(path.read_text())
        if "text" not in about:
            raise BadMapping(path.name, "names no text", "Name it.")
        self.asked.append(path)
        return TextFeed(about["name"], Path(about["text"]), at_most, about.get("breaks_after", 0))
