"""Compounds of a query: a word and a particle, names, what lost its hyphens or blanks, and what papers lack of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import papersearch
from papersearch.core.frozen import replace
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search import compounds
from papersearch.engine.search.acronyms import expand_acronyms
from papersearch.engine.search.apart import glued
from papersearch.engine.search.expansion import as_known, from_words
from papersearch.engine.search.plan import Plan
from papersearch.engine.search.ranking import pairs_of
from papersearch.text import words
from tests.corpora import index_of_texts, write_post
from tests.posted import everything, ids


def test_neighbours_of_a_chunk_as_one_are_no_words_of_a_run() -> None:
    class Vocabulary:
        """Whoever writes state-of-the-art gives these compounds too, and somebody somewhere wrote each as a word."""

        def has_surface(self, word: str) -> bool:
            return word in ("state", "art", "stateof", "theart", "stateofthe", "end")

        def frequency(self, term: str) -> int:
            return 100

    reader: Any = Vocabulary()
    assert glued(words.query_words("state-of-the-art"), reader) == [("state", "of", "the", "art")]
    assert glued(words.query_words("EndtoEnd"), reader) == [("end", "to", "end")]


@pytest.fixture(scope="module")
def particles(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    folder = tmp_path_factory.mktemp("particles")
    for name, title, text in (
        ("one", "A tradeoff", "a tradeoff"),
        ("hyphen", "A trade-off", "a trade-off"),
        ("blank", "To trade off", "we trade off"),
        ("trade", "Trade and trading", "trade " * 9),
        ("lookup", "A lookup table", "a table"),
        ("table", "Table of tables", "table " * 9),
        ("learned", "In-context learning (ICL)", "in-context learning (ICL) is learning"),
        ("icl", "ICL", "we like ICL"),
        ("context", "Learning and context", "a context of learning, a context, learning"),
        *((f"information{number}", "Information", "information of information") for number in range(3)),
        ("formation", "Formation", "the formation of rocks"),
    ):
        write_post(folder, name, title, text)
    return papersearch.build(str(folder / "index"), [str(folder)])


@pytest.mark.parametrize(
    ("query", "first", "not_found"),
    [
        ("trade-off", {"one", "hyphen", "blank"}, {"trade"}),
        ("TradeOff", {"one", "hyphen", "blank"}, {"trade"}),
        ("trade off", {"one", "hyphen"}, set()),
        ("look-up", {"lookup"}, {"table"}),
        ("look-up table", {"lookup"}, set()),
        ("in-context learning", {"learned"}, set()),
        ("in formation", {"formation"}, {"information0"}),
        ("on-table", {"table", "lookup"}, set()),
    ],
)
def test_a_word_and_a_particle_are_more_than_the_word(
    particles: papersearch.Index, query: str, first: set[str], not_found: set[str]
) -> None:
    found = [hit.id for hit in particles.search(query).results]
    assert set(found[: len(first)]) == first
    assert not not_found & set(found)


def test_a_compound_of_words_that_very_many_papers_have_is_looked_for_in_one_piece(
    particles: papersearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compounds, "MOST_WITH_ALL", 1)
    found = papersearch.open(particles.path).search("trade-off").results  # what was asked before is remembered
    assert {hit.id for hit in found[:2]} == {"one", "hyphen"}
    # Nobody is lost who writes it with a blank.
    assert {hit.id: hit.missing for hit in found[2:]} == {"blank": ("trade-off",), "trade": ("trade-off",)}
    assert {hit.id for hit in particles.search("trade-off", match="all").results} == {"one", "hyphen", "blank"}
    found = particles.search("in-context learning", explain=True).results
    assert found[0].id == "learned"
    assert "pair" in {part.field for hit in found[:1] for part in hit.explanation}  # its words still stand side by side
    assert "icl" in [hit.id for hit in found]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    """A name in each spelling, once in an abstract; its words apart, often and in a title; and an acronym's words."""
    folder = tmp_path_factory.mktemp("names")
    for name, title, text in (
        ("camel", "A model of code", f"It is best on HumanEval, and {'good ' * 30}elsewhere."),
        ("hyphen", "A model of code", f"It is best on human-eval, and {'good ' * 30}elsewhere."),
        ("blank", "A model of code", f"It is best on human eval, and {'good ' * 30}elsewhere."),
        ("small", "A model of code", f"It is best on humaneval, and {'good ' * 30}elsewhere."),
        ("words", "Eval of a human", "Human eval is not what a human does. " + "An eval. A human. " * 3),
        ("apart", "Eval beside a human", "An eval and a human, " * 5),
        *((f"human{number}", "A human", "A human reads.") for number in range(5)),
        ("policy", "Reinforcement learning (RL)", "We use reinforcement learning (RL)."),
        ("short", "RL", "RL again."),
        ("glued", "ReinforcementLearning", "It has lost its blank."),
    ):
        write_post(folder, name, title, text)
    return papersearch.build(str(folder / "index"), [str(folder)])  # fmt: skip


