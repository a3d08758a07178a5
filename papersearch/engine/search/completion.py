"""A query whose last word is still being typed: what it may become, and the papers that this finds.

A word being typed stands for itself and for the commonest words of the corpus that begin with it, at a lower weight,
so that results settle while the word grows and do not jump when it is whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from papersearch.core.fields import AUTHOR, TAG, query_fields
from papersearch.core.frozen import NamedTuple, replace
from papersearch.core.records import Completion
from papersearch.engine.search.facets import as_one_value
from papersearch.engine.search.slots import Alternative, Slot
from papersearch.engine.search.statistics import second_halves
from papersearch.text import words
from papersearch.text.chunks import is_cjk
from papersearch.text.folding import fold, key_prefix
from papersearch.text.stopwords import STOP_WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

PREFIX_FACTOR = 0.8  # what a longer word counts beside the word as it stands (chosen: below another spelling)
LEAST_LETTERS = 2
MOST_ENDINGS = 40  # the commonest; what is rarer is found when another letter is typed
MOST_TRIED = 16  # of them are tried after the words before (chosen for the time)
_MOST_CHECKED = 500  # papers that hold all words, of which it is seen whether they stand side by side
_FEW = 250  # words that are looked at one by one: some 5 ms (measured)
MOST_POSTINGS = 30_000  # of all endings together: what a query of a few words reads (chosen for the time)
_TEXTS = ("title", "abstract", "qa")
_WHOLE = {"author": AUTHOR, "tag": TAG}  # of which whole values are offered
_LOOKED_AT = 20_000  # words of the dictionary for one prefix: two letters of the largest corpora


class Ending(NamedTuple):
    """A word that begins with what is typed, its term, and how many papers hold the term; ``following`` counts those,
    of at most ``_MOST_CHECKED`` that hold all words, in which it stands right after the words before."""

    word: str
    term: str
    papers: int
    following: int = 0


def may_go_on(text: str) -> bool:
    """Whether the last word of a text may be unfinished: it ends with a letter, a digit, or a mark such as a vowel of
    Hindi."""
    return text[-1:].isalnum() or (text != "" and unicodedata.category(text[-1])[0] == "M")


def with_endings(slots: Sequence[Slot], reader: Statistics) -> list[Slot]:
    """The slots of a query, the last with the terms that its word may become."""
    last = slots[-1]
    if len(last.run) > 1:
        return [*slots[:-1], _with_last_parts(last, reader)]
    typed = fold(last.word)
    if last.term is None or len(typed) < LEAST_LETTERS:
        return list(slots)
    before = slots[-2].term if len(slots) > 1 and last.follows(slots[-2]) else None
    likely = reader.cached(_likely, (before, *last.lead) if before else (), typed)
    longer = [ending for ending in _affordable(likely) if ending.term != last.term]
    added = tuple(Alternative((each.term,), PREFIX_FACTOR, "begins like this") for each in longer)
    whole = reader.frequency(last.term) > 0
    if added and (not whole or longer[0].following):
        # The likeliest word is the one that stands beside its neighbours, and that explanations name first.
        likeliest, *others = added
        alternatives = (likeliest, *last.alternatives, *others)
        return [*slots[:-1], replace(last, alternatives=alternatives, written=likeliest.terms)]
    return [*slots[:-1], replace(last, alternatives=last.alternatives + added)]


def _with_last_parts(slot: Slot, reader: Statistics) -> Slot:
    """The slot of a compound, such as ``zero-sh``, with what its last part may become after the others."""
    *before, typed = words.folded(slot.word)
    if len(typed) < LEAST_LETTERS:
        return slot
    run = slot.run[: len(before)]
    longer = [ending for ending in reader.cached(_likely, run, typed)[:MOST_TRIED] if ending.following]
    added = (Alternative((*run, each.term), PREFIX_FACTOR, "begins like this") for each in longer)
    known = {each.terms for each in slot.alternatives}
    return replace(slot, alternatives=(*slot.alternatives, *(each for each in added if each.terms not in known)))


def _affordable(endings: Sequence[Ending]) -> list[Ending]:
    """The first ending, and of the others those that do not bring too many postings together."""
    kept: list[Ending] = []
    postings = 0
    for ending in endings:
        if not kept or postings + ending.papers <= MOST_POSTINGS:
            kept.append(ending)
            postings += ending.papers
    return kept


def completions(text: str, reader: Statistics, most: int) -> list[Completion]:
    """How the last word of a query may go on, commonest first; then authors and tags that begin like it."""
    start, field, typed = _last_word(text)
    key = fold(typed)
    least = 1 if field in _WHOLE and key and is_cjk(key) else LEAST_LETTERS  # one character is a family name
    if len(key) < least or (field not in _WHOLE and _is_over(typed)):
        return []
    before = text[:start]
    result: list[Completion] = []
    if field not in _WHOLE:
        likely = reader.cached(_likely, () if field else _run_before(before), key)
        longer = islice((ending for ending in likely if ending.word != key), most)
        result = [Completion(before + ending.word, "word", ending.papers) for ending in longer]
    for kind, name in _WHOLE.items():
        if field in (None, kind) and len(result) < most:
            found = reader.cached(second_halves, name, key_prefix(typed), _LOOKED_AT)
            counts = as_one_value({value: papers for papers, value in found})
            # At most two of a kind beside words, so that a common first name does not take the list.
            for value, papers in islice(counts.items(), min(most, MOST_ENDINGS) if field else 2):
                result.append(Completion(f'{before}{kind}:"{value}"', kind, papers))
    return result[:most]


def _last_word(text: str) -> tuple[int, str | None, str]:
    """Where the word at the end starts, the field it is asked in (None for any), and the word."""
    start = len(text) - len(re.split(r"[\s(]", text)[-1])
    name, colon, value = text[start:].partition(":")
    quoted = re.search(r'(author|tag):"([^"]*)$', text)
    if quoted is not None:
        return quoted.start(), quoted[1], quoted[2]
    if colon and name in _WHOLE:
        return start, name, value
    if colon and query_fields().get(name.lstrip("-").lower()) in _TEXTS:
        return start + len(name) + 1, name, value
    typed = text[start:].lstrip('-"')  # what stands before it stays: -diff must not become diffusion
    return len(text) - len(typed), None, typed


def _is_over(typed: str) -> bool:
    """Whether nothing can follow in a word: a question mark, a full stop, or what closes a phrase stands after it."""
    return unicodedata.category(typed[-1]).startswith(("P", "S"))


def _endings(reader: Statistics, prefix: str) -> list[Ending]:
    """The commonest words that begin with ``prefix``, one for each term."""
    few = list(islice(reader.surfaces(prefix), _FEW))
    common = reader.commonest(prefix, MOST_ENDINGS) if len(few) == _FEW else None
    best: dict[str, str] = {}
    if common is None:
        for word in few if len(few) < _FEW else islice(reader.surfaces(prefix), _LOOKED_AT):
            if word not in STOP_WORDS:
                best.setdefault(words.stem(word), word)  # the first in order is the shortest
    else:
        # Where many words begin so, each look at one would be felt. Their stems begin like them, being longer.
        for term in common:
            if (shown := _written(term, prefix, reader)) is not None:
                best[term] = shown
    found = [Ending(word, term, papers) for term, word in best.items() if (papers := reader.frequency(term))]
    return sorted(found, key=lambda ending: (-ending.papers, ending.word))[:MOST_ENDINGS]


def _written(term: str, prefix: str, reader: Statistics) -> str | None:
    """A word of a term as papers write it, the first in order; None for stop words, and for what is no word by itself,
    as parts of a compound that are joined."""
    if not term.isalpha():
        return term  # cifar10: no other word has it
    forms: Iterator[str] = islice(reader.surfaces(term), _FEW)
    if term[-1] == "i" and term != prefix:  # geometri, of geometry
        forms = chain(islice(reader.surfaces(f"{term[:-1]}y"), 1), forms)
    return next((form for form in forms if words.stem(form) == term and form not in STOP_WORDS), None)


def _likely(reader: Statistics, run: tuple[str, ...], prefix: str) -> list[Ending]:
    """Words that begin with ``prefix``: first those that follow the terms of ``run`` somewhere, then the commonest."""
    found = reader.cached(_endings, prefix)
    if not run:
        return found
    tried = [
        each._replace(following=reader.side_by_side((*run, each.term), _MOST_CHECKED)) for each in found[:MOST_TRIED]
    ]
    return sorted(tried, key=lambda ending: -ending.following) + found[MOST_TRIED:]


def _run_before(text: str) -> tuple[str, ...]:
    """The terms that stand right before the word being typed: the last that is no stop word, and what follows it."""
    found = words.query_words(text)[-4:]
    telling = max((place for place, word in enumerate(found) if not word.stop), default=-1)
    return tuple(word.term for word in found[telling:]) if telling >= 0 else ()
