"""Transcripts of the main commands, to be read in a diff: command, output, exit code. ``UPDATE=1`` writes them anew.

Standard error is marked with ``! ``; durations, sizes, folders and times are normalised.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from tests.commands import run, sample

TRANSCRIPTS = Path(__file__).parent / "transcripts"

SESSIONS = {
    "first": [
        'papersearch "mixture of experts" --limit 2',
        "papersearch index",
        "papersearch stats",
        "papersearch check",
        "papersearch config",
    ],
    "query": [
        "papersearch query retrieval augmented generation --limit 2",
        "papersearch query 'title:diffusion -video' --since 2025 --sort newest --format ids",
        "papersearch query 2412.15115v1 --format urls",
        r"papersearch query quantization -n 3 --template '{rank}\t{id}\t{published}\t{title:.40}'",
        "papersearch query mixtrue of exprets -n 1",
        "papersearch query router experts -n 1 --no-snippets --explain",
        "papersearch query decentralized -n 1 --json",
        "papersearch query decentralized -n 1 --format csv",
        "papersearch query --match all zzqqxx",
    ],
    "papers": [
        "papersearch show 2412.15115",
        "papersearch show 2412.15115 --format bibtex",
        "papersearch similar 2501.09636 -n 3 --format ids",
        "papersearch open 2412.15115 --print",
        "papersearch open 2412.15115 --post --print",
    ],
    "facets": [
        "papersearch facets",
        "papersearch facets --by year",
        "papersearch facets diffusion --by month -n 3",
        "papersearch facets --by tag --json",
    ],
    "mistakes": [
        "papersearch qurey moe",
        "papersearch query",
        "papersearch query year:abc",
        "papersearch query 'moe\"' -f ids",
        "papersearch query moe --formt json",
        "papersearch query moe --format jsno",
        "papersearch query moe --template '{titel}'",
        "papersearch query moe --limit -1",
        "papersearch query moe --since 2024-13",
        "papersearch query moe --tag datset",
        "papersearch query moe -f ids -n 1 --index elsewhere",
        "papersearch query --batch questions.txt",
        "papersearch show 2412.1511",
        "papersearch facets --by tags",
        "papersearch index nowhere",
    ],
    "help": [
        "papersearch",
        "papersearch query --help",
        "papersearch help show",
    ],
}


def transcript(folder: Path, lines: list[str]) -> str:
    parts = []
    for line in lines:
        ran = run(folder, *shlex.split(line)[1:], COLUMNS="80")
        said = "".join(f"! {each}\n" for each in ran.err.splitlines())
        parts.append(_normal(f"$ {line}\n{said}{ran.out}? {ran.code}\n", folder))
    return "\n".join(parts)


def _normal(text: str, folder: Path) -> str:
    text = text.replace("\r\n", "\n").replace(str(folder), "~")
    text = re.sub(r"\b[\d.]+ (?:ms|s)\b(?=[),\n])", "N ms", text)
    text = re.sub(r'"seconds": [\d.e-]+', '"seconds": N', text)
    text = re.sub(r"\b[\d.]+ [kM]?B\b", "N kB", text)
    return re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[+-]\d\d:\d\d", "<now>", text)


@pytest.mark.parametrize("name", SESSIONS)
def test_commands_print_what_their_transcript_says(name: str, tmp_path: Path) -> None:
    folder = sample(tmp_path)
    if name != "first":
        assert run(folder, "index", "--quiet").code == 0
    found = transcript(folder, SESSIONS[name])
    file = TRANSCRIPTS / f"{name}.txt"
    if os.environ.get("UPDATE"):
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8"), (
        "if this is as it should be: UPDATE=1 pytest tests/test_transcripts.py"
    )