def test_a_name_with_capitals_inside_is_more_than_its_words(
    names: papersearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    having = {"camel", "hyphen", "blank", "small", "words"}
    assert {hit.id for hit in names.search("HumanEval").results} == having
    found = names.search("HumanEval model xyzzy").results
    assert {hit.id for hit in found} == having
    assert found[0].missing == ("xyzzy",)
    assert {hit.id: hit.missing for hit in names.search("HumanEval reads").results}["human1"] == ("HumanEval",)
    # The words apart are more than that, with a hyphen too, and so they are of what no paper has in one piece.
    assert "apart" in everything(names, "human eval")
    assert "apart" in everything(names, "human-eval")
    assert "apart" in everything(names, "EvalHuman")
    # Where very many papers have each of its words, whoever writes it with a blank is found by them.
    monkeypatch.setattr(compounds, "MOST_WITH_ALL", 1)
    found = papersearch.open(names.path).search("HumanEval").results  # what was asked before is remembered
    assert {hit.id for hit in found[:3]} == {"camel", "hyphen", "small"}
    assert "blank" in [hit.id for hit in found]


@pytest.mark.parametrize("query", ["human-eval", "what is human-eval?", "the Human-Eval"])
def test_a_query_that_is_one_compound_finds_first_who_has_it(names: papersearch.Index, query: str) -> None:
    found = names.search(query).results
    assert {hit.id for hit in found[:5]} == {"camel", "hyphen", "blank", "small", "words"}
    assert {hit.id: hit.missing for hit in found}["apart"][0].lower() == "human-eval"


def test_words_that_lost_their_blank_are_no_name_where_an_acronym_stands_for_them(names: papersearch.Index) -> None:
    assert everything(names, "ReinforcementLearning")[0] != "short"
    assert {"policy", "short", "glued"} <= set(everything(names, "ReinforcementLearning"))


def test_what_a_paper_lacks_of_compounds_is_named_as_the_query_has_it(particles: papersearch.Index) -> None:
    lacks = {hit.id: hit.missing for hit in particles.search("trade-off table GPT-4o").results}
    assert lacks["one"] == ("table", "GPT-4o")
    assert lacks["table"] == ("trade-off", "GPT-4o")


def test_a_long_form_that_begins_with_a_particle_brings_in_its_acronym(particles: papersearch.Index) -> None:
    assert "icl" in [hit.id for hit in particles.search("in-context learning").results]


@pytest.mark.parametrize("query", ["in-context learning", "trade-off tables", "trade off tables"])
def test_in_what_order_spellings_stand_changes_no_neighbours_and_no_long_forms(
    particles: papersearch.Index, query: str
) -> None:
    reader = IndexReader(particles.path)
    slots = from_words(query, reader)
    turned = [replace(slot, alternatives=slot.alternatives[::-1]) for slot in slots]
    assert turned != slots
    weights = [1.0] * len(slots)
    assert pairs_of(Plan(turned), weights) == pairs_of(Plan(slots), weights) != []
    assert expand_acronyms(turned, reader)[1] == expand_acronyms(slots, reader)[1]


@pytest.mark.parametrize(
    "title",
    [
        "Multimodal lowlight superresolution",
        "Multi-modal lowlight superresolution",
        "Multimodal low-light superresolution",
    ],
)
def test_a_phrase_is_found_where_some_of_its_compounds_are_written_as_one(tmp_path: Path, title: str) -> None:
    write_post(tmp_path, "a", title, "Nothing else.")
    write_post(tmp_path, "b", "Lowlight multimodal superresolution", "Multi-modal low-light super-resolution of old.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    found = index.search('"multi-modal low-light super-resolution"').results
    assert [hit.id for hit in found] == ["a", "b"]


@pytest.mark.parametrize(
    "query",
    [
        "multimodal lowlight superresolution",
        "multimodal low-light superresolution",
        "MultiModal lowlight super-resolution",
    ],
)
def test_a_phrase_is_found_where_some_of_its_compounds_are_written_apart(tmp_path: Path, query: str) -> None:
    write_post(tmp_path, "a", "Multi-modal low-light super-resolution", "Nothing else.")
    write_post(tmp_path, "b", "Low-light multi-modal images", "Multi-modal super-resolution of a low-light image.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert [hit.id for hit in index.search(f'"{query}"').results] == ["a"]


def test_a_phrase_that_has_lost_many_hyphens_is_found_among_words_that_could_be_two(tmp_path: Path) -> None:
    title = "Cross-lingual multi-modal large-scale fine-grained super-resolution for long-term low-light systems"
    write_post(tmp_path, "a", title, "Nothing else.")
    for number in range(3):
        write_post(tmp_path, f"b{number}", "Systems", "Cross lingual, multi modal, large scale; s and e of systems.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    query = "crosslingual multimodal largescale finegrained superresolution for longterm low-light systems"
    assert [hit.id for hit in index.search(f'"{query}"').results] == ["a"]


def test_a_title_as_it_stands_in_an_address_is_searched_by_its_words(tmp_path: Path) -> None:
    index = index_of_texts(
        tmp_path, "Finding kidney diseases with deep learning and explainable AI, for 3D scans too.", "Deep learning."
    )
    slug = "finding-kidney-diseases-with-deep-learning-and-explainable-ai-for-3d-scans"
    assert everything(index, slug)[0] == "a"
    assert everything(index, "with%20finding%20deep%20kidney.pdf")[0] == "a"


@pytest.mark.parametrize("query", ["sim2real", "sim-to-real", "sim to real", "Sim2Real", "sim2real transfer"])
def test_a_2_may_be_a_to(tmp_path: Path, query: str) -> None:
    index = index_of_texts(tmp_path, "Sim2real transfer.", "Sim-to-real transfer.", "Sim, and what is real transfer.")
    missing = {hit.id: hit.missing for hit in index.search(query).results}
    assert missing["a"] == missing["b"] == ()
    assert {"a", "b"} <= {hit.id for hit in index.search(query, match="all").results}
    assert " " in query or list(missing)[:2] in (["a", "b"], ["b", "a"])


@pytest.mark.parametrize(("query", "first"), [("speech2text", "a"), ("point2mesh", "b"), ("gpt2xl", "c")])
def test_a_2_is_a_to_only_where_papers_say_so(tmp_path: Path, query: str, first: str) -> None:
    index = index_of_texts(tmp_path, "Speech-to-text.", "Point2Mesh and a point to a mesh.", "GPT-2-XL", "speech, text")
    assert ids(index.search(query)) == [first]


@pytest.mark.parametrize("query", ["parallelwavenet", "wavenetparallel", "parallelwavenets"])
def test_a_name_that_lost_two_blanks_is_found_where_its_words_stand_side_by_side(tmp_path: Path, query: str) -> None:
    index = index_of_texts(
        tmp_path, "Parallel WaveNet for speech.", "WaveNet", "A wave. Parallel nets.", "WaveNet Parallel"
    )
    assert ids(index.search(query)) == ["d" if query[0] == "w" else "a"]
    assert ids(index.search("parallelwavespeech")) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("attentionisallyouneed", ["a"]),
        ("isattentionallyouneed", []),
        ("theendofbigdatasets", ["b"]),
        ("pretrainin", []),
        ("attentionisallyouneedtrade", []),
    ],
)
def test_a_title_that_lost_all_its_blanks_is_found_where_its_words_stand_side_by_side(
    tmp_path: Path, query: str, found: list[str]
) -> None:
    index = index_of_texts(
        tmp_path,
        "Attention is all you need",
        "The end of big data sets.",
        "All need attention. Is it you?",
        "Pre-train in it.",
    )
    assert ids(index.search(query)) == found


@pytest.mark.parametrize(
    ("query", "found"), [("kvcache", ["a"]), ("kvcaches", ["a"]), ("agentrl", ["b"]), ("kvagent", [])]
)
def test_a_word_of_two_letters_may_have_lost_its_blank_too(tmp_path: Path, query: str, found: list[str]) -> None:
    index = index_of_texts(tmp_path, "A KV cache.", "Agent RL", "KV and a cache, RL and an agent.", "We detect in it.")
    assert ids(index.search(query)) == found
    assert ids(index.search("detectin")) == []


def test_a_stop_word_in_the_name_of_an_author_is_looked_for(tmp_path: Path) -> None:
    for name, author in (("sun", "Kaiming Sun"), ("he", "Kaiming He"), ("longer", "Kaiming Hermes"), ("zhu", "He Zhu")):
        write_post(tmp_path, name, "Quagmires of otters", "otters and he who counts them", author=author)
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)]) as index:
        assert ids(index.search("Kaiming He otters"))[0] == "he"
        assert ids(index.search("Papers of He Zhu"))[0] == "zhu"
    reader = IndexReader(str(tmp_path / "index"))
    for query, telling in (
        ("Kaiming He", "Kaiming He"),
        ("kaiming he", "kaiming he"),
        ("kaiming or", "kaiming"),
        ("He, K.", "He K"),
        ("K. He otters", "K He otters"),
        ("K. Ha otters", "K Ha otters"),
        ("can a kaiming and he count otters", "kaiming count otters"),
        ("how do they find out that a kaiming he counts", "kaiming counts"),
        ("Kaiming Or", "Kaiming"),
        ("What Kaiming Sun", "Kaiming Sun"),
        ("He Who Counts Otters", "Counts Otters"),
    ):
        assert [slot.word for slot in from_words(query, reader)] == telling.split()


