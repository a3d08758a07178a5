"""Front matter of any kind and in any state, and posts of other generators, which have most of their facts there."""

from __future__ import annotations

from itertools import product

import pytest

from papersearch.posts import front
from tests.parsed import BODY, read, texts


class TestFrontMatter:
    @pytest.mark.parametrize(
        ("title", "read_as"),
        [
            ("Looms: 'a study'", None),
            ("'Looms: a ''study'''", "Looms: a 'study'"),
            ('"The \\u03BC problem \\xE9"', "The μ problem é"),
            ('"Looms \\ud83e\\udda6 and \\uD835\\uDCAA(n)"', "Looms 🦦 and 𝒪(n)"),
            ("Looms that fold\n  over two lines", "Looms that fold over two lines"),
            ('"Looms that fold\n  over two \\\n  lines"', "Looms that fold over two lines"),
            (">-\n  Looms that\n  fold", "Looms that fold"),
            ("|\n  Looms that\n  break", "Looms that break"),
            ("12", "12"),
            ("1.50", "1.50"),
            ("0x1F", "0x1F"),
            ("2024-12-19", "2024-12-19"),
            ("yes", "yes"),
            ("[Looms, Mills]", "Looms"),
            ("[[[Looms]]]", "Looms"),
            ("{name: Looms}", "Looms"),
            ("{other: Looms}", "EndtoEnd Engines"),
            ("null", "EndtoEnd Engines"),
            ("~", "EndtoEnd Engines"),
            ("", "EndtoEnd Engines"),
            ("''", "EndtoEnd Engines"),
            ("!!python/object/apply:os.system ['echo no']", "echo no"),
            ("!!int Looms", "Looms"),
            ("!!binary TG9vbXM=", "TG9vbXM="),
            ("&a Looms", "Looms"),
            ("Looms # a comment", "Looms"),
            ('"a\\0b\\e[31mc\\u202Ed"', "ab[31mcd"),
            ("1. Looms", "1. Looms"),
            ("$\\mathcal{R}_6$ of **looms**", "R₆ of looms"),
            ("a\x07b", "a b"),
        ],
    )
    def test_a_title_of_any_type_is_read_as_text(self, title: str, read_as: str | None) -> None:
        post = read(f"---\ntitle: {title}\n---\n" + BODY)
        if read_as is None:
            assert post.title == title
            assert post.damage is not None
        else:
            assert (post.title, post.damage) == (read_as, None)

    VALUES = (
        "[a, [b, {name: c}]]", "{a: b}", "{name: {name: {name: x}}}", "12", "1e999", ".nan", "true", "null", "''",
        "2024-12-19", "2024-13-40", "[null, ~, '']", "[]", "{}", "- a\n- - b\n  - c", "!!set {a, b}", "? a", "*nowhere",
        "&a [*a]", "&a {name: *a}", '"\\u202E\\0\\e[31m"', "0o17", "9" * 5000,
    )  # fmt: skip
    KEYS = ("title", "pubDate", "date", "tags", "authors", "published", "meta", "description", "arxiv", "doi", "link")

    @pytest.mark.parametrize("key", KEYS)
    def test_no_value_of_any_key_keeps_a_post_from_being_read(self, key: str) -> None:
        for value, body in product(self.VALUES, (BODY, "Some text.")):
            value = "\n" + value if value.startswith("- ") else value
            post = read(f"---\n{key}: {value}\n---\n{body}")
            assert post.abstract.startswith(("An end-to-end engine weaves numbers.", "Some text.")), value
            assert post.id, value
            for text in filter(None, texts(post)):
                assert not isinstance(text, str) or text.replace("\n", "").isprintable(), value

    @pytest.mark.parametrize(
        ("source", "line", "title"),
        [
            ("---\nauthor: x\ntitle: a: b: c\n---\n", 3, "a: b: c"),
            ("---\n\n\ntitle: a: b: c\n---\n", 4, "a: b: c"),
            ("---\nauthor: x\ntitle: 'never closed\n---\n", 3, "never closed"),
            ("---\ntags: [a, b\n---\n", 3, "EndtoEnd Engines"),
            ("---\ntitle: *nowhere\n---\n", 2, "*nowhere"),
            ("---\ntitle: a\n\tb: c\n---\n", 3, "a b: c"),
            ("---\n- a\n- b\n---\n", 1, "EndtoEnd Engines"),
            ("---\njust words\n---\n", 1, "EndtoEnd Engines"),
            ("---\ntitle: a\n", 1, "a"),
            ("\n\n---\nauthor: x\ntitle: a: b: c\n---\n", 5, "a: b: c"),
            ("+++\ntitle = 'a'\ndate = = 2\n+++\n", 3, "a"),
            ("+++\ntitle = 'a'\ntitle = 'b'\n+++\n", 3, "a"),
            ('{\n"title": "a",\n"date": 2024-\n}\n', 3, "EndtoEnd Engines"),
        ],
    )
    def test_broken_front_matter_is_reported_at_its_line_and_the_rest_is_read(
        self, source: str, line: int, title: str
    ) -> None:
        post = read(source + BODY)
        assert post.damage is not None
        assert post.damage.line == line
        assert post.damage == post.problems[0]
        assert post.title == title
        assert post.abstract.startswith("An end-to-end engine weaves numbers.")
        assert post.abstract_line == source.count("\n") + 10

    def test_a_line_that_does_not_parse_costs_a_line(self) -> None:
        post = read("---\ntitle: Looms: `a` study\ntags: [#mills, b]\nauthors: [Ada\ndate: Dec 19, 2024\n---\ntext")
        assert (post.title, post.tags, post.posted) == ("Looms: a study", ("mills", "b"), "2024-12-19")
        assert post.authors == ("Ada",)

    def test_a_quoted_word_at_the_beginning_keeps_its_marks_and_a_blank_may_lack_before_a_list(self) -> None:
        for title, read_as in (
            ('"Looms" for all', '"Looms" for all'),
            ("'Looms' for all", "'Looms' for all"),
            ('"Looms: all', "Looms: all"),
        ):
            post = read(f'---\ntitle: {title}\ntags:[mills, b]\nauthors:"Ada"\n---\ntext')
            assert (post.title, post.tags, post.authors) == (read_as, ("mills", "b"), ("Ada",))

    def test_front_matter_that_is_none_is_text(self) -> None:
        assert read("---\njust words\n---\ntext").title == "just words"
        assert read("---\n- just words\n---\ntext").abstract == "just words\ntext"

    def test_keys_are_read_in_any_case_and_front_matter_may_end_with_dots(self) -> None:
        post = read("---\nTITLE: Looms\nPub_Date: x\nTags: '#a #b'\narXiv: 2412.15115v2\n...\ntext")
        assert (post.title, post.tags, post.id, post.version) == ("Looms", ("a", "b"), "2412.15115", 2)
        assert post.abstract == "text"

    def test_a_rule_far_below_does_not_swallow_the_body_of_a_post_whose_front_matter_has_no_end(self) -> None:
        post = read("---\ntitle: a\n\n" + BODY + "\n---\nbelow\n")
        assert (post.abstract, post.abstract_line) == ("An end-to-end engine weaves numbers.\nEndtoEnd Engines", 13)
        assert post.damage is not None

    def test_of_duplicate_keys_one_is_read(self) -> None:
        post = read("---\ntitle: one\ntitle: two\n---\ntext")
        assert (post.title, post.damage) == ("two", None)

    @pytest.mark.parametrize(
        "source", ["---\n---\n", "---\n\n---\n", "---\n# a comment\n---\n", "+++\n+++\n", "{\n}\n"]
    )
    def test_empty_front_matter_is_none(self, source: str) -> None:
        post = read(source + "Some text.")
        assert (post.abstract, post.abstract_line, post.damage) == ("Some text.", source.count("\n") + 1, None)

    def test_front_matter_alone_is_a_post(self) -> None:
        for ending in ("", "\n", "\n\n"):
            post = read("---\ntitle: Looms\ndate: 2024-12-19\ndescription: On looms.\n---" + ending)
            assert (post.title, post.posted, post.abstract, post.problems) == ("Looms", "2024-12-19", "On looms.", ())

    def test_values_are_bounded(self) -> None:
        post = read("---\ntags: [" + ", ".join(f"t{number}x" for number in range(3000)) + "]\n---\ntext")
        assert len(post.tags) == 500
        assert len(front.strings([["a"] * 400] * 400)) == 500
        assert front.strings({"name": ["a", {"name": "b"}, None, 3]}) == ["a", "b", "3"]
        assert front.first([[], [""], {}, "found"]) == "found"
        assert front.first(10**5000) == ""


