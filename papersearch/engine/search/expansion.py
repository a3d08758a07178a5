"""The words of a query as the index may hold them: slots with other spellings, and long forms of acronyms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from papersearch.core.fields import ACRONYM, LONGFORM
from papersearch.core.frozen import NamedTuple, replace
from papersearch.engine.search import snippets
from papersearch.engine.search.apart import glued, split
from papersearch.engine.search.compounds import (
    SPELLING_FACTOR,
    acronym,
    as_known,
    as_one,
    by_chunk,
    by_token,
    cheap_to_find,
    has_particles,
    is_name,
    is_unit,
    joined_forms,
    lead_of,
    numbers_meet,
    occur,
    said_as_a_whole,
    share_of_initial,
    share_of_owner,
    spellings,
    to_for_two,
    two_for_to,
)
from papersearch.engine.search.highlight import Wanted
from papersearch.engine.search.names import names_beside
from papersearch.engine.search.slots import Alternative, Slot, are_letters, unique
from papersearch.text import words
from papersearch.text.chunks import is_cjk
from papersearch.text.citations import keys_apart
from papersearch.text.phrasing import asked_words
from papersearch.text.stopwords import STOP_WORDS
from papersearch.text.words import QueryWord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

# What an acronym's long form counts beside the acronym itself (chosen: below a literal match, above a missing word).
ACRONYM_FACTOR = 0.6
# What a query that is mostly stop words counts where it stands as a whole, beside its few other words (chosen: once in
# a title is more than these as often as can be).
WHOLE_FACTOR = 2.0
_SINGULAR = "an acronym in the singular"
# A meaning of an acronym is kept when it has this share of the papers of the commonest one (chosen).
MEANING_SHARE = 0.1
MOST_MEANINGS = 5
# An acronym stands for its long form where one of so many papers with it explains it so. A word that happens to be
# spelled alike (``OF`` for optical flow, ``map``, ``art``) would bring in everything and weigh nothing.
MOST_UNEXPLAINED = 250
# In so many papers for each that explains it, it is a word of its own, which somebody's method is called: ``deep``,
# ``robot``, ``AIME`` (measured over 87,288 papers, 2026-11-27: of the commonest 3,000 words of titles those that are
# acronyms are in 23 papers at most, the others in 114 and more).
MOST_AS_WORD = 100
# In queries of more words, one that is known as it is written is not looked for written apart: context tells enough.
SHORT_QUERY = 6


def slots_of(reader: Statistics, text: str, field: str | None, boost: float, as_one: bool) -> tuple[Slot, ...]:
    """The slots of words that are limited to a field, or to none, as an index spells them."""
    if as_one or field is not None:
        return tuple(each_as_one(text, reader, field, boost))
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
    apart = {number: glued(parts, reader) for number, parts in chunks.items() if sought[number].words}
    joins = _joins(found, reader)
    named = names_beside(found, text, reader)
    slots: list[Slot] = []
    for place, word in kept:
        if place in named:
            slots.append(Slot(word.text, named[place], place, boost=boost))
            continue
        parts, (whole, in_words) = chunks[word.chunk], sought[word.chunk]
        counts = boost * share_of_owner(word, text)
        if whole and word is parts[0]:
            lead = lead_of(found, place) if whole.as_one else ()
            shown = text[parts[0].start : parts[-1].end]
            slots.append(replace(whole, word=shown, position=place, boost=counts, lead=lead))
        if not in_words or (whole and word.stop):
            continue
        runs = [run for run in apart[word.chunk] if word.term not in run]
        alternatives = [*_written(word), *joins[place], *_apart(runs), *_singular(word, reader)]
        if (short or not reader.frequency(word.term)) and len(word.word) >= 6:
            alternatives += _apart(split(word.word, reader))
        lead = lead_of(found, place) if telling else ()
        counts *= share_of_initial(word, text)
        written = alternatives[0].terms
        slots.append(Slot(word.text, unique(alternatives), place, boost=counts, written=written, lead=lead))
    if run := said_as_a_whole(found, reader):
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
    held = alone and reader.frequency(as_one(parts)[0]) > 0
    return _Sought(_whole(parts, cheap) if held else None, True)


def _whole(parts: Sequence[QueryWord], apart: bool) -> Slot:
    """The slot of a chunk as a whole; if ``apart``, papers that have it with blanks hold it too."""
    whole, *others = as_one(parts)
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


def each_as_one(text: str, reader: Statistics, field: str | None, boost: float) -> list[Slot]:
    """The slots of words that are asked for as they are written, one for each token: papers hold ``real-time`` if they
    have it in any spelling, and not if they have only parts of it."""
    asked = words.query_words if field else asked_words
    found = as_known(asked(text), text, reader)
    tokens = by_token(found, text)
    telling = [parts for parts in tokens if not all(part.stop for part in parts)]
    joins = _joins(found, reader)
    slots: list[Slot] = []
    for parts in telling or tokens:
        place = found.index(parts[0])
        alternatives = [*_literal(parts, reader), *(joins[place] if len(parts) == 1 else ())]
        if parts[0].chunk == parts[-1].chunk and is_unit(parts) and not numbers_meet(parts):
            alternatives.insert(0, Alternative((as_one(parts)[0],)))
        alternatives += _spelled_otherwise(parts, reader, SPELLING_FACTOR if len(parts) == 1 else 1.0)
        lead = lead_of(found, place) if telling else ()
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
    return [*_written(found[0]), *_singular(found[0], reader)]


def _singular(word: QueryWord, reader: Statistics) -> list[Alternative]:
    singular = acronym(word, reader)
    return [Alternative((singular,), ACRONYM_FACTOR, _SINGULAR)] if singular else []


def _spelled_otherwise(found: Sequence[QueryWord], reader: Statistics, factor: float) -> Iterable[Alternative]:
    return (Alternative(run, factor, note) for run, note in spellings(found, reader).items())


def expand_acronyms(slots: Sequence[Slot], reader: Statistics) -> tuple[list[Slot], dict[str, tuple[str, ...]]]:
    """The slots with meanings of their acronyms, and acronyms of their words, at a lower weight; and what was added."""
    expanded: dict[str, tuple[str, ...]] = {}
    result = list(slots)
    for number, slot in enumerate(slots):
        if slot.field is None and slot.term is not None and slot.wanted:
            short = next((each.terms[0] for each in slot.alternatives if each.note == _SINGULAR), slot.term)
            long = reader.cached(_meanings, short, ACRONYM)
            if long:
                added = tuple(Alternative(tuple(form.split()), ACRONYM_FACTOR, "long form") for form in long)
                result[number] = replace(slot, alternatives=slot.alternatives + added)
                expanded[slot.word] = tuple(reader.cached(_spelled, short, form) for form in long)
    for first, last, form, words_of in _long_forms(slots, reader):
        shorts = [short for short in reader.cached(_meanings, form, LONGFORM) if _is_acronym(short, form, reader)]
        if not shorts:
            continue
        added = tuple(Alternative((short,), ACRONYM_FACTOR, "acronym") for short in shorts)
        for number in range(first, last + 1):
            result[number] = replace(result[number], alternatives=result[number].alternatives + added)
        expanded[words_of] = tuple(shorts)
    return result, expanded


def _spelled(reader: Statistics, short: str, form: str) -> str:
    """An acronym's long form as a paper writes it that explains the acronym."""
    run = tuple(form.split())
    text = reader.explained(short, form)
    marks = snippets.highlights(text, Wanted({}, [(run, 0, 1.0)]))[: len(run)]
    return text[marks[0][0] : marks[-1][1]].replace("\n", " ") if marks else form


