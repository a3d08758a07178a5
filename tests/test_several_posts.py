"""Several posts of one paper: which of them is shown, and what is found by the words of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

import papersearch
from tests.corpora import write_post
from tests.posted import ids


def test_the_highest_version_is_shown_and_another_comes_back_when_it_goes(tmp_path: Path) -> None:
    write_post(tmp_path, "2401.00001v1", "Sparse Routing")
    newer = write_post(tmp_path, "2401.00001v2", "Sparse Routing Revised")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    paper = index.paper("2401.00001")
    assert (paper.version, [post.version for post in paper.other_posts]) == (2, [1])
    assert index.search("sparse routing").total == 1
    newer.unlink()
    index.update()
    paper = index.paper("2401.00001")
    assert (paper.version, paper.other_posts) == (1, ())


def test_of_posts_of_one_version_the_one_posted_last_is_shown_and_of_those_the_last_path(tmp_path: Path) -> None:
    def shown(name: str, posted: str) -> str:
        write_post(tmp_path, "2401.00001v1", "Sparse Routing", name=name, posted=posted)
        index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
        return Path(index.paper("2401.00001").path).stem

    assert shown("a", "2024-12-25 11:00:00") == "a"
    assert shown("b", "2024-12-24 11:00:00") == "a"
    assert shown("d", "2024-12-25 11:00:00") == "d"
    assert shown("c", "2024-12-25 11:00:00") == "d"  # whichever came first


@pytest.mark.parametrize("copy", ["note.sync-conflict-20250102-030405-ABCDEFG", "note_1", "note 2", "site/note"])
def test_of_posts_that_tell_no_difference_the_one_with_the_longer_path_is_the_copy(copy: str, tmp_path: Path) -> None:
    for name in ("note", copy):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_post(tmp_path, "2401.00077v1", "Sparse Otters", name=name, posted="2024-12-25 11:00:00")
    paper = papersearch.build(str(tmp_path / "index"), [str(tmp_path)]).paper("2401.00077")
    assert (paper.path, len(paper.other_posts)) == (str(tmp_path / "note.md"), 1)


def test_of_posts_about_one_paper_one_that_does_not_say_when_it_was_posted_is_the_older(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# Otters, undated\n\narXiv:2401.00001v1\n\nOtters build.\n", encoding="utf-8")
    for name, day in (("a", "2024-12-23"), ("c", "2024-12-24")):
        write_post(tmp_path, "2401.00001v1", "Otters", name=name, posted=f"{day} 11:35:38")
    shown = papersearch.build(str(tmp_path / "index"), [str(tmp_path)]).paper("2401.00001")
    assert [Path(each.path).name for each in (shown, *shown.other_posts)] == ["c.md", "a.md", "b.md"]


def test_several_posts_of_a_paper_are_one_hit(tmp_path: Path) -> None:
    write_post(tmp_path, "2412.00001v1", "Old red title", "red apples", name="one")
    write_post(tmp_path, "2412.00001v3", "New blue title", "blue apples", name="three", posted="2024-01-01 00:00:00")
    write_post(tmp_path, "2412.00001v2", "Second title", "green apples", name="two")
    write_post(tmp_path, "2412.00001v3", "Newest blue title", "blue pears", name="again", posted="2025-01-01 00:00:00")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    (hit,) = index.search("blue").results
    assert (hit.version, hit.title) == (3, "Newest blue title")
    assert [(post.version, Path(post.path).stem) for post in hit.other_posts] == [(3, "three"), (2, "two"), (1, "one")]
    assert index.search("*").total == 1
    older = index.search("red apples")
    assert (older.total, older.results[0].title) == (1, "Newest blue title")
    assert older.results[0].score > 0  # though more posts hold a word than there are papers
    assert "one.md" in str(older.hint)
    (tmp_path / "again.md").unlink()
    index.update()
    assert index.search("pears").total == 0
    assert index.search("apples").results[0].title == "New blue title"


def test_a_paper_of_which_an_older_post_alone_has_every_word_comes_first(tmp_path: Path) -> None:
    write_post(tmp_path, "2412.00001v1", "Otters", "red apples and a lantern", name="old")
    write_post(tmp_path, "2412.00001v2", "Otters again", "red pears", name="new")
    for number in range(3):
        write_post(tmp_path, f"2401.0000{number}", "Red", "red red red apples")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    answer = index.search("red lantern")
    assert (answer.total, answer.total_all) == (4, 1)  # it is one of the four that have a word as they are shown
    assert ids(answer)[0] == "2412.00001"
    assert len(set(ids(answer))) == 4
    assert [hit.rank for hit in answer.results] == [1, 2, 3, 4]
    first = answer.results[0]
    assert (first.title, first.missing) == ("Otters again", ())
    assert "lantern" in first.snippets[0].text
    assert str(answer.hint).startswith("found by an older post that has every word: 2412.00001 (")
    assert [ids(index.search("red lantern", limit=limit)) for limit in (0, 1)] == [[], ["2412.00001"]]
    assert ids(index.search("red lantern", offset=4)) == []
    alone = index.search("lantern")
    assert (alone.total, alone.total_all, ids(alone)) == (1, 1, ["2412.00001"])


def test_pages_with_papers_of_which_only_older_posts_have_every_word_are_slices_of_the_whole(tmp_path: Path) -> None:
    for number in range(3):
        write_post(tmp_path, f"2412.0000{number}v1", "Otters", "red apples and a lantern " + "here " * number)
        write_post(tmp_path, f"2412.0000{number}v2", "Otters again", "red pears" if number else "blue pears")
    for number in range(9):
        write_post(tmp_path, f"2401.0000{number}", "Red", "red apples " * (number + 1))
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    whole = index.search("red lantern", limit=100, explain=True)
    assert {*ids(whole)[:3]} == {"2412.00000", "2412.00001", "2412.00002"}
    assert (whole.total, whole.total_all, len({*ids(whole)})) == (12, 3, 12)
    for hit in whole.results:
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score, abs=1e-4)
    for size in (1, 2, 3, 5, 11):
        for offset in range(0, 14, size):
            page = index.search("red lantern", limit=size, offset=offset, explain=True)
            assert page.results == whole.results[offset : offset + size]
            assert (page.total, page.total_all, page.hint) == (12, 3, whole.hint)
    nothing = index.search("red lantern", limit=0)
    assert (nothing.total, nothing.total_all, nothing.results) == (12, 3, ())


def _with_notes(folder: Path, others: int) -> papersearch.Index:
    """Papers of two posts each, of which both have ``red lantern`` in the first, and the older one alone in the other
    two, beside ``others`` that have it and five that have a part of it."""
    write_post(folder, "2412.00000v1", "Otters", "red apples and a lantern", name="old0")
    write_post(folder, "2412.00000v2", "Otters again", "a red lantern", name="new0")
    for number in (1, 2):
        write_post(folder, f"2412.0000{number}v1", "Otters", "red apples and a lantern " + "here " * number)
        write_post(folder, f"2412.0000{number}v2", "Otters again", "red pears" if number == 1 else "blue pears")
    for number in range(others):
        write_post(folder, f"2401.{number:05}", "Lantern", "a red lantern " * (number + 1))
    for number in range(5):
        write_post(folder, f"2402.{number:05}", "Red", "red apples " * (number + 1))
    return papersearch.build(str(folder / "index"), [str(folder)])


def test_papers_of_which_an_older_post_alone_has_every_word_come_behind_few_that_have_it_themselves(
    tmp_path: Path,
) -> None:
    index = _with_notes(tmp_path, 3)
    whole = index.search("red lantern", limit=100, explain=True)
    assert {*ids(whole)[:4]} == {"2412.00000", "2401.00000", "2401.00001", "2401.00002"}
    assert {*ids(whole)[4:6]} == {"2412.00001", "2412.00002"}
    assert (whole.total, whole.total_all, len({*ids(whole)})) == (11, 6, 11)
    assert [hit.missing for hit in whole.results[:6]] == [()] * 6
    assert "2412.00000" not in str(whole.hint)  # as it is shown, too
    for size in (1, 2, 3, 4, 5, 6, 7, 11):
        for offset in range(0, 14, size):
            page = index.search("red lantern", limit=size, offset=offset, explain=True)
            assert page.results == whole.results[offset : offset + size]
            assert (page.total, page.total_all, page.hint) == (11, 6, whole.hint)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("red lantern", {"sort": "oldest"}),
        ("red lantern", {"since": "2000"}),
        ("red AND lantern", {}),
        ("red lantern -whales", {}),
    ],
)
def test_with_a_condition_or_in_another_order_no_older_posts_are_looked_for_beside_papers_that_match(
    query: str, options: dict[str, str], tmp_path: Path
) -> None:
    answer = _with_notes(tmp_path, 3).search(query, **options)  # type: ignore[arg-type]
    assert (answer.total_all, answer.hint) == (4, None)


def test_of_words_between_or_an_older_post_has_every_one_or_brings_nothing_in_beside_papers_that_match(
    tmp_path: Path,
) -> None:
    index = _with_notes(tmp_path, 0)
    answer = index.search("lantern OR whales")  # old1 and old2 have one of these
    assert (answer.total, answer.total_all, ids(answer), answer.hint) == (1, 0, ["2412.00000"], None)
    assert answer.results[0].missing == ("whales",)
    alone = index.search("(apples OR whales) AND lantern")  # which no paper has as it is shown
    assert (alone.total, alone.total_all) == (3, 0)
    assert {hit.missing for hit in alone.results} == {("whales",)}
    assert str(alone.hint).startswith("found by an older post: 2412.0000")


def test_beside_a_page_of_papers_that_have_every_word_no_older_posts_are_looked_for(tmp_path: Path) -> None:
    assert [_with_notes(tmp_path, others).search("red lantern").total_all for others in (8, 9)] == [11, 10]