def test_a_name_with_a_stop_word_or_an_initial_finds_whom_it_names(tmp_path: Path) -> None:
    for name, author in (
        ("he", "Kaiming He"), ("do", "Minh N. Do"), ("lecun", "Yann LeCun"), ("so", "Anthony Man-Cho So"),
        ("can", "Can Xu"),
    ):  # fmt: skip
        write_post(tmp_path, name, f"Otters of {name} river", "Otters.", author=author)
    for number in range(4):  # they have the words, and are by nobody who is called so
        text = "He who can do so: can he, so he can. K, Y and X of minh, yann, anthony, kaiming."
        write_post(tmp_path, f"other{number}", "So he can do", text, author=f"Hermes Doe{number}")
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)]) as index:
        for query, right in (
            ("kaiming he", "he"), ("he kaiming", "he"), ("He, Kaiming", "he"), ("He, K.", "he"), ("K. He", "he"),
            ("He K", "he"), ("minh do", "do"), ("Do, M.", "do"), ("Do, M. N.", "do"), ("LeCun, Y.", "lecun"),
            ("Y. LeCun", "lecun"), ("anthony so", "so"), ("xu can", "can"), ("Xu, C. otters", "can"),
            ("Minh N. Do", "do"),
        ):  # fmt: skip
            answer = index.search(query)
            assert (ids(answer)[0], answer.results[0].missing) == (right, ()), query
            assert index.search(query, match="all").total_all or "." in query or query == "He K"