FOREIGN = {
    "x.md": "---\ntitle: Looms\ndate: 2024-12-19\ntags: [a, b]\nauthors: [Ada, Bob]\n---\n\nThe *body*.",
    "hugo.md": "+++\ntitle = 'Looms'\ndate = 2024-12-19\ntags = ['a', 'b']\nauthors = ['Ada', 'Bob']\n+++\nThe *body*.",
    "json.md": '{\n"title": "Looms", "date": "2024-12-19", "tags": ["a", "b"], "authors": "Ada, Bob"\n}\nThe *body*.',
    "astro.mdx": "---\ntitle: Looms\npubDatetime: 2024-12-19\ntags: a, b\nauthors: Ada and Bob\n---\n\nThe *body*.",
    "2024-12-19-looms.md": "---\ntags:\n- a\n- b\nauthors:\n- name: Ada\n- name: Bob\n---\n# Looms\n\nThe *body*.",
    "setext.md": "---\ntags: [a, b]\ndate: 2024-12-19\nauthors: Ada, Bob\n---\nLooms\n=====\n\nThe *body*.",
}


class TestForeignPosts:
    @pytest.mark.parametrize(("name", "text"), FOREIGN.items())
    def test_posts_of_other_generators_are_read_as_their_fields_allow(self, name: str, text: str) -> None:
        post = read(text, "blog/" + name)
        assert (post.title, post.posted, post.published, post.tags) == ("Looms", "2024-12-19", None, ("a", "b"))
        assert (post.authors, post.abstract) == (("Ada", "Bob"), "The body.")
        assert post.abstract_line == text.count("\n") + 1
        assert post.id == name.partition(".")[0]
        assert post.problems == ()

    def test_a_time_in_toml_is_kept(self) -> None:
        post = read("+++\ndate = 2024-12-19T10:20:30Z\ntitle = 'x'\n+++\nbody")
        assert post.posted == "2024-12-19T10:20:30"

    @pytest.mark.parametrize(
        ("given", "found"),
        [
            ("arxiv: 2412.15115v2", ("2412.15115", 2)),
            ("arxiv: https://arxiv.org/abs/2412.15115", ("2412.15115", None)),
            ("doi: https://doi.org/10.1000/xyz", ("10.1000/xyz", None)),
            ("paper_id: [cacm1410]", ("cacm1410", None)),
            ("arxiv: null", ("looms", None)),
            ("doi: N/A", ("looms", None)),
            ("doi: in press", ("looms", None)),
            ('arxiv: "-"', ("looms", None)),
            ("eprint: MILL-99/12", ("looms", None)),
            ("paper_id: n/a", ("looms", None)),
            ("paper_id: pending", ("looms", None)),
            ("paper_id: n.a.", ("looms", None)),
            ("paper_id: XXXX.XXXXX", ("looms", None)),
            ("paper_id: 10.xxxx/xxxxx", ("looms", None)),
            ("paper_id: https://arxiv.org/abs/", ("looms", None)),
            ("paper_id: 无", ("looms", None)),
            ("paper_id: doily", ("doily", None)),
            ("paper_id: mill-xx", ("mill-xx", None)),
            ("paper_id: none yet", ("looms", None)),
            ("paper_id: roe-looms", ("roe-looms", None)),
            ("paper_id: mill12 of the mills", ("mill12", None)),
            ("pmid: 12345678", ("12345678", None)),
            ("doi: https://openreview.net/forum?id=Loom12345", ("Loom12345", None)),
        ],
    )
    def test_the_id_of_the_paper_is_taken_where_it_is_given(self, given: str, found: tuple[str, int | None]) -> None:
        post = read(f"---\ntitle: x\n{given}\n---\nbody", "blog/looms.md")
        assert (post.id, post.version) == found

    def test_what_stands_in_place_of_an_id_or_a_year_is_told_and_is_text(self) -> None:
        post = read(
            "---\ntitle: x\ndoi: pending\neprint: MILL-99/12\nyear: soon\narxiv: n/a\n---\nbody", "blog/looms.md"
        )
        told = {(problem.line, problem.reason) for problem in post.problems}
        ids = {(3, "not an id: pending"), (4, "not an id: MILL-99/12")}
        assert told == ids | {(5, "not a date: soon"), (0, "no date")}
        assert all(word in post.abstract for word in ("pending", "MILL-99/12", "soon"))
        post = read("# Looms\n\n- **DOI**: in press\n- **PMID**: n/a\n\nbody", "blog/looms.md")
        assert (post.problems[0].line, post.problems[0].reason) == (3, "not an id: in press")
        assert "in press" in post.abstract

    def test_words_in_place_of_a_date_are_text_and_switches_are_none(self) -> None:
        post = read("---\ntitle: Looms\ndate: in autumn\npublished: at the mills\n---\nbody", "blog/a.md")
        assert post.abstract == "body\nin autumn\nat the mills"
        assert read("---\ntitle: Looms\npublished: false\ndate: N/A\n---\nbody", "blog/a.md").abstract == "body"

    @pytest.mark.parametrize("nothing", ["N/A", "TBD", '"-"', '"?"', "tba"])
    def test_what_stands_in_place_of_a_fact_is_none(self, nothing: str) -> None:
        keys = "".join(f"{key}: {nothing}\n" for key in ("title", "authors", "tags", "year", "doi"))
        post = read(f"---\n{keys}---\n# Looms\nbody", "blog/a.md")
        assert (post.title, post.authors, post.tags, post.published) == ("Looms", (), (), None)
        assert read("---\ntitle: ???\ntags: [todo, unknown, 🧵]\n---\nbody").tags == ("todo", "unknown", "🧵")

    def test_a_bundle_is_named_by_its_folder(self) -> None:
        assert read("text", "blog/looms/Index.md").id == "looms"
        assert read("text", "blog/looms/README.md").id == "looms"
        assert read("text", "index.md").id == "index"

    def test_only_web_addresses_are_addresses(self) -> None:
        assert read("---\nurl: /posts/looms\nlink: https://a.example/p\n---\nbody").url == "https://a.example/p"
        assert read("---\nurl: javascript:alert(1)\n---\nbody").url is None

    def test_a_heading_that_is_not_the_title_stays_in_the_body(self) -> None:
        post = read("---\ntitle: Looms\n---\n# Mills\n\nbody")
        assert (post.title, post.abstract, post.abstract_line) == ("Looms", "Mills\nbody", 4)


