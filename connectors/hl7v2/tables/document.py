"""TXA: a row for each document; OBX of type ED or RP: one for each attachment. Only the SM3 of content is kept."""

import base64
import binascii
import hashlib

import numpy as np
import polars as pl

from connectors.hl7v2.cells import Words, among, code, nothing
from connectors.hl7v2.draft import Draft, chosen
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.owners import gathered, nearest
from connectors.hl7v2.tables.observation import ENCAPSULATED, WITHDRAWN
from connectors.hl7v2.tables.orders import Orders, distinct
from connectors.hl7v2.work import Work

ED = np.uint64(code("ED"))
GONE = ("T11",)  # the document is cancelled
TXA = {1: (), 2: (1, 2), 3: (), 4: (), 6: (), 9: (1, 2, 3), 12: (1,), 16: ()}
OBX = {1: (), 2: (), 3: (1, 2), 4: (), 5: (), 14: ()}


def conform(work: Work, orders: Orders) -> None:
    """Documents of MDM messages with the text that follows them, and attachments of others."""
    obx = work.messages.rows("OBX")
    kind = obx.short(2)
    of_document = work.messages.is_a(obx, "MDM")
    documents(work, obx.where(of_document), kind[of_document])
    attached = among(kind, ENCAPSULATED) & ~of_document
    attachments(work, orders, obx.where(attached), kind[attached])


def documents(work: Work, obx: Rows, kind: Words) -> None:
    """TXA: known by TXA-12, which later states of the document repeat."""
    rows = work.messages.rows("TXA")
    if not len(rows):
        return
    draft = work.draft
    number = draft.said(rows, "source_pk", rows.whole(12))
    key = number.zip_with(number.is_not_null(), work.message_key(rows))
    code_, name = draft.text(rows, "doc_type_code", 2, 1), draft.text(rows, "title", 2, 2)
    title = draft.text(rows, "title", 16).zip_with(draft.text(rows, "title", 16).is_not_null(), name)
    sm3, mime, uri = _contents(draft, rows, obx, kind)
    draft.add("document", "TXA", rows, {
        "encounter_id": work.encounter(rows), "person_id": work.person(rows), "doc_type_code": code_,
        "title": title.zip_with(title.is_not_null(), code_), "content_sm3": sm3, "content_uri": uri,
        "mime": mime.zip_with(mime.is_not_null(), draft.text(rows, "mime", 3)),
        "created_time": draft.first_time(rows, "created_time", (6, 1), (4, 1)),
        "author_id": draft.first(rows, "author_id", (9, 1), (9, 2)),
        "deleted": pl.Series(work.messages.happened(rows, *GONE)), "extra": work.extras.of(rows, "TXA", TXA),
    }, distinct(key, rows.message))  # fmt: skip


def _contents(draft: Draft, rows: Rows, obx: Rows, kind: Words) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Of each document the SM3 and type of its one attachment, else the SM3 of its text, and its address (RP)."""
    sm3, mime, uri = (nothing(len(rows)) for _ in range(3))
    at = nearest(obx, rows, after=False)
    for row in np.unique(at[at >= 0]).tolist():
        mine = np.flatnonzero(at == row)
        files = mine[among(kind[mine], ENCAPSULATED)]
        chosen_ = files[:1] if len(files) else mine
        some = draft.marks.rows(obx.lines[chosen_], obx.message[chosen_])
        if len(files):
            digest, type_, address = _attached(draft, some, kind[chosen_])
            sm3, mime, uri = sm3.scatter(row, digest), mime.scatter(row, type_), uri.scatter(row, address)
        else:
            lines = draft.said(some, "content_sm3", some.whole(5)).fill_null("").to_list()
            sm3 = sm3.scatter(row, digest_of("\n".join(lines).encode())) if any(lines) else sm3
    return sm3, mime, uri


def attachments(work: Work, orders: Orders, rows: Rows, kind: Words) -> None:
    """OBX with a file or a pointer in it, known like a result: by order, item and sub-id."""
    if not len(rows):
        return
    draft, at = work.draft, orders.request(rows)
    item, name = draft.text(rows, "doc_type_code", 3), draft.first(rows, "title", (3, 2), (3, 1))
    whole, _ = orders.numbers
    parts = [orders.key(rows, at, whole), item.fill_null(""), rows.whole(4)]
    key = pl.select(pl.concat_str(parts, separator="|", ignore_nulls=True)).to_series()
    sm3, mime, uri = _attached(draft, rows, kind)
    own = draft.times(rows, "created_time", 14)
    when = own.zip_with(own.is_not_null(), gathered(draft.first_time(orders.obr, "created_time", (22, 1), (7, 1)), at))
    draft.add("document", "OBX", rows, {
        "encounter_id": work.encounter(rows), "person_id": work.person(rows), "doc_type_code": item, "title": name,
        "content_sm3": sm3, "mime": mime, "content_uri": uri, "created_time": when,
        "deleted": pl.Series(among(rows.short(11), WITHDRAWN)), "extra": work.extras.of(rows, "OBX", OBX),
    }, distinct(key, rows.message))  # fmt: skip


def _attached(draft: Draft, rows: Rows, kind: Words) -> tuple[pl.Series, pl.Series, pl.Series]:
    """SM3 of what ED-5 holds, the media type of ED-2/3 (RP-3/4), and RP-1 as the address."""
    encoding, data = rows.part(5, 4).to_list(), rows.part(5, 5).to_list()
    digests = [_decoded(how, what) for how, what in zip(encoding, data, strict=True)]
    lost = pl.Series([what is not None and found is None for what, found in zip(data, digests, strict=True)])
    draft.flag(rows, "content_sm3", lost & pl.Series(kind == ED), "bad-attachment", nothing(len(rows)))
    is_file = kind == ED
    types = [chosen(kind == ED, rows.part(5, part), rows.part(5, part + 1)) for part in (2, 3)]
    mime = pl.select(pl.concat_str(types, separator="/", ignore_nulls=True)).to_series()
    plain = mime.set(mime == "", None).str.to_lowercase()
    sm3 = chosen(is_file, pl.Series(digests, dtype=pl.String), nothing(len(rows)))
    return sm3, plain, chosen(is_file, nothing(len(rows)), draft.text(rows, "content_uri", 5))


def _decoded(encoding: str | None, data: str | None) -> str | None:
    """SM3 of the content in hex; None where there is none, or it is not what it says."""
    if data is None:
        return None
    kind = (encoding or "").lower()
    try:
        if kind == "base64":
            return digest_of(base64.b64decode("".join(data.replace("\\.br\\", "").split()), validate=True))
        if kind == "hex":
            return digest_of(bytes.fromhex(data))
    except (binascii.Error, ValueError):
        return None
    return digest_of(data.encode()) if kind in ("", "a") else None


def digest_of(content: bytes) -> str:
    """SM3 (GB/T 32905), in hex."""
    return hashlib.new("sm3", content).hexdigest()
