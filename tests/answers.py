"""Results to write: a paper with every fact, one with hardly any, and one of characters that break writers."""

from __future__ import annotations

import io
import re
from typing import Any

from papersearch.core.frozen import replace
from papersearch.core.records import Answer, Hit, OtherPost, Snippet
from papersearch.output import formats

QWEN = Hit(
    rank=1,
    score=12.341234,
    id="2412.15115",
    version=1,
    missing=(),
    title="Qwen25 Technical Report",
    title_highlights=((0, 6),),
    authors=("Qwen",),
    et_al=True,
    published="2024-12-19",
    posted="2024-12-23T11:35:38",
    tags=("all search terms", "dataset"),
    url="http://arxiv.org/abs/2412.15115v1",
    path="corpus/Qwen25_Technical_Report.md",
    other_posts=(OtherPost("corpus/old.md", None, "Old", None),),
    snippets=(Snippet("abstract", 33, "two mixture-of-experts (MoE) variants", ((4, 22), (24, 27))),),
)
UNKNOWN = Hit(
    rank=2,
    score=0.5,
    id="混合",
    version=None,
    missing=("moe",),
    title="",
    title_highlights=(),
    authors=(),
    et_al=False,
    published=None,
    posted=None,
    tags=(),
    url=None,
    path="corpus/混合.md",
)
# Newline, quotes, comma, NUL, escape sequence, C1 control, right-to-left override and mark, and Rich markup.
NASTY = (
    "a\nb\r\nc \"q\" 's', {x} \\ %d \0 \x1b[31mred\x9b31m \u202eevil\u202c \u200frtl [bold]x[/] é ℓ 混 ~ $x_1^2$ <&> #|"
)
BAD = replace(
    QWEN,
    rank=3,
    title=NASTY,
    authors=(NASTY, "A and B"),
    tags=(NASTY,),
    url="http://x/" + NASTY,
    id=NASTY,
    path="corpus/a\nb\udcff\x1b.md",
    snippets=(Snippet("abstract", 3, NASTY, ((0, 1),)),),
    missing=(NASTY,),
)
ANSWER = Answer("mixture of experts", 612, 8, 0.0041234567, (QWEN, UNKNOWN, BAD), "mixture", {"moe": ("mixture of",)})
STEERING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def written(fmt: str, answer: Answer = ANSWER, **options: Any) -> str:
    """What `write` writes, as a file of UTF-8 would hold it."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8", newline="")
    formats.write(fmt, answer, out, **options)
    out.flush()
    return raw.getvalue().decode("utf-8", "surrogateescape")