class TestWhatPeopleWrite:
    """Whatever a person wrote in front matter is found; switches and settings of programs are not text."""

    @pytest.mark.parametrize(
        "line",
        [
            "category: wombat", "original_title: Wombat", "series: Wombat", "comments: The wombat digs.",
            "series: {name: Wombat}", "source: [[Wombat days, 3]]",
            "source: found by a wombat", 'related: "[[Wombat paper]]"', "related: [wombat, numbat]", "area: wombats",
            "dataset: Wombat", "link: in the wombat's cupboard", "project: wombat", "subject: wombats",
            "first author: Wombat", "paper title: Wombats", "released: in the year of the wombat",
        ],
    )  # fmt: skip
    def test_it_is_text_under_keys_of_programs_and_of_facts_too(self, line: str) -> None:
        post = read(f"---\ntitle: Otters\nauthors: [Ada Example]\ntags: [x]\n{line}\n---\nThey build.\n")
        assert "wombat" in post.abstract.lower()
        assert (post.title, post.authors, post.tags) == ("Otters", ("Ada Example",), ("x",))

    @pytest.mark.parametrize(
        "line",
        [
            "comments: true", "source: _posts/wombat.md", "related: false", "pdf: wombat.pdf", "layout: wombat",
            "link: https://wombat.example", "code: wombat/numbat", "comments: {wombat: numbat}", "author: Wombat",
            "authors: Ada Example and Bo Sample", "date: 2024-05-01",
        ],
    )  # fmt: skip
    def test_what_steers_a_program_or_is_said_by_facts_is_not(self, line: str) -> None:
        assert read(f"---\ntitle: Otters\n{line}\n---\nThey build.\n").abstract == "They build."

    @pytest.mark.parametrize(
        "name", ["{given: Bo, family: Sample}", "{literal: Bo Sample}", "{family: Sample, given: Bo}"]
    )
    def test_records_of_authors_give_names_and_their_affiliations_are_text(self, name: str) -> None:
        post = read(
            "---\ntitle: Otters\nauthors:\n  - name: Ada Example\n    affiliation: Quokka Institute\n"
            f"  - name: {name}\n---\nThey build.\n"
        )
        assert post.authors == ("Ada Example", "Bo Sample")
        assert post.abstract == "They build.\nQuokka Institute"

    @pytest.mark.parametrize(
        "lines",
        ["Note: an emu\nnote: the ibis", "note: an emu\nparams:\n  note: the ibis", "NOTE: an emu\nNote: the ibis"],
    )
    def test_of_keys_that_are_the_same_in_another_case_or_a_mapping_both_are_text(self, lines: str) -> None:
        text = read(f"---\ntitle: Otters\n{lines}\n---\nThey.\n").abstract
        assert ("an emu" in text, "the ibis" in text) == (True, True)

    def test_of_two_values_of_one_key_the_last_counts_and_the_other_is_text(self) -> None:
        post = read("---\ntitle: Stoats\ntitle: Otters\nnote: one emu\nnote: two ibises\ntags: [a]\n---\nThey.\n")
        assert (post.title, post.tags) == ("Otters", ("a",))
        for word in ("Stoats", "emu", "ibises"):
            assert word in post.abstract

    @pytest.mark.parametrize("lines", ["title: Otters\nTitle: Beavers", "Title: Beavers\ntitle: Otters"])
    def test_of_keys_that_are_the_same_in_another_case_the_one_in_lower_case_counts(self, lines: str) -> None:
        assert read(f"---\n{lines}\n---\nThey.\n").title == "Otters"

    @pytest.mark.parametrize(
        "lines", ["- #river\n- #dam", "- river\n- #dam", "- river\n# mine\n- dam", "\t- river\n\t- dam"]
    )
    @pytest.mark.parametrize("before", ["", "lead: @one\n"])
    def test_tags_may_have_their_mark_and_comments_between_them(self, lines: str, before: str) -> None:
        assert read(f"---\ntitle: Otters\n{before}tags:\n{lines}\n---\nThey.\n").tags == ("river", "dam")

    def test_records_of_authors_may_be_indented_by_tabs(self) -> None:
        post = read("---\nauthors:\n\t- name: Ada Example\n\t  place: Dam Lab\n\t- name: Bo Sample\n---\nThey.\n")
        assert post.authors == ("Ada Example", "Bo Sample")

    def test_quotation_marks_within_a_value_that_yaml_refuses_stay(self) -> None:
        post = read('---\ntitle: "Otters" and "Beavers": Tales\ntags: ["river", "dam", @sea]\n---\nThey.\n')
        assert (post.title, post.tags) == ('"Otters" and "Beavers": Tales', ("river", "dam", "@sea"))

    @pytest.mark.parametrize("title", ["null", "~", "None", "none"])
    def test_a_title_that_a_program_wrote_for_none_is_none(self, title: str) -> None:
        assert read(f"---\ntitle: {title}\n---\nThey.\n", "posts/Otters_at_Work.md").title == "Otters at Work"

    @pytest.mark.parametrize("key", "params extra taxonomies paper metadata reference citation bib".split())
    def test_facts_may_stand_in_a_mapping_of_their_own(self, key: str) -> None:
        post = read(f"---\n{key}:\n  title: Otters\n  authors: [Ada Example]\n---\nThey.\n")
        assert (post.title, post.authors, post.abstract) == ("Otters", ("Ada Example",), "They.")

    def test_lines_are_counted_from_the_beginning_of_the_file_above_a_language_too(self) -> None:
        post = read("\n\n---toml\ntitle = 'Otters'\n---\n## Abstract\n\nThey.\n")
        assert (post.title, post.abstract_line) == ("Otters", 6)

    def test_an_anchor_that_is_there_twice_is_told_in_plain_words(self) -> None:
        post = read("---\ntitle: &a Otters\ntags: &a [dam]\n---\nThey.\n")
        assert post.title.endswith("Otters")
        assert any("an anchor that was used before" in problem.reason for problem in post.problems)

    @pytest.mark.parametrize("deep", ["- " * 300, "[" * 500, "? " * 300])
    def test_what_is_nested_deeper_than_posts_need_is_given_to_no_parser(self, deep: str) -> None:
        post = read(f"---\nnote:\n{deep}x\n---\nThey.\n")
        assert any("nested too deeply" in problem.reason for problem in post.problems)


