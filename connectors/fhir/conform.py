"""One block of FHIR resources as a chunk: every resource accepted with its rows, or rejected with its reason.

Pure: bytes in, tables out. What a line is worth is decided by its shape; only lines in doubt are looked at one by one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from connectors import json_strict as strict
from connectors.chunk import RECORDS, REJECTS, Chunk
from connectors.connector import Context
from connectors.fhir.draft import Draft, referred
from connectors.fhir.lines import Flags, Ints, Lines
from connectors.fhir.resource import Resource
from connectors.fhir.resources import RESOURCES
from connectors.fhir.rows import Rows, rows
from connectors.fhir.shape import Shape, Shapes, mismatch
from connectors.fhir.template import Template, template
from connectors.fhir.tokens import Tokens, signatures, tokens
from connectors.fhir.values import times
from connectors.fhir.version import foreign, other_profile

NO_REASON = ""
MANY, FEW, MOST_TEMPLATES = 100, 20, 8  # lines worth a template, worth a comparison; templates for one count of quotes


class HoldsBundles(Exception):
    """A line of the block is a bundle: its entries must be cut out first."""


@dataclass
class Verdicts:
    """For each line: the reason it is refused for (empty: none), and its root object."""

    reasons: "np.ndarray[tuple[int], np.dtype[np.object_]]"
    roots: Ints

    def refuse(self, at: "Ints | Flags", reason: str) -> None:
        """Refuses lines that have no reason yet."""
        chosen = np.zeros(len(self.reasons), np.bool_)
        chosen[at] = True
        self.reasons[chosen & (self.reasons == NO_REASON)] = reason

    def take(self, at: Ints, shape: Shape) -> None:
        """Lines of a shape get its verdict."""
        self.roots[at] = shape.root
        self.reasons[at] = shape.reason or NO_REASON

    @property
    def open(self) -> Ints:
        """Lines not refused so far."""
        return np.flatnonzero(self.reasons == NO_REASON)


@dataclass
class Reader:
    """Conforms blocks one after the other; remembers shapes between them."""

    context: Context
    shapes: Shapes = field(default_factory=Shapes)
    templates: dict[int, list[Template]] = field(default_factory=dict)  # by how many quotes a line has
    tried: set[int] = field(default_factory=set)  # signatures for which a template was tried

    def chunk(self, lines: Lines, bytes_read: int = 0, *, cut: bool = True) -> Chunk:
        """The block as a chunk. Raises HoldsBundles when a line is a bundle, unless they were `cut` out already."""
        if self.shapes.tidy():
            self.templates, self.tried = {}, set()
        found = tokens(lines)
        verdicts = self._judge(lines, found)
        drafts = self._drafts(lines, found, verdicts, cut)
        return _chunk(lines, verdicts, drafts, bytes_read)

    def _judge(self, lines: Lines, found: Tokens) -> Verdicts:
        """Verdicts by shape, and one by one for lines in doubt."""
        verdicts = Verdicts(np.full(len(lines), NO_REASON, object), np.full(len(lines), -1))
        for at in np.flatnonzero(found.doubtful).tolist():
            verdicts.reasons[at] = strict.reason(lines.raw(at)) or NO_REASON
        self._by_signature(lines, found, verdicts, self._by_template(lines, found, verdicts, verdicts.open))
        verdicts.refuse(verdicts.roots < 0, "not-a-resource")
        return verdicts

    def _by_template(self, lines: Lines, found: Tokens, verdicts: Verdicts, index: Ints) -> Ints:
        """Verdicts of lines that follow a template; the index of those that follow none."""
        quotes = 2 * (found.first[index + 1] - found.first[index])
        left = [index[~np.isin(quotes, list(self.templates))]]
        for count, templates in self.templates.items():
            some = index[quotes == count]
            for each in templates:
                if len(some) >= FEW:
                    ok = each.match(lines, found, some)
                    verdicts.take(some[ok], each.shape)
                    some = some[~ok]
            left.append(some)
        return np.sort(np.concatenate(left))

    def _by_signature(self, lines: Lines, found: Tokens, verdicts: Verdicts, index: Ints) -> None:
        """Verdicts of lines by their signature; shapes met often get a template."""
        if not len(index):
            return
        signed = signatures(lines, found, index)
        order = np.argsort(signed, kind="stable")
        distinct, first = np.unique(signed[order], return_index=True)
        for signature, at in zip(distinct.tolist(), np.split(index[order], first[1:]), strict=True):
            shape = self.shapes.by_signature.get(signature)
            shape = shape or self.shapes.learn(signature, lines.raw(int(at[0])))
            verdicts.take(at, shape)
            if len(at) >= MANY and signature not in self.tried:
                self.tried.add(signature)
                self._keep(template(shape, lines.raw(int(at[0]))))

    def _keep(self, made: Template | None) -> None:
        if made is not None and len(self.templates.get(made.quotes, [])) < MOST_TEMPLATES:
            self.templates.setdefault(made.quotes, []).append(made)

    def _drafts(self, lines: Lines, found: Tokens, verdicts: Verdicts, cut: bool) -> list[Draft]:
        alive = verdicts.open
        every = rows(lines, found, self.shapes, alive, verdicts.roots[alive])
        types = every.text("resourceType")
        verdicts.refuse(alive[types.is_null().to_numpy()], "not-a-resource")
        verdicts.refuse(alive[other_profile(every).to_numpy()], "wrong-fhir-version")
        if not cut and (types == "Bundle").any():
            raise HoldsBundles
        drafts = []
        for name in types.drop_nulls().unique(maintain_order=True).to_list():
            index = alive[(types == name).fill_null(value=False).to_numpy()]
            drafts += self._typed(lines, found, verdicts, name, index[verdicts.reasons[index] == NO_REASON])
        return drafts

    def _typed(self, lines: Lines, found: Tokens, verdicts: Verdicts, name: str, index: Ints) -> list[Draft]:
        """The draft of one type; its lines of the wrong version, shape or without a key are refused."""
        resource = RESOURCES.get(name)
        self._refuse_shapes(verdicts, resource, index)
        index = index[verdicts.reasons[index] == NO_REASON]
        if resource is None or not len(index):
            return []
        made = rows(lines, found, self.shapes, index, verdicts.roots[index])
        ids = _ids(made, lines)
        verdicts.refuse(index[ids.is_null().to_numpy()], "no-key")
        person = self._person(resource, made, ids)
        if resource.person:
            verdicts.refuse(index[person.is_null().to_numpy()], "no-person")
        kept = np.flatnonzero(verdicts.reasons[index] == NO_REASON)
        if len(kept) < len(index):
            made = rows(lines, found, self.shapes, index[kept], verdicts.roots[index[kept]])
            ids, person = ids.gather(kept), person.gather(kept)
        return [self._draft(resource, made, ids, person)] if len(made) else []

    def _refuse_shapes(self, verdicts: Verdicts, resource: Resource | None, index: Ints) -> None:
        for root in np.unique(verdicts.roots[index]).tolist():
            node = self.shapes.objects[root]
            at = index[verdicts.roots[index] == root]
            if foreign(resource, node):
                verdicts.refuse(at, "wrong-fhir-version")
            elif resource is None:
                verdicts.refuse(at, "no-shared-table")
            elif mismatch(node, resource.elements):
                verdicts.refuse(at, "wrong-shape")

    def _person(self, resource: Resource, made: Rows, ids: pl.Series) -> pl.Series:
        if resource.person in ("", "id"):
            return ids
        return referred(made, resource.person, dict(made.lines.renamed), "Patient")

    def _draft(self, resource: Resource, made: Rows, ids: pl.Series, person: pl.Series) -> Draft:
        hashes = made.lines.part(made.line).hashes()
        draft = Draft(self.context, resource.type, made, ids, person, hashes, ids, dict(made.lines.renamed))
        updated = made.text("meta.lastUpdated")
        draft.updated = draft.kept(made, "updated_at", updated, times(updated))
        resource.conform(draft)
        return draft


def _ids(made: Rows, lines: Lines) -> pl.Series:
    """The resource's id, else the key its bundle entry gives it."""
    ids = made.text("id")
    if lines.names is not None:
        ids = ids.zip_with(ids.is_not_null(), lines.names.gather(made.line))
    return ids


