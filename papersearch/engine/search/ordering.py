"""Which papers come first: by score where there is one, and by date or title where a request says so."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, repeat
from operator import gt, itemgetter

from papersearch.core.frozen import NamedTuple
from papersearch.engine.index.bits import docs_of
from papersearch.engine.index.documents import TITLE_COLUMNS
from papersearch.engine.search.scoring import Weighted
from papersearch.engine.search.selection import Selection
from papersearch.text.folding import plain_letters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.engine.index.views import ReaderView

Place = tuple[int, int]
"""A paper, as (segment's position, document)."""

# Scores are compared to nine digits: those so far apart differ there.
_TOLD_APART = 2e-9
_UNDATED = 10**7  # a day after all others, for papers without a date


class Scored(NamedTuple):
    """A paper with its score: a document of a segment, by the segment's position."""

    score: float
    segment: int
    doc: int

    @property
    def place(self) -> Place:
        """Which paper it is."""
        return self.segment, self.doc


def best_first(reader: ReaderView, papers: Sequence[Scored], k: int) -> list[Scored]:
    """The first ``k``: by score, then newest, then by id. Ids are read only where they decide."""
    ranked = sorted(papers, key=itemgetter(0), reverse=True)
    scores = [paper[0] for paper in ranked]
    if all(map(gt, scores, [score + _TOLD_APART for score in scores[1:]])):  # as of most queries of several words
        return ranked[:k]
    published = [segment.documents.column("published") for segment in reader.segments]
    keys = sorted(
        [(-round(score, 9), -published[segment][doc], number) for number, (score, segment, doc) in enumerate(papers)]
    )
    if len(keys) > k:
        last = keys[k - 1][:2]
        keys = keys[: k + sum(key[:2] == last for key in keys[k:])]
    if len({key[:2] for key in keys}) == len(keys):
        return [papers[number] for _, _, number in keys]
    result: list[Scored] = []
    for _, same in groupby(keys, itemgetter(0, 1)):
        tied = [papers[number] for _, _, number in same]
        result += sorted(tied, key=lambda paper: _id_of(reader, paper)) if len(tied) > 1 else tied
    return result[:k]


def newest(reader: ReaderView, matching: Sequence[int], k: int) -> list[Scored]:
    """The ``k`` newest papers of a bit set for each segment, and all of the last one's day; unscored, in no order."""
    published = [segment.documents.column("published") for segment in reader.segments]
    dated = [
        (days[doc], number, doc)
        for number, (bits, days) in enumerate(zip(matching, published, strict=True))
        for doc in docs_of(bits)
    ]
    last = 0
    if len(dated) > k:
        from heapq import nlargest  # most queries are ranked

        last = nlargest(k, (day for day, _, _ in dated))[-1]
    return [Scored(0.0, number, doc) for day, number, doc in dated if day >= last]


def ordered(selection: Selection, sort: str, k: int) -> list[Scored]:
    """The first ``k`` matching papers by ``newest``, ``oldest`` or ``title``, with what their words score."""
    reader = selection.reader
    if sort == "newest":
        first = best_first(reader, newest(reader, selection.matching, k), k)
    elif sort == "title":
        first = _by_title(reader, selection.matching, k)
    else:
        first = _oldest(reader, selection.matching, k)
    return [paper._replace(score=score_of(selection.weighted(paper.segment), paper.doc)) for paper in first]


def score_of(words: Sequence[Weighted], doc: int) -> float:
    """The sum of what each word brings to a document."""
    score = 0.0
    for word in words:
        score += word.weight * word.matches.saturation(doc)
    return score


def _by_title(reader: ReaderView, matching: Sequence[int], k: int) -> list[Scored]:
    """The first ``k`` by title, then by id. Titles are read only of papers whose first letters may bring them in."""
    keyed: list[tuple[int, int, int, int]] = []
    for number, (bits, segment) in enumerate(zip(matching, reader.segments, strict=True)):
        docs = docs_of(bits)
        first, second = (map(segment.documents.column(name).__getitem__, docs) for name in TITLE_COLUMNS)
        keyed += zip(first, second, repeat(number), docs, strict=False)
    if len(keyed) > k:
        from heapq import nsmallest

        last = nsmallest(k, keyed)[-1][:2]
        keyed = [each for each in keyed if each[:2] <= last]

    def key(paper: Scored) -> tuple[str, str]:
        stored = reader.segments[paper.segment].documents.stored(paper.doc)
        return plain_letters(str(stored.get("title", ""))), stored["id"]

    return sorted((Scored(0.0, number, doc) for _, _, number, doc in keyed), key=key)[:k]


def _oldest(reader: ReaderView, matching: Sequence[int], k: int) -> list[Scored]:
    """The first ``k`` by date, those without one last, then by id."""
    dated: list[tuple[int, int, int]] = []
    for number, (bits, segment) in enumerate(zip(matching, reader.segments, strict=True)):
        published, docs = segment.documents.column("published"), docs_of(bits)
        dated += zip([published[doc] or _UNDATED for doc in docs], repeat(number), docs, strict=False)
    if len(dated) > k:
        from heapq import nsmallest

        last = nsmallest(k, dated)[-1][0]
        dated = [each for each in dated if each[0] <= last]
    papers = [(day, Scored(0.0, number, doc)) for day, number, doc in dated]
    return [paper for _, paper in sorted(papers, key=lambda each: (each[0], _id_of(reader, each[1])))[:k]]


def _id_of(reader: ReaderView, paper: Scored) -> str:
    paper_id: str = reader.segments[paper.segment].documents.stored(paper.doc)["id"]
    return paper_id
