"""Which documents of a segment match, word by word: slots to ``scoring.Matches``, and query trees to bit sets."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import accumulate
from operator import sub

from papersearch.core.fields import FIELDS, ID, RUN
from papersearch.engine.index.bits import (
    bits_at,
    bits_by_code,
    bits_of,
    column_of,
    docs_of,
    raise_codes,
    uses_arrays,
    worth_arrays,
)
from papersearch.engine.index.runs import breaks_of, by_field, holds_all, ordinals_of, pack, places
from papersearch.engine.index.weights import MASKS, MOST, SATURATION, pseudo_frequency, to_code
from papersearch.engine.search.scoring import TIER_TOPS, TIERS, Matches
from papersearch.engine.search.slots import Alternative, Slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.index.reader import OpenSegment
    from papersearch.engine.index.views import EntryView, PostingsView, SegmentView

# Documents that are fewer than one in so many of a word's are looked for in its postings one by one (chosen), unless
# the word is common: then the codes of all documents are at hand.
_FEW_OF = 20
# From so many terms of a slot on, those that count the same are put together as one (chosen: patterns have thousands).
_MANY_TERMS = 50
NOTHING = Matches(lambda: ((), ()), {}, 0, 0.0, lambda _: 0, bytes)


def match(slot: Slot, segment: SegmentView) -> Matches:
    """A slot's matches in a segment: the largest plain alternative as it lies in the index, others on top of it."""
    if slot.field == "id":
        return _of_id(slot.written[0], segment)
    if len(slot.alternatives) == 1 and len(slot.alternatives[0].terms) == 1:
        found = _match(segment, slot.alternatives, slot.field, slot.slop)
    else:
        # Words that come with other spellings or acronyms take long to put together, and the commonest come in many
        # queries.
        found = segment.cached(_match, slot.alternatives, slot.field, slot.slop, kind="large")
    return found if slot.paper_id is None else _named(found, exact_id(segment, slot.paper_id))


def _of_id(paper_id: str, segment: SegmentView) -> Matches:
    """The paper with an id, as if it held that as often as can be."""
    entry = segment.find(paper_id, ID)
    if entry is None:
        return NOTHING
    docs, bits = segment.postings(entry).docs, segment.bits(entry)
    codes = bytes([255]) * len(docs)
    column = partial(column_of, docs, codes, segment.count)
    return Matches(lambda: (docs, codes), {}, bits, SATURATION[255], lambda _: bits, column)


def _named(found: Matches, bits: int) -> Matches:
    """The matches with papers on top that hold the word as often as can be."""
    if not bits:
        return found
    extra = {**found.extra, **{doc: SATURATION[255] - SATURATION[found.code(doc)] for doc in docs_of(bits)}}
    return found.with_more(extra, found.bits | bits, SATURATION[255], lambda number: found.tier(number) | bits)


def _match(segment: SegmentView, alternatives: tuple[Alternative, ...], field: str | None, slop: int) -> Matches:
    """The matches of a slot's alternatives: single terms first, then runs of terms, each with its factor."""
    plain: list[tuple[EntryView, Alternative]] = []
    runs: list[Alternative] = []
    for alternative in alternatives:
        if len(alternative.terms) > 1:
            runs.append(alternative)
        elif (entry := segment.find(alternative.terms[0])) is not None:
            plain.append((entry, alternative))
    base, others = (_of_terms if len(plain) <= _MANY_TERMS else _of_many_terms)(plain, field, segment)
    others += ((segment.cached(_of_run, run.terms, field, slop, kind="sets"), run.factor) for run in runs)
    return _combined(base, [item for item in others if item[0].docs], segment.count)


def _of_terms(
    plain: list[tuple[EntryView, Alternative]], field: str | None, segment: SegmentView
) -> tuple[Matches, list[tuple[Matches, float]]]:
    """The matches of the commonest term that counts in full, and of each other one with its factor."""
    full = [item for item in plain if item[1].factor == 1.0]
    most = max(full, key=lambda item: (item[0].frequency, item[1].terms), default=None)
    base = _of_term(most[0], field, segment) if most else NOTHING
    return base, [(_of_term(item[0], field, segment), item[1].factor) for item in plain if item is not most]


def _of_many_terms(
    plain: list[tuple[EntryView, Alternative]], field: str | None, segment: SegmentView
) -> tuple[Matches, list[tuple[Matches, float]]]:
    """As ``_of_terms``, those with the same factor as one: what a document has of each is found out once, and not for
    each document anew."""
    by_factor: dict[float, list[EntryView]] = {}
    for entry, alternative in plain:
        by_factor.setdefault(alternative.factor, []).append(entry)
    found = {factor: _of_any(entries, field, segment) for factor, entries in by_factor.items()}
    return found.pop(1.0, NOTHING), [(matches, factor) for factor, matches in found.items()]


