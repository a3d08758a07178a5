"""``papersearch open``: the address of a paper in a browser, its post in an editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import is_one_error, run


def test_open_prints_or_hands_over_the_address_and_the_post(own: Path) -> None:
    run(own, "index")
    assert run(own, "open", "2401.00001", "--print").lines == ["http://arxiv.org/abs/2401.00001"]
    assert run(own, "open", "2401.00001", "--post", "--print").lines == ["corpus/2401.00001.md"]
    assert (
        run(own, "open", "2401.00001", "--post", EDITOR="echo edit", VISUAL="").out == "edit +18 corpus/2401.00001.md\n"
    )
    assert run(own, "open", "2401.00001", BROWSER="echo %s").out == "http://arxiv.org/abs/2401.00001\n"
    for broken in ("  ", "\t"):
        assert run(own, "open", "2401.00001", "--post", EDITOR=broken, VISUAL="", PATH="/nowhere").err == (
            "papersearch: the editor vi cannot be started: set EDITOR\n"
        )
    for broken in ("'vi", 'vi "', "vi \\"):
        ran = run(own, "open", "2401.00001", "--post", EDITOR=broken, VISUAL="")
        assert ran.code == 3
        assert is_one_error(ran), ran.err
        assert "set EDITOR" in ran.err
    none = run(own, "open", "2401.00001", "--post", EDITOR="no-such-editor", VISUAL="")
    assert (none.code, none.err) == (3, "papersearch: the editor no-such-editor cannot be started: set EDITOR\n")
    assert run(own, "open", "2401.00001", "--post", EDITOR="sh -c 'kill -9 $$'", VISUAL="").code == 137


@pytest.mark.parametrize("name", ["-notes.md", "+notes.md"])
def test_a_post_whose_name_looks_like_an_option_is_none_to_the_editor(own: Path, name: str) -> None:
    (own / "corpus" / name).write_text("# Odd otters\n\nThey swim.\n", "utf-8")
    assert run(own, "index").code == 0
    paper_id = run(own, "query", "odd otters", "-n", "1", "-f", "ids").lines[0]
    line = ("open", "--post", "--index", "../index", "--", paper_id)
    shown = run(own / "corpus", *line, EDITOR="echo edit", VISUAL="")
    assert shown.out.split()[-1] == f"./{name}"


def test_a_post_that_is_gone_is_not_begun_anew_in_an_editor(own: Path) -> None:
    run(own, "index")
    (own / "corpus").rename(own / "away")
    ran = run(own, "open", "2401.00001", "--post", EDITOR="echo edit", VISUAL="")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        "papersearch: the post corpus/2401.00001.md is gone: papersearch index brings the index up to date\n"
    )


def test_an_address_in_capitals_is_opened(own: Path) -> None:
    text = "---\ntitle: In capitals\nurl: HTTPS://Example.org/a\n---\n## Abstract\n\nLoud.\n"
    (own / "corpus" / "2401.00007.md").write_text(text, "utf-8")
    run(own, "index")
    assert run(own, "open", "2401.00007", BROWSER="echo %s").out == "HTTPS://Example.org/a\n"
