"""Servers that make vectors, and answer well, badly or not at all."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import count

import pytest

from papersearch.core.errors import MeaningError
from papersearch.engine import servers
from papersearch.engine.meaning.models import open_model, open_unless_silent
from tests.commands import run_program
from tests.embedders import DIMENSIONS, embedding, good, serving

numpy = pytest.importorskip("numpy")


def test_a_server_is_asked_for_vectors_in_its_own_order() -> None:
    with serving() as server:
        model = open_model(server.setting)
        assert model.dimensions == DIMENSIONS
        texts = [f"text number {n}" for n in range(40)]
        for text, vector in zip(texts, model.passages(texts), strict=True):
            expected = numpy.array(embedding(text))
            assert numpy.allclose(vector, expected / numpy.linalg.norm(expected), atol=1e-6)
        assert set(server.paths) == {"/v1/embeddings"}


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/embeddings"])
def test_the_address_may_be_any_usual_part_of_the_way(path: str) -> None:
    with serving() as server:
        address, _, name = server.setting.partition(" ")
        open_model(f"{address}{path} {name}")
        assert server.paths == ["/v1/embeddings"]


def _with(vector: list[object]) -> bytes:
    return json.dumps({"data": [{"index": 0, "embedding": vector}]}).encode()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>welcome</html>"),
        (200, b"{}"),
        (200, b"[]"),
        (200, b'{"data": []}'),
        (200, b'{"data": [{"index": 1, "embedding": [1, 2]}]}'),
        (200, _with([float("nan")] * DIMENSIONS)),
        (200, _with([float("inf")] * DIMENSIONS)),
        (200, _with([1e300] * DIMENSIONS)),
        (200, _with([1e30] * DIMENSIONS)),
        (200, _with([10**400] * DIMENSIONS)),
        (200, _with([0.0] * DIMENSIONS)),
        (200, _with([1.0] * 3)),
        (200, _with([])),
        (200, _with(["a", "b"])),
        (200, _with([[1.0], [2.0]])),
        (200, b'{"data": ' + b"[" * 100_000),
        (404, b"no such model"),
        (500, b"out of memory\nat line 3"),
        (302, b""),
    ],
)
@pytest.mark.filterwarnings("error")
def test_nonsense_from_a_server_is_one_line(status: int, body: bytes) -> None:
    with serving() as server:
        model = open_model(server.setting)
        server.answer = lambda texts: (status, body)
        with pytest.raises(MeaningError) as refused:
            model.query("anything")
        assert refused.value.hint
        assert "\n" not in str(refused.value)
        server.answer = good
        assert len(model.query("anything")) == DIMENSIONS


def test_a_server_is_sent_the_head_of_a_text_and_its_name_tells_no_password() -> None:
    with serving() as server:
        model = open_model(server.setting.replace("http://", "http://ada:otters@"))
        assert model.name == open_model(server.setting).name
        assert "otters" not in model.name
        assert len([*model.passages(["word " * 4_000])]) == 1
        assert len(server.texts[-1]) == 8_000


def test_of_a_text_that_is_too_long_for_a_server_its_head_is_read() -> None:
    with serving() as server:
        model = open_model(server.setting)
        server.answer = lambda texts: good(texts) if max(map(len, texts)) <= 600 else (500, b"too large to process")
        texts = ["a short one", "sparse routing " * 100, "another one"]
        vectors = list(model.passages(texts))
        for text, vector in zip((texts[0], texts[1][:375], texts[2]), vectors, strict=True):
            expected = numpy.array(embedding(text))
            assert numpy.allclose(vector, expected / numpy.linalg.norm(expected), atol=1e-6)
        server.texts.clear()
        server.answer = lambda texts: (400, b"maximum context length")
        with pytest.raises(MeaningError, match="maximum context length"):
            list(model.passages(texts[1:]))
        assert len(server.texts) < 10


@pytest.mark.parametrize("given", ["an error", [None] * DIMENSIONS, [0.0] * DIMENSIONS, None])
def test_a_text_that_a_server_fails_at_has_no_vector_and_the_others_have_theirs(given: object) -> None:
    def fails_at(poison: str, texts: list[str]) -> tuple[int, bytes]:
        if given == "an error" and any(poison in text for text in texts):
            return 500, b"unsupported value: NaN"
        vectors = [given if poison in text else embedding(text) for text in texts]
        return 200, json.dumps({"data": [{"index": n, "embedding": each} for n, each in enumerate(vectors)]}).encode()

    with serving() as server:
        model = open_model(server.setting)
        server.answer = partial(fails_at, "poison")
        texts = ["sparse routing", "poison", *(f"text {n}" for n in range(20))]
        vectors = list(model.passages(texts))
        assert [text for text, vector in zip(texts, vectors, strict=True) if vector is None] == ["poison"]
        server.answer = partial(fails_at, "")
        with pytest.raises(MeaningError):  # it is the server that fails
            list(model.passages(texts))


def test_a_server_that_fails_now_and_then_makes_all_vectors() -> None:
    with serving() as server:
        model = open_model(server.setting)
        asked = count()
        server.answer = lambda texts: (500, b"oops") if next(asked) % 3 == 0 else good(texts)
        assert all(vector is not None for vector in model.passages([f"text {n}" for n in range(20)]))


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_busy_is_asked_again(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("papersearch.engine.meaning.server.time.sleep", slept.append)
    with serving() as server:
        refused = iter(range(2))
        server.answer = lambda texts: good(texts) if next(refused, None) is None else (status, b"loading")
        model = open_model(server.setting)
        assert slept == [1, 2]
        server.answer = lambda texts: (status, b"loading")
        with pytest.raises(MeaningError, match="loading"):
            open_model(server.setting, dimensions=DIMENSIONS).query("a question")
        assert slept == [1, 2]  # whoever typed it does not wait
        assert model.dimensions == DIMENSIONS


def test_a_server_that_is_away_is_one_line() -> None:
    with serving() as server:
        setting = server.setting
        with pytest.raises(MeaningError, match=r"does not answer .*: check that it runs, and its address"):
            open_model(setting.replace("http://", "https://"))  # it runs
    with pytest.raises(MeaningError, match="does not answer"):
        open_model(setting)


def test_a_key_that_cannot_be_sent_is_one_line_and_one_that_can_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server:
        model = open_model(server.setting)
        for key in ("k\u00e9y", "two\r\nlines"):
            monkeypatch.setenv("PAPERSEARCH_MEANING_KEY", key)
            with pytest.raises(MeaningError, match="PAPERSEARCH_MEANING_KEY"):
                model.query("anything")
        monkeypatch.setenv("PAPERSEARCH_MEANING_KEY", "k-123\n")
        model.query("anything")
        assert server.keys == [None, "Bearer k-123"]


def test_a_host_that_no_name_server_would_take_is_one_line() -> None:
    with pytest.raises(MeaningError, match="does not answer"):
        open_model(f"http://{'a' * 64}.example words", trust=True)


@pytest.mark.parametrize(
    "address",
    [
        "http://192.0.2.1",
        "https://embeddings.example.org",
        "http://127.0.0.1.example.org",
        "http://127.0.0.1@192.0.2.1",
    ],
)
def test_another_machine_is_refused_before_anything_is_sent(address: str) -> None:
    with pytest.raises(MeaningError, match="another machine"):
        open_model(f"{address} words")


@pytest.mark.parametrize(
    "setting", ["http:// words", "http://127.0.0.1:1", "http://127.0.0.1:port words", "http://[::1 w"]
)
def test_a_malformed_address_is_refused(setting: str) -> None:
    with pytest.raises(MeaningError):
        open_model(setting)


def test_no_proxy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving() as server:
        assert len(open_model(server.setting).query("x")) == DIMENSIONS


def test_a_server_that_made_vectors_and_is_silent_now_is_not_waited_for_where_somebody_waits() -> None:
    over = threading.Event()
    with serving() as server:
        assert open_unless_silent(server.setting, False, DIMENSIONS).dimensions == DIMENSIONS
        with pytest.raises(MeaningError, match="not all of one length"):
            open_unless_silent(server.setting, False, DIMENSIONS + 1)
        server.answer = lambda texts: (500 if over.wait(100) else 503, b"")
        try:
            begin = time.monotonic()
            with pytest.raises(MeaningError, match="does not answer"):
                open_unless_silent(server.setting, False, DIMENSIONS)
            assert time.monotonic() - begin < 15
        finally:
            over.set()


def test_questions_go_to_a_server_without_asking_for_its_dimensions_first() -> None:
    with serving() as server:
        assert len(open_model(server.setting, dimensions=DIMENSIONS).query("one two")) == DIMENSIONS
        assert server.texts == ["one two"]


@pytest.fixture
def dribbling() -> Iterator[str]:
    """The address of a server each of whose silences is short, and there is no end of them."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
            while not over.wait(0.05):
                connection.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=lambda: drip(listening.accept()[0]), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        over.set()


