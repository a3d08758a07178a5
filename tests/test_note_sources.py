"""What programs, models and templates leave in notes: values that say there is none, citations of the paper, pages of
PDFs, lists of links. Each was read wrongly, or not at all, in somebody's notes."""

from __future__ import annotations

import pytest

from papersearch.core.records import Post
from papersearch.posts.parse import parse


def read(text: str, path: str = "posts/note.md") -> Post:
    return parse(path, text.encode())


@pytest.mark.parametrize(
    "nothing",
    [
        "Not specified in the provided text.",
        "not provided",
        "Not explicitly listed (the footer names a lab)",
        "Not available, as the page ends here",
        "未知",
        "未提供",
        "待补充",
        "暂无",
        "不明",
        "なし",
        "정보 없음",
        "unbekannt",
    ],
)
def test_what_says_that_a_fact_is_not_known_is_none_and_stays_text(nothing: str) -> None:
    labels = ("Authors", "Year", "Keywords", "DOI")
    facts = "\n".join(f"- **{label}**: {nothing}" for label in labels)
    post = read(f"# Otters at Work\n\n{facts}\n\n## Summary\nThey build.\n")
    assert (post.authors, post.published, post.tags, post.id) == ((), None, (), "note")
    assert post.abstract.count(nothing) == len(labels)
    assert [problem.reason for problem in post.problems] == ["no date"]
    assert read(f'---\ntitle: Otters\nauthors: "{nothing}"\ndoi: "{nothing}"\n---\nThey build.\n').authors == ()


def test_names_and_titles_may_begin_with_not() -> None:
    post = read("# Notes\n\n- Title: Not All Otters Build\n- Authors: Ada Notley, Bo Sample\n\nThey do not.\n")
    assert (post.title, post.authors) == ("Not All Otters Build", ("Ada Notley", "Bo Sample"))
