"""Plain text for people: aligned, in eighty columns, everything said."""

from __future__ import annotations

import pytest

from papersearch.core.frozen import replace
from papersearch.core.records import Answer, Contribution, OtherPost, Paper, Problem, Request, Snippet, Stats, Summary
from papersearch.output import plain
from papersearch.text import display
from tests.answers import ANSWER, BAD, NASTY, QWEN, STEERING, written


def test_plain_text_is_aligned_and_fits_eighty_columns() -> None:
    text = written("text")
    assert text.startswith(
        "1. Qwen25 Technical Report\n   Qwen et al. · 2024-12-19 · 2412.15115v1 · all search terms, dataset\n"
        "   two mixture-of-experts (MoE) variants\n   http://arxiv.org/abs/2412.15115v1\n   also: corpus/old.md\n\n2. "
    )
    assert not STEERING.search(text)
    long = replace(QWEN, title="word " * 40, snippets=(Snippet("abstract", 1, "混合专家模型，" * 30),), rank=10)
    lines = written("text", replace(ANSWER, results=(replace(QWEN, rank=9), long))).splitlines()
    assert all(display.width(line) <= 80 for line in lines)
    assert lines[0].startswith(" 9. Qwen")
    assert "10. word" in "\n".join(lines)


def test_plain_text_says_of_a_hit_what_it_lacks_and_why_it_ranks_where_it_does() -> None:
    hit = replace(QWEN, title="word " * 20, missing=("moe", "otters"), common_tags=("dataset",), snippets=(), score=0.5)
    answer = replace(ANSWER, results=(hit,))
    told = (
        f"1. {'word ' * 14}word\n   {'word ' * 4}word\n   Qwen et al. · 2024-12-19 · 2412.15115v1 · all search terms\n"
        "   missing: moe, otters\n   http://arxiv.org/abs/2412.15115v1\n   also: corpus/old.md\n"
    )
    assert plain.results(answer) == told
    assert plain.results(answer, explain=True) == f"{told}   score 0.500\n"
    explained = replace(hit, explanation=(Contribution("moe", "title", 1, 5, 3.0, 0.5),))
    assert plain.results(replace(answer, results=(explained,))).endswith(
        "also: corpus/old.md\n   word   field  score  times  length  weight\n"
        "   moe    title  0.500      1       5    3.00\n   total         0.500\n"
    )
    assert plain.results(replace(answer, results=())) == ""
    assert plain.named_facts(hit, 1) == {
        "authors": "Qwen et al.", "published": "2024-12-19", "id": "2412.15115v1", "tags": "all search terms"
    }  # fmt: skip


def test_of_the_words_of_a_text_that_was_pasted_a_hit_names_the_first_that_it_lacks() -> None:
    words = ("a" * 70, "b\x1b", *"cdefghijkl")
    hit = replace(QWEN, missing=words)
    told = [f"{'a' * 59}…", "b\ufffd", *"cdefghijkl"]
    assert plain.missing(hit) == (told, "")
    assert plain.missing(replace(hit, missing=(*words, *map(str, range(1_000))))) == (told, " and 1,000 more")
    many = replace(ANSWER, results=(replace(hit, missing=(*"abcdefghijkl", "m")),))
    assert "\n   missing: a, b, c, d, e, f, g, h, i, j, k, l and 1 more\n" in plain.results(many)


def test_a_score_is_explained_in_as_many_columns_as_have_room() -> None:
    parts = (Contribution("moe", "title", 1, 5, 3.0, 2.0, "near"), Contribution("pair", "abstract", 0, 0, 0.0, 0.25))
    hit = replace(QWEN, score=2.3, explanation=parts)
    heads = ["word", "field", "score", "times", "length", "weight"]
    whole = plain.explanation(hit, 80)
    assert [line.split() for line in whole] == [
        heads,
        ["moe", "title", "2.000", "1", "5", "3.00", "near"],
        ["pair", "abstract", "0.250"],
        ["(rest)", "0.050"],
        ["total", "2.300"],
    ]
    widest = max(map(len, whole))
    for room, kept in ((widest, 6), (widest - 1, 6), (widest - 7, 4), (26, 3), (1, 3)):
        lines = plain.explanation(hit, room)
        assert lines[0].split() == heads[:kept], room
        assert ("near" in lines[1]) is (room == widest)
    assert plain.table([]) == []


def test_plain_text_explains_a_score_that_adds_up() -> None:
    parts = (Contribution("mixtur", "title", 1, 5, 3.0, 2.0), Contribution("pair", "abstract", 0, 0, 0.3, 0.25, "near"))
    lines = plain.explanation(replace(QWEN, score=3.0, explanation=parts))
    scores = [float(line.split()[2 if line[0] in "mp" else 1]) for line in lines[1:]]
    assert scores == [2.0, 0.25, 0.75, 3.0]
    assert len({line.index("score") + 5 for line in lines[:1]} | {line.index(".000") + 4 for line in lines[1:2]}) == 1
    assert max(map(len, plain.explanation(replace(QWEN, explanation=parts), 30))) <= 30
    lowered = plain.explanation(replace(QWEN, score=2.0, explanation=parts))
    assert lowered[-2].split() == ["(rest)", "-0.250"]


