"""A run that gets no more open files, memory or room on the disk says so and loses nothing."""

from __future__ import annotations

import errno
import gc
import os
import random
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from papersearch.core.errors import unforeseen
from papersearch.core.records import Problem
from papersearch.engine.build.reading import unexpected
from tests.commands import PAPERSEARCH, Ran, environment, is_one_error, run, run_program
from tests.corpora import write_post
from tests.disturbances import disk_at
from tests.stores import answers, fresh_answers, leftovers, random_posts, update

LIMITED = """
import os, resource, sys
from pathlib import Path
from tests.stores import update
import papersearch.engine.build.workers, papersearch.engine.index.whoosh_view, papersearch.posts.parse
index, posts, more = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
most = max(map(int, os.listdir("/proc/self/fd"))) + more
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
try:
    update(index, posts)
except OSError as refused:
    sys.exit(0 if refused.errno == 24 else 1)
except Exception as error:
    sys.exit(0 if "Too many open files" in str(error) else str(error))
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
def test_a_process_that_may_open_few_files_says_so_and_loses_nothing(states: tuple[Path, Path, Path]) -> None:
    posts, index, place = states
    old, new = answers(index), fresh_answers(posts, place / "few-fresh")
    for more in range(8):
        copy = shutil.copytree(index, place / f"few-{more}")
        done = run_program(LIMITED, str(copy), str(posts), str(more))
        assert done.code == 0, (more, done.err)
        assert answers(copy) in (old, new), more
        update(copy, posts)
        assert answers(copy) == new
        assert not leftovers(copy)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
def test_a_command_that_may_open_few_files_says_which_limit_to_raise(states: tuple[Path, Path, Path]) -> None:
    _, index, _ = states
    said = set()
    for most in range(8, 13):
        command = f"ulimit -n {most}; exec {shlex.join(PAPERSEARCH)} check --index {index.name}"
        done = subprocess.run(
            ["bash", "-c", command], cwd=index.parent, env=environment(), capture_output=True, text=True
        )
        assert len(done.stderr.splitlines()) == (done.returncode == 3), done.stderr
        said.add(done.stderr.rpartition(": ")[2])
    assert "raise the limit on open files (ulimit -n)\n" in said
    assert "--debug shows the traceback\n" not in said


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs Linux")
def test_a_run_that_may_open_few_files_says_the_same_each_time(states: tuple[Path, Path, Path]) -> None:
    """Else whoever tries again, as ``index --watch`` does, would tell it again and again."""
    posts, index, place = states
    copy, said = shutil.copytree(index, place / "same"), set()
    for most in range(6, 12):
        command = shlex.join((*PAPERSEARCH, "index", posts.name, "--index", copy.name, "--jobs", "1"))
        for _ in range(2):
            done = subprocess.run(
                ["bash", "-c", f"ulimit -n {most}; exec {command}"], cwd=place, env=environment(), capture_output=True
            )
            if b"the index in" in done.stderr:
                said.add(done.stderr.rstrip())
    limit = b"raise the limit on open files (ulimit -n)"
    read = b"papersearch: the index in same cannot be read (Too many open files): " + limit
    written = (
        b"papersearch: the index in ./same could not be written (Too many open files): what was indexed before is "
        b"intact; " + limit + b" and run again"
    )
    assert said
    assert said <= {read, written}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits on memory are Linux's")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_with_too_little_memory_says_so_and_leaves_nothing(jobs: str, tmp_path: Path) -> None:
    """The linear algebra that numpy brings ends the process with a message of its own if it finds none."""
    random_posts(tmp_path / "posts", 300, random.Random(5))
    codes = []
    for megabytes in range(60, 181, 20):
        index = tmp_path / f"index{megabytes}"
        line = [*PAPERSEARCH, "index", "posts", "--index", index.name, "--jobs", jobs]
        command = f"ulimit -v {megabytes}000; exec {shlex.join(line)}"
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        codes.append(ran.code)
        if ran.code == 0:
            assert (ran.err, leftovers(index)) == ("", set())
        else:
            assert (ran.code, ran.out, index.exists()) == (3, "", False), (megabytes, ran)
            assert is_one_error(ran), (megabytes, ran.err)
            assert "not enough memory" in ran.err, (megabytes, ran.err)
    assert codes[0] == 3


@pytest.mark.parametrize(
    "failure",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        SystemError("error return without exception set"),
        SystemError("<function read> returned NULL without setting an exception"),
        ImportError("libz.so.1: failed to map segment from shared object"),
    ],
)
def test_however_python_says_that_memory_ran_out_it_is_told_as_such_and_is_no_fault_of_a_post(
    failure: Exception,
) -> None:
    assert str(unforeseen(failure)).startswith("there is not enough memory")
    with pytest.raises(type(failure)):
        unexpected("a.md", failure)
    assert isinstance(unexpected("a.md", ImportError("no module of that name")), Problem)


@pytest.mark.parametrize(
    ("library", "arguments"),
    [
        ("starlette", ["serve", "--port", "0"]),
        ("mcp", ["mcp"]),
        ("watchfiles", ["index", "--watch"]),
        ("opensearchpy", ["stats", "--index", "opensearch://127.0.0.1:1/papers"]),
    ],
)
@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("ImportError('x.so: failed to map segment from shared object', name='x')", "there is not enough memory for a"),
        ("ImportError('cannot import name X from y')", "needs a library that cannot be loaded (cannot import name X"),
        ("ModuleNotFoundError('No module named', name='x.y')", "needs x, which is not installed: pip install"),
    ],
)
def test_a_library_that_is_installed_and_cannot_be_loaded_is_not_said_to_be_missing(
    library: str, arguments: list[str], failure: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / library).mkdir()
    (tmp_path / library / "__init__.py").write_text(f"raise {failure}")
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.md").write_text("# A post")
    ran = run(tmp_path, "index")
    assert ran.code == 0
    program = "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
    command = [sys.executable, "-c", program + "from papersearch.__main__ import main; main()", str(tmp_path)]
    ended = subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, text=True, env=environment())
    assert ended.returncode in (2, 3)
    assert ended.stderr.startswith("papersearch: ")
    assert ended.stderr.count("\n") == 1
    assert told in ended.stderr


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (ModuleNotFoundError("No module named 'Stemmer'", name="Stemmer"), "needs Stemmer, which is not installed: "),
        (
            ImportError("libz.so.1: cannot open", name="y"),
            "needs a library that cannot be loaded (libz.so.1: cannot open",
        ),
    ],
)
def test_a_library_that_every_command_needs_is_said_to_be_missing(failure: ImportError, told: str) -> None:
    assert str(unforeseen(failure)).startswith(f"papersearch {told}")
    ours = ImportError("cannot import name", name="papersearch.core")
    assert str(unforeseen(ours)).startswith("internal error (ImportError")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for 2 MB, if this user may mount one."""
    with disk_at(tmp_path / "disk", "2m") as disk:
        yield disk


