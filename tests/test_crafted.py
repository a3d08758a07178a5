"""Files whose checksums are right and whose content is not: damage, said in one line, and never a traceback."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from papersearch import library
from papersearch.core.errors import DamagedIndexError
from papersearch.core.records import Problem
from papersearch.engine.index.audit import audit
from papersearch.engine.index.container import MAGIC, TRAILER, Container, SectionWriter, sealed, unsealed
from papersearch.engine.index.documents import pack_stored
from papersearch.engine.index.folder import DOUBT_FILE
from papersearch.engine.index.segment import Segment
from tests.stores import answers, problems_of_index, update

QUERIES = ("spar*", "transfomer~", "title:sparse", '"sparse routing"', "author:Ann", "year:2024", "r?bot", "zeroshot")


@pytest.fixture
def copy(whole: tuple[Path, Path]) -> Path:
    beside = whole[1].parent
    return shutil.copytree(whole[1], beside / f"index-{len(os.listdir(beside))}")


def manifest_of(index: Path) -> Path:
    return max(index.glob("papersearch_[0-9]*.json"))


def craft_manifest(index: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = manifest_of(index)
    raw = json.loads(unsealed(path.read_bytes()) or b"")
    change(raw)
    path.write_bytes(sealed(json.dumps(raw).encode()))


def craft(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Write a file of the index anew with other sections, and the manifest with its checksum and sizes."""
    old = Container(str(path))
    sections = {name: bytes(old.view(name)) for name in old.names()}
    change(sections)
    out = io.BytesIO()
    writer = SectionWriter(out)
    for name, data in sections.items():
        writer.add(name, data)
    writer.finish()
    path.write_bytes(out.getvalue())

    def admit(raw: dict[str, Any]) -> None:
        for segment in raw["segments"]:
            segment["sizes"] = [os.path.getsize(path.parent / (segment["name"] + end)) for end in (".docs", ".terms")]
        if path.suffix == ".files":
            raw["table_checksum"] = writer.checksum

    craft_manifest(path.parent, admit)


def largest(index: Path, suffix: str) -> Path:
    return max(index.glob(f"*{suffix}"), key=lambda path: path.stat().st_size)


def ask_everything(index: Path) -> object:
    found = answers(index)
    opened = library.Index(str(index))
    for query in QUERIES:
        opened.search(query, limit=100, explain=True)
    for sort in ("newest", "title"):
        opened.search("*", sort=sort, limit=100)
    for by in ("tag", "author", "year", "month"):
        opened.facets(by)
    opened.completions("spa")
    opened.stats()
    opened.tags(), opened.authors(), opened.titles()
    for paper_id in opened.ids()[:5]:
        opened.paper(paper_id)
        opened.similar(paper_id)
    return found


def survive(index: Path, posts: Path, right: object) -> list[Problem]:
    """Ask, check and run: each does what it should or says in one line what is damaged. If asking said so, the next run
    builds the index anew. What ``check`` said of the index."""
    damaged = is_damaged(lambda: ask_everything(index))
    said = problems_of_index(index, posts)
    assert said or not damaged
    for _ in range(2):  # if the first finds it on the way, the next builds it anew
        is_damaged(lambda: library.index_folder(str(index), [str(posts)], jobs=1))
    if damaged:
        assert answers(index) == right
        assert not problems_of_index(index, posts)
    return said


def is_damaged(do: Callable[[], object]) -> bool:
    """Whether it ends in the one line that says so; any other error is raised."""
    try:
        do()
    except DamagedIndexError as error:
        return "\n" not in str(error)
    return False


def spoilt(data: bytes, chance: random.Random) -> bytes:
    """The bytes of a section with something else in them, or more or fewer of them."""
    kind, at = chance.randrange(5), chance.randrange(max(1, len(data))) // 8 * 8
    if kind == 0 or not data:
        return data[:at]
    if kind == 1:
        return data + chance.randbytes(8)
    return data[:at] + (b"\xff" * 8 if kind == 2 else chance.randbytes(8))[: len(data) - at] + data[at + 8 :]


def spoil(name: str, chance: random.Random, sections: dict[str, bytes]) -> None:
    sections[name] = spoilt(sections[name], chance)


