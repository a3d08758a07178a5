"""An opened index in the hands of a program: what it shows of itself, and that it is closed when it is closed."""

from __future__ import annotations

import copy
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

import papersearch
from tests.corpora import write_post

USES: dict[str, Callable[[papersearch.Index], object]] = {
    "ask": lambda index: index.ask("what are experts?"),
    "completions": lambda index: index.completions("ex"),
    "corpus": lambda index: index.corpus,
    "facets": lambda index: index.facets("year"),
    "ids": lambda index: index.ids(),
    "paper": lambda index: index.paper("2401.00001"),
    "refresh": lambda index: index.refresh(),
    "results": lambda index: list(index.results("experts")),
    "run": lambda index: index.run,
    "search": lambda index: index.search("experts"),
    "similar": lambda index: index.similar(text="experts"),
    "stale": lambda index: index.stale(),
    "stats": lambda index: index.stats(),
    "update": lambda index: index.update(),
}


@pytest.fixture
def index(tmp_path: Path) -> papersearch.Index:
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00001v1", "Sparse Routing", "Experts are routed.")
    return papersearch.build(tmp_path / "index", tmp_path / "posts")


def open_files(folder: str) -> list[str]:
    """What this process has open, or mapped, below a folder."""
    held = []
    for number in os.listdir("/proc/self/fd"):
        try:
            held.append(os.readlink(f"/proc/self/fd/{number}"))
        except FileNotFoundError:  # the listing's own
            continue
    held += Path("/proc/self/maps").read_text().split()
    return [path for path in held if path.startswith(folder)]


def test_an_index_shows_where_it_is(index: papersearch.Index) -> None:
    assert repr(index) == f"Index({index.path!r})"


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the system does not tell what is open")
def test_closing_lets_go_of_all_files(index: papersearch.Index) -> None:
    for use in USES.values():
        use(index)
    assert open_files(index.path)
    index.close()
    assert not open_files(index.path)


@pytest.mark.parametrize("use", USES)
def test_a_closed_index_says_that_it_is(use: str, index: papersearch.Index) -> None:
    with index:
        assert USES[use](index) is not None
    index.close()
    with pytest.raises(papersearch.PapersearchError, match="the index is closed: open it again"):
        USES[use](index)


def test_a_copy_of_a_closed_index_is_open(index: papersearch.Index) -> None:
    index.close()
    assert copy.copy(index).search("experts").total == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system cannot fork")
def test_a_process_that_was_forked_while_a_thread_refreshed_can_refresh(index: papersearch.Index) -> None:
    with index._engine._swap:  # type: ignore[attr-defined]  # as another thread of the parent holds it
        child = os.fork()
        if not child:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(20)
            index.refresh()
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
