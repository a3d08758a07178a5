"""What is done, and by whom or to what, where verbs are in the passive or share who does it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from papersearch.engine.ask import vocabulary
from papersearch.engine.ask.clauses import Clauses, Word, is_finite

# passage: We present FastNet, trained on images written by experts.
# stands: FastNet is trained on images written by experts.
# falls: FastNet is trained by experts.
_PARTICIPLE = re.compile(r"\w+(?:ed|en|own|ught|uilt|ade)")


# passage: FastNet, trained in 2020, holds images tagged by experts.
# stands: FastNet holds images tagged by experts.
# falls: FastNet was trained by experts.
# passage: FastNet contains images taken by drones.
# stands: Images are taken by drones.
# falls: FastNet is taken by drones.
# passage: FastNet contains images collected, tagged and checked by experts.
# stands: FastNet contains images collected by experts.
# falls: FastNet is collected by experts.
# passage: FastNet contains images tagged and checked by experts.
# stands: FastNet contains images checked by experts.
# falls: FastNet is checked by experts.
def done_otherwise(told: Clauses, given: Clauses) -> bool:
    """Whether what is said to be done by somebody is not what the passage says that they do, or to something else."""
    terms = {each.term for each in told.words}
    for at in _bys(told.words):
        deed = told.words[at - 1]
        theirs = [place for place in _bys(given.words) if _agent(given.words, place) == _agent(told.words, at)]
        if theirs and not any(_is_done(given.words[:place], deed.term, terms) for place in theirs):
            return True
    return False


def _bys(here: Sequence[Word]) -> list[int]:
    """Where something is "done by" somebody."""
    return [at for at in range(1, len(here)) if here[at].word == "by" and _PARTICIPLE.fullmatch(here[at - 1].word)]


def _agent(here: Sequence[Word], at: int) -> str | None:
    return next((each.term for each in here[at + 1 :] if each.weighty or each.number), None)


def _is_done(ahead: Sequence[Word], deed: str, terms: set[str]) -> bool:
    """Whether a deed is the last of some words, or in a list with it, and to something that is one of the ``terms``."""
    for at in range(len(ahead) - 1, -1, -1):
        if ahead[at].term == deed:
            while at and (_PARTICIPLE.fullmatch(ahead[at - 1].word) or ahead[at - 1].word in vocabulary.LISTS):
                at -= 1
            is_told = ahead[at].word not in vocabulary.LISTS and at and ahead[at - 1].weighty
            return not is_told or ahead[at - 1].term in terms
        if ahead[at].weighty and not _PARTICIPLE.fullmatch(ahead[at].word):
            break
    return False


# passage: FastNet is trained on news and tested on videos.
# stands: FastNet is trained on news.
# falls: FastNet is trained on videos.
# passage: FastNet helps small nets, yet it harms large nets.
# stands: FastNet helps small nets.
# falls: FastNet helps large nets.
def spliced(told: Clauses, given: Clauses) -> bool:
    """Whether a verb stands before what the passage says of a second verb, behind an "and", "but" or "yet"."""
    terms = {each.term for each in told.words}
    for at, deed in enumerate(told.words):
        follows = next((each.term for each in told.words[at + 1 :] if each.weighty), None)
        if follows is None or not _is_deed(told.words, at):
            continue
        starts = [place for place, each in enumerate(given.words) if each.term == deed.term]
        ends = [place for place, each in enumerate(given.words) if each.term == follows]
        nearest = ((max((start for start in starts if start < end), default=None), end) for end in ends)
        pairs = [(start, end) for start, end in nearest if start is not None]
        if pairs and all(_has_second(given.words, *pair, terms) for pair in pairs):
            return True
    return False


def _has_second(here: Sequence[Word], start: int, end: int, terms: set[str]) -> bool:
    """Whether between a verb and a word there is another verb of which none of some ``terms`` tells, joined to what the
    first one has: "collected and checked by experts" has nothing between."""
    return any(
        here[at].term not in terms
        and any(each.word in ("and", "but", "yet") for each in here[max(0, at - 2) : at])
        and any(each.weighty and not _PARTICIPLE.fullmatch(each.word) for each in here[start + 1 : at])
        and _is_deed(here, at)
        for at in range(start + 1, end)
    )


def _is_deed(here: Sequence[Word], at: int) -> bool:
    """Whether a word is a verb, also one in the passive."""
    is_followed = at + 1 < len(here) and here[at + 1].word in vocabulary.RELATES
    return is_finite(here, at) or (is_followed and _PARTICIPLE.fullmatch(here[at].word) is not None)
