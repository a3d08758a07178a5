"""What editors and site generators add to Markdown, and what of it readers see.

Links to notes, highlights, comments and call-outs of Obsidian, properties of Logseq, tags of Liquid and their like,
attributes of kramdown and Pandoc, blocks of Docusaurus, MkDocs and MyST; comments and scripts of HTML. Strings in,
strings out, in linear time; code is guarded before (``code``), and LaTeX and Markdown's own marks are read after.
"""

from __future__ import annotations

import re

from papersearch.text import paragraphs

# What only these dialects take for marks, after the first character of each, which is found at full speed; their others
# begin with marks of Markdown or LaTeX.
_SIGNS = (("=", "=="), ("%", "%%"), (":", "::"), ("^", "^"), ("!", "!!!"), ("?", "???"), ("+", "+++"), ("(", "(("))
_BRACES = re.compile(r"\{(?:[#.:%{+=>~-]|[ ][#.]|(?<=[)\]]\{))")

_CAPTION = re.compile(
    r"(?<![\w-])(?:fig-(?:cap|alt)|caption|alt|title|label)\s?=\s?\{?"
    r"(?:\"((?:[^\"\\]|\\.){1,2000})\"|'((?:[^'\\]|\\.){1,2000})')",
    re.IGNORECASE,
)
_ESCAPED_QUOTE = re.compile(r"\\([\"'])")
# Comments and scripts of HTML, and the shortcodes of site generators.
_HIDDEN = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"), ("{{<", ">}}"), ("{{%", "%}}"))
# Between braces: ``{% include x.html %}``, ``{{ site.url }}``, ``{{ figure(src="x") }}``, ``{{embed ((...))}}``.
# Not from a tag that another one follows, so that no text is gone through twice.
_COMMENT_TAGS = re.compile(r"\{%-? ?comment ?-?%\}(?:(?!\{%-? ?comment).){0,5000}?\{%-? ?endcomment ?-?%\}", re.DOTALL)
_LIQUID = re.compile(r"\{%(?<!\{\{%)(?:[^%{}]|%(?!\})){1,1000}%\}")
# ``{% details How it works %}``, ``{% blockquote Ada Example, Rivers %}``: what follows is for readers.
_TITLED = re.compile(r"\{%-? ?(?:details|blockquote|fold(?:ing)?|hideToggle|spoiler) ([^%{}\n]{1,500}?) ?-?%\}")
_PAGE = re.compile(r"\{\{[<%]-?\s*(?:rel)?ref\b")
_QUOTED = re.compile(r"\"([^\"]{1,500})\"|'([^']{1,500})'")
# Names are those of generators, and calls have something quoted or named: else it is a template of a prompt, which is
# text, ``{{question}}`` and ``{{ document.text }}``.
_OUTPUT = re.compile(
    r"\{\{-?\s?(?:(?:site|page|post|layout|include|theme|config|collections|paginator)(?:\.[\w-]{1,40}){1,9}[^{}\n]{0,300}"
    r"|[A-Za-z_]\w{0,40}\((?=[^{}\n\"'=]{0,300}[\"'=])[^{}\n]{0,1000}\)"
    r"|(?:[\w.\"'-]{1,100} \| |(?:\"[^\"{}\n]{1,300}\"|'[^'{}\n]{1,300}')\s?\|\s?)[a-z_][^{}\n]{0,300}"
    r"|(?:embed|video|query|renderer|youtube|twitter|pdf|zotero(?:-[a-z]{1,20}){0,3})[ :]{1,3}(?=[^\s{}])[^{}\n]{0,500}"
    r"|\[\[[\w /-]{1,40}\]\][^{}\n]{0,300})\s?-?\}\}"
)
# CriticMarkup: ``{++added++}``, ``{--deleted--}``, ``{==marked==}``, ``{>>a comment<<}``, ``{~~old~>new~~}``.
_CRITIC = re.compile(r"\{(?:\+\+|--|==|>>)([^{}\n]{1,500}?)(?:\+\+|--|==|<<)\}")
_CRITIC_CHANGE = re.compile(r"\{~~([^{}\n]{0,300})~>([^{}\n]{0,300})~~\}")
# In these braces stands what LaTeX prints: ``\textsc{#BIS}``, ``x_{.j}``.
_NO_ARGUMENT = (
    r"(?<![_^]\{)(?<!\\url\{)(?<!\\(?:emph|text|path)\{)(?<!\\(?:text(?:bf|it|rm|sc|sf|sl|tt)|math(?:bf|rm|sf|tt))\{)"
)
# ``{#id .class key="value"}``, ``{: .class}``, ``{:height 300, :width 200}``; behind a link ``{width=50%}`` too. Of so
# many items at most (chosen): else each brace that nobody closes is looked through to the end of the text.
_PAIR = r"[\w:.-]{1,40}=(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'|[^\s}\"',]{1,100})"
_ITEM = rf"(?:[#.][A-Za-z][\w:.-]{{0,60}}|{_PAIR}|-)"
_SIZED = r":\w{1,20} \d{1,5}"
_MORE = "{0,20}"
ATTRIBUTES = re.compile(
    rf"\{{(?::[ ]?(?:{_ITEM}|toc|{_SIZED[1:]})(?:,?[ ]{{1,4}}(?:{_ITEM}|{_SIZED})){_MORE}"
    rf"|{_NO_ARGUMENT}[ ]?[#.][A-Za-z][\w:.-]{{0,60}}(?:[ \n]{{1,4}}{_ITEM}){_MORE}"
    rf"|(?<=[)\]]\{{)(?=(?:width|height|target|rel|loading|class|id|style|fig-[a-z]+)=){_PAIR}"
    rf"(?:[ ]{{1,4}}{_ITEM}){_MORE})[ ]?\}}"
)
# ``[text]{.class}``; ``ATTRIBUTES`` are left out after it. Pandoc breaks it across lines, and has one within another.
_SPAN = re.compile(r"\[((?:[^\[\]\n]|\n(?!\n)){1,500})\](?=\{[ ]?[.#][A-Za-z])")
_MOST_SPANS = 4  # spans within spans (chosen)
# Blocks with names: ``::: {.note title="..."}``, ``:::tip[Title]``, ``:::{admonition} Title``, ``!!! note "Title"``.
_BLOCK = re.compile(r"^[ \t>]{0,12}:{3,}[ \t]?([^\n]{0,500})$", re.MULTILINE)
_NAMED_BLOCK = re.compile(r"\{([^{}]{0,400})\}[ \t]*(.*)|([\w-]{1,40})[ \t]*(?:\[([^\[\]]*)\])?[ \t]*(.*)")
# ``:width: 50%`` below the first line of a block.
_OPTION = re.compile(
    r"^[ \t>]{0,12}:(?:class|name|label|width|height|align|figclass|tags|open|icon|scale):(?:[ \t][^\n]*)?$",
    re.MULTILINE,
)
_MKDOCS = re.compile(
    r"^[ \t]{0,8}(?:!!!|\?\?\?\+?)[ \t]+([\w-]{2,30})(?:[ \t]+[\w-]{2,30}){0,3}(?:[ \t]+\"([^\"\n]{0,300})\")?[ \t]*$",
    re.MULTILINE,
)
# ``=== "Title"``, as MkDocs has tabs.
_TAB = re.compile(r"^[ \t]{0,8}===[!+]{0,2}[ \t]+\"([^\"\n]{1,300})\"[ \t]*$", re.MULTILINE)
# ``> [!note]- Title``.
_CALL_OUT = re.compile(
    r"^([ \t>*+-]{0,12})\[!(\w[\w -]{0,30})(?:\|[^\[\]\n]{0,100})?\][+-]?[ \t]*([^\n]*)$", re.MULTILINE
)
# ``[TOC]``, ``[[_TOC_]]``: a table of contents stands there. ``(name)=``: the next heading can be referred to.
_CONTENTS = re.compile(
    r"^[ \t]{0,3}(?:@?\[toc\](?:\([^()\n]{0,100}\))?|\[\[_?toc_?\]\])[ \t]*$|^\([\w:.-]{2,80}\)=[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
COMMENT = re.compile(
    r"^[ \t]{0,8}%%[ \t]*\n(?:(?![ \t]{0,8}%%[ \t]*$)[^\n]*\n){0,2000}?[ \t]{0,8}%%[ \t]*$"
    r"|^>[ ]?%%[ \t]*\n(?:>(?![ ]?%%[ \t]*$)[^\n]*\n){0,2000}?>[ ]?%%[ \t]*$"
    r"|^[ \t]{0,8}%%[^%\n]{1,1000}\n(?:(?![^%\n]{0,1000}%%)[^\n]*\n){0,2000}?[^%\n]{0,1000}(?<![\w%])%%[ \t]*$"
    r"|(?<![\w%])%%(?!%)[^%\n]{1,1000}%%(?![\w%])",
    re.MULTILINE,
)
"""Comments of Obsidian: lines between two of ``%%``, in a quotation too, after which its plug-ins put a name
(``%% kanban:settings``), or ``%%within a line%%``."""
# ``[[note]]``, ``[[note#heading|text]]``, ``![[image.png|300]]``.
_WIKI = re.compile(
    r"!?(?<![A-Za-z0-9_)\]])(?<![A-Za-z0-9_)\]]!)\[\[(?=[^\s\[\]])((?:[^\[\]\n|\\]|\\(?!\|)){1,300})"
    r"(?:\\?\|([^\[\]\n]{0,300}))?\]\](?![(\[])"
)
# Names that programs give to pictures, which tell nothing: ``![image-20230101](a.png)``, ``![[Pasted image 1.png]]``.
_BY_PROGRAM = (
    r"(?:untitled|image|img|alt text|screen ?shot|pasted (?:image|graphic)|rw-book-cover|bildschirmfoto"
    r"|capture d.écran|captura de pantalla|屏幕快照|屏幕截图|截屏|截图|图片|图片描述|在这里插入图片描述|输入图片说明"
    r"|스크린샷|이미지)"
    r"(?:[-_ .:,()\d\u202f]|at|[ap]m|[上下]午|오[전후]){0,60}(?:\.(?:png|jpe?g|gif|webp|bmp))?"
)
_NAMELESS = re.compile(
    rf"!(?:\[\[{_BY_PROGRAM}(?:\|[\dx ]{{1,20}})?\]\]|(?P<text>\[{_BY_PROGRAM}\])(?=\())", re.IGNORECASE
)
# A file whose name has blanks, as editors take it: ``![A dam](/a folder/dam.png)``.
_FILE = re.compile(
    r"(?<!file:: )!?\[([^\[\]\n]{0,300})\]\((?=[^()\n]{0,300} )(?:[^()<>\n\"]|\([^()\n]{0,60}\)){1,400}"
    r"\.(?:png|jpe?g|gif|svg|webp|bmp|pdf|md|docx?)\)",
    re.IGNORECASE,
)
# ``[[Ada Example]][[Bo Sample]]``: links side by side, where code has ``x[[1]][[2]]``.
_SIDE_BY_SIDE = re.compile(r"(?<![\w)\]])\[\[[^\[\]\n]{1,300}\]\](?:\[\[[^\[\]\n]{1,300}\]\])+")
# ``[text]([[note]])`` and ``[text](((block)))`` of Logseq and Roam.
_NAMED_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\((?:\[\[[^\[\]\n]{1,300}\]\]|\(\([\w-]{9,36}\)\))\)")
# Of an image: ``300x200``.
_SIZE = re.compile(r"[\dx ]*")
_HIGHLIGHT = re.compile(
    r"(?<![A-Za-z0-9_=])==(?=[^\s=])([^=\n]{1,500}?)(?<=\S)==(?![A-Za-z0-9_=])|(?<!\^)\^\^(?=[^\s^])([^^\n]{1,500}?)(?<=\S)\^\^"
)
# ``^block-id`` at the end of a line.
_BLOCK_ID = re.compile(r"(?:^|[ \t])\^(?=[a-z]{0,20}-|[A-Za-z-]{0,20}\d)[A-Za-z\d-]{4,40}[ \t]*$", re.MULTILINE)
# ``^1^``, raised by Pandoc.
_RAISED = re.compile(r"\^(?<!\^\^)([\w,*†‡]{1,9})\^(?![\w^])")
_INLINE_NOTE = re.compile(r"(?<=\S)\^\[(?=[^\[\]\n]{0,100} )([^\[\]\n]{1,1000})\](?!\()")
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Logseq's own properties: ``id:: UUID``.
_PROPERTY = re.compile(
    rf"^[ \t>*+-]{{0,40}}(?:collapsed:: (?:true|false)|id:: {_UUID}"
    r"|(?:hl-[a-z-]{2,20}|ls-type|background-color|card-[a-z-]{2,30}|logseq\.[\w.-]{1,60}|file-path)::[^\n]*)$",
    re.MULTILINE,
)
# ``file:: [name.pdf](file://C:\a folder\name.pdf)``, above the annotations of a PDF: a link, blanks and all.
_PDF = re.compile(r"^[ \t>*+-]{0,40}file:: \[([^\n]{1,300})\]\([^\n]{1,1000}\)[ \t]*$", re.MULTILINE)
_BLOCK_REFERENCE = re.compile(rf"\(\((?:{_UUID}|(?=[\w-]*(?:\d|[a-z][A-Z]))[\w-]{{9}})\)\)")  # Roam's have 9 letters
# Org, which Logseq writes too: a drawer with times worked, the marks around a block and around properties.
_ORG = re.compile(
    r"^[ \t*-]{0,40}:LOGBOOK:[ \t]*\n(?:[^\n]*\n){0,50}?[ \t]*:END:[ \t]*$"
    r"|^[ \t>*+-]{0,40}(?:#\+(?:BEGIN|END)_[A-Za-z]{2,20}|:(?:PROPERTIES|END):)[ \t]*$",
    re.MULTILINE,
)
# ``+++ {"part": "abstract"}``, between the cells of MyST's notebooks.
_CELL = re.compile(r"^[ \t]{0,3}\+\+\+(?:[ \t]*\{[^{}\n]{0,300}\})?[ \t]*$", re.MULTILINE)


def may_have_marks(text: str) -> bool:
    """Whether there may be marks in a text that has none of Markdown and LaTeX."""
    return any(first in text and sign in text for first, sign in _SIGNS)


def without_marks(text: str) -> str:
    """``text`` without the marks of editors and generators."""
    if ":::" in text:
        text = _OPTION.sub("", _BLOCK.sub(_block, text))
    if "{" in text and _BRACES.search(text):
        text = _without_braces(text)
    if "!!!" in text or "???" in text:
        text = _MKDOCS.sub(lambda found: f"{found[2] or found[1].capitalize()}\n", text)
    if "===" in text:
        text = _TAB.sub(r"\1\n", text)
    if "[" in text or ")=\n" in text:
        text = _without_brackets(text)
    if "%%" in text:
        text = COMMENT.sub("", text)
    if "==" in text or "^^" in text:
        text = _HIGHLIGHT.sub(lambda found: found[1] or found[2], text)
    if "^[" in text:
        text = _INLINE_NOTE.sub(r" (\1)", text)
    if "^" in text:
        text = _RAISED.sub(r"\1", text)
    if " ^" in text or "\n^" in text:
        text = _BLOCK_ID.sub("", text)
    if "::" in text:
        text = _PDF.sub(r"\1", _PROPERTY.sub("", text))
    if "((" in text:
        text = _BLOCK_REFERENCE.sub("", text)
    if ":END:" in text or "#+" in text:
        text = _ORG.sub("", text)
    if "+++" in text:
        text = _CELL.sub("", text)
    return text


def without_hidden(text: str) -> str:
    """``text`` without comments, scripts and styles of HTML, and with what shortcodes show."""
    for opening, closing in _HIDDEN:
        if opening[0] in text and opening in text:
            text = _without(text, opening, closing)
    return text


def _without(text: str, opening: str, closing: str) -> str:
    """``text`` without what stands between two marks, and without the marks: where these begin a line of its own also
    over paragraphs. The next closing mark, and where the paragraph ends, are looked for once for all the opening marks
    before them."""
    kept, at, looked = [], 0, 0
    end = paragraph_end = -1
    while (start := text.find(opening, looked)) >= 0:
        looked = start + len(opening)
        if end < looked and (end := text.find(closing, looked)) < 0:
            break
        before = text[max(0, start - 4) : start].rpartition("\n")
        if before[2].strip() or not (before[1] or start < 4):
            if paragraph_end < start:
                between = paragraphs.BETWEEN.search(text, start)
                paragraph_end = between.start() if between else len(text)
            if paragraph_end < end:
                continue
        kept.append(text[at:start])
        if opening[0] == "{":
            kept.append(shown(text[start:end]))
        at = looked = end + len(closing)
    return " ".join([*kept, text[at:]])


def captions(tag: str) -> str:
    """What the tag of a figure and its like shows: captions, titles, and texts in place of images."""
    found = (_ESCAPED_QUOTE.sub(r"\1", text[1] or text[2]) for text in _CAPTION.finditer(tag))
    return " ".join(dict.fromkeys(found))


def shown(tag: str) -> str:
    """What a tag of a generator's or a shortcode may show: captions, else what is quoted and has blanks, and words that
    no program is written in. A reference to another page shows nothing."""
    if _PAGE.match(tag):
        return ""
    quoted = (text for pair in _QUOTED.findall(tag) for text in pair if " " in text and "=" not in text)
    words = (word.strip("\"'") for word in tag.split() if not word.isascii() and "/" not in word and "." not in word)
    return captions(tag) or " ".join(quoted) or " ".join(words)


def _without_braces(text: str) -> str:
    if "{%" in text:
        text = _LIQUID.sub(_liquid, _COMMENT_TAGS.sub("", text))
    if "{{" in text:
        text = _OUTPUT.sub(_captions, text)
    if "{+" in text or "{-" in text or "{=" in text or "{>" in text or "{~" in text:
        text = _CRITIC_CHANGE.sub(r"\1 \2", _CRITIC.sub(r"\1", text))
    for _ in range(_MOST_SPANS if "]{" in text else 0):
        text = _SPAN.sub(r"\1", text)
    return ATTRIBUTES.sub(_captions, text)


def _captions(found: re.Match[str]) -> str:
    shown = captions(found[0])
    return f" {shown} " if shown else ""


def _liquid(found: re.Match[str]) -> str:
    titled = _TITLED.match(found[0])
    return titled[1] if titled else shown(found[0])


def _block(found: re.Match[str]) -> str:
    """The title of a block that begins, nothing where it ends."""
    named = _NAMED_BLOCK.fullmatch(found[1].strip())
    if named is None:
        return f"{found[1]}\n"
    attributes, after, name, bracketed, title = (part or "" for part in named.groups())
    title = bracketed or title or after or ("" if "_" in name else name.capitalize())
    is_file = " " not in title and ("/" in title or "." in title[1:-1])
    return f"{captions(attributes) or ('' if is_file else title)}\n"


def _without_brackets(text: str) -> str:
    text = _CONTENTS.sub("", text)
    if "[!" in text:
        text = _CALL_OUT.sub(lambda found: f"{found[1]}{found[3] or found[2].capitalize()}\n", text)
    if "![" in text:
        text = _NAMELESS.sub(lambda found: "![]" if found["text"] else "", text)
    text = _FILE.sub(r"\1", text) if "](" in text else text
    text = _NAMED_LINK.sub(r"\1", text) if "](((" in text or "]([[" in text else text
    if "]][[" in text:
        text = _SIDE_BY_SIDE.sub(lambda found: found[0].replace("]][[", "]] [["), text)
    return _WIKI.sub(_target, text) if "[[" in text else text


def _target(found: re.Match[str]) -> str:
    """What a link to a note shows: its text, else the note and the heading in it."""
    if found[2] and not _SIZE.fullmatch(found[2]):
        return found[2]
    note, _, place = found[1].partition("#")
    note = note.strip()
    return note if place[:1] in ("", "^") and note else " > ".join(filter(None, (note, place.replace("#", " > "))))