def test_family_names_between_commas_are_none_of_one_author(tmp_path: Path) -> None:
    write_post(tmp_path, "one", "Otters", "Otters.", author="Zhang He")
    write_post(tmp_path, "all", "Beavers", "Beavers.", author="Kaiming He, Xiangyu Zhang, Jian Sun")
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)]) as index:
        answer = index.search("He, Zhang, Sun")
        assert (ids(answer)[0], answer.results[0].missing) == ("all", ())


def test_names_of_a_long_query_cost_little() -> None:
    class Authors:
        """Nobody is called so, however many are asked about."""

        asked = 0

        def cached(self, function: object, names: tuple[str, ...], starts: object) -> dict[str, tuple[str, ...]]:
            self.asked += 1
            return dict.fromkeys(names, ())

    reader: Any = Authors()
    text = "He Kaiming, J. Otter; " * 800
    assert as_known(words.query_words(text), text, reader)[0].stop
    assert reader.asked == 8


@pytest.mark.parametrize("query", ["KettleofCopper", "KettleofCopper lids"])
def test_papers_that_write_what_lost_its_hyphens_with_blanks_have_it(tmp_path: Path, query: str) -> None:
    """Beside others that have it as titles lose their hyphens, and with neighbours as one (``kettleof``)."""
    for name, title, text in (
        ("as_title", "A KettleofCopper", "lids for a kettle-of-copper"),
        ("blanks", "Vessels", "lids for each kettle of copper"),
        ("parts", "Metals", "copper lids"),
    ):
        write_post(tmp_path, name, title, text)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    missing = {hit.id: [*hit.missing] for hit in index.search(query).results}
    assert missing["as_title"] == missing["blanks"] == []
    assert missing["parts"]
    assert index.search(query).total_all == index.search(query, match="all").total == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("1-shot", "a"),
        ("1 shot otters", "a"),
        ("six-DoF", "b"),
        ("six DoF otters", "b"),
        ("2nd-order", "c"),
        ("7-shot", ""),
    ],
)
def test_a_number_is_the_same_in_a_word_and_in_digits(tmp_path: Path, query: str, found: str) -> None:
    texts = {
        "a": "One-shot otters.",
        "b": "6-DoF otters.",
        "c": "Second-order otters.",
        "d": "A shot of otters, in order.",
    }
    posts = tmp_path / "posts"
    posts.mkdir()
    for name, text in texts.items():
        (posts / f"{name}.md").write_text(f"# Note\n\n{text}\n", "utf-8")
    index = papersearch.build(str(tmp_path / "index"), [str(posts)], jobs=1)
    assert "".join(hit.id for hit in index.search(query, match="all").results) == found
