"""From a document found to a hit that can be shown: its facts, its snippets, and the other posts of its paper."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import filterfalse

from papersearch.core.fields import FACTS, FIELDS, ID, TAG, TEXTS
from papersearch.core.frozen import replace
from papersearch.core.records import Hit, OtherPost, Paper, Snippet
from papersearch.engine.index.bits import docs_of
from papersearch.engine.index.documents import precedence
from papersearch.engine.index.runs import ordinals_of, pack
from papersearch.engine.search import snippets
from papersearch.engine.search.highlight import Phrase, Wanted
from papersearch.engine.search.slots import Slot
from papersearch.text.display import local_path
from papersearch.text.folding import value_key, value_keys
from papersearch.text.stopwords import STOP_WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from papersearch.engine.index.views import ReaderView, SegmentView
    from papersearch.engine.search.statistics import Statistics


# A tag tells nothing that this share of the papers has, if there are so many papers at least (chosen).
NEARLY_ALL = 0.9
LEAST_PAPERS = 20
MOST_MARKED = 500
# Texts up to so many characters are looked through together (chosen: nearly all abstracts).
_SHORT = 10_000
_FACTS, _TEXTS = frozenset(FACTS), frozenset(TEXTS)
_LONG = tuple(field.name for field in FIELDS if field.long)


class Marking:
    """What the slots of a query mark in the fields of its hits. Made once for all of them."""

    def __init__(self, slots: Sequence[Slot], weights: Sequence[float]) -> None:
        self._slots, self._weights = slots, weights
        self._wanted: dict[tuple[str | None, frozenset[tuple[str, ...]]], Wanted] = {}
        self._by_field = any(slot.field for slot in slots)
        runs = (each.terms for slot in slots if slot.wanted for each in slot.alternatives[:MOST_MARKED])
        self._runs = {run for run in runs if len(run) > 1}
        self._packed: dict[SegmentView, list[tuple[bytes, tuple[str, ...]]]] = {}

    def of(self, papers: Iterable[tuple[SegmentView, int, Mapping[str, Any]]]) -> list[Callable[[str], Wanted]]:
        """What is marked in a field of each of some documents, given with their stored fields."""
        found = []
        texts: dict[Wanted, list[str]] = {}
        for segment, doc, stored in papers:
            wanted = self._of(segment, doc)
            found.append(wanted)
            for field in ("title", _LONG[0]):
                if 0 < len(text := stored.get(field, "")) <= _SHORT:
                    texts.setdefault(wanted(field), []).append(text)
        for each, some in texts.items():
            each.look_at(some)
        return found

    def _of(self, segment: SegmentView, doc: int) -> Callable[[str], Wanted]:
        """What is marked in a field of a document. Runs of terms that its row of words does not hold are left out:
        looking for them would cost more than all the rest."""
        if segment not in self._packed:
            known = ((run, ordinals_of(segment, run)) for run in self._runs)
            self._packed[segment] = [(pack(ordinals), run) for run, ordinals in known if ordinals is not None]
        packed = self._packed[segment]
        row = segment.documents.token_row(doc) if packed else b""
        return partial(self._in, frozenset(run for key, run in packed if key in row))

    def _in(self, runs: frozenset[tuple[str, ...]], field: str) -> Wanted:
        key = field if self._by_field else None, runs
        found = self._wanted.get(key)
        if found is None:
            found = self._wanted[key] = self._made(field, runs)
        return found

    def _made(self, field: str, runs: frozenset[tuple[str, ...]]) -> Wanted:
        """What is marked in a text of a field that holds these runs of terms side by side."""
        terms: dict[str, tuple[int, float]] = {}
        phrases: list[Phrase] = []

        def add(term: str, number: int, weight: float) -> None:
            # Of two words of a query that both mean it, it shows the rarer one: recurrence in ``re* recurrence``.
            if term not in terms or terms[term][1] < weight:
                terms[term] = number, weight

        for number, (slot, weight) in enumerate(zip(self._slots, self._weights, strict=True)):
            if slot.field not in (None, field) or not slot.wanted:
                continue
            for alternative in slot.alternatives[:MOST_MARKED]:
                first, *others = alternative.terms
                if not others:
                    add(first, number, weight * alternative.factor)
                elif slot.slop:  # they may stand apart, so each is marked by itself
                    for term in filterfalse(STOP_WORDS.__contains__, alternative.terms):
                        add(term, number, weight)
                elif alternative.terms in runs:
                    phrases.append((alternative.terms, number, weight * alternative.factor))
        return Wanted(terms, phrases)


def _snippets_of(stored: Mapping[str, Any], wanted: Callable[[str], Wanted]) -> tuple[Snippet, ...]:
    """The passages that show the words, from the first long field that has them."""
    found: list[Snippet] = []
    for field in _LONG:
        text = stored.get(field, "")
        if not text:
            continue
        for passage in snippets.passages(text, wanted(field)):
            found.append(Snippet(field, stored.get(f"{field}_line", 0), passage.text, tuple(passage.highlights)))
        if found and found[0].highlights:
            return tuple(found)
    marked = [snippet for snippet in found if snippet.highlights]
    return tuple(marked or found[:1])


def _facts(stored: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The facts of those names as a record takes them; what is not stored has its default."""
    told = stored.items()
    facts = {name: tuple(value) if type(value) is list else value for name, value in told if name in names}
    facts["path"] = local_path(stored["path"])
    return facts


