"""What a question wants to be told, as its form says it: a number, how many of something, a time, or somebody; and
whether a sentence has such a thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from papersearch.core.frozen import NamedTuple
from papersearch.engine.ask.terms import terms_of

_ASKS_NUMBER = re.compile(
    r"\b(how\s(many|much|large|big|long|fast|accurate|far|often|small|old|high)|ratio"
    r"|what\s(accuracy|size|rate|percentage|fraction|share|proportion|number|amount))\b",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"\b(?:how\s(?=(?:large|big|long|fast|far|often|small|old|high)\b)"
    r"|what\s(?=(?:percentage|fraction|share|proportion|number|amount)\b))(\w+)",
    re.IGNORECASE,
)
_HAS_NUMBER = re.compile(
    r"(?<![\w-])\d[\d.,]*|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b", re.IGNORECASE
)
# What asks for a number or a time and for nothing else, with what is counted; and what tells a time.
_ASKS_COUNT = re.compile(
    r"\bhow\smany\s(.{1,80}?)(?=\s(?:do|does|did|is|are|was|were|can|could|has|have|had|will|would|should"
    r"|took|takes?|in|on|for|with|from|by|at|to|there)\b|[?.,]|$)",
    re.IGNORECASE,
)
# "Does it know how many there are?" wants a yes or no. "Can you tell how many there are?" is asked of whoever answers.
_ASKS_WHETHER = re.compile(
    r"\W*(?:does|do|did|is|are|was|were|can|could|will|would|should|must|has|have|had)\s"
    r"(?!(?:you|we|i|any(?:one|body)|some(?:one|body)|it\s(?:known|clear))\b)",
    re.IGNORECASE,
)
# None has 0.86 users, though there may be 1.3 million.
_FRACTION = re.compile(r"\d*\.\d+(?!\s?(?:\\?%|[kKMBT]\b|thousand|million|billion|trillion|percent))")
# They go by so many names that what is counted may have another in a paper.
_PEOPLE = terms_of(
    "people persons participants individuals subjects users patients humans volunteers respondents experts annotators "
    "students workers engineers children adults players drivers researchers deaths fatal fatalities"
)
_BEFORE, _BEHIND = 40, 60  # characters of a number within which it says of what it is (chosen)
_MOST_NUMBERS = 50  # of a sentence (chosen)
_ASKS_TIME = re.compile(
    r"""\b(?:(?:what|which)\s(?:year|month|decade|century)\b
    |when\s(?:was|were|did|has|have)\s[^?]{1,200}\b(?:invent|introduc|releas|found|discover|propos|publish|born|creat
        |develop|launch|start|beg[aiu]n|open|built|build|establish|coin|appear|happen|occur|come\sout))""",
    re.IGNORECASE | re.VERBOSE,
)
_HAS_TIME = re.compile(
    r"""\b(?:1[5-9]|20)\d\d(?:s|\b)|\b(?:centur(?:y|ies)|decades?|years?\sago)\b
    |\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\s\d""",
    re.VERBOSE,
)


# "Who invented it?" is answered by who names somebody, or by those who say that they did.
_ASKS_WHO = re.compile(
    r"""\W*who\s(?:(?:first|originally|has|have|had)\s)*(invent|discover|propos|introduc|coin|found|develop|creat|design
    |pioneer)(?:e?d|s|ed)?\b""",
    re.IGNORECASE | re.VERBOSE,
)
_HAS_SOMEBODY = re.compile(
    r"\b(?:by|of)\s[A-Z][a-z]|\b[A-Z][\w-]+\s(?:et\sal\b|\(?(?:19|20)\d\d\b)|\b(?:[Ww]e|[Oo]ur)\b"
)
_ASKS_PRICE = re.compile(
    r"\W*(?:(?:how\smuch|what)\s(?:does|do|did|would|will)\s.{1,200}\scost\b|how\sexpensive\b)",
    re.IGNORECASE,
)
_HAS_PRICE = re.compile(
    r"\b(?:costs?|costly|price[sd]?|pricing|expens\w+|cheap\w*|dollars?|USD|fees?)\b|[$€£]", re.IGNORECASE
)
_ASKS_CAUSE = re.compile(
    r"^\W*(?:why\b|how\scome\b|what\s(?:makes|causes|limits|prevents|hinders|leads\sto|is\sthe\s(?:cause|reason)))",
    re.IGNORECASE,
)
_HAS_CAUSE = re.compile(
    r"""\b(?:due\sto|because|since|owing\sto|as\sa\sresult|(?:leads?|leading)\sto|result(?:s|ing)?\sin|caus(?:es?|ed|ing)|hence
    |therefore|thus|so\sthat|in\sorder\sto|to\savoid|requir\w+|lack\w*|limit(?:s|ed|ing)|hinder\w*|challeng\w+|difficult\w*
    |prohibitive\w*|struggl\w+|suffer\w*)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ASKS_USE = re.compile(
    r"\b(?:(?:good|useful|used|needed|important|necessary)(?:\s(?:for|in))?|what\b.{1,60}\sfor)[\s?.!]*$"
    r"|\bwhat\s(?:is|are)\sthe\s(?:use|purpose|point)\sof\b",
    re.IGNORECASE,
)
_HAS_USE = re.compile(
    r"""\b(?:(?:used|useful|applied|employed|leveraged|needed|crucial|essential|vital|important|valuable|critical|key|promising
        |popular|effective)\s(?:for|to|in|as)|allow(?:s|ing)?|enabl(?:es?|ing)|help(?:s|ing)?|facilitat(?:es?|ing)|so\sthat
        |in\sorder\sto|leads?\sto|offers?|provides?|aims?)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SIGNS = ((_ASKS_CAUSE, _HAS_CAUSE), (_ASKS_USE, _HAS_USE))
_ASKS_WHICH = re.compile(
    r"\b(?:which|what)\s(?!(?:is|are|was|were|do|does|did|can|could|has|have|kinds?|types?|makes)\b)(\w+(?:\s\w+)?)",
    re.IGNORECASE,
)
# What stands behind these is what something else is compared with.
_COMPARED = re.compile(
    r"\b(?:than|over|versus|vs|against|(?:outperform|surpass|exceed|beat|rival|match|compar)\w*)\b[^,.;:()]{0,80}",
    re.IGNORECASE,
)
# Words of asking that tell little of what is asked, though few papers write them.
_ASKING = frozenset(
    """advantage advantages bad benefit benefits best better big called come comes consist consists contain
    contains cover covers differ differs difference differences difficult disadvantage disadvantages drawback
    drawbacks easy exactly good hard harm harms help helps helpful important include includes kind kinds limit
    limits main mean means meant name named names need needed needs part parts people point possible problem
    problems purpose put reason reasons say says serve serves sort sorts stand stands suffer suffers take takes
    taken taking took thing type types used useful work works worse worst""".split()
)


class Wanted(NamedTuple):
    """More likely to answer is what has a ``number``, a ``sign`` that it tells a cause or a use, or of what there are
    several (``which`` of them, by terms). Nothing else answers than a time, a number of what is ``counted`` (by its
    terms; None if nothing is), who did what ``who`` says (the stem of a verb), what something costs, or a use."""

    question: str
    number: bool
    sign: re.Pattern[str] | None
    which: frozenset[str]
    time: bool
    counted: frozenset[str] | None
    who: str
    price: bool

    def tells_number(self, sentence: str) -> bool:
        """Whether a sentence has a number that the question does not have."""
        return any(found[0] not in self.question for found in _HAS_NUMBER.finditer(sentence))

    def is_likely(self, sentence: str, own: set[str]) -> bool:
        """Whether a sentence, with its ``own`` terms, has what is more likely to answer."""
        if self.number:
            return self.tells_number(sentence)
        has_sign = self.sign is not None and self.sign.search(sentence) is not None
        return has_sign or not own.isdisjoint(self.which)

    def is_asking(self, word: str) -> bool:
        """Whether a word of the question belongs to the asking: papers have others, or none, for it."""
        is_told = (self.price and word in ("cost", "expensive")) or (bool(self.who) and word.startswith(self.who))
        return is_told or word in _ASKING

    def counts(self, sentence: str) -> Iterator[set[str]]:
        """The terms beside each such number: what it counts is among them."""
        for at in islice(_HAS_NUMBER.finditer(sentence), _MOST_NUMBERS):
            if at[0] not in self.question and not _FRACTION.match(sentence, at.start()):
                yield terms_of(sentence[max(0, at.start() - _BEFORE) : at.end() + _BEHIND])

    def is_fact(self) -> bool:
        """Whether something is asked for that a sentence has or has not, whatever it says of the rest."""
        return self.time or self.price or bool(self.who) or self.sign is _HAS_USE

    def tells_fact(self, sentence: str) -> bool:
        """Whether a sentence has it: a time that the question does not have, somebody who did it (or its authors), a
        price, or a use."""
        if self.time:
            return any(found[0] not in self.question for found in _HAS_TIME.finditer(sentence))
        if self.price:
            return _HAS_PRICE.search(sentence) is not None
        if not self.who:
            return _HAS_USE.search(sentence) is not None
        did = rf"\b{self.who}(?:e|es|ed|s|er|ers|y|ion|tion)?\b"
        return re.search(did, sentence, re.IGNORECASE) is not None and _HAS_SOMEBODY.search(sentence) is not None


def _with_people(counted: set[str]) -> frozenset[str]:
    """What is counted; of people, whatever a paper may call them."""
    return frozenset(counted if counted.isdisjoint(_PEOPLE) else counted | _PEOPLE)


def without_compared(sentence: str) -> str:
    """A sentence without what something is compared with: of that it says nothing else."""
    return _COMPARED.sub(" ", sentence)


def of(question: str) -> Wanted:
    """What a question wants."""
    found = None if _ASKS_WHETHER.match(question) else _ASKS_COUNT.search(question)
    return Wanted(
        question,
        _ASKS_NUMBER.search(question) is not None,
        next((sign for asks, sign in _SIGNS if asks.search(question)), None),
        frozenset(terms_of(which[1])) if (which := _ASKS_WHICH.search(question)) else frozenset(),
        _ASKS_TIME.search(question) is not None,
        _with_people(terms_of(found[1])) if found else None,
        who[1].lower() if (who := _ASKS_WHO.match(question)) else "",
        _ASKS_PRICE.match(question) is not None,
    )


def degree(question: str) -> int:
    """Where the word begins of which a number is said and nothing else, as of ``fast`` in ``how fast``; -1 if none."""
    found = _DEGREE.search(question)
    return found.start(1) if found else -1
