"""What posts say, read off the posts themselves, to compare answers with."""

from __future__ import annotations

import papersearch
from papersearch.core.fields import FIELDS
from papersearch.core.records import Answer, Post
from papersearch.engine.build.invert import field_values
from papersearch.posts.parse import parse
from papersearch.text import words
from tests.corpora import SAMPLE


def ids(answer: Answer) -> list[str]:
    """The papers of a page, in order."""
    return [hit.id for hit in answer.results]


def everything(index: papersearch.Index, query: str, **options: object) -> list[str]:
    """All papers that a query finds, in order."""
    answer = index.search(query, limit=1_000, snippets=False, **options)
    assert len(answer.results) == answer.total
    return ids(answer)


def sample_posts() -> list[Post]:
    """The sample posts that are shown: one for each paper, of several the newest version."""
    shown: dict[str, Post] = {}
    for path in sorted(SAMPLE.glob("*.md")):
        post = parse(str(path), path.read_bytes())
        other = shown.get(post.id)
        if other is None or (post.version or 0, post.posted or "") > (other.version or 0, other.posted or ""):
            shown[post.id] = post
    return list(shown.values())


def date_of(post: Post) -> str:
    """The day that a paper was published, or else posted."""
    return (post.published or post.posted or "")[:10]


def field_texts(post: Post) -> list[str]:
    """The text of each field, in table order."""
    return [*map("\n".join, field_values(post))]


def holds(post: Post, word: str, only: str | None = None) -> bool:
    """Whether a word occurs in a post, or in its field ``only``, in any of its forms."""
    term = words.stem(word)
    for field, text in zip(FIELDS, field_texts(post), strict=True):
        terms, extras = words.analyze(text)
        if only in (None, field.name) and (term in terms or term in extras):
            return True
    return False
