"""LaTeX as the text that it prints: accents, symbols, formulas in a line of plain characters.

Strings in, strings out, in time linear in the text. What is no LaTeX that is known stays as it is.
"""

from __future__ import annotations

import re
import unicodedata

from papersearch.core.caches import cached_if_short
from papersearch.text.code import guarded
from papersearch.text.symbols import ACCENTS, BLANK, DROPPED, LOWERED, RAISED, SILENT, SYMBOLS

# A formula: what stands between dollars as Pandoc reads them (no blank inside next to a dollar, no digit after), or
# between dollars with a command inside. Bounded, so that a stray dollar costs little.
_DOLLARS = re.compile(
    r"\$\$?(?=\S)([^$]{1,600}?)(?<=\S)\$\$?(?!\d)|\$\$(?=\s)([^$\n]{1,400}[\\^_=][^$\n]{1,400})\$\$"
    r"|\$([^$\\]{0,200}\\[^$]{1,400})\$"
)
# One that begins a line of its own may have many, also within its words: ``$$a \text{ if $b$}$$``.
_WORDED = r"\\(?:text\w{0,2}|mbox)\{[^{}$]{0,200}(?:\$[^$]{1,200}\$[^{}$]{0,200}){1,5}\}"
_DISPLAY = re.compile(rf"^([ \t>*+-]{{0,12}})\$\$((?:[^$]|{_WORDED}){{1,4000}})\$\$", re.MULTILINE)
# Where a formula begins or ends that has no dollars around it, as MathJax takes it.
_ENVIRONMENT = re.compile(
    r"\\(begin|end)\{((?:equation|align|alignat|gather|multline|eqnarray|flalign|displaymath)\*?)\}"
)
_LONGEST_DISPLAY = 4_000
_ALIGNMENT = re.compile(r"&(?!#?\w{1,10};)")
_RELATION = re.compile(r"\$([<>=~+-]{1,2})\$")
_BRACKET = re.compile(r"\\[(\[](?!\[[^\[\]\n]{0,200}\]\()")  # not around a link: ``\\[[code](...)\\]``
_CLOSING = {"\\(": "\\)", "\\[": "\\]"}
_LONGEST = 600
"""Characters of the longest formula (chosen: what is longer is no formula but a bracket that nobody closed)."""
_MATH_ACCENTS = {"acute": "'", "grave": "`"}
_ACCENT = re.compile(
    r"""\\(?:(['"`^~]|[=.](?=\S))|([uvHcdbrk])(?=[\s{\\])|(acute|grave)(?=\{))\s?"""
    r"""(?:\{\s?\\?([A-Za-zı])\s?\}|\\?([A-Za-z]))"""
)
_APOSTROPHE = re.compile(r"(?<=[A-Za-z])\\'(?=(?:s|t|re|ll|ve|d|m)\b)")  # of English, escaped by some program
# Quotation marks escaped likewise: an accent's letter would follow the second one too.
_ESCAPED_QUOTES = re.compile(r"""\\"(?<![^\s(\[{]\\")([^"\\\n]{1,300})\\"(?![A-Za-z{\\])""")
_BRACED_ACCENT = re.compile(r"\{(\\['\"`^~=.uvHcdbrk]\s?\{?\\?[A-Za-z]\}?)\}")
_LINK = re.compile(
    r"\\href\s{0,3}\{([^{}]{0,2000})\}\s{0,3}\{([^{}]{0,2000})\}|\\(?:url|path)\s{0,3}\{([^{}]{0,2000})\}"
)
_UNICODE = re.compile(r"\\unicode\{x([0-9A-Fa-f]{1,6})\}")
# What stands between braces, with braces within: ``{x_{N_{\\text{train}}}}`` is usual in formulas.
_WITHIN = r"[^{}]"
for _ in range(3):
    _WITHIN = rf"(?:[^{{}}]|\{{{_WITHIN}{{0,100}}\}})"
