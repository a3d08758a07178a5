"""Paper ids as people write them: bare, after ``arXiv:`` or ``doi:``, as the address of a paper's page, as BibTeX.

Posts and queries read ids by these rules, and any other text that is an id by ``as_written``. The version of an arXiv
id is no part of the id, and neither is the class of an old one (``math.GT/0309136`` is ``math/0309136``); a DOI is kept
whole, whatever it ends in. Only bioRxiv and medRxiv write versions behind DOIs that do not have them.
"""

from __future__ import annotations

import re
from functools import cache

from papersearch.core.caches import late_pattern
from papersearch.text.folding import plain_form

Known = tuple[str, int | None]
"""(paper id, version), the latter None where none is said."""

_LONGEST = 500  # characters; no usual form is longer, and it bounds what is tried
_LONGEST_PASTED = 20_000  # of a BibTeX entry

_ID = r"(?P<id>\d{4}\.\d{4,5}|[a-z][a-z-]{1,11}(?:\.[a-z]{2})?/\d{7})(?:v(?P<version>\d{1,4}))?"
_PLACES = (
    r"arxiv\s?:?\s?|(?:https?://)?(?:[a-z]{2,8}\.)?(?:arxiv|alphaxiv|ar5iv(?:\.labs\.arxiv)?|arxiv-vanity)\.org/[a-z-]{2,8}/"
    r"|/?(?:abs|pdf)/"
    r"|(?:https?://)?(?:www\.)?(?:(?:huggingface\.co|emergentmind\.com)/papers|(?:semanticscholar\.org|scirate\.com)/arxiv)/"
    r"|(?:doi:\s?|(?:https?://)?(?:dx\.)?doi\.org/)?10\.48550/arxiv\."
)
_WRAPPED = {"{": "}", "[": "]", "(": ")", "<": ">", "“": "”", "„": "“", "‘": "’", "«": "»"} | {c: c for c in "\"'`*_|"}
_OPENING = {">": "<", ")": "(", "]": "[", "}": "{"}

# Few queries hold a digit.
_digit = late_pattern(r"\d")
# Every id, as it is written, holds one of these; most words of posts hold none.
_sign = late_pattern("[./%&@]|[pP][mM]")
_arxiv = late_pattern(
    rf"(?:{_PLACES})?{_ID}(?:\.pdf)?/?(?:[?#]\S*)?(?:\s?[\[(][a-z-]{{2,10}}(?:\.[a-z-]{{2,4}})?[\])])?",
    re.IGNORECASE,
)
# A DOI. Some of before 2001 have ``<`` and ``>`` in pairs (SICI).
_doi = late_pattern(
    r"(?:doi\s?[:=]?\s?|(?:https?://)?(?:[a-z0-9.-]{1,40}\.)?doi\.org/)?"
    r"(10\.\d{4,9}/(?:[^\s<>\"]|<[^\s<>\"]{1,40}>)+)",
    re.IGNORECASE,
)
# What names an id and is not a part of it: ``eprint = {...}``, ``PMID: ...``, ``\cite{...}``.
_named = late_pattern(
    r"(?:(?:eprint|doi|url|arxiv(?:[ _-]?id)?|paper[ _-]?id|id|link|pmid|howpublished)\s?[:=]\s?(?=\S)"
    r"|\\[a-z]{3,20}(?=\{[^{}]*\}$))",
    re.IGNORECASE,
)
_pubmed = late_pattern(r"pmid\s?:?\s?(\d{5,9})|(pmc\d{4,9})", re.IGNORECASE)
_address = late_pattern(r"https?://[^/\s]+/(?:abs|pdf)/([^\s/?#]+?)(?:v(\d{1,4}))?(?:\.pdf)?[?#]?", re.IGNORECASE)
_in_address = late_pattern(rf"arxiv(?:\.org/(?:[a-z-]{{2,8}}/)?|[:/=+]){_ID}(?!\d)")
# What DBLP calls a paper of arXiv, in keys of BibTeX and in addresses.
_dblp = late_pattern(r"journals/corr/abs-(\d{4})-(\d{4,5})(?!\d)")
_titled = late_pattern(r"semanticscholar\.org/paper/([^/\s?#]{1,300})/[0-9a-f]{40}", re.IGNORECASE)
# What addresses have after a DOI.
_endings = late_pattern(
    r"(?:[./](?:full|abstract|short|pdf|html?|epdf|fulltext|supplementary-material|figures?)(?:-text)?)+/?$|/$",
    re.IGNORECASE,
)
_preprint = late_pattern(r"(10\.1101/(?:\d{4}\.\d\d\.\d\d\.)?\d{5,9})(?:v(\d{1,3}))?(?:[./]\S*)?", re.IGNORECASE)
# What a text says is an id.
_said = late_pattern(rf"(?<![\w/.])(?:arxiv\s?:?\s?{_ID}(?!\d)|doi\s?:?\s?10\.\d{{4,9}}/[^\s\"]+)", re.IGNORECASE)
_versioned = late_pattern(r"(.*[0-9])[vV]([0-9]{1,4})", re.DOTALL)


