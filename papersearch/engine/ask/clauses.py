"""A sentence cut into clauses, and of what each number in it is said, as far as words and marks tell.

Nothing is parsed. Clauses end at marks and at words that begin one; verbs are those of a list; a clause without a verb
of its own, or one that begins with a participle, goes on with what the one before it is about. Whoever compares two
sentences with these functions finds a sentence always at one with itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from papersearch.core.frozen import NamedTuple
from papersearch.engine.ask import vocabulary
from papersearch.text import words

NUMBER = re.compile(r"(?:(?<![\w.,-])[-−+])?(?<![\w.,])\d+(?:[.,]\d+)*|(?<=[A-Za-z])\d+(?:\.\d+)*")

# passage: We test GPT-4, CodeT5, and LLaMA-3 on code.
# stands: They test LLaMA-3 on code.
# falls: They test LLaMA-3 on 4 codes.
_OF_A_NAME = re.compile(r"[A-Za-z](?:[-@]|\$?_)?$")  # before the 4 of GPT-4, or the 1 of top-1 and F1

# passage: FastNet reaches 85%, humans reach 91%.
# stands: FastNet reaches 85%.
# falls: FastNet reaches 91%.
_CUT = re.compile(
    r"""[;\]] | (?<!\d)[—–] | [—–](?!\d) | :(?!\s*[~≈<>]?\s*\d) | ,(?=\s) | \s--?\s
    | \b(?:while|whereas|whilst|but|although|though|which|who|where|because|since|that|than|compared|relative\s+to)\b
    | (?P<soft>\band\b|(?<=[\d%])\))""",
    re.IGNORECASE | re.VERBOSE,
)

# passage: FastNet reaches 81% and 78% on base and tuned models, respectively.
# stands: FastNet reaches 81% on base models.
# falls: FastNet reaches 78% on base models.
_LISTED = re.compile(r"(?P<list>\d[\d.,]*\s*\W?\w{0,2}\s*(?:,\s*)?)and\s+[-−+~≈]?\d", re.IGNORECASE)

# passage: Adam converges faster than SGD on small data.
# stands: On small data, Adam converges faster than SGD.
# falls: On large data, Adam converges faster.
_LEADS = re.compile(
    r"\W*(?:(?:and|but|that|further|finally|notably|moreover|similarly)\W+)?"
    r"(when|if|unless|once|on|in|for|with|at|under|after|by|using|during|without|given|within)\b",
    re.IGNORECASE,
)

# passage: On small data, Adam converges faster than SGD.
# stands: Adam converges faster than SGD on small data.
# falls: SGD converges faster than Adam on small data.
_ASIDE = re.compile(
    r"(?<=\s)(?:(?:even\s+)?when|on|in|for|with|at|under|after|by\s+using|using|during|without|within)\b", re.IGNORECASE
)

# passage: PointNet, our baseline, reaches 85%, whereas VoxelNet reaches 81%.
# stands: PointNet reaches 85%.
# falls: PointNet reaches 81%.
# passage: PointNet, our baseline, reaches 85%, whereas VoxelNet reaches 81%.
# stands: PointNet, our baseline, reaches 85%.
# falls: PointNet, our baseline, reaches 81%.
_BETWEEN = re.compile(r"(?=((?:,|\s[—–])\s([^,;:—–]{1,120}?)(?:,\s|\s[—–]\s)))(?:,|\s[—–])")
_NEAR = 60  # characters that hold a word or two

# passage: Asked all at once, mini solves 59% of puzzles, and when allowed to guess, mini solves 90% of puzzles.
# stands: When allowed to guess, mini solves 90% of puzzles.
# falls: Mini solves 90% of puzzles.
CONDITIONS = frozenset("when if unless once whether provided".split())

# passage: OtterBench contains letters; other sets contain errors.
# stands: OtterBench contains letters.
# falls: OtterBench contains errors.
_OTHERS = frozenset("have has had contain contains containing".split())

# passage: FastNet improves on methods that use labels.
# stands: Methods use labels.
# falls: FastNet uses labels.
# passage: FastNet reaches 85%, exceeding SlowNet, which reaches 81%.
# stands: FastNet reaches 85%.
# falls: FastNet reaches 81%.
# passage: FastNet is compared with SlowNet, which reduces noise.
# stands: SlowNet reduces noise.
# falls: FastNet reduces noise.
RELATIVE = frozenset("which that who".split())

# passage: The core is small and the power is low.
# stands: The power is low.
# falls: The core is low.
BE = frozenset("is are was were be been being".split())

# passage: We use information extracted from texts to enhance prompts.
# stands: They use information to enhance prompts.
# falls: They use prompts to enhance information.
_AFTER_PARTICIPLE = frozenset("on in by with from for as to using at over under through via without into of".split())

# passage: We introduce OtterBench. This resource provides letters.
# stands: OtterBench provides letters.
# falls: OtterBench provides videos.
WORKS = frozenset(map(words.stem, vocabulary.WORKS))

# passage: FastNet and the adapted SlowNet detect cars.
# stands: FastNet detects cars.
# falls: Cars detect FastNet.
_BEFORE_ATTRIBUTE = frozenset("a an the our its their this these is are was were be been".split())

# passage: These findings give insight into noise and may inform plans.
# stands: These findings may inform plans.
# falls: Insight may inform plans.
_MODAL = frozenset("can could may might will would should must cannot".split())


class Word(NamedTuple):
    """A word of a sentence: folded, its term, whether it tells anything, and in which clause it stands; ``hard`` counts
    the clauses that end at more than an "and" or a bracket. ``number`` has its digits if it is one."""

    word: str
    term: str
    weighty: bool
    clause: int
    hard: int
    number: str | None


class Lead(NamedTuple):
    """What opens a clause ("on balanced data, ..."): the word that it begins with, and its terms."""

    word: str
    terms: frozenset[str]


class Clauses(NamedTuple):
    """The words of a sentence in order, the same clause by clause, and what opens some of the clauses."""

    words: tuple[Word, ...]
    parts: tuple[tuple[Word, ...], ...]
    leads: dict[int, Lead]

    def terms(self, clause: int) -> set[str]:
        """The weighty terms of a clause."""
        return weighty(self.parts[clause])

    def lead(self, clause: int) -> Lead:
        """What opens a clause, or the last one before it that is opened by anything."""
        return next((self.leads[at] for at in range(clause, -1, -1) if at in self.leads), Lead("", frozenset()))

    def abouts(self) -> dict[int, set[str]]:
        """For each clause with a number, the terms that what it says of it may be about: its own, and where it has no
        subject or no verb of its own, those of the clause before."""
        found: dict[int, set[str]] = {}
        shared: set[str] = set()  # of the last clause with a number, what a mere number after it is about too
        doer: set[str] = set()
        deed: set[str] = set()
        for at, here in enumerate(self.parts):
            verb = next((place for place, each in enumerate(here) if is_verb(each.word)), None)
            count = next((place for place, each in enumerate(here) if each.number is not None), None)
            subject = weighty(here[: verb or 0])
            told_of = doer
            if verb is not None and here[0].word in RELATIVE:
                told_of = set(antecedent(self.words[: sum(map(len, self.parts[:at]))])[0])
            if count is not None:
                ahead = weighty(here[:count])
                more = set()
                if found and not ahead:
                    more = shared
                elif verb is None or verb > count or not subject:
                    more = doer | deed if verb is None else told_of
                found[at] = self.terms(at) | self.lead(at).terms | more
                shared = ahead | self.lead(at).terms | more
            doer = subject or doer
            deed = deed if verb is None else {here[verb].term}
        return found


def weighty(some: Iterable[Word]) -> set[str]:
    """The terms of those words that tell anything."""
    return {each.term for each in some if each.weighty}


def read(text: str) -> Clauses:
    """A sentence in clauses."""
    cuts = list(_cuts(text))
    numbers = {found.start(): found[0] for found in NUMBER.finditer(text) if not is_of_a_name(text, found.start())}
    found: list[Word] = []
    for word in words.query_words(text):
        clause = sum(at <= word.start for at, _ in cuts)
        hard = sum(at <= word.start and is_hard for at, is_hard in cuts)
        number = next((numbers[at] for at in (word.start, word.start - 1) if at in numbers), None)
        tells = not word.stop and number is None and word.term not in vocabulary.LIGHT
        found.append(Word(word.word, word.term, tells, clause, hard, number))
    spots = [0, *(at for at, _ in cuts), len(text)]
    parts: list[list[Word]] = [[] for _ in spots[1:]]
    for each in found:
        parts[each.clause].append(each)
    leads = {}
    for clause, (start, end) in enumerate(pairwise(spots)):
        opened = _LEADS.match(text, start, end)
        if opened and text[end : end + 1] == "," and not any(each.number for each in parts[clause]):
            leads[clause + 1] = Lead(opened[1].lower(), frozenset(weighty(parts[clause])))
    return Clauses(tuple(found), tuple(map(tuple, parts)), leads)


def without_asides(text: str, other: str) -> str:
    """A sentence without what stands between commas or dashes before a verb, where another sentence has nothing of it,
    or has it behind the same word: so who does it stands in one clause with the verb. Conditions stay."""
    wanted = _what_tells(read(other).words)
    everything = _what_tells(read(text).words)
    for found in reversed(list(_BETWEEN.finditer(text))):
        start, end = found.span(1)
        aside, behind = read(found[2]).words, read(text[end : end + _NEAR]).words
        if not aside or aside[0].word in CONDITIONS or not behind or not _goes_on(behind):
            continue
        said = _what_tells(aside)
        is_in_both = f"{text[:start].rpartition(' ')[2]}{found[1]}" in other
        if is_in_both or all(said.count(each) < everything.count(each) for each in set(said).intersection(wanted)):
            text = f"{text[:start]} {text[end:]}"
    return text


def _what_tells(some: Iterable[Word]) -> list[str]:
    """The weighty terms and the numbers among some words, as often as they stand there."""
    return [each.number or each.term for each in some if each.weighty or each.number]


# passage: PointNet reaches 85%, whereas VoxelNet, which is older, reaches 81%.
# stands: VoxelNet reaches 81%.
# falls: PointNet reaches 81%.
def _goes_on(behind: Sequence[Word]) -> bool:
    """Whether words behind an aside begin with a verb, of which the subject stands before it."""
    first = behind[0].word
    return (first in _MODAL or is_predicate(behind, 0)) and not first.endswith("ing")


def is_of_a_name(text: str, at: int) -> bool:
    """Whether the number at a place belongs to the word before it (GPT-4, top-1)."""
    return _OF_A_NAME.search(text[max(0, at - 3) : at]) is not None


def turned(text: str) -> Iterator[str]:
    """A sentence as it stands, and with what says where, when or how it is so moved to its other end."""
    yield text
    if _LEADS.match(text) and (comma := text.find(", ")) > 0:
        yield f"{text[comma + 2 :]} {text[:comma]}"
    for found in _ASIDE.finditer(text):
        yield f"{text[found.start() :]} {text[: found.start()]}"


def is_verb(word: str) -> bool:
    """Whether a word is a verb, or may be."""
    return word in _OTHERS or vocabulary.VERB.fullmatch(word) is not None


def is_predicate(all_words: Sequence[Word], at: int) -> bool:
    """Whether the word at a place says something of a subject: a form of "to be", or a verb that is finite."""
    return all_words[at].word in BE or is_finite(all_words, at)


def is_finite(all_words: Sequence[Word], at: int) -> bool:
    """Whether the word at a place is a verb, and none that only tells of which thing ("methods trained on videos")."""
    word = all_words[at].word
    following = all_words[at + 1].word if at + 1 < len(all_words) else ""
    ahead = all_words[at - 1].word if at else ""
    if ahead in _MODAL:
        return not word.endswith("ly")
    is_attribute = following in _AFTER_PARTICIPLE or ahead in _BEFORE_ATTRIBUTE
    return is_verb(word) and not (word.endswith(("ed", "ing")) and is_attribute)


def antecedent(ahead: Sequence[Word]) -> tuple[frozenset[str], bool]:
    """The terms of what a relative pronoun behind some words may mean, all since the last verb, and whether that is
    what the authors made ("a method that")."""
    verbs = (at for at in range(len(ahead) - 1, -1, -1) if is_predicate(ahead, at))
    found = [word for word in ahead[next(verbs, -1) + 1 :] if word.weighty]
    is_work = any(word.term in WORKS and not word.word.endswith("s") for word in found)
    return frozenset(word.term for word in found), is_work


def _cuts(text: str) -> Iterator[tuple[int, bool]]:
    """Where clauses begin, and whether at more than an "and" or a bracket; numbers in a list stay together."""
    lists = list(_LISTED.finditer(text))
    ends = {each.end("list") for each in lists}
    for found in _CUT.finditer(text):
        if found["soft"]:
            if found.start() not in ends:
                yield found.start(), False
        elif not any(each.start() <= found.start() < each.end() for each in lists):
            yield found.start(), True
