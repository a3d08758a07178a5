"""Whether a sentence claims what a passage's sentence with the same words does: its numbers of the same things
(``figures``), its verbs of the same doers, nothing put together from two clauses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from papersearch.engine.ask import clauses, figures, participles, vocabulary
from papersearch.engine.ask.clauses import Clauses
from papersearch.engine.ask.deeds import Deed, deeds_of
from papersearch.engine.ask.terms import terms_of

# passage: We introduce OtterBench. It provides letters.
# stands: OtterBench provides letters.
# falls: Letters provide OtterBench.
_INTRODUCED = re.compile(
    r"""\b(?:[Ii]ntroduc|[Pp]ropos|[Pp]resent|[Dd]evelop|[Dd]esign|[Rr]eleas|[Vv]alidat|[Cc]all|[Nn]am|[Dd]ubb)
    (?:e|es|ed|ing|s)?\b\s+(?:(?:an?|the|our|it)\s+)*["“‘'(]*((?:[A-Z][\w-]*|\w+[A-Z][\w-]*)(?:\s+[A-Z][\w-]*)*)""",
    re.VERBOSE,
)
_WORK = rf"(?:{'|'.join(vocabulary.WORKS)})"

# passage: We introduce OtterBench. This resource provides letters.
# stands: OtterBench provides letters.
# falls: OtterBench provides videos.
_POINTS_BACK = re.compile(
    rf"""\b(?:we|our|this|these)\b | ^\W*(?:it|its|they|their)\b
    | \bthe\s+(?:(?:proposed|resulting|new)\s+)?{_WORK}\b
    | \b(?:experiments?|results?|evaluations?)\b[^.;]{{0,60}}\b(?:show|demonstrat|indicat|reveal)""",
    re.IGNORECASE | re.VERBOSE,
)

# passage: We add a sparse method. This method reduces noise.
# stands: The sparse method reduces noise.
# falls: A sparse method reduces memory.
_THESE = re.compile(r"\b(?:this|these|such)\s+([a-z]+)", re.IGNORECASE)

# passage: The method requires images, whereas prior work labels.
# stands: The method requires images.
# falls: The method requires labels.
_CONTRASTS = frozenset("while whereas whilst but although though because since".split())

# passage: A set of losses guides the student.
# stands: Losses guide the student.
# falls: The student guides losses.
_SETS = frozenset("set number seri varieti rang group famili kind type form class pair".split())


def known(title: str, before: str, sentence: str) -> set[str]:
    """The terms by which another sentence may call what a sentence of a passage is about ("our method"): the title's,
    names that were introduced in the sentences before, and what stands there before "these losses" or is a system."""
    names = [found[1] for found in _INTRODUCED.finditer(before)]
    names += re.findall(rf"\b{_WORK}\b", before)
    for back in _THESE.finditer(sentence):
        names += re.findall(rf"(?i)((?:\w[\w-]*\s+){{1,3}}){re.escape(back[1])}\b", before)
    return terms_of(" ".join((title, *names)))


def points_back(sentence: str) -> bool:
    """Whether a sentence is about what another one names."""
    return _POINTS_BACK.search(sentence) is not None


def changed(ours: str, theirs: str, known: set[str]) -> str | None:
    """What a sentence claims that the passage's sentence does not; None if nothing. By ``known`` terms it may call what
    the passage's sentence points back to."""
    ours, theirs = clauses.without_asides(ours, theirs), clauses.without_asides(theirs, ours)
    told, given = clauses.read(ours), clauses.read(theirs)
    if wrong := figures.changed(ours, theirs, told, given):
        return f"the passage says {wrong} of something else"
    done = deeds_of(given)
    borrowed = clauses.weighty(told.words) - terms_of(theirs)
    for deed in deeds_of(told):
        same = [each for each in done if each.verb == deed.verb]
        others = set().union(*(each.doer for each in done if each.verb != deed.verb))
        if deed.doer and same and not any(_agree(deed, each, known, others) for each in same):
            return "the passage says it of something else"
        if deed.doer & borrowed and any(each.points_back or not each.doer for each in same):
            borrowed -= deed.before
    if borrowed:
        return "no sentence of the passage says it"
    if participles.done_otherwise(told, given):
        return "the passage says it of something else"
    if any(rule(told, given) for rule in (_skips, _mixes, _joins, _beheads, participles.spliced)):
        return "it puts together what the passage says apart"
    return None


