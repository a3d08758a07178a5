"""llama.cpp itself answers ``ask``, with a tiny model of random weights that is made here and means nothing.

What this proves is the protocol: streaming, the schema, the error of a context that is too small.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from papersearch.core.errors import ModelError
from papersearch.engine.ask.model import Model
from tests.commands import is_one_error, run
from tests.corpora import write_post

gguf = pytest.importorskip("gguf", reason="no writer of models: pip install gguf xllamacpp")
numpy = pytest.importorskip("numpy", reason="no numpy: pip install gguf xllamacpp")
xllamacpp = pytest.importorskip(  # or there is no libgomp, which it loads
    "xllamacpp", reason="no llama.cpp: pip install gguf xllamacpp", exc_type=ImportError
)

WIDTH, INNER, LAYERS, HEADS = 64, 128, 2, 4
SAYS = "Sparse routing balances the load of experts with a bias for each expert."
MORE = "The load of experts is balanced by routing in case"
QUESTION = "How is the load of experts balanced by sparse routing?"
SCHEMA = {
    "type": "object",
    "properties": {
        "sentences": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string", "maxLength": 9}, "sources": {"enum": [["p1"]]}},
                "required": ["text", "sources"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["sentences"],
    "additionalProperties": False,
}


def byte_tokens() -> list[str]:
    """The characters that stand for the bytes in vocabularies like GPT-2's."""
    shown = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(others)) for byte in range(256)]


def write_model(path: Path) -> None:
    """A language model of the Llama kind with a token for each byte and weights that mean nothing."""
    tokens = [*byte_tokens(), "<|im_start|>", "<|im_end|>"]
    model = gguf.GGUFWriter(str(path), "llama")
    model.add_context_length(8192)
    model.add_embedding_length(WIDTH)
    model.add_block_count(LAYERS)
    model.add_feed_forward_length(INNER)
    model.add_head_count(HEADS)
    model.add_head_count_kv(HEADS)
    model.add_layer_norm_rms_eps(1e-5)
    model.add_rope_dimension_count(WIDTH // HEADS)
    model.add_vocab_size(len(tokens))
    model.add_tokenizer_model("gpt2")
    model.add_tokenizer_pre("default")
    model.add_token_list(tokens)
    model.add_token_types([1] * 256 + [3, 3])
    model.add_token_merges(["a b"])
    model.add_bos_token_id(256)
    model.add_eos_token_id(257)
    model.add_add_bos_token(False)
    chance = numpy.random.default_rng(7)

    def add(name: str, *shape: int) -> None:
        model.add_tensor(name, (chance.standard_normal(shape) * 0.2).astype(numpy.float32))

    ones = numpy.ones(WIDTH, numpy.float32)
    add("token_embd.weight", len(tokens), WIDTH)
    add("output.weight", len(tokens), WIDTH)
    model.add_tensor("output_norm.weight", ones)
    for layer in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"blk.{layer}.{name}.weight", WIDTH, WIDTH)
        add(f"blk.{layer}.ffn_gate.weight", INNER, WIDTH)
        add(f"blk.{layer}.ffn_up.weight", INNER, WIDTH)
        add(f"blk.{layer}.ffn_down.weight", WIDTH, INNER)
        model.add_tensor(f"blk.{layer}.attn_norm.weight", ones)
        model.add_tensor(f"blk.{layer}.ffn_norm.weight", ones)
    model.write_header_to_file()
    model.write_kv_data_to_file()
    model.write_tensors_to_file()
    model.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("llama")
    write_model(folder / "tiny.gguf")
    (folder / "corpus").mkdir()
    for number in range(1, 4):
        write_post(folder / "corpus", f"2401.0000{number}", "Sparse Routing of Experts", f"{SAYS} {MORE} {number}.")
    assert run(folder, "index").code == 0
    return folder


@pytest.fixture
def start(home: Path) -> Callable[[int], Any]:
    """Starts a server with a context of so many tokens; it ends when it is forgotten."""

    def started(context: int) -> Any:
        params = xllamacpp.CommonParams()
        params.model.path = str(home / "tiny.gguf")
        params.n_ctx, params.n_parallel, params.n_predict = context, 1, 200
        params.port, params.warmup = 0, False
        params.cpuparams.n_threads = 1
        return xllamacpp.Server(params)

    return started


def test_an_answer_streams_in_and_keeps_to_the_schema(start: Callable[[int], Any]) -> None:
    server = start(4096)
    pieces = list(Model(server.listening_address, "tiny").ask([{"role": "user", "content": "Say it."}], SCHEMA))
    assert len(pieces) > 5
    (sentence,) = json.loads("".join(pieces))["sentences"]
    assert sentence["sources"] == ["p1"]


def test_the_command_shows_nothing_of_what_such_a_model_says(home: Path, start: Callable[[int], Any]) -> None:
    server = start(8192)
    ran = run(home, "ask", QUESTION, "--server", f"{server.listening_address}/v1", "--model", "tiny")
    assert (ran.code, ran.out) == (1, "")
    assert is_one_error(ran)
    assert "no answer: the" in ran.err


def test_a_context_that_is_too_small_gives_the_papers_own_sentences(home: Path, start: Callable[[int], Any]) -> None:
    server = start(256)
    with pytest.raises(ModelError) as caught:
        list(Model(server.listening_address, "tiny").ask([{"role": "user", "content": "x" * 3_000}], SCHEMA))
    assert caught.value.too_long
    ran = run(home, "ask", QUESTION, "--server", server.listening_address, "--model", "tiny", "-v")
    assert ran.code == 0
    assert SAYS in ran.out
    assert "can read no more than" in ran.err
