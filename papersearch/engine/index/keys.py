"""The keys of the dictionary: a field, and one of its terms."""

from __future__ import annotations

from collections.abc import Iterable

# Chosen: longer than the longest path. Nothing that long is a word, but posts of any kind must be indexed.
MOST_TERM = 4_096


def key_of(field: str, term: bytes | str) -> bytes:
    """The dictionary key of a field's term; of a longer one than ``MOST_TERM`` bytes its start and its digest."""
    data = term.encode("utf-8", "surrogatepass") if isinstance(term, str) else term
    return field.encode() + b"\0" + (data if len(data) <= MOST_TERM else _shortened(data))


def keys_of(field: str, terms: Iterable[str]) -> list[bytes]:
    """The keys of many terms, in their order."""
    start = field.encode() + b"\0"
    keys = [start + term.encode("utf-8", "surrogatepass") for term in terms]
    if max(map(len, keys), default=0) - len(start) > MOST_TERM:
        keys = [key_of(field, key[len(start) :]) for key in keys]
    return keys


def _shortened(data: bytes) -> bytes:
    from hashlib import blake2b  # takes longer to load than a look-up takes, and next to no term is that long

    end = MOST_TERM - 32
    while data[end] & 0xC0 == 0x80:  # within a character
        end -= 1
    return data[:end] + blake2b(data, digest_size=16).hexdigest().encode()
