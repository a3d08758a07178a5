r"""BibTeX entries that bibtex, biber and pybtex accept: ``@misc`` with ``eprint``, in ASCII where LaTeX can.

Braces are counted by bibtex even behind a backslash, so none of a title's own reaches the file: they are named. Letters
that LaTeX has no name for (Chinese, say) stay UTF-8, which XeLaTeX and LuaLaTeX set with a font that has them.
Ogonek, eth and thorn want ``\usepackage[T1]{fontenc}``, as everywhere in LaTeX.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from unicodedata import combining, decomposition, normalize

from papersearch.core.records import Hit, Paper
from papersearch.text import display
from papersearch.text.citations import is_arxiv

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$", "&": r"\&",
    "#": r"\#", "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': '{"}',
    "ß": r"{\ss}", "æ": r"{\ae}", "Æ": r"{\AE}", "œ": r"{\oe}", "Œ": r"{\OE}", "ø": r"{\o}", "Ø": r"{\O}",
    "ł": r"{\l}", "Ł": r"{\L}", "å": r"{\aa}", "Å": r"{\AA}", "ı": r"{\i}", "ȷ": r"{\j}", "đ": r"{\dj}", "Đ": r"{\DJ}",
    "ð": r"{\dh}", "Ð": r"{\DH}", "þ": r"{\th}", "Þ": r"{\TH}", "¡": r"!`", "¿": r"?`", "§": r"{\S}", "¶": r"{\P}",
    "©": r"{\copyright}", "®": r"\textregistered{}", "™": r"\texttrademark{}", "£": r"{\pounds}",
    "€": r"\texteuro{}", "·": r"\textperiodcentered{}", "•": r"\textbullet{}", "°": r"\textdegree{}",
    "–": "--", "—": "---", "‐": "-", "‑": "-", "−": "$-$", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\ldots{}",
    "\u00a0": "~", "\u2009": r"\,", "\u202f": r"\,", "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "",
    "\u200e": "", "\u200f": "", "\u061c": "", "\u00ad": r"\-", "\ufffc": "",
    "´": r"\'{}", "¨": r"\"{}", "¯": r"\={}", "¸": r"\c{}",
    "¼": r"$\frac{1}{4}$", "½": r"$\frac{1}{2}$", "¾": r"$\frac{3}{4}$",
}  # fmt: skip
_MATH = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho",
    "σ": "sigma", "ς": "varsigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "ϕ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "ϵ": "epsilon", "ϑ": "vartheta", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda",
    "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "ℓ": "ell",
    "∞": "infty", "×": "times", "÷": "div", "±": "pm", "≤": "leq", "≥": "geq", "≠": "neq", "≈": "approx",
    "∼": "sim", "→": "rightarrow", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow", "∈": "in",
    "∑": "sum", "∏": "prod", "∫": "int", "√": "surd", "∂": "partial", "∇": "nabla", "∀": "forall", "∃": "exists",
    "⊗": "otimes", "⊕": "oplus", "∘": "circ", "∩": "cap", "∪": "cup", "⊂": "subset", "⊆": "subseteq", "∝": "propto",
    "∗": "ast", "⊘": "oslash", "†": "dagger", "‡": "ddagger", "★": "star", "☆": "star", "¬": "neg",
}  # fmt: skip
_GREEK = re.compile("([\u0370-\u03ff\u1f00-\u1fff]+)")
_GREEK_TEXT = re.compile("[Ά-ΐΑΒΕΖΗΙΚΜΝΟΡΤΧΪ-ΰοϊ-ώ\u1f00-\u1fff]")  # letters that formulas do not have
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0328": "k",
    "\u0331": "b", "\u0332": "b",
}  # fmt: skip
_RAISED = re.compile("<(super|sub)>")  # of R² and H₂O, which are not R2 and H2O
_BELOW = "\u0323\u0327\u0328\u0331"  # accents that stand under their letter, which keeps its dot
_DOTLESS = {"i": r"\i", "j": r"\j", "ı": r"\i", "ȷ": r"\j"}
_PLAIN_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
     "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i"}
)  # fmt: skip
# Words of a title that no key is made of, as in well-known bibliographies (chosen).
_SKIPPED = frozenset(
    ("a", "an", "the", "on", "of", "in", "for", "to", "at", "from", "with", "by", "towards", "toward", "is", "are")
)
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
# Companies, people with titles behind their names, and groups: what BibTeX would take for their last name is none.
_UNDIVIDED = re.compile(
    r", ?(?:Inc|Ltd|LLC|GmbH|Corp|Ph\.?D|M\.?D|MSc|BSc)\b|\w (?:Team|Collaboration|Consortium|Group|Labs?|Foundation|"
    r"Institute|University|Community|Initiative|Project)$|\w (?:Institute|University|Academy|Center|Centre) (?:for|of) "
)


def escape(text: str) -> str:
    """The text as LaTeX that prints it, its braces balanced."""
    text = normalize("NFC", display.one_line(text))
    if _GREEK_TEXT.search(text):
        return "".join([part if place % 2 else escape(part) for place, part in enumerate(_GREEK.split(text))])
    return "".join(map(_escaped, _clusters(text)))


def _clusters(text: str) -> list[str]:
    """The text's characters, each with the combining marks that follow it."""
    found: list[str] = []
    for character in text:
        if found and combining(character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _escaped(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isascii():
        return character
    if character in _MATH:
        return rf"\ensuremath{{\{_MATH[character]}}}"
    base, *marks = list(normalize("NFD", character))
    if marks and (base.isascii() or base in "ıȷ") and base.isalpha() and all(mark in _ACCENTS for mark in marks):
        letter = base if marks[0] in _BELOW else _DOTLESS.get(base, base)
        for mark in marks:
            letter = rf"\{_ACCENTS[mark]}{{{letter}}}"
        return "{" + letter + "}"
    plain = normalize("NFKC", character)
    if plain == character or not plain.isprintable() or display.width(character) > 1:
        return character
    if raised := _RAISED.match(decomposition(character[0])):
        return rf"\text{raised[1]}script{{{escape(plain)}}}"
    return escape(plain) if plain.isascii() else character


def _folded(text: str) -> str:
    """The text's ASCII letters, digits, blanks and hyphens, without accents, in small letters."""
    plain = normalize("NFKD", text.translate(_PLAIN_LETTERS)).encode("ascii", "ignore").decode()
    return plain.lower()


def _last_name(author: str) -> str:
    """The last name of ``First Last``, ``Last, First`` or ``First Last Jr.``, as a key has it; empty if not Latin."""
    words = [re.sub(r"[^a-z0-9]", "", word) for word in _folded(author.split(",")[0]).split()]
    words = [word for word in words if word]
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    return words[-1] if words else ""


def key(paper: Hit | Paper) -> str:
    """The paper's key before it is made unique: first author's last name, year, first telling word of the title."""
    name = _last_name(paper.authors[0]) if paper.authors else ""
    apart = re.split(r"[\s\-‐–—:/]+", normalize("NFKD", paper.title))
    words = [re.sub(r"[^a-z0-9]", "", _folded(word)) for word in apart]
    words = [word for word in words if word]
    telling = [word for word in words if word not in _SKIPPED] or words
    last = telling[0] if telling else re.sub(r"[^a-z0-9]", "", _folded(paper.id))
    return (name or "anon") + (paper.published or "")[:4] + last


def keys(papers: Sequence[Hit | Paper]) -> list[str]:
    """A key for each paper, all different: those that would be the same get a, b, c, ... in order."""
    plain = [key(paper) for paper in papers]
    count = Counter(plain)
    taken = {name for name in plain if count[name] == 1}
    result = []
    for name in plain:
        number = 0
        unique = name
        while count[name] > 1 and (unique == name or unique in taken):
            number += 1
            unique = name + _letters(number)
        taken.add(unique)
        result.append(unique)
    return result


def _letters(number: int) -> str:
    """a for 1, z for 26, aa for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _author(name: str) -> str:
    """One name as a list of authors has it, braced where it could be taken for several or for a list of name parts."""
    name = " ".join(name.split())
    whole = name.count(",") > 1 or re.search(r"\band\b", name, re.IGNORECASE) or name.lower() == "others"
    if whole or _UNDIVIDED.search(name):
        return "{" + escape(name) + "}"
    return escape(_suffix_second(name))


def _suffix_second(name: str) -> str:
    """``Martin van Example, Jr.`` as ``van Example, Jr., Martin``, where alone BibTeX takes ``Jr.`` for a suffix."""
    words = name.replace(",", " ").split()
    if len(words) < 3 or words[-1].rstrip(".").lower() not in _SUFFIXES:
        return name
    start = len(words) - 2
    while start > 1 and words[start - 1][0].islower():
        start -= 1
    return f"{' '.join(words[start:-1])}, {words[-1]}, {' '.join(words[:start])}"


def _address(url: str) -> str:
    """The address with what would end a BibTeX field or a ``\\url`` percent-encoded, as addresses allow."""
    return re.sub(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]", lambda m: _percent(m[0]), url)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogateescape"))


def _submitted(paper_id: str) -> str:
    """The month that an id of arXiv says, where the post has no date: styles warn if there is no year."""
    found = is_arxiv(paper_id) and re.search(r"(\d\d)(\d\d)(?:\.\d+|\d{3})$", paper_id)
    return f"{'19' if found[1] > '90' else '20'}{found[1]}-{found[2]}" if found else ""


def entry(paper: Hit | Paper, name: str | None = None) -> str:
    """One ``@misc`` entry, newline included. What is not known is left out."""
    title = escape(" ".join((paper.title or paper.id).split()))
    fields: list[tuple[str, str]] = [("title", "{{" + title + "}}")]
    authors = [_author(author) for author in paper.authors if author.strip()]
    if authors:
        fields.append(("author", "{" + " and ".join([*authors, *(["others"] if paper.et_al else [])]) + "}"))
    else:
        fields.append(("key", "{{" + title + "}}"))  # what styles sort by where nobody is named; without it they warn
    if published := paper.published or _submitted(paper.id):
        year, _, rest = published.partition("-")
        fields.append(("year", "{" + escape(year) + "}"))
        if rest[:2].isdecimal() and 1 <= int(rest[:2]) <= 12:
            fields.append(("month", _MONTHS[int(rest[:2]) - 1]))
    if is_arxiv(paper.id):
        fields += [("eprint", "{" + paper.id + "}"), ("archiveprefix", "{arXiv}")]
    elif _DOI.fullmatch(paper.id):
        fields.append(("doi", "{" + _address(paper.id) + "}"))
    if paper.url:
        fields.append(("url", "{" + _address(paper.url) + "}"))
    note = [f"Version {paper.version}"] if paper.version else []
    note += [paper.published] if paper.published else []
    if note:
        fields.append(("note", "{" + escape(", ".join(note)) + "}"))
    body = ",\n".join(f"  {label:13} = {value}" for label, value in fields)
    return f"@misc{{{name or key(paper)},\n{body}\n}}\n"


def entries(papers: Sequence[Hit | Paper]) -> list[str]:
    """An entry for each paper, their keys all different."""
    return [entry(paper, name) for paper, name in zip(papers, keys(papers), strict=True)]
