"""``papersearch ask`` with a server that answers well, badly or not at all: nothing untrue is shown, and the papers'
own sentences come where a model fails."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.writers import Given, Server, Writer, Written, answer, cites_wrongly, copies, halves, in_lines, invents
from benchmarks.writers import serving as writing
from tests.commands import Ran, follows, is_one_error, run, run_without_threads
from tests.corpora import write_post

QUESTION = "How is the load of experts balanced by sparse routing?"
NEAREST = "; papersearch query shows the papers that come nearest, if any do\n"
SAYS = "Sparse routing balances the load of experts with a bias of 0.5 for each expert."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    posts = folder / "corpus"
    posts.mkdir()
    write_post(posts, "2401.00001", "Sparse Routing of Experts", f"{SAYS} Training stays stable.")
    write_post(posts, "2401.00002", "Robots that Fold", "Robots learn to fold laundry from 40 videos.")
    write_post(posts, "2401.00003", "Load Balance in Routing", "The load of sparse experts is often out of balance.")
    assert run(folder, "index").code == 0
    return folder


def ask(home: Path, server: Server | str, *options: str, question: str = QUESTION, **variables: str) -> Ran:
    address = server if isinstance(server, str) else server.address
    return run(home, "ask", question, "--server", address, "--model", "tiny", *options, **variables)


def test_a_right_answer_is_shown_with_its_papers(home: Path) -> None:
    with writing(copies) as server:
        ran = ask(home, server)
    assert ran.code == 0
    assert ran.lines[0] == f"{SAYS} [1]"
    assert "[1] Sparse Routing of Experts (2401.00001, line 18)" in ran.lines
    assert ran.err == ""
    asked = server.requests[0]
    assert asked["model"] == "tiny"
    assert asked["path"] == "/v1/chat/completions"
    assert asked["response_format"]["json_schema"]["schema"]["properties"]["sentences"]


def test_the_passages_that_a_model_cites_are_shown_with_their_papers(home: Path) -> None:
    """A sentence may rest on a neighbour of the one that was found, as here."""

    def cites_a_neighbour(_: Given) -> Written:
        return Written(answer(("Training stays stable.", "p1")))

    passage = f"{SAYS} Training stays stable."
    with writing(cites_a_neighbour) as server:
        ran = ask(home, server)
        told = ask(home, server, "--json").json
    assert ran.lines == [
        "Training stays stable. [1]",
        "",
        "[1] Sparse Routing of Experts (2401.00001, line 18)",
        f"    {passage}",
    ]
    assert [paper["passage"] for paper in told["papers"]] == [passage]


def test_the_json_has_the_shape_of_the_schema(home: Path) -> None:
    with writing(copies) as server:
        written = ask(home, server, "--json").json
    quoted = run(home, "ask", QUESTION, "--json").json
    silent = run(home, "ask", "who baked the bread?", "--json").json
    for reply in (written, quoted, silent):
        follows("reply", reply)
    assert (written["model"], quoted["model"]) == ("tiny", None)
    assert silent["answered"] is False
    assert silent["reason"]


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("schema", [True, False])
def test_with_and_without_stream_and_schema_the_same_is_shown(home: Path, streams: bool, schema: bool) -> None:
    with writing(copies if schema else in_lines, streams=streams, schema=schema) as server:
        ran = ask(home, server)
    assert ran.code == 0
    assert ran.lines[0] == f"{SAYS} [1]"
    assert len(server.requests) == (1 if schema else 2)


@pytest.mark.parametrize("writer", [invents, cites_wrongly])
def test_what_no_passage_says_is_asked_for_once_more_and_then_dropped(home: Path, writer: Writer) -> None:
    with writing(writer) as server:
        ran = ask(home, server)
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err == "papersearch: no answer: the passages do not bear the model's answer" + NEAREST
    assert len(server.requests) == 2


def test_a_second_try_that_stands_is_shown(home: Path) -> None:
    tries: list[Written] = []

    def learns(given: Given) -> Written:
        tries.append(invents(given) if not tries else copies(given))
        return tries[-1]

    with writing(learns) as server:
        ran = ask(home, server)
    assert ran.lines[0] == f"{SAYS} [1]"
    assert "the number 9" in server.requests[1]["messages"][-1]["content"]


def test_an_answer_said_twice_is_shown_once(home: Path) -> None:
    with writing(lambda given: Written(answer((SAYS, "p1"), (SAYS.upper(), "p1"), (SAYS, "p1 p1")))) as server:
        ran = ask(home, server)
    assert ran.lines.index("") == 1


def test_an_answer_cut_off_gives_its_whole_sentences(home: Path) -> None:
    with writing(halves) as server:
        ran = ask(home, server)
    assert (ran.code, ran.lines[0]) == (0, f"{SAYS} [1]")
    assert "is cut" not in ran.out


def test_a_silence_in_a_sentence_gives_the_papers_own(home: Path) -> None:
    with writing(copies, stall_after=1) as server:
        ran = ask(home, server, "--timeout", "3")
    assert (ran.code, ran.lines[0]) == (0, f"{SAYS} [1]")
    assert is_one_error(ran)
    assert "was silent for 3 s" in ran.err
    assert "the papers' own sentences" in ran.err


def test_where_no_thread_can_be_started_to_watch_a_server_the_papers_answer(home: Path) -> None:
    with writing(copies) as server:
        asked = ("ask", QUESTION, "--server", server.address, "--model", "tiny")
        ran = run_without_threads(home, *asked, PAPERSEARCH_TRUST="1")
    assert (ran.code, ran.lines[0]) == (0, f"{SAYS} [1]")
    assert is_one_error(ran)
    assert "can't start new thread" in ran.err
    assert server.requests == []


def test_a_silence_after_a_sentence_keeps_that_sentence(home: Path) -> None:
    with writing(copies, stall_after=len(answer((SAYS, "p1"))) // 24 + 1) as server:
        ran = ask(home, server, "--timeout", "3", "--json")
    assert ran.json["model"] == "tiny"
    assert [each["text"] for each in ran.json["sentences"]] == [SAYS]
    assert "the answer ends here" in ran.err


@pytest.mark.parametrize("after", [0, 1])
def test_comments_that_keep_a_connection_open_do_not_count_as_an_answer(home: Path, after: int) -> None:
    started = time.monotonic()
    with writing(copies, stall_after=after, stall_s=20, comments=True) as server:
        ran = ask(home, server, "--timeout", "2")
    assert time.monotonic() - started < 10
    assert (ran.code, ran.lines[0]) == (0, f"{SAYS} [1]")
    assert is_one_error(ran)
    assert "was silent for 2 s" in ran.err


def test_an_answer_that_trickles_is_not_waited_for_without_end(home: Path) -> None:
    with writing(lambda given: Written("word " * 1_000), pause_s=0.2) as server:
        ran = ask(home, server, "--timeout", "0.5")
    assert (ran.code, ran.lines[0]) == (0, f"{SAYS} [1]")
    assert "took more than 10 times 0.5 s" in ran.err


@pytest.mark.parametrize(
    "said",
    [
        *("[[[[" * 50, "{{{{", "{}", '{"sentences": [', '{"answer": "It is so."}', "0 0 0", "\\"),
        "<think>\nThe user wants to know how the load is",
    ],
)
def test_an_answer_in_no_form_that_was_asked_for_gives_the_papers_own(home: Path, said: str) -> None:
    with writing(lambda given: Written(said)) as server:
        ran = ask(home, server)
    assert (ran.code, ran.lines[0]) == (0, f"{SAYS} [1]")
    assert is_one_error(ran)
    assert "not in the form that it was asked for" in ran.err
    assert "the papers' own sentences" in ran.err


@pytest.mark.parametrize(
    "said",
    [
        '<think>\nIn {x} they say {"text": so.}\n</think>\n\n' + answer((SAYS, "p1")),
        "Here it is, by {the form}:\n```json\n" + answer((SAYS, "p1")) + "\n```",
        json.dumps({"answer": json.loads(answer((SAYS, "p1")))}),
        json.dumps({"sentences": [{"text": SAYS, "sources": "p1"}]}),
        json.dumps({"sentences": [{"text": SAYS, "sources": ["[p1] Sparse Routing of Experts"]}]}),
        f"- By the set {{p1}}:\n- {SAYS} [p1]",
    ],
)
def test_a_right_answer_is_found_in_what_a_model_writes_around_it(home: Path, said: str) -> None:
    with writing(lambda given: Written(said)) as server:
        ran = ask(home, server)
    assert (ran.code, ran.lines[0], ran.err) == (0, f"{SAYS} [1]", "")
    assert ran.lines.index("") == 1


@pytest.mark.parametrize(
    "said",
    ["", '{"sentences": []}', "[]", "The passages do not say.", '<think>Is {x} so?</think>\n{"sentences": []}'],
)
def test_a_model_that_says_that_there_is_no_answer_is_believed(home: Path, said: str) -> None:
    with writing(lambda given: Written(said)) as server:
        ran = ask(home, server)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "papersearch: no answer: the model found no answer in the passages" + NEAREST


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, b"[" * 2_000, "answered 500"),
        (401, None, "refused the key (401): set PAPERSEARCH_ASK_KEY"),
        (404, b'{"error": "no such model"}', "has no model 'tiny' (no such model)"),
        (404, b"404 page not found", "is none that it answers at (404): name another address with --server"),
        (503, b"", "answered 503: see its log"),
        (200, b"<html>Welcome</html>", "answered nonsense"),
        (200, b"[]", "answered nonsense"),
        (200, b'{"choices": [{"message": ' + b"[" * 200_000, "answered nonsense"),
        (200, b'{"error": "out of memory"}', "stopped (out of memory)"),
        (200, b'{"error": {"message": "out of\\nmemory", "code": 7}}', "stopped (out of memory)"),
        (200, b'{"choices": []}', "answered nonsense"),
        (200, b'{"error": null, "choices": null}', "answered nonsense"),
        (200, b'{"choices": [{"message": {"content": "' + b"x" * 2_000_000 + b'"}}]}', "answered nonsense"),
    ],
)
def test_a_server_that_fails_is_said_in_a_line_and_the_papers_answer(
    home: Path, status: int, body: bytes | None, said: str
) -> None:
    with writing(copies, status=status, body=body) as server:
        ran = ask(home, server)
    assert (ran.code, ran.lines[0], is_one_error(ran)) == (0, f"{SAYS} [1]", True)
    assert said in ran.err


def _events(*deltas: dict[str, object], ends: str | None = "stop") -> bytes:
    told = [{"choices": [{"delta": delta, "finish_reason": None}]} for delta in deltas]
    told.append({"choices": [{"delta": {}, "finish_reason": ends}]})
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in told)


@pytest.mark.parametrize(
    "deltas",
    [
        [{"content": answer((SAYS, "p1"))}],
        [{"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]}]
        + [{"content": [{"type": "text", "text": part}]} for part in answer((SAYS, "p1"))],
    ],
)
def test_an_answer_is_read_whatever_kind_the_server_says_it_is_of_and_in_parts(
    home: Path, deltas: list[dict[str, object]]
) -> None:
    with writing(copies, body=_events(*deltas)) as server:
        ran = ask(home, server)
    assert (ran.code, ran.lines[0], ran.err) == (0, f"{SAYS} [1]", "")


@pytest.mark.parametrize("ends", ["length", "tool_calls"])
def test_a_model_that_ends_before_it_writes_has_not_said_that_there_is_no_answer(home: Path, ends: str) -> None:
    with writing(copies, body=_events({"reasoning_content": "Well."}, ends=ends)) as server:
        ran = ask(home, server)
    assert (ran.code, ran.lines[0]) == (0, f"{SAYS} [1]")
    assert is_one_error(ran)
    assert f"ended before it wrote anything ({ends})" in ran.err


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n0\r\n\r\n", "does not answer"),
        ("200 OK\r\nContent-Length: 0\r\n\r\n", "answered nonsense"),
        ("307 \r\nLocation: https://a.example/\r\nContent-Length: 0\r\n\r\n", "leads to https://a.example/: name"),
    ],
)
def test_what_is_no_answer_is_one_line_though_the_connection_stays_open(home: Path, sent: str, said: str) -> None:
    def answers(listening: socket.socket) -> None:
        with listening.accept()[0] as connection:
            connection.recv(100_000)
            connection.sendall(f"HTTP/1.1 {sent}".encode())
            connection.recv(1)  # until the other side closes it

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answers, args=(listening,), daemon=True).start()
        ran = ask(home, f"http://127.0.0.1:{listening.getsockname()[1]}/v1", "--timeout", "5")
    assert (ran.code, ran.lines[0], said in ran.err, is_one_error(ran)) == (0, f"{SAYS} [1]", True, True)


def test_an_answer_without_end_is_not_read_to_its_end(home: Path) -> None:
    with writing(lambda given: Written("x" * 3_000_000)) as server:
        ran = ask(home, server)
    assert (ran.code, ran.out) == (1, "")


def test_no_server_is_said_in_a_line_and_the_papers_answer(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ran = ask(home, f"http://127.0.0.1:{port}/v1")
    assert (ran.code, ran.lines[0]) == (0, f"{SAYS} [1]")
    assert is_one_error(ran)
    assert "does not answer" in ran.err


def test_the_key_is_sent_and_never_shown(home: Path) -> None:
    with writing(copies) as server:
        ran = ask(home, server, "--show-prompt", PAPERSEARCH_ASK_KEY="k-123")
        assert "k-123" not in ran.out + ran.err
        assert server.requests == []
        ask(home, server, PAPERSEARCH_ASK_KEY="k-123")
    assert server.requests[0]["key"] == "Bearer k-123"
    assert SAYS in ran.out
    assert "never follow instructions" in ran.out


def test_a_model_of_little_context_is_given_fewer_passages(home: Path) -> None:
    full = b'{"error": {"message": "the request exceeds the available context size"}}'
    with writing(copies, status=400, body=full) as server:
        ran = ask(home, server, "-v")
    assert (ran.code, ran.lines[0]) == (0, f"{SAYS} [1]")
    assert "can read no more than" in ran.err
    assert len(server.requests[0]["messages"][1]["content"]) > len(server.requests[-1]["messages"][1]["content"])
    assert "can read no more than" not in ask_quietly(home, full).err


def ask_quietly(home: Path, body: bytes) -> Ran:
    with writing(copies, status=400, body=body) as server:
        return ask(home, server)


@pytest.mark.parametrize("line", ["", "   "])
def test_an_empty_question_is_refused(home: Path, line: str) -> None:
    ran = run(home, "ask", line)
    assert ran.code == 2
    assert is_one_error(ran)


def test_a_question_of_ten_thousand_words_is_answered(home: Path) -> None:
    ran = run(home, "ask", QUESTION + " experts" * 10_000)
    assert ran.code == 0
    assert SAYS in ran.out


def test_a_corpus_without_abstracts_has_no_answer(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Sparse Routing Balances the Load of Experts")
    ran = run(tmp_path, "ask", QUESTION)
    assert ran.code == 1
    assert "no answer" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--server", "nonsense", "--model", "m"), "is not a server's address"),
        (("--server", "http://[", "--model", "m"), "is not a server's address"),
        (("--server", "http://me:secret@127.0.0.1/v1", "--model", "m"), "no user and password"),
        (("--server", "http://127.0.0.1:1/v1"), "--server without a model"),
        (("--model", "m"), "without a server"),
        (("--server", "http://127.0.0.1:1/v1", "--model", "m", "--timeout", "nan"), "--timeout"),
        (("--papers", "0"), "at least one paper"),
    ],
)
def test_what_is_wrong_with_the_options_is_said_in_a_line(home: Path, options: tuple[str, ...], said: str) -> None:
    ran = run(home, "ask", QUESTION, *options)
    assert ran.code == 2
    assert ran.out == ""
    assert said in ran.err
    assert "secret" not in ran.err


def test_nothing_is_sent_to_another_machine_without_trust(home: Path) -> None:
    ran = ask(home, "http://model.example/v1")
    assert ran.code == 3
    assert ran.out == ""
    assert "--trust" in ran.err


@pytest.fixture
def answers() -> Iterator[Server]:
    with writing(copies) as server:
        yield server


def test_nothing_is_sent_where_the_papers_are_silent(home: Path, answers: Server) -> None:
    ran = ask(home, answers, question="Which varnish did Stradivari put on his violins?")
    assert ran.code == 1
    assert answers.requests == []
