"""Whether the numbers of a sentence are said of what a passage's sentence says them of, and all of those that belong
together."""

from __future__ import annotations

import re

from papersearch.engine.ask import clauses
from papersearch.engine.ask.clauses import CONDITIONS, Clauses
from papersearch.engine.ask.terms import terms_of

# A comma right before a digit belongs to the number, another one may end it: where either might, a list of forty
# numbers could be read in so many ways that it took for ever.
_N = r"[-−+~≈]?\d+(?:[.,]+\d+)*\W{0,2}[A-Za-z]{0,2}"

# passage: BERT and GPT score 90 and 80.
# stands: BERT and GPT score 90 and 80.
# falls: GPT scores 90.
_LIST = re.compile(rf"{_N}(?:,(?!\d)\s*{_N})*,?\s*(?:and|(?P<to>to|vs\.?|versus|[-–/]))\s*[-−+~≈]?\d[\d.]*")

# passage: It reduced node and edge counts by 18% and 27%, respectively.
# stands: It reduced edge counts by 27%.
# falls: It reduced edge counts by 18%.
# passage: Of mice and men, it reduced node and edge counts by 18% and 27%, respectively.
# stands: It reduced edge counts by 27%.
# falls: It reduced edge counts by 18%.
_PAIR = re.compile(r"(\S*[^\W\d]\S*)\s+and\s+(\S*[^\W\d]\S*)")

# passage: The delay falls to 5 ms and the error by 3%.
# stands: The delay falls to 5 ms.
# falls: The delay falls by 5 ms.
_SIDE = re.compile(
    r"""(?<!up\s)\b(by|to|from)\s+(?:(?:up\s+to|about|an?|approximately|around|roughly|nearly|almost|over|only)\s+){0,2}
    [~≈]?([-−+]?\d[\d.,]*(?<=\d))""",
    re.IGNORECASE | re.VERBOSE,
)

# passage: FastNet reaches 85% on letters (81% for SlowNet).
# stands: FastNet reaches 85% on letters.
# falls: FastNet reaches 81% on letters.
# passage: FastNet reaches 81% on words and 85% on letters (81% for SlowNet).
# stands: FastNet reaches 81% on words and 85% on letters.
# falls: FastNet reaches 85% on words.
_BRACKETED = re.compile(
    rf"\((?:vs\.?\s+|versus\s+|compared\s+(?:to|with)\s+)?({_N})\s+(?:for|with|by|of|in|on|using|under|from|at)\s([^()]+)\)"
)


def changed(ours: str, theirs: str, told: Clauses, given: Clauses) -> str | None:
    """The first number of a sentence that the passage's sentence says of something else; None if there is none. Each
    is given as it stands and in clauses."""
    return _misplaced(told, given) or _bracketed(ours, theirs) or _unpaired(ours, theirs) or _turned(ours, theirs)


# passage: On texts, FastNet scores 90 and SlowNet scores 80.
# stands: FastNet scores 90 and SlowNet scores 80.
# falls: FastNet scores 80.
# passage: FastNet scores 90 and SlowNet scores 80.
# stands: SlowNet scores 80.
# falls: FastNet scores 80.
# passage: FastNet scores 90 on letters and SlowNet scores 90 on words.
# stands: SlowNet scores 90 on words.
# falls: SlowNet scores 90 on letters.
def _misplaced(told: Clauses, given: Clauses) -> str | None:
    """A number that is said of what the passage says another one of, or without the condition that it holds on."""
    ours, theirs = told.abouts(), given.abouts()
    everything = clauses.weighty(told.words)
    said_words = {each.word for each in told.words}
    for word in told.words:
        spots = {each.clause for each in given.words if word.number is not None and each.number == word.number}
        said = ours[word.clause] if spots and len(ours) > 1 else everything
        if spots and not any(_stands(given, theirs, at, said) and _holds(given, at, said_words) for at in spots):
            return word.number
    return None


