"""Folders to files: links, loops, things that are no files, and folders that are not there."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from papersearch.core.errors import PapersearchError, UsageError
from papersearch.posts import scan
from papersearch.posts.reading import MOST_BYTES, read_post
from papersearch.posts.scan import FileState, walk

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")
as_a_user = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")


def put(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def paths(*folders: Path) -> list[str]:
    """What is found, as paths below the parent of the first folder; nothing may be wrong."""
    found, problems = walk(map(str, folders))
    assert problems == []
    return [os.path.relpath(state.path, folders[0].parent) for state in found]


class TestWhatIsFound:
    @pytest.mark.parametrize("name", ["a.md", "a.MD", "a.markdown", "a.Markdown", "a.mdx", "a.MdX", "a.b.md", "é 1.md"])
    def test_posts_are_known_by_their_ending(self, tmp_path: Path, name: str) -> None:
        put(tmp_path / "posts" / name)
        assert paths(tmp_path / "posts") == [f"posts/{name}"]

    @pytest.mark.parametrize(
        "name", ["a.txt", "a.md.bak", "a.md~", "md", "amd", ".a.md", ".md", ".git/a.md", "b/.hidden/a.md", "a.mdown"]
    )
    def test_other_files_and_hidden_ones_are_not(self, tmp_path: Path, name: str) -> None:
        put(tmp_path / "posts" / name)
        assert paths(tmp_path / "posts") == []

    def test_all_folders_below_are_searched_in_the_order_of_their_paths(self, tmp_path: Path) -> None:
        names = ["b.md", "a/z.md", "a.md", "a/b/c/d.md", "é.md", "Z.md", "a-b.md"]
        for name in names:
            put(tmp_path / "posts" / name)
        assert paths(tmp_path / "posts") == sorted(f"posts/{name}" for name in names)

    def test_a_hidden_folder_that_is_named_is_searched(self, tmp_path: Path) -> None:
        put(tmp_path / ".posts" / "a.md")
        assert paths(tmp_path / ".posts") == [".posts/a.md"]

    def test_a_folder_named_like_a_post_is_a_folder(self, tmp_path: Path) -> None:
        put(tmp_path / "posts" / "x.md" / "y.md")
        assert paths(tmp_path / "posts") == ["posts/x.md/y.md"]

    @posix
    def test_folders_may_lie_deeper_than_python_can_call(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        depth = sys.getrecursionlimit() + 100
        for _ in range(depth):
            os.mkdir("d")
            os.chdir("d")
        Path("a.md").touch()
        os.chdir(tmp_path)
        found, problems = walk(["."])
        os.chdir("./" + "d/" * depth)  # what removes the folders of tests cannot go so deep
        os.remove("a.md")
        for _ in range(depth):
            os.chdir("..")
            os.rmdir("d")
        assert ([state.path for state in found], problems) == (["./" + "d/" * depth + "a.md"], [])

    def test_a_file_comes_with_its_size_and_times(self, tmp_path: Path) -> None:
        path = put(tmp_path / "a.md", "four")
        os.utime(path, ns=(1, 1_700_000_000_123_456_789))
        status = path.stat()
        assert walk([str(tmp_path)]) == (
            [FileState(str(path), 4, status.st_mtime_ns, status.st_ctime_ns)],
            [],
        )

    def test_an_empty_folder_holds_nothing(self, tmp_path: Path) -> None:
        assert walk([str(tmp_path)]) == ([], [])
        assert walk([]) == ([], [])

    @posix
    def test_names_that_are_no_utf8_are_found_and_read(self, tmp_path: Path) -> None:
        raw = os.fsencode(tmp_path) + b"/\xff\xfe.md"
        try:
            with open(raw, "wb") as file:
                file.write(b"text")
        except OSError:
            pytest.skip("this file system takes only UTF-8")
        (state,), problems = walk([str(tmp_path)])
        assert (os.fsencode(state.path), problems) == (raw, [])
        assert read_post(state.path) == b"text"


class TestSeveralFolders:
    def test_the_same_folder_twice_is_one(self, tmp_path: Path) -> None:
        put(tmp_path / "posts" / "a.md")
        once = walk([str(tmp_path / "posts")])
        assert walk([str(tmp_path / "posts"), f"{tmp_path}/posts/", f"{tmp_path}/./posts"]) == once

    def test_overlapping_folders_give_each_file_once_in_either_order(self, tmp_path: Path) -> None:
        put(tmp_path / "posts" / "a.md")
        put(tmp_path / "posts" / "old" / "b.md")
        outer, inner = str(tmp_path / "posts"), str(tmp_path / "posts" / "old")
        assert walk([outer, inner]) == walk([inner, outer]) == walk([outer])

    def test_folders_side_by_side_are_both_searched(self, tmp_path: Path) -> None:
        put(tmp_path / "b" / "x.md")
        put(tmp_path / "a" / "x.md")
        assert paths(tmp_path / "b", tmp_path / "a") == ["a/x.md", "b/x.md"]


@posix
class TestLinks:
    def test_two_links_to_a_file_in_the_corpus_add_nothing(self, tmp_path: Path) -> None:
        put(tmp_path / "posts" / "m.md")
        (tmp_path / "posts" / "a.md").symlink_to("m.md")
        (tmp_path / "posts" / "z.md").symlink_to(tmp_path / "posts" / "m.md")
        assert paths(tmp_path / "posts") == ["posts/m.md"]

    def test_of_links_to_a_file_elsewhere_the_first_names_it(self, tmp_path: Path) -> None:
        put(tmp_path / "elsewhere" / "note", "four")
        for name in ("z.md", "a.md", "m.md"):
            (tmp_path / "posts").mkdir(exist_ok=True)
            (tmp_path / "posts" / name).symlink_to(tmp_path / "elsewhere" / "note")
        (state,), problems = walk([str(tmp_path / "posts")])
        assert (state.path, state.size, problems) == (str(tmp_path / "posts" / "a.md"), 4, [])

    def test_of_links_to_a_folder_elsewhere_the_first_names_its_files(self, tmp_path: Path) -> None:
        put(tmp_path / "elsewhere" / "sub" / "a.md")
        posts = tmp_path / "posts"
        posts.mkdir()
        for name in ("z", "b", "m", "c", "y"):
            (posts / name).symlink_to(tmp_path / "elsewhere", target_is_directory=True)
        assert paths(posts) == ["posts/b/sub/a.md"]

    def test_a_link_out_of_the_corpus_is_followed_and_so_are_those_in_there(self, tmp_path: Path) -> None:
        put(tmp_path / "one" / "a.md")
        put(tmp_path / "two" / "b.md")
        (tmp_path / "one" / "two").symlink_to(tmp_path / "two", target_is_directory=True)
        (tmp_path / "two" / "posts").symlink_to(tmp_path / "posts", target_is_directory=True)
        put(tmp_path / "posts" / "c.md")
        (tmp_path / "posts" / "one.md").symlink_to(tmp_path / "one", target_is_directory=True)
        assert paths(tmp_path / "posts") == ["posts/c.md", "posts/one.md/a.md", "posts/one.md/two/b.md"]

    def test_a_file_keeps_its_own_place_whatever_links_to_its_folder(self, tmp_path: Path) -> None:
        put(tmp_path / "posts" / "z" / "a.md")
        (tmp_path / "posts" / "a").symlink_to("z", target_is_directory=True)
        put(tmp_path / "later" / "b.md")
        (tmp_path / "posts" / "b").symlink_to(tmp_path / "later", target_is_directory=True)
        assert paths(tmp_path / "posts", tmp_path / "later") == ["later/b.md", "posts/z/a.md"]

    def test_loops_end(self, tmp_path: Path) -> None:
        put(tmp_path / "posts" / "a.md")
        (tmp_path / "posts" / "up").symlink_to("..", target_is_directory=True)
        (tmp_path / "posts" / "self").symlink_to(".", target_is_directory=True)
        assert paths(tmp_path / "posts") == ["posts/a.md"]

    @pytest.mark.parametrize("exclude", [[], ["drafts/"]])
    def test_links_that_lead_nowhere_are_reported_where_they_look_like_posts(
        self, exclude: list[str], tmp_path: Path
    ) -> None:
        for number in range(20):
            put(tmp_path / f"{number}.md")
        (tmp_path / "gone.md").symlink_to("nowhere")
        (tmp_path / "self.md").symlink_to("self.md")
        (tmp_path / "other").symlink_to("other")
        found, problems = walk([str(tmp_path)], exclude)
        assert len(found) == 20
        assert sorted(os.path.basename(problem.path) for problem in problems) == ["gone.md", "self.md"]
        assert all(problem.reason.startswith("a link that leads nowhere") for problem in problems)
        assert [problem.path for problem in problems] == sorted(problem.path for problem in problems)

    def test_a_linked_folder_that_is_named_is_searched_under_its_name(self, tmp_path: Path) -> None:
        put(tmp_path / "real" / "a.md")
        (tmp_path / "posts").symlink_to("real", target_is_directory=True)
        assert paths(tmp_path / "posts") == ["posts/a.md"]

    def test_names_that_are_hard_linked_are_two_files(self, tmp_path: Path) -> None:
        put(tmp_path / "posts" / "a.md")
        os.link(tmp_path / "posts" / "a.md", tmp_path / "posts" / "b.md")
        assert paths(tmp_path / "posts") == ["posts/a.md", "posts/b.md"]

    def test_folders_to_which_a_file_system_gives_one_number_are_all_searched(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # As bindfs does over a folder in which several disks are mounted: their first folders have the same number.
        for name in ("a", "b", "c"):
            put(tmp_path / "posts" / name / "1.md", text=name)
        (tmp_path / "posts" / "d").symlink_to("a", target_is_directory=True)
        put(tmp_path / "elsewhere.md").rename(tmp_path / "elsewhere")
        (tmp_path / "posts" / "e.md").symlink_to(tmp_path / "elsewhere")
        monkeypatch.setattr(scan, "identity", lambda status: (1, 1))
        assert paths(tmp_path / "posts") == ["posts/a/1.md", "posts/b/1.md", "posts/c/1.md", "posts/e.md"]


@posix
class TestWhatIsNoFile:
    def test_pipes_sockets_and_devices_are_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        os.mkfifo(tmp_path / "pipe.md")
        (tmp_path / "pipelink.md").symlink_to("pipe.md")
        (tmp_path / "device.md").symlink_to("/dev/zero")
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("socket.md")
            files, problems = walk([str(tmp_path)])
        assert files == []
        assert [Path(each.path).name for each in problems] == ["device.md", "pipe.md", "pipelink.md", "socket.md"]
        assert {each.reason for each in problems} == {"not an ordinary file"}

    def test_reading_what_became_no_file_is_refused_at_once_and_leaks_nothing(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.md")
        (tmp_path / "folder.md").mkdir()
        descriptor = os.open(os.devnull, os.O_RDONLY)
        os.close(descriptor)
        for path in ("pipe.md", "folder.md", "gone.md"):
            for _ in range(3):
                with pytest.raises(OSError):  # noqa: PT011
                    read_post(str(tmp_path / path))
        with pytest.raises(OSError, match="not an ordinary file"):
            read_post("/dev/zero")
        after = os.open(os.devnull, os.O_RDONLY)
        os.close(after)
        assert after == descriptor


class TestReading:
    @pytest.mark.parametrize("size", [0, 1, 5_000, MOST_BYTES, MOST_BYTES + 1, MOST_BYTES + 2])
    def test_a_post_is_read_whole_or_to_one_byte_more_than_is_used(self, tmp_path: Path, size: int) -> None:
        (tmp_path / "a.md").write_bytes(b"x" * size)
        assert len(read_post(str(tmp_path / "a.md"))) == min(size, MOST_BYTES + 1)

    def test_a_file_whose_size_is_said_to_be_nothing_is_read_in_parts_and_not_byte_by_byte(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As some file systems say of each file, and Linux of those in /proc."""
        text, fstat, read, reads = b"some words " * 9_000, os.fstat, os.read, []
        (tmp_path / "a.md").write_bytes(text)
        monkeypatch.setattr(os, "fstat", lambda file: SimpleNamespace(st_mode=fstat(file).st_mode, st_size=0))
        monkeypatch.setattr(os, "read", lambda file, most: reads.append(most) or read(file, most))
        assert read_post(str(tmp_path / "a.md")) == text
        assert len(reads) < 100

    @posix
    def test_a_hole_of_a_terabyte_costs_no_more(self, tmp_path: Path) -> None:
        with open(tmp_path / "a.md", "wb") as file:
            file.truncate(1 << 40)
        assert len(read_post(str(tmp_path / "a.md"))) == MOST_BYTES + 1