def test_an_answer_in_driblets_is_waited_for_no_longer_than_one_that_never_comes(dribbling: str) -> None:
    model = open_model(f"{dribbling} words", dimensions=DIMENSIONS)
    begin = time.monotonic()
    with pytest.raises(MeaningError, match="timed out"):
        model.query("anything")
    assert time.monotonic() - begin < 15


def test_whoever_asks_a_server_for_a_whole_answer_has_it_in_time_or_not_at_all(dribbling: str) -> None:
    begin = time.monotonic()
    with pytest.raises(servers.NoAnswer, match="timed out"):
        servers.answered(servers.parsed(dribbling), "/", {}, "", 0.5, 5_000)
    assert time.monotonic() - begin < 4


def test_what_is_broken_off_is_no_answer_also_to_whoever_looks_late(
    dribbling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = servers.futures.Future.result
    monkeypatch.setattr(servers.futures.Future, "result", lambda future, wait: real(future, wait + 5))
    with pytest.raises(servers.NoAnswer, match="timed out"):
        servers.answered(servers.parsed(dribbling), "/", {}, "", 0.5, 5_000)


def test_a_program_ends_though_a_server_is_still_looked_for() -> None:
    """Finding the address of a host has no limit of its own."""
    ran = run_program(
        "import socket, time\n"
        "socket.create_connection = lambda *_, **__: time.sleep(1_000)\n"
        "from papersearch.engine.servers import NoAnswer, answered, parsed\n"
        "try:\n"
        "    answered(parsed('http://localhost:1'), '/', {}, '', 0.1, 10)\n"
        "except NoAnswer as said:\n"
        "    print(said)\n"
    )
    assert (ran.code, ran.out, ran.err) == (0, "timed out\n", "")


def test_an_answer_that_was_not_read_to_its_end_keeps_no_socket() -> None:
    with serving() as server:
        server.answer = lambda _: (200, b"x" * 100_000)
        address = servers.parsed(server.setting.partition(" ")[0])
        with servers.posted(address, "/v1/embeddings", {"input": []}, "", 5.0) as response:
            assert response.read(1) == b"x"
        assert response.isclosed()