def _of_any(entries: Iterable[EntryView], field: str | None, segment: SegmentView) -> Matches:
    """Documents that hold any of some terms, with the highest of their codes."""
    column = bytearray(segment.count)
    for entry in entries:
        raise_codes(column, *_postings_of(entry, field, segment))
    live = segment.live
    every, *tiers = bits_by_code(column, (1, *TIERS))
    return Matches(
        lambda: (docs_of(every), column.translate(None, b"\0")),
        {},
        every & live,
        SATURATION[max(column, default=0)],
        lambda number: tiers[number] & live,
        lambda: column,
        common=True,
    )


@lru_cache(64)
def _saturations(factor: float) -> list[float]:
    """What each code counts in another spelling."""
    return [factor * saturation for saturation in SATURATION]


def _combined(base: Matches, others: Sequence[tuple[Matches, float]], count: int) -> Matches:
    """The matches of all spellings in a segment of ``count`` documents: for each document the best of them counts, kept
    as what is added to that of ``base``."""
    if not others:
        return base
    bits, top = base.bits, base.top
    for matches, factor in others:
        bits |= matches.bits
        top = max(top, factor * matches.top)
    extra = _gains(base, others)

    def tier(number: int) -> int:
        """Documents that any of them lifts above the tiers below."""
        found = base.tier(number)
        for matches, factor in others:
            code = bisect_right(_saturations(factor), TIER_TOPS[number])
            if code < len(SATURATION):
                found |= bits_at(matches.docs, matches.codes, code, count) & bits
        return found

    return base.with_more(extra, bits, top, tier)


def _gains(base: Matches, others: Sequence[tuple[Matches, float]]) -> Mapping[int, float]:
    """By how much the best of some other spellings, each with its factor, counts more than ``base``, by document; only
    where it does."""
    if uses_arrays() or worth_arrays(max(len(other.docs) for other, _ in others)):
        from papersearch.engine.search.scoring_arrays import Gains

        return Gains(base, others)
    extra: dict[int, float] = {}
    for other, factor in others:
        few = not base.common and len(other.docs) * _FEW_OF < len(base.docs)
        codes = map(base.code, other.docs) if few else base.codes_of(other.docs)
        have = map(SATURATION.__getitem__, codes)
        more = map(sub, map(_saturations(factor).__getitem__, other.codes), have)
        get = extra.get
        extra.update({doc: gain for doc, gain in zip(other.docs, more, strict=True) if gain > get(doc, 0.0)})
    return extra


def _of_term(entry: EntryView, field: str | None, segment: SegmentView) -> Matches:
    """The matches of one term. Its codes are used as they are stored, unless a field is asked for or weights are given:
    then they are worked out anew from its frequencies."""
    if field is None and segment.weights is None:
        top, papers = SATURATION[entry.top_code], None if segment.dead else entry.frequency

        def tier(number: int) -> int:
            # Without arrays all tiers cost no more than one.
            return segment.tiers(entry, (TIERS[number],))[0] if uses_arrays() else segment.tiers(entry, TIERS)[number]

        read = partial(_read, segment, entry)
        if not segment.is_common(entry):
            column = partial(_column_of, segment, entry)
            return Matches(read, {}, segment.bits(entry), top, tier, column, papers=papers)
        bits = segment.bits(entry) if uses_arrays() else segment.tiers(entry, TIERS)[-1]
        return Matches(read, {}, bits, top, tier, lambda: segment.column(entry), common=True, papers=papers)
    return _of_postings(*_postings_of(entry, field, segment), segment)


def _postings_of(entry: EntryView, field: str | None, segment: SegmentView) -> tuple[Sequence[int], Sequence[int]]:
    """The documents and codes of a term in the fields that count."""
    if field is None and segment.weights is None:
        return _read(segment, entry)
    postings = segment.postings(entry)
    mask = sum(mask for each, mask in zip(FIELDS, MASKS, strict=True) if field in (None, each.name))
    docs, here = array("I"), bytearray()
    for doc, code, frequencies in zip(postings.docs, _codes(postings), postings.frequencies(), strict=True):
        if frequencies & mask:
            docs.append(doc)
            if frequencies & ~mask or segment.weights is not None:
                code = to_code(pseudo_frequency(frequencies & mask, segment.norms(segment.lengths(doc))))
            here.append(code)
    return docs, here


def _read(segment: SegmentView, entry: EntryView) -> tuple[Sequence[int], Sequence[int]]:
    """The documents and codes of a term."""
    postings = segment.postings(entry)
    return postings.docs, _codes(postings)


def _column_of(segment: SegmentView, entry: EntryView) -> bytearray:
    """The code of each document for a term."""
    return column_of(*_read(segment, entry), segment.count)


def _codes(postings: PostingsView) -> Sequence[int]:
    return postings.codes if postings.codes is not None else b"\1" * len(postings.docs)


