"""How many posts changed since they were indexed, as the server tells it: compared aside, now and then."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Queue
from types import SimpleNamespace

import pytest

import papersearch
from papersearch import library
from papersearch.apps.current import CurrentIndex
from tests.corpora import write_post
from tests.processes import LONGEST_S, wait_for


def test_how_many_posts_changed_is_told_as_soon_as_it_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _one_post_behind(tmp_path)
    posts = tmp_path / "corpus"
    said: list[str] = []
    current = CurrentIndex(str(tmp_path / "index"), None, said.append)
    assert current.stale() is None  # no index is open
    current.index()
    wait_for("the comparison", lambda: current.stale() == 1)
    write_post(posts, "2401.00003", "Quokkas")
    assert current.stale() == 1  # as of a moment ago
    monkeypatch.setattr("papersearch.apps.current._COMPARE_EVERY_S", 0.0)
    wait_for("the next comparison", lambda: current.stale() == 2)
    posts.rename(tmp_path / "away")
    wait_for("one that fails", lambda: current.stale() is None)
    assert said == []
    monkeypatch.setattr(library.Index, "stale", lambda _: 1 / 0)
    wait_for("one that fails for a reason that nobody foresaw", lambda: current.stale() is None and said)
    assert len(said) == 1
    assert "ZeroDivisionError" in said[0]


def test_posts_that_were_indexed_meanwhile_are_not_told_as_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = _one_post_behind(tmp_path)
    monkeypatch.setattr("papersearch.apps.current._LOOK_EVERY_S", 0.0)
    current = CurrentIndex(str(tmp_path / "index"), None, str)
    current.index()
    wait_for("the comparison", lambda: current.stale() == 1)
    index.update(jobs=1)
    current.index()
    assert current.stale() != 1
    wait_for("the next comparison", lambda: current.stale() == 0)


def test_a_comparison_that_ends_after_the_posts_were_indexed_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = _one_post_behind(tmp_path)
    monkeypatch.setattr("papersearch.apps.current._LOOK_EVERY_S", 0.0)
    stale, begun, goes_on = library.Index.stale, Queue[threading.Thread](), {1: Queue[None](), 0: Queue[None]()}

    def slow(index: library.Index) -> int:
        found = stale(index)
        begun.put(threading.current_thread())
        goes_on[found].get(timeout=LONGEST_S)
        return found

    monkeypatch.setattr(library.Index, "stale", slow)
    current = CurrentIndex(str(tmp_path / "index"), None, str)
    current.index()
    assert current.stale() is None
    before = begun.get(timeout=LONGEST_S)
    index.update(jobs=1)
    current.index()
    assert current.stale() is None
    for changed, comparison, told in ((1, before, None), (0, begun.get(timeout=LONGEST_S), 0)):
        goes_on[changed].put(None)
        comparison.join(LONGEST_S)
        assert current.stale() == told


def test_who_asks_often_has_changes_looked_for_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time would list the index folder for every key that somebody types, and compare all posts."""
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Wombats")
    papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")], jobs=1)
    now, done = 1.0, Queue[str]()
    monkeypatch.setattr("papersearch.apps.current.time", SimpleNamespace(monotonic=lambda: now))
    for name in ("refresh", "stale"):
        monkeypatch.setattr(library.Index, name, lambda _, name=name: done.put(name))
    current = CurrentIndex(str(tmp_path / "index"), None, str)
    opened = current.index()
    assert current.stale() is None
    assert done.get(timeout=LONGEST_S) == "stale"
    for seconds, looked in ((0.4, []), (0.2, ["refresh"]), (29.3, ["refresh"]), (0.6, ["refresh", "stale"])):
        now += seconds
        for _ in range(3):
            assert current.index() is opened
            current.stale()
        for name in looked:
            assert done.get(timeout=LONGEST_S) == name
        assert done.empty(), seconds


def _one_post_behind(place: Path) -> papersearch.Index:
    """An index of ``corpus``, where one post has come since."""
    posts = place / "corpus"
    posts.mkdir()
    write_post(posts, "2401.00001", "Wombats")
    index = papersearch.build(str(place / "index"), [str(posts)], jobs=1)
    write_post(posts, "2401.00002", "Numbats")
    return index
