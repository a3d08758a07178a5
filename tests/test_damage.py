"""Every file of an index cut short, emptied, removed or altered: a right answer or a clear error, and it is mended."""

from __future__ import annotations

import errno
import itertools
import os
import random
import re
import shutil
from pathlib import Path
from zlib import crc32

import pytest

from papersearch import library
from papersearch.core.errors import DamagedIndexError, PapersearchError
from papersearch.core.opening import read_whole
from papersearch.engine.index.audit import audit
from papersearch.engine.index.container import Container, SectionWriter
from papersearch.engine.index.folder import DOUBT_FILE, LOCK_FILE
from papersearch.engine.index.segment import Segment
from tests.commands import run_program
from tests.disturbances import refuse
from tests.stores import answers, fresh_answers, problems_of_index, random_post, random_posts, update

# Of copies beside an index: a folder of a test that passed is gone, and its name may come again.
NUMBERS = itertools.count()


def files(index: Path) -> list[str]:
    return sorted(name for name in os.listdir(index) if name != LOCK_FILE)


def check_and_mend(copy: Path, posts: Path, right: object, noticed: bool = True) -> None:
    """Asking gives the right answer or an error; ``check`` notices; the next run mends it."""
    said = None
    try:
        found = answers(copy)
    except PapersearchError as error:
        said = error
    if said is None:
        assert found == right
    else:
        assert said.exit_code == 3
        assert "\n" not in str(said)
    if noticed:
        assert problems_of_index(copy, posts)
    update(copy, posts)
    assert answers(copy) == right
    assert not problems_of_index(copy, posts)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_is_cut_short_gives_no_wrong_answer_and_is_mended(
    whole: tuple[Path, Path], right: object, share: float
) -> None:
    posts, index = whole
    for name in files(index):
        copy = shutil.copytree(index, index.with_name(f"index-{next(NUMBERS)}"))
        size = (copy / name).stat().st_size
        os.truncate(copy / name, min(size - 1, int(size * share)))
        check_and_mend(copy, posts, right)


@pytest.mark.parametrize("ending", [".docs", ".terms"])
def test_a_file_that_is_cut_short_while_it_is_open_does_not_end_the_process(tmp_path: Path, ending: str) -> None:
    posts, index = tmp_path / "posts", tmp_path / "index"
    random_posts(posts, 5, random.Random(3))
    update(index, posts)
    program = """
import os, sys, papersearch
index = papersearch.open(sys.argv[1])
os.truncate(sys.argv[2], 0)
for ask in (index.search, index.similar, index.completions):
    try:
        ask("2401.00001")
    except papersearch.DamagedIndexError as damage:
        print(damage.message)
"""
    file = next(index.glob(f"*{ending}"))
    ran = run_program(program, str(index), str(file))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"the index is damaged ({file.name}: it was cut short)\n" * 3


@pytest.mark.parametrize("ending", [".toc", ".json", ".files", ".docs", ".terms"])
def test_an_index_that_cannot_be_read_now_is_not_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    posts, index, opening = tmp_path / "posts", tmp_path / "index", os.open
    random_posts(posts, 5, random.Random(3))
    update(index, posts)
    random_post(posts, 99, random.Random(4))

    def refusing(path: str, *options: int, **more: int) -> int:
        if str(path).endswith(ending):
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return opening(path, *options, **more)

    with monkeypatch.context() as short:
        short.setattr(os, "open", refusing)
        with pytest.raises(PapersearchError):
            library.index_folder(str(index), [str(posts)])
    summary = library.index_folder(str(index), [str(posts)])
    assert (summary.added, summary.unchanged, summary.notes) == (1, 5, ())


@pytest.mark.parametrize(("ending", "create"), [(".md", 0), (".docs", os.O_CREAT)])
def test_a_run_removes_nothing_of_an_index_that_cannot_be_read_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, create: int
) -> None:
    """Once posts are read, or a segment is to be written, no file of the index can be opened: what the last state needs
    is only told by two of them."""
    posts, index, opening = tmp_path / "posts", tmp_path / "index", os.open
    random_posts(posts, 5, random.Random(3))
    update(index, posts)
    before = answers(index)
    random_post(posts, 99, random.Random(4))
    broken = False

    def refusing(path: str, flags: int, *mode: int) -> int:
        nonlocal broken
        broken = broken or (str(path).endswith(ending) and flags & create == create)
        if broken and str(path).startswith(str(index)):
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return opening(path, flags, *mode)

    with monkeypatch.context() as short:
        short.setattr(os, "open", refusing)
        with pytest.raises(PapersearchError, match=os.strerror(errno.EIO)):
            library.index_folder(str(index), [str(posts)])
    assert answers(index) == before
    assert library.index_folder(str(index), [str(posts)]).notes == ()
    assert answers(index) == fresh_answers(posts, tmp_path / "fresh")