def _stands(given: Clauses, abouts: dict[int, set[str]], spot: int, said: set[str]) -> bool:
    """Whether what is said of a number has something that stands with that number only, if there is any, and nothing
    that stands with the others only."""
    others = abouts.keys() - {spot}
    theirs = {term for at in others for term in given.terms(at)}
    theirs |= {term for at in others & given.leads.keys() for term in given.leads[at].terms}
    own = given.terms(spot).difference(*(abouts[at] for at in others))
    return not said & (theirs - abouts[spot]) and (not own or bool(own & said))


# passage: Asked all at once, mini solves 59% of puzzles, and when allowed to guess, mini solves 90% of puzzles.
# stands: When allowed to guess, mini solves 90% of puzzles.
# falls: Mini solves 90% of puzzles.
def _holds(given: Clauses, spot: int, said: set[str]) -> bool:
    return given.lead(spot).word not in CONDITIONS - said


def _bracketed(ours: str, theirs: str) -> str | None:
    """A number that a bracket tells of something which the sentence has not."""
    for found in _BRACKETED.finditer(theirs):
        number = next(clauses.NUMBER.finditer(found[1]))[0]
        outside = f"{theirs[: found.start()]} {theirs[found.end() :]}"
        of = terms_of(found[2]) - terms_of(outside)
        is_told = any(each[0] == number for each in clauses.NUMBER.finditer(ours))
        is_elsewhere = any(each[0] == number for each in clauses.NUMBER.finditer(outside))
        if is_told and not is_elsewhere and of and not of & terms_of(ours):
            return number
    return None


# passage: The set has 500 to 900 images.
# stands: The set has 500 to 900 images in the study.
# falls: The set has 500 images.
# passage: Its errors fall from 40 to 12 on images.
# stands: Its errors fall to 12 on images.
# falls: Its errors fall to 40 on images.
# passage: Its errors fall to 40 and 12 on images and words.
# stands: Its errors fall to 40 and 12 on images and words.
# falls: Its errors fall to 40 on images and words.
# passage: BERT and GPT score 90 and 80.
# stands: BERT and GPT score 90 and 80.
# falls: GPT scores 90.
def _unpaired(ours: str, theirs: str) -> str | None:
    """A number of a list or a range that is said without the others, or of a list without its own counterpart in
    another list ("A and B by 1 and 2, respectively")."""
    mine = {found[0]: _word_before(ours, found.start()) for found in clauses.NUMBER.finditer(ours)}
    for listed in _LIST.finditer(theirs):
        numbers = [each for each in clauses.NUMBER.finditer(theirs) if listed.start() <= each.start() < listed.end()]
        said = [number[0] in mine for number in numbers]
        if not any(said):
            continue
        alone = numbers[said.index(True)]
        items = _counterparts(theirs, listed) if len(numbers) == 2 and "respectively" in theirs.lower() else ()
        if items:
            tokens = set(map(_bare, ours.split()))
            if [item in tokens for item in items] != said:
                return alone[0]
        elif not all(said):
            side = mine[alone[0]]
            if not (listed["to"] and side in ("from", "to")):
                return alone[0]
    return None


def _turned(ours: str, theirs: str) -> str | None:
    """A number that something falls "by" where the passage says "to", or the other way round."""
    given = _sides(theirs)
    return next((number for number, said in _sides(ours).items() if not said & given.get(number, said)), None)


def _sides(text: str) -> dict[str, set[str]]:
    """The numbers that stand behind "by", "to" or "from", and behind which."""
    found: dict[str, set[str]] = {}
    for side in _SIDE.finditer(text):
        found.setdefault(side[2], set()).add(side[1].lower())
    return found


def _counterparts(theirs: str, listed: re.Match[str]) -> tuple[str, ...]:
    """The two words that two numbers of a list belong to, in order."""
    pairs = [found for found in _PAIR.finditer(theirs) if not clauses.NUMBER.search(found[0])]
    near = min(pairs, key=lambda each: max(each.start() - listed.end(), listed.start() - each.end()), default=None)
    return tuple(map(_bare, near.groups())) if near else ()


def _bare(token: str) -> str:
    return token.strip(".,;:()\"'").casefold()


def _word_before(text: str, at: int) -> str:
    return _bare((text[:at].split() or [""])[-1])
