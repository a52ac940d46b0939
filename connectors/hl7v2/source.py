"""One HL7 v2 file, read once: messages alone, in batches or framed, zipped or not.

It opens one file for reading and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from connectors.chunk import LONGEST_RAW, RECORDS, REJECTS, Chunk
from connectors.connector import Context
from connectors.errors import Unreadable
from connectors.hl7v2.batches import Batches
from connectors.hl7v2.blocks import BLOCK, HEAD, Block, blocks, last_start
from connectors.hl7v2.conform import chunk
from connectors.hl7v2.header import header
from connectors.hl7v2.uniform import Uniform, uniform


@dataclass
class Hl7Source:
    """An HL7 v2 file; profile is always empty, the mapping is this code. `block` is the bytes taken at once."""

    path: Path
    profile: str = ""
    mapping_version: str = "hl7v2/1"
    block: int = BLOCK

    def chunks(self, context: Context) -> Iterator[Chunk]:
        """Chunks in file order; positions count records from 1. Raises Unreadable for what holds no header at all."""
        position, line, batches = 1, 1, Batches()
        for number, block in enumerate(blocks(self.path, self.block)):
            if not number:
                _must_be_hl7(block)
            if block.refused:
                yield _refused(block, position, line)
                batches.passed(1)
                position += 1
                line += block.raw.count(b"\r") or block.raw.count(b"\n")
                continue
            before = line
            found, line = uniform(block, line)
            if len(found):
                made = chunk(found, context, position, block.offset, len(block.raw))
            else:
                made = Chunk(0, pl.DataFrame(schema=RECORDS), {}, bytes_read=len(block.raw))
            made = _counted(batches, found, made, position, block.offset, before)
            position += len(found)
            del found, block  # else they would be held while the next block is cut
            yield made
            del made
        if position == 1 and batches.first:
            yield Chunk(0, pl.DataFrame(schema=RECORDS), {}, batches.empty())


def _counted(batches: Batches, found: Uniform, made: Chunk, position: int, offset: int, line: int) -> Chunk:
    """The chunk with what its envelopes say wrongly; only a block that was walked has any."""
    if not found.walked:
        batches.passed(len(found))
        return made
    wrong = batches.rows(found, position, offset, line)
    if not wrong.height:
        return made
    return replace(made, rejects=pl.concat([made.rejects, wrong]).sort("position", maintain_order=True))


def _must_be_hl7(block: Block) -> None:
    if last_start(block.raw) >= 0 or header(block.raw) is not None:
        return
    if block.raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("The file is written in UTF-16. Export it as UTF-8 or GB18030.", "undecodable")
    where = f"the first {HEAD >> 10} KiB of a line" if block.refused else "it"
    raise Unreadable(f"No HL7 v2 message begins in {where}: no line starts with MSH. Run `guantong sniff` on it.")


def _refused(block: Block, position: int, line: int) -> Chunk:
    row = [(position, line, block.offset, "", block.refused, True, block.raw[:LONGEST_RAW])]
    rejects = pl.DataFrame(row, schema=REJECTS, orient="row")
    return Chunk(1, pl.DataFrame(schema=RECORDS), {}, rejects, bytes_read=block.passed)
