"""The words of a query as slots: which belong together, what each counts, and how papers may spell them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from papersearch.core.frozen import NamedTuple, replace
from papersearch.engine.search.acronyms import in_singular
from papersearch.engine.search.apart import glued, split
from papersearch.engine.search.compounds import (
    SPELLING_FACTOR,
    by_chunk,
    cheap_to_find,
    has_particles,
    is_name,
    is_unit,
    joined_forms,
    joined_terms,
    number_otherwise,
    numbers_meet,
    occur,
    spellings,
    to_for_two,
    two_for_to,
)
from papersearch.engine.search.names import names_beside
from papersearch.engine.search.slots import Alternative, Slot, are_letters, unique
from papersearch.text import words
from papersearch.text.chunks import is_cjk
from papersearch.text.citations import keys_apart
from papersearch.text.phrasing import asked_words
from papersearch.text.stopwords import ENDS_OF_NAMES, STOP_WORDS, is_about_papers
from papersearch.text.words import QueryWord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

# What a query that is mostly stop words counts where it stands as a whole, beside its few other words (chosen: once in
# a title is more than these as often as can be).
WHOLE_FACTOR = 2.0
# Words of a query that tell something, and stop words beside them, where it is looked for as a whole too.
MOST_TELLING, LEAST_AROUND = 2, 2
LITTLE = 0.2  # (chosen: all initials of a name stay below its rarest word)
# In queries of more words, one that is known as it is written is not looked for written apart: context tells enough.
SHORT_QUERY = 6


def slots_of(reader: Statistics, text: str, field: str | None, boost: float, as_one: bool) -> tuple[Slot, ...]:
    """The slots of words that are limited to a field, or to none, as an index spells them."""
    if as_one or field is not None:
        return tuple(_from_tokens(text, reader, field, boost))
    slots = from_words(keys_apart(text), reader, boost)
    if are_letters(slots):
        return tuple(slots)
    from papersearch.engine.search.families import with_families

    return tuple(with_families(slots, reader))


def from_words(text: str, reader: Statistics, boost: float = 1.0) -> list[Slot]:
    """The slots of plain words of no field; stop words only where there is nothing else."""
    found = as_known(asked_words(text), text, reader)
    chunks = by_chunk(found)
    alone = len({word.chunk for word in found if not word.stop}) == 1
    sought = {number: _sought(parts, alone, reader) for number, parts in chunks.items()}
    telling = [(place, word) for place, word in enumerate(found) if not word.stop or sought[word.chunk].whole]
    kept = telling or list(enumerate(found))
    short = len(kept) <= SHORT_QUERY
    apart = {number: glued(parts, reader) for number, parts in chunks.items()}
    joins = _joins(found, reader)
    named = names_beside(found, text, reader)
    slots: list[Slot] = []
    for place, word in kept:
        if place in named:
            slots.append(Slot(word.text, named[place], place, boost=boost))
            continue
        parts, (whole, in_words) = chunks[word.chunk], sought[word.chunk]
        counts = boost * _share_of_owner(word, text)
        if whole and word is parts[0]:
            lead = _lead_of(found, place) if whole.as_one else ()
            shown = text[parts[0].start : parts[-1].end]
            spelled = unique([*whole.alternatives, *_apart(apart[word.chunk])])
            slots.append(replace(whole, alternatives=spelled, word=shown, position=place, boost=counts, lead=lead))
        if not in_words or (whole and word.stop):
            continue
        runs = [run for run in apart[word.chunk] if word.term not in run]
        alternatives = [*_written(word), *joins[place], *_apart(runs), *in_singular(word, reader)]
        if (short or not reader.frequency(word.term)) and len(word.word) >= 6:
            alternatives += _apart(split(word.word, reader))
        lead = _lead_of(found, place) if telling else ()
        counts *= _share_of_initial(word, text)
        written = alternatives[0].terms
        field = "authors" if _is_cited(found, place) else None
        slots.append(Slot(word.text, unique(alternatives), place, field, boost=counts, written=written, lead=lead))
    if run := _said_as_a_whole(found, reader):
        more = Alternative(run, WHOLE_FACTOR, "the words as they are asked for")
        return [replace(slot, alternatives=(*slot.alternatives, more)) for slot in slots]
    return slots


class _Sought(NamedTuple):
    """How a chunk of a query (what stands between two blanks) is looked for: by a slot of the ``whole``, which has no
    place in the query yet, by one for each of its ``words``, or by both::

        chunk                     whole  words
        diffusion                          x    one word
        GPT-4o, LoRA                x           a unit, whose parts mean nothing alone
        few-shot                    x     (x)   a word and a particle
        HumanEval                   x     (x)   a name
        language in Chinese         x           in pairs of characters; its ``words`` where no paper has the whole
        patch-level                 x      x    alone in a query: papers that have it so come first
        patch-level and others             x    among other words its parts are evidence

    (x): only where papers that have it with a blank cost too much to find; else the slot of the whole finds these too.
    """

    whole: Slot | None
    words: bool


def _sought(parts: Sequence[QueryWord], alone: bool, reader: Statistics) -> _Sought:
    """How a chunk is looked for. ``alone``: there is no other in its query, stop words apart."""
    if len(parts) == 1:
        return _Sought(None, True)
    whole, in_words = _sought_as_written(parts, alone, reader)
    if run := to_for_two(parts, reader):
        whole, in_words = whole or _whole(parts, apart=False), False
        if not reader.frequency(whole.written[0]):
            whole = replace(whole, written=run)  # no paper has it as it stands
    elif whole:
        run = two_for_to(parts, reader)
    if whole and run:
        whole = replace(whole, alternatives=(*whole.alternatives, Alternative(run, SPELLING_FACTOR, "2 for to")))
    if whole and (run := number_otherwise(parts, reader)):
        spelled = Alternative(run, SPELLING_FACTOR, "number in another form")
        whole = replace(whole, alternatives=(*whole.alternatives, spelled))
    return _Sought(whole, in_words)


def _sought_as_written(parts: Sequence[QueryWord], alone: bool, reader: Statistics) -> _Sought:
    """How a chunk of several parts is looked for, as it is written."""
    particled = has_particles(parts, reader)
    run = tuple(part.term for part in parts)
    if not particled and is_unit(parts):
        # Chinese has no blanks: what no paper has in one piece may be words that papers have apart.
        in_parts = is_cjk(parts[0].text) and not occur([run], reader)
        return _Sought(None if in_parts else _whole(parts, apart=True), in_parts)
    # Where many papers may have it with a blank, these are found by its words rather than looked through.
    cheap = cheap_to_find(run, reader)
    if particled or is_name(parts, reader):
        # With their neighbours its words may be the long form of an acronym, those of few-shot also by themselves.
        return _Sought(replace(_whole(parts, cheap), written=run, as_one=particled), not cheap)
    # Papers that have such a query in one piece come first, and then those that have its words.
    held = alone and reader.frequency(joined_terms(parts)[0]) > 0
    return _Sought(_whole(parts, cheap) if held else None, True)


def _whole(parts: Sequence[QueryWord], apart: bool) -> Slot:
    """The slot of a chunk as a whole; if ``apart``, papers that have it with blanks hold it too."""
    whole, *others = joined_terms(parts)
    alternatives = [Alternative((whole,)), *(Alternative((term,), SPELLING_FACTOR, "another form") for term in others)]
    if apart:
        alternatives.append(Alternative(tuple(part.term for part in parts), 1.0, "written apart"))
    return Slot("", unique(alternatives), written=(whole,))


def _written(word: QueryWord) -> list[Alternative]:
    """A word's term first, and those of what else it may be (see ``text.words``); of ``WHO`` only that in capitals."""
    twins = [term for term, count in word.joins if count == 1]
    if not word.stop and word.word.upper() in twins:
        return [Alternative((word.word.upper(),))]
    return [Alternative((word.term,)), *(Alternative((term,), SPELLING_FACTOR, "another form") for term in twins)]


