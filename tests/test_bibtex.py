"""BibTeX entries as pybtex and bibtex read them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papersearch.core.frozen import replace
from papersearch.output import bibtex
from tests.answers import ANSWER, BAD, QWEN, STEERING, UNKNOWN, written


def test_bibtex_is_read_by_pybtex_with_every_fact() -> None:
    from pybtex.database import parse_string

    database = parse_string(written("bibtex", replace(ANSWER, results=(QWEN, UNKNOWN, BAD))), "bibtex")
    qwen = database.entries["qwen2024qwen25"]
    assert qwen.type == "misc"
    assert qwen.fields["eprint"] == "2412.15115"
    assert qwen.fields["archiveprefix"] == "arXiv"
    assert qwen.fields["year"] == "2024"
    assert qwen.fields["month"] == "December"
    assert [str(person) for person in qwen.persons["author"]] == ["Qwen", "others"]
    assert qwen.fields["note"] == "Version 1, 2024-12-19"
    assert len(database.entries) == 3


@pytest.mark.skipif(shutil.which("bibtex") is None, reason="no bibtex on this machine")
def test_bibtex_itself_accepts_the_entries(tmp_path: Path) -> None:
    if shutil.which("kpsewhich") and subprocess.run(["kpsewhich", "plain.bst"], capture_output=True).returncode:
        pytest.skip("bibtex has no styles on this machine")
    (tmp_path / "refs.bib").write_text(written("bibtex"), "utf-8")
    (tmp_path / "t.aux").write_text("\\citation{*}\n\\bibstyle{plain}\n\\bibdata{refs}\n")
    done = subprocess.run(["bibtex", "t"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert not {"error", "warning"} & set(re.findall(r"[a-z]+", done.stdout.lower()))
    assert (tmp_path / "t.bbl").read_text("utf-8").count("\\bibitem") == 3


def test_bibtex_titles_print_as_they_are_read() -> None:
    from pybtex.richtext import Text

    title = "R&D at 100% of $x_1^2$: #1 ~ {a} Poincaré Žižek"
    latex = bibtex.escape(title)
    assert latex.isascii()
    assert latex.count("{") == latex.count("}")
    printed = str(Text.from_latex(latex))
    assert printed.startswith("R&D at 100% of ")  # pybtex's own reader knows the simple escapes and the accents only
    assert printed.endswith("Poincaré Žižek")
    assert latex.startswith(r"R\&D at 100\% of \$x\_1\textasciicircum{}2\$: \#1 \textasciitilde{} \textbraceleft{}a")
    assert bibtex.escape("é") == r"{\'{e}}"
    assert bibtex.escape("ï") == r"{\"{\i}}"
    assert bibtex.escape("Nguyễn") == r"Nguy{\~{\^{e}}}n"
    assert bibtex.escape("Thị") == r"Th{\d{i}}"  # what stands below a letter leaves it its dot
    assert bibtex.escape("ℓ₁ α") == r"\ensuremath{\ell}\textsubscript{1} \ensuremath{\alpha}"
    assert bibtex.escape("R² at 10⁻³") == r"R\textsuperscript{2} at 10\textsuperscript{$-$}\textsuperscript{3}"
    assert bibtex.escape("混合：x") == "混合：x"
    assert bibtex.escape("Γιώργος & των ΣΗ") == r"Γιώργος \& των ΣΗ"  # words, and no formulas


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x\u0304", r"{\={x}}"),  # no letter of its own
        ("1\u0304", "1\u0304"),
        ("я\u0304", "я\u0304"),
        ("x\u0310\u0304", "x\u0310\u0304"),  # one that LaTeX has no command for
        ("\u0304", "\u0304"),
        ("ﬁne ①", "fine 1"),
        ("Ａ", "Ａ"),
        ("ϲ", "ϲ"),
    ],
)
def test_bibtex_prints_marks_and_forms_that_latex_can(text: str, latex: str) -> None:
    assert bibtex.escape(text) == latex


# Those that the library of the tests knows, of those that LaTeX has names for; the last letter has none.
LETTERS = "ßæÆœŒøØłŁåÅıđĐðÐþÞéèêëēĕėçčśşąęőůžḍñãİẻ"
SIGNS = '\\&#%_"¡¿§¶©®™£·•°–—−“”…´¨¯¸'
FORMULAS = "αβγδζηθικλνξπρστυχψωΓΔΘΛΞΠΣΥΦΨΩℓ∞×÷±≤≥≠≈∼→←⇒∈∑∏∫√∂∇∀∃∩∪⊂⊆∗¬"


def test_bibtex_names_each_character_as_latex_does() -> None:
    from pybtex.richtext import Text

    latex = [re.sub(r"\\ensuremath\{(.*)\}", r"$\1$", bibtex.escape(each)) for each in LETTERS + SIGNS + FORMULAS]
    assert re.sub(r"[${} ]", "", str(Text.from_latex(" ".join(latex)))) == LETTERS + SIGNS + FORMULAS


@pytest.mark.parametrize(("date", "month"), [("2024-01-05", "jan"), ("2024-12", "dec"), ("2024", None)])
def test_bibtex_has_the_month_that_a_date_says(date: str, month: str | None) -> None:
    text = bibtex.entry(replace(QWEN, published=date))
    assert re.findall("month += (.*),", text) == ([month] if month else [])
    assert "year          = {2024}" in text


def test_bibtex_tells_a_person_named_others_from_more_authors() -> None:
    text = bibtex.entry(replace(QWEN, authors=("Ann Bee", " ", "Others"), et_al=True))
    assert "author        = {Ann Bee and {Others} and others}," in text


@given(st.text(), st.text(min_size=1), st.text())
@settings(max_examples=100, deadline=None)
def test_bibtex_of_any_text_is_one_entry(title: str, author: str, url: str) -> None:
    from pybtex.database import parse_string

    text = bibtex.entry(replace(QWEN, title=title, authors=(author,), url=url))
    assert len(parse_string(text, "bibtex").entries) == 1
    assert not STEERING.search(text)


def test_bibtex_keys_are_telling_ascii_and_unique() -> None:
    assert bibtex.key(replace(QWEN, title="Qwen2.5 Technical Report")) == "qwen2024qwen25"
    assert bibtex.key(replace(QWEN, authors=("Begüm Özbay",), title="A GNN Model")) == "ozbay2024gnn"
    assert bibtex.key(replace(QWEN, authors=("Sutton, Richard",), title="The Bitter Lesson")) == "sutton2024bitter"
    assert bibtex.key(replace(QWEN, authors=("Sammy Davis Jr.",), title="Øre-Łan")) == "davis2024ore"
    assert bibtex.key(replace(UNKNOWN, id="10.1/x-y", title="混合")) == "anon101xy"
    same = [QWEN] * 28
    keys = bibtex.keys([*same, replace(QWEN, title="Qwen25a")])
    assert len(set(keys)) == 29
    assert keys[:2] == ["qwen2024qwen25b", "qwen2024qwen25c"]  # a is the key of another paper
    assert bibtex.keys([QWEN, QWEN]) == ["qwen2024qwen25a", "qwen2024qwen25b"]


@pytest.mark.parametrize(
    ("letter", "plain"),
    list(zip("ßæÆœŒøØłŁđĐðÐþÞıéÅ", "ss ae ae oe oe o o l l d d d d th th i e a".split(), strict=True)),
)
def test_bibtex_keys_spell_letters_in_ascii(letter: str, plain: str) -> None:
    assert bibtex.key(replace(QWEN, authors=(f"Ann Ba{letter}n",), title=f"On {letter}x")) == f"ba{plain}n2024{plain}x"


def test_bibtex_keys_leave_out_small_words_and_what_stands_behind_a_name() -> None:
    for word in "A An The On Of In For To At From With By Towards Toward Is Are".split():
        assert bibtex.key(replace(QWEN, title=f"{word} Otters")) == "qwen2024otters"
    assert bibtex.key(replace(QWEN, title="On the")) == "qwen2024on"
    for mark in "-‐‑–—:：/ ":
        assert bibtex.key(replace(QWEN, title=f"Otter{mark}Dams")) == "qwen2024otter"
    for suffix in ("Jr.", "Sr", "II", "III", "IV"):
        assert bibtex.key(replace(QWEN, authors=(f"Ann Lee {suffix}",), title="Otters")) == "lee2024otters"
    assert bibtex.key(replace(QWEN, authors=("Jr.",), title="Otters")) == "jr2024otters"
    assert bibtex.key(replace(QWEN, authors=("R2 D2",), title="Otters")) == "d22024otters"
    assert [key.removeprefix("qwen2024qwen25") for key in bibtex.keys([QWEN] * 28)[24:]] == ["y", "z", "aa", "ab"]


def test_bibtex_names_that_hold_and_are_one_name() -> None:
    text = bibtex.entry(replace(QWEN, authors=("Center for AI and Society", "Ann Bee"), et_al=False))
    assert "author        = {{Center for AI and Society} and Ann Bee}," in text


def test_bibtex_takes_jr_for_a_suffix_and_the_name_before_it_for_the_last() -> None:
    from pybtex.database import parse_string

    names = ("Sammy Sample Jr.", "Ada Example, Jr.", "Robert L. Sample IV", "Juan de la Sample, Sr.", "Ada Example")
    text = bibtex.entry(replace(QWEN, authors=names), "x")
    people = parse_string(text, "bibtex").entries["x"].persons["author"][: len(names)]
    found = [" ".join([*each.prelast_names, *each.last_names]) for each in people]
    assert found == ["Sample", "Example", "Sample", "de la Sample", "Example"]
    assert [each.lineage_names for each in people] == [["Jr."], ["Jr."], ["IV"], ["Sr."], []]
    assert people[2].first_names + people[2].middle_names == ["Robert", "L."]


@pytest.mark.parametrize(
    "name",
    [
        "The Otter Collaboration",
        "Qwen Team",
        "Otter Institute for Dams",
        "Acme, Inc.",
        "Ada Example, PhD",
        *(f"Acme, {kind}" for kind in ("Ltd", "LLC", "GmbH", "Corp", "Ph.D", "MD", "M.D", "MSc", "BSc")),
        *(
            f"The Otter {kind}"
            for kind in ("Consortium", "Group", "Lab", "Labs", "Foundation", "Institute", "University")
        ),
        *(f"The Otter {kind}" for kind in ("Community", "Initiative", "Project")),
        *(f"Otter {kind} of Dams" for kind in ("Institute", "University", "Academy", "Center", "Centre")),
        "Ott, Al, Vi",
    ],
)
def test_bibtex_keeps_groups_and_names_with_titles_whole(name: str) -> None:
    from pybtex.database import parse_string

    text = bibtex.entry(replace(QWEN, authors=(name,), et_al=False), "x")
    (one,) = parse_string(text, "bibtex").entries["x"].persons["author"]
    assert str(one) == "{" + name + "}"


def test_bibtex_divides_names_that_only_look_like_groups() -> None:
    names = ("Alexander Brand", "Ada Incey", "Grouper, Ada", "de Sample Jr.")
    text = bibtex.entry(replace(QWEN, authors=names, et_al=False))
    assert "author        = {Alexander Brand and Ada Incey and Grouper, Ada and Sample, Jr., de}," in text


def test_bibtex_without_authors_is_sorted_by_the_title() -> None:
    text = bibtex.entry(replace(QWEN, authors=(), title="R&D of Otters"))
    assert r"key           = {{R\&D of Otters}}" in text  # natbib takes brackets for its own unless they are in braces
    assert "key           =" not in bibtex.entry(QWEN)


@pytest.mark.parametrize(
    ("paper_id", "year", "month"),
    [("2412.15115", "2024", "dec"), ("0704.0001", "2007", "apr"), ("hep-th/9108001", "1991", "aug")],
)
def test_bibtex_takes_the_year_from_arxivs_id_where_nothing_else_says_it(paper_id: str, year: str, month: str) -> None:
    text = bibtex.entry(replace(UNKNOWN, id=paper_id))
    assert f"year          = {{{year}}},\n  month         = {month},\n" in text
    assert "note" not in text
    assert "year          = {2024}" in bibtex.entry(replace(QWEN, id=paper_id))
    assert "year" not in bibtex.entry(replace(UNKNOWN, id="10.1145/2401.00001"))


def test_bibtex_of_a_number_that_is_no_month_has_none() -> None:
    assert "month" not in bibtex.entry(replace(UNKNOWN, id="1234.56789"))


def test_bibtex_without_a_title_has_the_id_for_one() -> None:
    assert "title         = {{混合}}" in bibtex.entry(UNKNOWN)


def test_bibtex_spells_what_would_end_an_address_by_its_numbers() -> None:
    text = bibtex.entry(replace(QWEN, url="https://example.org/a{b} c%20é?x=~y"))
    assert r"url           = {https://example.org/a%7Bb%7D%20c%20%C3%A9?x=~y}" in text


def test_bibtex_of_a_doi_has_no_eprint() -> None:
    text = bibtex.entry(replace(QWEN, id="10.1145/3292500.3330701"))
    assert "doi           = {10.1145/3292500.3330701}" in text
    assert "eprint" not in text
    assert "doi" not in bibtex.entry(UNKNOWN)
