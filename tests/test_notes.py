"""Anybody's notes: the forms that the documentation shows, what is not to be invented, and that no word is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.material import unpacked
from benchmarks.notes import halves, score
from papersearch.core.records import Post
from papersearch.posts import keys, labels, matter
from papersearch.posts.parse import parse
from papersearch.posts.people import authors_of
from papersearch.text import clean, words
from tests.commands import run
from tests.parsed import EXAMPLES, PAGE
from tests.parsed import read_note as read
from tests.posted import field_texts

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
FACTS: dict[str, Any] = {
    "title": "", "authors": [], "id": "", "version": None, "published": None, "posted": None, "tags": [],
}  # fmt: skip

shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared material is not here")


def facts(post: Post) -> dict[str, Any]:
    found = {name: getattr(post, name) for name in FACTS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def terms(post: Post) -> set[str]:
    """All terms that find a post."""
    tokens = {token for text in field_texts(post) for token in words.tokens(text)}
    return {term for token in tokens for term in words.take_apart(token)[0]}


def lost(text: str, post: Post) -> set[str]:
    """The words of a text that do not find a post."""
    found = terms(post)
    return {token for token in {*words.tokens(text)} if not found.issuperset(words.take_apart(token)[0])}


@pytest.mark.parametrize(("name", "text", "expected"), [pytest.param(*each, id=each[0]) for each in EXAMPLES])
def test_the_examples_of_the_documentation_are_read_as_it_says(name: str, text: str, expected: str) -> None:
    assert facts(read(text, f"posts/{name}")) == {**FACTS, **json.loads(expected)}


def test_the_documentation_has_its_examples() -> None:
    assert len(EXAMPLES) == PAGE.count("~~~~markdown") > 15


@pytest.mark.parametrize(
    ("given", "names", "et_al"),
    [
        ("Hopper, Grace and Turing, Alan M.", ["Grace Hopper", "Alan M. Turing"], False),
        ("Hopper, G.; Turing, A. M.; van der Berg, J.", ["G. Hopper", "A. M. Turing", "J. van der Berg"], False),
        ("Hopper, G., Turing, A. M.", ["G. Hopper", "A. M. Turing"], False),
        ("Example, A., Sample, B., & Pattern, C.", ["A. Example", "B. Sample", "C. Pattern"], False),
        ([{"given": "Ada", "family": "Byron"}, {"first": "Bo", "last": "Lee"}], ["Ada Byron", "Bo Lee"], False),
        ([{"name": "Ada Byron", "affiliation": "Mill"}], ["Ada Byron"], False),
        (["He, Kaiming"], ["Kaiming He"], False),
        ("[[Ada Byron]], [[people/Bo|Bo Lee]]", ["Ada Byron", "Bo Lee"], False),
        ("{Ada Byron} and {Bo Lee}", ["Ada Byron", "Bo Lee"], False),
        ("张三、李四等", ["张三", "李四"], True),
        ("Ada Byron¹, Bo Lee²*", ["Ada Byron", "Bo Lee"], False),
        ("Ada Byron (Mill), Bo Lee (Loom)", ["Ada Byron", "Bo Lee"], False),
        ("Ada Byron y Bo Lee", ["Ada Byron", "Bo Lee"], False),
        ("Ada Byron, Bo Lee, and 12 others", ["Ada Byron", "Bo Lee"], True),
        ("Ada Byron, Bishnu S. Atal", ["Ada Byron", "Bishnu S. Atal"], False),
        ("Ada Byron at. al.", ["Ada Byron"], True),
    ],
)
def test_people_are_told_apart_and_named_as_they_are_spoken(given: Any, names: list[str], et_al: bool) -> None:
    assert authors_of(given) == (tuple(names), et_al)


def test_a_byline_knows_the_particles_of_names() -> None:
    assert read("# Mice\n*Marie du Pont, Bo af Sample*\n\nThey eat.\n").authors == ("Marie du Pont", "Bo af Sample")


def test_one_label_ends_the_fact_before_it() -> None:
    post = read("# Loom\n\n**Authors:** A. Bee, C. Dee\n**Venue:** NeurIPS 2020\n**Published:** 2020-12-06\n")
    assert (post.authors, post.published) == (("A. Bee", "C. Dee"), "2020-12-06")
    assert "NeurIPS" in post.abstract


def test_what_is_no_fact_is_not_taken_for_one() -> None:
    post = read(
        "# On titles\n\nNote: the authors are good. See https://example.org/abs/x1.\n\n"
        "## Method\n\nAuthors: nobody here.\n"
    )
    assert facts(post) == {**FACTS, "title": "On titles", "id": "note"}
    post = read("---\ntitle: Blog\nauthor: The Blogger\nlayout: post\ncategories: papers\n---\nText.")
    assert facts(post) == {**FACTS, "title": "Blog", "id": "note"}


def test_footnotes_and_lines_that_begin_like_a_link_are_text_and_links_are_not() -> None:
    post = read(
        "# F\n\nA[^1] word.\n\n[^1]: Emus.\n[Update]: jackals came.\n[2]: Smith, J. Ibex. 2020.\n"
        "[3]: http://x.example 'T'\n"
    )
    for word in ("Emus", "jackals", "Ibex"):
        assert word in post.abstract
    assert "x.example" not in post.abstract


PIECES = [
    "Prose of {}.\n\n", "## Authors\nAda {}\n\n", "## Paper ID\n2401.00001\n\n", "## Abstract\nOf {}.\n\n",
    "## Notes\nOn {}.\n\n", "# About {}\n\n", "**Authors:** Ada {}, Bo Lee\n", "**Venue:** Hall of {}\n\n",
    "- **Tags**: {}, b\n", "| Authors | Ada {} |\n| Session | {} |\n\n", "> [!info] {}\n> **Year**: 2020\n\n",
    "{}\n=====\n\n", "[^1]: Note on {}.\n\n", "Tags: {}  Date: 2020-01-02\n\n", "## Download\n[pdf {}](http://x.example/a.pdf)\n\n",
    "## QA:\ncoming soon\n\n", "## publish date:\n**2020-01-02**\n\n### Of {}\nText.\n\n", "1. {}\n2. b\n\n",
    "```\ncode {}\n```\n\n", "<details><summary>{}</summary>\n\nx\n</details>\n\n", "Ada {} et al., 2019\n\n",
    "Title: {}\n", "Title: other {}\n", "## Title\n{}\n\n", "Authors:\n- Ada {} (Mill {})\n\n", "by Ada {}\n\n",
    "| Title | Authors |\n| --- | --- |\n| {} | Ada |\n\n", "#{} #b\n\n", "Abstract: {}\nand more {}\n\n",
]  # fmt: skip
FRONTS = [
    "", "---\ntitle: On {}\n---\n", "---\nabstract: Of {}\ndescription: With {}\nsummary: And {}\n---\n",
    "---\ntitle: a: b {}\ntags: [{}, x\n---\n", "+++\ntitle = '{}'\n+++\n", "---\njust {}\n---\n", "---\ntitle: {}\n\n",
    "---\nauthors: [Ada {}, Bo]\nvenue: Hall {}\nkeywords: [{}]\ntags: [x]\n---\n",
    "---\ntitle: {}\nmore {}\n- {}\nmine: {}\n", "---\ntitle: a: {}\n{} words\nmine: {}\n- {}\n---\n",
    "+++\ntitle = '{}'\nmore {}\nmine = '{}'\n+++\n", '+++\ntitle = "{}"\n{}\n', '{\n"title": "{}"\n"mine": "{}"\n}\n',
]  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(FRONTS), st.lists(st.sampled_from(PIECES), max_size=8))
def test_every_word_that_a_reader_sees_finds_the_post(front: str, pieces: list[str]) -> None:
    text = "".join([front, *pieces])
    seen = [f"wq{chr(97 + number // 26)}{chr(97 + number % 26)}zx" for number in range(text.count("{}"))]
    for word in seen:
        text = text.replace("{}", word, 1)
    assert lost(" ".join(seen), read(text)) == set(), text


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: wqa\nno end wqb words\nmore wqc: value wqd\n- wqe\n# Heading wqf\n\nwqg\n",
        "---\ntitle: wqa\nlayout: wqb\ntags:\n- wqc\nstatus: wqd\n\nwqe\n",
        '+++\ntitle = "wqa"\nwqb text\nwqc = "wqd"\n\n# H wqe\n',
        '{\n"title": "wqa",\n"wqb": "wqc",\n\n# H wqd\n',
    ],
)
def test_front_matter_without_an_end_is_text(text: str) -> None:
    assert lost(" ".join(re.findall("wq[a-z]", text)), read(text)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: wqa\nSome wqb here.\n\nMore wqc.\n\n## Of wqd\n\nwqe\n\n---\n\nwqf\n",
        "---\ntitle: wqa\n# Head wqb\nwqc words\n---\n\nwqd\n",
        "---\ntitle: wqa\n- wqb\n- wqc\nfoo wqd\n---\nwqe\n",
        "---\nwqa without keys\n\nwqb: wqc: wqd\n---\nwqe\n",
        "---\ntitle: On wqa: wqb\ntitle: wqc\nauthors: [Ada Wqd\n%wqe\n---\nwqf\n",
        '+++\ntitle = "wqa"\n\ntext wqb here\n\n# wqc\n\n+++\nwqd\n',
        '{\n"title": "wqa"\n"wqb": "wqc"\n}\n\nwqd\n',
        "---\ntitle: wqa\nx: " + "[" * 500 + " wqb\n---\nwqc\n",
        "---\ntitle: wqa\n" + "x: y\n" * 60_000 + "wqb\n---\nwqc\n",
    ],
)
def test_a_line_of_front_matter_that_is_no_key_or_value_is_text(text: str) -> None:
    assert lost(" ".join(re.findall("wq[a-z]", text, re.IGNORECASE)), read(text)) == set()


def test_lines_below_a_value_are_its_own_only_if_they_can_be() -> None:
    post = read("---\ntitle: Otters\n- no tag\nauthors:\n# who\n- Ada Lee\nabstract: [\n---\nText.\n")
    assert (post.title, post.authors) == ("Otters", ("Ada Lee",))


@pytest.mark.parametrize(
    "section", ["wqz\n", "## Abstract\nwqz\n\n## Title\nT\n\n## Authors\nA B\n\n## Paper ID\nx1\n"]
)
def test_what_stands_under_keys_of_peoples_own_is_text(section: str) -> None:
    own = "My wqa: some wqb\nthoughts:\n  - wqc\n  - 观点\nnested:\n  a: wqd\n  b: {c: wqe}\nextra:\n  remark: wqf\n"
    post = read(f"---\ntitle: Otters\nlayout: wqx\nheat: 5\n{own}---\n{section}")
    assert lost("wqa wqb wqc 观点 wqd wqe remark wqf wqz", post) == set()
    assert lost("wqx heat", post) == {"wqx", "heat"}


def test_each_word_of_the_body_of_the_real_posts_finds_its_post(real_posts: Path) -> None:
    template = set("title publish date authors paper id download abstracts abstract qa coming soon et al".split())
    paths = sorted(real_posts.glob("*.md"))
    assert len(paths) == 1711
    for path in paths:
        text = path.read_text(encoding="utf-8")
        body = clean.readable(text.split("\n---\n", 1)[-1])
        missing = {word.strip("#.,:;").lower() for word in lost(body, read(text, f"posts/{path.name}"))}
        assert {word for word in missing - template if word.isalpha()} == set(), path.name


@shared
def test_the_layouts_of_other_people_are_read_as_expected() -> None:
    folder = SHARED / "cases" / "layouts"
    for name, expected in json.loads((folder / "expected.json").read_text(encoding="utf-8")).items():
        post = parse(f"c/{name}", (folder / name).read_bytes())
        found = {**facts(post), "et_al": post.et_al, "year": (post.published or "")[:4]}
        assert {key: found[key] for key in expected} == expected, name


@shared
def test_the_facts_of_real_notes_are_read() -> None:
    with unpacked(SHARED / "corpora" / "notes.tar.xz") as folder:
        scores = [score(folder / "notes", truth) for truth in halves().values()]
    for counts, given_facts, wrong, said in scores:
        least = {"title": 0.98, "id": 0.95, "authors": 0.95, "year": 0.95}
        for fact, share in least.items():
            right, stated = counts[fact]
            assert right >= share * stated, said
        assert wrong < 0.01 * given_facts, said


def test_a_corpus_that_is_moved_with_its_index_goes_on_and_is_not_read_again(tmp_path: Path) -> None:
    home = tmp_path / "before"
    (home / "corpus").mkdir(parents=True)
    for name in ("a", "b"):
        (home / "corpus" / f"{name}.md").write_text(f"# Wombat {name}\n\nText.", encoding="utf-8")
    assert run(home, "index", "-q").code == 0
    moved = home.rename(tmp_path / "after")
    assert run(moved, "query", "wombat", "-f", "paths").lines == ["corpus/a.md", "corpus/b.md"]
    assert run(moved, "stats", "--json").json["corpus"] == [str(moved / "corpus")]
    assert run(moved, "show", "corpus/b.md", "--format", "json").json["id"] == "b"
    assert run(moved, "index", "--json").json | {"seconds": 0} == run(moved, "index", "--json").json | {"seconds": 0}
    assert run(moved, "index", "--json").json["unchanged"] == 2
    (moved / "corpus" / "c.md").write_text("# Wombat c\n\nText.", encoding="utf-8")
    assert run(moved, "index", "--json").json["added"] == 1
    assert run(moved, "query", "wombat", "-f", "paths").lines == ["corpus/a.md", "corpus/b.md", "corpus/c.md"]


def test_a_label_is_compared_by_its_beginning_and_a_whole_file_is_none() -> None:
    assert len(labels.normal("word " * 500_000)) < 1_000
    assert labels.kind_of("title" + " " * 500_000) is None
    assert not labels.is_generic("word " * 500_000)


def test_every_label_and_key_of_the_tables_can_be_found() -> None:
    tables = (labels.LABELS, labels.GENERIC, labels.OF_FACTS, keys.MACHINES, keys.REFERENCE, matter._TEXTS)
    assert [name for table in tables for name in table if labels.normal(name) != name] == []
    post = read("---\ntitle: Otters\nreading_time: about five short minutes\n---\nThey build.\n")
    assert not [problem for problem in post.problems if "minutes" in problem.reason]


@pytest.mark.parametrize("key", ["id", "identifier", "ID", "Identifier"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2105.00012", ("2105.00012", None)),
        ('"2105.00012v2"', ("2105.00012", 2)),
        ("arXiv:hep-th/9901001", ("hep-th/9901001", None)),
        ("10.1000/xyz.123", ("10.1000/xyz.123", None)),
        ("https://doi.org/10.1000/xyz.123", ("10.1000/xyz.123", None)),
        ("https://arxiv.org/abs/2105.00012v2", ("2105.00012", 2)),
        ("PMC1234567", ("PMC1234567", None)),
        ("[10.1000/xyz.123]", ("10.1000/xyz.123", None)),
        ("quokkas", None),
        ("7", None),
        ("20240311-0915", None),
        ("202403110915", None),
        ("2024.0311", None),
        ("3f2b8c1e-7a54-4c1e-9d2f-0a1b2c3d4e5f", None),
        ("https://example.org/abs/quokkas", None),
        ("see 2105.00012", None),
    ],
)
def test_a_number_of_the_front_matter_is_the_papers_id_only_if_it_has_the_form_of_one(
    key: str, value: str, expected: tuple[str, int | None] | None
) -> None:
    post = read(f"---\ntitle: Quokkas\n{key}: {value}\n---\nThey smile.\n")
    assert (post.id, post.version) == (expected or ("note", None))


def test_a_key_that_names_the_paper_goes_before_a_number_and_a_number_before_a_link() -> None:
    number, link = "id: 2105.00012", "link: https://arxiv.org/abs/2106.00013"
    assert read(f"---\ntitle: Quokkas\n{number}\narxiv: 2107.00014\n---\nThey smile.\n").id == "2107.00014"
    assert read(f"---\ntitle: Quokkas\n{link}\n{number}\n---\nThey smile.\n").id == "2105.00012"


@pytest.mark.parametrize("title", ["🦄🔥", "???", "1984", "→"])
def test_a_title_of_signs_or_digits_alone_is_the_title(title: str) -> None:
    post = read(f"# {title}\n\nOtters.\n\n## 2.\n\nStoats.\n")
    assert post.title == title
    assert not [problem for problem in post.problems if "title" in problem.reason]
    assert read(f"Otters.\n\n## {title}\n\nStoats.\n").title == "note"
    assert read("# Paper\n\nOtters.\n").title == "note"


def test_captions_of_components_and_shortcodes_are_text() -> None:
    post = read('# O\n\n<Figure src="x.png" caption="A tapir." />\n\n{{< figure caption="An emu." >}}\n', "a.mdx")
    assert post.abstract == "A tapir.\nAn emu."
