"""Questions that ask what something is, and how far a sentence says what that is.

A form and not a meaning, as elsewhere in this room: the thing at the head of a sentence and ``is a``, ``refers to`` or
their like behind it, the thing and a comma with what it is, or whoever introduces it. What has no such form gets
nothing, so a question that only looks like one loses nothing either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from papersearch.text import words
from papersearch.text.folding import fold
from papersearch.text.phrasing import subject_of
from papersearch.text.stopwords import STOP_WORDS

MOST_PLACES, AROUND = 20, 120
"""Places of a sentence that are looked at, and characters on both sides of each (chosen)."""
_ASKED = re.compile(
    r"""\W*(?:(?:what(?:['’]s|\s+is)\s+)?(?:the\s+|an?\s+)?(?:meaning|definition|overview|summary|basics|use|purpose
        |(?:(?:main|basic|key|core|general)\s+)?(?:idea|concept|intuition|principle))\s+(?:of|behind)
    |what(?:['’]s|\s+(?:is|are|was|were)(?:\s+meant\s+by)?|(?P<does>\s+do(?:es)?))
    |(?:define|explain|describe|summari[sz]e):?)
    \s+(?:an?\s+|(?P<the>the\s+))?(?P<thing>\w.{0,60}?)(?(does)\s+(?:mean|stand\s+for))
    (?:\s+(?:(?:good|useful|used|needed|important)(?:\s+(?:for|in))?|for))?\W*""",
    re.IGNORECASE | re.VERBOSE,
)
# "The effect of noise" is no thing with a name, though "mixture of experts" is.
_RELATION = re.compile(r"\s(?:of|for|in|on|at|to|by|with|from|between|when|that|used)\s", re.IGNORECASE)
_KIND = r"(?:[\s-]+(?:models?|methods?|networks?|problems?|tasks?|techniques?|approach(?:es)?|attacks?|algorithms?))?"
_BEHIND = re.compile(
    rf"""["”’]?{_KIND}(?P<short>\s*\([^()]{{1,60}}\))?(?:
      (?P<is>\s+(?:is|are)\s+(?:an?|the|one|defined|when|where|those)\b)
    | (?P<does>\s+(?:refers?|means|denotes?|describes?|seeks?|aims?|consists?|stands?\s+for|represents?|involves?
        |enables?|allows?|combines?|provides?|offers?|is|are)\b)
    | (?P<has>\s+ha(?:s|ve)\b)
    | (?P<beside>,\s+(?:an?|the|which|where|i\.e\.)|\s*[—–:]\s)
    )?""",
    re.VERBOSE,
)
_VERB = re.compile(r"\s+[a-z]{3,}\b")  # as good as always, right behind what begins a sentence
# The subject of what follows is another word, before these.
_NOT_FIRST = re.compile(
    r"\b(?:of|for|in|on|with|from|by|using|via|and|or|under|to|than|as|into|between|over|like)\s+[^,;:]{0,30}$",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    r"""\b(?:(?:introduc\w*|propos\w*|present\w*|develop\w*|releas\w*|call(?:ed)?|dubbed|named|termed)\s+
        (?:[\w-]+\s+){0,4}|(?:namely|aka),?\s+)$
    |\b(?:introduc|propos|present|develop|releas)\w*\s+(?:[\w,-]+\s+){1,10}\($""",
    re.IGNORECASE | re.VERBOSE,
)
# What each form counts beside the words that a sentence shares with the question, which count up to 2 (chosen).
_WORTH = {"is": 1.0, "does": 0.5, "has": 0.3, "beside": 0.6, "short": 0.1}
_NAMED, _INTRODUCTION = 0.2, 0.4


def thing_of(question: str) -> str:
    """What a question asks to have explained, and nothing but that; empty if it asks for anything else, or for what
    papers say of it."""
    found = _ASKED.fullmatch(question) if subject_of(question) == question else None
    return "" if found is None or (found["the"] and _RELATION.search(found["thing"])) else found["thing"]


def forms_of(thing: str, expanded: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """The terms of a thing as they stand in texts, and those of its acronym or long form."""
    own = _terms(thing)
    others = [form for word, found in expanded.items() if _terms(word) == own for form in found]
    return [terms for terms in (own, *map(_terms, others)) if terms]


def _terms(text: str) -> tuple[str, ...]:
    return tuple(words.analyze(text)[0])


def worth(sentence: str, forms: Sequence[tuple[str, ...]]) -> float:
    """How much a sentence says what the thing with these forms is, 0 to about 2. It is 0 where the thing's words stand
    apart or within a longer name."""
    spans = [span for span in words.spans(sentence) if not span[3]]
    terms = [term for _, _, term, _ in spans]
    places = (
        (n, n + len(form) - 1) for form in forms for n in range(len(terms)) if (*terms[n : n + len(form)],) == form
    )
    found = [(spans[first][0], spans[last][1]) for first, last in islice(places, MOST_PLACES)]
    return max(
        (_worth(sentence[max(0, at - AROUND) : at], sentence[end : end + AROUND]) for at, end in found), default=0
    )


def _worth(before: str, behind: str) -> float:
    """That of one place, by the text before the thing and behind it."""
    found = _BEHIND.match(behind.removeprefix(")") if before[-1:] == "(" else behind)
    if found is None or _is_part(before, behind):
        return 0.0
    said = {name for name, part in found.groupdict().items() if part}
    rest = found.string[found.end() :]
    if not before.strip() and not said - {"short"} and _VERB.match(rest):
        said.add("does")
    if _NOT_FIRST.search(before):
        said -= {"is", "does", "has"}
    ends = said or before.endswith("(") or not rest.lstrip()[:1].isalnum()
    introduced = _INTRODUCTION if ends and _INTRODUCED.search(before) else 0.0
    return _NAMED + sum(_WORTH[name] for name in said) + introduced


def _is_part(before: str, behind: str) -> bool:
    """Whether the thing is only a part of a name or a compound: ``Vertical Federated Learning``, ``LoRA-based``."""
    last = "".join(before.split()[-1:])
    if before[-1:] == "-" or before[-1:].isalnum() or behind[:1] == "-" or behind[:1].isalnum():
        return True
    is_name = last[-1:].isalnum() and (last[:1].isupper() or "-" in last)
    return is_name and fold(last) not in STOP_WORDS
