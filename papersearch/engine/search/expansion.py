"""The words of a query as the index may hold them: other spellings, long forms of acronyms, what a pattern stands for.

A *slot* is one word of the query. Its *alternatives* are terms, or runs of terms that must stand side by side, each
with a factor: what a match by it counts beside a literal one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from papersearch.core.fields import ACRONYM, LONGFORM
from papersearch.core.frozen import Frozen, replace
from papersearch.engine.search import snippets
from papersearch.engine.search.compounds import acronym, by_chunk, forms, glued, is_unit, seen_apart, split, unversioned
from papersearch.engine.search.highlight import Wanted
from papersearch.engine.search.lexicon import Lexicon
from papersearch.text import words
from papersearch.text.stopwords import STOP_WORDS
from papersearch.text.words import QueryWord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

# What an acronym's long form counts beside the acronym itself, and what words written apart count when the query
# writes them as one and the other way round (chosen: below a literal match, above a missing word).
ACRONYM_FACTOR = 0.6
SPELLING_FACTOR = 0.95
_SINGULAR = "an acronym in the singular"
# What a name counts beside the version of it that is asked for (chosen: a title with the name stays below an abstract
# with the version).
VERSION_FACTOR = 0.3
# A meaning of an acronym is kept when it has this share of the papers of the commonest one (chosen).
MEANING_SHARE = 0.1
MOST_MEANINGS = 5
# An acronym stands for its long form where one of so many papers with it explains it so. A word that happens to be
# spelled alike (``OF`` for optical flow, ``map``, ``art``) would bring in everything and weigh nothing.
MOST_UNEXPLAINED = 250
MOST_PATTERN_TERMS = 5_000
# Letters of the longest word of a phrase that is looked for in parts (chosen).
MOST_LETTERS = 20
# In longer queries a word that is known as it is written is not tried in other spellings: context tells enough.
SHORT_QUERY = 6


class Alternative(Frozen):
    """Terms that stand side by side, and what a match counts. ``note`` says for people why they are tried."""

    terms: tuple[str, ...]
    factor: float = 1.0
    note: str = ""


class Slot(Frozen):
    """One word of a query.

    ``position`` counts the query's words, stop words included; ``lead`` are the terms of the stop words before it;
    ``slop`` is how far the words of a phrase may be apart. A slot that is not ``wanted`` stands for what must not
    occur: it scores nothing, and no paper misses it. The paper whose (folded) id the word is, ``paper_id``, holds it
    more than any other.
    """

    word: str
    alternatives: tuple[Alternative, ...]
    position: int = 0
    field: str | None = None
    boost: float = 1.0
    slop: int = 0
    literal: bool = True
    lead: tuple[str, ...] = ()
    wanted: bool = True
    paper_id: str | None = None

    @property
    def term(self) -> str | None:
        """The term as it was written, where that is one term."""
        first = self.alternatives[0].terms if self.alternatives else ()
        return first[0] if len(first) == 1 and self.literal else None

    def follows(self, before: Slot) -> bool:
        """Whether nothing but stop words stands between the slot and another before it."""
        return self.position == before.position + len(self.lead) + 1


def from_words(text: str, reader: Statistics, field: str | None = None, boost: float = 1.0) -> list[Slot]:
    """The slots of plain words; stop words only where there is nothing else."""
    found = [_as_written(word, reader) for word in words.query_words(text)]
    telling = [(place, word) for place, word in enumerate(found) if not word.stop]
    kept = telling or list(enumerate(found))
    chunks = by_chunk(found)
    units = {number for number, parts in chunks.items() if is_unit(parts)}
    short = len(kept) <= SHORT_QUERY
    apart: dict[int, list[tuple[str, ...]]] = {}
    joins = _joins(found, reader)
    slots: list[Slot] = []
    done: set[int] = set()
    for place, word in kept:
        parts = chunks[word.chunk]
        if word.chunk in units:
            if word.chunk not in done:
                done.add(word.chunk)
                slots.append(_unit_slot(parts, found, field, boost))
            continue
        if word.chunk not in apart:
            apart[word.chunk] = glued(parts, reader)
        alternatives = [*_written(word), *joins[place]]
        alternatives += (
            Alternative(run, SPELLING_FACTOR, "written apart") for run in apart[word.chunk] if word.term not in run
        )
        if singular := acronym(word, reader):
            alternatives.append(Alternative((singular,), ACRONYM_FACTOR, _SINGULAR))
        if (short or not reader.frequency(word.term)) and len(word.word) >= 6:
            alternatives += [Alternative(run, SPELLING_FACTOR, "written apart") for run in split(word.word, reader)]
        lead = _lead(found, place) if telling else ()
        slots.append(Slot(word.text, _unique(alternatives), place, field, boost, lead=lead))
    return slots


def _as_written(word: QueryWord, reader: Statistics) -> QueryWord:
    """An acronym that is spelled like a stop word is one after all if the corpus has it only in small letters."""
    acronym = word.word.upper()
    if word.stop or (acronym, 1) not in word.joins or reader.frequency(acronym):
        return word
    return word._replace(stop=True)


def _written(word: QueryWord) -> list[Alternative]:
    """A word's term, and those of what else it may be (see ``text.words``); of ``WHO`` only that in capitals."""
    twins = [term for term, count in word.joins if count == 1]
    if not word.stop and word.word.upper() in twins:
        return [Alternative((word.word.upper(),))]
    return [Alternative((word.term,)), *(Alternative((term,), SPELLING_FACTOR, "another form") for term in twins)]


