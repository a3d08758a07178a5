"""What is not the fault of a post: disks and machines that fail while a run lists or reads its posts."""

from __future__ import annotations

import errno
import os
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest

from papersearch import library
from papersearch.core import opening
from papersearch.core.errors import PapersearchError
from papersearch.engine.build import update as writer
from papersearch.engine.build.tasks import Sizes
from papersearch.engine.port import RunOptions
from tests.disturbances import LISTED, OPENED, disturbance, refuse
from tests.stores import answers, leftovers, update


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE, errno.ENOTCONN])
@pytest.mark.parametrize("rebuild", [False, True])
def test_a_run_fails_if_posts_cannot_be_read_for_a_reason_that_is_not_theirs(
    code: int, rebuild: bool, nested: Path, outdated: Path
) -> None:
    before = answers(outdated)
    with (
        disturbance(OPENED, nested / "below/post4.md", refuse(code)),
        pytest.raises(PapersearchError, match=os.strerror(code)) as failed,
    ):
        update(outdated, nested, rebuild=rebuild)
    assert failed.value.exit_code == 3
    assert answers(outdated) == before
    assert not leftovers(outdated)
    assert update(outdated, nested, rebuild=rebuild).total == 9


def test_a_run_fails_too_if_it_is_a_worker_that_cannot_read_for_such_a_reason(nested: Path, outdated: Path) -> None:
    before = answers(outdated)
    options = writer.Options(RunOptions(jobs=2), sizes=Sizes(serial=2))
    with (
        disturbance(OPENED, nested / "below/post4.md", refuse(errno.EIO)),
        pytest.raises(PapersearchError, match=os.strerror(errno.EIO)),
    ):
        writer.update(str(outdated), [str(nested)], options)
    assert answers(outdated) == before
    assert not leftovers(outdated)
    assert writer.update(str(outdated), [str(nested)], options).updated == 9


@pytest.mark.parametrize("code", [errno.EACCES, errno.ELOOP, errno.EAGAIN])
def test_what_is_wrong_with_one_post_is_its_own(code: int, nested: Path, outdated: Path) -> None:
    with disturbance(OPENED, nested / "below/post4.md", refuse(code)):
        done = update(outdated, nested)
    assert [Path(problem.path).name for problem in done.skipped] == ["post4.md"]
    assert (done.updated, done.total) == (8, 9)


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
@pytest.mark.parametrize("name", ["", "below"])
def test_a_machine_that_runs_out_of_something_is_no_reason_to_prune(
    code: int, name: str, nested: Path, outdated: Path
) -> None:
    before = answers(outdated)
    with (
        disturbance(LISTED, nested / name, refuse(code)),
        pytest.raises(PapersearchError, match=os.strerror(code)),
    ):
        update(outdated, nested, prune=True)
    assert answers(outdated) == before


def test_what_goes_wrong_when_a_file_is_closed_that_was_only_read_is_nothing(
    nested: Path, outdated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """File systems in user space report then what they like; of the finalizers of files Python would print it."""
    close = os.close

    def closing(handle: int) -> None:
        close(handle)
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    with monkeypatch.context() as full:
        full.setattr(os, "close", closing)
        done = update(outdated, nested)
    assert (done.updated, done.skipped, done.total) == (9, (), 9)
    assert capsys.readouterr().err == ""


def test_a_file_of_the_index_that_gives_nothing_yet_is_named(outdated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are opened so that a pipe in their place does not block, and some file systems take that at its word."""
    monkeypatch.setattr(opening, "open", lambda *_, **__: nullcontext(SimpleNamespace(read=lambda most: None)), False)
    with pytest.raises(PapersearchError, match=rf"{os.strerror(errno.EAGAIN)}: papersearch_\d+\.json"):
        library.Index(str(outdated))


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ENOTCONN])
@pytest.mark.parametrize("prune", [False, True])
def test_a_broken_disk_below_the_posts_ends_the_run_and_is_no_reason_to_prune(
    code: int, prune: bool, nested: Path, outdated: Path
) -> None:
    before = answers(outdated)
    with (
        disturbance(LISTED, nested / "below", refuse(code)),
        pytest.raises(PapersearchError, match=f"{nested}/below cannot be read .{os.strerror(code)}"),
    ):
        update(outdated, nested, prune=prune)
    assert answers(outdated) == before
    assert update(outdated, nested).total == 9


def test_a_corpus_folder_of_which_only_the_names_cannot_be_read_is_missing(
    nested: Path, outdated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a file server that is gone: the folder opens, and no name comes out of it."""

    class Broken:
        def __enter__(self) -> Broken:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def __iter__(self) -> Broken:
            return self

        def __next__(self) -> NoReturn:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    before, listed = answers(outdated), os.scandir
    with monkeypatch.context() as gone:
        gone.setattr(os, "scandir", lambda path: Broken() if path == str(nested) else listed(path))
        done = update(outdated, nested)
    assert [os.strerror(errno.ESTALE) in missing.reason for missing in done.missing] == [True]
    assert (done.total, answers(outdated)) == (9, before)


@pytest.mark.skipif(not hasattr(os, "pread"), reason="needs POSIX")
def test_whoever_checks_an_index_on_a_broken_disk_is_told_that_it_is_the_index(
    nested: Path, outdated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    update(outdated, nested)
    with monkeypatch.context() as broken:
        broken.setattr(os, "pread", lambda *_: refuse(errno.EIO)())
        with pytest.raises(PapersearchError, match=rf"the index in .* cannot be read \({os.strerror(errno.EIO)}\)"):
            library.check(str(outdated))


def test_a_link_that_nobody_can_follow_for_want_of_memory_is_no_reason_to_prune(
    nested: Path, outdated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nested.joinpath("below").rename(nested.with_name("elsewhere"))
    nested.joinpath("below").symlink_to("../elsewhere")
    assert update(outdated, nested).total == 9
    stat = os.stat
    with monkeypatch.context() as short:
        short.setattr(
            os, "stat", lambda path, **how: refuse(errno.ENOMEM)() if path == f"{nested}/below" else stat(path, **how)
        )
        with pytest.raises(PapersearchError, match=os.strerror(errno.ENOMEM)):
            update(outdated, nested, prune=True)
    assert update(outdated, nested).total == 9