@cache
def _pages() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Addresses of papers by what they hold, and where in them the id is."""
    found = (
        ("openreview.net/", r"openreview\.net/\w{2,20}/?\?(?:[^#\s]{0,200}&)?id=([\w.-]{5,40})"),
        ("acl", r"(?:aclanthology\.(?:org|info)|aclweb\.org/anthology)(?:/\w+){0,3}/(?:[a-z]{2,10}/)?"
                r"([A-Z]\d{2}-\d{4,5}|\d{4}\.[\w-]{2,40}\.\d{1,5})(?![\w-])"),
        ("semanticscholar.org/paper/", r"semanticscholar\.org/paper/(?:[^/\s?#]{1,300}/)?([0-9a-f]{40})"),
        ("semanticscholar.org/corpusid", r"semanticscholar\.org/(corpusid:\d{3,12})"),
        ("ncbi.nlm.nih.gov", r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/(?:m/)?pubmed)/(\d{5,9})"),
        ("ncbi.nlm.nih.gov", r"ncbi\.nlm\.nih\.gov/(?:pmc/)?articles/(PMC\d{4,9})"),
        ("europepmc.org", r"europepmc\.org/(?:article|abstract)/med/(\d{5,9})"),
        ("rxiv.org/content/", r"(?:bio|med)rxiv\.org/content/(?:\wiorxiv/|medrxiv/)?early/(?:\d{1,4}/){3}(\d{5,9})"),
        ("nature.com/articles/", r"nature\.com/articles/(s\d{5}-\d{3}-\d{4,5}-[\dwxy]|(?:nature|srep|ncomms)\d{4,6})"),
    )  # fmt: skip
    return tuple((part, re.compile(pattern, re.IGNORECASE)) for part, pattern in found)


# What a DOI has before the part that an address holds.
_PREFIXES = {"rxiv.org/content/": "10.1101/", "nature.com/articles/": "10.1038/"}


def identify(text: str, alone: bool = False) -> Known | None:
    """(paper id, version or None) of an id in any usual form, also with punctuation around it; None of all else. The
    address of a paper's page may stand among words, and after a ``-``, unless it has to be ``alone``.

    The DOI that arXiv gives a paper is the paper's arXiv id, any other DOI is an id itself.
    """
    text = plain_form(text).strip()
    if not _may_be_id(text):
        return None
    if text[0] == "@" and "{" in text:
        return of_bibtex(text)
    if len(text) > _LONGEST:
        return None
    text = _unwrapped(text)
    if (named := _named().match(text)) and text[:4].lower() != "pmid":
        text = _unwrapped(text[named.end() :].rstrip(","))
    if found := _arxiv().fullmatch(text):
        return _arxiv_id(found)
    among_words = len(text.split()) > 1 or text.lstrip().startswith("-")
    if "%" in text or "&" in text:
        text = _decoded(text)
    if found := _doi().fullmatch(text):
        is_address = "doi.org/" in text[: found.start(1)].lower()
        return _of_doi(found[1].split("?")[0].split("#")[0] if is_address else found[1])
    if found := _pubmed().fullmatch(text):
        return found[1] or found[2].upper(), None
    if alone and among_words:
        return None
    if (known := of_address(text)) is not None:
        return known
    if found := _address().fullmatch(text):
        return found[1], number_of(found[2])
    return None


def _may_be_id(text: str) -> bool:
    """Whether a text may be an id, told in less time than it takes to read one: most words and queries are none."""
    if len(text) < 7 or text.replace(" ", "").isalpha() or _sign().search(text) is None:
        return False
    return "://" in text or _digit().search(text) is not None


def known_form(text: str) -> Known | None:
    """(paper id, version or None) of a text that can be nothing but the id of a paper; None of all else: any address
    of a page, and numbers like those of arXiv whose third and fourth digit are no month."""
    known = of_address(text.strip()) if "://" in text else identify(text)
    if known is not None and re.match(r"\d{4}\.\d{4,5}", known[0]) and not "01" <= known[0][2:4] <= "12":
        return None
    return known


def names_paper(paper_id: str) -> bool:
    """Whether an id can be nothing but that of its paper, in any post. Others are mostly names of files."""
    known = known_form(paper_id)
    return known is not None and known[0] == paper_id


def of_address(address: str) -> Known | None:
    """(paper id, version or None) of the address of a paper's page, None of any other address."""
    if len(address) > _LONGEST or "/" not in (address := plain_form(address)):
        return None
    if found := _arxiv().fullmatch(address.rstrip(".,;:!?")):
        return _arxiv_id(found) if found["id"] != address else None
    lower = address.lower()
    # With a scheme that is misspelled, say, or on one of the many sites whose addresses say arxiv before the id.
    if ("arxiv.org/" in lower or ("arxiv" in lower and "://" in lower)) and (found := _in_address().search(lower)):
        return _arxiv_id(found)
    if "/corr/abs-" in lower and (found := _dblp().search(lower)):
        return f"{found[1]}.{found[2]}", None
    for part, pattern in _pages():
        if part in lower and (found := pattern.search(address)):
            return _PREFIXES.get(part, "") + (found[1].lower() if part in _PREFIXES else found[1]), None
    if ("10." in address and "://" in address) or lower.startswith(("doi.org/10.", "dx.doi.org/10.")):
        place, _, tail = _decoded(address).partition("#")[0].partition("/10.")
        if not tail and "=10." in place:
            tail = place.partition("=10.")[2].partition("&")[0]
        if tail and (found := _doi().match("10." + tail.partition("?")[0])):
            whole = found[1] if "doi.org" in place.lower() else _endings().sub("", found[1])
            return _of_doi(whole)
    return None


