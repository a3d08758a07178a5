"""A corpus that is out of sight is not an empty one: its papers stay until somebody says that they are gone."""

from __future__ import annotations

import os
import pty
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from papersearch import library
from tests.commands import PAPERSEARCH, environment, follows, is_one_error, permissions_bind, run, run_bound
from tests.corpora import write_post
from tests.processes import LONGEST_S
from tests.stores import papers_in, random_posts


def test_papers_of_a_folder_that_is_gone_stay_and_the_rest_is_indexed(zebras: Path) -> None:
    (zebras / "posts").rename(zebras / "away")
    write_post(zebras / "drafts", "2401.00010v1", "New")
    for _ in range(2):
        ran = run(zebras, "index", "--json")
        assert ran.code == 3
        assert f"there is no folder {zebras / 'posts'}; 3 posts stay in the index; if it was moved, name all" in ran.err
        assert len(ran.err.splitlines()) == 1
        assert (ran.json["total"], ran.json["removed"]) == (7, 0)
        assert [folder["path"] for folder in ran.json["missing"]] == [str(zebras / "posts")]
        follows("summary", ran.json)
    assert papers_in(zebras) == 7
    (zebras / "away").rename(zebras / "posts")
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.err, ran.json["unchanged"], ran.json["added"]) == (0, "", 7, 0)


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def replace_by_a_dead_link(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.symlink_to("nowhere")


def replace_by_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("")


@pytest.mark.parametrize("vanish", [empty, replace_by_a_dead_link, replace_by_a_file, shutil.rmtree])
def test_however_a_folder_vanishes_only_prune_removes_its_papers(vanish: object, zebras: Path) -> None:
    assert callable(vanish)
    vanish(zebras / "posts")
    assert run(zebras, "index").code == 3
    assert papers_in(zebras) == 6
    assert run(zebras, "index", "--rebuild").code == 3
    assert papers_in(zebras) == 6
    assert run(zebras, "query", "zebra", "--refresh").code == 0
    assert papers_in(zebras) == 6
    ran = run(zebras, "index", "--prune", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (0, 3, 3)
    assert run(zebras, "index").code == 0
    assert papers_in(zebras) == 3


def test_with_every_folder_gone_the_index_still_answers_and_tells_what_it_holds(zebras: Path) -> None:
    shutil.rmtree(zebras / "posts")
    shutil.rmtree(zebras / "drafts")
    assert run(zebras, "index").code == 3
    assert run(zebras, "query", "zebra").code == 0
    ran = run(zebras, "stats", "--json")
    assert (ran.code, ran.json["papers"], ran.json["stale"]) == (0, 6, None)
    assert "not known" in run(zebras, "stats").out
    assert run(zebras, "index", "--prune").code == 0
    assert papers_in(zebras) == 0


def test_a_folder_that_was_never_indexed_is_a_wrong_name(zebras: Path) -> None:
    ran = run(zebras, "index", "posts", "drfats")
    assert (ran.code, papers_in(zebras)) == (3, 6)
    assert "there is no folder" in ran.err


@pytest.mark.parametrize("options", [(), ("--rebuild",), ("--quiet", "--json")])
def test_a_folder_without_posts_takes_the_place_of_no_corpus(options: tuple[str, ...], zebras: Path) -> None:
    (zebras / "empty" / "below").mkdir(parents=True)
    (zebras / "empty" / "notes.txt").write_text("no post")
    ran = run(zebras, "index", "empty", *options)
    assert (ran.code, ran.out, papers_in(zebras)) == (3, "", 6)
    assert is_one_error(ran)
    assert f"there are no posts in {zebras / 'empty'}; those that are indexed stay" in ran.err
    assert "--prune" in ran.err
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.json["unchanged"]) == (0, 6)
    ran = run(zebras, "index", "empty", "posts", "drafts", "--json")
    assert (ran.code, ran.json["total"]) == (0, 6)
    assert ran.json["notes"] == [f"there are no posts in {zebras / 'empty'}"]
    assert run(zebras, "index").err == ""
    ran = run(zebras, "index", "empty", "--prune", "--json")
    assert (ran.code, ran.json["removed"], papers_in(zebras)) == (0, 6, 0)


def test_another_corpus_with_posts_takes_the_place_of_the_one_before(zebras: Path) -> None:
    ran = run(zebras, "index", "drafts", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (0, 3, 3)
    assert ran.err == f"papersearch: no longer part of the corpus: {zebras / 'posts'}; to keep it, name all folders\n"
    assert run(zebras, "index", ".").err == ""


def test_a_folder_that_is_named_otherwise_is_no_other_one(zebras: Path) -> None:
    (zebras / "link").symlink_to("posts")
    ran = run(zebras, "index", "link", "drafts", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"], ran.err) == (0, 0, 6, "")


def test_posts_that_are_deleted_are_removed_as_long_as_some_are_left(zebras: Path) -> None:
    (zebras / "posts" / "below").joinpath(os.listdir(zebras / "posts" / "below")[0]).unlink()
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.json["removed"], papers_in(zebras)) == (0, 1, 5)


@pytest.mark.parametrize(("left", "code"), [(24, 3), (25, 0), (60, 0)])
def test_most_of_a_large_folder_gone_at_once_is_not_believed(left: int, code: int, tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    random_posts(posts, 100, random.Random(1))
    assert run(tmp_path, "index", "posts").code == 0
    for path in sorted(posts.iterdir())[left:]:
        path.unlink()
    ran = run(tmp_path, "index", "--json")
    assert (ran.code, ran.json["total"]) == (code, 100 if code else left)
    assert (f"holds only {left} of 100 posts; {100 - left} posts stay" in ran.err) == bool(code)


@pytest.mark.parametrize("options", [(), ("--exclude", "*"), ("--exclude", "*", "--rebuild")])
def test_patterns_that_would_leave_out_a_whole_folder_remove_nothing(options: tuple[str, ...], zebras: Path) -> None:
    if not options:
        (zebras / "papersearch.toml").write_text('exclude = "*"\n')
    for _ in range(2):
        ran = run(zebras, "index", *options)
        assert (ran.code, papers_in(zebras)) == (3, 6)
        assert is_one_error(ran)
        assert "excluding * would leave 0 of 3 posts" in ran.err
        assert "--prune" in ran.err
    (zebras / "papersearch.toml").unlink(missing_ok=True)
    assert run(zebras, "index", "--json").json["unchanged"] == 6  # nor are they remembered
    assert run(zebras, "index", "--exclude", "*", "--prune", "--json").json["removed"] == 6


def test_what_leaves_out_nothing_yet_and_folders_without_posts_are_remembered(zebras: Path) -> None:
    (zebras / "later").mkdir()
    ran = run(zebras, "index", "posts", "drafts", "later", "--exclude", "unread", "--json")
    assert (ran.code, ran.json["unchanged"]) == (0, 6)
    (zebras / "later" / "unread").mkdir()
    for number, name in ((20, "later"), (21, "later/unread")):
        write_post(zebras / name, f"2401.000{number}v1", "Zebra")
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.json["added"], papers_in(zebras)) == (0, 1, 7)


def test_posts_that_are_left_out_or_moved_are_not_missed(zebras: Path) -> None:
    assert run(zebras, "index", "--exclude", "below").code == 0
    assert papers_in(zebras) == 4
    for path in (zebras / "posts").glob("*.md"):
        path.rename(zebras / "drafts" / path.name)
    assert run(zebras, "index").code == 0
    assert papers_in(zebras) == 4


def test_a_folder_whose_name_begins_alike_has_not_vanished_too(zebras: Path) -> None:
    old = zebras / "posts-old"
    old.mkdir()
    write_post(old, "2401.00020v1", "Old zebra")
    gone = write_post(old, "2401.00021v1", "Older zebra")
    assert run(zebras, "index", "posts", "drafts", "posts-old").code == 0
    shutil.rmtree(zebras / "posts")
    gone.unlink()
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (3, 1, 7)


def test_a_folder_of_the_corpus_below_another_one_vanishes_by_itself(zebras: Path) -> None:
    assert run(zebras, "index", "posts", "posts/below", "drafts").code == 0
    empty(zebras / "posts" / "below")
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (3, 0, 6)
    assert [folder["path"] for folder in ran.json["missing"]] == [str(zebras / "posts" / "below")]


def test_papers_behind_a_link_that_leads_nowhere_stay(zebras: Path) -> None:
    disk = zebras / "disk"
    disk.mkdir()
    write_post(disk, "2401.00020v1", "On a disk")
    (zebras / "posts" / "disk").symlink_to(disk)
    assert run(zebras, "index").code == 0
    disk.rename(zebras / "unmounted")
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.json["removed"], papers_in(zebras)) == (0, 0, 7)
    assert library.Index(str(zebras / "index")).stale() == 0  # no run would help
    ran = run(zebras, "index", "--rebuild")
    assert (ran.code, is_one_error(ran), papers_in(zebras)) == (3, True, 7)
    assert "is out of sight" in ran.err
    (zebras / "posts" / "disk").unlink()
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.json["removed"], papers_in(zebras)) == (0, 1, 6)