_INNER = rf"\{{({_WITHIN}{{1,200}})\}}"
_FRACTION = re.compile(rf"\\[tdc]?frac\s?(?:{_INNER}|(\d))\s?(?:{_INNER}|(\d))")
_ROOT = re.compile(rf"\\sqrt\s?{_INNER}")
_COMPOUND = re.compile(r".[-+/=±−]|\\(?:pm|mp|cdot|times|[td]?frac|sum)(?![A-Za-z])", re.DOTALL)
_DROPPED = re.compile(
    rf"\s?\\(?:{'|'.join(sorted(DROPPED, key=len, reverse=True))})(?![A-Za-z])\*?"
    r"(?P<beside>(?:\[[^\[\]]{0,200}\])*)(?:\{[^{}]{0,500}\})?"
)
# What a reference or the name of an environment has beside it, and is printed: ``\\cite[see also][]{x}``.
_BESIDE = re.compile(r"\[([^\[\]=]*[A-Za-z]{3}[^\[\]=]*)\]")
_SIGN_OF_DROPPED = re.compile(rf"\\(?:{'|'.join(sorted(DROPPED))})")
_COMMAND = re.compile(r"\\([A-Za-z]+)(?:\*(?=[{\[ ]))?[ ]?")
_NOTE = re.compile(r"\s?\\(?:footnote(?:text)?|thanks)\s?(?:\[\d{1,3}\])?\s?\{")
# Braces of what is no command that is known, and of ``/{user}`` behind a word: they are printed.
_OPENING = re.compile(
    r"\\([A-Za-z]{1,40})\*?(?:\[[^\[\]{}]{0,200}\])?\{(?=[^{}\n]{0,200}\w)|(?<=[^\W_])\{(?=[^{}\\\n]{2,200}\})"
)
_BRACE = re.compile(f"[{{}}{guarded('{(')}]")
_CLOSED_BY = {"{": "", guarded("{"): guarded("}"), guarded("("): ")"}
_PRINTED = guarded("{"), guarded("(")  # what opens, and is printed with what closes it
_GLUED = re.compile(r"(?<=\w)\}\{(?=\w)")
# A file's place as Windows writes it; ``$f:\\mathcal{X}$`` is not one.
_PATH = re.compile(r"(?<![\w\\$])[A-Za-z]:(?:\\(?P<first>[\w.-]{2,100}))(?:\\[\w.-]{1,100}){0,30}(?![\w{^])")
_PATH_GOES_ON = re.compile(r"[^\W_]|/|\\[^\W\d_]")
_SIZES = frozenset("left right big Big bigg Bigg bigl bigr Bigl Bigr middle limits nolimits".split())
_SCRIPT = re.compile(r"([_^])\s?(?:\{([^{}]{1,100})\}|([^\s{}\\_^$(]))")
_ESCAPED = re.compile(r"\\(?<!\\\\)([%&_#${}*])")
_SYMBOL = re.compile(r"\\[A-Za-z]{1,20}")
_ENCLOSED = re.compile(r"\([^()]*\)")
_GROUP = re.compile(r"\{(?<![_^]\{)(?<![_^]\s\{)([^{}]*)\}")
_SPACING = re.compile(r"\\[,;:!>/ ]|\\\\|\\$")
# A blank that does not break; not the range of ``5~10``, and not what struck text is marked with.
# These begin with the mark, and look back over it, because a mark is found at full speed.
_TIE = re.compile(r"~(?:(?<=[^\W\d_]~)(?=[\w\\$(])|(?<=[.,)\]}$%]~)(?=[\w\\$(])|(?<=\d~)(?=[^\W\d_\\]))")
_LOST_TIE = re.compile(r"~(?<=\w~)(?=[.,;:)]|\s|$)")
_QUOTED = re.compile(r"``([^`'\"\n]{1,300})(?:''|\")")
_SINGLE_QUOTED = re.compile(r"(?<![\w`'])`([^`'\n]{1,200})'(?![\w`'])")
_DASHES = re.compile(r"--(?:(?<=[\w)\"”]--)-?(?=\w)|(?<=\S[ \t]--)-?(?=\s)|(?<=\n--)-?(?=[ \t]\S))")

# What Markdown could take for its marks in a formula, and LaTeX for its own where it is escaped, is guarded until
# Markdown is done.
_GUARD = str.maketrans({mark: guarded(mark) for mark in "_*`[]"})
# What must stand in a text for anything to be done before its formulas are read; most commands stand in these.
_BEFORE_FORMULAS = re.compile(
    r"""\\(?:[%&_#${}*('"`^~=.\[-]|href|url|path|unicode|acute|grave|[uvHcdbrk](?:(?=[\s{\\])|(?<=\{\\.)(?=[A-Za-z]\})))"""
)