@pytest.mark.parametrize(
    "text",
    [
        '{"title": "Looms", "tags": ["a"], "date": "2024-12-19", "nested": {"b": "{"}}\n\nThe body.\n',
        '{ "title": "Looms",\n"tags": ["a"], "date": "2024-12-19" }  \n\nThe body.\n',
        '\n{"title": "Looms", "date": "2024-12-19", "tags": [\n"a"\n]}\nThe body.\n',
    ],
)
def test_json_is_read_as_programs_write_it(text: str) -> None:
    post = read(text, "note.md")
    assert (post.title, post.tags, post.problems) == ("Looms", ("a",), ())
    assert text.split("\n")[post.abstract_line - 1] == "The body."


def test_the_properties_below_a_note_of_joplins_are_no_text() -> None:
    properties = (
        f"id: {'0a' * 16}\nparent_id: {'b1' * 16}\ncreated_time: 2021-05-01T10:00:00.000Z\nauthor: \n"
        "source_url: https://arxiv.org/abs/1706.00001\nis_todo: 0\nuser_created_time: 2021-05-02T10:00:00.000Z\n"
        "type_: 1"
    )
    post = read(f"Otters at Work\n\nAuthors: Ada Example\n\nThey build.\n\n{properties}")
    assert (post.title, post.authors, post.id) == ("Otters at Work", ("Ada Example",), "1706.00001")
    assert (post.posted, post.abstract) == ("2021-05-02T10:00:00", "They build.")
    assert "type_" in read(f"Otters\n\nThey build.\n\n{properties}\n\nMore.").abstract


