"""A query whose last word is still being typed: which papers it finds, in what order, and how it may go on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import papersearch
from papersearch.core.errors import PapersearchError
from papersearch.core.records import Request
from papersearch.engine.search.completion import MOST_ENDINGS
from tests.corpora import SAMPLE, index_of_texts, write_post

TITLES = {
    "quant": "Quantization of networks",
    "quantum": "Quantum circuits",
    "qua": "Qua vadis",
    "mix1": "Mixture of experts in practice",
    "mix2": "A mixture model, and later on some experiments",
    "tag": "Nothing of the kind",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    """A few posts made for this, and one with two hundred words that begin alike."""
    corpus = tmp_path_factory.mktemp("typed") / "corpus"
    corpus.mkdir()
    for name, title in TITLES.items():
        front = f"---\ntitle: {title}\nauthors: [Quentin Quagmire]\ntags: [quarks and jets]\n---\n"
        (corpus / f"{name}.md").write_text(f"{front}## Abstract\n\nText of {name}.\n")
    words = " ".join(f"zeta{chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(200))
    (corpus / "zeta.md").write_text(f"---\ntitle: Letters\n---\n## Abstract\n\n{words}\n")
    return papersearch.build(str(corpus.parent / "index"), [str(corpus)])


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    return papersearch.build(str(tmp_path_factory.mktemp("samples") / "index"), [str(SAMPLE)])


def ids(index: papersearch.Index, query: str, **options: bool) -> list[str]:
    return [hit.id for hit in index.search(Request(query, limit=100, **{"prefix": True, **options})).results]


def test_a_word_being_typed_finds_what_it_may_become(index: papersearch.Index) -> None:
    assert {"quant", "quantum"} <= set(ids(index, "quanti") + ids(index, "quantu"))
    assert "quant" in ids(index, "quantiza")
    assert ids(index, "quantiza", prefix=False) == []


def test_the_word_as_it_stands_comes_before_longer_ones(index: papersearch.Index) -> None:
    assert ids(index, "qua")[0] == "qua"


def test_what_usually_follows_the_words_before_comes_first(index: papersearch.Index) -> None:
    assert ids(index, "mixture of exp")[0] == "mix1"


def test_only_the_last_word_goes_on_and_not_after_a_blank(index: papersearch.Index) -> None:
    assert "quant" not in ids(index, "quantiza circuits", match="all")
    assert ids(index, "quantiza ") == []
    assert ids(index, "title:quantiza") == ["quant"]


@pytest.mark.parametrize("typed", ["हि", "हिन्", "हिन्द", "अनुवा", "सर्वे"])
def test_a_word_that_has_signs_of_vowels_goes_on_too(tmp_path: Path, typed: str) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "हिन्दी में अनुवाद: एक सर्वेक्षण")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")], jobs=1)
    assert index.search(Request(typed, prefix=True)).total == 1
    assert index.search(f"{typed}*").total == 1
    assert next(each.text for each in index.completions(typed)).startswith(typed)


@pytest.mark.parametrize(
    "text", ["what is quant?", '"mixture of exp"', "(mixture OR quant)", "quant*", "quant.", "quant~"]
)
def test_a_word_that_is_over_does_not_go_on(index: papersearch.Index, text: str) -> None:
    assert index.completions(text) == []
    assert index.completions(text[:-1])


def test_endings_of_many_words_are_the_commonest(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    letters = "bcdfghklmnprtvw"
    rare = " ".join(f"zeta{a}{b}o{c}" for a in letters for b in letters for c in "kmn")
    for number in range(8):
        text = f"{rare if number == 0 else ''} zetaxqx " + ("zetaqxq" if number > 4 else "")
        (tmp_path / "corpus" / f"{number}.md").write_text(f"---\ntitle: Post {number}\n---\n## Abstract\n\n{text}\n")
    opened = papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")])
    assert [each.text for each in opened.completions("zeta", 2)] == ["zetaxqx", "zetaqxq"]
    assert opened.completions("zeta", 1)[0].papers == 8


@pytest.mark.parametrize("others", [9, 17])
def test_a_stop_word_does_not_hide_a_longer_word_of_the_same_stem(tmp_path: Path, others: int) -> None:
    letters = "bcdfghklmnprtvwxz"[:others]
    rare = " ".join(f"dis{a}o{b}u" for a in letters for b in letters)
    (tmp_path / "corpus").mkdir()
    for number in range(2):
        text = f"we discuss it in the discussion {rare if number else ''}"
        (tmp_path / "corpus" / f"{number}.md").write_text(f"---\ntitle: Post {number}\n---\n## Abstract\n\n{text}\n")
    opened = papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")])
    assert opened.completions("dis", 1)[0].text == "discussion"


@pytest.mark.parametrize(
    ("typed", "text", "completion"),
    [
        ("geo", "Geometry and geometries by geo", "geometry"),
        ("acc", "Accurate", "accurate"),
        ("eve", "Every", "evebobu"),
    ],
)
def test_a_completion_is_a_word_as_papers_write_it(tmp_path: Path, typed: str, text: str, completion: str) -> None:
    letters = "bcdfghklmnprtvwxz"
    alike = " ".join(f"{typed}{a}o{b}u" for a in letters for b in letters)
    slips = " ".join(f"accura{a}{b}" for a in letters for b in "iou")
    index = index_of_texts(tmp_path, text, text, f"{alike} {slips}")
    assert index.completions(typed, 1)[0].text == completion


def test_what_is_marked_are_the_words_that_it_became(index: papersearch.Index) -> None:
    (hit,) = index.search(Request("quantiza", prefix=True)).results
    assert [hit.title[start:end] for start, end in hit.title_highlights] == ["Quantization"]


def test_filters_and_other_orders_hold(index: papersearch.Index) -> None:
    assert ids(index, "quan", tags=("quarks and jets",))
    newest = [hit.id for hit in index.search(Request("quan", prefix=True, sort="title")).results]
    assert newest == ["quant", "quantum"]


@pytest.mark.parametrize("typed", ["year:2", "-year:20", "date:2024-07..20", "since:2024-1"])
def test_a_mistake_in_a_word_that_may_go_on_is_only_a_hint(index: papersearch.Index, typed: str) -> None:
    wanted = [hit.id for hit in index.search("quantum").results]
    answer = index.search(f"quantum {typed}", prefix=True)
    assert [hit.id for hit in answer.results] == wanted
    assert "is not a date" in (answer.hint or "")
    assert index.search(typed, prefix=True).total == index.stats().papers
    for over in (f"{typed} ", f"{typed} quantum"):
        with pytest.raises(papersearch.QueryError):
            index.search(over, prefix=True)
    with pytest.raises(papersearch.QueryError):
        index.search(f"quantum {typed}")


def test_of_many_words_a_bounded_number_is_tried(index: papersearch.Index) -> None:
    answer = index.search(Request("zeta", prefix=True, explain=True))
    assert [hit.id for hit in answer.results] == ["zeta"]
    assert 0 < len(answer.results[0].explanation) <= MOST_ENDINGS
    assert len(index.completions("zeta", 1_000)) <= MOST_ENDINGS


@pytest.mark.parametrize("words", ["mixture of experts", "diffusion models", "retrieval augmented generation"])
def test_results_settle_while_a_query_is_typed(samples: papersearch.Index, words: str) -> None:
    """From the middle of the last word on, the best paper of the whole query is among the first five."""
    best = samples.search(words).results[0].id
    start = words.rindex(" ") + 1
    for end in range((start + len(words)) // 2 + 1, len(words) + 1):
        assert best in ids(samples, words[:end])[:5], words[:end]
    assert ids(samples, words)[:3] == [hit.id for hit in samples.search(words).results[:3]]


def test_completions_are_words_then_authors_and_tags(index: papersearch.Index) -> None:
    assert index.completions("letters\u3000qua", 1)[0].text.startswith("letters\u3000qua")  # the blank of Chinese
    found = index.completions("letters qua", 20)
    assert [each.kind for each in found] == sorted((each.kind for each in found), key=["word", "author", "tag"].index)
    assert {each.text for each in found} >= {
        "letters quantization",
        "letters quantum",
        'letters tag:"quarks and jets"',
    }
    assert 'letters author:"Quentin Quagmire"' in [each.text for each in index.completions("letters que", 20)]
    assert [each.kind for each in index.completions('author:"Quentin Q', 5)] == ["author"]
    assert index.completions("letters tag:qua", 5)[0].papers == len(TITLES)


def test_a_word_is_no_completion_of_itself(index: papersearch.Index) -> None:
    assert [each.text for each in index.completions("quantum", 20)] == []
    assert "quantum" in [each.text for each in index.completions("quantu", 20)]


def test_a_name_that_many_have_leaves_room_for_tags(tmp_path: Path) -> None:
    for number, surname in enumerate(("Lee", "Ott", "Ray", "Sun", "Voss")):
        front = f"---\ntitle: Otters\nauthors: [Annabel {surname}]\ntags: [anna{number} and more]\n---\n"
        (tmp_path / f"{number}.md").write_text(f"{front}Text.\n", encoding="utf-8")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    kinds = [each.kind for each in index.completions("anna", 20)]
    assert (kinds.count("author"), kinds.count("tag")) == (2, 2)
    assert [each.kind for each in index.completions("author:anna", 20)] == ["author"] * 5
    assert len(index.completions("anna", 3)) == 3


def test_one_character_of_chinese_or_korean_begins_an_author_or_a_tag(tmp_path: Path) -> None:
    write_post(tmp_path, "one", "Otters", "Otters.", author="王小明", tags=["수달"])
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)]) as index:
        assert [each.text for each in index.completions("author:王")] == ['author:"王小明"']
        assert [each.text for each in index.completions("otters tag:수")] == ['otters tag:"수달"']
        assert [each.text for each in index.completions("author:w")] == []


@pytest.mark.parametrize("before", ["letters -", '"', '-"', "title:", "letters -title:", "(t:", "abstract:"])
def test_a_completion_keeps_what_stands_before_the_word(index: papersearch.Index, before: str) -> None:
    assert before + "quantization" in [each.text for each in index.completions(before + "qua", 20)]
    assert index.completions("year:qua", 5) == []


@pytest.mark.parametrize("typed", ["", " ", "q", "letters ", "?", '"', "tag:", "x" * 10_000])
def test_where_too_little_is_typed_nothing_is_completed(index: papersearch.Index, typed: str) -> None:
    assert index.completions(typed, 5) == []


@given(st.text(max_size=30))
def test_no_text_is_too_odd_to_be_typed(index: papersearch.Index, text: str) -> None:
    index.completions(text, 5)
    try:
        index.search(Request(text, prefix=True))
    except PapersearchError as mistake:
        with pytest.raises(type(mistake)):  # it is one without a prefix too
            index.search(Request(text))


def test_every_beginning_of_a_title_is_answered(samples: papersearch.Index) -> None:
    for title in samples.titles()[:10]:
        for end in range(1, len(title) + 1, 3):
            samples.search(Request(title[:end], prefix=True, syntax=False))
