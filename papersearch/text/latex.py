"""LaTeX as the text that it prints: accents, symbols, formulas in a line of plain characters.

Strings in, strings out, in time linear in the text. What is no LaTeX that is known stays as it is.
"""

from __future__ import annotations

import re
import unicodedata

from papersearch.core.caches import cached_if_short
from papersearch.text.symbols import ACCENTS, BLANK, DROPPED, LOWERED, RAISED, SILENT, SYMBOLS

# A formula: what stands between dollars as Pandoc reads them (no blank inside next to a dollar, no digit after), or
# between dollars with a command inside. Bounded, so that a stray dollar costs little.
_DOLLARS = re.compile(r"\$\$?(?=\S)([^$]{1,600}?)(?<=\S)\$\$?(?!\d)|\$([^$\\]{0,200}\\[^$]{1,400})\$")
_RELATION = re.compile(r"\$([<>=~+-]{1,2})\$")
_BRACKET = re.compile(r"\\[(\[]")
_CLOSING = {"\\(": "\\)", "\\[": "\\]"}
_LONGEST = 600
"""Characters of the longest formula (chosen: what is longer is no formula but a bracket that nobody closed)."""
_MATH_ACCENTS = {"acute": "'", "grave": "`"}
_ACCENT = re.compile(
    r"""\\(?:(['"`^~]|[=.](?=\S))|([uvHcdbrk])(?=[\s{\\])|(acute|grave)(?=\{))\s?"""
    r"""(?:\{\s?\\?([A-Za-zı])\s?\}|\\?([A-Za-z]))"""
)
_BRACED_ACCENT = re.compile(r"\{(\\['\"`^~=.uvHcdbrk]\s?\{?\\?[A-Za-z]\}?)\}")
_LINK = re.compile(
    r"\\href\s{0,3}\{([^{}]{0,2000})\}\s{0,3}\{([^{}]{0,2000})\}|\\(?:url|path)\s{0,3}\{([^{}]{0,2000})\}"
)
_UNICODE = re.compile(r"\\unicode\{x([0-9A-Fa-f]{1,6})\}")
_INNER = r"\{((?:[^{}]|\{[^{}]{0,100}\}){1,200})\}"
_FRACTION = re.compile(rf"\\[td]?frac\s?(?:{_INNER}|(\d))\s?(?:{_INNER}|(\d))")
_ROOT = re.compile(rf"\\sqrt\s?{_INNER}")
_COMPOUND = re.compile(r".[-+/=±−]|\\(?:pm|mp|cdot|times|[td]?frac|sum)(?![A-Za-z])", re.DOTALL)
_DROPPED = re.compile(
    rf"\s?\\(?:{'|'.join(sorted(DROPPED, key=len, reverse=True))})(?![A-Za-z])\*?"
    r"(?:\[[^\[\]]{0,200}\])*(?:\{[^{}]{0,500}\})*"
)
_SIGN_OF_DROPPED = re.compile(rf"\\(?:{'|'.join(sorted(DROPPED))})")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?[ ]?")
_SCRIPT = re.compile(r"([_^])\s?(?:\{([^{}]{1,100})\}|([^\s{}\\_^$(]))")
_ESCAPED = re.compile(r"\\(?<!\\\\)([%&_#${}*])")
_SYMBOL = re.compile(r"\\[A-Za-z]{1,20}")
_ENCLOSED = re.compile(r"\([^()]*\)")
_GROUP = re.compile(r"\{(?<![_^]\{)(?<![_^]\s\{)([^{}]*)\}")
_SOFT_HYPHEN = re.compile(r"\\-(?<=[a-z]..)(?=[a-z])")
_SPACING = re.compile(r"\\[,;:!>/ ]|\\\\|\\$")
# A blank that does not break; not the range of ``5~10``, and not what struck text is marked with.
# These begin with the mark, and look back over it, because a mark is found at full speed.
_TIE = re.compile(r"~(?:(?<=[^\W\d_]~)(?=[\w\\$(])|(?<=[.,)\]}$%]~)(?=[\w\\$(])|(?<=\d~)(?=[^\W\d_\\]))")
_LOST_TIE = re.compile(r"~(?<=\w~)(?=[.,;:)]|\s|$)")
_QUOTED = re.compile(r"``([^`'\"\n]{1,300})(?:''|\")")
_SINGLE_QUOTED = re.compile(r"(?<![\w`'])`([^`'\n]{1,200})'(?![\w`'])")
_DASHES = re.compile(r"--(?:(?<=[\w)\"”]--)-?(?=\w)|(?<=\S[ \t]--)-?(?=\s)|(?<=\n--)-?(?=[ \t]\S))")


