"""A post as its generator writes it, and what is read of a post."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from papersearch.core.frozen import as_dict
from papersearch.core.records import Post
from papersearch.posts.parse import parse

PAGE = (Path(__file__).parent.parent / "docs" / "what-papersearch-reads.md").read_text(encoding="utf-8")
# Name, text and facts of each note that the documentation shows.
EXAMPLES: list[tuple[str, str, str]] = re.findall(
    r'^~~~~markdown title="([^"]+)"\n(.*?)^~~~~\n\n```json\n(.*?)\n```', PAGE, re.MULTILINE | re.DOTALL
)
FRONT = """\
---
author: blogger
cover:
  alt: cover
  url: https://pictures.example/cover.jpg
description: ''
featured: true
keywords: key1, key2, key3
layout: ../../layouts/MarkdownPost.astro
meta:
- content: Lovelace et.al.
  name: author
- content: key3, key4
  name: keywords
pubDate: '2024-12-23 11:35:38'
tags:
- engines
- dataset
theme: light
title: EndtoEnd Engines
---

"""
BODY = """\
# title: EndtoEnd Engines 
## publish date: 
**2024-12-19** 
## authors: 
  Lovelace et.al. 
## paper id
2412.15115v1
## download
[2412.15115v1](http://arxiv.org/abs/2412.15115v1)
## abstracts:
An end-to-end engine weaves numbers.
## QA:
coming soon
"""  # noqa: W291


def read(text: str, path: str = "corpus/Engines.md") -> Post:
    return parse(path, text.encode("utf-8", "surrogatepass"))


def read_note(text: str, path: str = "posts/note.md") -> Post:
    """What is read of a note in a file whose name says nothing."""
    return read(text, path)


def reasons(post: Post) -> list[str]:
    return [problem.reason for problem in post.problems]


def texts(post: Post) -> Iterator[str]:
    """Every text of a post but its path."""
    for name, value in as_dict(post).items():
        if name != "path":
            yield from (value if isinstance(value, tuple) else (value,))
    yield from reasons(post)
