"""Hits: which word of a query what is marked stands for."""

from __future__ import annotations

from pathlib import Path

import papersearch
from tests.corpora import write_post


def test_what_two_words_of_a_query_mean_shows_the_rarer_one(tmp_path: Path) -> None:
    told = f"Reports of remote regions reach readers. {'Nobody knows why. ' * 20}Then came recurrence."
    write_post(tmp_path, "2401.00001", "Otters", told)
    for number in range(2, 9):
        write_post(tmp_path, f"2401.{number:05}", "Beavers", "Reports of remote regions.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    (first, *_) = index.search("re* recurrence").results
    assert any("came recurrence" in snippet.text for snippet in first.snippets)


def test_an_entry_of_bibtex_is_shown_only_where_nothing_else_has_the_words(tmp_path: Path) -> None:
    entry = "@article{example2019otters,\n  title={Otters Build Dams},\n  journal={River}\n}"
    note = f"# Otters Build Dams\n\nOtters are seen.\n\n```\n{entry}\n```\n\nWrite to ada@dams.example of dams.\n"
    (tmp_path / "note.md").write_text(note, encoding="utf-8")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    for query, shown in (
        ("otters build", "Otters are seen."),
        ("dams", "ada@dams.example"),
        ("river journal", "journal={River}"),
    ):
        (first,) = index.search(query).results
        assert any(shown in snippet.text for snippet in first.snippets), query
        assert any("@article" in snippet.text for snippet in first.snippets) == (query == "river journal")
