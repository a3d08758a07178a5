"""A digest as HTML, Markdown and Atom: what each format makes of hostile posts, and what readers of it rely on."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from papersearch.apps.digest import atom, pages
from papersearch.apps.digest.records import Digest, Found
from papersearch.core.frozen import replace
from papersearch.core.records import Hit, Snippet
from papersearch.text.display import one_line
from tests.answers import QWEN, UNKNOWN

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = (
    "<script>alert(1)</script>",
    "](javascript:alert(1)) [x](<http://evil.example>)",
    "**bold** `code` _under_ ![i](http://e.example/x.png) http://auto.example www.auto.example me@auto.example",
    "&lt;b&gt; &amp; ]]> <!-- --> </title></head>",
    "\x1b[31mred\x07 \u202eright \ud800 \ufffe",
    "- item",
    "  + item",
    "1. item",
    "1) item",
    "3 items",
    "# heading",
)


def hostile() -> Digest:
    """A digest of papers whose every text is hostile."""
    hits = tuple(
        Hit(
            path="x.md",
            id=f"{number} {text}",
            title=text,
            authors=(text,),
            tags=(text,),
            published="2024-01-02" if number % 2 else text,
            url=("javascript://e.example/%0aalert(1)", 'http://e.example/"><b>', "http://e.example/>)(x)")[number % 3],
            snippets=(Snippet("abstract", 3, text, ((0, 4),)),),
        )
        for number, text in enumerate(HOSTILE)
    )
    found = [Found(name=text, query=text, first=bool(n % 2), total=9, results=hits) for n, text in enumerate(HOSTILE)]
    return Digest("index", None, tuple(found))


TWICE = replace(QWEN, snippets=(*QWEN.snippets, Snippet("qa", 9, "Otters?", ((0, 6),))))
FOUND = Digest(
    "i",
    "2025-01-02T03:04:05+00:00",
    (
        Found("moe & co", "moe -vision", False, 5, (TWICE, UNKNOWN), ("a", "b", "c")),
        Found("otters", "otters", False, 0),
    ),
)


def test_markdown_has_what_is_known_of_each_paper() -> None:
    assert pages.markdown(FOUND).split("\n") == [
        "# 5 new papers",
        "",
        "## moe \\& co",
        "",
        "moe -vision: 5 new papers, 3 of them not shown",
        "",
        "- **[Qwen25 Technical Report](<http://arxiv.org/abs/2412.15115v1>)**  ",
        "  Qwen et al. · 2024-12-19 · 2412.15115v1 · all search terms, dataset",
        "",
        "  > two **mixture-of-experts** (**MoE**) variants",
        "  >",
        "  > **Otters**?",
        "",
        "- **混合**  ",
        "  混合",
        "",
    ]


def test_html_has_the_same_as_markdown() -> None:
    found = Tags(pages.html(FOUND))
    assert [line for line in found.text.replace(" ·\n", " · ").replace("\n(", " (").split("\n") if line] == [
        "5 new papers",
        "5 new papers",
        "moe & co",
        "moe -vision: 5 new papers, 3 of them not shown",
        "Qwen25 Technical Report",
        "Qwen et al. · 2024-12-19 · 2412.15115v1 · all search terms, dataset",
        "two mixture-of-experts (MoE) variants",
        "Otters?",
        "混合",
        "混合",
    ]
    assert found.addresses == {"http://arxiv.org/abs/2412.15115v1"}
    assert re.findall("<mark[^>]*>([^<]*)</mark>", pages.html(FOUND)) == ["mixture-of-experts", "MoE", "Otters"]


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)
        assert {name for name, _ in attrs} <= {"style", "href", "lang", "charset", "dir"}
        self.addresses |= {value or "" for name, value in attrs if name == "href"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_has_only_our_own_tags_and_shows_hostile_texts_as_they_are() -> None:
    page = pages.html(hostile())
    found = Tags(page)
    ours = {"html", "head", "meta", "title", "body", "h1", "h2", "div", "p", "strong", "a", "mark", "bdi"}
    assert found.tags <= ours
    assert not found.open
    assert found.addresses == {'http://e.example/"><b>', "http://e.example/>)(x)"}
    assert "<script>alert(1)</script>" in found.text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", page)
    assert max(len(line.encode()) for line in page.splitlines()) < 998


def test_what_is_written_from_right_to_left_disorders_no_date_beside_it() -> None:
    """Behind an Arabic name 2024-05-01 was shown as 01-05-2024."""
    hit = Hit(path="x", id="1", title="مراجعة", authors=("أحمد علي",), published="2024-05-01", tags=("ترجمة",))
    page = pages.html(Digest("i", None, (Found("n", "q", False, 1, (hit,)),)))
    assert "<bdi>أحمد علي</bdi> ·\n<bdi>2024-05-01</bdi> ·\n<bdi>1</bdi> ·\n<bdi>ترجمة</bdi>" in page
    assert re.search('<p dir="auto"[^>]*><strong>مراجعة', page)


def test_long_texts_are_broken_into_lines_that_mail_takes() -> None:
    hit = Hit(path="x", id="1", title="word & " * 2_000, snippets=(Snippet("abstract", 1, "wörd " * 2_000),))
    page = pages.html(Digest("i", None, (Found("n", "q", False, 1, (hit,)),)))
    assert max(len(line.encode()) for line in page.splitlines()) < 998
    shown = Tags(page).text.split()
    assert [shown.count(word) for word in ("word", "&", "wörd")] == [2_000, 2_000, 2_000]


def test_marked_words_of_a_text_without_blanks_are_broken_into_lines_too() -> None:
    text = "水獺筑坝" * 60
    marked = tuple((start, start + 2) for start in range(0, len(text), 4))
    hit = Hit(path="x", id="1", title="t", snippets=(Snippet("abstract", 1, text, marked),))
    page = pages.html(Digest("i", None, (Found("n", "q", False, 1, (hit,)),)))
    assert max(len(line.encode()) for line in page.splitlines()) < 998
    assert text in Tags(page).text


def test_markdown_shows_what_editors_take_for_formulas_highlights_and_comments() -> None:
    text = "from $5 to $6, a == b == c, 5%% and %%x, x^2^; 100% of a = b"
    hit = Hit(path="x", id="1", title=text)
    page = pages.markdown(Digest("i", None, (Found("n", "q", False, 1, (hit,)),)))
    assert not re.search(r"(?<!\\)[$^]|==|%%", page)
    assert "100% of a = b" in page
    markdown_it = pytest.importorskip("markdown_it")
    assert text in markdown_it.MarkdownIt().render(page)


def test_markdown_has_no_markup_but_ours() -> None:
    assert "www\\.auto.example" in pages.markdown(hostile())
    markdown_it = pytest.importorskip("markdown_it")
    tokens = (
        markdown_it.MarkdownIt("gfm-like", {"linkify": False}).enable("strikethrough").parse(pages.markdown(hostile()))
    )
    shown = ["".join(child.content for child in token.children or ()) for token in tokens]
    for text in (one_line(text).strip() for text in HOSTILE):
        assert text in shown
        assert any(line.startswith(f"{text}: ") for line in shown)
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or ()}
    assert not kinds & {"html_block", "html_inline", "image", "code_inline", "em_open", "ordered_list_open", "fence"}
    links = {child.attrs["href"] for token in tokens for child in token.children or () if child.type == "link_open"}
    assert links == {"http://e.example/%22%3E%3Cb%3E", "http://e.example/%3E%29%28x%29"}
    assert {token.tag for token in tokens if token.type == "heading_open"} == {"h1", "h2"}


def test_atom_is_well_formed_and_has_what_the_standard_asks_for() -> None:
    root = ET.fromstring(atom.feed(hostile()).encode())
    assert root.tag == f"{ATOM}feed"
    for part in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated", "author"):
            assert len(part.findall(f"{ATOM}{name}")) == 1
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", part.findtext(f"{ATOM}updated") or "")
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", part.findtext(f"{ATOM}id") or "")
    entries = root.findall(f"{ATOM}entry")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries) == len(HOSTILE)
    shown = [re.sub("[\ufffe\uffff]", "\ufffd", one_line(text)) for text in HOSTILE]
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == shown
    assert len(entries[0].findall(f"{ATOM}category")) == len(HOSTILE)
    for entry in entries:
        assert Tags(entry.findtext(f"{ATOM}content") or "").tags <= {"p", "mark", "bdi"}
        assert all(link.get("href", "").startswith("http://e.example/") for link in entry.iter(f"{ATOM}link"))


def test_a_feed_is_written_as_other_programs_write_theirs() -> None:
    assert atom.feed(Digest("opensearch://localhost:9200/papers", "2025-01-02T03:04:05+00:00")) == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom">\n'
        "  <id>urn:uuid:3d13cd0d-e932-5f60-a123-060636348581</id>\n"
        "  <title>New papers</title>\n"
        "  <updated>2025-01-02T03:04:05+00:00</updated>\n"
        "  <generator>papersearch</generator>\n"
        "  <author>\n"
        "    <name>papersearch</name>\n"
        "  </author>\n"
        "</feed>\n"
    )


def test_of_many_authors_an_entry_names_as_many_as_a_line_does() -> None:
    hit = Hit(path="x", id="1", title="x", authors=tuple(f"Author {number}" for number in range(2_000)))
    root = ET.fromstring(atom.feed(Digest("i", None, (Found("n", "q", False, 1, (hit,)),))))
    named = [author.text for author in root.iterfind(f"{ATOM}entry/{ATOM}author/{ATOM}name")]
    assert named == ["Author 0", "Author 1", "Author 2", "Author 3"]


def test_an_entry_has_what_is_known_of_its_paper() -> None:
    first, second = ET.fromstring(atom.feed(FOUND)).iter(f"{ATOM}entry")
    assert first.findtext(f"{ATOM}title") == "Qwen25 Technical Report"
    assert first.findtext(f"{ATOM}published") == "2024-12-19T00:00:00Z"
    assert first.findtext(f"{ATOM}author/{ATOM}name") == "Qwen"
    assert [link.attrib for link in first.iter(f"{ATOM}link")] == [
        {"rel": "alternate", "href": "http://arxiv.org/abs/2412.15115v1"}
    ]
    assert [category.get("term") for category in first.iter(f"{ATOM}category")] == ["moe & co"]
    content = first.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "html"
    assert Tags(content.text or "").text.split("\n")[-2:] == ["two mixture-of-experts (MoE) variants", "Otters?"]
    assert (second.find(f"{ATOM}link"), second.find(f"{ATOM}published")) == (None, None)


def test_an_entry_of_which_no_day_is_known_is_as_new_as_the_run_that_found_it() -> None:
    hits = (Hit(path="x", id="1", title="x"), Hit(path="y", id="2", title="y", posted="2024-03-05T06:07:08"))
    found = (Found("n", "q", False, 2, hits),)
    root = ET.fromstring(atom.feed(Digest("i", "2026-01-02T03:04:05+00:00", found)))
    times = [entry.findtext(f"{ATOM}updated") for entry in root.iter(f"{ATOM}entry")]
    assert times == ["2026-01-02T03:04:05+00:00", "2024-03-05T06:07:08Z"]


def test_an_entry_is_as_new_as_its_post_or_else_as_its_paper_and_has_a_title() -> None:
    hits = (
        Hit(path="x", id="1", title="", published="2024-03-04", posted="2024-03-05T06:07:08.5+02:00"),
        Hit(path="y", id="2", title="y", published="2024-03-04"),
    )
    root = ET.fromstring(atom.feed(Digest("i", "2026-01-02T03:04:05Z", (Found("n", "q", False, 2, hits),))))
    shown = [[entry.findtext(f"{ATOM}{name}") for name in ("title", "updated")] for entry in root.iter(f"{ATOM}entry")]
    assert {entry.findtext(f"{ATOM}author/{ATOM}name") for entry in root.iter(f"{ATOM}entry")} == {"unknown"}
    assert shown == [["1", "2024-03-05T06:07:08+02:00"], ["y", "2024-03-04T00:00:00Z"]]


def test_ids_of_feeds_and_papers_are_the_same_for_all_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ids(index: str) -> list[str | None]:
        found = (Found("n", "q", False, 1, (Hit(path="x", id="2401.00001", title="x"),)),)
        return [each.text for each in ET.fromstring(atom.feed(Digest(index, None, found))).iter(f"{ATOM}id")]

    cluster, paper = ids("opensearch://localhost:9200/papers")
    assert cluster == "urn:uuid:3d13cd0d-e932-5f60-a123-060636348581"
    assert paper == "urn:uuid:a4816e60-ed56-5391-9b9c-7f4b561b6c5c"
    monkeypatch.chdir(tmp_path)
    assert ids("index") == ids(str(tmp_path / "index")) != ids("other")


def test_the_feed_of_some_searches_is_a_feed_of_its_own() -> None:
    def facts(*chosen: str) -> tuple[str | None, str | None]:
        root = ET.fromstring(atom.feed(Digest("opensearch://localhost:9200/papers", None, ()), chosen))
        return root.findtext(f"{ATOM}id"), root.findtext(f"{ATOM}title")

    assert facts("moe", "<b>") == facts("<b>", "moe", "moe")
    assert facts("moe", "<b>") == ("urn:uuid:16a9f4b8-6053-520d-b2e4-0b00807a999c", "New papers: <b>, moe")
    assert len({facts(*chosen)[0] for chosen in ((), ("moe",), ("<b>",), ("moe", "<b>"))}) == 4
