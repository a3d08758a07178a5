"""Vectors that are damaged, not to be written, or cut off by a kill: noticed, made good, and whole after every run."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import pytest

from papersearch import library
from papersearch.core.errors import MeaningError, PapersearchError
from papersearch.core.frozen import replace
from papersearch.engine.build import embed
from papersearch.engine.build import update as writer
from papersearch.engine.index import vectors
from papersearch.engine.index.container import sealed, unsealed
from papersearch.engine.index.files import PLAIN_FILES, Files
from tests.commands import ROOT, run_program
from tests.corpora import write_post
from tests.disturbances import OPENED, disturbance, interrupt, once, refuse
from tests.embedders import Server
from tests.stores import Failing, age, change, random_post, synced_in_time, update
from tests.vectors import likenesses, run, vector_files

pytest.importorskip("numpy")


@pytest.mark.parametrize("rebuild", [False, True])
@pytest.mark.parametrize("what", ["part", "short part", "no part", "state", "empty state", "no state"])
def test_damage_is_noticed_and_made_good_by_the_next_run(
    tmp_path: Path, posts: Path, server: Server, what: str, rebuild: bool
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    before = likenesses(index)
    path = next(index.glob("*.meaning" if "state" in what else "*.vectors"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    if what in ("no part", "no state"):
        path.unlink()
    else:
        path.write_bytes(b"" if what == "empty state" else bytes(data[: -4 if what == "short part" else None]))
    with pytest.raises(MeaningError, match="damaged"):
        likenesses(index)
    assert ["damaged" in problem.reason for problem in library.check(str(index))] == [True]
    summary = library.index_folder(str(index), [str(posts)], rebuild=rebuild, model=server.setting)
    assert summary.notes == ()
    assert likenesses(index) == before


CUT_SHORT = """
import os, sys, papersearch
index = papersearch.open(sys.argv[1])
assert index.search("routing of experts").hint is None
os.truncate(sys.argv[2], 0)
for answer in (index.search("sparse routing of experts"), index.similar(index.ids()[0])):
    print(answer.hint)
"""


def test_vectors_that_are_cut_short_while_they_are_open_do_not_end_the_process(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    (file,) = index.glob("*.vectors")
    ran = run_program(CUT_SHORT, str(index), str(file))
    assert (ran.code, ran.err) == (0, "")
    said = f"by words alone: the index's vectors are damaged ({file.name}: it was cut short)"
    assert [line.partition(": run ")[0] for line in ran.out.splitlines()] == [said, said]


def test_vectors_of_another_version_are_told_from_damaged_ones_and_made_again(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    before, path = likenesses(index), next(index.glob("*.meaning"))
    body = unsealed(path.read_bytes()) or b""
    assert b'"format": 1' in body
    path.write_bytes(sealed(body.replace(b'"format": 1', b'"format": 2')))
    with pytest.raises(MeaningError, match="made by another version of papersearch"):
        likenesses(index)
    assert library.index_folder(str(index), [str(posts)], model=server.setting).notes == ()
    assert likenesses(index) == before


def test_a_list_that_another_takes_the_place_of_while_the_folder_is_listed_is_not_lost(
    tmp_path: Path, posts: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lists a folder may see neither of two names if one goes as the other comes."""
    index, listdir = tmp_path / "index", os.listdir
    run(index, posts, server)
    expected = vectors.load(str(index))
    hides = once(lambda: True)
    monkeypatch.setattr(
        os, "listdir", lambda folder: [each for each in listdir(folder) if not each.endswith(".meaning")]
        if hides() else listdir(folder),
    )  # fmt: skip
    assert vectors.load(str(index)) == expected is not None


@pytest.mark.parametrize("rows", [-1, 0, 2])
def test_a_file_whose_vectors_do_not_fit_it_is_damaged_though_its_checksum_is_right(tmp_path: Path, rows: int) -> None:
    body = vectors.HEAD.pack(vectors.MAGIC, max(rows, 0), 4) + bytes(8 + 4 + 2 + 4)  # of one paper
    data = body + vectors.CHECKSUM.pack(crc32(body))
    (tmp_path / "x.vectors").write_bytes(data)
    with pytest.raises(MeaningError, match="not what was written"):
        vectors.read_part(str(tmp_path), vectors.Part("MAIN_x", "x.vectors", rows, len(data)), 4)