def to_text(text: str) -> str:
    """``text`` with its LaTeX as it reads when printed. Marks within formulas are guarded."""
    if ":\\" in text:
        text = _PATH.sub(_path, text)
    if "\\" in text and _BEFORE_FORMULAS.search(text):
        text = _ESCAPED.sub(lambda found: guarded(found[1]), text)
        text = _LINK.sub(_link, text)
        text = _ESCAPED_QUOTES.sub(r'"\1"', _APOSTROPHE.sub("'", _UNICODE.sub(_code_point, text)))
        text = _ACCENT.sub(_accent, _BRACED_ACCENT.sub(r"\1", text))
        text = _bracketed(text)
    if "$" in text:
        text = _RELATION.sub(r"\1", text)
        if "$$" in text:
            text = _DISPLAY.sub(lambda found: found[1] + _formula(found[2]), text)
        text = _DOLLARS.sub(_between_dollars, text)
    if "\\" in text:
        text = _environments(text) if "\\begin{" in text else text
        text = _commands(text)
    if "--" in text:
        text = _DASHES.sub(lambda found: "—" if "---" in found[0] else "–", text)
    if "`" in text:
        text = _SINGLE_QUOTED.sub(r"‘\1’", _QUOTED.sub(r"“\1”", text))
    if "~" in text:
        text = _LOST_TIE.sub("", _TIE.sub(" ", text))
    return text


def _environments(text: str) -> str:
    """``text`` with the formulas between ``\\begin{align}`` and ``\\end{align}`` as they read."""
    kept: list[str] = []
    at, opened = 0, None
    for found in _ENVIRONMENT.finditer(text):
        if found[1] == "begin":
            opened = found
        elif opened and opened[2] == found[2] and found.start() - opened.end() <= _LONGEST_DISPLAY:
            kept += (text[at : opened.start()], _formula(text[opened.end() : found.start()]))
            at, opened = found.end(), None
    return "".join([*kept, text[at:]]) if kept else text


def _between_dollars(found: re.Match[str]) -> str:
    text = found[1] or found[2] or found[3]
    before, after = found.string[max(0, found.start() - 1) : found.start()], found.string[found.end() : found.end() + 1]
    is_apart = text[-1].isspace() and (after.isalnum() or after == "$")
    return " " * (text[0].isspace() and before.isalnum()) + _formula(text) + " " * is_apart


def _path(found: re.Match[str]) -> str:
    first, before = found["first"], found.string[max(0, found.start() - _LONGEST) : found.start()]
    is_formula = first in SYMBOLS or first in SILENT or before.rpartition("\n")[2].count("$") % 2 == 1
    return found[0] if is_formula else guarded(found[0])


def _link(found: re.Match[str]) -> str:
    if found[3] is not None:
        return found[3]
    address, label = found[1], found[2].strip()
    return address if not label or label in address else label


