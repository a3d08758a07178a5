"""What holds for all tests."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from hypothesis import settings

from tests.commands import run, sample
from tests.corpora import write_post

# Deadlines measure how busy the machine is, with several test processes on it more than anything else.
settings.register_profile("papersearch", deadline=None)
settings.load_profile("papersearch")

# What is started in the background by a shell ignores Ctrl-C, and so would every process that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample posts with an index; only read from."""
    folder = sample(tmp_path_factory.mktemp("home"))
    assert run(folder, "index").code == 0
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A few posts of one's own in tmp_path/corpus, nothing indexed."""
    (tmp_path / "corpus").mkdir()
    write_post(tmp_path / "corpus", "2401.00001", "Routing tokens to experts", "Experts are chosen by a router.")
    write_post(tmp_path / "corpus", "2402.00002", "Sparse attention", "Attention that looks at few tokens.")
    return tmp_path