@pytest.mark.skipif(not hasattr(os, "pread"), reason="sections are looked at in memory here")
def test_what_is_read_of_a_section_is_what_it_holds_and_its_file_is_let_go(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        sections = SectionWriter(file)
        sections.add("first", b"odd")
        sections.add("second", bytes(range(256)))
        sections.finish()
    before = len(os.listdir("/dev/fd"))
    container = Container(str(tmp_path / "file"))
    read = container.reading("second")
    assert [read(0, 256), read(7, 7), read(250, 253)] == [bytes(range(256)), b"", bytes([250, 251, 252])]
    assert [read(0, 1 << 60), read(1 << 63, 1 << 64), read(5, 4)] == [b"", b"", b""]  # as a crafted file may have it
    os.truncate(tmp_path / "file", 64)
    assert len(read(0, 256)) < 256  # as checksums then notice, where to look at it in memory would end the process
    del read, container
    assert len(os.listdir("/dev/fd")) == before


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs a file of which no first byte can be read")
def test_a_file_that_a_broken_disk_does_not_give_back_is_named() -> None:
    """The system names what cannot be opened, and not what cannot be read."""
    with pytest.raises(OSError, match=f"{re.escape(os.strerror(errno.EIO))}.*/proc/self/mem"):
        read_whole("/proc/self/mem")


def test_a_file_that_is_gone_gives_no_wrong_answer_and_is_mended(whole: tuple[Path, Path], right: object) -> None:
    posts, index = whole
    for name in files(index):
        copy = shutil.copytree(index, index.with_name(f"index-{next(NUMBERS)}"))
        (copy / name).unlink()
        check_and_mend(copy, posts, right, noticed=not name.endswith(".toc"))


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bits_give_no_wrong_answer_and_are_mended(whole: tuple[Path, Path], right: object, seed: int) -> None:
    posts, index = whole
    chance = random.Random(seed)
    name = files(index)[seed % len(files(index))]
    copy = shutil.copytree(index, index.with_name(f"index-{next(NUMBERS)}"))
    data = bytearray((copy / name).read_bytes())
    for _ in range(chance.choice((1, 1, 20))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    if bytes(data) == (index / name).read_bytes():
        return
    (copy / name).write_bytes(data)
    check_and_mend(copy, posts, right)


def test_another_users_index_is_not_opened_unless_trusted(
    whole: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, index = whole
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    for said in ("", "0"):
        monkeypatch.setenv("PAPERSEARCH_TRUST", said)
        with pytest.raises(PapersearchError, match="--trust"):
            library.Index(str(index))
    assert library.Index(str(index), trust=True).ids()
    monkeypatch.setenv("PAPERSEARCH_TRUST", "1")
    assert library.Index(str(index)).ids()


def test_what_is_known_of_posts_is_not_said_to_be_out_of_sight_where_it_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "otters.md").write_text("# Otters\n\nThey build.\n")
    library.index_folder(str(tmp_path / "index"), [str(tmp_path / "corpus")])
    (known,) = (tmp_path / "index").glob("papersearch_*.files")
    data = bytearray(known.read_bytes())
    data[len(data) // 2] ^= 255
    known.write_bytes(data)
    opened = library.open(str(tmp_path / "index"))
    assert opened.stats(look=False).papers == 1
    with pytest.raises(DamagedIndexError):
        opened.stats()


def test_another_version_is_said_and_built_again(whole: tuple[Path, Path]) -> None:
    posts, index = whole
    copy = shutil.copytree(index, index.with_name(f"index-{next(NUMBERS)}"))
    manifest = next(copy.glob("papersearch_*.json"))
    body = manifest.read_bytes().rstrip(b"\n").rpartition(b"\n")[0].replace(b'"analysis": "', b'"analysis": "9')
    manifest.write_bytes(body + b"\n%08x\n" % crc32(body))
    with pytest.raises(PapersearchError) as refused:
        library.Index(str(copy))
    assert "newer version" in str(refused.value)
    assert "papersearch index" in str(refused.value)
    assert any("anew" in note for note in update(copy, posts).notes)
    assert library.Index(str(copy)).ids()


def test_damage_that_only_a_reader_notices_is_mended_by_the_next_run(whole: tuple[Path, Path]) -> None:
    """As when a disk loses a bit: no time of any file tells."""
    posts, index = whole
    right = answers(index)
    copy = shutil.copytree(index, index.with_name(f"index-{next(NUMBERS)}"))
    for path in copy.glob("*.docs"):
        times = path.stat().st_atime_ns, path.stat().st_mtime_ns
        data = bytearray(path.read_bytes())
        data[40] ^= 1  # in the stored fields of the first document
        path.write_bytes(data)
        os.utime(path, ns=times)
    with pytest.raises(PapersearchError):
        answers(copy)
    assert update(copy, posts).notes
    assert not (copy / DOUBT_FILE).exists()  # else the next run would look at everything again
    assert answers(copy) == right
    assert not update(copy, posts).notes


@pytest.mark.parametrize("ending", [".docs", ".terms", ".files"])
def test_damage_in_what_a_run_builds_on_is_mended_by_it_whatever_the_times_of_files_say(
    whole: tuple[Path, Path], right: object, ending: str
) -> None:
    posts, index = whole
    (path, *_) = index.glob(f"*{ending}")
    container, times = Container(str(path)), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    large = ("stored", "tokens", "postings", "blocks")  # of which each part is verified when it is read
    small = [(name, *place) for name, place in container._directory.items() if place[1] and name not in large]
    assert len(small) > 5
    copy = index.with_name(f"index-{next(NUMBERS)}")
    for name, start, _, _ in small:
        shutil.copytree(index, copy)
        with (copy / path.name).open("r+b") as file:
            file.seek(start)
            file.write(bytes([container._map[start] ^ 1]))
        os.utime(copy / path.name, ns=times)
        assert update(copy, posts).notes, name
        assert answers(copy) == right
        shutil.rmtree(copy)


def test_words_of_a_post_that_are_not_as_they_were_written_are_damage_to_whoever_reads_them(
    whole: tuple[Path, Path],
) -> None:
    """Phrases are looked for in them, and whatever has no phrase any more would just not be found."""
    copy = shutil.copytree(whole[1], whole[1].with_name(f"index-{next(NUMBERS)}"))
    path = max(copy.glob("*.docs"), key=lambda path: path.stat().st_size)
    documents = Segment(str(copy), path.stem).documents
    run = documents.token_row(0)[:8]
    data = bytearray(path.read_bytes())
    data[data.index(bytes(documents.raw_tokens(0, 1)))] ^= 1
    path.write_bytes(data)
    spoilt = Segment(str(copy), path.stem).documents
    for read in (
        lambda: spoilt.token_row(0), lambda: spoilt.token_rows([0]), lambda: [*spoilt.places_of(run, [0])]
    ):  # fmt: skip
        with pytest.raises(DamagedIndexError, match="the words of document 0 are wrong"):
            read()


@pytest.mark.parametrize("ending", [".docs", ".terms"])
def test_every_section_of_a_segment_and_what_lies_between_them_is_verified(
    whole: tuple[Path, Path], ending: str
) -> None:
    copy = shutil.copytree(whole[1], whole[1].with_name(f"index-{next(NUMBERS)}"))
    path = max(copy.glob(f"*{ending}"), key=lambda path: path.stat().st_size)
    data, ends, places = path.read_bytes(), 8, dict[str, int]()
    for name, (start, length, _) in Container(str(path))._directory.items():
        places |= {f"before {name}": ends} if ends < start else {}
        places |= {name: start} if length else {}
        ends = start + length
    assert {"before" in name for name in places} == {True, False}
    for name, place in places.items():
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(DamagedIndexError):
            pytest.fail(f"{name}: {audit(str(copy))}")


@pytest.mark.skipif(not hasattr(os, "pread"), reason="this system has no pread")
def test_a_disk_that_does_not_answer_while_all_is_verified_is_no_damage(
    whole: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that is there and whole is not to be built anew for it."""
    monkeypatch.setattr(os, "pread", refuse(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        audit(str(whole[1]))


@pytest.mark.parametrize("section", ["postings", "stored", "tokens"])
def test_damage_that_a_run_comes_upon_while_it_merges_is_mended_by_that_run(section: str, tmp_path: Path) -> None:
    posts, index, chance = tmp_path / "posts", tmp_path / "index", random.Random(section)
    random_posts(posts, 20, chance)
    update(index, posts)
    (path,) = index.glob("*.terms" if section == "postings" else "*.docs")
    container, times = Container(str(path)), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    data = bytearray(path.read_bytes())
    data[data.index(bytes(container.view(section)))] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=times)
    for number in range(20, 40):
        random_post(posts, number, chance)
    done = update(index, posts)
    assert any("anew" in note for note in done.notes)
    assert answers(index) == fresh_answers(posts, tmp_path / "fresh")
    assert not update(index, posts).notes
