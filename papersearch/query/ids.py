"""Paper ids as people paste them: bare, after ``arXiv:``, as a DOI, as the address of a paper's page."""

from __future__ import annotations

import re
from functools import cache

_LONGEST = 300  # characters; no usual form is longer, and it bounds what is tried

_ID = r"(?P<id>\d{4}\.\d{4,5}|[a-z][a-z-]{1,11}(?:\.[a-z]{2})?/\d{7})(?:v(?P<version>\d{1,4}))?"
_PLACES = (
    r"arxiv\s?:?\s?|(?:https?://)?(?:(?:www|export|browse)\.)?(?:arxiv|alphaxiv|ar5iv(?:\.labs\.arxiv)?)\.org/[a-z-]{2,8}/"
    r"|(?:https?://)?(?:www\.)?huggingface\.co/papers/|(?:doi:\s?|https?://(?:dx\.)?doi\.org/)?10\.48550/arxiv\."
)
_DIGIT = re.compile(r"\d")


# Compiled when first needed, as few queries hold a digit: that takes as long as finding the papers.
@cache
def _arxiv() -> re.Pattern[str]:
    return re.compile(rf"[<(\[]*(?:{_PLACES})?{_ID}(?:\.pdf)?/?(?:[?#]\S*)?[>)\].,;:!?]*", re.IGNORECASE)


@cache
def _doi() -> re.Pattern[str]:
    start = r"(?:doi:\s?|https?://(?:dx\.)?doi\.org/)?"
    return re.compile(rf"[<(]*{start}(10\.\d{{4,9}}/[^\s<>\"]+)[>.,;!?]*", re.IGNORECASE)


@cache
def _address() -> re.Pattern[str]:
    return re.compile(r"https?://[^/\s]+/(?:abs|pdf)/([^\s/?#]+?)(?:v(\d{1,4}))?(?:\.pdf)?[?#]?", re.IGNORECASE)


def identify(text: str) -> tuple[str, int | None] | None:
    """(paper id, version or None) of an id in any usual form, also with punctuation around it; None of all else.

    The DOI that arXiv gives a paper is the paper's arXiv id, any other DOI is an id itself.
    """
    text = text.strip()
    if not 7 <= len(text) <= _LONGEST or _DIGIT.search(text) is None:
        return None
    if found := _arxiv().fullmatch(text):
        return found["id"], int(found["version"]) if found["version"] else None
    if found := _doi().fullmatch(text):
        return _without_punctuation(found[1]), None
    if found := _address().fullmatch(text):
        return found[1], int(found[2]) if found[2] else None
    return None


def _without_punctuation(doi: str) -> str:
    """A DOI may end with a parenthesis, as that of The Lancet does, if it also opened it."""
    while True:
        doi = doi.rstrip(".,;!?")
        if not doi.endswith(")") or doi.count("(") >= doi.count(")"):
            return doi
        doi = doi[:-1]
