"""What is known of files, in columns: the same as one by one, and small."""

from __future__ import annotations

import io
import os
import pickle
import random
import tracemalloc
from pathlib import Path

import pytest

from papersearch.core.errors import DamagedIndexError
from papersearch.core.strings import Strings
from papersearch.engine.build.changes import compare
from papersearch.engine.build.tasks import Task, Tasks
from papersearch.engine.index.container import SectionWriter
from papersearch.engine.index.filetable import Table, write_table
from papersearch.engine.index.rows import NOWHERE, Row, Rows
from papersearch.posts.naming import path_names
from papersearch.posts.states import FileState, States

ODD = ["", "a", "Ünï", "字", os.fsdecode(b"no \xff utf-8"), "with\nline", "", "z" * 300]


def rows_of(count: int, folder: str = "/posts") -> list[Row]:
    chance = random.Random(count)
    return [
        Row(
            f"{folder}/{number:06}{chance.choice(ODD)}.md",
            *(chance.randrange(1 << 40) for _ in range(3)),
            chance.randbytes(16),
            chance.choice([0, 3, NOWHERE]),
            number,
            f"2401.{number:05}",
            chance.randrange(4),
            "2024-01-01",
            2,
            *chance.choice([(0, ""), (0, ""), (7, "no title")]),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ODD, ODD * 1_500])
def test_texts_in_one_piece_are_what_they_were(texts: list[str]) -> None:
    strings = Strings.of(texts)
    assert [*strings] == strings.list() == texts == [strings[number] for number in range(len(texts))]
    assert [*pickle.loads(pickle.dumps(strings))] == texts
    assert [*strings[1:5]] == texts[1:5]
    assert [*strings[::-2]] == texts[::-2]
    assert [*Strings.joined([strings, Strings.of([]), strings])] == texts * 2
    with pytest.raises(IndexError):
        strings[len(texts)]


def test_rows_in_columns_are_the_rows() -> None:
    rows = rows_of(50)
    columns = Rows.of(rows)
    assert [*columns] == rows == [columns[number] for number in range(50)]
    assert [*Rows.joined([columns, Rows.of([]), columns])] == rows * 2
    order = [7, 3, 3, 49]
    assert [*columns.taken(order)] == [rows[number] for number in order]
    mixed = random.Random(1).sample(rows, 50)
    assert [*Rows.of(mixed).in_order()] == rows
    assert columns.indexed == sum(row.segment != NOWHERE for row in rows)
    assert columns.with_reason() == [row for row in rows if row.reason]
    assert [columns.by_path()(row.path) for row in rows] == rows
    assert columns.by_path()("/elsewhere") is None
    assert [*pickle.loads(pickle.dumps(columns))] == rows
    moved = columns.placed(lambda segment, document: (segment + 1, document + 10), {3})
    for before, after in zip(rows, moved, strict=True):
        there = before.segment == 3
        assert after == (
            before._replace(segment=before.segment + 1, document=before.document + 10) if there else before
        )


@pytest.mark.parametrize(
    "wanted",
    [
        [*range(1_000)],
        [*range(300, 1_000)],
        [*range(400), 950, *range(400, 950), *range(951, 1_000)],
        [*range(500), *range(499), 999],
        [999],
        [],
    ],
)
def test_rows_that_follow_each_other_are_taken_in_pieces_as_one_by_one(wanted: list[int]) -> None:
    rows = rows_of(1_000)
    assert [*Rows.of(rows).taken(wanted)] == [rows[number] for number in wanted]


def test_a_table_holds_the_rows_wherever_its_folder_is_moved(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name / "index").mkdir(parents=True)
    home = f"{os.path.realpath(tmp_path)}/here/"
    rows = [*rows_of(20, f"{home}posts"), *rows_of(5, "/elsewhere")]
    file = io.BytesIO()
    write_table(Rows.of(random.Random(2).sample(rows, 25)), file, home)
    for name in ("here", "there"):
        table = tmp_path / name / "index" / "papersearch_0.files"
        table.write_bytes(file.getvalue())
        start = home.replace("/here/", f"/{name}/")
        expected = sorted(row._replace(path=row.path.replace(home, start)) for row in rows)
        assert [*Table(str(table)).rows()] == expected
        assert Table(str(table)).is_of(States.of(FileState(*row[:4]) for row in expected))
        assert not Table(str(table)).is_of(States.of(FileState(*row[:4]) for row in expected[1:]))


def test_a_table_with_more_paths_than_files_is_damaged(tmp_path: Path) -> None:
    file = io.BytesIO()
    write_table(Rows.of(rows_of(3)), file)
    path = tmp_path / "papersearch_0.files"
    path.write_bytes(file.getvalue())
    whole = Table(str(path))
    wrong = io.BytesIO()
    sections = SectionWriter(wrong)
    for name in whole._container.names():
        data = bytes(whole._container.view(name))
        sections.add(name, data + b"\0more" if name == "paths" else data)
    sections.finish()
    path.write_bytes(wrong.getvalue())
    for read in (Table.rows, Table.verify):
        with pytest.raises(DamagedIndexError):
            read(Table(str(path)))


