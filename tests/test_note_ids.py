"""What notes are called that name no id: their files, and where these are alike, their paths."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import papersearch
from papersearch.posts.naming import path_names
from tests.commands import run
from tests.stores import age, update

CLASHING = ["Notes.md", "notes.md", "masse.md", "maße.md", "index.md", "README.md", "a.md", "a.markdown"]
THEIR_IDS = ["Notes.md", "notes-2.md", "masse.md", "maße-2.md", "index.md", "README.md", "a.md", "a.markdown"]


def test_posts_of_one_name_in_two_folders_are_two_papers() -> None:
    names = path_names(
        ["/c/x/notes.md", "/c/y/notes.md", "/c/z.md", "/c/a/2401.00001.md", "/c/b/2401.00001.md"], ["/c"]
    )
    assert names == {"/c/x/notes.md": "x/notes", "/c/y/notes.md": "y/notes"}
    names = path_names(["/c/notes.md", "/d/notes.md"], ["/c", "/d"])
    assert names == {"/c/notes.md": "c/notes", "/d/notes.md": "d/notes"}


@pytest.mark.parametrize("folders", [["/c"], ["/c", "/c/x"], ["/c/x", "/c"], ["/c/x", "/c/x/z", "/c"]])
def test_a_subfolder_that_is_named_beside_its_folder_changes_no_id(folders: list[str]) -> None:
    names = path_names(["/c/notes.md", "/c/x/notes.md", "/c/x/z/notes.md"], folders)
    assert [*names.values()] == ["notes", "x/notes", "x/z/notes"]


def test_a_second_post_of_the_same_name_renames_the_first(tmp_path: Path) -> None:
    for folder in "xy":
        (tmp_path / "corpus" / folder).mkdir(parents=True)
    (tmp_path / "corpus" / "x" / "notes.md").write_text("wombat one", encoding="utf-8")
    assert run(tmp_path, "index", "-q").code == 0
    assert run(tmp_path, "query", "wombat", "-f", "ids").lines == ["notes"]
    (tmp_path / "corpus" / "y" / "notes.md").write_text("wombat two", encoding="utf-8")
    assert run(tmp_path, "index", "-q").code == 0
    assert sorted(run(tmp_path, "query", "wombat", "-f", "ids").lines) == ["x/notes", "y/notes"]


def test_beside_notes_that_are_known_by_their_paths_other_posts_come_up_to_date_as_ever(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    for folder in "xy":
        (posts / folder).mkdir(parents=True)
        (posts / folder / "notes.md").write_text(f"wombat {folder}", encoding="utf-8")
    (posts / "a.md").write_text("otter one", encoding="utf-8")
    age(posts)
    assert update(tmp_path / "index", posts).added == 3
    (posts / "a.md").write_text("otter two", encoding="utf-8")
    (posts / "b.md").write_text("otter three", encoding="utf-8")
    done = update(tmp_path / "index", posts)
    assert (done.added, done.updated, done.unchanged) == (1, 1, 2)
    assert papersearch.open(tmp_path / "index").search("two three", match="any").total == 2


def test_a_note_is_called_as_its_file_again_when_no_other_is_called_so(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    for folder in "xy":
        (posts / folder).mkdir(parents=True)
        (posts / folder / "notes.md").write_text(f"wombat {folder}", encoding="utf-8")
    for folder in posts.iterdir():
        age(folder)
    update(tmp_path / "index", posts)
    (posts / "y" / "notes.md").unlink()
    update(tmp_path / "index", posts)
    assert papersearch.open(tmp_path / "index").ids() == ["notes"]


def test_what_looks_like_a_version_at_the_end_of_a_path_belongs_to_the_id(tmp_path: Path) -> None:
    for folder in "xy":
        (tmp_path / "corpus" / folder).mkdir(parents=True)
        (tmp_path / "corpus" / folder / "week2v3.md").write_text(f"wombat {folder}", encoding="utf-8")
    assert run(tmp_path, "index", "-q").code == 0
    for paper_id in run(tmp_path, "query", "wombat", "-f", "ids").lines:
        assert run(tmp_path, "query", f"id:{paper_id}", "-f", "ids").lines == [paper_id]
        assert run(tmp_path, "query", f"wombat id:{paper_id}", "-f", "ids").lines == [paper_id]
        assert run(tmp_path, "query", f"wombat -id:{paper_id}", "-f", "ids").lines != [paper_id]


@pytest.mark.parametrize("below", ["", "x"])
def test_notes_of_one_folder_whose_names_are_alike_are_papers_of_their_own(tmp_path: Path, below: str) -> None:
    corpus = tmp_path / "corpus" / below
    corpus.mkdir(parents=True)
    for name in CLASHING:
        (corpus / name).write_text(f"# On {name}\n\nA wombat digs.\n", "utf-8")
    if len(os.listdir(corpus)) < len(CLASHING):
        pytest.skip("the file system does not tell case")
    assert run(tmp_path, "index", "-q").code == 0
    index = papersearch.open(str(tmp_path / "index"))
    found = {Path(hit.path).name: hit.id for hit in index.search("wombat", limit=20).results}
    expected = {
        name: f"{below}/{name_id}" if below else name_id for name, name_id in zip(CLASHING, THEIR_IDS, strict=True)
    }
    assert found == expected
    for name, paper_id in expected.items():
        assert index.paper(paper_id).title == index.paper(str(corpus / name)).title == f"On {name}"
        assert index.paper(corpus / name) == index.paper(str(corpus / name))


def test_a_note_has_its_short_id_again_when_the_one_of_the_same_name_is_gone(tmp_path: Path) -> None:
    corpus = tmp_path / "vault"
    corpus.mkdir()
    for name in ("index.md", "notes.md", "a.md"):
        (corpus / name).write_text("A wombat digs.\n", "utf-8")
    more = [corpus / "README.md", corpus / "Notes.md", corpus / "a.mdx"]

    def ids(*options: str) -> list[str]:
        assert run(tmp_path, "index", "vault", "-q", *options).code == 0
        return sorted(run(tmp_path, "query", "wombat", "-f", "ids").lines)

    before = ids()
    assert before == ["a", "notes", "vault"]
    for path in more:
        path.write_text("Another wombat digs.\n", "utf-8")
    assert ids() == ids("--rebuild") == sorted(["a.md", "a.mdx", "index.md", "README.md", "Notes.md", "notes-2.md"])
    for path in more:
        path.unlink()
    assert ids() == ids("--rebuild") == before


def test_a_path_names_its_own_post_and_not_the_one_that_is_shown_for_its_paper(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for version in (1, 2):
        text = f"---\ntitle: V{version}\narxiv: 2101.00001v{version}\n---\nA wombat.\n"
        (corpus / f"v{version}.md").write_text(text, "utf-8")
    assert run(tmp_path, "index", "-q").code == 0
    assert run(tmp_path, "open", "2101.00001", "--post", "--print").lines == ["corpus/v2.md"]
    for version, other in ((1, 2), (2, 1)):
        path = f"corpus/v{version}.md"
        assert run(tmp_path, "open", path, "--post", "--print").lines == [path]
        paper = json.loads(run(tmp_path, "show", path, "--format", "json").out)
        assert (paper["id"], paper["version"], paper["title"]) == ("2101.00001", version, f"V{version}")
        assert [post["path"] for post in paper["other_posts"]] == [f"corpus/v{other}.md"]
    (corpus / "v1.md").write_text("---\ntitle: Else\narxiv: 2101.00002\n---\nA wombat.\n", "utf-8")
    assert run(tmp_path, "index", "-q").code == 0
    assert run(tmp_path, "show", "corpus/v1.md", "-f", "json").out.count("2101.00001") == 0
