"""What people say before they name a subject tells nothing about the papers that they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from papersearch import library
from papersearch.text.phrasing import asked_words, subject_of, unmeant_in
from papersearch.text.words import query_words

ASKED = [
    "can you recommend something to read on",
    "Could you point me to research on",
    "please find me a paper about",
    "show me some good papers on",
    "list all articles dealing with",
    "I need papers that deal with",
    "I'm looking for articles about",
    "I’d like to find articles describing",
    "we are searching for recent work on",
    "I want to learn about",
    "I once read a paper on",
    "I'm working on",
    "help me understand",
    "is there any recent work on",
    "has there been any research into",
    "there was this paper about",
    "has anyone tried",
    "did somebody write about",
    "what has been tried against",
    "what did people try for",
    "what should I read about",
    "what papers are there on",
    "which articles exist which deal with",
    "where can I find papers on",
    "who has worked on",
    "who wrote about",
    "who wrote",
    "who has published",
    "who are the authors of",
    "papers by",
    "most recent articles after 2023 written by",
    "who else has written on",
    "which paper is about",
    "what are the best papers on",
    "any good papers on",
    "papers published this spring about",
    "that paper which deals with",
    "papers published after 2023 about",
    "what do papers say about",
    "what does the literature tell us about",
    "what have researchers found about",
    "what do my notes say about",
    "do any papers deal with",
    "according to these papers,",
    "what's new in",
    "what are the main findings on",
    "what are recent advances in",
    "what is the state of the art in",
    "give me a short overview of",
    "summarise research on",
    "can you summarize the latest results on",
    "what's the state of the art in",
    "what's the name of the paper about",
    "what was that paper on",
    "hi, can you help me find papers on",
    "I'm trying to remember the paper which",
    "I vaguely remember a paper on",
    "looking for papers similar to",
    "do you know any papers about",
    "does anyone have a link to the paper on",
    "is anyone aware of research into",
    "pdf of the paper on",
    "most cited paper on",
]
SUBJECTS = [
    "recommend papers to reviewers",
    "how do we learn to rank",
    "papers with code",
    "paper recycling",
    "people with dementia",
    "what do people think about robots",
    "do people try robots",
    "research on robots",
    "a study on robots",
    "is there research software",
    "robots that read papers about otters",
    "try on clothes",
    "what do robots say about people",
    "overview of robots",
    "link prediction on robots",
    "key practices on robots",
    "original robots",
    "recent advances in robots",
    "findings on robots",
    "authors of robots",
]


@pytest.mark.parametrize("asked", ASKED)
def test_words_that_only_ask_tell_nothing(asked: str) -> None:
    assert [word.word for word in asked_words(f"{asked} otters?") if not word.stop] == ["otters"]


@pytest.mark.parametrize("asked", ASKED)
def test_the_subject_alone_is_compared(asked: str) -> None:
    assert subject_of(f"{asked} otters, in rivers?") == "otters, in rivers?"


@pytest.mark.parametrize("query", ["otters in rivers", "how do otters dive", "papers about", ""])
def test_where_nothing_else_is_said_all_is_compared(query: str) -> None:
    assert subject_of(query) == query


@pytest.mark.parametrize("query", SUBJECTS)
def test_the_same_words_tell_something_as_a_subject(query: str) -> None:
    small = {"how", "do", "we", "to", "with", "what", "about", "on", "a", "is", "there", "that", "of", "in"}
    assert [word.word for word in asked_words(query) if not word.stop] == [
        word for word in query.split() if word not in small
    ]


@pytest.mark.parametrize("query", ["otters I'm after", "otters that we’ve seen", "otters they'd like"])
def test_what_an_apostrophe_leaves_of_a_verb_tells_nothing(query: str) -> None:
    assert not [word.word for word in asked_words(query) if len(word.word) < 3 and not word.stop]


@pytest.mark.parametrize(
    ("query", "years"),
    [
        ("otters since 2024", 0),
        ("otters after 2023?", 0),
        ("otters 2024", 1),
        ("otters in 2024", 1),
        ("after 3000 otters", 1),
    ],
)
def test_a_year_that_bounds_others_is_not_looked_for(query: str, years: int) -> None:
    assert sum(word.word.isdecimal() and not word.stop for word in asked_words(query)) == years


def test_a_year_that_bounds_others_moves_no_paper(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    for year in (2022, 2023, 2024, 2025):
        (posts / f"p{year}.md").write_text(f"---\ntitle: Post\ndate: {year}-05-01\n---\nOtters dive.\n", "utf-8")
    library.index_folder(str(tmp_path / "index"), [str(posts)], jobs=1)
    index = library.Index(str(tmp_path / "index"))
    plain = [(hit.id, hit.score) for hit in index.search("otters dive").results]
    for query in ("otters dive after 2023", "papers since 2024 on otters dive"):
        assert [(hit.id, hit.score) for hit in index.search(query).results] == plain
    assert index.search("otters dive 2023").results[0].id == "p2023"


@pytest.mark.parametrize(
    ("query", "meant", "unmeant"),
    [
        ("river otters but not seals", "river otters", ["seals"]),
        ("river otters (but not seals)", "river otters", ["seals"]),
        ("papers on otters that are not about grey seals", "otters that are", ["grey seals"]),
        (
            "Please find me papers about otters, but not about seals, rivers or the sea.",
            "otters",
            ["seals", "rivers", "sea"],
        ),
        ("otters except for those in zoos", "otters", ["zoos"]),
        ("otters excluding zoos and parks", "otters", ["zoos", "parks"]),
        ("otters, nothing to do with seals?", "otters", ["seals"]),
        ("river otters not by Ann Lee", "river otters", ["Ann Lee"]),
    ],
)
def test_what_is_not_meant_is_not_looked_for(query: str, meant: str, unmeant: list[str]) -> None:
    assert unmeant_in(query) == unmeant
    assert subject_of(query) == meant
    plain = [word.word for word in asked_words(meant) if not word.stop]
    assert [word.word for word in asked_words(query) if not word.stop] == plain


@pytest.mark.parametrize(
    "query",
    [
        "otters without fur",
        "otters do not swim",
        "Otters That Are Furry But Not Wet",  # a title
        "furry but not wet otters",
        "river otters but not only seals",
        "river otters but not entirely wet",
        "otters that know seals but not seals that are otters",
        "a trap for excluding otters",
        "otters swim except when it rains",
        "otters except seals. Rivers",
        "otters except seals, walruses, whales, dolphins, sharks",
        "but not seals",
        "excluding otters",
    ],
)
def test_negations_in_a_subject_are_part_of_it(query: str) -> None:
    assert unmeant_in(query) == []
    assert subject_of(query) == query
    assert [word.stop for word in asked_words(query)] == [word.stop for word in query_words(query)]


def test_papers_are_not_found_by_what_is_not_meant(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    for name, text in (
        ("both", "Otters of rivers, and seals: seals, seals."),
        ("meant", "Otters of rivers dive, and so do their young ones."),
        ("seals", "Seals."),
    ):
        (posts / f"{name}.md").write_text(f"---\ntitle: Post\n---\n{text}\n", "utf-8")
    library.index_folder(str(tmp_path / "index"), [str(posts)], jobs=1)
    index = library.Index(str(tmp_path / "index"))
    for query in ("otters rivers but not seals", "otters rivers excluding seals"):
        found, plain = index.search(query), index.search("otters rivers")
        assert [(hit.id, hit.score, hit.missing) for hit in found.results] == [
            (hit.id, hit.score, hit.missing) for hit in plain.results
        ]
        assert found.total_all == plain.total_all == 2
        assert found.hint == "not searched for: seals; -seals leaves out the papers that say so"
        assert plain.hint is None
    assert [hit.id for hit in index.search("otters rivers but not seals", sort="newest").results] == ["both", "meant"]
    hint = index.search("otters, nothing to do with seals or small rivers").hint
    assert hint == 'not searched for: seals, small rivers; -seals -"small rivers" leaves out the papers that say so'
    assert next(hit.id for hit in index.search("otters without seals").results) == "both"


def test_letters_are_letters_without_an_apostrophe() -> None:
    assert [word.word for word in asked_words("m d d'Alembert") if not word.stop] == ["m", "d", "d", "alembert"]


def test_how_a_question_is_asked_does_not_change_what_is_found(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    posts.mkdir()
    for name, text in (
        ("otters", "Otters in rivers and lakes dive."),
        ("readers", "A system to recommend something to read: papers, articles and research on rivers."),
        ("tries", "People need to try, and try again; somebody tried rivers."),
    ):
        (posts / f"{name}.md").write_text(f"---\ntitle: Post\n---\n{text}\n", "utf-8")
    library.index_folder(str(tmp_path / "index"), [str(posts)], jobs=1)
    index = library.Index(str(tmp_path / "index"))
    plain = index.search("otters in rivers")
    for asked in ("can you recommend something to read on", "I need papers on", "has somebody tried"):
        found = index.search(f"{asked} otters in rivers?")
        assert [(hit.id, hit.score) for hit in found.results] == [(hit.id, hit.score) for hit in plain.results]
    assert [hit.id for hit in index.search("recommend papers").results] == ["readers"]
    for all_words in ({"match": "all"}, {"sort": "newest"}):  # papers need not have what only asks
        found = index.search("can you recommend something to read on otters in rivers?", **all_words)
        assert [hit.id for hit in found.results] == ["otters"]
        assert [hit.id for hit in index.search("recommend papers", **all_words).results] == ["readers"]
    assert index.facets("year", "I need papers on otters in rivers") == index.facets("year", "otters in rivers")


@pytest.mark.parametrize("query", ["the otters paper", "otters paper?", "an otters article", "otters made preprint"])
def test_who_asks_for_the_paper_on_something_asks_for_no_word_of_it(query: str) -> None:
    assert [word.word for word in asked_words(query) if not word.stop] == ["otters"]


@pytest.mark.parametrize(
    "query", ["paper", "the paper", "otters, a white paper", "otters on paper", "otters of this paper", "paper otters"]
)
def test_what_is_made_of_paper_is_a_subject(query: str) -> None:
    assert [word.stop for word in asked_words(query)] == [word.stop for word in query_words(query)]


@pytest.mark.parametrize(
    "asked",
    [
        "papers from 2021 on",
        "articles published in 2021 about",
        "2021 papers on",
        "what are the best papers of 2021 on",
    ],
)
def test_the_year_in_which_papers_are_sought_is_meant(asked: str) -> None:
    assert [word.word for word in asked_words(f"{asked} otters") if not word.stop] == ["2021", "otters"]