SECTIONS = (
    *((".terms", name) for name in "block_starts first_keys key_starts frequencies profiles shares count".split()),
    *((".docs", name) for name in "stored_starts stored_checks token_starts token_checks token_width".split()),
    *(
        (".docs", name)
        for name in ("breaks", "break_starts", "length.title", "length.abstract", "column.published", "column.run")
    ),
    *(
        (".files", name)
        for name in "paths ids posted sizes times digests segments documents runs reasons state".split()
    ),
)


@pytest.mark.parametrize(("suffix", "name"), SECTIONS, ids="".join)
def test_a_section_of_anything_with_the_right_checksum_is_damage_at_most(
    whole: tuple[Path, Path], copy: Path, right: object, suffix: str, name: str
) -> None:
    for seed in range(2):
        shutil.rmtree(copy)
        shutil.copytree(whole[1], copy)
        chance = random.Random(f"{suffix}{name}{seed}")
        craft(largest(copy, suffix), partial(spoil, name, chance))
        survive(copy, whole[0], right)


@pytest.mark.parametrize("seed", range(6))
def test_a_block_of_a_dictionary_that_says_nonsense_is_damage_at_most(
    whole: tuple[Path, Path], copy: Path, right: object, seed: int
) -> None:
    chance = random.Random(seed)

    def change(sections: dict[str, bytes]) -> None:
        starts = memoryview(sections["block_starts"]).cast("Q")
        first, last = starts[0], starts[1]
        block = bytearray(sections["blocks"][first + 4 : last])
        block[chance.randrange(12 if seed % 2 else len(block))] = chance.choice((0, 255, 77))
        sections["blocks"] = (
            sections["blocks"][:first] + crc32(block).to_bytes(4, "little") + block + sections["blocks"][last:]
        )

    craft(largest(copy, ".terms"), change)
    survive(copy, whole[0], right)


@pytest.mark.parametrize(
    "row", [b"", b"\xff" * 9, pack_stored({}), pack_stored({"id": 1, "path": None}), pack_stored([])]
)  # type: ignore[arg-type]
def test_a_stored_row_of_anything_is_named_as_damage(
    whole: tuple[Path, Path], copy: Path, right: object, row: bytes
) -> None:
    craft(largest(copy, ".docs"), partial(put_first, "stored", row, 1))
    assert survive(copy, whole[0], right)


