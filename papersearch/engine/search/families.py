"""Names with versions, sizes and suffixes: found by as much of them as papers have.

``Qwen2.5-7B-Instruct`` is copied from where models are kept, and papers say ``Qwen2.5``, or ``Qwen``. What is left of a
name without its end is that of a *family*, and looked for where no paper has the whole. That of a version that is glued
to it (``YOLOv8``) always is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from papersearch.core.frozen import NamedTuple, replace
from papersearch.engine.search.apart import MOST_SEEN
from papersearch.engine.search.compounds import cheap_to_find
from papersearch.engine.search.slots import Alternative, Slot
from papersearch.text import words
from papersearch.text.words import QueryWord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

# Parts of the longest word that is taken for a name, and families that it stands for at most (chosen: names have up to
# nine parts, and what is shorter than three that papers have says little).
MOST_PARTS, MOST_FAMILIES = 12, 3
# What a family counts beside the whole name, and one beside the next longer one (chosen: nearly as much as the other
# words of a query; a title with the shorter one stays below an abstract with the longer one).
FAMILY_FACTOR, SHORTER_FACTOR = 0.8, 0.3
# What a name counts beside the version of it that is asked for (chosen: a title with the name stays below an abstract
# with the version).
VERSION_FACTOR = 0.3
# Letters of a word that is taken for a name though no number follows it (chosen: ViT of ViT-B, not T of T-cell).
LEAST_LETTERS = 3
# A version that goes on after its number, as 2.5 and 8n; sizes (7B) are no versions.
_VERSION = re.compile(r"(\d+)(?:\.\d+|[ac-jln-z])", re.IGNORECASE)


class Family(NamedTuple):
    """A family as words, and where in the whole name it begins and ends, and what it lacks begins. It is a
    ``mere_word`` if no number follows: that may be any, as the one that stable-diffusion-xl begins with."""

    words: tuple[str, ...]
    start: int
    end: int
    rest: int
    mere_word: bool = False


def with_families(slots: Sequence[Slot], reader: Statistics) -> list[Slot]:
    """The slots, and for a name that no paper has as a whole two: one of its families, and one of the rest of it, which
    papers without the whole lack."""
    return [each for slot in slots for each in _found(slot, reader)]


def _found(slot: Slot, reader: Statistics) -> list[Slot]:
    """The slot itself; or, of a name that no paper has as a whole, the longest part that papers have, and the rest."""
    parts = [] if slot.word.isalpha() else words.query_words(slot.word)
    whole = words.joined([part.word for part in parts])
    if not 1 < len(parts) <= MOST_PARTS or slot.written != (whole,) or reader.frequency(whole):
        return [slot]
    families = _families_of(parts, reader)
    if not families:
        return [slot]
    factor, added = FAMILY_FACTOR, []
    for family in families:
        forms = [form for form in _forms(family.words) if len(form) == 1 or cheap_to_find(form, reader)]
        added += [Alternative(form, factor, "of the same family") for form in forms]
        factor *= SHORTER_FACTOR
    _, start, end, rest, _ = families[0]
    longest = replace(slot, word=slot.word[start:end], alternatives=(*slot.alternatives, *added))
    return [longest, replace(slot, word=slot.word[rest:])]


def _families_of(parts: Sequence[QueryWord], reader: Statistics) -> list[Family]:
    """The families of a name that papers have, those first that reach further; a mere word only without any others."""
    candidates = list(_families(parts))
    found = [each for each in candidates if not each.mere_word and _is_held(each.words, reader)]
    least = reader.frequency(words.joined(found[0].words)) if found else 0
    inner = [each for each in _inner(parts) if reader.frequency(words.joined(each.words)) > least]
    if found or inner:
        return sorted([*found, *inner], key=lambda each: -each.end)[:MOST_FAMILIES]
    alone = [each for each in candidates if each.mere_word and each.end >= LEAST_LETTERS]
    return [each for each in alone if _is_held(each.words, reader)]


def _inner(parts: Sequence[QueryWord]) -> list[Family]:
    """Families without the word before them, as Llama-3 of Meta-Llama-3; with a number, since any word may be one."""
    second = next((at for at, (one, two) in enumerate(pairwise(parts), 1) if one.end < two.start), len(parts))
    if second == len(parts) or not all(part.word.isalpha() for part in parts[: second + 1]):
        return []
    inner = _families(parts[second:]) if len(parts[second].word) >= LEAST_LETTERS else ()
    return [each for each in inner if any(word[0].isdigit() for word in each.words)]


def _is_held(name: Sequence[str], reader: Statistics) -> bool:
    """Whether a paper has a name as one, or, of the first that have its words, with blanks."""
    if reader.frequency(words.joined(name)):
        return True
    runs = [form for form in _forms(name) if len(form) > 1]
    return any(cheap_to_find(run, reader) and reader.side_by_side(run, MOST_SEEN) > 0 for run in runs)


def _forms(name: Sequence[str]) -> list[tuple[str, ...]]:
    """A name as one term, and as its words; with 3-5 as it stands, and as 3.5."""
    run = tuple(map(words.stem, name))
    forms = [(words.joined(name),), run]
    decimals = (at for at, both in enumerate(map("".join, pairwise(name))) if len(both) == 2 and both.isdigit())
    if (at := next(decimals, None)) is not None:
        forms.append((*run[:at], run[at] + run[at + 1], *run[at + 2 :]))
    return list(dict.fromkeys(forms))


def _families(parts: Sequence[QueryWord]) -> Iterator[Family]:
    """What may be a family, longest first: a name cut at hyphens, before numbers and versions, and within a version.
    What is the end of a name is one as it stands too."""
    if not parts or not parts[0].word[0].isalpha():
        return
    name, start = tuple(part.word for part in parts), parts[0].start
    if start:
        yield Family(name, start, parts[-1].end, 0, len(parts) == 1)
    for count in range(len(parts) - 1, 0, -1):
        last, more = parts[count - 1], parts[count]
        rest = 0 if start else more.start
        if (version := _VERSION.fullmatch(more.text)) is not None:
            yield Family((*name[:count], version[1]), start, more.start + len(version[1]), rest)
        numbered = more.word == "v" or more.word[0].isdigit()
        if (numbered or last.end < more.start) and last.word != "v" and last.end - start > 1:
            yield Family(name[:count], start, last.end, rest, count == 1 and not numbered)


def expand_versions(slots: Sequence[Slot]) -> list[Slot]:
    """The slots with the names whose versions they ask for, at a lower weight."""
    return [
        replace(slot, alternatives=slot.alternatives + _of_any_version(slot)) if slot.literal and slot.wanted else slot
        for slot in slots
    ]


def _of_any_version(slot: Slot) -> tuple[Alternative, ...]:
    name = _unversioned(words.query_words(slot.word))
    if not name:  # as nearly always
        return ()
    known = {each.terms for each in slot.alternatives}
    forms = dict.fromkeys([(words.joined([part.word for part in name]),), tuple(part.term for part in name)])
    return tuple(Alternative(form, VERSION_FACTOR, "of any version") for form in forms if form not in known)


def _unversioned(parts: Sequence[QueryWord]) -> Sequence[QueryWord]:
    """The parts of a compound before its version, as YOLO of YOLOv8 and DeepSeek of DeepSeek-V2; none if it has no
    version."""
    for at, (part, following) in enumerate(pairwise(parts)):
        if part.word == "v" and following.word[0].isdigit() and sum(len(before.word) for before in parts[:at]) > 1:
            return parts[:at]
    return ()