def _chunk(lines: Lines, verdicts: Verdicts, drafts: list[Draft], bytes_read: int) -> Chunk:
    refused = np.flatnonzero(verdicts.reasons != NO_REASON)
    rejects = [lines.rejects(refused, verdicts.reasons[refused].tolist())] if len(refused) else []
    rejects += [each for draft in drafts for each in draft.rejects]
    tables: dict[str, list[pl.DataFrame]] = {}
    for draft in drafts:
        for table, frames in draft.tables.items():
            tables.setdefault(table, []).extend(frames)
    if "observation" in tables:
        tables["observation"] = _linked(tables["observation"], drafts)
    return Chunk(
        read=len(lines), records=_records(lines, drafts), bytes_read=bytes_read,
        tables={table: pl.concat(frames, rechunk=False) for table, frames in tables.items()},
        rejects=pl.concat(rejects).sort("position", maintain_order=True) if rejects else pl.DataFrame(schema=REJECTS),
    )  # fmt: skip


def _linked(frames: list[pl.DataFrame], drafts: Iterable[Draft]) -> list[pl.DataFrame]:
    """Observations with the id of the report that names them, the first where several do."""
    links = [draft.links for draft in drafts if draft.links is not None and draft.links.height]
    if not links:
        return frames
    first = pl.concat(links).unique("source_pk", keep="first", maintain_order=True)
    named = (pl.col("source_table") == "Observation").and_(pl.col("source_pk").is_in(first["source_pk"].implode()))
    report = pl.col("source_pk").replace_strict(first["source_pk"], first["report_id"], default=None)
    return [frame.with_columns(report_id=pl.when(named).then(report).otherwise("report_id")) for frame in frames]


def _records(lines: Lines, drafts: Iterable[Draft]) -> pl.DataFrame:
    made = []
    for draft in drafts:
        at = draft.rows.line
        made.append(pl.DataFrame(
            {
                "position": lines.position[at], "line": lines.line[at], "offset": lines.offset[at],
                "length": lines.ends[at] - lines.starts[at], "hash": draft.hash, "key": draft.key,
            },
            schema=RECORDS,
        ))  # fmt: skip
    return pl.concat(made, rechunk=False).sort("position") if made else pl.DataFrame(schema=RECORDS)
