"""What is there and cannot be read, or holds something else than text now, is not gone: its papers stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import is_one_error, permissions_bind, run, run_bound
from tests.corpora import write_post
from tests.stores import papers_in

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
    content: bytes, reason: str, zebras: Path
) -> None:
    posts = {path: path.read_bytes() for path in zebras.glob("[pd]*/**/*.md")}
    for path in posts:
        path.write_bytes(content)
    for options in ((), (), ("--rebuild",)):
        ran = run(zebras, "index", "--json", *options)
        assert (ran.code, is_one_error(ran), papers_in(zebras)) == (3, True, 6)
        assert f"3 of 3 posts in {zebras / 'posts'} that are indexed are none any more (" in ran.err
        assert reason in ran.err
    for path in [*posts][1:]:
        path.write_bytes(posts[path])
    ran = run(zebras, "index", "--json")  # one alone is what it is
    assert (ran.code, ran.json["total"], len(ran.json["skipped"])) == (0, 5, 1)
    for path in posts:
        path.write_bytes(content)
    assert run(zebras, "index", "--prune").code == 0
    assert papers_in(zebras) == 0


def test_files_that_never_were_posts_may_change_and_are_none_that_became_so(zebras: Path) -> None:
    for number in range(5):
        (zebras / "drafts" / f"picture{number}.md").write_bytes(bytes(500))
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.json["total"], len(ran.json["skipped"])) == (0, 6, 5)
    for number in range(5):
        (zebras / "drafts" / f"picture{number}.md").write_bytes(bytes(600))
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.json["total"], len(ran.json["skipped"])) == (0, 6, 5)


def test_one_corpus_folder_of_which_all_posts_became_files_that_are_none_is_not_forgotten(zebras: Path) -> None:
    for path in (zebras / "drafts").rglob("*.md"):
        path.write_bytes(LFS)
    write_post(zebras / "posts", "2401.00010v1", "Zebra 10")
    ran = run(zebras, "index")
    assert (ran.code, is_one_error(ran), papers_in(zebras)) == (3, True, 6)
    assert f"3 of 3 posts in {zebras / 'drafts'} that are indexed are none any more (" in ran.err


def test_a_corpus_of_which_all_posts_became_empty_is_not_forgotten(zebras: Path) -> None:
    posts = {path: path.read_bytes() for path in zebras.glob("[pd]*/**/*.md")}
    for path in posts:
        path.write_bytes(b"")
    for options in ((), ("--rebuild",)):
        ran = run(zebras, "index", *options)
        assert (ran.code, is_one_error(ran), run(zebras, "query", "zebra").code) == (3, True, 0)
        assert f"3 of 3 posts in {zebras / 'posts'} that are indexed are none any more (" in ran.err
        assert "an empty file" in ran.err
    for path in [*posts][1:]:
        path.write_bytes(posts[path])
    assert run(zebras, "index").code == 0  # one alone is what it is
    for path in posts:
        path.write_bytes(b"")
    assert run(zebras, "index", "--prune").code == 0
    assert run(zebras, "index").code == 0  # what was empty before may stay so


def test_a_post_that_macos_keeps_in_icloud_only_stays_and_is_told(zebras: Path) -> None:
    post, placeholder = zebras / "posts" / "2401.00000v1.md", zebras / "posts" / ".2401.00000v1.md.icloud"
    text = post.read_bytes()
    post.unlink()
    placeholder.write_bytes(b"bplist00")
    for other in (".notes.pdf.icloud", ".icloud"):
        (zebras / "posts" / other).write_bytes(b"bplist00")
    ran = run(zebras, "index", "--json")
    assert (ran.code, ran.json["removed"], ran.json["total"]) == (0, 0, 6)
    assert ran.json["skipped"] == [
        {"path": str(post), "line": 0, "reason": "it is in iCloud and not on this machine: download it"}
    ]
    assert run(zebras, "index", "--exclude", "2401.00000v1.md", "--json").json["skipped"] == []
    assert run(zebras, "index", "--exclude", "").code == 0
    placeholder.unlink()
    post.write_bytes(text)
    assert run(zebras, "index", "--json").json["skipped"] == []
    post.unlink()
    assert run(zebras, "index", "--json").json["removed"] == 1


@permissions_bind
@pytest.mark.parametrize("names", ["index/*.docs", "index/*.json", "index"])
def test_an_index_that_may_not_be_read_says_which_and_what_to_check(names: str, zebras: Path) -> None:
    found = [*zebras.glob(names)]
    for path in found:
        path.chmod(0)
    shown = run_bound(zebras, "config")
    assert (shown.code, shown.err) == (0, ""), shown.err
    assert ("not known" in shown.out) == (names == "index")
    for command in ("query zebra", "stats", "check", "index"):
        ran = run_bound(zebras, *command.split())
        assert (ran.code, ran.out) == (3, ""), command
        assert is_one_error(ran), ran.err
        if command != "index":
            assert ran.err.endswith(": check its permissions\n")
            assert "docs" not in names or ".docs)" in ran.err
    for path in found:
        path.chmod(0o755)
    assert papers_in(zebras) == 6


@pytest.fixture
def locked(zebras: Path) -> Path:
    """The folder ``zebras`` of which five of six posts cannot be read any more."""
    for path in sorted(zebras.glob("[pd]*/**/*.md"))[1:]:
        path.chmod(0)
    return zebras


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
    assert (ran.code, ran.json["total"], papers_in(locked)) == (0, 6, 6)
    for path in locked.glob("[pd]*/**/*.md"):
        path.chmod(0)
    for options in ((), ("--prune",), ("--rebuild",), ("--rebuild", "--prune")):
        ran = run_bound(locked, "index", *options)
        assert (ran.code, ran.out, papers_in(locked)) == (3, "", 6)
        assert is_one_error(ran)
        assert "not one of 6 posts could be read (Permission denied)" in ran.err


@permissions_bind
def test_what_cannot_be_read_is_told_when_that_comes_and_not_by_every_run(zebras: Path) -> None:
    (zebras / "posts" / "dead.md").symlink_to("nowhere")
    [post, *_] = sorted(zebras.glob("drafts/**/*.md"))
    post.chmod(0)
    ran = run_bound(zebras, "index", "-q")
    assert (ran.code, ran.out) == (0, "")
    assert all(line in ran.err for line in ("dead.md: a link that leads nowhere", str(post)))
    for _ in range(2):
        assert run_bound(zebras, "index", "-q").err == ""
    ran = run_bound(zebras, "index", "--json")
    assert (ran.err, len(ran.json["skipped"])) == ("", 2)  # of which the summary still says
    assert "dead.md" in run_bound(zebras, "check").out
    post.chmod(0o644)
    for _ in range(2):
        assert run_bound(zebras, "index", "-q").err == ""
    (zebras / "posts" / "dead.md").unlink()
    assert run_bound(zebras, "index", "-q").err == ""
    (zebras / "posts" / "dead.md").symlink_to("nowhere")
    for options in ((), ("--rebuild",)):
        assert "dead.md" in run_bound(zebras, "index", "-q", *options).err