@permissions_bind
@pytest.mark.parametrize(("name", "code", "left"), [("posts", 3, 3), ("posts/below", 0, 5)])
def test_papers_below_a_folder_that_cannot_be_listed_stay_until_they_are_pruned(
    name: str, code: int, left: int, zebras: Path
) -> None:
    (zebras / name).chmod(0)
    try:
        ran = run_bound(zebras, "index", "--json")
    finally:
        (zebras / name).chmod(0o755)
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (code, 0, 6)
    assert ran.err.count("Permission denied") == 1
    assert "cannot be read (Permission denied)" in ran.err
    (zebras / name).chmod(0)
    try:
        ran = run_bound(zebras, "index", "--prune", "--json")
    finally:
        (zebras / name).chmod(0o755)
    assert (ran.code, ran.json["total"]) == (0, left)


def test_on_a_terminal_it_asks(zebras: Path) -> None:
    shutil.rmtree(zebras / "posts")
    for answer, code, left in (("n", 3, 6), ("y", 0, 3)):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*PAPERSEARCH, "index"],
            cwd=zebras,
            env=environment(TERM="dumb"),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(ours, 1_000)
        os.write(ours, answer.encode() + b"\n")
        assert process.wait(LONGEST_S) == code
        os.close(ours)
        assert papers_in(zebras) == left


@pytest.mark.skipif(os.name == "nt", reason="nobody can remove the current folder")
def test_where_the_current_folder_is_gone_nothing_is_said_of_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(FileNotFoundError):
        library.corpus_of("index")