class TestWhatCannotBeRead:
    @pytest.mark.parametrize("name", ["missing", "missing/below", "", "nul\0", "\ud800", "x" * 5_000])
    def test_a_folder_that_is_not_there_is_an_error(self, tmp_path: Path, name: str) -> None:
        put(tmp_path / "posts" / "a.md")
        with pytest.raises(PapersearchError) as refused:
            walk([str(tmp_path / "posts"), os.path.join(tmp_path, name) if name else ""])
        assert refused.value.exit_code == 3
        assert "\n" not in str(refused.value)

    def test_a_plain_file_is_no_folder(self, tmp_path: Path) -> None:
        path = put(tmp_path / "a.md")
        with pytest.raises(PapersearchError, match="is not a folder") as refused:
            walk([str(path)])
        assert refused.value.exit_code == 3

    @as_a_user
    def test_a_folder_that_may_not_be_read_is_an_error_where_it_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "locked").mkdir(mode=0)
        with pytest.raises(PapersearchError, match="cannot be read") as refused:
            walk([str(tmp_path / "locked")])
        assert refused.value.exit_code == 3

    @as_a_user
    def test_below_it_is_reported_and_the_rest_is_found(self, tmp_path: Path) -> None:
        put(tmp_path / "a.md")
        (tmp_path / "locked").mkdir(mode=0)
        found, problems = walk([str(tmp_path)])
        assert [state.path for state in found] == [str(tmp_path / "a.md")]
        assert [problem.path for problem in problems] == [str(tmp_path / "locked")]