def test_a_no_break_space_behind_a_key_is_a_space() -> None:
    text = (
        "---\ntitle:\u00a0Otters\u00a0again\nauthors:\u00a0['Ada Example', Bo Sample]\ntags:\n-\u00a0dams\n---\nText.\n"
    )
    assert front.split(text).values == {
        "title": "Otters\u00a0again",
        "authors": ["Ada Example", "Bo Sample"],
        "tags": ["dams"],
    }


@pytest.mark.parametrize("key", ["авторы", "Autorzy", "论文作者", "著者", "저자", "yazarlar"])
def test_authors_are_known_by_their_key_in_other_languages(key: str) -> None:
    post = read(f"---\ntitle: Otters at work\n{key}: [Ada Example, Bo Sample]\n---\n\nText.\n")
    assert (post.authors, post.abstract) == (("Ada Example", "Bo Sample"), "Text.")


def test_toml_that_is_nested_too_deeply_is_said_to_be_as_yaml_is() -> None:
    problem, *_ = read(f"+++\na = {'[' * 5_000}\n+++\nThey.\n").problems
    assert "nested too deeply" in problem.reason


def test_what_only_begins_like_json_stays_text() -> None:
    for text in ('{"title": "Looms"} is what they say', '{"title": "Looms"\n\nThe body.', '{"a": ' * 50_000):
        post = read(text, "note.md")
        assert all(word in post.title + post.abstract for word in ("Looms", "body", "they") if word in text)