def _apart(runs: Iterable[tuple[str, ...]]) -> Iterable[Alternative]:
    return (Alternative(run, SPELLING_FACTOR, "written apart") for run in runs)


def _joins(found: Sequence[QueryWord], reader: Statistics) -> list[list[Alternative]]:
    """For each word the joined forms with its neighbours that occur in the corpus. A stop word may lie between."""
    joins: list[list[Alternative]] = [[] for _ in found]
    for first, last, term, factor in joined_forms(found, reader):
        join = Alternative((term,), factor, "written as one")
        for place in range(first, last + 1):
            joins[place].append(join)
    return joins


def _from_tokens(text: str, reader: Statistics, field: str | None, boost: float) -> list[Slot]:
    """The slots of words that are asked for as they are written, one for each token: papers hold ``real-time`` if they
    have it in any spelling, and not if they have only parts of it."""
    asked = words.query_words if field else asked_words
    found = as_known(asked(text), text, reader)
    tokens = _by_token(found, text)
    telling = [parts for parts in tokens if not all(part.stop for part in parts)]
    joins = _joins(found, reader)
    slots: list[Slot] = []
    for parts in telling or tokens:
        place = found.index(parts[0])
        alternatives = [*_literal(parts, reader), *(joins[place] if len(parts) == 1 else ())]
        if parts[0].chunk == parts[-1].chunk and is_unit(parts) and not numbers_meet(parts):
            alternatives.insert(0, Alternative((joined_terms(parts)[0],)))
        alternatives += _spelled_otherwise(parts, reader, SPELLING_FACTOR if len(parts) == 1 else 1.0)
        lead = _lead_of(found, place) if telling else ()
        shown, written = text[parts[0].start : parts[-1].end], alternatives[0].terms
        slots.append(Slot(shown, unique(alternatives), place, field, boost, written=written, lead=lead, as_one=True))
    return slots


