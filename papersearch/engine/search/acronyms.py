"""Acronyms of a query and their long forms, as the papers explain them: each is searched for with the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from papersearch.core.fields import ACRONYM, LONGFORM
from papersearch.core.frozen import replace
from papersearch.engine.search import snippets
from papersearch.engine.search.highlight import Wanted
from papersearch.engine.search.slots import Alternative, Slot
from papersearch.engine.search.statistics import second_halves
from papersearch.text import words
from papersearch.text.stopwords import STOP_WORDS
from papersearch.text.words import QueryWord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

# What an acronym's long form counts beside the acronym itself (chosen: below a literal match, above a missing word).
ACRONYM_FACTOR = 0.6
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


def in_singular(word: QueryWord, reader: Statistics) -> list[Alternative]:
    """The acronym that a word in one case is the plural of: ``lm`` of ``lms``. Nothing where the papers do not say so:
    they explain the acronym, and not the word, and they have the word no oftener (``gas``, ``GPS``)."""
    singular = singular_of(word)
    if not singular or not reader.has_prefix(f"{singular}\0", ACRONYM) or reader.has_prefix(f"{word.term}\0", ACRONYM):
        return []
    is_commoner = reader.frequency(word.term) > reader.frequency(singular)
    return [] if is_commoner else [Alternative((singular,), ACRONYM_FACTOR, _SINGULAR)]


def singular_of(word: QueryWord) -> str:
    """The term that a word would have without its last s; nothing if it is no plural, or the stemmer took that."""
    plural = word.term == word.word and word.word[-1] == "s" and len(word.word) > 2 and not word.stop
    return words.stem(word.word[:-1]) if plural else ""


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
    found = second_halves(reader, field, key + "\0")
    if field == ACRONYM and reader.frequency(key) > MOST_AS_WORD * sum(count for count, _ in found):
        return []
    least = max(2, found[0][0] * MEANING_SHARE) if found and found[0][0] > 1 else 1
    return [meaning for count, meaning in found[:MOST_MEANINGS] if count >= least]


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