def hit(
    rank: int,
    score: float,
    stored: Mapping[str, Any],
    missing: tuple[str, ...],
    wanted: Callable[[str], Wanted] | None,
    other_posts: tuple[OtherPost, ...],
) -> Hit:
    """One hit, with snippets if it is given what is ``wanted`` in a field."""
    return Hit(
        **_facts(stored, _FACTS),
        rank=rank,
        score=round(score, 6),
        missing=missing,
        title_highlights=snippets.highlights(stored.get("title", ""), wanted("title")) if wanted else (),
        other_posts=other_posts,
        snippets=_snippets_of(stored, wanted) if wanted else (),
    )


def paper(posts: Sequence[Mapping[str, Any]]) -> Paper | None:
    """A paper, whole, as the first of its posts has it, by their stored fields; None without any."""
    return Paper(**_facts(posts[0], _TEXTS), other_posts=other_posts(posts[1:])) if posts else None


def post(reader: ReaderView, stored: Mapping[str, Any]) -> Paper | None:
    """A paper as one of its posts has it, which may be one that is not shown."""
    return paper([stored, *(each for each in posts_of(reader, stored["id"]) if each["path"] != stored["path"])])


def posts_of(reader: ReaderView, paper_id: str) -> list[Mapping[str, Any]]:
    """The stored fields of the posts about a paper, the shown one first; none if there is no such paper."""
    place = find_paper(reader, paper_id)
    if place is None:
        return []
    return [reader.segments[place[0]].documents.stored(place[1]), *reader.hidden_posts(paper_id)]


def other_posts(hidden: Iterable[Mapping[str, Any]]) -> tuple[OtherPost, ...]:
    """The posts about a paper that are not shown, by their stored fields, newest version first."""
    hidden = [*hidden]
    if not hidden:  # as for nearly every hit
        return ()
    found = (
        OtherPost(local_path(stored["path"]), stored.get("version"), stored.get("title", ""), stored.get("posted"))
        for stored in hidden
    )
    return tuple(sorted(found, key=lambda post: precedence(post.version, post.posted, post.path), reverse=True))


def find_paper(reader: ReaderView, paper_id: str) -> tuple[int, int] | None:
    """Where the post of a paper is that is shown: (segment's position, document)."""
    for number, segment in enumerate(reader.segments):
        entry = segment.find(value_key(paper_id), ID)
        if entry is not None:
            for doc in docs_of(segment.bits(entry)):
                return number, doc
    return None


def with_common_tags(results: tuple[Hit, ...], statistics: Statistics) -> tuple[Hit, ...]:
    """The hits with those of their tags named that nearly all papers have."""
    if statistics.papers < LEAST_PAPERS:
        return results
    tags = [*{tag for hit in results for tag in hit.tags}]
    known = zip(tags, value_keys(tags), strict=True)
    most = NEARLY_ALL * statistics.papers
    common = {tag for tag, key in known if statistics.frequency(f"{key}\0{tag}", TAG) >= most}
    if not common:
        return results
    return tuple(replace(hit, common_tags=tuple(tag for tag in hit.tags if tag in common)) for hit in results)
