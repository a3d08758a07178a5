"""``papersearch digest``: what counts as new, what is remembered, and the recipes."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from mailbox import Maildir
from pathlib import Path
from typing import Any

import pytest

from papersearch.apps import since_last
from papersearch.apps.cli.dispatch import main
from papersearch.core import json_file
from tests.commands import PAPERSEARCH, ROOT, environment, follows, is_one_error, on_terminal, run
from tests.processes import LONGEST_S

ATOM = "{http://www.w3.org/2005/Atom}"
SEARCHES = '[searches]\nmoe = "mixture of experts"\n'


def add(home: Path, number: int, title: str = "", text: str = "") -> None:
    """A post about mixtures of experts."""
    (home / "corpus").mkdir(exist_ok=True)
    front = f"---\ntitle: Paper {number} {title}\ndate: 2024-01-{number:02} 10:00:00\n---\n"
    body = f"## Abstract\n\nA mixture of experts, number {number}. {text}\n"
    (home / "corpus" / f"2401.{number:05}.md").write_text(front + body, "utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with one saved search and twelve posts that it finds, indexed."""
    for number in range(1, 13):
        add(tmp_path, number)
    (tmp_path / "papersearch.toml").write_text(SEARCHES)
    assert run(tmp_path, "index").code == 0
    return tmp_path


def shown(home: Path, *options: str) -> dict[str, list[str]]:
    """The ids that a digest shows, by search."""
    told = run(home, "digest", "--json", *options)
    follows("digest", told.json)
    return {each["name"]: [hit["id"] for hit in each["results"]] for each in told.json["searches"]}


def test_the_first_digest_shows_the_newest_ten_and_takes_the_rest_as_seen(home: Path) -> None:
    first = run(home, "digest", "--json")
    assert first.code == 0
    assert first.json["indexed_at"] == run(home, "stats", "--json").json["indexed_at"]
    assert first.json["searches"][0]["first"] is True
    assert [hit["id"] for hit in first.json["searches"][0]["results"]] == [f"2401.{n:05}" for n in range(12, 2, -1)]
    again = run(home, "digest")
    assert (again.code, again.out, again.err) == (1, "", "")


def test_on_a_terminal_it_says_that_nothing_is_new_and_what_is_not_indexed(home: Path) -> None:
    run(home, "digest")
    assert on_terminal(home, ["digest"]) == (1, "papersearch: nothing is new\r\n")
    add(home, 13)
    code, told = on_terminal(home, ["digest"])
    assert code == 1
    assert "papersearch: 1 post changed since the last index run" in told


def test_after_that_all_that_is_new_is_shown_or_said_to_be_more(home: Path) -> None:
    run(home, "digest")
    for number in range(13, 25):
        add(home, number)
    run(home, "index")
    assert "12 new papers, 9 of them not shown" in run(home, "digest", "--peek", "--limit", "3").out
    assert ": 12 new papers\n" in run(home, "digest", "--peek").out
    assert shown(home) == {"moe": [f"2401.{number:05}" for number in range(24, 12, -1)]}


def test_the_newest_come_first_whichever_say_more_of_it(home: Path) -> None:
    add(home, 14, "of a mixture of experts", "A mixture of experts is a mixture of experts. " * 9)
    add(home, 15)
    assert shown(home, "--refresh")["moe"][:3] == ["2401.00015", "2401.00014", "2401.00012"]


def test_only_what_was_indexed_since_is_new_and_only_once(home: Path) -> None:
    run(home, "digest")
    add(home, 13)
    assert shown(home, "--refresh") == {"moe": ["2401.00013"]}
    assert shown(home) == {"moe": []}


def test_an_edited_post_is_not_new_and_rebuilding_forgets_nothing(home: Path) -> None:
    run(home, "digest")
    add(home, 5, "edited", "With another sentence.")
    assert shown(home, "--refresh") == {"moe": []}
    add(home, 14)
    assert run(home, "index", "--rebuild").code == 0
    assert shown(home) == {"moe": ["2401.00014"]}


