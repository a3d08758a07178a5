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
from tests.stores import random_posts


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two corpus folders with three posts each, one of them in a folder below, and an index of both."""
    for number in range(6):
        name = "posts" if number < 3 else "drafts"
        folder = tmp_path / name / ("below" if number % 3 == 2 else "")
        folder.mkdir(parents=True, exist_ok=True)
        write_post(folder, f"2401.0000{number}v1", f"Zebra {number}")
    assert run(tmp_path, "index", "posts", "drafts").code == 0
    return tmp_path


def papers(home: Path) -> int:
    return library.Index(str(home / "index")).stats(look=False).papers


def test_papers_of_a_folder_that_is_gone_stay_and_the_rest_is_indexed(home: Path) -> None:
    (home / "posts").rename(home / "away")
    write_post(home / "drafts", "2401.00010v1", "New")
    for _ in range(2):
        ran = run(home, "index", "--json")
        assert ran.code == 3
        assert f"there is no folder {home / 'posts'}; 3 posts stay in the index" in ran.err
        assert len(ran.err.splitlines()) == 1
        assert (ran.json["total"], ran.json["removed"]) == (7, 0)
        assert [folder["path"] for folder in ran.json["missing"]] == [str(home / "posts")]
        follows("summary", ran.json)
    assert papers(home) == 7
    (home / "away").rename(home / "posts")
    ran = run(home, "index", "--json")
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
def test_however_a_folder_vanishes_only_prune_removes_its_papers(vanish: object, home: Path) -> None:
    assert callable(vanish)
    vanish(home / "posts")
    assert run(home, "index").code == 3
    assert papers(home) == 6
    assert run(home, "index", "--rebuild").code == 3
    assert papers(home) == 6
    assert run(home, "query", "zebra", "--refresh").code == 0
    assert papers(home) == 6
    ran = run(home, "index", "--prune", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (0, 3, 3)
    assert run(home, "index").code == 0
    assert papers(home) == 3


def test_with_every_folder_gone_the_index_still_answers_and_tells_what_it_holds(home: Path) -> None:
    shutil.rmtree(home / "posts")
    shutil.rmtree(home / "drafts")
    assert run(home, "index").code == 3
    assert run(home, "query", "zebra").code == 0
    ran = run(home, "stats", "--json")
    assert (ran.code, ran.json["papers"], ran.json["stale"]) == (0, 6, None)
    assert "not known" in run(home, "stats").out
    assert run(home, "index", "--prune").code == 0
    assert papers(home) == 0


def test_a_folder_that_was_never_indexed_is_a_wrong_name(home: Path) -> None:
    ran = run(home, "index", "posts", "drfats")
    assert (ran.code, papers(home)) == (3, 6)
    assert "there is no folder" in ran.err


@pytest.mark.parametrize("options", [(), ("--rebuild",), ("--quiet", "--json")])
def test_a_folder_without_posts_takes_the_place_of_no_corpus(options: tuple[str, ...], home: Path) -> None:
    (home / "empty" / "below").mkdir(parents=True)
    (home / "empty" / "notes.txt").write_text("no post")
    ran = run(home, "index", "empty", *options)
    assert (ran.code, ran.out, papers(home)) == (3, "", 6)
    assert is_one_error(ran)
    assert f"there are no posts in {home / 'empty'}; those that are indexed stay" in ran.err
    assert "--prune" in ran.err
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["unchanged"]) == (0, 6)
    ran = run(home, "index", "empty", "posts", "drafts", "--json")
    assert (ran.code, ran.json["total"]) == (0, 6)
    assert ran.json["notes"] == [f"there are no posts in {home / 'empty'}"]
    assert run(home, "index").err == ""
    ran = run(home, "index", "empty", "--prune", "--json")
    assert (ran.code, ran.json["removed"], papers(home)) == (0, 6, 0)


def test_another_corpus_with_posts_takes_the_place_of_the_one_before(home: Path) -> None:
    ran = run(home, "index", "drafts", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (0, 3, 3)
    assert ran.err == f"papersearch: no longer part of the corpus: {home / 'posts'}; to keep it, name all folders\n"
    assert run(home, "index", ".").err == ""


def test_a_folder_that_is_named_otherwise_is_no_other_one(home: Path) -> None:
    (home / "link").symlink_to("posts")
    ran = run(home, "index", "link", "drafts", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"], ran.err) == (0, 0, 6, "")


def test_posts_that_are_deleted_are_removed_as_long_as_some_are_left(home: Path) -> None:
    (home / "posts" / "below").joinpath(os.listdir(home / "posts" / "below")[0]).unlink()
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["removed"], papers(home)) == (0, 1, 5)


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
def test_patterns_that_would_leave_out_a_whole_folder_remove_nothing(options: tuple[str, ...], home: Path) -> None:
    if not options:
        (home / "papersearch.toml").write_text('exclude = "*"\n')
    for _ in range(2):
        ran = run(home, "index", *options)
        assert (ran.code, papers(home)) == (3, 6)
        assert is_one_error(ran)
        assert "excluding * would leave 0 of 3 posts" in ran.err
        assert "--prune" in ran.err
    (home / "papersearch.toml").unlink(missing_ok=True)
    assert run(home, "index", "--json").json["unchanged"] == 6  # nor are they remembered
    assert run(home, "index", "--exclude", "*", "--prune", "--json").json["removed"] == 6


def test_what_leaves_out_nothing_yet_and_folders_without_posts_are_remembered(home: Path) -> None:
    (home / "later").mkdir()
    ran = run(home, "index", "posts", "drafts", "later", "--exclude", "unread", "--json")
    assert (ran.code, ran.json["unchanged"]) == (0, 6)
    (home / "later" / "unread").mkdir()
    for number, name in ((20, "later"), (21, "later/unread")):
        write_post(home / name, f"2401.000{number}v1", "Zebra")
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["added"], papers(home)) == (0, 1, 7)


def test_posts_that_are_left_out_or_moved_are_not_missed(home: Path) -> None:
    assert run(home, "index", "--exclude", "below").code == 0
    assert papers(home) == 4
    for path in (home / "posts").glob("*.md"):
        path.rename(home / "drafts" / path.name)
    assert run(home, "index").code == 0
    assert papers(home) == 4


def test_a_folder_whose_name_begins_alike_has_not_vanished_too(home: Path) -> None:
    old = home / "posts-old"
    old.mkdir()
    write_post(old, "2401.00020v1", "Old zebra")
    gone = write_post(old, "2401.00021v1", "Older zebra")
    assert run(home, "index", "posts", "drafts", "posts-old").code == 0
    shutil.rmtree(home / "posts")
    gone.unlink()
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (3, 1, 7)


def test_a_folder_of_the_corpus_below_another_one_vanishes_by_itself(home: Path) -> None:
    assert run(home, "index", "posts", "posts/below", "drafts").code == 0
    empty(home / "posts" / "below")
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (3, 0, 6)
    assert [folder["path"] for folder in ran.json["missing"]] == [str(home / "posts" / "below")]


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0f" * 32 + b"\nsize 1234\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\0GITCRYPT\0" + bytes(range(40)), "a binary file, not text"),
        (bytes(500), "a binary file, not text"),
        (LFS, "a pointer of Git LFS, not the text: git lfs pull"),
        (b"/annex/objects/SHA256E-s1234--0f0f.md\n", "a pointer of git-annex, not the text: git annex get"),
        (b"U2FsdGVkX1/0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\n", "encrypted (by transcrypt, say)"),
    ],
    ids=["git-crypt", "zeros", "LFS", "annex", "transcrypt"],
)
def test_a_corpus_of_which_all_posts_became_files_that_are_none_is_not_forgotten(
    content: bytes, reason: str, home: Path
) -> None:
    posts = {path: path.read_bytes() for path in home.glob("[pd]*/**/*.md")}
    for path in posts:
        path.write_bytes(content)
    for options in ((), (), ("--rebuild",)):
        ran = run(home, "index", "--json", *options)
        assert (ran.code, is_one_error(ran), papers(home)) == (3, True, 6)
        assert f"3 of 3 posts in {home / 'posts'} that are indexed are none any more (" in ran.err
        assert reason in ran.err
    for path in [*posts][1:]:
        path.write_bytes(posts[path])
    ran = run(home, "index", "--json")  # one alone is what it is
    assert (ran.code, ran.json["total"], len(ran.json["skipped"])) == (0, 5, 1)
    for path in posts:
        path.write_bytes(content)
    assert run(home, "index", "--prune").code == 0
    assert papers(home) == 0


def test_files_that_never_were_posts_may_change_and_are_none_that_became_so(home: Path) -> None:
    for number in range(5):
        (home / "drafts" / f"picture{number}.md").write_bytes(bytes(500))
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["total"], len(ran.json["skipped"])) == (0, 6, 5)
    for number in range(5):
        (home / "drafts" / f"picture{number}.md").write_bytes(bytes(600))
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["total"], len(ran.json["skipped"])) == (0, 6, 5)


def test_one_corpus_folder_of_which_all_posts_became_files_that_are_none_is_not_forgotten(home: Path) -> None:
    for path in (home / "drafts").rglob("*.md"):
        path.write_bytes(LFS)
    write_post(home / "posts", "2401.00010v1", "Zebra 10")
    ran = run(home, "index")
    assert (ran.code, is_one_error(ran), papers(home)) == (3, True, 6)
    assert f"3 of 3 posts in {home / 'drafts'} that are indexed are none any more (" in ran.err


def test_a_corpus_of_which_all_posts_became_empty_is_not_forgotten(home: Path) -> None:
    posts = {path: path.read_bytes() for path in home.glob("[pd]*/**/*.md")}
    for path in posts:
        path.write_bytes(b"")
    for options in ((), ("--rebuild",)):
        ran = run(home, "index", *options)
        assert (ran.code, is_one_error(ran), run(home, "query", "zebra").code) == (3, True, 0)
        assert f"3 of 3 posts in {home / 'posts'} that are indexed are none any more (" in ran.err
        assert "an empty file" in ran.err
    for path in [*posts][1:]:
        path.write_bytes(posts[path])
    assert run(home, "index").code == 0  # one alone is what it is
    for path in posts:
        path.write_bytes(b"")
    assert run(home, "index", "--prune").code == 0
    assert run(home, "index").code == 0  # what was empty before may stay so


def test_a_post_that_macos_keeps_in_icloud_only_stays_and_is_told(home: Path) -> None:
    post, placeholder = home / "posts" / "2401.00000v1.md", home / "posts" / ".2401.00000v1.md.icloud"
    text = post.read_bytes()
    post.unlink()
    placeholder.write_bytes(b"bplist00")
    for other in (".notes.pdf.icloud", ".icloud"):
        (home / "posts" / other).write_bytes(b"bplist00")
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (0, 0, 6)
    assert ran.json["skipped"] == [
        {"path": str(post), "line": 0, "reason": "it is in iCloud and not on this machine: download it"}
    ]
    assert run(home, "index", "--exclude", "2401.00000v1.md", "--json").json["skipped"] == []
    assert run(home, "index", "--exclude", "").code == 0
    placeholder.unlink()
    post.write_bytes(text)
    assert run(home, "index", "--json").json["skipped"] == []
    post.unlink()
    assert run(home, "index", "--json").json["removed"] == 1


def test_papers_behind_a_link_that_leads_nowhere_stay(home: Path) -> None:
    disk = home / "disk"
    disk.mkdir()
    write_post(disk, "2401.00020v1", "On a disk")
    (home / "posts" / "disk").symlink_to(disk)
    assert run(home, "index").code == 0
    disk.rename(home / "unmounted")
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["removed"], papers(home)) == (0, 0, 7)
    assert library.Index(str(home / "index")).stale() == 0  # no run would help
    ran = run(home, "index", "--rebuild")
    assert (ran.code, is_one_error(ran), papers(home)) == (3, True, 7)
    assert "is out of sight" in ran.err
    (home / "posts" / "disk").unlink()
    ran = run(home, "index", "--json")
    assert (ran.code, ran.json["removed"], papers(home)) == (0, 1, 6)


@permissions_bind
@pytest.mark.parametrize(("name", "code", "left"), [("posts", 3, 3), ("posts/below", 0, 5)])
def test_papers_below_a_folder_that_cannot_be_listed_stay_until_they_are_pruned(
    name: str, code: int, left: int, home: Path
) -> None:
    (home / name).chmod(0)
    try:
        ran = run_bound(home, "index", "--json")
    finally:
        (home / name).chmod(0o755)
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (code, 0, 6)
    assert ran.err.count("Permission denied") == 1
    assert "cannot be read (Permission denied)" in ran.err
    (home / name).chmod(0)
    try:
        ran = run_bound(home, "index", "--prune", "--json")
    finally:
        (home / name).chmod(0o755)
    assert (ran.code, ran.json["total"]) == (0, left)


@permissions_bind
@pytest.mark.parametrize("names", ["index/*.docs", "index/*.json", "index"])
def test_an_index_that_may_not_be_read_says_which_and_what_to_check(names: str, home: Path) -> None:
    found = [*home.glob(names)]
    for path in found:
        path.chmod(0)
    shown = run_bound(home, "config")
    assert (shown.code, shown.err) == (0, ""), shown.err
    assert ("not known" in shown.out) == (names == "index")
    for command in ("query zebra", "stats", "check", "index"):
        ran = run_bound(home, *command.split())
        assert (ran.code, ran.out) == (3, ""), command
        assert is_one_error(ran), ran.err
        if command != "index":
            assert ran.err.endswith(": check its permissions\n")
            assert "docs" not in names or ".docs)" in ran.err
    for path in found:
        path.chmod(0o755)
    assert papers(home) == 6


@pytest.fixture
def locked(home: Path) -> Path:
    """The folder ``home`` of which five of six posts cannot be read any more."""
    for path in sorted(home.glob("[pd]*/**/*.md"))[1:]:
        path.chmod(0)
    return home


@permissions_bind
@pytest.mark.parametrize("how", ["a rebuild", "damage", "damage met by a query"])
def test_an_index_that_is_built_anew_loses_no_post_that_cannot_be_read(how: str, locked: Path) -> None:
    if how != "a rebuild":
        (locked / "index" / "papersearch_0.json").unlink()
    before = {path.name: path.read_bytes() for path in (locked / "index").iterdir()}
    ran = run_bound(locked, *(("query", "zebra") if "query" in how else ("index", "--rebuild")))
    assert (ran.code, ran.out) == (3, "")
    said = ran.err.splitlines()
    assert len(said) == (2 if "query" in how else 1)
    assert "5 of 6 posts that are in the index cannot be read (" in said[-1]
    assert "Permission denied" in said[-1]
    assert "--prune" in said[-1]
    assert ("cannot be built anew" in said[-1]) == ("damage" in how)
    assert {path.name: path.read_bytes() for path in (locked / "index").iterdir()} == before
    ran = run_bound(locked, "index", "--rebuild", "--prune", "--json")
    assert (ran.code, ran.json["total"]) == (0, 1)


@permissions_bind
def test_a_run_that_can_read_not_one_post_says_so_and_keeps_all(locked: Path) -> None:
    ran = run_bound(locked, "index", "--json")
    assert (ran.code, ran.json["total"], papers(locked)) == (0, 6, 6)
    for path in locked.glob("[pd]*/**/*.md"):
        path.chmod(0)
    for options in ((), ("--prune",), ("--rebuild",), ("--rebuild", "--prune")):
        ran = run_bound(locked, "index", *options)
        assert (ran.code, ran.out, papers(locked)) == (3, "", 6)
        assert is_one_error(ran)
        assert "not one of 6 posts could be read (Permission denied)" in ran.err


def test_on_a_terminal_it_asks(home: Path) -> None:
    shutil.rmtree(home / "posts")
    for answer, code, left in (("n", 3, 6), ("y", 0, 3)):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*PAPERSEARCH, "index"], cwd=home, env=environment(TERM="dumb"), stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(ours, 1_000)
        os.write(ours, answer.encode() + b"\n")
        assert process.wait(LONGEST_S) == code
        os.close(ours)
        assert papers(home) == left


@pytest.mark.skipif(os.name == "nt", reason="nobody can remove the current folder")
def test_where_the_current_folder_is_gone_nothing_is_said_of_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(FileNotFoundError):
        library.corpus_of("index")
