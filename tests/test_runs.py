"""Common runs of words, counted while indexing, against looking for them in the rows of words."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from papersearch.core.fields import FIELDS, RUN, WORDS
from papersearch.core.records import Post
from papersearch.engine.build.merge import Input, merge
from papersearch.engine.build.runs import of_terms
from papersearch.engine.index.files import PLAIN_FILES
from papersearch.engine.index.reader import OpenSegment
from papersearch.engine.index.segment import Segment, new_name, segment_files
from papersearch.engine.index.terms import TermEntry
from papersearch.engine.search.matching import match
from papersearch.engine.search.scoring import Weighted, scores_of
from papersearch.engine.search.slots import Alternative, Slot
from tests.corpora import segment_of

RUNS = [("state", "of", "the", "art"), ("end", "to", "end")]
texts = st.lists(st.sampled_from([*map(" ".join, RUNS), *RUNS[0], *RUNS[1], "Otters,"]), max_size=6).map(" ".join)
documents = st.lists(st.tuples(texts, texts), min_size=1, max_size=5)
weights = st.sampled_from([None, [field.weight + 1 for field in FIELDS]])


class Unaware(OpenSegment):
    """A segment in which every run has to be looked for."""

    def find(self, term: str, field: str = WORDS) -> TermEntry | None:
        return None if field == RUN else super().find(term, field)


def posts(given: Sequence[tuple[str, str]], first: int = 0) -> list[Post]:
    """Posts with these titles and abstracts."""
    return [Post(f"{n}.md", f"{n}", title=one, abstract=two) for n, (one, two) in enumerate(given, first)]


def found(segment: OpenSegment, run: tuple[str, ...], field: str | None) -> dict[int, float]:
    """The live documents in which a run stands, and what it counts there."""
    matches = match(Slot("", (Alternative(run, 1.0),), field=field), segment)
    held = [doc for doc in range(segment.count) if matches.bits >> doc & 1]
    assert all(segment.live >> doc & 1 for doc in held)
    return dict(zip(held, scores_of([Weighted(matches, 1.0)], held), strict=True))


@settings(max_examples=60, deadline=None)
@given(documents, documents, weights)
@example([("end to end " * 5, "")], [("Otters", " ".join(RUNS[0]) + " " + "end to " * 70)], None)  # more than counts
def test_a_common_run_is_counted_as_it_would_be_found(
    one: list[tuple[str, str]], two: list[tuple[str, str]], own: Sequence[float] | None
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole, *parts = (segment_of(folder, some) for some in (posts(one + two), posts(one), posts(two, len(one))))
        merged = new_name()
        with segment_files(name, merged, PLAIN_FILES) as (of_documents, of_words):
            merge([Input(part.segment) for part in parts], of_documents, of_words)
        for segment in (whole.segment, Segment(name, merged)):
            for dead in ((), (0,)):
                aware, unaware = (kind(segment, dead, own) for kind in (OpenSegment, Unaware))
                for run in RUNS:
                    for field in (None, "title", "abstract", "qa"):
                        assert found(aware, run, field) == found(unaware, run, field)
                    standing = [" ".join(run) in f"{title}|{abstract}" for title, abstract in one + two]
                    assert (aware.find(" ".join(run), RUN) is not None) == any(standing)


def test_runs_with_an_unknown_word_are_left_out() -> None:
    assert of_terms(["end", "to", "larg", "languag", "model"]) == [
        ("end", "to", "end"),
        ("languag", "model"),
        ("larg", "languag", "model"),
    ]