def test_a_paper_that_went_away_and_comes_back_is_not_new_again(home: Path) -> None:
    run(home, "digest")
    add(home, 13)
    assert shown(home, "--refresh") == {"moe": ["2401.00013"]}
    posts = [home / "corpus" / f"2401.{number:05}.md" for number in (1, 12, 13)]  # 1 was not shown but counts as seen
    texts = [post.read_text("utf-8") for post in posts]
    for post in posts:
        post.unlink()
    assert shown(home, "--refresh") == {"moe": []}
    for post, text in zip(posts, texts, strict=True):
        post.write_text(text, "utf-8")
    add(home, 14)
    assert shown(home, "--refresh") == {"moe": ["2401.00014"]}


def test_another_paper_whose_file_has_the_name_of_one_that_was_shown_is_new(home: Path) -> None:
    run(home, "digest")
    note = home / "corpus" / "notes.md"
    for title in ("Otters", "Lenses"):
        note.write_text(f"# {title}\n\nA mixture of experts.\n", "utf-8")
        assert shown(home, "--refresh") == {"moe": ["notes"]}
        note.unlink()
        assert shown(home, "--refresh") == {"moe": []}


def test_a_new_version_in_a_post_of_its_own_is_not_new_again(home: Path) -> None:
    run(home, "digest")
    add(home, 12, "beside it")
    (home / "corpus" / "2401.00012.md").rename(home / "corpus" / "2401.00012v2.md")
    add(home, 12)
    (home / "corpus" / "2401.00011.md").unlink()
    add(home, 11, "instead of it")
    (home / "corpus" / "2401.00011.md").rename(home / "corpus" / "2401.00011v3.md")
    assert shown(home, "--refresh") == {"moe": []}


def test_a_search_that_is_added_begins_with_its_newest_and_others_go_on(home: Path) -> None:
    run(home, "digest")
    (home / "papersearch.toml").write_text(SEARCHES + 'five = "number 5"\n')
    assert shown(home) == {"moe": [], "five": ["2401.00005"]}
    assert shown(home) == {"moe": [], "five": []}


def test_a_search_that_is_renamed_goes_on_and_one_with_other_words_begins_anew(home: Path) -> None:
    run(home, "digest")
    (home / "papersearch.toml").write_text('[searches]\nother = "mixture  of experts"\n')
    assert shown(home) == {"other": []}
    (home / "papersearch.toml").write_text('[searches]\nother = "mixture of experts -9"\n')
    assert len(shown(home)["other"]) == 10


