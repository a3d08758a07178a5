"""What the tests of the store share: changing corpora, everything an index answers, and files that fail on purpose."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from papersearch import library
from papersearch.core.fields import FACETS
from papersearch.core.records import Problem, Summary
from papersearch.engine.build import update as writer
from papersearch.engine.index.files import PLAIN_FILES, Files
from papersearch.engine.port import RunOptions
from tests.corpora import write_post

WORDS = (
    "sparse routing experts diffusion graph network token image robot memory attention policy speech retrieval".split()
)
QUESTIONS = ("sparse routing", "title:diffusion model", "robot", '"attention policy" memory', '"zero-shot" retrieval')


def papers_in(home: Path) -> int:
    """How many papers there are in the index of a folder."""
    return library.Index(str(home / "index")).stats(look=False).papers


def random_post(folder: Path, number: int, chance: random.Random) -> Path:
    """A post of random words; two of three numbers share a paper id with another now and then."""
    words = [chance.choice(WORDS) for _ in range(chance.randint(5, 40))]
    version = chance.randint(1, 3)
    paper_id = f"24{chance.randint(1, 12):02}.{number // 2 if number % 5 == 0 else number:05}v{version}"
    return write_post(folder, paper_id, " ".join(words[:5]).title(), " ".join(words) + ".", name=f"post{number}")


def random_posts(folder: Path, count: int, chance: random.Random) -> None:
    """Posts of random words of the numbers from 0 on, in a folder that is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        random_post(folder, number, chance)


def age(folder: Path) -> None:
    """Make the posts of a folder as old as most are, so that their times tell whether they changed."""
    for path in folder.glob("*.md"):
        os.utime(path, (1_700_000_000, 1_700_000_000))


def change(folder: Path, chance: random.Random, most: int = 12) -> None:
    """Add, rewrite, touch, rename and delete some posts."""
    for _ in range(chance.randint(1, most)):
        posts = sorted(folder.glob("*.md"))
        kind = chance.choice(("add", "add", "rewrite", "touch", "rename", "delete"))
        if kind == "add" or not posts:
            random_post(folder, chance.randint(0, 10_000), chance)
            continue
        path = chance.choice(posts)
        if kind == "rewrite":
            random_post(folder, int(path.stem[4:].split("-")[0]), chance)
        elif kind == "touch":
            os.utime(path, ns=(time_ns := chance.randint(10**18, 17 * 10**17), time_ns))
        elif kind == "rename":
            path.rename(path.with_name(f"{path.stem.split('-')[0]}-{chance.randint(0, 99)}.md"))
        else:
            path.unlink()


def update(index: Path, folder: Path, files: Files = PLAIN_FILES, **how: Any) -> Summary:
    """One index run in this process."""
    return writer.update(str(index), [str(folder)], writer.Options(RunOptions(jobs=1, **how), files=files))


def answers(index: Path) -> dict[str, Any]:
    """Everything that can be asked: for each question ids and scores in order; all papers with their other posts."""
    opened = library.Index(str(index))
    found: dict[str, Any] = {}
    for question in QUESTIONS:
        page = opened.search(question, limit=200, snippets=False)
        found[question] = (page.total, page.total_all, [(hit.id, hit.score, hit.path) for hit in page.results])
    every = opened.search("*", limit=10_000, sort="title", snippets=False).results
    found["*"] = [(hit.id, hit.version, hit.title, hit.path, [post.path for post in hit.other_posts]) for hit in every]
    found |= {by: opened.facets(by) for by in FACETS}
    for hit in every[:3]:
        found[hit.id] = [(like.id, like.score) for like in opened.similar(hit.id, snippets=False).results]
    stats = opened.stats(look=False)
    return found | {"papers": stats.papers, "posts": stats.posts}


def fresh_answers(folder: Path, place: Path) -> dict[str, Any]:
    """What an index answers that is built anew."""
    update(place, folder)
    return answers(place)


def problems_of_index(index: Path, posts: Path) -> list[Problem]:
    """What is wrong with an index, which may be told of a post; not what is wrong with the posts."""
    found = library.check(str(index), [str(posts)])
    return [each for each in found if each.path.startswith(str(index)) or "the index" in each.reason]


def leftovers(index: Path) -> set[str]:
    """Files of an index folder that its newest state does not need."""
    from papersearch.engine.index import generation
    from papersearch.engine.index.folder import LOCK_FILE

    needed = generation.load(str(index)).files() | {LOCK_FILE}
    return set(os.listdir(index)) - needed


@contextmanager
def synced_in_time(index: Path) -> Iterator[list[str]]:
    """Raise ``AssertionError`` where a file that says which others there are gets its name before these and their names
    are on the disk. A power cut keeps of a file what was synced, and of its name what was there when its folder was.
    Yields the names of such files; in the end they must be on the disk too."""
    old = {*os.listdir(index)}
    names, sizes, commits = {*old}, dict[int, int](), list[str]()
    fsync, rename, folder = os.fsync, os.replace, index.stat().st_ino

    def synced(handle: int) -> None:
        fsync(handle)
        status = os.fstat(handle)
        sizes[status.st_ino] = status.st_size
        if status.st_ino == folder:
            names.update(os.listdir(index))

    def renamed(path: str, to: str) -> None:
        rename(path, to)
        status = os.stat(to)
        assert sizes[status.st_ino] == status.st_size, to
        if to.endswith((".toc", ".meaning")):
            commits.append(os.path.basename(to))
            new = {*os.listdir(index)}.difference(old, commits)
            assert new <= names, new - names
            for status in map(os.stat, map(index.joinpath, new)):
                assert sizes[status.st_ino] == status.st_size, new

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", synced)
        patch.setattr(os, "replace", renamed)
        yield commits
    assert names.issuperset(commits)


class Failing(Files):
    """Files of which the ``fatal``-th operation fails with an error of the system, or does ``act`` instead. A full disk
    stays full: with ``for_good``, every later operation that needs space fails too."""

    def __init__(
        self,
        fatal: int,
        act: Callable[[], None] | None = None,
        code: int = errno.ENOSPC,
        for_good: bool = False,
    ) -> None:
        self.fatal, self.count = fatal, 0
        self._code, self._for_good = code, for_good
        self._act = act or self._refuse

    def _refuse(self) -> None:
        raise OSError(self._code, os.strerror(self._code))

    def _tick(self, needs_space: bool = True) -> None:
        self.count += 1
        if self.count == self.fatal or (self._for_good and needs_space and 0 < self.fatal < self.count):
            self._act()

    def create(self, path: str) -> BinaryIO:
        self._tick()
        return _FailingFile(super().create(path), self._tick)  # type: ignore[return-value]

    def sync(self, file: BinaryIO) -> None:
        self._tick()
        super().sync(file)

    def rename(self, old: str, new: str) -> None:
        self._tick(needs_space=False)
        super().rename(old, new)

    def sync_folder(self, folder: str) -> None:
        self._tick(needs_space=False)
        super().sync_folder(folder)

    def remove(self, path: str) -> None:
        self._tick(needs_space=False)
        super().remove(path)


class _FailingFile:
    """A file whose writes count, and leave half of what they were given when they fail."""

    def __init__(self, file: BinaryIO, tick: Callable[[], None]) -> None:
        self._file, self._tick = file, tick

    def write(self, data: Any) -> int:
        try:
            self._tick()
        except BaseException:
            self._file.write(bytes(data)[: len(data) // 2])
            raise
        return self._file.write(data)

    def writelines(self, lines: Iterable[Any]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
