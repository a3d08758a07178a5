"""Code in Markdown: nothing in it is a mark, and all that a reader sees is text."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from papersearch.posts.parse import parse
from papersearch.text import clean, code

CODE = """grid[row][badger] = weights["layer"][ferret]
path = r"C:\\wombats\\numbat"   # <!-- thrush -->
y = handlers[pig](goat)
\\section{puffin} {{< figure >}} <b>x</b> __init__ **kwargs
[1]: https://a.example"""


def indented(text: str, by: str) -> str:
    return "\n".join(by + line for line in text.split("\n"))


BLOCKS = [
    f"```python\n{CODE}\n```",
    f"~~~~\n{CODE}\n~~~\n```\n~~~~",
    f"- Otters\n\n{indented(f'```py{chr(10)}{CODE}{chr(10)}```', '  ')}\n- more",
    f"1. ```\n{indented(CODE, '   ')}\n   ```",
    indented(f"```\n{CODE}\n```", "> "),
    f"Otters:\n\n{indented(CODE, '    ')}\n\nmore",
    f"Otters:\n\n{indented(CODE, chr(9))}",
    f"```\n{CODE}",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_what_stands_in_a_block_of_code_is_text_as_it_stands(block: str) -> None:
    assert " ".join(CODE.split()) in " ".join(clean.readable(block).split())


@pytest.mark.parametrize(
    "span", [*CODE.split("\n"), "table[i][otter]", "&amp; *a* _b_", r"a\_b", "x = ''", "f' + 1", "a\nb"]
)
def test_what_stands_between_backticks_is_text_as_it_stands(span: str) -> None:
    shown = " ".join(span.split())
    assert clean.readable(f"so `{span}` here") == f"so {shown} here"
    assert clean.readable(f"so `` `{span} `` here") == f"so `{shown} here"


def test_an_escaped_backtick_begins_no_code_and_one_alone_is_text() -> None:
    assert clean.readable("a ` b [c](d) and *e*") == "a ` b c and e"
    assert clean.readable("- a ` b\n- c ` d [e](f)") == "a ` b\nc ` d e"


def test_indented_text_of_a_list_or_a_footnote_is_no_code() -> None:
    for above in ("1. one\n\n", "[^1]: one\n\n", "!!! note\n\n"):
        assert clean.readable(f"{above}    see [text](https://a.example)").endswith("see text")
    assert clean.readable("## Otters\n\n    * see [text](https://a.example)").endswith("see text")


@pytest.mark.parametrize(
    "above",
    [
        "# Otters\n\n",
        "# Otters\n",
        "Otters\n---\n",
        "# Otters\n\nStoats\n---\n",
        "# Otters\n\n***\n",
        "# Otters\n\n## Abstract\n\n",
        "",
    ],
)
def test_indented_code_is_code_at_the_beginning_and_right_below_a_heading_or_a_rule(above: str) -> None:
    assert " ".join(CODE.split()) in " ".join(
        parse("a.md", f"{above}{indented(CODE, '    ')}".encode()).abstract.split()
    )


@pytest.mark.parametrize("before", ["", "Stoats.\n\n"])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_what_belongs_to_the_line_of_a_fact_is_code_only_where_it_was(before: str, between: str) -> None:
    note = f"# Otters\n\n{before}- DOI: 10.1000/1{between}    see [text](https://a.example)\n\n"
    assert parse("a.md", note.encode()).abstract == f"{before}see text".replace("\n\n", "\n")
    note = f"# Otters\n\n{before}DOI: 10.1000/1\n\n    grid[row](badger)\n"
    assert parse("a.md", note.encode()).abstract == f"{before}grid[row](badger)".replace("\n\n", "\n")


def test_parts_are_the_text_and_say_what_is_code() -> None:
    text = f"a `b` c\n\n{BLOCKS[0]}\nd ``e`` f"
    parts = list(code.parts(text))
    assert "".join(part for part, _ in parts) == text
    assert [part.strip() for part, is_code in parts if is_code] == ["`b`", BLOCKS[0], "``e``"]


def test_characters_of_private_use_stay_as_they_are() -> None:
    assert clean.readable("an icon \ue05f of *mine* \U000f0001") == "an icon \ue05f of mine \U000f0001"


def test_imports_and_components_in_code_of_mdx_are_text() -> None:
    body = b"import A from './a.astro';\n\n# Otters\n\n<A />\n\n```js\nimport B from './stoat.js'\n<Weasel />\n```\n"
    text = parse("a.mdx", body).abstract
    assert [word in text for word in ("stoat", "Weasel", "astro")] == [True, True, False]


def test_facts_and_headings_are_not_read_out_of_code_in_lists_and_longer_fences() -> None:
    body = b"# Otters\n\n````\n```\n# Stoats\nauthors: Bo Sample\n```\n## Weasels\n````\n\nText."
    post = parse("a.md", body)
    assert (post.title, post.authors) == ("Otters", ())
    assert all(word in post.abstract for word in ("Stoats", "authors: Bo Sample", "Weasels"))


# Constructs whose words are compared with those of the page that Markdown makes of them: ``@`` is a word.
PIECES = r"""
[@][@] ¦ [@ @][@] ¦ [[@][@]] ¦ [@](https://@.example/@) ¦ [@][1] ¦ [@][^@] ¦ `@[@][@]` ¦ `@[@](@)` ¦ ``@ `@` [@][@]``
`<!-- @ -->` ¦ `<b>@</b> \@{@} {{< @ >}}` ¦ \@{@} ¦ \@\@ ¦ C:\@\@ ¦ \footnote{@ was @.} ¦ $x[@][@]$ ¦ \[@\][@]
\[@\](@) ¦ **@** @ ¦ *@* _@_ __@__ ¦ ~~@~~ ¦ <https://@.example/@_@> ¦ \<!-- @ --> ¦ @ & @ &amp; @ ¦ <b>@</b>@
![@](x.png) ¦ [@[@]](@.md) ¦ [@](@ @) ¦ @ # @ ¦ @/{@}/{@}{@} ¦ \@[@]{@}{@} ¦ \_@\_ \*@\* ¦ @~@ ¦ @--@ ¦ $\log @$
$\@{@}$ ¦ \(@\) ¦ [@]: @ ¦ '@' ``@'' ¦ \`@[@][@]\` ¦ {@} {{ @ }} ¦ @<br>@ ¦ @ | @
""".replace("\n", " ¦ ")
FRAMES: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: f"- {text}\n  - {text}",
    lambda text: f"```\n{text}\n```",
    lambda text: f"1. ~~~\n   {text}\n   ~~~",
    lambda text: f"> {text}\n>\n> ~~~~\n> ~~~\n> {text}\n> ~~~~",
    lambda text: f"@.\n\n    {text}\n\n@",
    lambda text: f"## @ @\n\n{text}",
]
WORD = re.compile(r"[a-z]{9,}")
BLOCK_TAG = re.compile(
    r"</?(?:p|li|ul|ol|h\d|pre|br|blockquote|code)\b[^>]*>|<img src=\"[^\"]*\" alt=\"|<!--.*?-->", re.DOTALL
)


