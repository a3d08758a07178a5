"""How papers are cited: words of a query that only say that it cites, keys of BibTeX entries, and ids of arXiv.

Knows no index: what looks like a key may be a word that papers have.
"""

from __future__ import annotations

from collections.abc import Sequence

from papersearch.core.caches import late_pattern
from papersearch.text.stopwords import is_year

# ``vaswani2017attention``, as Google Scholar and arXiv call an entry; 2017 with a letter alone is a year.
_key = late_pattern(r"(?<![^\W_])([A-Za-z]{2,}?)(?:etal)?((?:19|20)\d\d)([a-z]{3,})(?![^\W_])")

_arxiv = late_pattern(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}")


def is_arxiv(paper_id: str) -> bool:
    """Whether a paper's id is one of arXiv's."""
    return _arxiv().fullmatch(paper_id) is not None


def citing(words: Sequence[str]) -> set[int]:
    """The places of those of the folded words of a query that only say that it cites: ``et al`` and the year behind it.
    ``Al`` alone may be aluminium."""
    found: set[int] = set()
    for place, word in enumerate(words):
        following = place + 1
        if word == "et" and words[following : following + 1] == ["al"]:
            following += 1
        elif word != "etal":
            continue
        found.update(range(place, following))
        if is_year("".join(words[following : following + 1]).rstrip("abcd")):  # 2024b
            found.add(following)
    return found


def keys_apart(text: str) -> str:
    """A text with blanks around the year of each key of a BibTeX entry: surname, year and first word of the title."""
    return _key().sub(r"\1 \2 \3", text) if "20" in text or "19" in text else text
