"""What belongs to somebody else stays as it is: which folder becomes an index, and other files in it."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from papersearch import library
from papersearch.apps import since_last
from papersearch.core.errors import PapersearchError, UsageError
from papersearch.core.opening import draft_name
from papersearch.engine.index import folder as names
from papersearch.engine.index import generation
from tests.commands import is_one_error, run
from tests.corpora import two_experts, write_post
from tests.disturbances import OPENED, disturbance, refuse
from tests.stores import answers, update

# Each begins or ends as a name of ours does.
FOREIGN = (
    "papersearch_review.md",
    "papersearch_thesis.docx",
    "papersearch_1.json.bak",
    "papersearch_01.json",
    "papersearch_x.files",
    "papersearch_0123456789abcdef.draft",
    "papersearch_01.meaning",
    "papersearch_1.meaning.vectors",
    "papersearch_word.vectors",
    "papersearch_0123456789abcdef.vectors.vectors",
    "MAIN_idea.md",
    "MAIN_thesis.tex",
    "MAIN_0123456789abcdef.seg",
    "MAIN_0123456789ABCDEF.docs",
    "MAIN_0123456789abcdef.docs\n",
    "_MAIN_notes.md",
    "_MAIN_1.toc~",
    "_MAIN_07.toc",
    "_MAIN_8.toc\n",
    "asked.json",
    "damaged",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return two_experts(tmp_path)


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def fill(folder: Path) -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    for name in FOREIGN:
        (folder / name).write_text(f"my own {name}")
    return {name: f"my own {name}".encode() for name in FOREIGN}


def test_a_folder_with_other_files_does_not_become_an_index(home: Path) -> None:
    fill(home / "Documents")
    before = state(home / "Documents")
    for arguments in (
        ["index", "corpus", "--index", "Documents"],
        ["index", "corpus", "--index", "Documents", "--rebuild"],
        ["query", "experts", "--index", "Documents"],
    ):
        ran = run(home, *arguments)
        assert ran.code == 3
        assert "not an index" in ran.err
        assert is_one_error(ran) or arguments[0] == "query"
    assert state(home / "Documents") == before


@pytest.mark.parametrize(
    "name", ["notes.txt", ".bashrc", ".gitignore.old", "papersearch_review.md", "MAIN_WRITELOCK.old"]
)
def test_one_file_of_somebody_else_is_enough(home: Path, name: str) -> None:
    (home / "folder").mkdir()
    (home / "folder" / name).write_text("mine")
    with pytest.raises(PapersearchError, match="not an index"):
        update(home / "folder", home / "corpus")
    assert state(home / "folder") == {name: b"mine"}


@pytest.mark.parametrize("names", [["papersearch_1.json"], ["_MAIN_1.toc"], ["_MAIN_1.toc", "papersearch_2.json"]])
def test_names_of_ours_that_do_not_belong_together_make_no_index_of_a_folder(home: Path, names: list[str]) -> None:
    (home / "folder").mkdir()
    for name in (*names, "mine.txt"):
        (home / "folder" / name).write_text("mine")
    for name in ("_MAIN_7.toc", "papersearch_7.json"):  # which are no files at all
        (home / "folder" / name).symlink_to("mine.txt")
    before = state(home / "folder")
    with pytest.raises(PapersearchError, match="not an index"):
        update(home / "folder", home / "corpus")
    assert state(home / "folder") == before


def test_other_files_in_an_index_stay_whatever_is_done(home: Path) -> None:
    index = home / "index"
    assert run(home, "index").code == 0
    foreign = fill(index)
    (index / "MAIN_0123456789abcde0.docs").mkdir()
    assert json.loads(run(home, "index", "--json").out)["unchanged"] == 2
    for number in range(3):
        write_post(home / "corpus", f"2402.0000{number}v1", "More experts")
        assert run(home, "index", *["--rebuild"] * (number == 2)).code == 0
    assert run(home, "query", "experts", "--new", "-f", "ids").code == 0
    for path in index.glob("MAIN_*.terms"):
        path.write_bytes(b"damaged")
    assert run(home, "query", "experts").code == 0
    kept = state(index)
    assert {name: kept[name] for name in FOREIGN} == foreign
    assert (index / "MAIN_0123456789abcde0.docs").is_dir()
    assert len(answers(index)["*"]) == 5


def test_an_index_may_be_made_where_there_is_nothing_but_a_gitignore(home: Path) -> None:
    (home / "index").mkdir()
    (home / "index" / ".gitignore").write_text("*\n")
    assert run(home, "index").code == 0
    assert (home / "index" / ".gitignore").read_text() == "*\n"


def test_an_index_may_be_made_where_only_a_first_run_that_was_killed_left_something(home: Path) -> None:
    (home / "index").mkdir()
    for name in (names.LOCK_FILE, f"{names.LOCK_FILE}.pid", names.DOUBT_FILE, names.ASKED_FILE, draft_name()):
        (home / "index" / name).touch()
    assert run(home, "index").code == 0
    assert len(answers(home / "index")["*"]) == 2


def test_the_index_of_another_program_on_whoosh_is_not_taken_over(home: Path) -> None:
    from whoosh import fields, index

    folder = home / "theirs"
    folder.mkdir()
    writer = index.create_in(folder, fields.Schema(title=fields.TEXT(stored=True))).writer()
    writer.add_document(title="mine")
    writer.commit()
    before = state(folder)
    with pytest.raises(PapersearchError, match="not an index"):
        update(folder, home / "corpus")
    assert state(folder) == before


@pytest.mark.parametrize(("index", "corpus"), [(".", "."), (".", "corpus"), ("corpus", "corpus"), ("link", "corpus")])
def test_a_folder_that_is_or_holds_the_corpus_does_not_become_an_index(home: Path, index: str, corpus: str) -> None:
    (home / "link").symlink_to("corpus")
    before = state(home), state(home / "corpus")
    ran = run(home, "index", corpus, "--index", index)
    assert ran.code == 3
    assert is_one_error(ran)
    assert (state(home), state(home / "corpus")) == before


@pytest.mark.parametrize(("index", "corpus"), [("index", "index"), ("link", "index"), ("index", "link")])
def test_an_index_whose_folder_later_holds_its_corpus_is_refused_too(home: Path, index: str, corpus: str) -> None:
    update(home / "index", home / "corpus")
    (home / "link").symlink_to("index")
    shutil.copytree(home / "corpus", home / "index" / "posts")
    with pytest.raises(PapersearchError, match="lie there"):
        update(home / index, home / corpus / "posts")


def test_an_index_below_the_posts_is_fine(home: Path) -> None:
    assert run(home, "index", "corpus", "--index", "corpus/index").code == 0
    assert run(home, "index", "--index", "corpus/index", "--json").json["unchanged"] == 2


@pytest.mark.parametrize("arguments", [["index", ""], ["index", "  "], ["index", "corpus", ""], ["index", "--index="]])
def test_a_folder_without_a_name_is_an_error(home: Path, arguments: list[str]) -> None:
    ran = run(home, *arguments)
    assert ran.code == 2
    assert is_one_error(ran)
    assert not (home / "index").exists()
    with pytest.raises(UsageError):
        library.index_folder("", [str(home / "corpus")])
    with pytest.raises(UsageError):
        library.index_folder("a\0b", [str(home / "corpus")])


def test_an_empty_list_of_folders_is_an_error_and_changes_nothing(home: Path) -> None:
    for path in ("index", "fresh"):
        with pytest.raises(UsageError, match="the list of folders is empty"):
            library.index_folder(str(home / path), [])
    with pytest.raises(UsageError, match="the list of folders is empty"):
        library.check(str(home / "index"), [])
    assert not (home / "fresh").exists()


def test_one_pattern_is_no_list_of_letters(home: Path) -> None:
    drafts = home / "corpus" / "drafts"
    drafts.mkdir()
    write_post(drafts, "2401.00009", "Eels")
    (drafts / "bad.md").write_bytes(b"\xff\xff")
    index = str(home / "index")
    library.index_folder(index, home / "corpus", exclude="drafts/")
    assert "2401.00009" not in library.open(index).ids()
    assert "bad.md" not in str(library.check(index, exclude="drafts/"))


def test_an_open_index_stays_that_of_its_folder_wherever_the_program_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects = {name: tmp_path / name for name in ("here", "there", "nowhere")}
    for name, folder in projects.items():
        folder.mkdir()
        if name != "nowhere":
            monkeypatch.chdir(folder)
            write_post(folder, "2401.00001v1", f"Otters {name}")
            library.index_folder("index", ["."])
    monkeypatch.chdir(projects["here"])
    index = library.open("index")
    for name in ("there", "nowhere"):
        monkeypatch.chdir(projects[name])
        assert not index.refresh()
        assert index.update().unchanged == 1
        assert [hit.title for hit in index.search("otters").results] == ["Otters here"]
    assert os.listdir(projects["nowhere"]) == []
    assert library.open(projects["there"] / "index").corpus == (str(projects["there"]),)
    monkeypatch.chdir(projects["here"])
    assert index.path == os.path.join(os.getcwd(), "index")


@pytest.mark.parametrize("us", [1, -1])
def test_another_users_folder_is_refused_before_anything_is_written(
    home: Path, us: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "index").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + us)
    with pytest.raises(PapersearchError, match="another user"):
        update(home / "index", home / "corpus")
    assert not state(home / "index")


def test_a_run_that_fails_leaves_no_empty_folder(home: Path) -> None:
    for arguments in (["index", "nowhere"], ["index", "nowhere", "--index", "a/b/c"], ["index", "nowhere", "--watch"]):
        assert run(home, *arguments).code == 3
    assert sorted(path.name for path in home.iterdir()) == ["corpus"]
    (home / "index").mkdir()
    assert run(home, "index", "nowhere").code == 3
    assert not list((home / "index").iterdir())


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (errno.ENXIO, "fix this and run again"),
        (errno.EROFS, "mount the disk for writing"),
        (errno.EACCES, "check the permissions"),
        (errno.EIO, "check the disk"),
    ],
)
def test_a_folder_that_cannot_be_written_says_so_and_not_that_the_lock_is_a_link(
    home: Path, code: int, what: str
) -> None:
    (home / "index").mkdir()
    lock = home / "index" / "MAIN_WRITELOCK"
    with disturbance(OPENED, lock, refuse(code)), pytest.raises(PapersearchError) as refused:
        update(home / "index", home / "corpus")
    assert str(refused.value) == f"the index folder {home / 'index'} cannot be written ({os.strerror(code)}): {what}"


def test_a_folder_that_cannot_be_made_is_one_clear_error(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(PapersearchError) as refused:
        update(home / "file" / "index", home / "corpus")
    assert refused.value.exit_code == 3


def test_no_index_is_made_where_files_get_other_names(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = os.listdir
    monkeypatch.setattr(os, "listdir", lambda folder: [name.lower() for name in names(folder)])
    with pytest.raises(PapersearchError, match="changes the names of files"):
        update(home / "index", home / "corpus")
    monkeypatch.undo()
    assert sorted(path.name for path in home.iterdir()) == ["corpus"]


def test_drafts_have_names_that_are_ours_and_nobody_can_guess() -> None:
    drafts = {draft_name() for _ in range(100)}
    assert len(drafts) == 100
    assert all(map(names.is_disposable, drafts))
    assert names.is_ours(since_last.ASKED_FILE)
    assert not names.is_disposable(since_last.ASKED_FILE)
    assert not any(map(names.is_ours, FOREIGN))
    assert all(map(names.is_ours, generation.Generation(12).files()))


def test_posts_are_as_they_were_whatever_is_done(home: Path) -> None:
    def everything() -> dict[str, tuple[bytes, int, int]]:
        paths = (home / "corpus").iterdir()
        return {path.name: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ctime_ns) for path in paths}

    before = everything()
    for arguments in (
        ["index"],
        ["index", "--rebuild"],
        ["query", "experts", "--new"],
        ["check"],
        ["show", "2401.00001"],
        ["stats"],
        ["open", "2401.00001", "--post", "--print"],
    ):
        assert run(home, *arguments).code == 0, arguments
    assert everything() == before


@pytest.mark.parametrize("had_index", [False, True])
def test_of_a_folder_that_goes_away_in_a_run_nothing_is_said_to_be_intact(tmp_path: Path, had_index: bool) -> None:
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "2401.00009v1", "Old")
    index = tmp_path / "index"
    if had_index:
        library.index_folder(index, tmp_path / "posts")
    write_post(tmp_path / "posts", "2401.00010v1", "New")

    def remove(done: int, total: int) -> None:
        shutil.rmtree(index, ignore_errors=True)

    with pytest.raises(PapersearchError, match="went away while it was being written") as gone:
        library.index_folder(index, tmp_path / "posts", progress=remove, jobs=1)
    assert "intact" not in str(gone.value)
    assert library.index_folder(index, tmp_path / "posts").total == 2
