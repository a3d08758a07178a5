"""What a terminal shows: read back as the codes that were sent, and as the lines that they leave."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Literal

import pytest
from rich.cells import cell_len
from rich.console import Console

from papersearch.core.frozen import replace
from papersearch.core.records import Answer, Contribution, OtherPost, Paper, Problem, Request, Snippet, Stats, Summary
from papersearch.output import page, plain, terminal
from papersearch.output.ansi import Text, style
from papersearch.output.terminal import RichScreen, Screen
from tests.answers import QWEN

HIT = replace(QWEN, score=12.34, missing=("foo",), other_posts=(OtherPost("corpus/old.md", 1, "Old", None),))
ANSWER = Answer("mixture of experts", 612, 8, 0.0041, (HIT,), "mixture of expert", {"moe": ("mixture of experts",)})
LINK = re.compile(r"\x1b\]8;([^;]*);([^\x1b]*)\x1b\\")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
NASTY = "a\x1b[31mred\x1b]0;title\x07\x9b2J\rb\nc\u202e [bold]x[/bold] [link=http://x]y[/link] :smile: `z`"


def drawn(draw: Callable[[Screen], None], width: int = 80, colours: bool = True) -> str:
    """What is sent to a terminal of that width; the same as Rich sends for it, in as many colours as there may be."""
    out = io.StringIO()
    draw(Screen(out, width, 50, colours))
    for system in ("standard", "256", "truecolor") if colours else (None,):
        by_rich = io.StringIO()
        draw(RichScreen(console(by_rich, width, system)))
        assert unnumbered(out.getvalue()) == unnumbered(by_rich.getvalue())
    return out.getvalue()


def console(out: io.StringIO, width: int, system: Literal["standard", "256", "truecolor"] | None) -> Console:
    """A terminal as Rich takes it to be."""
    return Console(
        file=out,
        width=width,
        height=50,
        force_terminal=True,
        color_system=system,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def unnumbered(text: str) -> str:
    """The text with its links without their numbers: Rich gives every run one of its own."""
    return re.sub(r"(?<=\x1b\]8;id=)[^;]+", "", text)


def seen(text: str) -> str:
    """What of it is seen: the text without colours and links. Other control codes stay, and would fail the test."""
    return COLOUR.sub("", LINK.sub("", text))


def results(answer: Answer, width: int = 80, colours: bool = True) -> str:
    return drawn(lambda console: page.results(answer, Request("x"), console), width, colours)


def test_results_say_what_was_found_of_how_much_and_how_fast() -> None:
    assert seen(results(ANSWER)) == (
        "Did you mean: mixture of expert\n"
        "Also searched for mixture of experts (moe)\n"
        "\n"
        "1  Qwen25 Technical Report\n"
        "   Qwen et al. · 2024-12-19 · 2412.15115v1 · all search terms, dataset\n"
        "   two mixture-of-experts (MoE) variants\n"
        "   missing: foo\n"
        "   also v1: corpus/old.md\n"
        "\n"
        "1-1 of 612 papers, 8 with every word, 4\u00a0ms; more with --offset 1\n"
    )


def test_results_say_how_the_query_was_read_and_on_demand_why_they_rank_where_they_do() -> None:
    posts = (OtherPost("old.md", None, "Old", None),)
    answer = replace(ANSWER, hint="searched as words", results=(replace(HIT, missing=(), other_posts=posts),))
    text = drawn(lambda console: page.results(answer, Request("x", explain=True), console))
    assert text.startswith("\x1b[35msearched as words\x1b[0m\n")
    assert seen(text).endswith(
        "\n   also old.md\n   score 12.340\n\n1-1 of 612 papers, 8 with every word, 4\xa0ms; more with --offset 1\n"
    )
    assert "missing" not in text
    part = Contribution("moe", "title", 1, 5, 3.0, 12.34)
    explained = drawn(
        lambda console: page.results(
            replace(answer, results=(replace(HIT, explanation=(part,)),)), Request("x"), console
        )
    )
    assert re.findall(r"(\S+)   (word|moe|total) ", explained.replace("\x1b[", "")) == [("2m", "word"), ("1m", "total")]


def test_of_many_words_that_a_paper_lacks_the_first_are_named() -> None:
    lacking = replace(ANSWER, results=(replace(HIT, missing=tuple("abcdefghijklmn")),))
    assert "\n   missing: a b c d e f g h i j k l and 2 more\n" in seen(results(lacking))


def test_after_the_last_paper_there_is_no_next_page() -> None:
    last = replace(ANSWER, results=(replace(HIT, rank=612),))
    assert seen(results(last)).endswith("\n612-612 of 612 papers, 8 with every word, 4\u00a0ms\n")
    assert seen(results(replace(ANSWER, results=()))).endswith("\n612 papers, 8 with every word, 4\u00a0ms\n")
    assert "more" not in seen(results(replace(ANSWER, total=1)))


def test_of_papers_that_are_shown_once_the_next_page_begins_where_this_one_did() -> None:
    text = drawn(lambda console: page.results(ANSWER, Request("x"), console, once=True), 80, True)
    assert seen(text).endswith("; the others when asked again\n")
    one = drawn(lambda console: page.results(replace(ANSWER, total=1), Request("x"), console, once=True), 80, True)
    assert "asked again" not in one


def test_of_papers_like_another_one_it_is_not_said_that_they_lack_words() -> None:
    like = replace(ANSWER, total_all=0, results=(replace(HIT, missing=()),))
    assert "every word" not in seen(results(like))


def test_titles_link_to_the_paper_and_matched_words_are_bold_and_underlined() -> None:
    text = results(ANSWER)
    assert {target for _, target in LINK.findall(text) if target} == {"http://arxiv.org/abs/2412.15115v1"}
    marked = re.findall(r"\x1b\[1;4;32m(.*?)\x1b", LINK.sub("", text))
    assert marked == ["mixture of expert", "Qwen25", "mixture-of-experts", "MoE"]
    assert "\x1b[2;9mfoo" in text


def test_the_parts_of_a_title_are_one_link() -> None:
    numbers = re.findall(r"\x1b\]8;id=([^;]+);", results(ANSWER, 20))
    assert len(numbers) > 3
    assert len(set(numbers)) == 2  # the title and the id


def test_without_colour_there_are_no_codes_at_all_and_the_address_is_said() -> None:
    text = results(ANSWER, colours=False)
    assert "\x1b" not in text
    assert "\n   http://arxiv.org/abs/2412.15115v1\n" in text


def test_addresses_that_are_no_web_addresses_are_not_linked() -> None:
    for url in ("javascript:alert(1)", "http://x/\x1b\\y", "http://x/ y", None):
        text = results(replace(ANSWER, results=(replace(HIT, url=url),)))
        assert not LINK.findall(text)


@pytest.mark.parametrize("colours", [True, False])
def test_nothing_in_a_post_is_markup_or_a_control_code(colours: bool) -> None:
    snippet = Snippet("qa", 3, NASTY, ((0, 5), (90, 400)))
    hit = replace(
        HIT, id=NASTY, title=NASTY, authors=(NASTY,), published=NASTY, tags=(NASTY,), path=NASTY, missing=(NASTY,),
        snippets=(snippet,), other_posts=(OtherPost(NASTY, 1, NASTY, NASTY),), url=NASTY,
        explanation=(Contribution(NASTY, NASTY, 1, 2, 3.0, 4.0, NASTY),),
    )  # fmt: skip
    answer = Answer(NASTY, 1, 0, 0.1, (hit,), NASTY, {NASTY: (NASTY,)}, NASTY)
    paper = Paper(
        id=NASTY, version=1, title=NASTY, authors=(NASTY,), et_al=True, published=NASTY, posted=NASTY, tags=(NASTY,),
        url=NASTY, path=NASTY, abstract=NASTY, abstract_line=1, qa=NASTY, qa_line=2, other_posts=hit.other_posts,
    )  # fmt: skip
    problem = Problem(NASTY, 1, NASTY)

    def everything(console: Screen) -> None:
        page.results(answer, Request("x"), console)
        page.paper(paper, console)
        page.stats(Stats(1, 1, 1, 1, 1, 1, NASTY, (NASTY,)), console)
        page.facets([(NASTY, 1)], "tag", console)
        page.problems([problem], console)
        page.summary(Summary(1, 0, 0, 0, (problem,), 1, 0.1), console)

    text = seen(drawn(everything, 500, colours))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "[bold]x[/bold]" in text
    assert ":smile:" in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_results_fit_the_terminal_and_are_never_wider_than_a_hundred_columns(width: int) -> None:
    cjk = Snippet(
        "abstract", 3, "本文综述了混合专家（Mixture of Experts, MoE）模型在大语言模型中的应用。" * 5, ((5, 9),)
    )
    hit = replace(HIT, title="A Long Title of Many Words " * 9, snippets=(*HIT.snippets, cjk), tags=("tag",) * 40)
    text = results(replace(ANSWER, results=(hit, replace(hit, rank=10))), width)
    lines = seen(text).splitlines()
    assert max(map(cell_len, lines)) <= min(width, 100)
    assert max(map(cell_len, lines)) > min(width, 100) - 12
    assert "10  A Long" in seen(text)
    assert "混合专家" in re.findall(r"\x1b\[1;4;32m(.*?)\x1b", LINK.sub("", text))


def test_no_results_is_one_line() -> None:
    assert seen(results(Answer("x", 0, 0, 0.002))) == "nothing found, 2\u00a0ms\n"


def test_a_query_that_no_paper_has_in_full_is_said_so() -> None:
    many = replace(ANSWER, total_all=0, results=(replace(HIT, missing=tuple("abcdefgh")),))
    assert "every word (a, b, c, d, e, f); these" in seen(results(many))
    text = seen(results(replace(ANSWER, total_all=0)))
    assert text.startswith("No paper has every word (foo); these come nearest.\nDid you mean: mixture of expert\n")


def test_explanations_add_up_in_the_score_column() -> None:
    parts = (
        Contribution("mixtur", "title", 1, 5, 3.0, 7.34),
        Contribution("expert", "abstract", 3, 180, 1.0, 5.0, "adjacent"),
    )
    text = seen(drawn(lambda console: page.explain_hit(replace(HIT, explanation=parts), console, 3)))
    assert text == (
        "   word    field      score  times  length  weight\n"
        "   mixtur  title      7.340      1       5    3.00\n"
        "   expert  abstract   5.000      3     180    1.00  adjacent\n"
        "   total             12.340\n"
    )


def test_a_paper_is_shown_whole_with_its_paragraphs_and_lists() -> None:
    paper = Paper(
        id="2412.15115", version=1, title="Qwen25 Technical Report", authors=("Qwen",), et_al=True,
        published="2024-12-19", posted="2024-12-23T11:35:38", tags=("dataset",),
        url="http://arxiv.org/abs/2412.15115v1", path="corpus/q.md",
        abstract="One *two* three four five.\n\nSix.", abstract_line=33,
        qa="Q: why?\n- because it is so and so\n10. ten", qa_line=40,
        other_posts=(OtherPost("corpus/old.md", 0, "Old", None),),
    )  # fmt: skip
    assert seen(drawn(lambda console: page.paper(paper, console), 24)) == (
        "Qwen25 Technical Report\nQwen et al. · 2024-12-19\n· 2412.15115v1 · dataset\n"
        "http://arxiv.org/abs/2412.15115v1\n\n"
        "Abstract\nOne *two* three four\nfive.\n\nSix.\n\n"
        "Questions and answers\nQ: why?\n• because it is so and\n  so\n10. ten\n\n"
        "corpus/q.md:33, posted\n2024-12-23 11:35:38\nalso v0, corpus/old.md\n"
    )


def test_headings_and_questions_of_a_paper_are_bold_and_marks_of_lists_hang_out() -> None:
    abstract = "# Dams\n###### *Wide* ones\n\tA tab.\nQ2. Why?\nQ: so?\nQuite so: no.\nQ why?\n####### No"
    qa = "* one\n  + two\n    1) three\n            - deep and so on it goes\n1234. none\n-none"
    text = drawn(lambda console: page.paper(Paper("a.md", "otters", 2, abstract=abstract, qa=qa), console), 30)
    assert text.startswith("\x1b[1mottersv2\x1b[0m\n\x1b[36mottersv2\x1b[0m\n\n\x1b[1;36mAbstract\x1b[0m\n")
    assert re.findall(r"\x1b\[1m(.*?)\x1b", text) == ["ottersv2", "Dams", "*Wide* ones", "Q2. Why?", "Q: so?"]
    assert seen(text).endswith(
        "A tab.\nQ2. Why?\nQ: so?\nQuite so: no.\nQ why?\n####### No\n\nQuestions and answers\n"
        "• one\n  • two\n    1) three\n        • deep and so on it\n          goes\n1234. none\n-none\n\na.md\n"
    )


def test_a_passage_says_where_it_is_from_unless_it_is_the_abstract() -> None:
    passages = tuple(Snippet(field, 3, "why", ()) for field in ("qa", "title", "authors", "tags", "abstract"))
    text = seen(results(replace(ANSWER, results=(replace(HIT, snippets=passages),))))
    assert "\n   Q&A: why\n   title: why\n   authors: why\n   tags: why\n   why\n" in text


@pytest.mark.parametrize(("stale", "colour"), [(0, "none"), (2, "\x1b[35m2 posts: run papersearch index\x1b[0m")])
def test_posts_that_are_not_indexed_yet_are_a_warning(stale: int, colour: str) -> None:
    stats = Stats(1, 2, 3, 4, 5, 6, None, ("corpus",), stale)
    text = drawn(lambda console: page.stats(stats, console))
    assert text.startswith("\x1b[36mpapers       \x1b[0m1\n")
    assert text.endswith(f"\x1b[36mnot indexed  \x1b[0m{colour}\n")


@pytest.mark.parametrize(
    ("width", "bars", "name"), [(38, 0, ""), (39, 6, ""), (58, 25, ""), (59, 8, "n"), (99, 30, "n")]
)
def test_bars_and_names_of_facets_are_left_out_where_there_is_no_room(width: int, bars: int, name: str) -> None:
    counts = [("dataset", 10), ("all search terms", 1_000)]
    lines = seen(drawn(lambda console: page.facets(counts, "tag", console), width)).splitlines()
    shown = f"1,000  {'█' * bars}{'  ' if bars else ''}--tag 'all search terms'"
    assert lines[1] == (f"all search terms  {shown}" if name else shown)


def test_of_a_paper_that_is_shown_whole_all_authors_are_named_unless_there_are_hundreds() -> None:
    people = tuple(f"Ada Name{number}" for number in range(400))
    for authors, named in ((people[:6], people[:6]), (people, people[:30])):
        paper = Paper(
            id="1", version=None, title="Otters", authors=authors, et_al=False, published=None, posted=None, tags=(),
            url=None, path="corpus/o.md", abstract="Otters.", abstract_line=3, qa="", qa_line=0, other_posts=(),
        )  # fmt: skip
        said = f"{', '.join(named)}{' et al.' if len(authors) > 30 else ''} · 1\n"
        assert said in plain.paper(paper)
        drew = seen(drawn(lambda console, shown=paper: page.paper(shown, console), 80))
        assert " ".join(said.split()) in " ".join(drew.split())


def test_facets_have_bars_and_filters_that_are_never_cut() -> None:
    counts = [("all search terms", 1711), ("dataset", 512), ("a" * 90, 1)]
    lines = seen(drawn(lambda console: page.facets(counts, "tag", console))).splitlines()
    assert "--tag 'all search terms'" in lines[0]
    assert f"--tag {'a' * 90}" in lines[2]
    lines = seen(drawn(lambda console: page.facets(counts[:2], "tag", console))).splitlines()
    assert [line.count("█") for line in lines] == [29, 8]
    assert lines[1].startswith("dataset             512  ████████▋  ")
    assert all(cell_len(line) <= 80 for line in lines)
    assert seen(drawn(lambda console: page.facets([], "tag", console))) == "nothing found\n"


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "    "), (0.001, "▏   "), (0.5, "██  "), (0.6, "██▍ "), (1.0, "████")]
)
def test_bars_are_as_long_as_their_share(share: float, shown: str) -> None:
    assert page.bar(share, 4) == shown


def test_problems_are_one_line_each_however_long() -> None:
    problem = Problem("x" * 60 + ".md", 3, "reason " * 10)
    lines = seen(drawn(lambda console: page.problems([problem], console), 40)).splitlines()
    assert lines == ["x" * 60 + ".md:3: " + "reason " * 10]


@pytest.mark.parametrize(
    ("variables", "links"),
    [
        ({}, True),
        ({"TERM": "linux"}, False),
        ({"STY": "1234.pts-0.vm"}, False),
        ({"TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.3a"}, False),
        ({"TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4"}, True),
        ({"TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "next-3.6"}, True),
        ({"TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.90.0"}, True),
    ],
)
def test_an_address_is_said_where_links_do_not_come_through(
    variables: dict[str, str], links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"TERM": "xterm", "STY": "", "TERM_PROGRAM": "", **variables}.items():
        monkeypatch.setenv(name, value)
    lines = seen(drawn(lambda screen: page.results(ANSWER, Request("moe"), screen))).splitlines()
    assert (f"   {QWEN.url}" in lines) == (not links)


def test_styles_that_overlap_are_sent_as_rich_sends_them() -> None:
    text = Text("ab", ("cdef", style("bold", colour="cyan")), "", ("g", style("dim")), "hi")
    text = (
        text.styled(style("underline", colour="green"), 1, 4).styled(style("strike"), 3, 40).styled(style("dim"), 9, 2)
    )
    for start, end in ((0, 9), (2, 6), (3, 3), (5, 99)):
        drawn(lambda screen: screen.line(text.part(start, end), Text(), text))  # noqa: B023
    assert text.plain == "abcdefghi"


def test_progress_is_silent_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    with terminal.progress(console=Console(file=out)) as report:
        report(1, 10)
        report(10, 10)
    assert out.getvalue() == ""


def test_progress_leaves_nothing_on_the_screen() -> None:
    out = io.StringIO()
    with terminal.progress("indexing", console(out, 80, "standard")) as report:
        report(7, 10)
    assert "7/10" in out.getvalue()
    assert out.getvalue().endswith("\x1b[2K")  # the line erased


def test_after_the_last_post_progress_shows_another_phase_and_no_full_bar() -> None:
    out = io.StringIO()
    with terminal.progress("indexing", console(out, 80, "standard")) as report:
        report(7, 10)
        report(10, 10)
    indexing, merging = out.getvalue().split("merging", 1)
    assert "10/10" not in indexing
    assert "10/10" in merging
    assert "━━" not in merging, "a full bar is one stretch; one that moves is drawn piece by piece"