def _code_point(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else ""


def _accent(found: re.Match[str]) -> str:
    mark = found[1] or found[2] or _MATH_ACCENTS[found[3]]
    letter = unicodedata.normalize("NFC", (found[4] or found[5]) + ACCENTS[mark])
    return letter if len(letter) == 1 or found[4] else found[0]  # \"quoted\" has no accents


def _bracketed(text: str) -> str:
    """``text`` with the formulas between ``\\(`` and ``\\)``, or ``\\[`` and ``\\]``, as they read.

    The next closing bracket is looked for once for all the opening ones before it."""
    kept: list[str] = []
    at = 0
    ends = dict.fromkeys(_CLOSING, 0)
    for found in _BRACKET.finditer(text):
        start, inner = found.span()
        opening = found[0]
        if start < at or ends[opening] < 0:
            continue
        if ends[opening] <= inner:
            ends[opening] = text.find(_CLOSING[opening], inner + 1)
        end = ends[opening]
        if inner < end <= inner + _LONGEST:
            kept += (text[at:start], _formula(text[inner:end]))
            at = end + 2
    return "".join([*kept, text[at:]]) if kept else text


@cached_if_short(4_096)  # half of the formulas of posts are such as ``n`` and ``\\epsilon``
def _formula(text: str) -> str:
    """A formula in one line of plain characters."""
    text = text.replace("$", "")
    if "&" in text:
        text = _ALIGNMENT.sub(" ", text)
    if "\\" in text:
        text = _SPACING.sub(" ", _COMMAND.sub(_command_of_formula, _without_arguments(text)))
    text = _GLUED.sub("} {", text) if "}{" in text else text
    for _ in range(5):
        if "{" not in text:
            break
        text = _GROUP.sub(r"\1", text)
    for _ in range(3):  # scripts of scripts of scripts are rare, and braces are gone after the inner ones
        shorter = _SCRIPT.sub(_script, text) if "_" in text or "^" in text else text
        if shorter == text:
            break
        text = shorter
    text = " ".join(text.replace("{", "").replace("}", "").replace("~", " ").split())
    return text if text.isalnum() else text.translate(_GUARD)


def _script(found: re.Match[str]) -> str:
    """An index or exponent: small characters where there are such, else its mark and the text."""
    content = (found[2] or found[3]).strip()
    small = content.translate(LOWERED if found[1] == "_" else RAISED)
    if small != content and set(small).isdisjoint(content):
        return small
    if found[1] == "^" and content in ("′", "∘", "°", "∗", "*", "†"):
        return {"∘": "°"}.get(content, content)
    if len(content) > 1 and not content.isalnum() and not _ENCLOSED.fullmatch(content):
        content = f"({content})"
    return found[1] + content


def _without_arguments(text: str) -> str:
    """``text`` without the commands that are gone or replaced with their arguments: citations, fractions, roots."""
    if _SIGN_OF_DROPPED.search(text):
        text = _DROPPED.sub(_dropped, text)
    for _ in range(5):  # fractions within fractions
        if "frac" not in text:
            break
        text = _FRACTION.sub(lambda found: f"{_side(found[1] or found[2])}/{_side(found[3] or found[4])}", text)
    return _ROOT.sub(_root, text)


def _commands(text: str) -> str:
    """``text``, which is no formula, with its commands replaced; the braces of their arguments go as well."""
    before = text = _without_arguments(text)
    has_notes = False
    if "{" in text:
        if "\\foot" in text or "\\thanks" in text:
            text = _NOTE.sub(f" {guarded('(')}", text)
            has_notes = text != before
        text = before = _OPENING.sub(_opening, text)
    text = _COMMAND.sub(_command, text)
    if text != before:
        text = _SCRIPT.sub(_script, text) if "_{" in text or "^{" in text else text
    text = _SPACING.sub(" ", text)
    return _without_braces(text) if has_notes or text != before else text


def _dropped(found: re.Match[str]) -> str:
    beside = "".join(f" {text[1]}" for text in _BESIDE.finditer(found["beside"]))
    after = found.string[found.end() : found.end() + 1]
    return beside + " " * (after.isalnum() or after in ("[", "{"))


def _opening(found: re.Match[str]) -> str:
    """An opening brace, guarded where what stands before it is printed as well."""
    name = found[1]
    if name is None:
        return guarded("{")
    return found[0] if _is_known(name) else guarded(found[0])


def _without_braces(text: str) -> str:
    """``text`` without its braces, save for the guarded ones and those that close them."""
    opened: list[str] = []

    def closed(brace: re.Match[str]) -> str:
        if brace[0] == "}":
            return _CLOSED_BY[opened.pop()] if opened else ""
        opened.append(brace[0])
        return "" if brace[0] == "{" else brace[0]

    if "}{" in text:
        text = _GLUED.sub("} {", text)
    if "}" not in text or not any(opening in text for opening in _PRINTED):  # as most
        return text.replace("{", "").replace("}", "")
    return _BRACE.sub(closed, text)


def _side(text: str) -> str:
    """One side of a fraction: in parentheses where it would be read otherwise in one line."""
    text = text.strip()
    return f"({text})" if _COMPOUND.search(text) else text


def _root(found: re.Match[str]) -> str:
    content = found[1].strip()
    return f"√{content if len(content) == 1 or content.isdigit() or _SYMBOL.fullmatch(content) else f'({content})'}"


def _command(found: re.Match[str]) -> str:
    """What a command of LaTeX prints; what touches a path or a word is no command, and stays."""
    name = found[1]
    if name in SYMBOLS:
        # The blank after a symbol ends the command's name and is not printed, but between words it reads better.
        return SYMBOLS[name] + (" " if found[0].endswith(" ") and name not in ("i", "j") else "")
    if name in SILENT:
        return ""
    if name in BLANK:
        return " "
    before, is_apart = found.string[max(0, found.start() - 1) : found.start()], found[0].endswith(" ")
    goes_on = not is_apart and _PATH_GOES_ON.match(found.string, found.end())
    if goes_on or before.isalnum() or before in (":", "/"):
        return guarded("\\") + found[0][1:]  # what touches it is not LaTeX: ``docs\\otters``
    return name + " " * is_apart


def _command_of_formula(found: re.Match[str]) -> str:
    """The same in a formula, where a name is set apart from the letters around it."""
    name, text, end = found[1], found.string, found.end()
    if _is_known(name):
        return _command(found)
    before = " " if found.start() and text[found.start() - 1].isalpha() else ""
    following = _COMMAND.match(text, end)
    is_apart = found[0].endswith(" ") or (following and following[1] not in _SIZES) or text[end : end + 1] == "{"
    return before + name + (" " if is_apart else "")


def _is_known(name: str) -> bool:
    return name in SYMBOLS or name in SILENT or name in BLANK