def test_plain_notes_say_how_the_query_was_understood() -> None:
    assert plain.notes(ANSWER) == ["did you mean: mixture", "also searched for moe: mixture of"]
    lacking = replace(ANSWER, total_all=0, results=tuple(replace(hit, missing=("moe",)) for hit in ANSWER.results))
    assert plain.notes(lacking)[0] == "no paper has every word; the nearest are shown"
    assert "every word" not in plain.notes(replace(lacking, results=(QWEN, *lacking.results)))[0]
    like = replace(ANSWER, total_all=0, results=tuple(replace(hit, missing=()) for hit in ANSWER.results))
    assert not any("every word" in note for note in plain.notes(like))
    for others in (replace(lacking, total_all=1), replace(lacking, results=())):  # of another page, or of none
        assert not any("every word" in note for note in plain.notes(others))
    assert plain.found(ANSWER) == "1-3 of 612 papers, 8 with every word, 4 ms"
    assert plain.found(Answer("x", 1, 1, 1.23, (QWEN,))) == "1 paper, 1.2 s"
    assert plain.found(Answer("x", 0, 0, 0.0)) == "nothing found, 1 ms"
    assert plain.found(replace(ANSWER, total_all=1, results=())) == "612 papers, 1 with every word, 4 ms"
    assert plain.notes(Answer("x", 1, 1, 0.0, (QWEN,), expanded={"moe": ("a b", "c")})) == [
        "also searched for moe: a b, c"
    ]
    assert plain.found(replace(ANSWER, results=(replace(QWEN, rank=21),))).startswith("21-21 of 612")


def test_an_order_that_found_nothing_is_too_strict_if_it_asked_for_every_one_of_several_words() -> None:
    nothing, asked = Answer("x", 0, 0, 0.0), Request("two words", sort="newest")
    assert plain.order_is_too_strict(nothing, asked)
    assert not plain.order_is_too_strict(ANSWER, asked)
    for other in ({"sort": "relevance"}, {"match": "all"}, {"query": "words"}):
        assert not plain.order_is_too_strict(nothing, replace(asked, **other))


def test_papers_may_say_it_otherwise_if_even_the_nearest_lacks_half_of_nothing_but_words() -> None:
    nearest = replace(QWEN, missing=("heron", "gnat"))
    answer = Answer("x", 2, 0, 0.0, (replace(QWEN, missing=("heron", "gnat", "walrus")), nearest))
    asked = Request("walruses, herons or gnats, and otters?")
    assert plain.says_it_otherwise(answer, asked)
    lacks = tuple("abc")
    six = replace(answer, results=(replace(QWEN, missing=lacks),))
    assert plain.says_it_otherwise(six, replace(asked, query="walruses herons gnats otters moths newts"))
    assert not plain.says_it_otherwise(six, replace(asked, query="walruses herons gnats otters moths newts voles"))
    assert plain.says_it_otherwise(answer, replace(asked, query='walruses herons "gnats otters"', syntax=False))
    for query in (
        "walruses herons gnats",  # few words
        "walruses herons gnats otters moths",  # of which the nearest has more than half
        "walruses herons AND gnats otters", "walruses herons OR gnats otters",
        'walruses herons "gnats otters"', "walruses herons NOT gnats otters", "walruses herons +gnats otters",
        "walruses herons gnats -otters",
    ):  # fmt: skip
        assert not plain.says_it_otherwise(answer, replace(asked, query=query)), query
    for other in ({"meaning": False}, {"match": "any"}):
        assert not plain.says_it_otherwise(answer, replace(asked, **other))
    by_meaning = (nearest, replace(nearest, meaning=0.5))
    for others in (replace(answer, total_all=1), replace(answer, results=by_meaning), replace(answer, results=())):
        assert not plain.says_it_otherwise(others, asked)


def test_plain_text_names_up_to_four_authors() -> None:
    assert plain.names(("A", "B", "C", "D"), et_al=False) == "A, B, C, D"
    assert plain.names(("A", "B", "C", "D", "E"), et_al=False) == "A, B, C, D et al."
    assert plain.names(("A",), et_al=True) == "A et al."
    assert plain.names((), et_al=True) == ""


def test_nothing_in_a_post_steers_who_reads_plain_text() -> None:
    other = OtherPost(NASTY, 1, NASTY, NASTY)
    facts = {"title": NASTY, "authors": (NASTY,), "tags": (NASTY,), "url": NASTY, "posted": NASTY}
    paper = Paper(NASTY, NASTY, **facts, abstract=NASTY, qa=NASTY, other_posts=(other,))
    said = plain.paper(paper) + plain.results(replace(ANSWER, results=(replace(BAD, other_posts=(other,)),)))
    said += plain.facets([(NASTY, 1)], "tag")
    assert "evil" in said
    assert not STEERING.search(said)
    assert plain.facets([("a\tb\nc", 1)], "tag") == "1\ta b c\n"