def _agree(ours: Deed, theirs: Deed, known: set[str], others: set[str]) -> bool:
    """Whether two verbs may be said of the same; ``others`` are the terms of those who do something else."""
    if ours.doer & theirs.doer:
        return not (ours.doer - theirs.doer) & others
    if theirs.points_back:
        return ours.doer <= known
    return not theirs.doer and (bool(ours.doer & theirs.before) or ours.doer <= known)


# passage: The tool tags letters, reducing reliance on experts.
# stands: The tool tags letters.
# falls: The tool tags experts.
def _skips(told: Clauses, given: Clauses) -> bool:
    """Whether a sentence takes words of a clause that begins with a participle, and not that ("reducing costs")."""
    everything = {each.term for each in told.words}
    for clause, here in enumerate(given.parts):
        first = next((each for each in here if each.weighty and not each.word.endswith("ly")), None)
        if first is None or not first.word.endswith("ing") or first.word == "including":
            continue
        if first.term in everything or not clauses.is_verb(first.word):
            continue
        elsewhere = {each.term for each in given.words if each.clause != clause}
        if (given.terms(clause) - elsewhere) & everything:
            return True
    return False


# passage: Models trained on videos hold keys to save lives.
# stands: Models trained on videos hold keys.
# falls: Models save lives.
# passage: The loss of the student reduces noise.
# stands: The loss reduces noise.
# falls: The loss reduces students.
# passage: The filter provides estimates of noise.
# stands: The filter provides estimates.
# falls: The filter provides noise.
def _joins(told: Clauses, given: Clauses) -> bool:
    """Whether a verb stands beside a word from which the passage parts it by others and a preposition: "provides noise"
    for "provides estimates with noise". In a list ("tests on mice and men") those before the last may be left out."""
    spots: dict[str, list[int]] = {}
    for at, each in enumerate(given.words):
        spots.setdefault(each.term, []).append(at)
    ours = [(at, each) for at, each in enumerate(told.words) if each.weighty or each.word in vocabulary.RELATES]
    for (at, one), (after, other) in pairwise(ours):
        if not (one.weighty and other.weighty) or one.clause != other.clause:
            continue
        if clauses.is_finite(told.words, at) or clauses.is_finite(told.words, after):
            is_subject = not any(
                clauses.is_predicate(told.words, place) for place in range(at + 1) if told.words[place].hard == one.hard
            )
            between = [
                given.words[first + 1 : second + 1]
                for second in spots.get(other.term, ())
                for first in spots.get(one.term, ())
                if first < second
            ]
            if between and all(_is_parted(each) and (not is_subject or _is_aim(each)) for each in between):
                return True
    return False


# passage: The error of FastNet drops on videos.
# stands: The error of FastNet drops.
# falls: FastNet drops on videos.
# passage: Methods trained on videos detect cars.
# stands: Methods detect cars.
# falls: Videos detect cars.
# passage: The quality of training data guides progress.
# stands: The quality of training data guides progress in the study.
# falls: Training data guides progress.
def _beheads(told: Clauses, given: Clauses) -> bool:
    """Whether the subject of a verb is in the passage a mere part of one: "FastNet" of "the error of FastNet"."""
    for at, each in enumerate(told.words[1:], 1):
        one = told.words[at - 1]
        if not one.weighty or each.word.endswith("ing") or not clauses.is_predicate(told.words, at):
            continue
        before = {word.term for word in told.words[:at]}
        heads = [
            _heads(given.words[:place])
            for place, word in enumerate(given.words)
            if _is_same_verb(word, each) and place and given.words[place - 1].term == one.term
        ]
        if heads and all(found and not found & before for found in heads):
            return True
    return False


