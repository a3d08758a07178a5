"""The papers that are titled so: whose title begins with the name, or the half title, that is asked.

The paper that a name is of says it once in its title, and those that use it say it more often (measured over 87,288
papers, 2026-11-27: of 600 names before a colon 96 had another paper first, now 36, mostly names that two papers have).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from papersearch.engine.index.bits import docs_of
from papersearch.engine.index.documents import TITLE_COLUMNS
from papersearch.engine.search.ordering import Place
from papersearch.engine.search.selection import Selection, with_every_word
from papersearch.query.tree import looks_like_name, title_words
from papersearch.text.folding import plain_letters
from papersearch.text.stopwords import is_about_papers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.index.views import SegmentView

# They are looked for among so few papers that have every word that it costs little, and their titles are read; where
# more begin so, it is a topic (chosen).
MOST_HOLDING, MOST_READ, MOST_TITLED = 1_000, 30, 10


def titled_so(selection: Selection) -> frozenset[Place]:
    """The papers that are named what is asked, before a colon or as a whole; where none is, those whose title begins
    with a name or half a title that is asked."""
    plan = selection.plan
    if not plan.titles:
        return frozenset()
    holding, total = selection.every, selection.total_all
    telling = [n for n in selection.order if not is_about_papers(plan.slots[n].word)]
    if len(telling) < len(selection.order):
        rows = zip(selection.bits, selection.matching, strict=True)
        holding = [with_every_word(telling, row, part) for row, part in rows]
        total = sum(bits.bit_count() for bits in holding)
    if not 0 < total <= MOST_HOLDING:
        return frozenset()
    docs = [docs_of(bits) for bits in holding]
    return next(filter(None, (_titled(selection, words, docs) for words in plan.titles)), frozenset())


def _titled(selection: Selection, words: Sequence[str], docs: Sequence[Sequence[int]]) -> frozenset[Place]:
    """Those of some documents, by segment. Titles are read only where the first letters may be right."""
    segments = selection.reader.segments
    begun = [
        (number, doc)
        for number, (some, segment) in enumerate(zip(docs, segments, strict=True))
        for doc in _may_begin_so(words, some, segment)
    ]
    if len(begun) > MOST_READ:
        return frozenset()
    titles = {(number, doc): str(segments[number].documents.stored(doc).get("title", "")) for number, doc in begun}
    ends = {place: _end_of("".join(words), title, selection.plan.unfinished) for place, title in titles.items()}
    begins = {place: (titles[place][:end], titles[place][end:]) for place, end in ends.items() if end}
    found = [place for place, (_, rest) in begins.items() if rest.lstrip()[:1] in ("", ":", "(")]
    # NeRF-SLAM is another name than NeRF.
    found = found or [place for place, (start, rest) in begins.items() if rest[:1] != "-" and _tells(start)]
    return frozenset(found) if len(found) <= MOST_TITLED else frozenset()


def _end_of(asked: str, title: str, unfinished: bool) -> int:
    """Where what is asked ends in a title that begins with it, wherever either has blanks and hyphens; 0 if it does not
    begin so. The last word may go on if it is ``unfinished``."""
    begun = ""
    for match in title_words().finditer(title):
        begun += plain_letters(match[0])
        if begun == asked or (unfinished and begun.startswith(asked)):
            return match.end()
        if not asked.startswith(begun):
            break
    return 0


def _tells(text: str) -> bool:
    """Whether the beginning of a title is more than a word or two that a topic may be: three words, or a name with
    capitals or digits inside."""
    words = text.split()
    return len(words) > 2 or looks_like_name(words)


def _may_begin_so(words: Sequence[str], docs: Sequence[int], segment: SegmentView) -> Iterator[int]:
    """Those of some documents whose title may begin with some words (folded), by its first eight bytes."""
    start = words[0][:8].encode("utf-8", "surrogatepass")[:8]
    low, high = (int.from_bytes(start.ljust(8, fill), "big") for fill in (b"\0", b"\xff"))
    first, second = (segment.documents.column(name) for name in TITLE_COLUMNS)
    asked, least, most = "".join(words), low >> 32, high >> 32
    for doc in [doc for doc in docs if least <= first[doc] <= most]:
        key = first[doc] << 32 | second[doc]
        if low <= key <= high:
            begun = key.to_bytes(8, "big").rstrip(b"\0").decode("utf-8", "ignore")
            letters = "".join(title_words().findall(begun))
            if asked.startswith(letters) or letters.startswith(asked):
                yield doc