def title_in(address: str) -> str:
    """The title that the address of a paper's page, or a BibTeX entry, holds beside its id; nothing where it holds
    none."""
    if address.lstrip()[:1] == "@":
        return re.sub("[{}]", "", bibtex_field(address, "title"))
    found = _titled().search(address[:_LONGEST])
    return found[1].replace("-", " ") if found else ""


def named_in(text: str) -> Known | None:
    """The first id that a text says is one (``arXiv:2412.15115``, ``doi:10.1000/x``), or None."""
    found = _said().search(text[:_LONGEST_PASTED])
    return identify(found[0]) if found else None


def of_bibtex(text: str) -> Known | None:
    """(paper id, version or None) that a BibTeX entry names: its eprint, its DOI, or that of its address; None where it
    names none."""
    for key in ("eprint", "doi", "url", "pmid", "journal", "note", "howpublished", "volume"):
        if value := bibtex_field(text, key):
            known = identify(f"pmid:{value}" if key == "pmid" else value) or named_in(value)
            if known is not None and (key in ("eprint", "doi", "pmid") or not known[0].isdigit()):
                return known
    return None


def bibtex_field(entry: str, key: str) -> str:
    """The value of a field of a BibTeX entry, without its braces or quotation marks; nothing where it has none."""
    found = re.search(rf"(?<![\w-]){key}\s{{0,20}}=\s{{0,20}}", entry[:_LONGEST_PASTED], re.IGNORECASE)
    if found is None:
        return ""
    rest = entry[found.end() : found.end() + 5_000]
    if rest[:1] not in ("{", '"'):
        return re.split(r"[,}\n]", rest, maxsplit=1)[0].strip()
    depth = 0
    for at, character in enumerate(rest):
        if at and rest[0] == '"' and character == '"' and not depth:
            return rest[1:at].strip()
        depth += (character == "{") - (character == "}")
        if rest[0] == "{" and not depth:
            return rest[1:at].strip()
    return ""


