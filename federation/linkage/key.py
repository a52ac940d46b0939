"""The linkage key: handed by the city to its sites, never to the linkage service, which knows its mark only.

From it come keys for one purpose and field each (HKDF, RFC 5869). The key is in no representation, pickle, copy,
query plan, log or exception of ours; who must write it to a file does so by name (`written`).
"""

import re
from collections.abc import Collection, Iterable
from typing import NoReturn, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federation.errors import BadInput, Refused

KEY_BYTES = 32
_LABEL = b"guantong linkage 1"
_WRITTEN = re.compile(r"\s*guantong-linkage-key ([1-9][0-9]{0,5}) ([0-9a-f]{64})\s*")


class Secret:
    """32 bytes that are only derived from. `mark`: 16 hex digits that say which secret this is, and nothing of it."""

    __slots__ = ("__bytes", "mark", "version")

    def __init__(self, secret: bytes, version: int = 1) -> None:
        if len(secret) != KEY_BYTES or len(set(secret)) < 8:
            raise ValueError(f"a key is {KEY_BYTES} random bytes")
        self.__bytes, self.version = bytes(secret), version
        self.mark = self.derive("mark")[:8].hex()

    def derive(self, purpose: str, field: str = "", length: int = KEY_BYTES) -> bytes:
        """The key of one purpose and field. Keys of two purposes, fields or versions tell nothing about each other."""
        info = f"{self.version}\0{purpose}\0{field}".encode()
        return HKDF(algorithm=SHA256(), length=length, salt=_LABEL, info=info).derive(self.__bytes)

    def written(self) -> str:
        """The one line of a key file (see `read`). The only way the secret leaves this object."""
        return f"guantong-linkage-key {self.version} {self.__bytes.hex()}\n"

    @classmethod
    def read(cls, text: str, where: str) -> Self:
        """The key of a key file's text; errors name `where`. Raises BadInput without a word of it."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise BadInput(
                f"{where} is no linkage key. One is a line `guantong-linkage-key VERSION 64-HEX-DIGITS`, from the city."
            )
        return cls(bytes.fromhex(found[2]), int(found[1]))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(version {self.version}, mark {self.mark})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is neither pickled nor copied: it would be written in clear. Read it where it is used.")


class LinkageKey(Secret):
    """The city's key in one version. Tokens and encodings are made under one, and meet those of the same mark only."""

    __slots__ = ()


def one_mark(marks: Iterable[str], known: Collection[str]) -> str:
    """The mark that all were made under. Raises Refused where there are several, or one that is not `known`.

    While keys are changed two marks are known for a time; what is linked together still has one.
    """
    found = sorted(set(marks))
    if not found:
        raise Refused(["No mark says which key these were made under. Send the mark beside them."])
    if strange := sum(mark not in known for mark in found):
        raise Refused(
            [f"{strange} of {len(found)} marks are of no key that is known here. Use the city's present key."]
        )
    if len(found) > 1:
        raise Refused([f"Made under {len(found)} keys ({', '.join(found)}), which never meet. Make all under one."])
    return found[0]
