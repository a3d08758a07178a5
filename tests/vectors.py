"""Indexes with vectors, made by a server of embeddings, and how like a text each of their papers is."""

from __future__ import annotations

import os
from pathlib import Path

from papersearch.core.records import Summary
from papersearch.engine.build import embed
from papersearch.engine.build import update as writer
from papersearch.engine.index.files import PLAIN_FILES, Files
from papersearch.engine.index.folder import is_of_vectors
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.port import RunOptions, VectorOptions
from papersearch.engine.search.nearest import open_nearest
from tests.embedders import Server


def run(index: Path, posts: Path, server: Server, files: Files = PLAIN_FILES, stage: float = 15.0) -> Summary:
    """An index run that keeps vectors."""
    summary = writer.update(str(index), [str(posts)], writer.Options(RunOptions(jobs=1), files=files))
    embed.complete(str(index), RunOptions(jobs=1, meaning=VectorOptions(True)), server.setting, stage, files)
    return summary


def likenesses(index: Path, text: str = "sparse routing of experts") -> dict[str, float | None]:
    """How like a text every paper is, by its id."""
    reader = IndexReader(str(index))
    nearest = open_nearest(reader, None, False)
    assert nearest is not None
    found: dict[str, float | None] = {}
    for segment, column in zip(reader.segments, nearest.likeness(text).said, strict=True):
        for doc in range(segment.count):
            if segment.live >> doc & 1:
                value = float(column[doc])
                found[segment.documents.stored(doc)["id"]] = None if value != value else value
    return found


def vector_files(index: Path) -> set[str]:
    """The files of an index folder that are of its vectors."""
    return {name for name in os.listdir(index) if is_of_vectors(name)}
