"""Folders that change while they are listed: some file systems then leave out a file, or name it twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from papersearch.posts.scan import walk

SCANDIR = os.scandir
Listed = Callable[[Iterator[os.DirEntry[str]]], Iterable[os.DirEntry[str]]]


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Three posts, in a folder that did not change for long."""
    folder = tmp_path / "posts"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.md").write_text(name)
    os.utime(folder, (1, 1))
    return folder


def walk_listing(posts: Path, listed: Listed) -> list[str]:
    """What is found in a folder of which the system lists what ``listed`` makes of its entries."""

    @contextmanager
    def scandir(folder: str) -> Iterator[Iterable[os.DirEntry[str]]]:
        with SCANDIR(folder) as entries:
            yield listed(entries)

    with pytest.MonkeyPatch.context() as system:
        system.setattr(os, "scandir", scandir)
        states, problems = walk([str(posts)])
    assert problems == []
    assert [state.size for state in states] == [os.path.getsize(state.path) for state in states]
    return [os.path.basename(state.path) for state in states]


def test_a_post_that_is_replaced_while_its_folder_is_listed_is_not_missed(posts: Path) -> None:
    """As on btrfs and tmpfs, where its new entry comes after all that a listing shows, which has begun before."""

    def replacing(entries: Iterator[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        for entry in entries:
            if entry.name != "b.md" or (posts / "b.md").read_text() != "b":
                yield entry
        (posts / ".draft").write_text("another text")
        (posts / ".draft").replace(posts / "b.md")

    assert walk_listing(posts, replacing) == ["a.md", "b.md", "c.md"]


def test_a_folder_that_never_rests_is_listed_once_more(posts: Path) -> None:
    listings = []

    def changing(entries: Iterator[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        yield from entries
        listings.append(len(listings))
        os.utime(posts, (len(listings), 1 + len(listings)))

    assert walk_listing(posts, changing) == ["a.md", "b.md", "c.md"]
    assert len(listings) == 2


def test_a_post_that_is_listed_twice_is_one_as_it_was_last(posts: Path) -> None:
    def repeating(entries: Iterator[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        with SCANDIR(str(posts)) as again:
            yield from entries
            (posts / "a.md").write_text("longer than it was")
            yield from again

    assert walk_listing(posts, repeating) == ["a.md", "b.md", "c.md"]
