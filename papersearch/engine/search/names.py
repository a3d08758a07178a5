"""Names of people as they are asked for: ``LeCun, Yann``, ``Y. LeCun``, ``LeCun Y`` are ``Yann LeCun``.

A name fits another if each of its words is one of the other's, or an initial of it, or the other way round; at least
one word must be the same. So what is asked may leave out middle names, and the order does not matter. Initials that are
written as one word (``Turing AM``, as PubMed has it) are also read one by one.

In a query of plain words, a stop word or an initial that makes a name of an author with the word beside it (``he zhu``,
``He, K.``) stands for the names of such authors: by itself it tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise, product

from papersearch.core.frozen import replace
from papersearch.engine.search.slots import Alternative, Slot, unique
from papersearch.text import words
from papersearch.text.folding import fold, normalized, transcribed
from papersearch.text.stopwords import STOP_WORDS
from papersearch.text.words import QueryWord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

MOST_NAMES = 50  # authors that one name stands for (chosen)
# Stop words that are looked for in names also where they have no capitals, in queries of so few words (of 112,402
# titles and sentences in small letters, 2026-11-28, next to none has one that makes an author's name by chance).
NAMES_TOO = frozenset("an can do go he may she so will you".split())
_MOST_WORDS = 8
_FEW_WORDS = 3  # in which an initial may be without its full stop (chosen)
# Names of a query that are looked up, and of those the ones with initials (chosen: for each all authors who begin with
# that letter are looked at, of 126,000 up to 12,000; a citation has its title, too).
_MOST_TRIED, _MOST_WITH_INITIALS = 8, 3
# Not those that a short family name may be as well, which many write in capitals: LI, HE, YAN, NG.
_INITIALS_AS_ONE = re.compile(r"\b(?!(?:AN|NG|OH)\b)[A-Z][B-DF-HJ-NP-TV-XZ]{1,2}\b")

Forms = frozenset[str]
Readings = list[list[Forms]]


def with_names(slot: Slot, name: str, names: tuple[str, ...], reader: Statistics) -> Slot:
    """The slot of an author with the authors of the index that the author's ``name`` fits. ``names`` are all that a
    query asks for, this one among them: they are looked for together."""
    # The stemmer takes a surname for an ending, in Xiang Li written as one: that is not the name without it.
    spelled = [each for each in slot.alternatives if not set(each.terms) < set(slot.written)]
    known = {each.terms for each in spelled}
    fit: tuple[str, ...] = reader.cached(fitting, names)[name]
    runs = (tuple(word.term for word in words.query_words(author)) for author in fit)
    more = (Alternative(run, 1.0, "the same name") for run in runs if run not in known)
    return replace(slot, alternatives=(*spelled, *more))


def fitting(reader: Statistics, names: tuple[str, ...], starts: tuple[str, ...] = ("",)) -> dict[str, tuple[str, ...]]:
    """For each of some names the authors of the index that it fits, as they are written, in order; the first
    ``MOST_NAMES``. Looks once at all authors, or at those whose name starts so."""
    asked = {name: _readings_of(name) for name in names}
    by_form: dict[str, list[str]] = {}  # the names that have a whole word
    for name, (words_of, *_) in asked.items():
        for form in {form for forms in words_of for form in forms if len(form) > 1}:
            by_form.setdefault(form, []).append(name)
    found: dict[str, list[str]] = {name: [] for name in names}
    left = set(names)
    may_have = _any_of(by_form)
    for term in chain.from_iterable(reader.authors(start, tuple(by_form)) for start in starts) if by_form else ():
        if not may_have(term):
            continue
        author = term.partition("\0")[2]
        readings = _readings_of(author)
        alike = {name for forms in readings[0] for form in forms for name in by_form.get(form, ())}
        for name in left & alike:
            which = asked[name]
            if any(fits(*both) for both in _compared(which, readings)) or _fit_as_one(which[0], readings[0]):
                found[name].append(author)
                if len(found[name]) == MOST_NAMES:
                    left.discard(name)
        if not left:
            break
    return {name: tuple(authors) for name, authors in found.items()}


def _any_of(words: Iterable[str]) -> Callable[[str], object]:
    """Whether a name may have one of some folded words. Letters beyond ASCII are folded in many ways, but a word keeps
    its first letter if that is ASCII."""
    plain = [word for word in words if word.isascii()]
    starts = {word[0] for word in plain} or "-"
    whole, other = rf"(?:{'|'.join(plain) or '-'})(?![a-z])", rf"(?:[{''.join(starts)}][a-z]*)?[^\0-\x7f]"
    return re.compile(rf"(?<![a-z])(?:{whole}|{other})", re.IGNORECASE).search


def _readings_of(name: str) -> Readings:
    """The words of a name, and those that it has if a short one in capitals is initials."""
    apart = _INITIALS_AS_ONE.sub(lambda glued: " ".join(glued[0]), name)
    return [forms_of(name)] if apart == name or name.isupper() else [forms_of(name), forms_of(apart)]


def _fit_as_one(asked: list[Forms], name: list[Forms]) -> bool:
    """Whether two names fit if two words of one of them are written as one: Feifei Li is Li Fei-Fei."""
    if len(asked) > len(name):
        return any(fits(each, name) for each in _joined(asked))
    return len(asked) < len(name) and any(fits(asked, each) for each in _joined(name))


def _joined(name: list[Forms]) -> Iterator[list[Forms]]:
    """A name of three or four words with each two neighbours as one."""
    for place in range(len(name) - 1) if 2 < len(name) < 5 else ():
        first, second = name[place : place + 2]
        if min(map(len, first | second)) > 1:  # no initials
            yield [*name[:place], frozenset(a + b for a, b in product(first, second)), *name[place + 2 :]]


def _compared(asked: Readings, name: Readings) -> Iterable[tuple[list[Forms], list[Forms]]]:
    """The readings to compare, alike ones where both names have two: ``Turing AX`` is not ``Turing AM``."""
    return zip(asked, name, strict=True) if len(asked) == len(name) else product(asked, name)


def forms_of(name: str) -> list[Forms]:
    """The words of a name, each folded and as it is transcribed; of an initial, one letter (``Ö`` is no ``oe``)."""
    parts = re.findall(r"[^\W\d_]+", normalized("NFC", name))
    return [
        frozenset({fold(part), fold(transcribed(part) or part)} if len(part) > 1 else {fold(part)[:1]})
        for part in parts
    ]


def fits(asked: list[Forms], name: list[Forms]) -> bool:
    """Whether a name that is asked for may be that name."""
    if len(asked) > len(name):
        return False
    left = list(name)
    same = False
    # Whole words first, so that an initial does not take the place of one.
    for forms in sorted(asked, key=lambda forms: -max(map(len, forms))):
        match = next((other for other in left if forms & other), None)
        same = same or (match is not None and max(map(len, forms)) > 1)
        if match is None:
            match = next((other for other in left if _is_initial(forms, other) or _is_initial(other, forms)), None)
        if match is None:
            return False
        left.remove(match)
    return same


def _is_initial(short: Forms, long: Forms) -> bool:
    return any(form[:1] in short for form in long)


def names_beside(found: Sequence[QueryWord], text: str, reader: Statistics) -> dict[int, tuple[Alternative, ...]]:
    """The names of the authors whom a stop word or an initial of a query names with what is beside it, by its place."""
    named: dict[int, tuple[Alternative, ...]] = {}
    for first, last, starts in islice(_perhaps_names(found, text), _MOST_TRIED):
        name = text[found[first].start : found[last].end]
        asked = [forms for forms in forms_of(name) if max(map(len, forms)) > 1]
        authors: tuple[str, ...] = reader.cached(fitting, (name,), starts)[name]
        names = [
            Alternative(tuple(word.term for word in words.query_words(author)), 1.0, "an author's name")
            for author in authors
            if all(any(forms & other for other in forms_of(author)) for forms in asked)  # and not only its initial
        ]
        for place in range(first, last + 1) if names else ():
            if len(found[place].word) == 1 or found[place].word in STOP_WORDS:
                named.setdefault(place, unique(names))
    return named


def _perhaps_names(found: Sequence[QueryWord], text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """(first word, last word, starts) of what may be an author's name; ``starts`` are those of the authors to compare
    it with: one of a name in small letters, in capitals an initial."""
    for place, (one, other) in enumerate(pairwise(found)):
        stop, beside = (one, other) if one.word in STOP_WORDS else (other, one)
        if stop.word not in STOP_WORDS or beside.word in STOP_WORDS or min(len(one.word), len(other.word)) < 2:
            continue
        if text[one.end : one.end + 1] == text[other.end : other.end + 1] == ",":
            continue  # family names: He, Zhang, Ren and Sun
        capitals = one.text.istitle() and other.text.istitle()
        if capitals or (stop.word in NAMES_TOO and len(found) <= _MOST_WORDS):
            yield place, place + 1, (f"{one.word} ", f"{other.word} ")
    yield from islice(_with_initials(found, text), _MOST_WITH_INITIALS)


def _with_initials(found: Sequence[QueryWord], text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Those of a family name with initials before or behind it: ``K. He``, ``He, K.``, in few words also ``He K``."""
    few = len(found) <= _FEW_WORDS
    initials = [
        len(word.text) == 1
        and word.text.isupper()
        and (text[word.end : word.end + 1] == "." or (few and word.word not in STOP_WORDS))
        for word in found
    ]
    for place in range(len(found)):
        if not initials[place] or (place and initials[place - 1]):
            continue
        end = place
        while end + 1 < len(found) and initials[end + 1]:
            end += 1
        before = place > 0 and _is_whole(found[place - 1])
        behind = end + 1 < len(found) and _is_whole(found[end + 1])
        if before and behind and "," not in text[found[place - 1].end : found[end + 1].start]:  # Minh N. Do
            yield place - 1, end + 1, (f"{found[place - 1].word} ",)
            continue
        starts = (found[place].word,)
        if behind:
            last = end + 1
            while last + 1 < len(found) and found[last + 1].chunk == found[last].chunk:  # LeCun
                last += 1
            yield place, last, starts
        if before:
            first = place - 1
            while first and found[first - 1].chunk == found[first].chunk:
                first -= 1
            yield first, end, starts


def _is_whole(word: QueryWord) -> bool:
    """Whether a word may be a whole name, and no initial."""
    return len(word.text) > 1 and word.text.istitle()