def test_tasks_are_made_of_the_files_that_are_to_be_read() -> None:
    states = States.of(FileState(f"/posts/{number}.md", number, 1, 2) for number in range(30))
    known = {"/posts/4.md": rows_of(1)[0]}
    tasks = Tasks(states, range(2, 30, 2), 5, {"/posts/6.md": "a/6"}, known.get)
    names = {6: "a/6"}
    assert [*tasks] == [
        Task(states[number], 5, names.get(number, ""), known.get(states[number].path)) for number in range(2, 30, 2)
    ]
    assert [*tasks[1:4]] == [*tasks][1:4]
    assert [*tasks.sizes()] == [task.state.size for task in tasks]
    more = tasks.with_known({"/posts/8.md": rows_of(2)[1]}.get)
    assert more[3].known == rows_of(2)[1]
    for some in (tasks, more[1:4], more[:0], Tasks(states, range(3, 9), 5), Tasks(states, [8, 3, 4], 5)):
        assert [*pickle.loads(pickle.dumps(some))] == [*some] == [some[number] for number in range(len(some))]
    assert len(pickle.dumps(tasks[:1])) < len(pickle.dumps(tasks)) / 2


def test_what_is_known_of_a_file_takes_less_than_its_path_three_times_over() -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = (
            Rows.of(rows_of(5_000, "/" + "folder/" * 10)),
            States.of(FileState(*row[:4]) for row in rows_of(5_000, "/" + "folder/" * 10)),
        )
        each = (tracemalloc.get_traced_memory()[0] - before) / 5_000
    finally:
        tracemalloc.stop()
    assert len(kept[0]) == len(kept[1]) == 5_000
    assert each < 450  # as objects 1,300


def test_names_are_those_of_no_other_post() -> None:
    assert path_names(["/a/one.md", "/a/two.md"], ["/a"]) == path_names([], []) == {}
    one = path_names(["/a/one.md", "/a/ONE.markdown", "/a/Two.md"], ["/a"])
    assert one == {"/a/one.md": "one.md", "/a/ONE.markdown": "ONE.markdown"}
    assert path_names(["/A/ONE.md", "/A/one.md"], ["/A"]) == {"/A/ONE.md": "ONE.md", "/A/one.md": "one-2.md"}
    assert path_names(["/a/2401.00001.md", "/a/2401.00001.markdown"], ["/a"]) == {}
    bundles = path_names(["/a/index.md", "/a/README.md", "/a/x/index/README.md"], ["/a"])
    assert bundles == {"/a/index.md": "index.md", "/a/README.md": "README.md"}
    bundles = path_names(["/a/p/index.md", "/b/p/index.md", "/b/p/x/index/README.md"], ["/a/p", "/b/p"])
    assert bundles == {"/a/p/index.md": "p/index.md", "/b/p/index.md": "p/index-2.md"}
    bundles = path_names(["/a/index.md", "/a/x/a.md", "/a/x/index/README.md"], ["/a"])
    assert bundles == {"/a/index.md": "index.md", "/a/x/a.md": "x/a"}
    both = path_names(["/a/x/one.md", "/a/y/One.md", "/a/y/two.md"], ["/a"])
    assert both == {"/a/x/one.md": "x/one", "/a/y/One.md": "y/One"}


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.0005, 0.02, 0.4, 1.0])
def test_what_changed_is_told_by_path_wherever_it_stands(share: float, ordered: bool) -> None:
    chance = random.Random(share)
    rows = rows_of(10_000)
    files = {row.path: FileState(*row[:4]) for row in rows}
    gone, changed, new = (
        {row.path for row in rows if chance.random() < share},
        {row.path for row in rows if chance.random() < share},
        {f"/posts/{chance.randrange(10_000):06}x{number}.md" for number in range(int(10_000 * share))},
    )
    for path in changed:
        files[path] = files[path]._replace(size=files[path].size + 1)
    files |= {path: FileState(path, 1 << 41, 1, 1) for path in new}
    here = sorted(files.keys() - gone)
    if not ordered:
        chance.shuffle(here)
        chance.shuffle(rows)
    changes = compare(map(files.__getitem__, here), rows, 1 << 62, 3)
    left = {row.path: row for row in rows if row.path not in gone}
    assert {row.path: row for row in changes.kept} == {path: left[path] for path in left.keys() - changed}
    assert changes.replaced == {path: left[path] for path in left.keys() & changed}
    assert {row.path for row in changes.removed} == gone
    assert {task.state.path for task in changes.tasks} == new | (left.keys() & changed)