def _is_same_verb(one: clauses.Word, other: clauses.Word) -> bool:
    return one.term == other.term or (one.word in clauses.BE and other.word in clauses.BE)


def _heads(ahead: Sequence[clauses.Word]) -> set[str]:
    """The weighty terms on which the last of some words depends by a preposition; none if it is a subject itself."""
    here = [word for word in ahead if word.hard == ahead[-1].hard]
    last = next((place for place in range(len(here) - 1, -1, -1) if _ends_phrase(here, place)), None)
    if last is None or here[last].word not in vocabulary.RELATES:
        return set()
    start = next(
        (at for at in range(last - 1, -1, -1) if _ends_phrase(here, at) and here[at].word not in vocabulary.RELATES), -1
    )
    found = {word.term for word in here[start + 1 : last] if word.weighty}
    return found if not found & _SETS else set()


def _ends_phrase(here: Sequence[clauses.Word], at: int) -> bool:
    if here[at].word.endswith("ing") and at and here[at - 1].word in vocabulary.RELATES:
        return False  # "of training data"
    return here[at].word in vocabulary.RELATES | vocabulary.LISTS or clauses.is_predicate(here, at)


def _is_aim(between: Sequence[clauses.Word]) -> bool:
    """Whether the last of some words is a verb in the infinitive: what is said to be wanted, not done."""
    return any(each.word == "to" for each in between[-3:-1])


def _is_parted(between: Sequence[clauses.Word]) -> bool:
    """Whether the last of some words is parted from those before by weighty ones and, last, a preposition."""
    hard = [each for each in between[:-1] if each.hard == between[-1].hard]
    if len(hard) < len(between) - 1:
        hard = hard[1:]  # what begins another clause belongs to all of it
    if hard and hard[-1].word == "by" and between[-1].word.endswith("ing"):
        return False  # who does it is who does the rest
    last = next((each.word for each in reversed(hard) if each.word in vocabulary.RELATES | vocabulary.LISTS), "")
    return last in vocabulary.RELATES and any(each.weighty for each in hard)


# passage: The method requires images, whereas prior work requires labels.
# stands: The method requires images.
# falls: The method requires labels.
# passage: FastNet achieves a gain in accuracy, a 44 point decrease in perplexity, and gains in speed.
# stands: FastNet achieves a gain in accuracy and gains in speed.
# falls: FastNet achieves a 44 point gain in accuracy.
def _mixes(told: Clauses, given: Clauses) -> bool:
    """Whether one clause takes words from two that each have a doer and a verb of their own."""
    theirs = _whole(given)
    for ours in _whole(told):
        used = 0
        for number, each in enumerate(theirs):
            others = set().union(*theirs[:number], *theirs[number + 1 :])
            used += bool((each - others) & ours)
        if used > 1:
            return True
    return False


def _whole(read: Clauses) -> list[set[str]]:
    """The terms of the clauses that have a doer and a verb of their own, each with those after it that have not."""
    found: list[set[str]] = [set()]
    has_verb = False
    for clause, here in enumerate(read.parts):
        if clause + 1 in read.leads or not here:
            continue
        first = next((at for at in range(len(here)) if clauses.is_predicate(here, at)), 0)
        if here[0].word in _CONTRASTS and here[1:2] and here[1].weighty and not here[1].word.endswith(("ing", "ed")):
            first = first or min(2, len(here) - 1)  # "while useful," has no verb left out
        if any(each.number for each in here[:first]):
            first = 0
        has_doer = any(each.weighty and not each.word.endswith("ly") for each in here[:first])
        is_whole = has_doer and not here[first].word.endswith("ing")
        if here[0].word == "that":
            has_verb = False  # what is said to be so begins here
        if is_whole and has_verb:
            found.append(set())
        has_verb = has_verb or is_whole
        found[-1] |= read.terms(clause)
    return found
