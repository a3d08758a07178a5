"""What a question counts and where it is answered: by words, orders, dates and filters, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import is_one_error, run
from tests.corpora import write_post

POSTS = (
    ("2401.00001", "Sparse state space models", "One state space model.", "2024-01-05"),
    ("2402.00002", "Space of states", "The state of a space.", "2024-02-05"),
    ("2502.00003", "State machines", "A state, and diffusion transformers.", "2025-02-05"),
    ("2503.00004", "Models of language", "A model, and transformers.", "2025-03-05"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with four posts and their index."""
    (tmp_path / "corpus").mkdir()
    for paper_id, title, abstract, day in POSTS:
        write_post(tmp_path / "corpus", paper_id, title, abstract, published=day, author="Ann Lee")
    assert run(tmp_path, "index", "-q").code == 0
    return tmp_path


def ids(folder: Path, *arguments: str) -> list[str]:
    """The ids that a query prints."""
    return run(folder, "query", *arguments, "--format", "ids").lines


def test_any_order_but_relevance_is_of_papers_that_hold_every_word(folder: Path) -> None:
    assert len(ids(folder, "state space model")) == 4
    assert ids(folder, "state space model", "--sort", "newest") == ["2401.00001"]
    assert len(ids(folder, "state space model", "--sort", "oldest", "--match", "any")) == 4


def test_facets_count_papers_that_hold_every_word(folder: Path) -> None:
    assert run(folder, "facets", "state space model", "--by", "year").lines == ["1\t2024"]
    any_word = run(folder, "facets", "state space model", "--by", "year", "--match", "any")
    assert any_word.lines == ["2\t2024", "2\t2025"]


def test_years_and_months_are_in_order_of_time_and_the_newest_are_kept(folder: Path) -> None:
    assert [line.split()[1] for line in run(folder, "facets", "--by", "month", "-n", "3").lines] == [
        "2024-02", "2025-02", "2025-03",
    ]  # fmt: skip


def test_filters_and_orders_may_stand_without_words(folder: Path) -> None:
    assert ids(folder, "--since", "2025-03") == ["2503.00004"]
    assert ids(folder, "--sort", "newest", "-n", "1") == ["2503.00004"]
    assert len(ids(folder, "--author", "Ann Lee")) == len(ids(folder, "--since-run", "0")) == 4
    assert is_one_error(run(folder, "query"))


@pytest.mark.parametrize(
    "line",
    [
        ("--json", "--format", "csv"),
        ("--json", "--format", "ids"),
        ("--json", "--template", "{id}"),
        ("--template", "{id}", "-f", "csv"),
        ("--since", "2025", "--until", "2024"),
        ("--since", "yesterday", "--until", "2w"),
    ],
)
def test_options_that_contradict_each_other_are_mistakes(folder: Path, line: tuple[str, ...]) -> None:
    ran = run(folder, "query", "state", *line)
    assert ran.code == 2
    assert is_one_error(ran)


