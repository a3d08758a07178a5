"""Compounds of a query: which words belong together, and what they are when they are written as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from operator import itemgetter

from papersearch.core.fields import LONGFORM
from papersearch.core.frozen import NamedTuple
from papersearch.engine.search.acronyms import singular_of
from papersearch.engine.search.apart import MOST_SEEN, glued, seen_apart, split
from papersearch.text import words
from papersearch.text.folding import without_transcription
from papersearch.text.stopwords import STOP_WORDS
from papersearch.text.words import QueryWord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.search.statistics import Statistics

# Parts of the longest chunk that is looked for as a whole only (chosen: names of models have up to nine).
MOST_OF_UNIT = 9
# Letters of the longest word that is looked for in parts, and spellings that words side by side are looked for in
# (chosen).
MOST_LETTERS = 20
MOST_SPELLINGS = 11
MOST_REPLACED = 60  # ways to write some of their words otherwise (chosen: more than a title has)
MOST_TOGETHER = 20  # in which several of their compounds are written otherwise (chosen)
_AS_ONE, _APART = "written as one", "written apart"
# Papers that hold the rarest of words that are looked for side by side though the query has them otherwise (measured:
# that takes up to 12 ms, once; for on and robot, which 332,000 papers hold, it took 350).
MOST_WITH_ALL = 8_000
_FIRST = 500  # papers that may have words side by side and are looked at before all are (chosen: a millisecond)
# What words written apart count when the query writes them as one and the other way round (chosen: below a literal
# match, above a missing word), and what trade-off counts beside trade where the query has it with a blank, between
# what shares of the papers with trade: else it is another word, as information beside formation, or hardly one
# (with 0.01 the first papers of 35 queries in which this matters are nearer in meaning than with 0.05).
SPELLING_FACTOR, PARTICLE_FACTOR = 0.95, 1.5
LEAST_PARTICLED, MOST_PARTICLED = 0.01, 2.0
PARTICLES = frozenset("all down few in no off on out over under up".split())

_IN_WORDS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))
_IN_WORDS |= {"1st": "first", "2nd": "second", "3rd": "third"}
_NUMBERS = _IN_WORDS | {word: digits for digits, word in _IN_WORDS.items()}


class _Replacement(NamedTuple):
    """What may stand in the place of the words from the ``first`` to before the ``following``."""

    first: int
    following: int
    terms: Sequence[str]
    note: str


def by_chunk(found: Iterable[QueryWord]) -> dict[int, list[QueryWord]]:
    """The words of a query by the number of the chunk that they are parts of, in order."""
    chunks: dict[int, list[QueryWord]] = {}
    for word in found:
        chunks.setdefault(word.chunk, []).append(word)
    return chunks


def joined_terms(parts: Sequence[QueryWord]) -> list[str]:
    """The terms that two words or more give when they are written as one, the likeliest first. U.S. gives that of US,
    which is not us."""
    whole = words.joined([part.word for part in parts])
    joins = [term for term, count in parts[0].joins if count == len(parts)]
    if whole in STOP_WORDS and (whole.upper() in joins or all(len(part.word) == 1 for part in parts)):
        return [whole.upper()]
    return [whole, *(term for term in joins if term != whole)]


def spellings(found: Sequence[QueryWord], reader: Statistics) -> dict[tuple[str, ...], str]:
    """The runs of terms that words which stand side by side may be written as besides, each with a note of how."""
    run = tuple(word.term for word in found)
    compounds: list[_Replacement] = []
    others: dict[tuple[str, ...], str] = {}
    for replacement in dict.fromkeys(islice(_replacements(found, reader), MOST_REPLACED)):
        if replacement.note in (_AS_ONE, _APART):
            compounds.append(replacement)
        if len(others) < MOST_SPELLINGS:
            others.setdefault(_with(run, [replacement]), replacement.note)
    for some in _likeliest(compounds, run, reader):
        others.setdefault(_with(run, some), some[0].note)
    return others


def _with(run: tuple[str, ...], replacements: Sequence[_Replacement]) -> tuple[str, ...]:
    """A run of terms with others in the place of some, in order."""
    for each in reversed(replacements):
        run = (*run[: each.first], *each.terms, *run[each.following :])
    return run


def _likeliest(
    compounds: Iterable[_Replacement], run: tuple[str, ...], reader: Statistics
) -> list[tuple[_Replacement, ...]]:
    """Replacements that are made together, the likeliest first: a title may have lost all its hyphens, or a query.

    How likely one is follows from how many papers have the words so, and otherwise: ``incontext`` has lost a hyphen,
    but ``systems`` is not "system s". Of the words so far only the likeliest ways are kept, which loses none of those
    of all words.
    """
    ways: list[tuple[float, tuple[_Replacement, ...]]] = [(1.0, ())]
    for each in sorted(compounds):
        asked = min(map(reader.frequency, run[each.first : each.following]))
        share = (other := min(map(reader.frequency, each.terms))) / max(1, asked + other)
        made = [(chance * share, (*some, each)) for chance, some in ways if _may_follow(each, some)]
        kept = [(chance * (1 - share), some) for chance, some in ways]
        ways = sorted(kept + made, key=itemgetter(0), reverse=True)[:MOST_TOGETHER]
    return [some for _, some in ways if some]


def _may_follow(each: _Replacement, some: Sequence[_Replacement]) -> bool:
    return not some or some[-1].following <= each.first


def _replacements(found: Sequence[QueryWord], reader: Statistics) -> Iterator[_Replacement]:
    """Those of words that stand side by side, one after the other."""
    at = 0
    for parts in by_chunk(found).values():
        for terms in glued(parts, reader):
            yield _Replacement(at, at + len(parts), terms, _APART)
        if run := to_for_two(parts, reader):
            yield _Replacement(at, at + len(parts), run, "2 for to")
        at += len(parts)
    for first in range(len(found)):
        for last in range(first + 1, min(len(found), first + 5)):
            if numbers_meet(found[last - 1 : last + 1]):
                break
            alone = {word.term for word in found[first : last + 1]}
            for term in filter(reader.frequency, joined_terms(found[first : last + 1])):
                if term in alone:  # as Jun Li in one has the stem of Jun
                    continue
                # Beside other words US stands as the stop word that it folds to.
                yield _Replacement(
                    first, last + 1, (term if last + 1 - first == len(found) else term.lower(),), _AS_ONE
                )
            for term in otherwise(found[first : last + 1], reader):
                yield _Replacement(first, last + 1, (term,), "number in another form")
    for place, word in enumerate(found):
        for terms in split(word.word, reader) if len(word.word) >= 6 else ():
            yield _Replacement(place, place + 1, terms, _APART)
        for terms in seen_apart(word.word, reader) if not word.stop and len(word.word) <= MOST_LETTERS else ():
            yield _Replacement(place, place + 1, terms, _APART)
        for term in forms(word, reader) if len(found) > 1 else ():
            yield _Replacement(place, place + 1, (term,), "another form")


def cheap_to_find(run: Sequence[str], reader: Statistics) -> bool:
    """Whether few papers enough are to be looked through for terms side by side."""
    return 0 < min(map(reader.frequency, run)) <= MOST_WITH_ALL


def occur(runs: Sequence[Sequence[str]], reader: Statistics) -> bool:
    """Whether any paper has the terms of a run side by side; mostly one of the first that hold them all does."""
    return any(reader.side_by_side(run, most) for most in (_FIRST, None) for run in runs)


def numbers_meet(parts: Sequence[QueryWord]) -> bool:
    """Whether words would give another number if they were written as one: 24/7 is not 247, and 3-13 not 313."""
    return any(before.word[-1].isdigit() and word.word[0].isdigit() for before, word in pairwise(parts))


def is_unit(parts: Sequence[QueryWord]) -> bool:
    """Whether a chunk is one such as LoRA or GPT-4o, of which the parts mean nothing alone: searched as a whole. One
    that is longer is a title, as it stands in an address."""
    return 1 < len(parts) <= MOST_OF_UNIT and (
        any(len(part.word) <= 2 and not part.stop for part in parts)
        or (not parts[0].stop and all(len(part.word) <= 3 for part in parts))
    )


def to_for_two(parts: Sequence[QueryWord], reader: Statistics) -> tuple[str, ...]:
    """The terms of a chunk with a word for its number, where papers write it so: sim2real is sim-to-real. Else none."""
    first, _, last = "".join(part.word for part in parts).partition("2")
    if not (first.isalpha() and last.isalpha() and reader.frequency(words.joined([first, "to", last]))):
        return ()
    return words.stem(first), words.stem("to"), words.stem(last)


def two_for_to(parts: Sequence[QueryWord], reader: Statistics) -> tuple[str, ...]:
    """The term of words with a "to" between them with a 2 in its place, where papers write it so. Else none."""
    if len(parts) != 3 or parts[1].word != "to":
        return ()
    term = words.joined([parts[0].word, "2", parts[2].word])
    return (term,) if reader.frequency(term) else ()


def number_otherwise(parts: Sequence[QueryWord], reader: Statistics) -> tuple[str, ...]:
    """The term of a chunk with its number in a word, or in digits, where papers write it so: 1-shot is one-shot, and
    six-DoF is 6-DoF. Else none."""
    number, *others = (part.word for part in parts)
    if number not in _NUMBERS or not others:
        return ()
    term = words.joined([_NUMBERS[number], *others])
    return (term,) if reader.frequency(term) else ()


def otherwise(parts: Sequence[QueryWord], reader: Statistics) -> tuple[str, ...]:
    """The terms of words that stand side by side with a number of theirs in another form."""
    return (*two_for_to(parts, reader), *number_otherwise(parts, reader))


def joined_forms(found: Sequence[QueryWord], reader: Statistics) -> Iterator[tuple[int, int, str, float]]:
    """(first, last, term, what it counts): what words that stand side by side are as one, where the corpus has that. A
    stop word may lie between."""
    for first, word in enumerate(found):
        if word.stop:
            continue
        for last in range(first + 1, min(len(found), first + 4)):
            inner = found[first + 1 : last]
            if found[last].stop or any(not part.stop for part in inner if last - first > 2):
                continue
            parts = found[first : last + 1]
            term = words.joined([part.word for part in parts])
            # The stemmer takes Li for an ending: JunLi has the term of Jun.
            if reader.frequency(term) and all(term != part.term for part in parts):
                yield first, last, term, 1.0 if word.chunk == found[last].chunk else SPELLING_FACTOR
            for other in otherwise(parts, reader):
                yield first, last, other, SPELLING_FACTOR
    yield from _with_particles(found, reader)


def _with_particles(found: Sequence[QueryWord], reader: Statistics) -> Iterator[tuple[int, int, str, float]]:
    """Those of a word and a particle with a blank between them."""
    for place, (first, second) in enumerate(pairwise(found)):
        word, particle = (second, first) if first.stop else (first, second)
        if word.stop or particle.word not in PARTICLES or first.chunk == second.chunk:
            continue
        term = words.joined([first.word, second.word])
        share = reader.frequency(term) / max(1, reader.frequency(word.term))
        if LEAST_PARTICLED <= share <= MOST_PARTICLED:
            yield place, place + 1, term, PARTICLE_FACTOR


def has_particles(parts: Sequence[QueryWord], reader: Statistics) -> bool:
    """Whether a compound that papers have is a word and stop words: trade-off, few-shot and in-context mean more than
    trade, shot and context."""
    telling = sum(not part.stop for part in parts)
    return telling < 2 and telling < len(parts) > 1 and reader.frequency(joined_terms(parts)[0]) > 0


def is_name(parts: Sequence[QueryWord], reader: Statistics) -> bool:
    """Whether a chunk has capitals or digits inside and is a name of its own: HumanEval means more than human and eval.
    Papers have it in one piece, and do not rather explain an acronym by its words, as of a ReinforcementLearning that
    has lost its blank; nor has it lost hyphens around a small word, as EndtoEnd."""
    if len(parts) < 2 or any(before.end < part.start for before, part in pairwise(parts)):
        return False
    if any(part.stop for part in parts) or not (papers := reader.frequency(joined_terms(parts)[0])):
        return False
    form = " ".join(part.term for part in parts) + "\0"
    explained = (reader.frequency(pair, LONGFORM) for pair in reader.terms(form, LONGFORM))
    return papers > max(explained, default=0) and not glued(parts, reader)


def forms(word: QueryWord, reader: Statistics) -> list[str]:
    """Other terms that may stand in the place of a word of a phrase: what else it may be, of ``lms`` what stands in
    that of ``LMs``, and of ``mueller`` in that of ``Müller``, where papers write it so."""
    others = [term for term, count in word.joins if count == 1 and term != word.word.upper()]
    singular, plain = singular_of(word), words.stem(without_transcription(word.word))
    if singular and reader.frequency(singular):
        others.append(singular)
    if plain != word.term and not word.stop and reader.written_apart(word.term, (plain,), MOST_SEEN):
        others.append(plain)
    return others
