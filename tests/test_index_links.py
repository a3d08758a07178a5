"""Links, pipes and folders named as files of an index are: nothing is written, removed or waited for through one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from papersearch import library
from tests.commands import is_one_error, run
from tests.corpora import two_experts, write_post
from tests.stores import answers


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return two_experts(tmp_path)


LINKED = (
    "MAIN_WRITELOCK",
    "MAIN_WRITELOCK.pid",
    "papersearch_0.json",
    "papersearch_0.files",
    "papersearch_1.json",
    "papersearch_1.files",
    "papersearch_1.json.tmp",
    "papersearch_1.files.tmp",
    "_MAIN_1.toc",
    "_MAIN_1.toc.tmp",
    "papersearch_asked.json",
    "papersearch_damaged",
    "damaged",
    "asked.json",
    "MAIN_0123456789abcdef.docs",
)


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_written_removed_or_made_through_a_link(home: Path, name: str, there: bool) -> None:
    target = home / "bashrc"
    if there:
        target.write_text("my own")
    index = home / "index"
    assert run(home, "index").code == 0
    if (index / name).exists():
        (index / name).unlink()
    (index / name).symlink_to("../bashrc")
    write_post(home / "corpus", "2401.00003v1", "More experts")
    for arguments in (
        ["query", "experts", "--new"],
        ["query", "experts"],
        ["index"],
        ["index", "--rebuild"],
        ["check"],
    ):
        ran = run(home, *arguments)
        assert "Traceback" not in ran.err
        assert "internal" not in ran.err
    if there:
        assert target.read_text() == "my own"
    else:
        assert not target.exists()
    if name == "MAIN_WRITELOCK":  # the one that must be put right by hand, and it is said how
        ran = run(home, "index")
        assert ran.code == 3
        assert is_one_error(ran)
        assert "remove it" in ran.err
        (index / name).unlink()
    assert run(home, "index").code == 0
    assert len(answers(index)["*"]) == 3


def test_damage_that_a_query_meets_is_not_noted_through_a_link(home: Path) -> None:
    assert run(home, "index").code == 0
    target = home / "bashrc"
    target.write_text("my own")
    for name in ("papersearch_damaged", "damaged"):
        (home / "index" / name).symlink_to("../bashrc")
    for path in (home / "index").glob("*.docs"):
        data = bytearray(path.read_bytes())
        data[40] ^= 1
        path.write_bytes(data)
    run(home, "query", "experts")
    assert target.read_text() == "my own"


def test_a_lock_with_a_second_name_is_held_and_not_written_to(home: Path) -> None:
    (home / "bashrc").write_text("my own")
    (home / "index").mkdir()
    os.link(home / "bashrc", home / "index" / "MAIN_WRITELOCK")
    assert run(home, "index").code == 0
    assert (home / "bashrc").read_text() == "my own"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize(
    "name", ["MAIN_WRITELOCK", "papersearch_0.json", "papersearch_0.files", "_MAIN_7.toc", "papersearch_asked.json"]
)
def test_a_pipe_in_the_index_folder_is_not_waited_for(home: Path, name: str) -> None:
    assert run(home, "index").code == 0
    (home / "index" / name).unlink(missing_ok=True)
    os.mkfifo(home / "index" / name)
    for arguments in (["query", "experts", "--new"], ["index"], ["check"]):
        assert "internal" not in run(home, *arguments).err
    if name == "MAIN_WRITELOCK":
        assert "is not an ordinary file: it may lead to another one: remove it" in run(home, "index").err
        (home / "index" / name).unlink()
    assert run(home, "index").code == 0
    assert run(home, "query", "experts").code == 0


@pytest.mark.parametrize("name", ["_MAIN_7.toc", "papersearch_1.json", "papersearch_1.files", "_MAIN_1.toc"])
def test_a_folder_with_one_of_our_names_does_not_stop_a_run(home: Path, name: str) -> None:
    assert run(home, "index").code == 0
    (home / "index" / name).mkdir()
    write_post(home / "corpus", "2401.00003v1", "More experts")
    assert run(home, "index").code == 0
    assert len(answers(home / "index")["*"]) == 3
    assert (home / "index" / name).is_dir()


@pytest.mark.parametrize("name", ["papersearch_0.json", "papersearch_0.files", "_MAIN_0.toc"])
def test_a_folder_in_place_of_a_file_of_the_newest_state_is_damage(home: Path, name: str) -> None:
    assert run(home, "index").code == 0
    (home / "index" / name).unlink()
    (home / "index" / name).mkdir()
    assert run(home, "check").code == 1
    assert json.loads(run(home, "index", "--json").out)["total"] == 2
    assert run(home, "check").code == 0
    assert (home / "index" / name).is_dir()


def test_the_folder_itself_may_be_a_link_of_the_users(home: Path) -> None:
    disk = home / "mounted" / "disk"
    disk.mkdir(parents=True)
    (home / "index").symlink_to(disk)
    assert run(home, "index").code == 0
    assert run(home, "query", "experts").code == 0
    assert (home / "index").is_symlink()
    assert list(disk.glob("_MAIN_0.toc"))
    assert library.Index(str(disk)).corpus == (str(home / "corpus"),)  # which lies beside the link alone
    assert answers(disk) == answers(home / "index")


def test_a_post_is_found_by_whichever_path_leads_to_it(home: Path) -> None:
    """Where a home folder is a link, a shell in it knows the place by another name than the home folder has."""
    (home / "corpus" / "sub").mkdir()
    post = write_post(home / "corpus" / "sub", "2401.00003v1", "More experts")
    (home / "corpus" / "sub" / "linked.md").symlink_to(shutil.copy(post, home / "copy.md"))
    for name in ("user", "other"):
        (home / name).symlink_to(".")
    assert run(home, "index", str(home / "user" / "corpus")).code == 0
    for path in ("corpus/sub/2401.00003v1.md", "other/corpus/../corpus/sub/2401.00003v1.md", "corpus/sub/linked.md"):
        assert run(home, "show", path, "--json").json["id"] == "2401.00003"
    for path in ("sub/2401.00003v1.md", "corpus/2401.00003v1.md", "copy.md"):
        assert is_one_error(run(home, "show", path))
    with library.open(home / "index") as opened, pytest.raises(library.NotFoundError):
        opened.paper("a\0b/c.md")


def test_a_link_to_nowhere_is_not_followed_to_make_the_folder(home: Path) -> None:
    (home / "index").symlink_to("nowhere")
    ran = run(home, "index")
    assert ran.code == 3
    assert is_one_error(ran)
    assert not (home / "nowhere").exists()


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_cloned_repository_with_links_in_its_index_harms_nobody(home: Path) -> None:
    """Git carries links, and who clones owns them."""
    origin, victim = home / "origin", home / "victim"
    (origin / "index").mkdir(parents=True)
    victim.write_text("my own")
    shutil.copytree(home / "corpus", origin / "corpus")
    for name in LINKED:
        (origin / "index" / name).symlink_to("../../victim")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(origin)]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    clone = home / "clone"
    subprocess.run(["git", "clone", "-q", str(origin), str(clone)], check=True)
    for arguments in (["query", "experts"], ["index"], ["query", "experts", "--new"], ["check"], ["stats"]):
        assert "Traceback" not in run(clone, *arguments).err
    assert victim.read_text() == "my own"