def _lead(found: Sequence[QueryWord], place: int) -> tuple[str, ...]:
    """The terms of the stop words right before a word."""
    first = place
    while first and found[first - 1].stop:
        first -= 1
    return tuple(word.term for word in found[first:place])


def _unit_slot(parts: Sequence[QueryWord], found: Sequence[QueryWord], field: str | None, boost: float) -> Slot:
    whole = words.joined([part.word for part in parts])
    if any(term == whole.upper() for term, _ in parts[0].joins):
        whole = whole.upper()  # U.S., which is not us
    run = tuple(part.term for part in parts)
    text = parts[0].text if len(parts) == 1 else "".join(part.text for part in parts)
    joins = (term for term, count in parts[0].joins if count == len(parts) > 1)
    others = (Alternative((term,), SPELLING_FACTOR, "another form") for term in joins)
    alternatives = _unique((Alternative((whole,)), Alternative(run, 1.0, "written apart"), *others))
    return Slot(text, alternatives, found.index(parts[0]), field, boost)


def _joins(found: Sequence[QueryWord], reader: Statistics) -> list[list[Alternative]]:
    """For each word those that it gives with its neighbours, written as one, where the corpus has that. A stop word may
    lie between."""
    joins: list[list[Alternative]] = [[] for _ in found]
    for first, word in enumerate(found):
        if word.stop:
            continue
        for last in range(first + 1, min(len(found), first + 4)):
            inner = found[first + 1 : last]
            if found[last].stop or any(not word.stop for word in inner if last - first > 2):
                continue
            term = words.joined([word.word for word in found[first : last + 1]])
            if reader.frequency(term):
                together = found[first].chunk == found[last].chunk
                join = Alternative((term,), 1.0 if together else SPELLING_FACTOR, "written as one")
                for place in range(first, last + 1):
                    joins[place].append(join)
    return joins


def phrase(text: str, reader: Statistics, field: str | None, slop: int, boost: float) -> Slot | None:
    """One slot for words that stand side by side, in any spelling of theirs; None where there is no word."""
    found = words.query_words(text)
    if not found:
        return None
    run = tuple(word.term for word in found)
    alternatives = [Alternative(run)]
    if not slop:
        at = 0
        for parts in by_chunk(found).values():
            following = at + len(parts)
            for terms in glued(parts, reader):
                alternatives.append(Alternative((*run[:at], *terms, *run[following:]), 1.0, "written apart"))
            at = following
        for first in range(len(found)):
            for last in range(first + 1, min(len(found), first + 5)):
                joined = words.joined([word.word for word in found[first : last + 1]])
                if reader.frequency(joined):
                    variant = (*run[:first], joined, *run[last + 1 :])
                    alternatives.append(Alternative(variant, 1.0, "written as one"))
        for place, word in enumerate(found):
            apart: list[tuple[str, ...]] = [*split(word.word, reader)] if len(word.word) >= 6 else []
            apart += seen_apart(word.word, reader) if not word.stop and len(word.word) <= MOST_LETTERS else []
            for terms in apart:
                alternatives.append(Alternative((*run[:place], *terms, *run[place + 1 :]), 1.0, "written apart"))
            for term in forms(word, reader):
                variant = (*run[:place], term, *run[place + 1 :])
                alternatives.append(Alternative(variant, SPELLING_FACTOR, "another form"))
    return Slot(text, _unique(alternatives)[:12], 0, field, boost, slop, literal=len(run) == 1)