def _of_postings(docs: Sequence[int], codes: Sequence[int], segment: SegmentView) -> Matches:
    """The matches of a word with these postings, dead documents included; ``docs`` are in order."""
    top = SATURATION[max(codes)] if codes else 0.0
    live, count = segment.live, segment.count
    return Matches(
        lambda: (docs, codes),
        {},
        bits_of(docs, count) & live,
        top,
        lambda number: bits_at(docs, codes, TIERS[number], count) & live,
        lambda: column_of(docs, codes, count),
    )


def _of_run(segment: SegmentView, terms: tuple[str, ...], field: str | None, slop: int) -> Matches:
    """Documents in which the terms stand side by side (or within the slot's slop) in one field, and there in one author
    or tag."""
    if not slop and (counted := segment.find(" ".join(terms), RUN)) is not None:
        return _of_term(counted, field, segment)
    ordinals = ordinals_of(segment, terms)
    if ordinals is None:
        return NOTHING
    counting = frozenset(number for number, each in enumerate(FIELDS) if field in (None, each.name))
    holding = docs_of(holds_all(segment, terms))
    if worth_arrays(len(holding)):
        from papersearch.engine.index.run_arrays import run_postings

        return _of_postings(*run_postings(segment, ordinals, holding, counting, slop), segment)
    docs, codes = array("I"), bytearray()
    standing = _near_by_field(segment, ordinals, holding, slop) if slop else _by_field(segment, ordinals, holding)
    for doc, lengths, found in standing:
        tf = 0.0
        for number in found if len(found) == 1 else sorted(found):
            if number in counting:
                tf += segment.norm(number, lengths[number]) * min(found[number], MOST[number])
        if tf:
            docs.append(doc)
            codes.append(to_code(tf))
    return _of_postings(docs, codes, segment)


def _by_field(
    segment: SegmentView, ordinals: Sequence[int], docs: Iterable[int]
) -> Iterator[tuple[int, list[int], dict[int, int]]]:
    """(document, lengths of its fields, how often the terms stand side by side in each) of those where they do."""
    for doc, found in segment.documents.places_of(pack(ordinals), docs):
        lengths = segment.lengths(doc)
        yield doc, lengths, by_field(found, [0, *accumulate(lengths)], len(ordinals))


def _near_by_field(
    segment: SegmentView, ordinals: Sequence[int], docs: Iterable[int], slop: int
) -> Iterator[tuple[int, list[int], dict[int, int]]]:
    """As ``_by_field`` for terms that stand within the slop, in any order."""
    for doc in docs:
        row, lengths = segment.documents.token_row(doc), segment.lengths(doc)
        bounds = [0, *accumulate(lengths)]
        ends = sorted([*bounds, *breaks_of(segment.documents, doc)])
        yield doc, lengths, by_field(near(row, ordinals, slop, ends), bounds, 1)


def near(row: bytes, ordinals: Sequence[int], slop: int, ends: Sequence[int]) -> list[int]:
    """Where all terms stand within ``slop`` words more than they take, in any order: one start for each such window,
    which goes on over none of the ``ends``. These are in order, the last is that of the row."""
    wanted = Counter(ordinals)
    spots = sorted((place, ordinal) for ordinal in wanted for place in places(row, pack([ordinal])))
    width = len(ordinals) + slop
    found = []
    seen: Counter[int] = Counter()  # in the window from ``start`` on
    lacking, end = len(ordinals), 0
    for start, first in spots:
        until = min(start + width, ends[bisect_right(ends, start)])
        while end < len(spots) and spots[end][0] < until:
            ordinal = spots[end][1]
            seen[ordinal] += 1
            lacking -= seen[ordinal] <= wanted[ordinal]
            end += 1
        if not lacking:
            found.append(start)
        lacking += seen[first] <= wanted[first]
        seen[first] -= 1
    return found


def date_bits(segment: OpenSegment, low: int, high: int) -> int:
    """Live documents published between two day numbers, 1 or more and both included; an unknown date is day 0."""
    published = segment.documents.column("published")
    return bits_of([doc for doc, day in enumerate(published) if low <= day <= high], segment.count) & segment.live


def since_run_bits(segment: OpenSegment, run: int) -> int:
    """Live documents whose paper was first seen after the run with that number."""
    runs = segment.documents.column("run")
    return bits_of([doc for doc, first in enumerate(runs) if first > run], segment.count) & segment.live


def exact_id(segment: SegmentView, paper_id: str) -> int:
    """Live documents about the paper with that (folded) id."""
    entry = segment.find(paper_id, ID)
    return segment.bits(entry) if entry is not None else 0


def exact_bits(segment: OpenSegment, field: str, prefix: str) -> int:
    """Live documents with a value of an exact field that starts with ``prefix``."""
    bits = 0
    for _, entry in segment.prefixed(prefix, field):
        bits |= segment.bits(entry)
    return bits
