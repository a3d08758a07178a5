"""Documents that say what the code says: generated pages, examples that run, links that lead somewhere."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import papersearch
from docs.generate.pages import pages
from docs.generate.samples import picture
from docs.generate.words import ENVIRONMENT, GENERAL
from papersearch.apps import settings
from papersearch.apps.cli.arguments import Command
from papersearch.apps.cli.flags import BY_NAME, COMMANDS, FACETS, FORMATS, PAPER_FORMATS, headed
from papersearch.apps.cli.help import app
from papersearch.apps.cli.parse import parse
from papersearch.core import errors, records
from papersearch.core.errors import UsageError
from papersearch.posts.scan import walk
from tests.corpora import SAMPLE
from tests.pages import DOCS, ROOT, blocks, run, text_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGES = [path for path in (ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted(DOCS.glob("*.md"))) if path.exists()]
# What scripts and people depend on; may grow, never shrink.
CONTRACT = {
    "index": ["--rebuild", "--watch", "--jobs", "--quiet", "--json", "--index"],
    "query": [
        *("-n", "--limit", "--offset", "--match", "--author", "--tag", "--since", "--until", "--sort"),
        *("-f", "--format", "--json", "--batch", "--syntax", "--no-syntax", "--explain", "--no-snippets", "--refresh"),
        *("--index", "--debug"),
    ],
    "show": ["--format", "--index"],
    "similar": [
        *("-n", "--limit", "--offset", "--author", "--tag", "--since", "--until", "--sort", "-f", "--format", "--json"),
        *("--explain", "--no-snippets"),
    ],
    "facets": ["--by", "--index"],
    "stats": ["--json", "--index"],
    "check": ["--index"],
    "open": ["--post", "--index"],
}
CHOICES = {
    ("query", "match"): ("auto", "all", "any"),
    ("query", "sort"): ("relevance", "newest", "oldest", "title"),
    ("query", "format"): ("text", "json", "jsonl", "csv", "bibtex", "ids", "paths", "urls"),
    ("show", "format"): ("json", "markdown", "bibtex"),
    ("facets", "by"): ("tag", "author", "year", "month"),
}


# --- what is made from the code ---


def test_generated_pages_are_current() -> None:
    made = {name: text for name, text in pages().items() if name != "terminal.svg"}
    assert {name for name, text in made.items() if text_of(DOCS / name) != text} == set(), "python -m docs.generate"
    assert {"commands.md", "papersearch.1"} < made.keys()


def test_the_picture_shows_what_the_command_finds_now() -> None:
    def words(svg: str) -> str:
        return re.sub(r"&#160;|\s+", " ", " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg)))

    shown = words(text_of(DOCS / "terminal.svg"))
    assert shown == words(picture())
    assert "Mixture" in shown


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_reference_and_manual_page_have_every_option(command: Command) -> None:
    shown = CliRunner().invoke(app, [command.name, "--help"], env={"COLUMNS": "100"}).output
    reference = text_of(DOCS / "commands.md").partition(f"\n## {command.name}\n")[2].partition("\n## ")[0]
    manual = text_of(DOCS / "papersearch.1").replace("\\-", "-").partition(f".SS papersearch {command.name} ")[2]
    manual = re.split(r"^\.S[SH] ", manual, flags=re.MULTILINE)[0]
    assert [option for option in command.options if option.told not in " ".join(shown.split())] == []
    for flag in [flag for option in command.options for flag in option.flags]:
        assert re.search(rf"(?<![\w-]){flag}(?![\w-])", shown)
        assert re.search(rf"[` ]{flag}[`, ]", reference)
        assert f"\\fB{flag}\\fR" in manual
    for example in command.examples:
        assert example in shown
        assert example in reference


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_each_option_stands_under_one_heading(command: Command) -> None:
    shown = CliRunner().invoke(app, [command.name, "--help"], env={"COLUMNS": "100"}).output
    headings = [heading for heading, _ in headed(command)]
    assert re.findall(r"^(?!Usage|Arguments)(\w[\w ]+):$", shown, re.MULTILINE) == headings
    told = [option.name for _, options in headed(command) for option in options]
    assert sorted(told) == sorted(option.name for option in command.options)
    assert (len(headings) > 1) == (command.name in ("query", "similar"))


def test_every_command_has_an_example() -> None:
    assert all(command.examples for command in COMMANDS)


def test_general_options_are_there() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "100"}).output
    for names, told in GENERAL:
        for flag in re.findall(r"-[-\w]+", names):
            assert flag in shown
        if "completion" in names:
            assert f"{names} {told}" in " ".join(shown.split())


@pytest.mark.parametrize(("command", "options"), CONTRACT.items())
def test_what_is_promised_is_there(command: str, options: list[str]) -> None:
    known = {flag for option in BY_NAME[command].options for flag in option.flags}
    assert set(options) <= known


@pytest.mark.parametrize(("command", "option"), CHOICES)
def test_promised_choices_are_there(command: str, option: str) -> None:
    found = next(each for each in BY_NAME[command].options if each.name == option)
    assert set(CHOICES[command, option]) <= set(found.choices)
    assert {*FORMATS, *PAPER_FORMATS, *FACETS} >= set(found.choices) or option in ("match", "sort")


def test_what_the_python_reference_names_can_be_imported() -> None:
    named = set(re.findall(r"\b[A-Z][A-Za-z]+\b", text_of(DOCS / "api.md").partition("## Reference")[2]))
    there = {name for module in (records, errors) for name in vars(module) if name in named}
    assert {"Completion", "MeaningError"} <= there - {"Frozen"} <= set(papersearch.__all__)


def test_type_checkers_see_the_public_names_and_no_others() -> None:
    body = ast.parse(Path(papersearch.__file__).read_text("utf-8")).body
    seen = next(part for part in body if isinstance(part, ast.If)).body
    names = {name.asname for part in seen if isinstance(part, ast.ImportFrom) for name in part.names}
    assert names == set(papersearch.__all__) - {"__version__"}
    assert "__getattr__" not in {part.name for part in body if isinstance(part, ast.FunctionDef)}  # any name would do


def test_every_public_name_is_in_the_python_reference() -> None:
    reference = text_of(DOCS / "api.md").partition("## Reference")[2]
    for name in papersearch.__all__:
        value = getattr(papersearch, name)
        if callable(value):
            assert re.search(rf"^#### {name}$|^\| `{name}` \|", reference, re.MULTILINE), name
            assert value.__doc__, name


@pytest.mark.parametrize("extra", ["browse", "mcp", "meaning", "opensearch", "serve", "watch"])
def test_messages_name_what_is_to_be_installed_as_the_package_does(extra: str) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][extra]
    line = f'"pip install {shlex.join(wanted)}"'
    assert any(line in path.read_text(encoding="utf-8") for path in (ROOT / "papersearch").rglob("*.py"))


def test_every_environment_variable_is_documented() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "papersearch").rglob("*.py"))
    read = set(re.findall(r'environ(?:\.get\(|\[)"([A-Z][A-Z_]+)"(?!\] =)', code)) - {
        "HOME",
        "TERM",
        "COMP_WORDS",
        "COMP_CWORD",
        "COMP_TYPE",
    }
    assert read == {name for names, _ in ENVIRONMENT for name in names.split(", ")}


def test_the_architecture_names_every_room() -> None:
    text = text_of(ROOT / "ARCHITECTURE.md")
    home = ROOT / "papersearch"
    rooms = [path.parent.relative_to(home).as_posix() for path in home.rglob("__init__.py")]
    assert [room for room in sorted(rooms) if room != "." and f"`{room}/`" not in text] == []


# --- links, examples, commands ---


def _anchor(heading: str) -> str:
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\((?![a-z]+:)([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose)):
        file, _, anchor = target.partition("#")
        goal = page.parent / file if file else page
        assert goal.exists(), target
        if anchor:
            assert anchor in map(_anchor, re.findall(r"^#+ (.+)$", text_of(goal), re.MULTILINE)), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_run(page: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), {})


def invocations(line: str) -> Iterator[list[str]]:
    """The arguments of each call of papersearch in a line of shell, those within quotes too."""
    tokens = shlex.shlex(line, posix=True, punctuation_chars="|;&<>()")
    tokens.whitespace_split = True
    call: list[str] | None = None
    appended: list[str] = []
    for token in [*tokens, ";"]:
        if set(token) <= set("|;&<>()"):
            if call is not None:
                yield call + appended
            call, appended = None, []
        elif call is not None:
            call.append(token)
        elif token == "xargs":
            appended = ["2412.15115"]
        elif token == "papersearch" or token.endswith("/papersearch"):
            call = []
        elif "papersearch " in token:
            yield from invocations(token[token.index("papersearch ") :])


def understood(call: list[str]) -> bool:
    """Whether a command line means something, by the name of its command or as one quoted query."""
    if call[0] not in BY_NAME:
        return " " in call[0] or call[0] == "--install-completion"
    try:
        parse(call)
    except UsageError:
        return False
    return True


def scripts(page: Path) -> Iterator[str]:
    """Pieces of shell on a page, whatever stands around them."""
    yield from (block.replace("\\\n", " ") for block in blocks(page, "sh"))
    yield from (line[2:] for block in blocks(page, "console") for line in block.splitlines() if line[:2] == "$ ")
    yield from (
        line for block in blocks(page, "text") for line in block.splitlines() if re.match(r"[\d*]+ [\d*]+ ", line)
    )
    yield from re.findall(r"^ExecStart=(.+)$", "\n".join(blocks(page, "ini")), re.MULTILINE)
    yield from re.findall(r"^ +- run: (.+)$", "\n".join(blocks(page, "yaml")), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_command_lines_are_understood(page: Path) -> None:
    for script in scripts(page):
        for line in script.splitlines():
            for call in invocations(line):
                assert call, line
                assert understood(call), call


def test_command_lines_are_found_and_judged() -> None:
    script = "cd x && papersearch index -q | tee a >> b; fzf --preview 'papersearch show {1}' # papersearch no"
    assert list(invocations(script)) == [["index", "-q"], ["show", "{1}"]]
    assert understood(["query", "moe", "--template", "- {id}"])
    assert not understood(["query", "moe", "--nonsense"])
    assert not understood(["show"])
    assert not understood(["shw", "2412.15115"])


def outcome(text: str) -> list[str]:
    """Lines without the time that something took."""
    return [re.sub(r"\d+ ms|[\d.]+ s", "TIME", line).rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_pages_show_is_what_the_command_prints(page: Path, tmp_path: Path, shell: dict[str, str]) -> None:
    shutil.copytree(SAMPLE, tmp_path / "corpus")
    for block in blocks(page, "console"):
        for shown in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, expected = shown.partition("\n")
            done = run(line, tmp_path, shell)
            printed = [text for text in outcome(done.stdout + done.stderr) if "building it from" not in text]
            assert sorted(printed) == sorted(outcome(expected)), line  # which of the two comes first is not said


def test_each_example_of_the_query_language_finds_something(home: Path) -> None:
    index = papersearch.open(str(home / "index"))
    rows = re.findall(r"^\| (`[^|]*`) \| [^|]*\|$", text_of(DOCS / "query-language.md"), re.MULTILINE)
    queries = [query for row in rows for query in re.findall(r"`([^`]+)`", row)]
    assert len(queries) > 40
    for query in queries:
        answer = index.search(query)
        assert answer.total, query
        assert answer.hint is None, query


def test_each_example_of_a_question_is_answered(home: Path) -> None:
    index = papersearch.open(str(home / "index"))
    lines = [*BY_NAME["ask"].examples, *re.findall(r"^papersearch ask .*", text_of(DOCS / "ask.md"), re.MULTILINE)]
    assert len(lines) == 4
    for line in lines:
        assert index.ask(" ".join(parse(shlex.split(line)[1:]).words)).answered, line


def test_the_answers_shown_as_json_are_as_the_schema_says() -> None:
    schema = json.loads((ROOT / "papersearch" / "output" / "schema.json").read_text(encoding="utf-8"))
    answer, reply = blocks(DOCS / "formats.md", "json")
    Draft202012Validator(schema).validate(json.loads(answer))
    Draft202012Validator({**schema, "$ref": "#/$defs/reply"}).validate(json.loads(reply))


def test_the_example_of_a_configuration_has_every_kind_of_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example, *_ = blocks(DOCS / "configuration.md", "toml")
    (tmp_path / "papersearch.toml").write_text(example, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PAPERSEARCH_INDEX", raising=False)
    found = settings.settings()
    assert found.query.keys() == settings.QUERY_KEYS.keys()
    assert found.corpus == ("posts", "drafts")
    assert found.weights


def test_the_patterns_in_the_documents_leave_out_the_copies_that_programs_keep(tmp_path: Path) -> None:
    *_, example = blocks(DOCS / "configuration.md", "toml")
    patterns = tomllib.loads(example)["exclude"]
    copies = [
        "x/note.sync-conflict-20250102-030405-ABCDEFG.md",
        "note (conflicted copy 2025-01-02 030405).md",
        "note (Ada's conflicted copy 2025-01-02).md",
        "logseq/bak/pages/note/2025-01-02T03_04_05.678Z.Desktop.md",
        "_site/2025/note.md",
        "public/note.md",
        "x/Templates/note.md",
    ]
    for name in ("note.md", "x/note.md", "x/public/note.md", *copies):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# Otters\n\nOtters swim.\n")
    found, _ = walk([str(tmp_path)], patterns)
    assert [Path(state.path).relative_to(tmp_path).as_posix() for state in found] == [
        "note.md",
        "x/note.md",
        "x/public/note.md",
    ]
