"""Text made fit for showing."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from papersearch.text import display


@given(st.text())
def test_replacing_keeps_every_offset(text: str) -> None:
    assert len(display.one_line(text)) == len(display.lines(text)) == len(text)


@given(st.text(), st.integers(2, 60))
def test_wrapping_loses_no_word_and_no_line_is_too_wide_unless_it_is_one_word(text: str, columns: int) -> None:
    lines = display.wrap(text, columns)
    assert "".join("".join(lines).split()) == "".join(display.one_line(text).split())
    for line in lines:
        assert display.width(line) <= columns or len(display.breaks(line, 1)) == 1


@given(st.text("ab \n\u00a0\u202f“”’…é\u1100\u1200\u2e7f\u2e80（混。、 "))
def test_the_cheap_way_to_wrap_breaks_where_the_thorough_one_does(text: str) -> None:
    thorough = [found.span() for found in display._any_pieces().finditer(text) if not found["blank"]]
    assert [*display._pieces(text)] == thorough


def test_wide_characters_are_told_by_their_ranges() -> None:
    pattern = re.compile(f"[{display._WIDE}]")
    characters = [*map(chr, range(0x110000))]
    assert [*map(display._is_wide, characters)] == [*map(bool, map(pattern.match, characters))]


def test_nothing_that_steers_is_printable() -> None:
    steering = [character for character in map(chr, range(0x110000)) if display._steering().match(character)]
    assert steering
    assert not any(map(str.isprintable, steering))


def test_control_codes_and_overrides_are_replaced_and_marks_stay() -> None:
    assert display.one_line("a\tb\nc\x1b[1m\x9b\u202e\u200f\udcff") == "a b c\ufffd[1m\ufffd\ufffd\u200f\ufffd"
    assert display.lines("a\tb\n\x1b") == "a\tb\n\ufffd"
    reordering = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # embeddings, overrides, isolates
    assert display.one_line(reordering) == display.lines(reordering) == "\ufffd" * len(reordering)


def test_widths_are_those_of_a_terminal() -> None:
    assert display.width("abc") == 3
    assert display.width("混合") == 4
    assert display.width("e\u0301\u200b") == 1
    assert display.width(unicodedata.normalize("NFD", "한국어")) == display.width("한국어") == 6
    assert display.pad("混", 4) == "混  "
    assert display.shorten("混合专家", 5) == "混合…"
    assert display.shorten("abc", 3) == "abc"
    assert display.shorten("abcd", 3) == "ab…"
    assert display.shorten("a bcd", 3) == "a…"


def test_wide_text_breaks_between_characters_and_keeps_its_closing_marks() -> None:
    assert display.wrap("混合专家，模型", 8) == ["混合专", "家，模型"]
    assert display.wrap("见（Mixture of Experts）模型", 10) == ["见", "（Mixture", "of", "Experts）", "模型"]


def test_no_break_spaces_hold_together() -> None:
    assert display.wrap("took 4\u00a0ms", 7) == ["took", "4\u00a0ms"]
