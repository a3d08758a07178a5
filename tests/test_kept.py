"""What is kept from one run to the next: no run loses what another one keeps, nor what cannot be read just now."""

from __future__ import annotations

import errno
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import papersearch
from papersearch.apps import since_last, trust
from papersearch.core import json_file
from papersearch.core.errors import PapersearchError
from papersearch.engine.index import generation
from papersearch.engine.index.files import PLAIN_FILES
from tests.corpora import write_post
from tests.disturbances import refuse


def test_what_many_keep_at_once_is_kept_of_all(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.json")

    def add(number: int) -> None:
        json_file.update(path, lambda said: said.update({str(number): number}))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(100)))
    assert json_file.read(path) == {str(number): number for number in range(100)}
    assert os.listdir(tmp_path) == ["kept.json"]


DRAFT = f"papersearch_{'0a' * 16}.draft"


def test_a_folder_that_another_program_holds_keeps_nobody_for_ever_and_its_draft_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(json_file, "_LONGEST_S", 0.05)
    (tmp_path / DRAFT).touch()
    holder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        json_file.update(str(tmp_path / "kept.json"), lambda said: said.update(a=1), make_folder=True)
    finally:
        os.close(holder)
    assert json_file.read(str(tmp_path / "kept.json")) == {"a": 1}
    assert (tmp_path / DRAFT).exists()


@pytest.mark.parametrize("refuses", ["open", "flock"])
def test_where_a_folder_cannot_be_locked_it_is_kept_all_the_same(
    refuses: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on some network disks, and in a folder whose names may not be listed."""
    fcntl = pytest.importorskip("fcntl")
    opened = os.open

    def refuse(what: object, *rest: int, **_: object) -> int:
        if what == str(tmp_path) or refuses == "flock":
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
        return opened(what, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(*(os, "open", refuse) if refuses == "open" else (fcntl, "flock", refuse))
    json_file.update(str(tmp_path / "kept.json"), lambda said: said.update(a=1))
    assert json_file.read(str(tmp_path / "kept.json")) == {"a": 1}


@pytest.mark.parametrize("users", [True, False], ids=["the user's", "an index"])
def test_what_a_killed_process_left_in_a_folder_of_the_users_goes_and_nothing_else(users: bool, tmp_path: Path) -> None:
    """In the folder of an index, a draft may be that of a run which is at work."""
    pytest.importorskip("fcntl")
    theirs = {"papersearch_mine.draft", f"a_{DRAFT}", f"{DRAFT}s"}
    for name in (DRAFT, *theirs):
        (tmp_path / name).write_text("{}")
    json_file.update(str(tmp_path / "kept.json"), lambda said: said.update(a=1), make_folder=users)
    assert {*os.listdir(tmp_path)} == {"kept.json", *theirs, *([] if users else [DRAFT])}


def test_what_is_kept_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a power cut may leave an empty file, and with it forget all that was kept before."""
    fsync, rename, sizes = os.fsync, os.replace, dict[int, int]()

    def synced(handle: int) -> None:
        fsync(handle)
        sizes[os.fstat(handle).st_ino] = os.fstat(handle).st_size

    def renamed(path: str, to: str) -> None:
        assert sizes[os.stat(path).st_ino] == os.stat(path).st_size > 0
        rename(path, to)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    json_file.update(str(tmp_path / "kept.json"), lambda said: said.update(a=1))
    assert json_file.read(str(tmp_path / "kept.json")) == {"a": 1}


def test_a_run_that_takes_a_draft_for_one_of_a_dead_process_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, swept = os.fsync, list[int]()

    def swept_meanwhile(handle: int) -> None:
        fsync(handle)
        if len(swept) < 2:
            swept.append(len(os.listdir(tmp_path)))
            generation.sweep(str(tmp_path), PLAIN_FILES)

    monkeypatch.setattr(os, "fsync", swept_meanwhile)
    json_file.update(str(tmp_path / "kept.json"), lambda said: said.update(a=1))
    assert swept == [1, 1]
    assert json_file.read(str(tmp_path / "kept.json")) == {"a": 1}


def test_what_cannot_be_read_just_now_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.json"
    path.write_text('{"a": 1}')

    with monkeypatch.context() as broken:
        broken.setattr(json_file, "read_whole", refuse(errno.EIO))
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            json_file.update(str(path), lambda said: said.update(b=2))
    assert path.read_text() == '{"a": 1}'
    json_file.update(str(path), lambda said: said.update(b=2))
    assert json.loads(path.read_text()) == {"a": 1, "b": 2}


@pytest.mark.parametrize("said", ["", "[1]", "null", "{", "[" * 100_000, '{"a": ' + "9" * 5_000 + "}", "\ud800"])
def test_what_is_none_of_ours_says_nothing(tmp_path: Path, said: str) -> None:
    (tmp_path / "kept.json").write_text(said, "utf-8", "surrogatepass")
    assert json_file.read(str(tmp_path / "kept.json")) == {}
    assert json_file.read(str(tmp_path / "kept.json" / "below")) == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_what_is_no_file_says_nothing_and_stays_open_in_no_program_that_stays(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "link.json").symlink_to("kept.json")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "kept.json").write_text('{"a": 1}')
    before = os.listdir("/dev/fd")
    for name in ("folder.json", "link.json", "pipe.json"):
        assert json_file.read(str(tmp_path / name)) == {}
    assert os.listdir("/dev/fd") == before


def test_a_link_of_the_user_to_what_they_trust_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    theirs, link = tmp_path / "dotfiles.json", tmp_path / "papersearch" / "trusted.json"
    theirs.write_text('{"/elsewhere": 1}')
    link.parent.mkdir()
    link.symlink_to(theirs)
    trust.trust(trust.Source(str(tmp_path / "papersearch.toml"), b""))
    assert link.is_symlink()
    assert {*json.loads(theirs.read_text())} == {"/elsewhere", str(tmp_path / "papersearch.toml")}


def test_without_a_home_no_folder_is_made_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as where no name is known for the user
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PapersearchError, match="no home folder"):
        trust.trust(trust.Source(str(tmp_path / "papersearch.toml"), b""))
    assert os.listdir(tmp_path) == []


def test_of_a_cluster_it_is_kept_below_an_absolute_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    place = Path(since_last._place("opensearch://localhost/papers"))
    assert place.is_relative_to(tmp_path / ".local" / "state" / "papersearch")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert Path(since_last._place("opensearch://localhost/papers")).is_relative_to(tmp_path / "state")


def test_what_was_shown_and_cannot_be_read_just_now_is_not_taken_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A digest would show ten papers as if it were the first, and take all others for shown."""
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Otters", "Otters build dams.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")])
    since_last.remember(index, {"otters": since_last.Seen(1)}, "ask otherwise")
    with monkeypatch.context() as broken:
        broken.setattr(json_file, "read_whole", refuse(errno.EIO))
        with pytest.raises(PapersearchError, match=f"shown before cannot be read in .*{os.strerror(errno.EIO)}"):
            since_last.last_seen(index, ["otters"])
    assert since_last.last_seen(index, ["otters"])["otters"] == since_last.Seen(1)


def test_an_index_that_goes_away_meanwhile_is_not_made_again_for_it(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Otters", "Otters build dams.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path / "corpus")])
    shutil.rmtree(tmp_path / "index")
    with pytest.raises(PapersearchError, match=r"what was shown cannot be recorded in .*: ask otherwise"):
        since_last.remember(index, {"otters": since_last.Seen(1)}, "ask otherwise")
    assert not (tmp_path / "index").exists()