def put_first(name: str, row: bytes, width: int, sections: dict[str, bytes]) -> None:
    """Put a row, which is counted in units of ``width`` bytes, in place of the first one of a section."""
    start = "stored" if name == "stored" else "token"
    starts = memoryview(sections[f"{start}_starts"]).cast("Q").tolist()
    sections[name] = row + sections[name][starts[1] * width :]
    moved = [each + len(row) // width - starts[1] for each in starts[1:]]
    sections[f"{start}_starts"] = b"".join(each.to_bytes(8, "little") for each in [0, *moved])
    sections[f"{start}_checks"] = crc32(row).to_bytes(4, "little") + sections[f"{start}_checks"][4:]


@pytest.mark.parametrize("wrong", [{"title": 7}, {"authors": "Ann"}, {"tags": [1]}, {"abstract": None}], ids=repr)
def test_a_fact_of_another_kind_is_named_as_damage(
    whole: tuple[Path, Path], copy: Path, right: object, wrong: dict[str, Any]
) -> None:
    path = largest(copy, ".docs")
    stored = Segment(str(copy), path.stem).documents.stored(0)
    craft(path, partial(put_first, "stored", pack_stored(stored | wrong), 1))
    assert survive(copy, whole[0], right)


def test_a_word_that_the_dictionary_has_not_is_named_as_damage(
    whole: tuple[Path, Path], copy: Path, right: object
) -> None:
    path = largest(copy, ".docs")
    documents = Segment(str(copy), path.stem).documents
    row = bytes(documents.raw_tokens(0, 1))
    unknown = b"\xff" * documents.width + row[documents.width :]
    craft(path, partial(put_first, "tokens", unknown, documents.width))
    assert survive(copy, whole[0], right)


WRONG = (None, -1, 10**30, [], "x", [1], {}, 0.5, True, ["\0"])


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_manifest_with_a_value_of_another_kind_is_damage(
    whole: tuple[Path, Path], copy: Path, right: object, wrong: object
) -> None:
    keys = json.loads(unsealed(manifest_of(copy).read_bytes()) or b"")
    before = manifest_of(copy).read_bytes()
    for key in keys:
        if type(wrong) is not {"folders": list, "exclude": list, "indexed_at": str}.get(key) or wrong == ["\0"]:
            craft_manifest(copy, lambda raw, key=key: raw.update({key: wrong}))  # type: ignore[misc]
            with pytest.raises(DamagedIndexError):
                library.Index(str(copy))
        manifest_of(copy).write_bytes(before)
    for key, value in (("deleted", [10**9]), ("hidden", [-1]), ("count", 3), ("sizes", [1]), ("deleted", ["a"])):
        craft_manifest(copy, lambda raw, key=key, value=value: raw["segments"][0].update({key: value}))  # type: ignore[misc]
        with pytest.raises(DamagedIndexError):
            library.Index(str(copy))
        manifest_of(copy).write_bytes(before)
    craft_manifest(copy, lambda raw: raw.update(papers=wrong))
    survive(copy, whole[0], right)


@pytest.mark.parametrize(
    ("key", "value"), [("deleted", None), ("hidden", None), ("hidden", -1), ("run", 1 << 31), ("papers", 1)]
)
def test_numbers_of_a_manifest_that_agree_and_yet_cannot_be_are_damage(copy: Path, key: str, value: int | None) -> None:
    """Without a value: of a document after the last one."""

    def change(raw: dict[str, Any]) -> None:
        segment = raw["segments"][0]
        if key in segment:
            segment[key].append(segment["count"] if value is None else value)
            raw["papers"] -= 1
            raw["posts"] -= key == "deleted"
        else:
            raw[key] = value

    craft_manifest(copy, change)
    with pytest.raises(DamagedIndexError):
        library.Index(str(copy))


@pytest.mark.parametrize(
    ("starts", "breaks"), [([1, 1, 1], [1]), ([0, 2, 1], [1, 1]), ([0, 2, 2], [2, 1]), ([0, 1, 1], [200])]
)
def test_breaks_that_cannot_be_are_damage(copy: Path, starts: list[int], breaks: list[int]) -> None:
    def change(sections: dict[str, bytes]) -> None:
        count = len(sections["token_checks"]) // 4
        sections["break_starts"] = bytes([*starts, *[starts[-1]] * (count + 1 - len(starts))])
        sections["breaks"] = bytes(breaks[: starts[-1]])

    craft(largest(copy, ".docs"), change)
    with pytest.raises(DamagedIndexError):
        audit(str(copy))


def test_a_whole_index_passes_the_audit_and_a_fault_of_ours_stays_one(whole: tuple[Path, Path], copy: Path) -> None:
    audit(str(whole[1]))
    opened = library.Index(str(copy))
    with pytest.raises((TypeError, AttributeError)):
        opened.completions(5)  # type: ignore[arg-type]
    assert not (copy / DOUBT_FILE).exists()


@pytest.mark.parametrize("name", ["../corpus/away", "MAIN_/../../corpus/ab"])  # one as long as ours are
def test_a_manifest_cannot_name_files_outside(own: Path, name: str) -> None:
    index = own / "index"
    update(index, own / "corpus")
    (index / "MAIN_").mkdir()
    for path in (*index.glob("*.docs"), *index.glob("*.terms")):
        shutil.copy(path, index / f"{name}{path.suffix}")
    craft_manifest(index, lambda raw: raw["segments"][0].update(name=name))
    with pytest.raises(DamagedIndexError):
        library.Index(str(index))
    assert update(index, own / "corpus").notes
    assert {path.suffix for path in (own / "corpus").iterdir()} == {".md", ".docs", ".terms"}


def test_no_byte_of_a_file_changes_unnoticed(tmp_path: Path) -> None:
    out = io.BytesIO()
    writer = SectionWriter(out)
    for name, data in (("a", b"12345"), ("empty", b""), ("b", b"123")):
        writer.add(name, data)
    writer.finish()
    whole, path = out.getvalue(), tmp_path / "file"
    path.write_bytes(whole)
    Container(str(path)).verify()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DamagedIndexError):
            Container(str(path)).verify()