def phrase(text: str, reader: Statistics, field: str | None, slop: int, boost: float) -> Slot | None:
    """One slot for words that stand side by side, or within ``slop``, in any spelling of theirs; None where there is no
    word."""
    found = as_known(words.query_words(text), text, reader)
    if not found:
        return None
    alternatives = [*_literal(found, reader), *_spelled_otherwise(found, reader, 1.0)]
    written = alternatives[0].terms
    if slop:  # an h and an "and" near each other are no hand, though somebody writes H-and
        small = STOP_WORDS.difference(written)
        alternatives = [each for each in alternatives if small.isdisjoint(each.terms)]
    return Slot(text, unique(alternatives), 0, field, boost, slop, literal=len(found) == 1, written=written)


def _literal(found: Sequence[QueryWord], reader: Statistics) -> list[Alternative]:
    """Words side by side, first as they are written; a word alone may be more."""
    if len(found) > 1:
        return [Alternative(tuple(word.term for word in found))]
    return [*_written(found[0]), *in_singular(found[0], reader)]


def _spelled_otherwise(found: Sequence[QueryWord], reader: Statistics, factor: float) -> Iterable[Alternative]:
    return (Alternative(run, factor, note) for run, note in spellings(found, reader).items())


def _by_token(found: Sequence[QueryWord], text: str) -> list[list[QueryWord]]:
    """The words of ``text``, those together between which there is no blank."""
    tokens: list[list[QueryWord]] = []
    for word in found:
        between = text[tokens[-1][-1].end : word.start] if tokens else " "
        if any(map(str.isspace, between)):
            tokens.append([])
        tokens[-1].append(word)
    return tokens


def as_known(found: Sequence[QueryWord], text: str, reader: Statistics) -> list[QueryWord]:
    """The words of a query with what the corpus knows of its stop words: an acronym that is spelled like one is one
    after all if papers have it only in small letters, and what belongs to the name of an author, as Kaiming He, or of a
    thing, as Segment Anything, is none."""
    named = names_beside(found, text, reader)
    known = [
        word._replace(stop=place not in named and (word.stop or _is_no_acronym(word, reader)))
        for place, word in enumerate(found)
    ]
    for place, (before, word) in enumerate(pairwise(known), 1):
        if word.word in ENDS_OF_NAMES and not before.stop and _stand_together(before.term, word.term, reader):
            known[place] = word._replace(stop=False)
    return known


def _is_cited(found: Sequence[QueryWord], place: int) -> bool:
    """Whether a stop word is the name of an author, as in ``He et al.``: other texts have it everywhere."""
    follows = found[place + 1].word if place + 1 < len(found) else ""
    return follows in ("et", "etal") and found[place].word in STOP_WORDS and not found[place].stop


def _stand_together(one: str, other: str, reader: Statistics) -> bool:
    """Whether as many papers have two terms side by side as would have both by chance."""
    expected = reader.frequency(one) * reader.frequency(other)
    return 0 < expected <= reader.side_by_side((one, other)) * reader.papers


def _is_no_acronym(word: QueryWord, reader: Statistics) -> bool:
    acronym = word.word.upper()
    return (acronym, 1) in word.joins and not reader.frequency(acronym)


def _said_as_a_whole(found: Sequence[QueryWord], reader: Statistics) -> tuple[str, ...]:
    """The terms of a query in which so few words tell anything that what stands around them does: half a title, as
    ``cache me if you must`` or ``detection is all you need``. Nothing of other queries, nor of common words alone."""
    telling = sum(not word.stop for word in found)
    if not telling or len(found) - telling < LEAST_AROUND:
        return ()
    named = [place for place, word in enumerate(found) if not is_about_papers(word.word)]
    said = found[named[0] : named[-1] + 1] if named else found  # ... is all you need pdf
    telling = sum(not word.stop for word in said)
    if not 0 < telling <= MOST_TELLING or len(said) - telling < LEAST_AROUND:
        return ()
    run = tuple(word.term for word in said)
    return run if cheap_to_find(run, reader) else ()


def _share_of_initial(word: QueryWord, text: str) -> float:
    """What a word of a query counts: as an initial (``J. Wang``) little, being rare as a word but not in names."""
    follows = text[word.end : word.end + 1] == "." and text[word.end + 1 :].lstrip()[:1].isupper()
    return LITTLE if follows and len(word.text) == 1 and word.text.isupper() else 1.0


def _share_of_owner(word: QueryWord, text: str) -> float:
    """What a word counts: little if it says whose a model is (``meta-llama/Llama-3-8B``), which papers do not."""
    if "/" not in text:
        return 1.0
    before_name = re.compile(r"[a-z-]*/(?=[a-z][\w.]*-[\w.-]*(?!\S))(?=\S*\d)", re.IGNORECASE)
    return LITTLE if before_name.match(text, word.end) else 1.0


def _lead_of(found: Sequence[QueryWord], place: int) -> tuple[str, ...]:
    """The terms of the stop words right before a word."""
    first = place
    while first and found[first - 1].stop:
        first -= 1
    return tuple(word.term for word in found[first:place])