def test_plain_records_are_said_in_full() -> None:
    paper = Paper(
        **{name: getattr(QWEN, name) for name in ("id", "version", "title", "authors", "et_al", "published", "posted")},
        **{name: getattr(QWEN, name) for name in ("tags", "url", "path", "other_posts")},
        abstract="\nOne.\n\nTwo.\n",
        abstract_line=33,
        qa="\nQ: why?\n",
        qa_line=40,
    )
    assert plain.paper(paper) == (
        "# Qwen25 Technical Report\n\nQwen et al. · 2024-12-19 · 2412.15115v1 · all search terms, dataset\n\n"
        "<http://arxiv.org/abs/2412.15115v1>\n\n## Abstract\n\nOne.\n\nTwo.\n\n## Questions and answers\n\nQ: why?\n\n"
        "## Posts\n\n- corpus/Qwen25_Technical_Report.md:33, posted 2024-12-23T11:35:38\n- corpus/old.md\n"
    )
    assert plain.problem(Problem("a\nb.md", 3, "bad\x1b")) == "a b.md:3: bad\ufffd"
    assert plain.problem(Problem("a.md", 0, "not UTF-8")) == "a.md: not UTF-8"
    summary = Summary(30, 0, 0, 1681, (Problem("a", 0, "b"),), 1711, 0.41)
    assert plain.summary(summary) == "1,711 posts indexed: 30 added, 1,681 unchanged, 1 skipped (0.4 s)"
    assert plain.summary(Summary(0, 2, 3, 0, (), 5, 0.4, vectors=1)) == (
        "5 posts indexed: 2 updated, 3 removed, 1 vector made (0.4 s)"
    )
    assert plain.summary(Summary(0, 0, 0, 0, (), 0, 0.4)) == "0 posts indexed (0.4 s)"
    assert plain.facets([], "tag") == ""
    assert plain.facets([("dataset", 512), ("x", 1)], "tag") == "512\tdataset\n  1\tx\n"
    assert plain.facet_filter("tag", "all search terms") == "--tag 'all search terms'"
    assert plain.facet_filter("month", "2024-12") == "--since 2024-12 --until 2024-12"
    rows = dict(plain.stats_rows(Stats(1, 1711, 3, 1, 3_400_000, 2, None, ("corpus",), 1)))
    assert (rows["posts"], rows["size"], rows["indexed"]) == ("1,711", "3.4 MB", "never")
    assert rows["not indexed"] == "1 post: run papersearch index"


def test_what_is_not_known_of_a_paper_has_no_line() -> None:
    old = (OtherPost("b.md", 2, "Old", "2024-12-23"), OtherPost("c.md", None, "Older", None))
    paper = Paper("a.md", "otters", title="Otters", other_posts=old)
    assert plain.paper(paper) == "# Otters\n\notters\n\n## Posts\n\n- a.md\n- b.md, v2, posted 2024-12-23\n- c.md\n"
    assert plain.paper(replace(paper, title="", version=3)).startswith("# ottersv3\n")
    hit = replace(QWEN, title="", authors=(), published=None, tags=(), url=None, other_posts=old, snippets=())
    assert plain.results(replace(ANSWER, results=(replace(hit, title=" \n"),))).startswith("1. (no title)\n")
    assert plain.results(replace(ANSWER, results=(hit,))) == (
        "1. (no title)\n   2412.15115v1\n   also: b.md (v2)\n   also: c.md\n"
    )


def test_what_an_index_lacks_is_said() -> None:
    whole = Stats(3, 4, 5, 1, 6, 7, "2024-12-23T11:35:38", ("corpus",), 0)
    assert plain.stats_rows(whole) == [
        ("papers", "3"),
        ("posts", "4"),
        ("terms", "5"),
        ("size", "6 B"),
        ("segments", "1"),
        ("indexed", "2024-12-23 11:35:38"),
        ("run", "0"),
        ("corpus", "corpus"),
        ("not indexed", "none"),
    ]
    assert plain.stats(whole).startswith("papers       3\nposts        4\n")
    assert dict(plain.stats_rows(replace(whole, model="minilm")))["vectors"] == "0 of 3 papers, by minilm"
    rows = dict(plain.stats_rows(replace(whole, planned=1_000, stale=None, model="minilm", vectors=2)))
    assert rows["complete"] == "no, only 4 of 1,000 posts: run papersearch index"
    assert rows["not indexed"] == "not known: a corpus folder is missing"
    assert rows["vectors"] == "2 of 3 papers, by minilm"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "1 ms"), (0.0996, "0.1 s"), (0.09, "90 ms"), (9.94, "9.9 s"), (9.96, "10 s"), (125, "2 min 5 s")],
)
def test_durations_are_said_as_people_do(seconds: float, said: str) -> None:
    assert plain.took(seconds) == said


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [
        (812, "812 B"),
        (1_000, "1.0 kB"),
        (99_400, "99.4 kB"),
        (99_500, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (3_400_000_000, "3.4 GB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_sizes_are_said_as_people_do(size_bytes: int, said: str) -> None:
    assert plain.size(size_bytes) == said