@pytest.mark.parametrize("body", [b"[]", b"{}", b"1", b'{"format": 3}', b"[" * 100_000, b"null"])
def test_a_manifest_of_something_else_is_damage(own: Path, body: bytes) -> None:
    update(own / "index", own / "corpus")
    (own / "index" / "papersearch_0.json").write_bytes(body + b"\n%08x\n" % crc32(body))
    with pytest.raises(DamagedIndexError):
        library.Index(str(own / "index"))
    assert len(update(own / "index", own / "corpus").notes) == 1
    assert len(answers(own / "index")["*"]) == 2


@pytest.mark.parametrize("rebuild", [False, True])
@pytest.mark.parametrize("sections", [{}, {"sizes": b"abc"}, {"sizes": bytes(16), "paths": b"a"}])
def test_a_whole_file_that_is_no_table_is_damage(own: Path, sections: dict[str, bytes], rebuild: bool) -> None:
    update(own / "index", own / "corpus")
    with (own / "index" / "papersearch_0.files").open("wb") as file:
        writer = SectionWriter(file)
        for name, data in sections.items():
            writer.add(name, data)
        writer.finish()
    assert bool(update(own / "index", own / "corpus", rebuild=rebuild).notes) != rebuild
    assert len(answers(own / "index")["*"]) == 2


@pytest.mark.parametrize(
    "reasons", [b"[]", b'{"2": [0, "x"]}', b'{"-1": [0, "x"]}', b'{"0": 1}', b'{"x": [0, "x"]}', b'{"0": [null, "x"]}']
)
def test_reasons_of_files_that_there_are_not_are_damage(own: Path, reasons: bytes) -> None:
    update(own / "index", own / "corpus")
    craft(own / "index" / "papersearch_0.files", lambda sections: sections.update(reasons=reasons))
    assert len(update(own / "index", own / "corpus").notes) == 1
    assert len(answers(own / "index")["*"]) == 2


@pytest.mark.parametrize(
    "directory", [b"[]", b"1", b'{"sizes": 3}', b'{"sizes": [0, 9999, 0]}', b"[" * 50_000, b'{"a":[-9,3,0]}']
)
def test_a_directory_that_leads_out_of_its_file_is_damage(tmp_path: Path, directory: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(MAGIC + directory + TRAILER.pack(len(MAGIC), len(directory), crc32(directory), MAGIC))
    with pytest.raises(DamagedIndexError, match="directory"):
        Container(str(path))


@pytest.mark.parametrize("name", ["papersearch_{}.files", "papersearch_{}.json", "_MAIN_{}.toc"])
def test_a_file_of_an_older_state_in_place_of_the_newest_is_noticed(own: Path, name: str) -> None:
    index = own / "index"
    update(index, own / "corpus")
    old = (index / name.format(0)).read_bytes()
    (own / "corpus" / "2402.00002.md").unlink()
    update(index, own / "corpus")
    (index / name.format(1)).write_bytes(old)
    assert library.check(str(index), [str(own / "corpus")])
    (note,) = update(index, own / "corpus").notes
    assert name.format(1) in note
    assert [each[0] for each in answers(index)["*"]] == ["2401.00001"]
    assert not library.check(str(index), [str(own / "corpus")])


@pytest.mark.parametrize(
    ("section", "data", "said"),
    [
        ("documents", b"\1\0\0\0" + bytes(4), "the index has another post in its place"),
        ("documents", b"\7\0\0\0" + bytes(4), "the index has no document for this post"),
        ("segments", b"\xff" * 4 + bytes(4), "document 0 of MAIN_"),
    ],
)
def test_a_check_says_which_post_is_not_where_the_index_has_it(own: Path, section: str, data: bytes, said: str) -> None:
    index = own / "index"
    update(index, own / "corpus")
    craft(index / "papersearch_0.files", lambda sections: sections.update({section: data}))
    assert any(said in problem.reason for problem in library.check(str(index), [str(own / "corpus")]))
