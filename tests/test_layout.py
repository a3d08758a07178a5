"""The quick way through a post of the usual layout says what the long way says."""

from __future__ import annotations

from pathlib import Path

import pytest

from papersearch.core.records import Post
from papersearch.posts import layout, parse
from tests.corpora import REAL_POSTS

ROOT = Path(__file__).parent.parent
SAMPLE = (ROOT / "corpus" / "Qwen25_Technical_Report.md").read_text(encoding="utf-8")


def both(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[Post, Post]:
    quick = parse.parse("post.md", data)
    with monkeypatch.context() as patch:
        patch.setattr(layout, "read", lambda path, text: None)
        return quick, parse.parse("post.md", data)


def test_all_posts_are_read_the_same_both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [ROOT / "corpus", *([request.getfixturevalue("real_posts")] if REAL_POSTS.exists() else [])]
    usual = 0
    for path in (path for folder in folders for path in sorted(folder.glob("*.md"))):
        data = path.read_bytes()
        quick, slow = both(data, monkeypatch)
        assert quick == slow
        usual += layout.read("post.md", data.decode()) is not None
    assert usual > 40


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Qwen25 Technical Report\n", "title: 'Qwen: a report'\n"),
        ("title: Qwen25 Technical Report\n", 'title: "Qwen # report"\n'),
        ("title: Qwen25 Technical Report\n", 'title: "Qwen \\u03BC report"\n'),
        ("title: Qwen25 Technical Report\n", "title: Qwen # a remark\n"),
        ("title: Qwen25 Technical Report\n", "title: null\n"),
        ("title: Qwen25 Technical Report\n", "title: Qwen25\n  Technical\n  Report\n"),
        ("title: Qwen25 Technical Report\n", "title: [Qwen]\n"),
        ("title: Qwen25 Technical Report\n", "title: - x\n"),
        ("title: Qwen25 Technical Report\n", "title: 2412.15115\n"),
        ("- dataset\n", "- 'it''s'\n"),
        ("- dataset\n", "- key1\n"),
        ("- dataset\n", "-  dataset \n"),
        ("content: Qwen et.al.", "content: 'Qwen et.al.'"),
        ("## QA:\ncoming soon", "## QA:\nIs it large? It is."),
        ("coming soon\n", "coming soon\n\n## title: another\n"),
        ("**2024-12-19**", "**soon**"),
        ("2412.15115v1\n", "\n"),
        ("\n", "\r\n"),
        ("author: wanghaisheng\n", "author: [wang\n"),
        ("keywords: key1, key2, key3\n", "keywords: key1, quantum chemistry\n"),
        ("keywords: key1, key2, key3\n", "keywords: quantum chemistry\n"),
        ("content: key3, key4\n", "content: 'key3\n"),
        ("- dataset\n", "- data\u2028set\n"),
        ("- dataset\n", "- data\u0085set\n"),
        ("- dataset\n", "- 'data\u2028set'\n"),
        ("# title: Qwen25 Technical Report", "# title: Qwen25 Technical Report, third edition"),
        ("# title: Qwen25 Technical Report", "# title: Qwen25 # abstract: nothing"),
        ("  Qwen et.al. \n", "  Qwen et.al. (Alibaba)\n"),
        ("  Qwen et.al. \n", "**Affiliation:** Alibaba\n"),
        ("\n2412.15115v1\n", "\n2412.15115v1 withdrawn\n"),
        ("[2412.15115v1](", "[Read the preprint]("),
        ("**2024-12-19**", "2024-12-19, revised in spring"),
        ("**2024-12-19**", "**authors**"),
        ("Qwen2.5 is a family", "Qwen2.5 is **QA:** a family"),
        ("## abstracts:\n", "## abstracts:\n\n"),
        ("title: Qwen25 Technical Report\n---", "title: 'null'\n---"),
        ("title: Qwen25 Technical Report\n---", "title: Qwen25 Technical Report \n---"),
        ("title: Qwen25 Technical Report\n---", "title: Qwen25 Technical Report\u0085\n---"),
        ("- dataset\n", "- none\n"),
        ("- dataset\n", "- pretraining\n- pretraining\n"),
        ("  Qwen et.al. \n", "  Coming Soon \n"),
        ("http://arxiv.org/abs/2412.15115v1)", "http://arxiv.org/abs/2412.15116v1)"),
        ("[2412.15115v1](", "[2412.15115v2]("),
        ("**2024-12-19**", "**2024-12-19** **2024-12-20**"),
        ("pubDate: '2024", "pubDate: '0000"),
        ("title: Qwen25 Technical Report\n", 'title: "Qwen \\ud800 report"\n'),
        ("title: Qwen25 Technical Report\n", 'title: "Qwen \\u2028 report"\n'),
        ("title: Qwen25 Technical Report\n", 'title: "Qwen \\xA0 \\x07 report"\n'),
        ("title: Qwen25 Technical Report\n", 'title: "Qwen \\x5C\\x22 report"\n'),
        ("title: Qwen25 Technical Report\n", 'title: "Qwen \\t \\e report"\n'),
        ("title: Qwen25 Technical Report\n", 'title: "Qwen \\x4g report"\n'),
        ("title: Qwen25 Technical Report\n", "title: 'Qwen \\xE9 report'\n"),
        ("title: Qwen25 Technical Report\n", 'title: "Qwen \\\n  report"\n'),
        ("- dataset\n", '- "data\\x85set"\n'),
        ("- dataset\n", '- "data\\xE4set"\n'),
        ("  Qwen et.al. \n", "  Ada Roe, Bo Poe, Ada Roe et.al. \n"),
        ("  Qwen et.al. \n", "  Ada Roe, Bo Poe, Ada Roe, Anonymous \n"),
        ("  Qwen et.al. \n", f"  {', '.join(['Ada Roe ' + ' '.join(['A' + 'b' * 29] * 2)] * 80)}\n"),
    ],
)
def test_odd_ones_are_read_the_same_both_ways(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SAMPLE.replace(old, new)
    assert text != SAMPLE
    quick, slow = both(text.encode(), monkeypatch)
    assert quick == slow


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("title: Qwen25 Technical Report\n---", "title: Another name\n---", "Technical"),
        ("  Qwen et.al. \n", "  Qwen et.al. (Alibaba)\n", "Alibaba"),
        ("\n2412.15115v1\n", "\n2412.15115v1 withdrawn\n", "withdrawn"),
        ("**2024-12-19**", "**soon enough**", "enough"),
        ("[2412.15115v1](", "[Read the preprint](", "preprint"),
        ("keywords: key1, key2, key3\n", "keywords: key1, chemistry\n", "chemistry"),
    ],
)
def test_a_word_that_no_fact_says_stays_text(old: str, new: str, word: str) -> None:
    text = SAMPLE.replace(old, new)
    assert text != SAMPLE
    assert word in parse.parse("post.md", text.encode()).abstract


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  Qwen et.al. \n", "  Ada Roe, Bo Poe, J. Doe, Ada Roe, Bo Poe, J. Doe \n"),
        ("content: Qwen et.al.", 'content: "Zden\\u011Bk Begh\\xfCm et.al."'),
        ("title: Qwen25 Technical Report\n", 'title: "Qwen \\u03BC report"\n'),
        ("- dataset\n", '- "data\\xE4set"\n'),
    ],
)
def test_names_that_are_said_twice_and_letters_that_are_escaped_are_read_the_quick_way_too(
    old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SAMPLE.replace(old, new)
    if "title" in old:
        text = text.replace("# title: Qwen25 Technical Report", "# title: Qwen μ report")
    assert layout.read("post.md", text) is not None
    quick, slow = both(text.encode(), monkeypatch)
    assert quick == slow


TITLES = [
    ("Pruning in $l_2$ Norm", "Pruning in $l_2$ Norm"),
    ('"Pruning in $\\\\ell_1$ Norm"', "Pruning in $\\ell_1$ Norm"),
    (r'"Tests of \"Small\" Models"', 'Tests of "Small" Models'),
    (r'"Ada Fr\xE9chet \\ \"Roe\""', r'Ada Fréchet \ "Roe"'),
]


@pytest.mark.parametrize(("front", "heading"), TITLES)
def test_titles_with_formulas_and_quotes_are_read_the_quick_way_too(
    front: str, heading: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SAMPLE.replace("\ntitle: Qwen25 Technical Report\n", f"\ntitle: {front}\n")
    text = text.replace("# title: Qwen25 Technical Report", f"# title: {heading}")
    assert layout.read("post.md", text) is not None
    quick, slow = both(text.encode(), monkeypatch)
    assert quick == slow


@pytest.mark.parametrize(
    ("front", "heading"),
    [
        *((front, f"{heading} again") for front, heading in TITLES),
        ("null", "null"),
        (r'"\\"', "\\"),
        (f"{'a' * 6_000} $k$", f"{'a' * 6_000} $k$"),
        (r'"Otters \\ ', r"Otters \ "),
        ('"Otters \\\n  at work"', "Otters at work"),
        ('"Otters \\\\\n  at work"', r"Otters \ at work"),
    ],
)
def test_odd_titles_are_read_the_same_both_ways(front: str, heading: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SAMPLE.replace("\ntitle: Qwen25 Technical Report\n", f"\ntitle: {front}\n")
    text = text.replace("# title: Qwen25 Technical Report", f"# title: {heading}")
    quick, slow = both(text.encode(), monkeypatch)
    assert quick == slow


def test_a_post_of_the_usual_layout_has_its_abstract_alone_as_text() -> None:
    post = parse.parse("post.md", SAMPLE.encode())
    assert layout.read("post.md", SAMPLE) == post
    assert post.abstract.startswith("Qwen2.5 is")
    assert "\n" not in post.abstract