def pattern(
    text: str, lexicon: Lexicon, field: str | None, boost: float, most: int = MOST_PATTERN_TERMS
) -> tuple[Slot, bool]:
    """One slot for the words that a pattern with ``*`` and ``?`` stands for, and whether these are more than ``most``:
    then it is for the first so many of them."""
    from papersearch.engine.search import spelling

    matching = spelling.matching(text, lexicon, most + 1)
    terms = sorted({words.stem(word) for word in matching[:most]})
    numbered: list[str] = []
    if any(map(str.isdigit, text)):
        numbered = spelling.matching(text.replace("-", ""), lexicon.numbered(), most + 1)
    alternatives = tuple(Alternative((term,), 1.0, "matches the pattern") for term in (*terms, *numbered[:most]))
    return Slot(text, alternatives, 0, field, boost, literal=False), max(len(matching), len(numbered)) > most


def fuzzy(text: str, distance: int, lexicon: Lexicon, field: str | None, boost: float) -> Slot:
    """One slot for the words within an edit distance; each edit costs a fifth."""
    from papersearch.engine.search import spelling

    near = spelling.fuzzy(text, distance, lexicon)
    factors: dict[str, float] = {}
    for word, edits in near:
        term = words.stem(word)
        factors[term] = max(factors.get(term, 0.0), 1.0 - 0.2 * edits)
    ordered = sorted(factors.items(), key=lambda item: (-item[1], item[0]))
    alternatives = tuple(Alternative((term,), factor, "spelled alike") for term, factor in ordered)
    return Slot(text, alternatives, 0, field, boost, literal=False)


def expand_versions(slots: Sequence[Slot]) -> list[Slot]:
    """The slots with the names whose versions they ask for, at a lower weight."""
    return [
        replace(slot, alternatives=slot.alternatives + _names(slot)) if slot.literal and slot.wanted else slot
        for slot in slots
    ]


def _names(slot: Slot) -> tuple[Alternative, ...]:
    name = unversioned(words.query_words(slot.word))
    if not name:  # as nearly always
        return ()
    forms = (words.joined([part.word for part in name]),), tuple(part.term for part in name)
    return tuple(Alternative(form, VERSION_FACTOR, "of any version") for form in dict.fromkeys(forms))


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
        lead = slot.lead
        texts = {skipped: " ".join([*lead[skipped:], str(slot.term)]) for skipped in range(len(lead) + 1)}
        growing = {skipped: text for skipped, text in texts.items() if reader.has_prefix(text + " ", LONGFORM)}
        if not growing:
            continue  # as for most words: no long form begins with it
        texts.pop(len(lead))  # one word alone is no long form
        found = []
        for last in range(first, min(len(slots), first + 6)):
            if last > first:
                more = slots[last]
                if not growing or not _in_text(more) or not more.follows(slots[last - 1]):
                    break
                tail = " ".join(["", *more.lead, str(more.term)])
                texts = {skipped: text + tail for skipped, text in growing.items()}
                growing = {skipped: text for skipped, text in texts.items() if reader.has_prefix(text + " ", LONGFORM)}
            whole = (skipped for skipped, text in texts.items() if reader.has_prefix(text + "\0", LONGFORM))
            if (skipped := next(whole, None)) is not None:
                found.append((last, skipped, texts[skipped]))
        for last, skipped, form in reversed(found):
            shown = [word for slot in slots[first + 1 : last + 1] for word in (*slot.lead, slot.word)]
            yield first, last, form, " ".join([*lead[skipped:], slot.word, *shown])


def _in_text(slot: Slot) -> bool:
    return slot.term is not None and slot.field is None and slot.wanted


def _unique(alternatives: Iterable[Alternative]) -> tuple[Alternative, ...]:
    best: dict[tuple[str, ...], Alternative] = {}
    for alternative in alternatives:
        before = best.get(alternative.terms)
        if before is None or before.factor < alternative.factor:
            best[alternative.terms] = alternative
    return tuple(best.values())
