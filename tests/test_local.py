"""Requests and answers, from the query to the page, on the sample posts and on small made ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import papersearch
from papersearch import NotFoundError, QueryError, UsageError
from papersearch.core.fields import FACETS
from papersearch.core.records import Hit, Post
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search.expansion import MOST_UNEXPLAINED
from papersearch.engine.search.facets import PATIENCE, count_facets
from papersearch.posts.parse import parse
from tests.corpora import SAMPLE, write_post
from tests.posted import date_of, holds, ids

QWEN = "2412.15115"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    return papersearch.build(str(tmp_path_factory.mktemp("engine") / "index"), [str(SAMPLE)])


@pytest.fixture(scope="module")
def posts(index: papersearch.Index) -> dict[str, Post]:
    """The sample posts by paper id; of a paper with several, the newest version."""
    found: dict[str, Post] = {}
    for path in sorted(SAMPLE.glob("*.md")):
        post = parse(str(path), path.read_bytes())
        other = found.get(post.paper_id)
        if other is None or (post.version or 0, post.posted or "") > (other.version or 0, other.posted or ""):
            found[post.paper_id] = post
    assert len(found) == index.stats(look=False).papers
    return found


def everything(index: papersearch.Index, query: str, **options: object) -> list[str]:
    answer = index.search(query, limit=1_000, snippets=False, **options)
    assert len(answer.results) == answer.total
    return ids(answer)


# --- papers that must be found ---


def test_papers_with_all_words_come_before_those_with_some(index: papersearch.Index) -> None:
    answer = index.search("mixture of experts", limit=20)
    found = ids(answer)
    assert answer.total_all == 9
    assert found[0] == "2501.09636"
    assert QWEN in found[:9]
    assert all(not hit.missing for hit in answer.results[:9])
    assert all(hit.missing for hit in answer.results[9:])


def test_mixture_of_experts_finds_two_papers_among_the_first_eight_of_the_real_posts(real: papersearch.Index) -> None:
    assert {QWEN, "2501.09636"} <= set(ids(real.search("mixture of experts", limit=8)))


# --- filters, against the posts themselves ---


@pytest.mark.parametrize(
    ("query", "options", "passes"),
    [
        ("author:Qwen", {}, lambda post: holds(post, "qwen", "authors")),
        ("*", {"author": "jun ma"}, lambda post: "Jun Ma" in post.authors),
        ("*", {"author": "MA"}, lambda post: holds(post, "ma", "authors")),
        ("*", {"author": "nobody"}, lambda post: False),
        ("tag:github", {}, lambda post: holds(post, "github", "tags")),
        ("*", {"tag": "dataset"}, lambda post: "dataset" in post.tags),
        ("*", {"tags": ["Dataset", "all  search terms"]}, lambda post: {"dataset", "all search terms"} <= {*post.tags}),
        ("*", {"since": "2025"}, lambda post: date_of(post) >= "2025"),
        ("*", {"until": "2024"}, lambda post: "" < date_of(post) < "2025"),
        ("*", {"since": "2024-12", "until": "2025-01"}, lambda post: date_of(post)[:7] in ("2024-12", "2025-01")),
        ("*", {"since": "2024-12-19", "until": "2024-12-20"}, lambda p: date_of(p) in ("2024-12-19", "2024-12-20")),
        ("year:2024", {}, lambda post: date_of(post)[:4] == "2024"),
        ("date:2024-07..2024-12", {}, lambda post: "2024-07" <= date_of(post)[:7] <= "2024-12"),
        ("date:>=2025-01-09", {}, lambda post: date_of(post) >= "2025-01-09"),
        ("id:2412.15115", {}, lambda post: post.paper_id == QWEN),
        ("model author:Qwen", {}, lambda post: holds(post, "qwen", "authors") and holds(post, "model")),
        ("model year:2025", {}, lambda post: date_of(post)[:4] == "2025" and holds(post, "model")),
        ("model (year:2024 OR year:2023)", {}, lambda post: date_of(post)[:4] == "2024" and holds(post, "model")),
        ("-(year:2024 OR diffusion)", {}, lambda post: not (date_of(post)[:4] == "2024" or holds(post, "diffusion"))),
        ("model id:nosuchpaper", {}, lambda post: False),
        ("-diffusion", {}, lambda post: not holds(post, "diffusion")),
        ("NOT diffusion NOT model", {}, lambda post: not holds(post, "diffusion") and not holds(post, "model")),
        ("year:2024 OR diffusion", {}, lambda post: date_of(post)[:4] == "2024" or holds(post, "diffusion")),
        ("diffusion OR NOT model", {}, lambda post: holds(post, "diffusion") or not holds(post, "model")),
        ("diffusion AND video", {}, lambda post: holds(post, "diffusion") and holds(post, "video")),
        ("diffusion video", {"match": "all"}, lambda post: holds(post, "diffusion") and holds(post, "video")),
        ("diffusion video", {"match": "any"}, lambda post: holds(post, "diffusion") or holds(post, "video")),
        ("diffusion video", {}, lambda post: holds(post, "diffusion") or holds(post, "video")),
        ("title:diffusion", {}, lambda post: holds(post, "diffusion", "title")),
        ("abstract:diffusion", {}, lambda post: holds(post, "diffusion", "abstract")),
    ],
)  # fmt: skip
def test_exactly_the_papers_that_match_are_counted_and_shown(
    index: papersearch.Index,
    posts: dict[str, Post],
    query: str,
    options: dict[str, object],
    passes: Callable[[Post], bool],
) -> None:
    expected = sorted(key for key, post in posts.items() if passes(post))
    assert sorted(everything(index, query, expand=False, **options)) == expected
    assert index.search(query, limit=0, expand=False, **options).total == len(expected)


def test_an_unknown_tag_is_said_to_be_unknown(index: papersearch.Index) -> None:
    with pytest.raises(NotFoundError, match="did you mean 'dataset'"):
        index.search("*", tag="datasett")


@pytest.mark.parametrize(
    "options", [{"match": "some"}, {"sort": "best"}, {"limit": -1}, {"offset": -1}, {"since": "x"}]
)
def test_options_that_make_no_sense_are_refused(index: papersearch.Index, options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        index.search("model", **options)
    with pytest.raises(QueryError):
        index.search("date:2024-13")


# --- words, phrases, patterns ---


def made(folder: Path, *texts: str) -> papersearch.Index:
    """An index of one paper for each text: paper a, b, c and so on, all of one day."""
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, text in enumerate(texts):
        name = chr(ord("a") + number) if number < 26 else f"z{number:05}"
        write_post(corpus, name, f"Paper {name}", text)
    return papersearch.build(str(folder / "index"), [str(corpus)])


def test_phrases_meet_words_side_by_side_in_any_spelling(tmp_path: Path) -> None:
    index = made(
        tmp_path,
        "We do zero-shot transfer.",  # a
        "We do ZeroShot transfer.",  # b
        "We do zero shot transfer.",  # c
        "We do zeroshot transfer.",  # d
        "The shot is zero, not a transfer.",  # e
        "We shot a transfer of zero.",  # f
    )
    for query in ('"zero shot transfer"', '"zero-shot transfer"', '"ZeroShot transfer"', '"zeroshot transfer"'):
        assert sorted(everything(index, query)) == ["a", "b", "c", "d"]
    assert everything(index, '"shot transfer"~1') == everything(index, '"transfer shot"~1')
    assert sorted(everything(index, '"shot transfer"~1')) == ["a", "b", "c", "f"]
    assert sorted(everything(index, '"zero transfer"~1')) == ["a", "b", "c", "f"]
    assert sorted(everything(index, '"zero transfer"~2')) == ["a", "b", "c", "e", "f"]
    assert sorted(everything(index, 'transfer -"zero shot"')) == ["e", "f"]
    assert everything(index, 'title:"zero shot"') == []


def test_a_word_that_a_phrase_holds_twice_must_stand_twice(tmp_path: Path) -> None:
    index = made(tmp_path, "far and far away", "far away", "far far away", "far, he said, but not too far")
    assert sorted(everything(index, '"far far"')) == ["c"]
    assert sorted(everything(index, '"far far"~1')) == ["a", "c"]
    assert sorted(everything(index, '"far far"~5')) == ["a", "c", "d"]


def test_patterns_and_fuzzy_words(tmp_path: Path) -> None:
    index = made(
        tmp_path,
        "quantized nets",
        "quantization of a text",
        "the quality test",
        "Qwen2.5-Max",
        "GPT-4o",
        "a transformer",
    )
    assert sorted(everything(index, "quant*")) == ["a", "b"]
    assert sorted(everything(index, "te?t")) == ["b", "c"]
    assert sorted(everything(index, "q*l*y")) == ["c"]
    assert everything(index, "qwen2*") == ["d"]
    assert everything(index, "gpt-4*") == everything(index, "gpt4*") == ["e"]
    assert everything(index, "transfomer~") == ["f"]
    assert everything(index, "trnsfomer~") == []
    assert everything(index, "trnsfomer~2") == ["f"]
    assert everything(index, "title:quant*") == []
    assert sorted(everything(index, "quant* -text")) == ["a"]
    assert everything(index, "zz*") == []


def test_a_weight_lifts_the_papers_with_that_word(tmp_path: Path) -> None:
    index = made(tmp_path, "red and nothing else", "blue and nothing else", "green and nothing else")
    assert everything(index, "red^3 blue")[0] == "a"
    assert everything(index, "red blue^3")[0] == "b"
    assert everything(index, "red blue blue")[0] == "b"
    plain, double = (index.search(query).results[0].score for query in ("red", "red^2"))
    assert double == pytest.approx(2 * plain, abs=1e-5)


def test_a_word_that_occurs_nowhere_empties_nothing_and_is_said_to_be_missing(index: papersearch.Index) -> None:
    answer = index.search("diffusion zzyzx")
    assert answer.total == index.search("diffusion").total
    assert answer.total_all == 0
    assert ids(answer) == ids(index.search("diffusion"))
    assert {hit.missing for hit in answer.results} == {("zzyzx",)}
    assert index.search("diffusion zzyzx", match="all").total == 0


@pytest.mark.parametrize("query", ["", "   ", "...", "?? !!", '"..."', "-"])
@pytest.mark.parametrize("syntax", [True, False])
def test_a_query_without_a_word_finds_nothing(index: papersearch.Index, query: str, syntax: bool) -> None:
    answer = index.search(query, syntax=syntax)
    assert (answer.total, answer.total_all, answer.results, answer.suggestion) == (0, 0, (), None)


@pytest.mark.parametrize("match", ["auto", "all", "any"])
@pytest.mark.parametrize("noise", ['"..."', "!!", "?"])
def test_what_has_no_letter_keeps_nothing_from_matching(index: papersearch.Index, match: str, noise: str) -> None:
    assert everything(index, f"{noise} diffusion", match=match) == everything(index, "diffusion", match=match)


def test_a_question_as_it_is_typed_is_an_ordinary_query(index: papersearch.Index) -> None:
    answer = index.search("what is the best way to quantize MoE models?")
    assert answer.results[0].id == "2504.02658"
    assert answer.hint is None


# --- ids ---


@pytest.mark.parametrize(
    "text",
    [
        "2412.15115", "2412.15115v1", "2412.15115v7", "arXiv:2412.15115", "arxiv: 2412.15115v1", "id:2412.15115",
        "https://arxiv.org/abs/2412.15115v1", "http://arxiv.org/pdf/2412.15115", "arxiv.org/pdf/2412.15115v1.pdf",
        "10.48550/arXiv.2412.15115", "https://doi.org/10.48550/arXiv.2412.15115",
    ],
)  # fmt: skip
def test_any_usual_form_of_an_id_finds_that_paper_first(index: papersearch.Index, text: str) -> None:
    assert ids(index.search(text))[0] == QWEN
    if ":" not in text[:3]:
        assert ids(index.search(text, syntax=False))[0] == QWEN
    assert index.paper(text.removeprefix("id:")).id == QWEN


def test_an_id_among_words_finds_that_paper_first(index: papersearch.Index) -> None:
    assert ids(index.search("diffusion 2412.15115 video"))[0] == QWEN
    assert ids(index.search("compare 2412.15115v1"))[0] == QWEN


def test_ids_of_any_other_form_are_found_when_typed_as_words(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    write_post(corpus, "cacm1410", "On sorting", "Sorting and searching.")
    write_post(corpus, "cacm1411", "As cacm1410 says", "See cacm1410, cacm1410 and cacm 1410 on sorting.")
    write_post(corpus, "GPT-4", "A report", "Sorting with a large model.")
    write_post(corpus, "W19-5301v2", "Of a workshop", "Sorting of tasks.")
    write_post(corpus, "2023", "The year", "Sorting of years.")
    write_post(corpus, "x1", "Sorting in 2023", "In 2023 and 2023, sorting.")
    index = papersearch.build(str(tmp_path / "index"), [str(corpus)])
    for text in ("cacm1410", "CACM1410", "cacm1410v2", "cacm1410?"):
        for syntax in (True, False):
            assert ids(index.search(text, syntax=syntax)) == ["cacm1410", "cacm1411"]
    assert ids(index.search("sorting cacm1410"))[0] == "cacm1410"
    assert index.search("sorting cacm1410").results[0].missing == ()
    assert ids(index.search("gpt-4"))[0] == "GPT-4"
    assert ids(index.search("w19-5301")) == ["W19-5301"]
    assert ids(index.search("2023"))[0] == "2023"
    assert ids(index.search("sorting 2023"))[0] == "x1", "a number among words is a number"
    (corpus / "cacm1410.md").unlink()
    index.update()
    assert ids(index.search("cacm1410")) == ["cacm1411"]


# --- orders and pages ---


@pytest.mark.parametrize("query", ["*", "model", "diffusion OR NOT model", "-model", "large language model year:2024"])
def test_other_orders_hold_the_same_papers(index: papersearch.Index, posts: dict[str, Post], query: str) -> None:
    found = everything(index, query, match="all")
    newest = everything(index, query, sort="newest")
    assert newest == sorted(sorted(found), key=lambda key: date_of(posts[key]), reverse=True)
    oldest = everything(index, query, sort="oldest")
    assert oldest == sorted(sorted(found), key=lambda key: date_of(posts[key]) or "9999")
    titles = everything(index, query, sort="title")
    assert titles == sorted(found, key=lambda key: (posts[key].title.casefold(), key))


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest", "title"])
@pytest.mark.parametrize(
    "query",
    ["*", "model", "large language model", "mixture of experts for image data", "-model", "year:2024 OR diffusion"],
)
def test_pages_are_slices_of_the_whole(index: papersearch.Index, query: str, sort: str) -> None:
    whole = index.search(query, limit=1_000, sort=sort, snippets=False).results
    assert [hit.rank for hit in whole] == list(range(1, len(whole) + 1))
    for size in (1, 7, 10, 31):
        paged: list[Hit] = []
        for offset in range(0, len(whole) + size, size):
            paged += index.search(query, limit=size, offset=offset, sort=sort, snippets=False).results
        assert paged == list(whole)
    assert index.search(query, limit=5, offset=10_000).results == ()
    assert [hit.id for hit in index.results(query, sort=sort)] == [hit.id for hit in whole]


def test_page_fifty_of_a_larger_corpus_is_a_slice_of_the_whole(tmp_path: Path) -> None:
    for number in range(600):
        text = "red " * (number % 7 + 1) + "blue " * (number % 3) + ("green blue" if number % 11 == 0 else "")
        write_post(tmp_path, f"p{number:03}", f"Paper {number % 5}", text, published=f"2024-01-{number % 28 + 1:02}")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    for query in ("red", "red blue", "red blue green", "blue OR year:2024", '"red blue"'):
        whole = [(hit.id, hit.score) for hit in index.search(query, limit=600, snippets=False).results]
        assert len({key for key, _ in whole}) == len(whole)
        for offset in (0, 10, 20, 30, 40, 490):
            page = index.search(query, limit=10, offset=offset, snippets=False).results
            assert [(hit.id, hit.score) for hit in page] == whole[offset : offset + 10]


def test_equal_papers_come_newest_first_and_then_by_id(tmp_path: Path) -> None:
    days = {"b": "2024-01-02", "a": "2024-01-02", "c": "2024-03-01", "d": "2023-01-01", "e": "2024-01-02"}
    for name, day in days.items():
        write_post(tmp_path, name, "Same title", "same words in all of them", published=day, posted=f"{day} 10:00:00")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    for query in ("words", "same words", '"same words"', "same words in all of them", "-other", "*"):
        assert everything(index, query) == ["c", "a", "b", "e", "d"]
    scores = {hit.score for hit in index.search("same words in all").results}
    assert len(scores) == 1


def test_answers_do_not_depend_on_the_history_of_the_index(index: papersearch.Index, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    paths = sorted(SAMPLE.glob("*.md"), reverse=True)
    for start in range(0, len(paths), 9):
        for path in paths[start : start + 9]:
            (corpus / path.name).write_bytes(path.read_bytes())
        extra = write_post(
            corpus, f"x{start}", "Diffusion models of images", "model diffusion learning data", name="extra"
        )
        late = papersearch.build(str(tmp_path / "index"), [str(corpus)])
    extra.unlink()
    late.update()
    for query in ("model", "mixture of experts", "text-to-image diffusion models", '"language model"', "quant*", "MoE"):
        first, second = (each.search(query, limit=60, snippets=False) for each in (index, late))
        assert (first.total, first.total_all) == (second.total, second.total_all)
        assert ids(first) == ids(second)
        assert [hit.score for hit in first.results] == pytest.approx([hit.score for hit in second.results], abs=2e-6)


# --- explanations, suggestions, acronyms ---


@pytest.mark.parametrize(
    "query",
    [
        "model", "mixture of experts", "large language models for recommendation", '"language model" retrieval',
        "quant* video", "transfomer~", "zeroshot learning", "author:Qwen model", "MoE", "title:diffusion^2 image",
        "2412.15115 quantized", "year:2024 OR diffusion", "diffusion -image",
    ],
)  # fmt: skip
def test_explanations_add_up_to_the_score(index: papersearch.Index, query: str) -> None:
    answer = index.search(query, explain=True, limit=100, snippets=False)
    assert answer.results
    for hit in answer.results:
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, abs=1e-6)
        assert all(part.score > 0 for part in hit.explanation)
    assert all(not hit.explanation for hit in index.search(query).results)


def test_what_the_best_papers_say_never_pushes_the_first_paper_aside(tmp_path: Path) -> None:
    write_post(tmp_path, "first", "Red blue gray", "red blue gray", published="2020-01-01")
    for number in range(5):
        write_post(tmp_path, f"p{number}", "Red blue", "gray lime plum teal ruby jade navy", published="2024-01-01")
    write_post(tmp_path, "last", "Other things", "quite other things")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    first, second, *_ = index.search("red blue gray", explain=True).results
    assert first.id == "first"
    assert first.score == pytest.approx(second.score, abs=1e-5)
    assert {part.term for part in first.explanation} >= {"feedback", "all words", "red blue"}


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("transfomer", "transformer"),
        ("difusion modle", "diffusion model"),
        ("reinforcemnt lerning", "reinforcement learning"),
        ("diffusion model", None),
        ("large language models", None),
        ("zzyzx", None),
        ('"difusion"', None),
    ],
)
def test_suggestions(index: papersearch.Index, query: str, suggestion: str | None) -> None:
    assert index.search(query).suggestion == suggestion


def test_acronyms_find_what_is_only_spelled_out_and_the_other_way_round(tmp_path: Path) -> None:
    index = made(
        tmp_path,
        "A mixture of experts (MoE) is large.",
        "We route a mixture of experts.",
        "We train an MoE.",
        "We use a MoE and a mixture of experts (MoE).",
        "An expert has no mixture.",
    )
    answer = index.search("MoE")
    assert set(ids(answer)) == {"a", "b", "c", "d"}
    assert answer.expanded == {"MoE": ("mixture of experts",)}
    assert ids(answer)[-1] == "b", "spelled out counts less than the word itself"
    assert set(everything(index, "MoE", expand=False)) == {"a", "c", "d"}
    assert index.search("MoE", expand=False).expanded == {}
    answer = index.search("mixture of experts")
    assert set(ids(answer)) == {"a", "b", "c", "d", "e"}
    assert answer.expanded == {"mixture of experts": ("moe",)}
    assert "c" not in everything(index, "mixture of experts", expand=False)
    assert "c" not in everything(index, '"mixture of experts"')


def test_an_acronym_that_is_a_word_of_its_own_brings_in_nothing(tmp_path: Path) -> None:
    maps = [f"A map of town {number}." for number in range(MOST_UNEXPLAINED + 1)]
    index = made(
        tmp_path,
        "Optical flow (OF) of cars.",
        "Mean average precision (MAP) of words.",
        "Word embeddings (WEM) of words.",
        "Another WEM.",
        *maps,
    )
    assert index.search("optical flow").expanded == {}
    assert ids(index.search("optical flow")) == ["a"]
    assert index.search("mean average precision").expanded == {}
    assert index.search("word embeddings").expanded == {"word embeddings": ("wem",)}
    assert "d" in everything(index, "word embeddings")


# --- similar, facets, posts of one paper ---


def test_similar_papers_say_what_the_title_says_side_by_side_and_share_more_than_the_rarest_words(
    tmp_path: Path,
) -> None:
    rare = " ".join(f"rare{letter}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    write_post(tmp_path, "asked", "Tidal locking", f"{rare} {rare} harbour lantern")
    write_post(tmp_path, "apart", "Notes", f"{rare} locking of the tidal other sort unit seven", published="2025-01-01")
    write_post(
        tmp_path, "beside", "Notes", f"{rare} of the tidal locking other sort unit seven", published="2024-01-01"
    )
    write_post(
        tmp_path, "more", "Notes", f"{rare} locking of the tidal lantern sort unit seven", published="2023-01-01"
    )
    for number in range(12):
        write_post(tmp_path, f"other{number}", "Lantern", "lantern light")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    answer = index.similar("asked", explain=True)
    assert ids(answer)[:3] == ["beside", "more", "apart"]
    for hit in answer.results:
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score)
    assert "tidal lock" in {part.term for part in answer.results[0].explanation}
    assert "lantern" in {part.term for part in answer.results[1].explanation if part.note == "like the text"}


def test_similar_papers_leave_the_paper_itself_out(index: papersearch.Index, posts: dict[str, Post]) -> None:
    for key in list(posts)[:10]:
        answer = index.similar(key, limit=100)
        assert answer.results
        assert key not in ids(answer)
        assert len(answer.results) == answer.total
    assert ids(index.similar("2504.02658", limit=4))[0] in {"2501.19392", "2505.11497"}, "quantization"
    assert ids(index.similar(text="A router of experts for trading", limit=1)) == ["2501.09636"]
    assert index.similar(text="").total == 0
    assert index.similar(text="...").total == 0
    with pytest.raises(NotFoundError):
        index.similar("nosuchpaper")


@pytest.mark.parametrize("query", ["*", "diffusion", "model -diffusion", "year:2024", "zzyzx"])
def test_facets_count_the_papers_that_match(index: papersearch.Index, posts: dict[str, Post], query: str) -> None:
    found = [posts[key] for key in everything(index, query, match="all")]
    values: dict[str, Callable[[Post], Iterator[str]]] = {
        "tag": lambda post: iter(set(post.tags)),
        "author": lambda post: iter(set(post.authors)),
        "year": lambda post: iter([date_of(post)[:4]] if date_of(post) else []),
        "month": lambda post: iter([date_of(post)[:7]] if date_of(post) else []),
    }
    for by, values_of in values.items():
        counts: dict[str, int] = {}
        for post in found:
            for value in values_of(post):
                counts[value] = counts.get(value, 0) + 1
        expected = sorted(counts.items(), key=lambda item: (0 if by in ("year", "month") else -item[1], item[0]))
        assert index.facets(by, query) == expected


@pytest.mark.parametrize("by", FACETS)
def test_facets_are_the_same_by_papers_and_by_values(index: papersearch.Index, by: str) -> None:
    reader = IndexReader(index.path)
    matching = [segment.live for segment in reader.segments]
    assert count_facets(by, reader, matching, few=0) == count_facets(by, reader, matching) == dict(index.facets(by))
    for part in (1, 0b1010101010101, *(1 << doc for doc in range(0, 60, 7))):
        some = [bits & part for bits in matching]
        assert count_facets(by, reader, some, few=0) == count_facets(by, reader, some)


def test_facets_stay_the_same_however_many_papers_were_counted(index: papersearch.Index) -> None:
    reader = IndexReader(index.path)
    some = [segment.live & 0b1110111 for segment in reader.segments]
    first = count_facets("author", reader, some)
    assert sum(first.values()) > 3
    for _ in range(PATIENCE // 6 + 2):
        again = count_facets("author", reader, some)
    assert again == first


def test_several_posts_of_a_paper_are_one_hit(tmp_path: Path) -> None:
    write_post(tmp_path, "2412.00001v1", "Old red title", "red apples", name="one")
    write_post(tmp_path, "2412.00001v3", "New blue title", "blue apples", name="three", posted="2024-01-01 00:00:00")
    write_post(tmp_path, "2412.00001v2", "Second title", "green apples", name="two")
    write_post(tmp_path, "2412.00001v3", "Newest blue title", "blue pears", name="again", posted="2025-01-01 00:00:00")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    (hit,) = index.search("blue").results
    assert (hit.version, hit.title) == (3, "Newest blue title")
    assert [(post.version, Path(post.path).stem) for post in hit.other_posts] == [(3, "three"), (2, "two"), (1, "one")]
    assert index.search("*").total == 1
    older = index.search("red apples")
    assert (older.total, older.results[0].title) == (1, "Newest blue title")
    assert older.results[0].score > 0  # though more posts hold a word than there are papers
    assert "one.md" in str(older.hint)
    (tmp_path / "again.md").unlink()
    index.update()
    assert index.search("pears").total == 0
    assert index.search("apples").results[0].title == "New blue title"


def test_many_threads_get_the_answers_that_one_gets(index: papersearch.Index) -> None:
    queries = [
        "model",
        "mixture of experts",
        "quant*",
        '"language model"',
        "MoE",
        "transfomer~",
        "diffusion -image",
    ] * 3
    alone = [index.search(query).results for query in queries]
    fresh = papersearch.open(index.path)
    together: dict[int, list[tuple[Hit, ...]]] = {}

    def ask(number: int) -> None:
        together[number] = [fresh.search(query).results for query in queries]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number] for number in range(6)] == [alone] * 6


def test_words_in_different_fields_are_not_side_by_side(tmp_path: Path) -> None:
    write_post(tmp_path, "a", "Something red", "green only", tags=["blue"], author="Ann")
    write_post(tmp_path, "b", "Something", "the red blue only")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    found = {hit.id: hit for hit in index.search("red ann", explain=True).results}
    assert "pair" not in {part.field for part in found["a"].explanation}
    found = {hit.id: hit for hit in index.search("red blue", explain=True).results}
    assert "pair" in {part.field for part in found["b"].explanation}


def test_a_suggestion_keeps_what_is_fine_as_it_was_typed(index: papersearch.Index) -> None:
    for typed, meant in (
        ("trans former modle of Qwen2.5 (2024)", "transformer model of Qwen2.5 (2024)"),
        ("Mixture  of exprets", "Mixture  of experts"),
    ):
        assert index.search(typed).suggestion == meant


def test_titles_that_begin_alike_are_sorted_to_their_end_whatever_page_is_asked_for(tmp_path: Path) -> None:
    titles = ["Neural Nets", "neural nets and more", "NEURAL NEW", "Neural", "", "Straße", "STRASSE 2", "Ζ", "ζ a", "𝔄"]
    for number, title in enumerate(titles * 2):
        write_post(tmp_path, f"2412.{number:05}", title, "some text", name=f"post{number}")
    made = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    papers = sorted((made.paper(paper_id) for paper_id in made.ids("")), key=lambda p: (p.title.casefold(), p.id))
    for offset in range(len(papers)):
        for limit in (1, 3, 50):
            shown = made.search("*", sort="title", offset=offset, limit=limit).results
            assert [hit.id for hit in shown] == [paper.id for paper in papers[offset : offset + limit]]


def test_what_only_removed_posts_have_is_listed_and_suggested_no_more(tmp_path: Path) -> None:
    corpus, place = tmp_path / "corpus", str(tmp_path / "index")
    corpus.mkdir()
    for number in range(30):
        write_post(corpus, f"2401.000{number:02}", f"Otters {number}", "Otters build dams.")
    gone = write_post(corpus, "2402.00001", "Beavers", "Trees.", author="Zoe Zimmermann", tags=["rodents", "dataset"])
    assert "2402.00001" in papersearch.build(place, [str(corpus)]).ids()
    gone.unlink()
    index = papersearch.build(place, [str(corpus)])
    assert index.stats(look=False).segments == 1  # it is still in there
    assert index.ids() == [f"2401.000{number:02}" for number in range(30)]
    assert (index.tags(), index.authors()) == (["dataset"], ["Ann Author"])
    assert (index.ids("2402"), index.tags("rod"), index.authors("zoe")) == ([], [], [])
    assert len(index.titles()) == 30
    assert [index.completions(typed) for typed in ("beav", "rod", "zoe", 'tag:"rod', "author:zim")] == [[]] * 5
    with pytest.raises(NotFoundError) as refused:
        index.paper("2402.00001")
    assert "2402.00001" not in refused.value.hint
    for filters in ({"tag": "rodents"}, {"author": "Zoe Zimmermann"}):
        with pytest.raises(NotFoundError) as refused:
            index.search("otters", **filters)  # type: ignore[arg-type]
        assert "did you mean 'rodents'" not in refused.value.hint
        assert "Zimmermann" not in refused.value.hint