# What Markdown could take for its marks in a formula, and LaTeX for its own where it is escaped, wait as characters of
# private use until Markdown is done.
_GUARDED = "_*`[]%&#${}"
_GUARD = str.maketrans({mark: chr(0xE000 + ord(mark)) for mark in "_*`[]"})
_GUARDS = [chr(0xE000 + ord(mark)) for mark in _GUARDED]
# What must stand in a text for anything to be done before its formulas are read; most commands stand in these.
_BEFORE_FORMULAS = re.compile(
    r"""\\(?:[%&_#${}*('"`^~=.\[-]|href|url|path|unicode|acute|grave|[uvHcdbrk](?:(?=[\s{\\])|(?<=\{\\.)(?=[A-Za-z]\})))"""
)


def to_text(text: str) -> str:
    """``text`` with its LaTeX as it reads when printed. Marks within formulas are guarded until ``unguard``."""
    if "\\" in text and _BEFORE_FORMULAS.search(text):
        text = _ESCAPED.sub(lambda found: chr(0xE000 + ord(found[1])), text)
        text = _SOFT_HYPHEN.sub("", _LINK.sub(_link, text))
        text = _UNICODE.sub(_code_point, text)
        text = _ACCENT.sub(_accent, _BRACED_ACCENT.sub(r"\1", text))
        text = _bracketed(text)
    if "$" in text:
        text = _RELATION.sub(r"\1", text)
        text = _DOLLARS.sub(lambda found: _formula(found[1] or found[2]), text)
    if "\\" in text:
        text = _commands(text)
    if "--" in text:
        text = _DASHES.sub(lambda found: "—" if "---" in found[0] else "–", text)
    if "`" in text:
        text = _SINGLE_QUOTED.sub(r"‘\1’", _QUOTED.sub(r"“\1”", text))
    if "~" in text:
        text = _LOST_TIE.sub("", _TIE.sub(" ", text))
    return text


def unguard(text: str) -> str:
    """Marks that ``to_text`` guarded, as they were."""
    if not text.isascii():
        for guard in _GUARDS:
            if guard in text:
                text = text.replace(guard, chr(ord(guard) - 0xE000))
    return text


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
    if "\\" in text:
        text = _commands(text, formula=True)
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


def _commands(text: str, formula: bool = False) -> str:
    """``text`` with its commands replaced; the braces of their arguments go as well."""
    if _SIGN_OF_DROPPED.search(text):
        text = _DROPPED.sub("", text)
    for _ in range(3):
        if "frac" not in text:
            break
        text = _FRACTION.sub(lambda found: f"{_side(found[1] or found[2])}/{_side(found[3] or found[4])}", text)
    text = _ROOT.sub(_root, text)
    before = text
    text = _COMMAND.sub(_command, text)
    if text != before and not formula:
        text = _SCRIPT.sub(_script, text) if "_{" in text or "^{" in text else text
    text = _SPACING.sub(" ", text)
    if not formula and before != text:
        text = text.replace("{", "").replace("}", "")
    return text


def _side(text: str) -> str:
    """One side of a fraction: in parentheses where it would be read otherwise in one line."""
    text = text.strip()
    return f"({text})" if _COMPOUND.search(text) else text


def _root(found: re.Match[str]) -> str:
    content = found[1].strip()
    return f"√{content if len(content) == 1 or content.isdigit() or _SYMBOL.fullmatch(content) else f'({content})'}"


def _command(found: re.Match[str]) -> str:
    name = found[1]
    if name in SYMBOLS:
        # The blank after a symbol ends the command's name and is not printed, but between words it reads better.
        return SYMBOLS[name] + (" " if found[0].endswith(" ") and name not in ("i", "j") else "")
    if name in SILENT:
        return ""
    if name in BLANK:
        return " "
    return name + (" " if found[0].endswith(" ") else "")