def _meanings(reader: Statistics, key: str, field: str) -> list[str]:
    """The other halves of the pairs that start with ``key``, commonest first, those that occur often enough."""
    if not reader.has_prefix(key + "\0", field):
        return []  # as for most words
    found = counted(reader, field, key + "\0")
    if field == ACRONYM and reader.frequency(key) > MOST_AS_WORD * sum(count for count, _ in found):
        return []
    least = max(2, found[0][0] * MEANING_SHARE) if found and found[0][0] > 1 else 1
    return [meaning for count, meaning in found[:MOST_MEANINGS] if count >= least]


def counted(reader: Statistics, field: str, prefix: str, most: int | None = None) -> list[tuple[int, str]]:
    """(papers, second half) of the pairs of a field that start with ``prefix`` and that some paper has, those of most
    papers first; of the first ``most`` in order."""
    terms = islice(reader.terms(prefix, field), most)
    found = [(papers, term.partition("\0")[2]) for term in terms if (papers := reader.frequency(term, field))]
    return sorted(found, key=lambda each: (-each[0], each[1]))


def _is_acronym(short: str, form: str, reader: Statistics) -> bool:
    """Whether a term mostly means its long form, and is not a word of its own."""
    explained = reader.frequency(f"{form}\0{short}", LONGFORM)
    return short not in STOP_WORDS and reader.frequency(short) <= MOST_UNEXPLAINED * explained


def _long_forms(slots: Sequence[Slot], reader: Statistics) -> Iterable[tuple[int, int, str, str]]:
    """Runs of slots that may be the long form of an acronym, together with the stop words of the query between and
    before them: (first, last, form, the words of the query)."""
    for first, slot in enumerate(slots):
        if not _in_text(slot):
            continue
        if slot.as_one:
            runs = (" ".join(each.terms) for each in slot.alternatives if len(each.terms) > 1)
            yield from ((first, first, form, slot.word) for form in runs if reader.has_prefix(form + "\0", LONGFORM))
        lead = slot.lead
        texts = {skipped: " ".join([*lead[skipped:], *slot.run]) for skipped in range(len(lead) + 1)}
        growing = _growing(texts, reader)
        if not growing:
            continue  # as for most words: no long form begins with it
        texts.pop(len(lead))  # one word alone is no long form
        found = []
        for last in range(first, min(len(slots), first + 6)):
            if last > first:
                more = slots[last]
                if not growing or not _in_text(more) or not more.follows(slots[last - 1]):
                    break
                tail = " ".join(["", *more.lead, *more.run])
                texts = {skipped: text + tail for skipped, text in growing.items()}
                growing = _growing(texts, reader)
            whole = (skipped for skipped, text in texts.items() if reader.has_prefix(text + "\0", LONGFORM))
            if (skipped := next(whole, None)) is not None:
                found.append((last, skipped, texts[skipped]))
        for last, skipped, form in reversed(found):
            shown = [word for slot in slots[first + 1 : last + 1] for word in (*slot.lead, slot.word)]
            yield first, last, form, " ".join([*lead[skipped:], slot.word, *shown])


def _growing(texts: Mapping[int, str], reader: Statistics) -> dict[int, str]:
    """Those of some texts that a long form begins with, and goes on after."""
    return {skipped: text for skipped, text in texts.items() if reader.has_prefix(text + " ", LONGFORM)}


def _in_text(slot: Slot) -> bool:
    """Whether a slot is words that may be wanted in any field."""
    return bool(slot.run) and slot.field is None and slot.wanted