def free(disk: Path) -> int:
    status = os.statvfs(disk)
    return status.f_bavail * status.f_bsize


def fill(disk: Path, left: int) -> Path:
    """Leave so many bytes free."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(max(0, free(disk) - left)))
    return ballast


def test_a_disk_that_is_full_at_any_write_loses_nothing_and_mends(
    states: tuple[Path, Path, Path], small_disk: Path
) -> None:
    real, index, place = states
    posts = small_disk / "posts"  # beside the copy, where that looks for them
    posts.symlink_to(real)
    new = fresh_answers(posts, place / "full-fresh")
    old = answers(shutil.copytree(index, small_disk / "index"))
    shutil.rmtree(small_disk / "index")
    seen = set()
    for pages in range(40):
        copy = shutil.copytree(index, small_disk / "index")
        ballast = fill(small_disk, 4_096 * pages)
        room = free(small_disk)
        try:
            update(copy, posts)
            seen.add("enough")
        except OSError as full:
            seen.add("full" if full.errno == errno.ENOSPC else str(full))
        gc.collect()  # what a failed merge has mapped goes with its exception
        assert "enough" in seen or free(small_disk) >= room, pages
        assert answers(copy) in (old, new), pages
        ballast.unlink()
        update(copy, posts)
        assert answers(copy) == new, pages
        assert not leftovers(copy), pages
        shutil.rmtree(copy)
        if "enough" in seen:
            break
    assert seen == {"full", "enough"}


def test_after_a_disk_was_full_the_next_run_fits_again(small_disk: Path, tmp_path: Path) -> None:
    """What failed runs left once filled such a disk for good, also when the posts that did not fit were gone."""
    posts, index = tmp_path / "posts", small_disk / "index"
    posts.mkdir()
    chance = random.Random(3)

    def write(number: int) -> None:
        words = " ".join(f"{chance.randrange(16**5):05x}" for _ in range(60))
        write_post(posts, f"24{number // 1000:02}.{number:05}v1", f"Paper {number}", words)

    for number in range(93):
        write(number)
    update(index, posts)
    old = answers(index)
    for number in range(93, 684):
        write(number)
    for rebuild in (False, True):
        done = run(tmp_path, "index", str(posts), "--index", str(index), *["--rebuild"] * rebuild)
        assert done.code == 3
        assert is_one_error(done), done.err
        assert "No space left" in done.err
        assert answers(index) == old
        assert not leftovers(index)
    for path in sorted(posts.glob("*.md"))[93:]:
        path.unlink()
    for rebuild in (False, True):
        assert run(tmp_path, "index", "--index", str(index), *["--rebuild"] * rebuild).code == 0
        assert answers(index) == old
