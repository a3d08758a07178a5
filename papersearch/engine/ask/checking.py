"""Whether passages bear a sentence that a model wrote; and sentences of posts that talk to a model instead of people.

A sentence stands if every number and every rare word in it occurs in the passages that it cites, most of its other
words do, and it denies nothing that they do not deny. That is stricter than reading: a true paraphrase may fall, an
invention may not stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from papersearch.core.frozen import NamedTuple
from papersearch.engine.ask.evidence import terms_of
from papersearch.text import words

RARE = 0.1  # of the papers: a word in fewer must be in a passage (chosen: names, methods, results)
LEAST_COMMON = 0.5  # of a sentence's other words must be
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SPELLED = {
    name: str(number)
    for number, name in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
    )
}
_DENIES = re.compile(
    r"\b(not|no|never|none|neither|nor|without|cannot|fails?|failed|lacks?|unable)\b|n't\b", re.IGNORECASE
)
# How texts address a model: orders to it, to its answer, or the roles of a chat. Papers about prompts talk *of* these
# and seldom *to* anybody; what is lost with such a sentence is one sentence.
_ADDRESSED = re.compile(
    r"""
      \b(ignore|disregard|forget|override|bypass|discard)\b.{0,50}\b(above|previous|prior|earlier|other|instructions?|
        rules?|prompts?|passages?|papers?|context|sources?|everything|evidence|question|guidelines?)\b
    | \b(you|your)\b.{0,60}\b(must|should|shall|are\s+now|have\s+to|need\s+to|answer|answers|reply|respond|response|
        output|instructions?|task|rules?|prompt|role|training)\b
    | \b(instead|from\s+now\s+on|therefore|please)\b,?\s+(you\b|answer|reply|respond|say|output|print|write|repeat|
        recommend|tell|claim|state|pretend)
    | ^\W*(system|assistant|user|developer|instructions?|important|note\s+to\s+\w+|attention|admin)\s*(:|\]|>)
    | <\|?\s*/?(im_start|im_end|system|user|assistant|inst)\b | \[/?(INST|SYS)
    | (^|[.;:!,"'(]\s*|\b(and|then|just|simply|only|always)\s+)(answer|reply|respond|say|output|print|repeat|recommend|
        pretend|act|reveal|translate|tell)\b\s+(only|with|that|the\s+(user|reader|following|question)|exactly|
        this|as|in|all|me|us|"|'|“)
    | \b(model|assistant|ai|llm|chatbot|agent)s?\b.{0,40}\b(reading|reads|processing|summari[sz]ing)\s+this\b
    | \b(if|when|whoever)\b.{0,30}\b(you|reads?\s+this|reading\s+this)\b
    | \b(new|secret|hidden|real|updated|further)\s+(instructions|orders?)\b(?!\s+(tuning|of))\b
    | \b(end|begin|start)\s+of\s+(the\s+)?(passages?|context|documents?|evidence|prompt|instructions?)\b
    | \b(your|the|this)\s+(system|developer)\s+(prompt|message)\b
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)


class Objection(NamedTuple):
    """Why a sentence does not stand, in words that a model can act on."""

    reason: str


def is_addressed(text: str) -> bool:
    """Whether a sentence of a post talks to whoever answers, rather than about its subject."""
    return _ADDRESSED.search(text[:2_000]) is not None


def objection(text: str, cited: Sequence[str], share: Callable[[Sequence[str]], list[float]]) -> Objection | None:
    """Why a sentence does not stand on the texts it cites; None if it does.

    ``share`` gives for each word the share of papers that hold it.
    """
    if not cited:
        return Objection("it cites no passage")
    if is_addressed(text):
        return Objection("it is no statement about the papers")
    borne = " ".join(cited)
    if missing := sorted(numbers_of(text) - numbers_of(borne)):
        return Objection(f"the number {missing[0]} is not in the passages it cites")
    if _DENIES.search(text) and not _DENIES.search(borne):
        return Objection("it denies what the passages do not deny")
    held = terms_of(borne)
    told = {word.term: word for word in words.query_words(text) if not word.stop and not word.word.isdigit()}
    shares = dict(zip(told, share([word.word for word in told.values()]), strict=True))
    lacking = [term for term in told if term not in held]
    for term in lacking:
        if shares[term] < RARE and told[term].word not in _SPELLED:
            return Objection(f"the passages it cites do not say {told[term].text!r}")
    if not told or len(lacking) > (1 - LEAST_COMMON) * len(told):
        return Objection("most of its words are not in the passages it cites")
    return None


def numbers_of(text: str) -> set[str]:
    """The numbers in a text as digits, without separators of thousands; ``seven`` is 7."""
    found = {number.replace(",", "").rstrip(".") for number in _NUMBER.findall(text)}
    return found | {_SPELLED[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _SPELLED}
