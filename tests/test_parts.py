"""Parts of a paper's text: together they are the whole, each keeps its bounds, and says where to go on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papersearch.core.errors import UsageError
from papersearch.output.parts import lines_of, part_of
from tests.commands import follows, is_one_error, run


@given(st.lists(st.text("ab ", max_size=12), min_size=1, max_size=20), st.integers(13, 60))
def test_the_parts_one_after_the_other_are_the_whole(lines: list[str], most: int) -> None:
    whole = "\n".join(lines).rstrip("\n") + "\n"
    parts, place = [], 1
    while place is not None:
        part = part_of(whole, place, most=most)
        assert len(part.text) <= most
        assert not part.cut
        parts.append(part.text)
        place = part.next
    assert "".join(parts) == whole


def test_of_a_line_that_is_too_long_the_start_is_given() -> None:
    part = part_of("abcdef\ngh\n", 1, most=4)
    assert (part.text, part.cut, part.next) == ("abcd\n", True, 2)


@pytest.mark.parametrize("given", ["", "0", "x", "5-4", "-3", "3-", "1-2-3", "٣", "9" * 30])
def test_what_is_no_range_of_lines_is_refused(given: str) -> None:
    with pytest.raises(UsageError):
        lines_of(given)


def test_a_line_or_a_range_of_one_is_understood() -> None:
    assert lines_of("12") == (12, None)
    assert lines_of("12-12") == (12, 12)


def test_show_prints_the_lines_that_were_asked_for(home: Path) -> None:
    whole = run(home, "show", "2412.15115").lines
    ranged = run(home, "show", "2412.15115", "--from", "3-5")
    assert ranged.lines == whole[2:5]
    assert ranged.err == ""
    rest = run(home, "show", "2412.15115", "--from", "5")
    assert rest.lines == whole[4 : 4 + len(rest.lines)]
    assert "corpus/" not in rest.out


def test_show_keeps_to_the_characters_and_says_where_to_go_on(home: Path) -> None:
    first = run(home, "show", "2412.15115", "--max-chars", "120")
    assert 0 < len(first.out) <= 121
    assert is_one_error(first)
    line = first.err.split("--from ")[1].strip()
    told = run(home, "show", "2412.15115", "--from", line, "--json")
    follows("paper", told.json)
    assert told.json["part"]["first"] == int(line)
    assert told.json["part"]["next"] is None
    assert (told.json["abstract"], told.json["qa"]) == ("", "")


def test_mistaken_bounds_are_one_line(home: Path) -> None:
    for options in (["--from", "0"], ["--from", "9999"], ["--max-chars", "-1"], ["--from", "2", "-f", "bibtex"]):
        told = run(home, "show", "2412.15115", *options)
        assert (told.code, told.out) == (2, "")
        assert is_one_error(told)


def test_the_api_has_the_same_bounds(home: Path) -> None:
    pytest.importorskip("httpx")
    testclient = pytest.importorskip("starlette.testclient")
    server = pytest.importorskip("papersearch.apps.web.server")
    from papersearch.apps.current import CurrentIndex

    current = CurrentIndex(str(home / "index"), None, print)
    client = testclient.TestClient(server.application(current), base_url="http://127.0.0.1")
    told = client.get("/api/papers/2412.15115?from=3&max_chars=200").json()
    follows("paper", told)
    assert told["part"] == run(home, "show", "2412.15115", "--from", "3", "--max-chars", "200", "--json").json["part"]
    assert client.get("/api/papers/2412.15115?from=9999").status_code == 400
    lines = client.get("/api/papers/2412.15115?from=3-5").json()["part"]
    assert lines == run(home, "show", "2412.15115", "--from", "3-5", "--json").json["part"]
    for mistaken in ("5-3", "x", "-3", "3-", "1" * 20):
        refused = client.get("/api/papers/2412.15115", params={"from": mistaken})
        assert (refused.status_code, refused.json()["error"]) == (400, f"from {mistaken!r}")
    assert client.get("/api/papers/2412.15115?from=0&max_chars=200").json()["part"]["first"] == 1
    whole = client.get("/api/papers/2412.15115").json()
    assert "part" not in whole
    assert whole["abstract"]