def number_of(digits: str | None) -> int | None:
    """The version that an id was found with, None where it has none."""
    return int(digits) if digits else None


def _arxiv_id(found: re.Match[str]) -> Known:
    archive, slash, number = found["id"].partition("/")
    known = f"{archive.partition('.')[0].lower()}/{number}" if slash else found["id"]
    return known, number_of(found["version"])


def _of_doi(doi: str) -> Known:
    """(paper id, version or None) of a DOI, which may be that of an arXiv paper or of a preprint."""
    doi = _without_punctuation(doi)
    if doi.lower().startswith("10.48550/arxiv.") and (arxiv := _arxiv().fullmatch(doi)):
        return _arxiv_id(arxiv)
    if preprint := _preprint().fullmatch(doi):
        return preprint[1], number_of(preprint[2])
    return doi, None


def _decoded(text: str) -> str:
    from html import unescape
    from urllib.parse import unquote

    plain = unescape(unquote(text))
    return plain if plain.isprintable() else text


def _unwrapped(text: str) -> str:
    """The text without quotation marks, brackets and the like around it, and without punctuation after it."""
    while text:
        shorter = text
        if _WRAPPED.get(text[0]) == text[-1] and len(text) > 1:
            shorter = text[1:-1].strip()
        elif text[-1] in ".,;:!?":
            shorter = text[:-1]
        elif text[0] in "<([{\"'`*“‘" and text.count(_WRAPPED[text[0]]) < (2 if text[0] in "\"'`*" else 1):
            shorter = text[1:]
        elif text[-1] in "\"'`*”’" or (text[-1] in ">)]}" and text.count(text[-1]) > text.count(_OPENING[text[-1]])):
            shorter = text[:-1]
        if shorter == text:
            break
        text = shorter
    return text


def _without_punctuation(doi: str) -> str:
    """A DOI without the punctuation after it. It may end with a bracket that it opened, as those of The Lancet do."""
    while True:
        doi = doi.rstrip(".,;:!?'`*_|。，、；：！？）】》」”’")
        if not doi or doi[-1] not in ")]}" or doi.count(_OPENING[doi[-1]]) >= doi.count(doi[-1]):
            return doi
        doi = doi[:-1]


def as_written(text: str) -> Known:
    """(paper id, version or None) of an id of no usual form, as posts and queries write it. A version stands only
    behind a number (``0309136v1``, ``cacm12v2``); behind letters ``v8`` belongs to the name (``yolov8``, ``paper v2``),
    and so it does in a DOI."""
    found = _versioned().fullmatch(text)
    return (found[1], int(found[2])) if found and not text.startswith("10.") else (text, None)


def normal_id(text: str) -> str:
    """The id that a usual form of it means: ``arXiv:2412.15115v1`` and addresses become ``2412.15115``."""
    return (identify(text) or as_written(text))[0]


def address_of(paper_id: str) -> str | None:
    """The web address of a paper whose id is one of arXiv's, a DOI, or one of PubMed Central's."""
    found = identify(paper_id)
    if found is None or found[0] != paper_id:
        return None
    if paper_id.startswith("10."):
        from urllib.parse import quote

        return f"https://doi.org/{quote(paper_id, safe='/:;()')}"
    if paper_id.startswith("PMC"):
        return f"https://www.ncbi.nlm.nih.gov/pmc/articles/{paper_id}/"
    return f"https://arxiv.org/abs/{paper_id}"