@pytest.mark.parametrize("ending", [".vectors", ".meaning"])
@pytest.mark.parametrize("reason", [errno.EMFILE, errno.EACCES, errno.EIO])
def test_vectors_that_cannot_be_read_now_are_not_made_anew(
    tmp_path: Path, posts: Path, server: Server, monkeypatch: pytest.MonkeyPatch, ending: str, reason: int
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    before, opening = likenesses(index), os.open
    write_post(posts, "2512.00001", "A new one", "Sparse routing.")

    def refusing(path: str, *options: int, **more: int) -> int:
        if str(path).endswith(ending):
            raise OSError(reason, os.strerror(reason), path)
        return opening(path, *options, **more)

    with monkeypatch.context() as short:
        short.setattr(os, "open", refusing)
        hint = library.open(str(index)).search("sparse routing").hint
        assert f"the index's vectors cannot be read ({os.strerror(reason)})" in str(hint)
        for options in ({}, {"rebuild": True}, {"meaning": True}):
            with pytest.raises(PapersearchError, match=os.strerror(reason)):
                library.index_folder(str(index), [str(posts)], model=server.setting, **options)
    assert library.index_folder(str(index), [str(posts)], model=server.setting).vectors == 1
    assert before.items() <= likenesses(index).items()


def test_a_list_that_is_lost_is_said_and_made_again(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    before = likenesses(index)
    with library.open(str(index)) as opened:
        next(index.glob("*.meaning")).unlink()
        opened.refresh()
        assert "damaged (papersearch_N.meaning: it is missing)" in str(opened.search("sparse routing").hint)
        assert opened.stats(look=False).model == "damaged"
    summary = library.index_folder(str(index), [str(posts)], model=server.setting)
    assert (summary.notes, summary.added, summary.updated) == ((), 0, 0)
    assert summary.vectors == summary.total
    assert likenesses(index) == before
    state = vectors.load(str(index))
    assert state is not None
    assert vector_files(index) == vectors.needed(str(index))


def test_each_removal_that_fails_or_is_cut_off_while_vectors_are_dropped_leaves_them_kept_or_dropped(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    change(posts, random.Random(5), 8)
    run(index, posts, server)
    counted, files = shutil.copytree(index, tmp_path / "counted"), Failing(0)
    vectors.forget(str(counted), files)
    assert not vector_files(counted)
    for fatal in range(1, files.count + 1):
        for fatally in (OSError, KeyboardInterrupt):
            copy = shutil.copytree(index, tmp_path / f"copy-{fatal}-{fatally.__name__}")

            def fail(fatally: type[BaseException] = fatally) -> None:
                raise fatally

            with suppress(OSError, KeyboardInterrupt):
                vectors.forget(str(copy), Failing(fatal, fail))
            vectors.verify(str(copy))  # nor are there queries that call them damaged
            kept = vectors.load(str(copy)) is not None
            assert library.index_folder(str(copy), [str(posts)]).notes == ()
            assert vector_files(copy) == vectors.needed(str(copy))
            assert bool(vector_files(copy)) == kept


def test_vectors_that_can_neither_be_removed_nor_marked_are_not_called_dropped(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    run(tmp_path / "index", posts, server)
    files = Files()
    files.create = files.remove = refuse(errno.EROFS)  # type: ignore[method-assign]
    with pytest.raises(OSError, match="Read-only"):
        vectors.forget(str(tmp_path / "index"), files)


def test_nothing_is_cleared_up_where_it_is_not_known_which_vectors_are_kept(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    before, (path,) = vector_files(index), index.glob("*.meaning")
    with disturbance(OPENED, path, refuse(errno.EIO)):
        vectors.clean(str(index), PLAIN_FILES)
    assert vector_files(index) == before
    os.truncate(path, 9)
    vectors.clean(str(index), PLAIN_FILES)
    assert vector_files(index) == before


def test_what_is_no_list_of_vectors_hides_none_that_is_and_is_cleared_without_the_model(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = tmp_path / "index"
    age(posts)  # else a run that comes late is a new state of the posts, and of the vectors too
    run(index, posts, server)
    before, files = likenesses(index), vector_files(index)
    elsewhere = {"format": 1, "number": 99, "setting": server.setting, "model": "x", "dimensions": 4, "complete": -1}
    elsewhere["parts"] = [["MAIN_0123456789abcdef", "../x.vectors", 1, 1]]
    for body in (
        b"",
        b"{}",
        b"[]",
        b"1",
        sealed(b"[]"),
        sealed(b'{"format": 1, "parts": [[]]}'),
        sealed(b"[" * 90_000),
        sealed(json.dumps(elsewhere).encode()),
    ):
        (index / "papersearch_99.meaning").write_bytes(body)
        assert likenesses(index) == before
        asked = len(server.texts)
        assert library.index_folder(str(index), [str(posts)]).notes == ()
        assert len(server.texts) == asked
        assert vector_files(index) == files


def test_a_stray_list_in_an_index_without_vectors_is_cleared_and_no_model_is_asked_for(
    tmp_path: Path, posts: Path
) -> None:
    index = tmp_path / "index"
    writer.update(str(index), [str(posts)])
    (index / "papersearch_3.meaning").write_bytes(b"damaged")
    summary = library.index_folder(str(index), [str(posts)], model=str(tmp_path / "nowhere"))
    assert len(summary.notes) == 1
    assert "they are dropped" in summary.notes[0]
    assert not vector_files(index)
    assert library.index_folder(str(index), [str(posts)]).notes == ()


def test_a_damaged_list_is_cleared_if_its_vectors_cannot_be_made_again(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    os.truncate(next(index.glob("*.meaning")), 9)
    summary = library.index_folder(str(index), [str(posts)], model=str(tmp_path / "nowhere"))
    assert len(summary.notes) == 1
    assert "they are dropped, `papersearch index --meaning` makes new ones" in summary.notes[0]
    assert not vector_files(index)
    assert library.index_folder(str(index), [str(posts)]).notes == ()
    assert not [problem for problem in library.check(str(index)) if "vectors" in problem.reason]


def test_a_name_that_only_looks_like_that_of_a_list_is_not_waited_for(tmp_path: Path, posts: Path) -> None:
    writer.update(str(tmp_path / "index"), [str(posts)])
    (tmp_path / "index" / "papersearch_007.meaning").write_bytes(b"mine")
    assert vectors.load(str(tmp_path / "index")) is None
    assert library.index_folder(str(tmp_path / "index"), [str(posts)]).notes == ()
    assert (tmp_path / "index" / "papersearch_007.meaning").read_bytes() == b"mine"


def test_vectors_of_documents_that_a_segment_has_not_are_passed_over(
    tmp_path: Path, posts: Path, server: Server
) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    state = vectors.load(str(index))
    assert state is not None
    rows = vectors.read_part(str(index), state.parts[0], state.dimensions)
    documents = rows.documents.copy()
    documents[-3:] += 1_000
    part = vectors.write_part(str(index), state.parts[0].segment, rows._replace(documents=documents), PLAIN_FILES)
    before = likenesses(index)
    vectors.write_state(str(index), replace(state, parts=(part,)), PLAIN_FILES)
    after = likenesses(index)
    assert sum(after[each] is None for each in after) - sum(before[each] is None for each in before) in range(1, 4)
    assert {each: value for each, value in after.items() if value is not None}.items() <= before.items()


def test_all_that_a_list_of_vectors_names_is_on_the_disk_before_it(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    random_post(posts, 99, random.Random(9))
    with synced_in_time(index) as commits:
        run(index, posts, server, stage=0.0)
    assert {Path(name).suffix for name in commits} == {".meaning", ".toc"}


def test_what_fails_before_it_is_whole_leaves_no_draft(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    random_post(posts, 99, random.Random(9))
    update(index, posts)
    for fatal in (1, 2, 3):
        with pytest.raises(OSError, match="No space left"):
            run(index, posts, server, Failing(fatal))
        with pytest.raises(KeyboardInterrupt):
            run(index, posts, server, Failing(fatal, interrupt))
        assert not list(index.glob("*.draft"))


def operations(posts: Path, index: Path, place: Path, server: Server) -> int:
    """How many operations a run takes that nothing disturbs."""
    copy, files = shutil.copytree(index, place / "counted"), Failing(0)
    run(copy, posts, server, files, stage=0.0)
    return files.count


def test_each_operation_that_fails_leaves_whole_vectors(tmp_path: Path, posts: Path, server: Server) -> None:
    index = tmp_path / "index"
    run(index, posts, server)
    change(posts, random.Random(5), 8)
    random_post(posts, 99, random.Random(9))
    run(tmp_path / "fresh", posts, server)
    new = likenesses(tmp_path / "fresh")
    for fatal in range(1, operations(posts, index, tmp_path, server) + 1):
        copy = shutil.copytree(index, tmp_path / f"copy-{fatal}")
        with suppress(OSError):
            run(copy, posts, server, Failing(fatal), stage=0.0)
        likenesses(copy)
        run(copy, posts, server)
        assert likenesses(copy) == new, fatal
        state = vectors.load(str(copy))
        assert state is not None
        assert vector_files(copy) == vectors.needed(str(copy)), fatal
        shutil.rmtree(copy)


KILLED = """
import os, sys
from pathlib import Path
from tests.disturbances import OPENED, disturbance, once
from tests.embedders import Server
from tests.stores import Failing
from tests.vectors import run
server = Server(sys.argv[4])
run(Path(sys.argv[1]), Path(sys.argv[2]), server, Failing(int(sys.argv[3]), lambda: os._exit(9)), 0.0)
"""


def test_a_kill_loses_one_stage_at_most(tmp_path: Path, server: Server) -> None:
    posts, index = tmp_path / "posts", tmp_path / "index"
    posts.mkdir()
    for number in range(200):
        write_post(posts, f"2501.{number:05}v1", f"Paper {number}", f"About subject {number * 7}.")
    files = Failing(0)
    run(tmp_path / "counted", posts, server, files, stage=0.0)
    for fatal in (files.count // 3, files.count * 2 // 3, files.count - 2, files.count):
        shutil.rmtree(index, ignore_errors=True)
        server.texts.clear()
        command = [sys.executable, "-c", KILLED, str(index), str(posts), str(fatal), server.setting]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)
        assert done.returncode == 9
        run(index, posts, server)
        assert None not in likenesses(index).values()
        assert len([text for text in server.texts if text.startswith("Paper")]) <= 200 + embed.BLOCK
