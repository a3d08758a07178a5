"""What a question wants by its form, and which sentences have that."""

from __future__ import annotations

import pytest

from papersearch.engine.ask import wanted
from papersearch.engine.ask.terms import terms_of


@pytest.mark.parametrize(
    ("question", "likely", "other"),
    [
        ("How fast do 3 otters swim?", "The 3 otters swim at 12 km/h.", "The 3 otters swim well."),
        ("Which rivers have otters?", "Otters live in rivers.", "Otters live in dens."),
        ("Why do otters dive?", "Otters dive because of fish.", "Otters dive for fish."),
    ],
)
def test_a_sentence_with_what_the_form_of_a_question_wants_is_likelier_to_answer(
    question: str, likely: str, other: str
) -> None:
    asked = wanted.of(question)
    assert asked.is_likely(likely, terms_of(likely))
    assert not asked.is_likely(other, terms_of(other))


@pytest.mark.parametrize(
    ("question", "told", "others"),
    [
        ("Who Invented burrows?", "Burrows, invented by Ann.", ("A den by Bo Lee.", "Who invented burrows?")),
        ("Who proposed dams?", "Proposed by Ann Lee in 1995, dams keep fish.", ("Dams keep fish.",)),
        ("When was the dam of 1900 built?", "That of 1900 was built in 1899.", ("That of 1900 was built.",)),
        ("How much do dams cost?", "Dams are cheap.", ("Dams are old.",)),
        ("What are dams used for?", "Dams help to keep fish.", ("Dams are old.",)),
    ],
)
def test_a_fact_that_is_asked_for_is_told_by_no_other_sentence(
    question: str, told: str, others: tuple[str, ...]
) -> None:
    asked = wanted.of(question)
    assert asked.is_fact()
    assert asked.tells_fact(told)
    assert not any(map(asked.tells_fact, others))