def test_what_was_shown_is_read_once_for_all_searches(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is as large as all that they have shown: of a thousand searches each one read that of all."""
    searches = "".join(f'search{number} = "experts OR word{number}"\n' for number in range(20))
    (home / "papersearch.toml").write_text(SEARCHES + searches)
    reads, read = [], json_file.read

    def counted(path: str) -> dict[str, Any]:
        reads.append(path)
        return read(path)

    monkeypatch.setattr(json_file, "read", counted)
    monkeypatch.chdir(home)
    assert main(["digest", "--peek"]) == 0
    assert len(reads) == 1


def test_of_more_papers_than_are_remembered_the_oldest_are_forgotten(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(since_last, "_MOST_MARKS", 5)
    monkeypatch.chdir(home)
    assert main(["digest"]) == 0
    [(_, kept)] = json_file.read(str(home / "index" / since_last.ASKED_FILE)).values()
    assert kept == [f"2401.{number:05}" for number in range(8, 13)]


def test_papers_must_hold_every_word(home: Path) -> None:
    (home / "papersearch.toml").write_text('[searches]\nx = "mixture zzqqxx"\n')
    assert shown(home) == {"x": []}


def test_a_search_that_does_not_parse_is_one_for_plain_words_and_that_is_said(home: Path) -> None:
    (home / "papersearch.toml").write_text('[searches]\nmoe = "(mixture"\n')
    ran = run(home, "digest", "--json")
    assert (ran.code, len(ran.json["searches"][0]["results"])) == (0, 10)
    assert ran.err == "papersearch: the search 'moe': a parenthesis is not closed: searched for the plain words\n"


def test_names_choose_searches_and_peeking_remembers_nothing(home: Path) -> None:
    (home / "papersearch.toml").write_text(SEARCHES + 'five = "number 5"\n')
    assert set(shown(home, "five", "--peek")) == {"five"}
    assert shown(home, "five") == {"five": ["2401.00005"]}
    assert len(shown(home)["moe"]) == 10
    unknown = run(home, "digest", "fiv")
    assert unknown.code == 2
    assert unknown.err == "papersearch: there is no saved search 'fiv': did you mean five?\n"


def test_a_limit_says_how_many_are_not_shown(home: Path) -> None:
    assert shown(home, "--peek", "-n", "0") == {"moe": []}
    assert len(shown(home, "--peek", "-n", "11")["moe"]) == 10
    assert "the newest 3 papers; from now on" in run(home, "digest", "-n", "3").out
    for number in (20, 21, 22):
        add(home, number)
    assert "3 new papers, 2 of them not shown" in run(home, "digest", "--refresh", "-n", "1").out


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_for_people_searches_without_news_are_left_out(home: Path, form: str) -> None:
    (home / "papersearch.toml").write_text(SEARCHES + 'otters = "walrus"\n')
    told = run(home, "digest", "--format", form).out
    assert ("moe" in told, "otters" in told) == (True, False)


def test_the_heading_counts_a_paper_of_several_searches_once_and_none_that_counts_as_seen(home: Path) -> None:
    (home / "papersearch.toml").write_text(SEARCHES + 'all = "*"\n')
    assert run(home, "digest", "--limit", "2").lines[0] == "# 2 new papers"
    for number in range(13, 16):
        add(home, number)
    run(home, "index")
    for options in ((), ("--limit", "1")):
        assert run(home, "digest", "--peek", *options).lines[0] == "# 3 new papers"
    assert run(home, "digest", "--json").json["total"] == 6


@pytest.mark.parametrize(
    ("options", "begin"),
    [
        ((), "# 10 new papers\n"),
        (("--format", "markdown"), "# 10 new papers\n"),
        (("--format", "html"), "<!DOCTYPE html>\n"),
        (("--format", "atom"), "<?xml "),
        (("--format", "json"), "{"),
        (("--json",), "{"),
    ],
)
def test_a_digest_is_printed_in_the_form_that_is_asked_for(options: tuple[str, ...], begin: str, home: Path) -> None:
    assert run(home, "digest", *options).out.startswith(begin)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full disk")
@pytest.mark.parametrize("form", ["markdown", "html", "atom", "json"])
def test_what_could_not_be_written_is_shown_again(home: Path, form: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*PAPERSEARCH, "digest", "--format", form], cwd=home, env=environment(), stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 3
    assert len(shown(home)["moe"]) == 10


def test_what_was_shown_and_cannot_be_recorded_is_said_to_be_shown_again(home: Path) -> None:
    in_the_way = home / "index" / "papersearch_asked.json"
    in_the_way.mkdir()
    ran = run(home, "digest")
    assert (ran.code, ran.lines[0]) == (3, "# 10 new papers")
    assert is_one_error(ran)
    assert f"recorded in {home / 'index'} (" in ran.err
    assert ran.err.endswith("): the same papers will be shown again; --peek leaves out remembering\n")
    in_the_way.rmdir()
    assert len(shown(home)["moe"]) == 10


def test_a_link_where_it_is_remembered_is_not_followed(home: Path) -> None:
    theirs = home / "theirs.txt"
    theirs.write_text("precious")
    (home / "index" / "papersearch_asked.json").symlink_to(theirs)
    assert len(shown(home)["moe"]) == 10
    assert shown(home) == {"moe": []}
    assert theirs.read_text() == "precious"


def test_without_a_file_it_says_where_searches_are_saved(home: Path) -> None:
    (home / "papersearch.toml").unlink()
    assert run(home, "digest").err.startswith("papersearch: there is no papersearch.toml: save searches in it")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", "no saved searches"),
        ('[searches]\nx = " "\n', "no words"),
        ('[searches]\nx = "year:abc"\n', "'x'"),
        ("[searches]\nx = 3\n", "a string"),
    ],
)
def test_mistakes_are_one_line_and_nothing_is_remembered(home: Path, settings: str, said: str) -> None:
    (home / "papersearch.toml").write_text(settings)
    for options in (), ("--json",), ("--format", "atom"):
        wrong = run(home, "digest", *options)
        assert (wrong.code, wrong.out) == (2, "")
        assert is_one_error(wrong)
        assert said in wrong.err
    (home / "papersearch.toml").write_text(SEARCHES)
    assert len(shown(home)["moe"]) == 10


def test_a_mistaken_search_stops_no_other_and_what_a_script_may_throw_away_is_shown_again(home: Path) -> None:
    (home / "papersearch.toml").write_text(f'[searches]\nearly = "year:abc"\nnone = " "\n{SEARCHES[11:]}')
    for _ in range(2):
        ran = run(home, "digest", "--json")
        assert ran.code == 2
        assert [each["name"] for each in ran.json["searches"]] == ["moe"]
        assert len(ran.json["searches"][0]["results"]) == 10
        early, none = ran.err.splitlines()
        assert early.startswith(
            "papersearch: the search 'early' (year:abc) is a mistake: year: 'abc' is not a date: write"
        )
        assert none == "papersearch: the search 'none' has no words: * finds every paper"
    assert run(home, "digest", "moe").code == 0
    assert run(home, "digest").code == 2
    assert shown(home, "moe") == {"moe": []}


def test_ids_of_a_feed_stay_the_same(home: Path) -> None:
    def ids() -> list[str | None]:
        told = run(home, "digest", "--format", "atom", "--peek")
        return [each.text for each in ET.fromstring(told.out).iter(f"{ATOM}id")]

    before = ids()
    add(home, 12, "edited")
    run(home, "index")
    (home / "papersearch.toml").write_text('[searches]\nother = "mixture of experts"\n')
    assert ids() == before
    assert len(before) == 11


def test_a_feed_without_news_is_empty_and_valid(home: Path) -> None:
    run(home, "digest")
    told = run(home, "digest", "--format", "atom")
    assert told.code == 1
    assert ET.fromstring(told.out).findall(f"{ATOM}entry") == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs sh")
def test_the_recipe_for_cron_puts_a_mail_into_a_maildir(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    page = (ROOT / "docs" / "digest.md").read_text("utf-8")
    script = next(block for block in re.findall(r"```sh\n(.*?)```", page, re.S) if block.startswith("#!/bin/sh"))
    user = tmp_path_factory.mktemp("user")
    (user / "blog").symlink_to(home)
    programs = user / "bin"
    programs.mkdir()
    deliver = f"import mailbox, sys; mailbox.Maildir({str(user / 'mail')!r}).add(sys.stdin.buffer.read())"
    for name, does in (
        ("papersearch", f'exec {shlex.join(PAPERSEARCH)} "$@"'),
        ("sendmail", f"exec {shlex.join([sys.executable, '-c', deliver])}"),
        ("paper-digest", script),
    ):
        (programs / name).write_text(does if does.startswith("#!") else f"#!/bin/sh\n{does}\n")
        (programs / name).chmod(0o755)
    cron = {"HOME": str(user), "LOGNAME": "reader", "PATH": f"{programs}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    for _ in range(2):  # the second has nothing to send
        subprocess.run(["sh", "-c", "~/bin/paper-digest"], env=cron, cwd="/", check=True, timeout=LONGEST_S)
    (mail,) = Maildir(user / "mail")
    assert mail["To"] == "reader"
    assert mail.get_content_type() == "text/html"
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert "Paper 12" in body.decode("utf-8")