@pytest.mark.parametrize("line", [("show", "2503.00004", "--format", "bibtex"), ("digest", "--format", "atom")])
def test_every_command_has_one_form_of_output(folder: Path, line: tuple[str, ...]) -> None:
    ran = run(folder, *line, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "contradict each other" in ran.err


def test_json_said_twice_is_no_contradiction(folder: Path) -> None:
    assert run(folder, "query", "state", "--json", "--format", "json").json["total"] == 3


def test_an_id_that_no_paper_has_is_said(folder: Path) -> None:
    ran = run(folder, "2412.99999")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no paper 2412.99999" in ran.err


def test_a_suggestion_goes_to_standard_error_in_a_pipe(folder: Path) -> None:
    ran = run(folder, "query", "transfromers", "--format", "ids")
    assert ran.out == ""
    assert ran.err == "papersearch: did you mean: transformers\n"
    assert run(folder, "query", "transfromers", "--json").err == ""


def test_new_remembers_words_whatever_the_format_order_and_limit(folder: Path) -> None:
    def new(*arguments: str) -> list[str]:
        return run(folder, "query", *arguments, "--new", "-f", "ids").lines

    assert new("state", "--sort", "newest", "-n", "1") == ["2502.00003"]
    assert new("state", "--sort", "oldest", "-n", "1") == ["2401.00001"]
    assert "2402.00002" in run(folder, "query", "state", "--new", "--json").out
    assert new("state") == []
    write_post(folder / "corpus", "2504.00005", "A new state", published="2025-04-05")
    assert new("state", "--refresh") == ["2504.00005"]
    assert new("state", "--match", "any") != []  # other papers are asked for
    assert new("state") == []


@pytest.mark.parametrize(
    "narrowed",
    [
        ("--until", "2024-03"),
        ("--since", "2024-02"),
        ("--author", "Ann Lee"),
        ("--tag", "dataset"),
        ("--no-syntax",),
        ("--no-expand",),
    ],
    ids=" ".join,
)
def test_what_is_new_by_a_filter_is_not_shown_without_it(folder: Path, narrowed: tuple[str, ...]) -> None:
    def new(*arguments: str) -> list[str]:
        return run(folder, "query", "state", "--new", "-f", "ids", *arguments).lines

    shown = new(*narrowed)
    assert len(shown) >= 2
    assert new(*narrowed) == []
    assert len(new()) == 3


def test_new_counts_papers_that_hold_every_word_and_needs_none(folder: Path) -> None:
    def new(*arguments: str) -> list[str]:
        return run(folder, "query", *arguments, "--new", "-f", "ids").lines

    assert new("state", "space", "model") == ["2401.00001"]
    assert len(new()) == 4
    assert new() == []


def test_new_shows_a_paper_once_even_if_it_went_away_and_comes_back(folder: Path) -> None:
    def new(*arguments: str) -> list[str]:
        return run(folder, "query", "state", "--new", "--refresh", "-f", "ids", *arguments).lines

    first = new()
    post = folder / "corpus" / "back.md"
    write_post(folder / "corpus", "2504.00005", "A new state", published="2025-04-05", name="back")
    assert new() == ["2504.00005"]
    text = post.read_text("utf-8")
    post.unlink()
    assert new() == []
    post.write_text(text, "utf-8")
    assert new() == []
    assert first


def note(folder: Path, path: str, text: str) -> None:
    """A post whose id is its file's name."""
    (folder / "corpus" / path).parent.mkdir(exist_ok=True)
    (folder / "corpus" / path).write_text(text, "utf-8")


@pytest.mark.parametrize("before", ["kept", "gone", "moved"])
def test_new_shows_another_paper_whose_file_has_the_name_of_one_that_was_shown(folder: Path, before: str) -> None:
    def new() -> list[str]:
        titles = run(folder, "query", "zcommon", "--new", "--refresh", "--template", "{title}").out
        return titles.split()

    note(folder, "2024/notes.md", "# Otters\n\nzcommon otters\n")
    assert new() == ["Otters"]
    if before == "gone":
        (folder / "corpus" / "2024" / "notes.md").unlink()
    elif before == "moved":
        (folder / "corpus" / "2024" / "notes.md").rename(folder / "corpus" / "otters.md")
    assert new() == []
    note(folder, "notes.md", "# Lenses\n\nzcommon lenses\n")
    assert new() == ["Lenses"]
    assert new() == []


def test_new_knows_papers_that_changed_their_files_between_two_runs(folder: Path) -> None:
    def new() -> list[str]:
        return run(folder, "query", "zcommon", "--new", "--refresh", "--template", "{title}").out.split()

    corpus = folder / "corpus"
    note(folder, "notes.md", "# Otters\n\nzcommon otters\n")
    assert new() == ["Otters"]
    (corpus / "notes.md").rename(corpus / "notes-1.md")
    note(folder, "notes.md", "# Lenses\n\nzcommon lenses\n")
    assert new() == ["Lenses"]
    note(folder, "draft.md", "# Mirrors\n\nzcommon mirrors\n")
    assert run(folder, "index", "-q").code == 0
    (corpus / "draft.md").replace(corpus / "notes.md")
    assert new() == ["Mirrors"]
    note(folder, "notes.md", "# Mirrors\n\nzcommon mirrors, edited\n")
    assert new() == []


def test_new_page_by_page_tells_papers_whose_files_have_the_same_name_by_their_text(folder: Path) -> None:
    def new() -> str:
        ran = run(folder, "query", "zcommon", "--new", "--refresh", "-n", "1", "-f", "ids")
        return ran.out.strip()

    for name in "abcd":
        note(folder, f"{name}.md", f"zcommon {name}\n")
    assert (new(), new()) == ("a", "b")
    (folder / "corpus" / "a.md").unlink()
    assert new() == "c"
    note(folder, "a.md", "zcommon again\n")
    assert (new(), new(), new()) == ("a", "d", "")


def test_new_shows_a_paper_whose_wrong_id_hid_it_once_that_is_put_right(folder: Path) -> None:
    def new() -> list[str]:
        return run(folder, "query", "zcommon", "--new", "--refresh", "-f", "ids").lines

    for name in "ab":
        write_post(folder / "corpus", "2506.00001", f"Paper {name}", "zcommon", name=name)
    assert new() == ["2506.00001"]
    for name, paper in (("a", "2506.00001"), ("b", "2506.00002")):
        write_post(folder / "corpus", paper, f"Paper {name}, put right", "zcommon", name=name)
    assert new() == ["2506.00002"]
    assert run(folder, "index", "-q", "--rebuild").code == 0
    assert new() == []


def test_new_of_an_index_that_counts_its_runs_anew_misses_nothing(folder: Path) -> None:
    ask = ("query", "state", "--new", "--refresh", "-f", "ids")
    shown = run(folder, *ask).lines
    file = folder / "index" / "papersearch_asked.json"
    ((key, (_, ids)),) = json.loads(file.read_text()).items()
    file.write_text(json.dumps({key: [99, ids[1:]]}))
    write_post(folder / "corpus", "2504.00005", "A new state", published="2025-04-05")
    assert set(run(folder, *ask).lines) == {"2504.00005", shown[0]}
    assert run(folder, *ask).lines == []


def test_new_and_a_batch_do_not_go_together(folder: Path) -> None:
    ran = run(folder, "query", "--batch", "-", "--new", stdin="state\n")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "papersearch: --batch and --new do not go together: ask each query with --new on its own\n"


@pytest.mark.parametrize("option", ["--format", "--template"])
def test_a_batch_has_one_form_of_output(option: str, folder: Path) -> None:
    ran = run(folder, "query", "--batch", "-", option, "csv", stdin="state\n")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"papersearch: --batch prints JSON, one object a line: leave out {option}\n"


def test_a_word_of_an_older_post_finds_the_paper_and_says_which_post_has_it(folder: Path) -> None:
    write_post(folder / "corpus", "2505.00006v1", "Old title alphaword", "Old text of zebras.", name="old")
    write_post(folder / "corpus", "2505.00006v2", "New title betaword", "New text.", name="new")
    assert run(folder, "index", "-q").code == 0
    ran = run(folder, "query", "zebras", "--json")
    (hit,) = ran.json["results"]
    assert (ran.code, ran.json["total"], ran.json["total_all"]) == (0, 1, 1)
    assert (hit["id"], hit["title"], hit["missing"]) == ("2505.00006", "New title betaword", [])
    assert hit["snippets"][0]["text"] == "Old text of zebras."
    assert "old.md" in ran.json["hint"]
    assert ids(folder, "alphaword")[0] == ids(folder, "betaword")[0] == "2505.00006"
    assert run(folder, "query", "zzyzx").code == 1


def test_a_paper_of_which_an_older_post_alone_has_the_words_is_new_once_beside_others(folder: Path) -> None:
    write_post(folder / "corpus", "2505.00006v1", "Old title", "Old text of zebras.", name="old")
    write_post(folder / "corpus", "2505.00006v2", "New title", "New text.", name="new")
    write_post(folder / "corpus", "2505.00007", "Another title", "Other zebras.", name="other")
    assert run(folder, "index", "-q").code == 0
    assert [ids(folder, "zebras", "--new") for _ in range(2)] == [["2505.00007", "2505.00006"], []]
    write_post(folder / "corpus", "2505.00008", "Third title", "More zebras.", name="third")
    write_post(folder / "corpus", "2505.00006v0", "Oldest title", "The zebras again.", name="oldest")
    assert run(folder, "index", "-q").code == 0
    assert [ids(folder, "zebras", "--new") for _ in range(2)] == [["2505.00008"], []]


def test_colour_is_as_it_is_asked_for(folder: Path) -> None:
    for line in (("query", "state"), ("show", "2401.00001")):
        plain, never = run(folder, *line), run(folder, *line, "--color", "never")
        assert plain.out == never.out
        assert "\x1b[" not in plain.out
        always = run(folder, *line, "--color=always", NO_COLOR="1")
        assert "\x1b[" in always.out
        for term in ("xterm", "dumb"):
            assert "\x1b[" in run(folder, *line, "--color", "always", TERM=term).out
    assert run(folder, "query", "state", "--color", "alway").code == 2


def test_what_feedback_added_is_said_by_word(folder: Path) -> None:
    hits = run(folder, "query", "sparse state space model", "--explain", "--json").json["results"]
    for hit in hits:
        assert sum(part["score"] for part in hit["explanation"]) == pytest.approx(hit["score"], abs=1e-3)
    notes = {part["note"] for hit in hits for part in hit["explanation"]}
    assert "like the best papers" in notes


def test_tags_that_nearly_all_papers_have_are_not_shown_with_each_hit(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    for number in range(20):
        tags = ["Everything", "rare"] if number == 3 else ["Everything"]
        write_post(tmp_path / "corpus", f"2401.{number:05}", f"Zebra {number}", tags=tags)
    shown = run(tmp_path, "query", "zebra", "-n", "20").out
    assert "Everything" not in shown
    assert "rare" in shown
    assert "Everything" in run(tmp_path, "show", "2401.00003").out
    hits = run(tmp_path, "query", "zebra", "--json").json["results"]
    assert all("Everything" in hit["tags"] for hit in hits)
    assert "Everything" in run(tmp_path, "query", "zebra", "--format", "csv").out