def test_every_word_of_the_rendered_note_is_in_its_text() -> None:
    chance, markdown = random.Random(7), MarkdownIt("commonmark").enable("strikethrough")
    pieces = [piece for piece in PIECES.split(" ¦ ") if piece.strip()]

    def word(_: object) -> str:
        return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(4)) + "k"

    for _ in range(400):
        frames = (chance.choice(FRAMES) for _ in range(2))
        note = "\n\n".join(frame(f"@ {chance.choice(pieces)} @ {chance.choice(pieces)}") for frame in frames)
        note = re.sub("@", word, f"# Otters\n\n{note}\n\n[1]: https://a.example\n")
        page = html.unescape(re.sub(r"<[^>]+>", "", BLOCK_TAG.sub(" ", markdown.render(note))))
        seen = set(WORD.findall(page)) - {"footnotes"}
        post = parse("a.md", note.encode())
        assert seen <= set(WORD.findall(f"{post.title} {post.abstract}")), note


@pytest.mark.parametrize(
    "info",
    [
        'python title="otter__dam.py"',
        "{r, fig.cap='otter__dam.py'}",
        "py:otter__dam.py",
        '{.py caption = "otter__dam.py"}',
    ],
)
def test_what_generators_show_above_code_is_text(info: str) -> None:
    assert clean.readable(f"~~~ {info}\nx = 1\n~~~") == "otter__dam.py x = 1"
    assert clean.readable("```python {linenos=table}\nx = 1\n```") == "x = 1"


def test_a_line_of_code_is_whole_wherever_the_look_for_blocks_ends() -> None:
    long = "otter " * (code.MOST_LOOKED_AT // 6 + 1_000)
    shown = clean.readable(f"```\n{long}\nferret\n```\n\nstoat")
    assert (shown.count("otter"), shown.count("ferret"), shown.count("stoat")) == (long.count("otter"), 1, 1)


def test_formulas_as_github_has_them_are_no_code() -> None:
    assert (
        clean.readable("so $`\\alpha_1`$ is\n\n```math\n\\sqrt{3}\n```\n\n`$HOME` and `x`")
        == "so α₁ is\n√3\n$HOME and x"
    )
    assert clean.readable("so\n\n``` math\n\\alpha_1\n```\n") == "so\nα₁"