class TestWhatIsLeftOut:
    def test_packages_of_a_site_generator_are_no_posts(self, tmp_path: Path) -> None:
        for name in ("a.md", "node_modules/x/README.md", "b/node_modules/y.md"):
            put(tmp_path / "posts" / name)
        assert paths(tmp_path / "posts") == ["posts/a.md"]

    def test_patterns_are_those_of_gitignore_relative_to_the_folder(self, tmp_path: Path) -> None:
        for name in ("a.md", "drafts/b.md", "c/drafts/d.md", "c/e.draft.md", "keep.draft.md", "c/top.md", "top.md"):
            put(tmp_path / "posts" / name)
        found, problems = walk([str(tmp_path / "posts")], ["drafts/", "*.draft.md", "!keep.draft.md", "/top.md"])
        assert problems == []
        assert [os.path.basename(state.path) for state in found] == ["a.md", "top.md", "keep.draft.md"]

    def test_an_ignore_file_holds_below_its_folder_and_the_inner_one_decides(self, tmp_path: Path) -> None:
        for name in ("a.tmp.md", "b/a.tmp.md", "b/c/a.tmp.md", "b/c/d.md", "e.md"):
            put(tmp_path / "posts" / name)
        put(tmp_path / "posts" / ".papersearchignore", "# scratch\n*.tmp.md\n")
        put(tmp_path / "posts" / "b" / ".papersearchignore", "!a.tmp.md\n")
        put(tmp_path / "posts" / "b" / "c" / ".papersearchignore", "d.md\n")
        assert paths(tmp_path / "posts") == ["posts/b/a.tmp.md", "posts/b/c/a.tmp.md", "posts/e.md"]

    @pytest.mark.parametrize(("kept", "typed"), [("Entwu\u0308rfe", "Entwürfe"), ("Entwürfe", "Entwu\u0308rfe")])
    def test_a_pattern_fits_a_name_that_the_disk_keeps_composed_or_not(
        self, tmp_path: Path, kept: str, typed: str
    ) -> None:
        put(tmp_path / "posts" / kept / "a.md")
        put(tmp_path / "posts" / "b.md")
        found, _ = walk([str(tmp_path / "posts")], [f"{typed}/"])
        assert [os.path.basename(state.path) for state in found] == ["b.md"]
        put(tmp_path / "posts" / ".papersearchignore", f"{typed}/\n")
        assert paths(tmp_path / "posts") == ["posts/b.md"]

    def test_a_line_that_is_not_a_pattern_is_reported_and_the_others_hold(self, tmp_path: Path) -> None:
        put(tmp_path / "a.md")
        put(tmp_path / "b.md")
        put(tmp_path / ".papersearchignore", "b.md\n[z-a]\n" + "*x" * 50 + "\n")
        found, problems = walk([str(tmp_path)])
        assert [os.path.basename(state.path) for state in found] == ["a.md"]
        assert [problem.line for problem in problems] == [2, 3]

    def test_lines_of_an_ignore_file_that_are_too_many_are_reported(self, tmp_path: Path) -> None:
        for name in ("a.md", "b.md"):
            put(tmp_path / name)
        put(tmp_path / ".papersearchignore", "a.md\n" + "x\n" * 1_999 + "b.md\n")
        found, problems = walk([str(tmp_path)])
        assert [os.path.basename(state.path) for state in found] == ["b.md"]
        assert [(problem.line, problem.reason) for problem in problems] == [
            (2_001, "only the first 2,000 lines are patterns")
        ]

    @pytest.mark.parametrize("put_there", [Path.mkdir, lambda path: path.symlink_to("nowhere")], ids=["folder", "link"])
    def test_an_ignore_file_that_cannot_be_read_is_reported(
        self, tmp_path: Path, put_there: Callable[[Path], None]
    ) -> None:
        put(tmp_path / "a.md")
        put_there(tmp_path / ".papersearchignore")
        found, problems = walk([str(tmp_path)])
        assert len(found) == 1
        assert [os.path.basename(problem.path) for problem in problems] == [".papersearchignore"]

    def test_a_pattern_of_the_user_that_is_none_is_an_error(self, tmp_path: Path) -> None:
        for line in ("[z-a]", "[[:digit:]]x"):
            with pytest.raises(UsageError, match="is not a pattern"):
                walk([str(tmp_path)], [line])

    @posix
    def test_a_link_to_a_folder_can_be_left_out(self, tmp_path: Path) -> None:
        put(tmp_path / "elsewhere" / "a.md")
        put(tmp_path / "posts" / "b.md")
        os.symlink(tmp_path / "elsewhere", tmp_path / "posts" / "linked")
        found, _ = walk([str(tmp_path / "posts")], ["linked/"])
        assert [os.path.basename(state.path) for state in found] == ["b.md"]
