"""What each view of the search page says, as it reads without its markup, and where its links lead."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

from starlette.testclient import TestClient

import papersearch
from papersearch import __version__
from papersearch.apps.current import CurrentIndex
from papersearch.apps.web.openapi import ADDRESSES
from tests.corpora import write_post
from tests.servers import asked

PEOPLE = [
    f"{first} {last}"
    for first in ("Ada", "Bea", "Cy")
    for last in "Ash Bly Coe Day Eve Fay Gee Hay Ivy Jay Kay".split()
]
SONG = "Otters sing in rivers.\n\nOtters sing by night."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    corpus = folder / "corpus"
    corpus.mkdir()
    write_post(corpus, "2401.00001v1", "Otter Songs", "Old.", name="old", posted="2024-01-02 03:04:05")
    write_post(corpus, "2401.00001v2", "Otter Songs", SONG, name="new", author="Ann Lee", tags=("a & b", "rivers"),
               qa="Q: Why?\nA: For joy.")  # fmt: skip
    write_post(corpus, "2401.00002", "Otter Dams", "Otters dig dams.", author="Bo Fox", published="2023-05-06")
    (corpus / "note.md").write_text(
        f"---\nauthors: [{', '.join(PEOPLE)}]\ntags: [rivers]\n---\nOtters rest.\n", "utf-8"
    )
    papersearch.build(str(folder / "index"), [str(corpus)], jobs=1)
    return folder


@pytest.fixture(scope="module")
def client(home: Path) -> TestClient:
    return asked(home)


def read(page: str) -> str:
    """A page as it reads: its words, a bar for each element that begins a line."""
    text = re.sub(r"</?(?:p|li|h\d|ul|ol|section|div|summary|pre|td|th|tr)\b[^>]*>", "|", page)
    return " ".join(re.sub(r"(?:\s*\|\s*)+", " | ", unescape(re.sub("<[^>]*>", "", text))).split()).strip("| ")


def links(page: str) -> dict[str, str]:
    """Where the links of a page lead, by what they say."""
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    return {read(said): unescape(address) for address, said in found}


def part(client: TestClient, address: str) -> str:
    return client.get(f"/part{address}").text


def test_a_paper_is_told_whole(client: TestClient) -> None:
    page = part(client, "/paper/2401.00001?q=otters&offset=10")
    before, _, rest = read(page).partition(" | BibTeX | ")
    assert before == (
        "← Results | Otter Songs | Ann Lee et al. | Published 2024-12-19 Posted 2024-12-23 2401.00001v2 Copy id"
        " | arxiv.org PDF | Abstract | Otters sing in rivers. | Otters sing by night. | Questions and answers"
        " | Q: Why? A: For joy. | a & b | rivers"
    )
    entry, _, rest = rest.partition(" | ")
    assert entry.startswith("@misc{lee2024otter, title = {{Otter Songs}}")
    assert re.sub(r"line \d+", "line", rest).startswith(
        "Copy BibTeX | Post | corpus/new.md, line | Other posts about it: | Otter Songs, posted 2024-01-02corpus/old.md"
        " | Similar papers | note | Ada Ash, Ada Bly, Ada Coe, Ada Day et al. | Otter Dams | Bo Fox et al. 2023-05-06"
    )
    leads = links(page)
    assert leads["← Results"] == "./?q=otters&offset=10"
    assert leads["Ann Lee"] == "./?author=Ann+Lee"
    assert leads["a & b"] == "./?tag=a+%26+b"
    assert leads["arxiv.org"] == "http://arxiv.org/abs/2401.00001v2"
    assert leads["Otter Dams"] == "./paper/2401.00002?q=otters&offset=10"
    assert '<button type="button" class="copy" data-copy="2401.00001" hidden>' in page


def test_of_a_note_nothing_is_told_that_it_does_not_say(client: TestClient) -> None:
    text = read(part(client, "/paper/note"))
    people = ", ".join(PEOPLE[:30])
    assert text.startswith(
        f"← Results | note | {people} et al. | note Copy id | Abstract | Otters rest. | rivers | BibTeX |"
    )
    for untold in ("Published", "Posted", "Questions", "Other posts", "PDF"):
        assert untold not in text
    bare = read(part(client, "/paper/2401.00002"))
    assert "Questions" not in bare
    assert "| Bo Fox et al. |" in bare


def test_results_are_told_with_their_facts(client: TestClient) -> None:
    page = part(client, "?q=otters+joy")
    text = re.sub(r"\d+ ms", "N ms", read(page))
    assert text.startswith(
        "Results for otters joy | 3 papers, 1 with every word, N ms | Otter Songs | Ann Lee et al. 2024-12-19 2401.0"
    )
    assert "without joy" in text
    assert text.count("without") == 2
    assert "| note | Ada Ash, Ada Bly, Ada Coe, Ada Day et al. note |" in text
    assert " | a & b | rivers | " in text
    assert '<ol class="results" start="1">' in page
    assert "<mark>Otters</mark> rest." in page
    leads = links(page)
    assert leads["Otter Songs"] == "./paper/2401.00001?q=otters+joy"
    assert leads["2401.00001"] == "http://arxiv.org/abs/2401.00001v2"
    assert leads["rivers"] == "./?q=otters+joy&tag=rivers"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "Papers | 3 papers, newest first |"),
        ("?sort=oldest", "Papers | 3 papers, oldest first |"),
        ("?sort=title", "Papers | 3 papers, by title |"),
        ("?offset=1", "Papers | 2-3 of 3 papers, newest first |"),
        ("?q=otters", "Results for otters | 3 papers, N ms |"),
        ("?q=otters&offset=1", "Results for otters | 2-3 of 3 papers, N ms |"),
        ("?q=dams", "Results for dams | 1 paper, N ms |"),
        ("?tag=rivers", "Papers | 2 papers, N ms | tag: rivers × |"),
        ("?q=newts", "Results for newts | Nothing found | No paper matches. Fewer or other words may help."),
        ("?q=newts&since=2020", "Results for newts | Nothing found | since 2020 × | No paper matches. Fewer or other"
         " words may help, or fewer filters."),
        ("?q=otters+newts", "Results for otters newts | 3 papers, N ms | No paper has every word; these are the nea"),
        ("?q=otters+damz", "Results for otters damz | 3 papers, N ms | Did you mean otters dams? |"),
        ("?q=(otters", "Results for (otters | 3 papers, N ms | a parenthesis is not closed: searched"),
        ("?q=otters?", "Results for otters? | 3 papers, N ms | Otter"),
        ("?q=do+otters+dig?", "Results for do otters dig? | 3 papers, 1 with every word, N ms | Ask the papers this |"),
        ("?q=year:abc", "Year: 'abc' is not a date | Write 2024, 2024-12 or 2024-12-19, or 7d, 2w, 3m, yesterday"),
        ("/paper/none?q=otters", "There is no paper 'none' | Back to the search"),
        ("/ask?q=who+bakes?", "who bakes? | No answer: no paper has a word of the question. | All results"),
    ],
)  # fmt: skip
def test_what_was_found_and_how_the_query_was_read_is_said_first(client: TestClient, address: str, said: str) -> None:
    assert re.sub(r"\d+ ms", "N ms", read(part(client, address))).startswith(said)


def test_links_keep_the_query_and_leave_what_they_change(client: TestClient) -> None:
    meant = links(part(client, "?q=otters+damz&prefix=true&tag=dataset"))["otters dams"]
    assert meant == "./?q=otters+dams&tag=dataset"
    assert links(part(client, "?q=do+otters+dig?&offset=1"))["Ask the papers this"] == "./ask?q=do+otters+dig%3F"
    assert links(part(client, "/ask?q=who+bakes?&offset=10"))["All results"] == "./?q=who+bakes%3F&offset=10"
    assert links(part(client, "/paper/none?offset=10"))["Back to the search"] == "./?offset=10"


@pytest.mark.parametrize(("stale", "said"), [(1, "1 post changed"), (1_234, "1,234 posts changed"), (0, "")])
def test_posts_that_are_not_indexed_yet_are_told(
    client: TestClient, stale: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CurrentIndex, "stale", lambda _: stale)
    told = read(part(client, "?q=otters")).split(" | ")
    assert [each for each in told if "changed" in each] == (
        [f"{said} since the last papersearch index"] if said else []
    )


def test_tags_that_nearly_all_papers_have_tell_nothing_and_who_has_no_date_tells_when_it_was_posted(
    tmp_path: Path,
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(20):
        tags = ("all", "mine") if number == 7 else ("all",)
        write_post(corpus, f"2401.{number:05}", f"Newts {number}", "Ponds.", tags=tags, published="")
    papersearch.build(str(tmp_path / "index"), [str(corpus)], jobs=1)
    page = part(asked(tmp_path), "?q=title:7&tag=mine")
    (tags,) = re.findall(r'<ul class="tags".*?</ul>', page)
    assert links(tags) == {"mine": "./?q=title%3A7"}
    assert 'aria-current="true"' in tags
    assert "Ann Author et al. 2024-12-23 2401.00007 |" in read(page)
    others = part(asked(tmp_path), "?q=title:8")
    assert "Newts" in others
    assert "tags" not in others


def test_an_answer_is_told_with_its_papers_by_number(client: TestClient) -> None:
    page = part(client, "/ask?q=what+do+otters+dig?")
    assert read(page) == "what do otters dig? | Otters dig dams. [1] | Papers | [1] Otter Dams | All results"
    assert links(page) == {
        "[1]": "./paper/2401.00002?q=what+do+otters+dig%3F",
        "Otter Dams": "./paper/2401.00002?q=what+do+otters+dig%3F",
        "All results": "./?q=what+do+otters+dig%3F",
    }


def test_filters_are_told_with_how_many_papers_each_leaves(client: TestClient) -> None:
    page = part(client, "/facets?q=otters&tag=rivers")
    assert read(page).startswith("Year | 2024 1 | Author | Ada Ash 1 | ")
    assert "| Tag | rivers 2 | a & b 1" in read(page)
    assert links(page)["rivers 2"] == "./?q=otters"
    assert read(part(client, "/facets?q=newts")) == ""


def test_the_form_holds_what_the_address_says(client: TestClient) -> None:
    page = client.get("/?q=a+%22b&author=Ann+Lee&author=Bo&tag=x&since=2020&until=2024-05&sort=oldest&match=any").text
    assert 'value="a &#34;b" placeholder' in page
    assert re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', page) == [
        ("author", "Ann Lee"), ("author", "Bo"), ("tag", "x"), ("since", "2020"), ("until", "2024-05")
    ]  # fmt: skip
    assert re.findall(r'<option value="(\w+)" selected>(.*?)</option>', page) == [
        ("oldest", "oldest first"), ("any", "any of them")
    ]  # fmt: skip
    plain = client.get("/").text
    assert "hidden" not in re.findall(r'<input type="\w+"', plain)
    assert re.findall(r'<option value="(\w+)" selected>', plain) == ["relevance", "auto"]
    assert f"papersearch {__version__} · API" in read(plain)


def test_the_api_is_told_with_every_parameter(client: TestClient) -> None:
    page = client.get("/api").text
    for address in ADDRESSES:
        (section,) = re.findall(
            rf"<section [^>]*>\s*<h2[^>]*><code>{re.escape(address.path)}</code>.*?</section>", page, re.DOTALL
        )
        assert read(section).startswith(f"{address.path} | {address.summary}.")
        assert ("<table>" in section) is bool(address.parameters)
        for parameter in address.parameters:
            choices = f" One of {', '.join(parameter.choices)}." if parameter.choices else ""
            default = "" if parameter.default in (None, ()) else f" {str(parameter.default).lower()}"
            row = f"{parameter.name} | {parameter.help}{choices} |{default}"
            assert " ".join(row.split()).strip("| ") in read(section), row
