"""Any history of changes, runs and failures ends where a fresh build of the same posts does."""

from __future__ import annotations

import random
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stores import Failing, answers, change, fresh_answers, leftovers, random_posts, update

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.integers(0, 10**6)),
        st.tuples(st.just("run"), st.just(0)),
        st.tuples(st.just("fail"), st.integers(1, 70)),
        st.tuples(st.just("rebuild"), st.just(0)),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, st.integers(0, 10**6))
def test_every_history_ends_as_a_fresh_build(steps: list[tuple[str, int]], seed: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        posts, index = Path(place) / "posts", Path(place) / "index"
        random_posts(posts, 12, random.Random(seed))
        update(index, posts)
        for kind, number in steps:
            if kind == "change":
                change(posts, random.Random(number), 6)
                continue
            before = answers(index)
            with suppress(OSError):
                update(index, posts, files=Failing(number), rebuild=kind == "rebuild")
            fresh = fresh_answers(posts, Path(place) / "fresh")
            assert answers(index) in (before, fresh)
            if kind != "fail":
                assert answers(index) == fresh
        update(index, posts)
        assert answers(index) == fresh_answers(posts, Path(place) / "last")
        assert not leftovers(index)
