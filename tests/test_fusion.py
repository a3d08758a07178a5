"""The formula that makes one score of words and likeness: what is added, what is lifted, and what stays first."""

from __future__ import annotations

import itertools

import pytest

from papersearch.engine.search import fusion
from papersearch.engine.search.meaning import Near, near_enough

pytest.importorskip("numpy")


def test_meaning_without_words_ranks_by_likeness() -> None:
    found = fusion.fused({}, {(0, 1): 0.5, (0, 2): 0.7}, (0.7, 0.5))
    assert found[0, 2].score == fusion.WEIGHT
    assert found[0, 1].score == 0


def test_words_without_meaning_keep_their_scores() -> None:
    assert fusion.fused({(0, 1): 3.0, (0, 2): 2.0}, {}, (1.0, 0.0)) == {(0, 1): (3.0, 0.0), (0, 2): (2.0, 0.0)}


def test_below_the_floor_meaning_adds_nothing() -> None:
    found = fusion.fused({(0, 1): 3.0, (0, 2): 2.0}, {(0, 1): 0.1, (0, 2): 0.9}, (0.9, 0.4))
    assert found[0, 1] == (3.0, 0.0)
    assert found[0, 2].score == pytest.approx(2.0 + fusion.WEIGHT * 3.0)


def test_one_near_paper_alone_is_no_division_by_zero() -> None:
    assert fusion.fused({(0, 1): 1.0}, {(0, 1): 0.4}, (0.4, 0.4))[0, 1].score >= 1.0


def test_the_nearest_is_lifted_between_its_new_neighbours() -> None:
    scores = [9.0, 8.0, 6.0, 5.0, 1.0]
    for place, target in itertools.product(range(5), (1, 2)):
        lifted = scores[place] + fusion.lift(scores, place, target)
        if place <= target:
            assert lifted == scores[place]
        else:
            assert scores[target - 1] >= lifted >= scores[target]
    for values in itertools.product((1.0, 2.0), repeat=4):
        ordered = sorted(values, reverse=True)
        assert ordered[1] >= ordered[3] + fusion.lift(ordered, 3, 2) >= ordered[2]


def test_the_first_place_is_reached_by_a_score_above_all_others() -> None:
    for scores in ([9.0, 8.0, 6.0], [5.0, 5.0, 5.0], [1.0, 0.5, 0.0]):
        assert scores[2] + fusion.lift(scores, 2, 0) > scores[0]
        assert fusion.lift(scores, 0, 0) == 0


def test_the_first_by_words_stays_if_it_is_matched_well_and_ahead() -> None:
    assert fusion.stays_first([6.0, 5.0], 10.0, fusion.NOTHING)
    assert fusion.stays_first([6.0], 10.0, fusion.NOTHING)
    assert not fusion.stays_first([5.4, 1.0], 10.0, fusion.NOTHING)
    assert not fusion.stays_first([6.0, 5.99], 10.0, fusion.NOTHING)
    assert not fusion.stays_first([0.0, 0.0], 0.0, fusion.NOTHING)
    assert not fusion.stays_first([], 10.0, fusion.NOTHING)


@pytest.mark.parametrize(("words", "names", "stays"), [(8.0, 0.0, True), (7.9, 4.9, False), (5.0, 5.0, True)])
def test_a_paper_with_most_words_or_with_names_stays_first_if_it_is_far_ahead(
    words: float, names: float, stays: bool
) -> None:
    held = fusion.Held(words, names)
    assert fusion.stays_first([4.0, 3.5], 10.0, held) is stays
    assert fusion.stays_first([4.0], 10.0, held) is stays
    assert not fusion.stays_first([4.0, 3.7], 10.0, held)


def test_how_well_words_match_is_a_share_that_counts_more_of_many_words() -> None:
    assert fusion.how_matched(2.0, 6.0, 4) == pytest.approx(2 / 3)
    assert fusion.how_matched(2.0, 6.0, 16) == pytest.approx(4 / 3)  # of a long question no paper holds much
    assert fusion.how_matched(0.0, 0.0, 0) == 0


def test_the_nearest_are_lifted_only_if_they_say_enough_of_the_question() -> None:
    assert fusion.hardly_match(1.1)
    assert not fusion.hardly_match(1.15)
    assert fusion.places_of_nearest(1.0, False) == tuple(range(9))
    assert fusion.places_of_nearest(1.0, True) == tuple(range(1, 10))
    assert fusion.places_of_nearest(0.9, False) == ()
    assert fusion.places_of_nearest(None, False) == tuple(range(9))  # by a model without a closer look


@pytest.mark.parametrize(
    ("likenesses", "found"), [([0.36, 0.31, 0.29], 2), ([0.34, 0.31], 0), ([], 0), ([0.9, 0.5, 0.3], 3)]
)
def test_papers_are_near_enough_if_the_nearest_is(likenesses: list[float], found: int) -> None:
    near = [Near(likeness, 0, number) for number, likeness in enumerate(likenesses)]
    assert near_enough(near) == near[:found]
