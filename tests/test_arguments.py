"""How command lines are read: what they mean, and what is said where they are wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch.apps.cli.arguments import Arguments, Command, Option
from papersearch.apps.cli.flags import COMMANDS
from papersearch.apps.cli.parse import parse
from papersearch.apps.cli.requests import request_of, settled
from papersearch.apps.settings import QUERY_KEYS
from papersearch.core.errors import UsageError
from papersearch.core.frozen import names_of
from tests.commands import run, sample

EVERY_OPTION = [(command, option) for command in COMMANDS for option in command.options]


@pytest.mark.parametrize(
    ("command", "option"), EVERY_OPTION, ids=lambda each: each.name if isinstance(each, Option) else ""
)
def test_every_option_of_the_table_is_read_into_its_field(command: Command, option: Option) -> None:
    words = ["x"] * (command.argument.least if command.argument else 0)
    assert option.name in names_of(Arguments)
    assert getattr(parse([command.name, *words]), option.name) == option.default
    for flag in option.flags:
        value = [] if option.kind in ("flag", "switch") else [option.choices[0] if option.choices else "3"]
        read = parse([command.name, *words, flag, *value])
        meant: Any = not flag.startswith("--no-") if not value else option.value_of(value[0])
        assert getattr(read, option.name) == ((meant,) if option.kind == "many" else meant)
        assert read.given == {option.name}


@pytest.mark.parametrize(
    ("line", "words", "options"),
    [
        (["moe", "-n3"], ["moe"], {"limit": 3}),
        (["moe", "-n=3"], ["moe"], {"limit": 3}),
        (["moe", "--limit=3"], ["moe"], {"limit": 3}),
        (["diffusion", "-video", "-nlp"], ["diffusion", "-video", "-nlp"], {}),
        (["-fids", "moe"], ["moe"], {"format": "ids"}),
        (["-fulltext", "moe"], ["-fulltext", "moe"], {}),
        (["--", "-n3"], ["-n3"], {}),
        (["x", "--author", "A", "--author=B"], ["x"], {"author": ("A", "B")}),
        (["x", "--author", "-"], ["x"], {"author": ("-",)}),
        (["x", "--template", "-{id}"], ["x"], {"template": "-{id}"}),
        (["x", "--no-syntax", "--no-snippets"], ["x"], {"syntax": False, "snippets": False}),
        (["x", "--snippets"], ["x"], {"snippets": True}),
        ([""], [""], {}),
    ],
)
def test_words_of_a_query_are_told_from_its_options(line: list[str], words: list[str], options: dict[str, Any]) -> None:
    read = parse(["query", *line])
    assert (list(read.words), read.given) == (words, set(options))
    assert {name: getattr(read, name) for name in options} == options


def test_letters_of_flags_can_be_written_together() -> None:
    read = parse(["index", "-qv", "-qj4", "posts"])
    assert (read.quiet, read.verbose, read.jobs, read.words) == (True, True, 4, ("posts",))


@pytest.mark.parametrize(
    ("line", "command", "words"),
    [
        (["moe"], "query", ["moe"]),
        (["mixture of experts"], "query", ["mixture of experts"]),
        (["state", "space"], "query", ["state", "space"]),
        (["-n", "3", "moe"], "query", ["moe"]),
        (["-n", "3", "moe", "index"], "query", ["moe", "index"]),
        (["-n", "3", "--", "index"], "query", ["index"]),
        (["index"], "index", []),
        (["similar", "2412.15115"], "similar", ["2412.15115"]),
        (["seven"], "query", ["seven"]),
        (["art"], "query", ["art"]),
        (["sow"], "query", ["sow"]),
    ],
)
def test_a_query_needs_no_command(line: list[str], command: str, words: list[str]) -> None:
    read = parse(line)
    assert (read.command, list(read.words)) == (command, words)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ([], ""),
        (["--help"], ""),
        (["help"], ""),
        (["help", "index"], "index"),
        (["--help", "index"], "index"),
        (["-h", "index", "x"], "index"),
        (["--help", "nothing"], ""),
        (["help", "help"], ""),
        (["index", "-h"], "index"),
        (["query", "x", "--help", "--bogus"], "query"),
    ],
)
def test_help_of_the_program_or_of_a_command(line: list[str], command: str) -> None:
    assert parse(line) == Arguments(command, help=True)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (["query", "x", "--formt", "json"], "there is no option --formt", "did you mean --format?"),
        (["stats", "--bogus"], "there is no option --bogus", "papersearch stats --help"),
        (["stats", "--format=json"], "there is no option --format", "--json prints JSON"),
        (["facets", "-f", "json"], "there is no option -f", "--json prints JSON"),
        (["query", "x", "--jsonl"], "there is no option --jsonl", "did you mean --format jsonl?"),
        (["query", "x", "--newest"], "there is no option --newest", "did you mean --sort newest?"),
        (["query", "x", "--title"], "there is no option --title", "papersearch query --help"),
        (["facets", "--year"], "there is no option --year", "did you mean --by year?"),
        (["index", "-z"], "there is no option -z", "papersearch index --help"),
        (["query", "x", "-n"], "-n requires an argument", "-n N"),
        (["query", "x", "--author", "--json"], "--author requires an argument", "--author A"),
        (["query", "x", "--json=yes"], "--json does not take a value", "write --json alone"),
        (["query", "x", "-n", "ten"], "--limit 'ten'", "it must be a whole number, 0 or more"),
        (["show"], "missing argument 'ID...'", "papersearch show --help"),
        (["stats", "extra"], "unexpected argument 'extra'", "papersearch stats --help"),
        (
            ["open", "set", "recognition"],
            "unexpected argument 'recognition'",
            "papersearch open --help; to search for these words: papersearch query open set recognition",
        ),
        (
            ["--index", "my papers", "stats", "--json"],
            "options come after the command",
            "papersearch stats --index 'my papers' --json; "
            "to search for these words: papersearch query --index 'my papers' stats --json",
        ),
    ],
)
def test_a_mistake_is_said_with_what_to_do(line: list[str], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as wrong:
        parse(line)
    assert (wrong.value.message, wrong.value.hint) == (message, hint)


@given(
    st.sampled_from([command.name for command in COMMANDS]),
    st.lists(st.one_of(st.sampled_from(["-n", "-n3", "--", "-", "-v", "--json", "--author", "-fx", "--="]), st.text())),
)
@settings(max_examples=300)
def test_any_command_line_is_understood_or_a_mistake_of_usage(command: str, line: list[str]) -> None:
    with suppress(UsageError):
        assert parse([command, *line]).command == command


# What ``[query]`` of papersearch.toml says, beside the flags


SETTINGS: dict[str, tuple[Any, list[str], Any]] = {
    "limit": (3, ["--limit", "7"], 7),
    "format": ("csv", ["--format", "ids"], "ids"),
    "sort": ("newest", ["--sort", "relevance"], "relevance"),
    "match": ("all", ["--match", "auto"], "auto"),
    "expand": (False, ["--expand"], True),
    "snippets": (False, ["--snippets"], True),
    "pager": (False, ["--pager"], True),
}


def test_every_key_is_tested() -> None:
    assert set(SETTINGS) == set(QUERY_KEYS)


@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_holds_unless_its_flag_is_given(key: str) -> None:
    value, flags, given = SETTINGS[key]
    defaults = {key: value}
    assert getattr(settled(parse(["query", "x"]), defaults), key) == value
    assert getattr(settled(parse(["query", "x", *flags]), defaults), key) == given
    if key in names_of(type(request_of("x", parse(["query", "x"])))):
        assert getattr(request_of("x", settled(parse(["query", "x"]), defaults)), key) == value
        assert getattr(request_of("x", settled(parse(["query", "x", *flags]), defaults)), key) == given


def test_a_template_has_its_passages_whatever_format_is_set() -> None:
    assert request_of("x", settled(parse(["query", "x", "--template", "{snippet}"]), {"format": "ids"})).snippets
    assert not request_of("x", settled(parse(["query", "x"]), {"format": "ids"})).snippets


def test_json_is_printed_whatever_format_is_set() -> None:
    assert settled(parse(["query", "x", "--json"]), {"format": "text"}).format == "json"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = sample(tmp_path_factory.mktemp("settings"))
    (folder / "papersearch.toml").write_text('[query]\nlimit = 2\nformat = "text"\nsnippets = false\n')
    assert run(folder, "index").code == 0
    return folder


def test_snippets_are_shown_if_they_are_asked_for(home: Path) -> None:
    def snippets(*flags: str) -> list[Any]:
        return [hit["snippets"] for hit in json.loads(run(home, "query", "diffusion", "--json", *flags).out)["results"]]

    assert not any(snippets())
    assert len(snippets()) == 2
    assert all(snippets("--snippets"))


def test_the_format_for_people_is_not_that_of_a_batch(home: Path) -> None:
    (home / "questions.txt").write_text("diffusion\n")
    ran = run(home, "query", "--batch", "questions.txt")
    assert (ran.code, ran.err) == (0, "")
    assert len(json.loads(ran.out)["results"]) == 2
