"""Text as people read it: what LaTeX prints, what Markdown and HTML mean, and nothing that steers a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papersearch.text import clean

LATEX = [
    (r"Sm\acute{e}gol \grave{a} la", "Smégol à la"),
    (r"he\'d said I\'m", "he'd said I'm"),
    (r"a \"quick look", 'a "quick look'),
    (r"see \href{https://otters.example/a}{}", "see https://otters.example/a"),
    (r"see \href{https://otters.example/a}{otters}", "see https://otters.example/a"),
    (r"see \href{https://otters.example/a}{beavers}", "see beavers"),
    (r"let$$ x_1 $$be", "let x₁ be"),
    (r"$a &lt; b$", "a < b"),
    (r"$x_{\mathrm{\mathbf{max}}}$", "x_max"),
    (r"$x^{y_{i_j}}$", "x^(y_(i_j))"),
    (r"at $90^\circ$ and $A^\dagger$", "at 90° and A†"),
    (r"$\frac{\frac{a}{b}}{c}$", "(a/b)/c"),
    (r"Otters\thanks{by the river} dig", "Otters (by the river) dig"),
    (r"ot\-ters and cut\-off", "ot-ters and cut-off"),
    (r"$\frac{a_{b_{c}}}{d}$, $\sqrt{N_{\text{max}}}$", "a_(b_c)/d, √(N_max)"),
    (r"$\exp(\frac{\sum_{i=1}^{N_{\text{all}}} x_i}{2})$", "exp((∑_(i=1)^(N_all) x_i)/2)"),
    (r"$\cfrac{1}{1+\cfrac{1}{1+\cfrac{1}{1+\cfrac{1}{x}}}}$", "1/(1+1/(1+1/(1+1/x)))"),
    ("\\begin{align*}\n\\frac{a_{b}}{2} &= x^{2} \\\\\n\\end{align*}\n\n{b}", "a_b/2 = x²\n{b}"),
    (r"\begin{align} x^{2}", "x^{2}"),
    (r"$$a \text{ if $b$ and $\sqrt{c}$}$$ or $5", "a if b and √c or $5"),
    (r"$A \hookrightarrow \bigoplus_i B_i$ \textnumero 5", "A ↪ ⨁_i B_i № 5"),
    (r"$5~10$", "5 10"),
    (r"Poincar\'e and Erd\H{o}s", "Poincaré and Erdős"),
    (r"G\"odel, Schr\"{o}dinger, {\"U}ber", "Gödel, Schrödinger, Über"),
    (r"\v{C}ech and Fran\c{c}ois and na\"{\i}ve", "Čech and François and naïve"),
    (r"\AA ngstr\"om, \O rsted, Stra\ss e", "Å ngström, Ø rsted, Straß e"),
    (r"the $\ell_1$ norm", "the ℓ₁ norm"),
    (r"at $10^{-3}$ and $x^2$", "at 10⁻³ and x²"),
    (r"$f_{NL}$ and $M_{\odot}$", "f_NL and M_⊙"),
    (r"$B \to K^{(*)}$", "B → K^(*)"),
    (r"$2^{\mathrm{poly}(n)}$", "2^(poly(n))"),
    (r"\(a+b\) and \[c\]", "a+b and c"),
    (r"$\frac{1}{2}$ and $\frac{a+b}{c-d}$", "1/2 and (a+b)/(c-d)"),
    (r"$\frac{\partial}{\partial x}$", "∂/∂ x"),
    (r"$\frac{n_{1}}{n_{2}}$", "n₁/n₂"),
    (r"$\sqrt{2}$, $\sqrt{16}$, $\sqrt{n T}$, $\sqrt{\pi}$", "√2, √16, √(n T), √π"),
    (r"$\mathcal{O}(n \log n)$", "O(n log n)"),
    (r"labels in $\{0, 1\}$", "labels in {0, 1}"),
    (r"$f\colon X \to Y$", "f: X → Y"),
    (r"$f_a$ and $g_a$ and $h_*$", "f_a and g_a and h_*"),
    (r"\textit{slanted} and {\bf bold} and \emph{both}", "slanted and bold and both"),
    (r"\href{https://a.example/x_y_z}{the page}", "the page"),
    (r"\href{https://a.example/}{https://a.example/}", "https://a.example/"),
    (r"\url{https://a.example/x_y_z}", "https://a.example/x_y_z"),
    (r"as shown~\cite{a,b}, and later \citep[p. 3]{c}.", "as shown, and later."),
    (r"5\% of R\&D, item \#3, snake\_case\_name", "5% of R&D, item #3, snake_case_name"),
    (r"costs \$5 to \$10 a run", "costs $5 to $10 a run"),
    (r"from \$5 million a year to \$ 6 million", "from $5 million a year to $ 6 million"),
    ("costs $5 and then $10 more", "costs $5 and then $10 more"),
    ("costs $5", "costs $5"),
    ("errors ($<$0.63, $>$ 95$\\%$)", "errors (<0.63, > 95%)"),
    ("one---two, 3--4, a -- b", "one—two, 3–4, a – b"),
    ("a --flag stays", "a --flag stays"),
    ("``robust'' and ``fair\" and `kind' words", "“robust” and “fair” and ‘kind’ words"),
    ("the years' end and `code` of don't", "the years' end and code of don't"),
    ("`it's` and `that's`", "it's and that's"),
    ("Models~(LLMs), MedSAM~2, 120~K, e.g.~this, (1)~that", "Models (LLMs), MedSAM 2, 120 K, e.g. this, (1) that"),
    ("some claim~, and more~.", "some claim, and more."),
    ("about ~100 users, (~48x), 5~10", "about ~100 users, (~48x), 5~10"),
    ("see https://a.example/~ann/x", "see https://a.example/~ann/x"),
    (r"\unicode{x3b1} decay", "α decay"),
    (r"\unicode{x110000}\unicode{xd800}.", "."),
    (r"\nosuchcommand here", "nosuchcommand here"),
    (r"\begin{equation} x = 1 \end{equation}", "x = 1"),
    (r"a\\ b", "a b"),
    (r"C:\new", r"C:\new"),
    (
        r"in C:\Users\ostrich\tapir, D:\my_files\_new_ and docs\otters",
        r"in C:\Users\ostrich\tapir, D:\my_files\_new_ and docs\otters",
    ),
    (r"$f:\mathcal{X}\to Y$", "f:X→ Y"),
    (r"\section{puffin} and \caption*{kestrel \textbf{two}}", r"\section{puffin} and \caption*{kestrel two}"),
    (r"seen\footnote{A \emph{gannet} was seen.} here\thanks{By all}.", "seen (A gannet was seen.) here (By all)."),
    (r"\textcolor{red}{birds} of /{user}/{id}{name}, a{user}", "red birds of /user/id name, a{user}"),
    (r"$x\log y$ and $\foo\baz z$ and $\foo{ab}$", "x log y and foo baz z and foo ab"),
    (r"\cite[see also][p. 3]{x} and \begin{lemma}[Otters] \end{lemma}", "see also and [Otters]"),
    (r"$\nosuch{a}{b}$ and $x \in $$y$", "nosuch a b and x ∈ y"),
    (r"costs $ 5 and \alpha $now", "costs 5 and α now"),
    ("as\n$$\n\\begin{aligned}\nx &= y \\\\\n&= z \\tag{1}\n\\end{aligned}\n$$\nis", "as x = y = z is"),
    ("so $$ x^2 $$ is, and $$x$ or not $$ here", "so x² is, and x or not $$ here"),
    ("{braces} without LaTeX stay", "{braces} without LaTeX stay"),
]

MARKDOWN = [
    ("a <style>p {color: red}</style> b", "a b"),
    ("# Links\n[1]: http://otters.example\n\nThey.", "Links\nThey."),
    ("They.\n\n[1]: www.otters.example", "They."),
    ("[They][1].\n\n# Links\n[1]: http://otters.example", "They.\nLinks"),
    ("[a][2] and [b][1]\n\n[1]: http://otters.example", "[a][2] and b"),
    ("Otter<sup>TM</sup> dams<sub>of reeds</sub>", "OtterTM damsof reeds"),
    ('<IMG SRC="x.png" ALT="A dam">', "A dam"),
    ("| a |  | b |\n|---|---|---|\n| c |  | d |", "a | b\nc | d"),
    ("<TABLE><TR><TD>a</TD><TD>b</TD></TR></TABLE>", "a | b"),
    ("a **b and __c__ d", "a **b and c d"),
    ("**bold** and __bold__ and *slanted* and _slanted_", "bold and bold and slanted and slanted"),
    ("grid__search__otters, __init__.py and a__b__", "grid__search__otters, init.py and a__b__"),
    ("~~gone~~ and ***both***", "gone and both"),
    ("snake_case_name and 2*3*4 and Sgr A* is", "snake_case_name and 2*3*4 and Sgr A* is"),
    ("C++ and C# and R&D and A*", "C++ and C# and R&D and A*"),
    ("[text](https://a.example) and ![alt](x.png 'title')", "text and alt"),
    ("[text][1]\n\n[1]: https://a.example", "text"),
    (
        "a@b.example or <a.b@c.example>\\\nand it\\'s we\\'ll Caf\\'e",
        "a@b.example or a.b@c.example and it's we'll Café",
    ),
    (
        r"the \"Otters Dive\" and (\"Real\") ones of \"Uber Na\"ive G\"odel",
        'the "Otters Dive" and ("Real") ones of Über Naïve Gödel',
    ),
    ("<https://a.example/x> and <b>bold</b>", "https://a.example/x and bold"),
    ("p < 0.05 and n > 3 and <unk> and List<int>", "p < 0.05 and n > 3 and <unk> and List<int>"),
    ("H<sub>2</sub>O, p<sub>gen</sub>, W<sup>T</sup>x, 4<sup>th</sup>, A<sup>1,2</sup>", "H₂O, p_gen, W^Tx, 4th, A¹,²"),
    ("x<sub>n</sub>, x<sub>n-1</sub>, 2<sup>n-1</sup>, x<sub>*</sub>", "x_n, x_n-1, 2ⁿ⁻¹, x*"),
    ("<h1>Dams</h1>\n<p>of H<sub>2</sub>O</p><ul><li>one</li><li>two</li></ul>", "Dams\nof H₂O\none\ntwo"),
    ("<table><tr><th>a</th><th>b</th></tr>\n<tr><td>c</td> <td x='1'>d</td></tr></table>", "a | b\nc | d"),
    ("10<sup>-6</sup>\nand 2019<sup>3</sup>", "10⁻⁶ and 2019³"),
    ("one<br>two <td>three</td><td>four</td>", "one two three | four"),
    ("AT&amp;T &lt;s&gt; &#233; &eacute;", "AT&T <s> é é"),
    ("AT&T and a & b; c", "AT&T and a & b; c"),
    ("a?b=1&section=2&copy=3 &amp; &frac12; &copyright;", "a?b=1&section=2&copy=3 & ½ &copyright;"),
    ("before <!-- hidden --> after", "before after"),
    ("a <script>alert(1)</script> b", "a b"),
    ("a <!-- never closed", "a <!-- never closed"),
    ('see {{< figure src="x" >}} here', "see here"),
    (
        '{{< figure src="x.png" alt="A tapir" caption="Tapirs *at dusk*" >}}\n\n'
        "{{% note title='Otters' %}}they{{% /note %}}",
        "A tapir Tapirs at dusk\nOtters they",
    ),
    ('a <img src="x.png" alt="tapir"> b\n<img src="y.png">', "a tapir b"),
    ("`code` and ``more``", "code and more"),
    ("```python\nx = 1\n```", "x = 1"),
    ("<b>in</b>side\n\n<i>a</i>nd", "inside\nand"),
    ("[see][heron] and [[page][words]] and [a][^1]", "[see][heron] and [[page][words]] and [a][^1]"),
    ("[Heron Paper][] and ![x][HERON  paper]\n\n[heron paper]: https://a.example 'Title'", "Heron Paper and x"),
    ("read\n[1]: https://a.example", "read [1]: https://a.example"),
    ("a <!-- b\n\nc --> d\n\n<!-- e\n\nf --> g", "a <!-- b\nc --> d\ng"),
    (r"says \<task\> here", "says <task> here"),
    (r"\<!-- here --> and \`no [code][x]\`", "<!-- here --> and `no [code][x]`"),
    ("# Heading\n\nText\nwrapped\n\n\n\nMore", "Heading\nText wrapped\nMore"),
    ("- one\n- two\n\n1. three\n2) four\n\n> five\n> six", "one\ntwo\nthree\nfour\nfive six"),
    ("- [x] done", "done"),
    ("## 1. Dams\n> ### 2) Otters\n- # 3. Voles", "1. Dams\n2) Otters\n3. Voles"),
    (
        "# Otters #\nThey build.\n## Dams\n- one\n  goes on\n  - two\n\n# C#\n",
        "Otters\nThey build.\nDams\none goes on\ntwo\nC#",
    ),
    ("**bold\nin two lines**, *so\nis this* and **not\n\nthis**", "bold in two lines, so is this and **not\nthis**"),
    (
        "[[Paper]](https://a.example) [two\nlines](b.md) [![badge](c.svg)](d) [e](f_(g).pdf) [h](<i j.md>)",
        "[Paper] two lines badge e h",
    ),
    ("Two:\n| a | b |\n|:--|---|\n| `c` | |\n|d | 1|\n\nmore", "Two:\na | b\n`c`\nd | 1\nmore".replace("`", "")),
    ("> a | b\n> - | -\n> c | d", "a | b\nc | d"),
    ("<details open><aside>a</aside></details> <time datetime='2'>b</time> <time>c</time>", "a\nb c"),
    ('<Tabs id="x">\n<Tab label="One">two</Tab>\n</Tabs> and <unk>', "One two and <unk>"),
    ("above\n\n---\n\nbelow", "above\nbelow"),
    (r"\*not slanted\* and 1\. here", "*not slanted* and 1. here"),
]


@pytest.mark.parametrize(("written", "read"), LATEX)
def test_latex_becomes_what_it_prints(written: str, read: str) -> None:
    assert clean.readable(written) == read


@pytest.mark.parametrize(("written", "read"), MARKDOWN)
def test_markdown_and_html_lose_their_marks(written: str, read: str) -> None:
    assert clean.readable(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1. Introduction", "1. Introduction"),
        ("1. *Otters* dig", "1. Otters dig"),
        ("Otters -- Dams", "Otters – Dams"),
        ("# of parameters", "# of parameters"),
        ("> 90% of it", "> 90% of it"),
        ("- minus", "- minus"),
        ("3D Gaussians", "3D Gaussians"),
        ("folded\n  over\n\n lines", "folded over lines"),
        ("with **marks** and $x_1$", "with marks and x₁"),
        ("", ""),
        (" \n\t ", ""),
    ],
)
def test_a_line_keeps_the_marks_at_its_start_and_is_one_line(written: str, read: str) -> None:
    assert clean.line(written) == read


UNWANTED = "\x00\x01\x07\x08\x1b\x7f\x80\x9b\u202a\u202e\u2066\u2069\u206f\ufeff\ufffe\ufffa\udc80\ufdd0\ufdef"


@pytest.mark.parametrize("unwanted", UNWANTED)
def test_control_codes_and_marks_that_reorder_are_gone_without_a_trace(unwanted: str) -> None:
    for text in (f"be{unwanted}fore", f"*be{unwanted}fore*", f"{unwanted}before{unwanted}"):
        assert clean.readable(text) == clean.line(text) == "before"
    assert clean.printable(f" be{unwanted}fore \n *x* ") == "before *x*"


@pytest.mark.parametrize("spelled", ["&#27;", "&#x1b;", "&#8238;", "&#x202e;", "&#0;", "&#xd800;", "\\unicode{x202e}"])
def test_entities_and_commands_cannot_spell_them_either(spelled: str) -> None:
    assert all(unicodedata.category(character) not in ("Cc", "Cf", "Cs") for character in clean.line(f"a {spelled} b"))


@pytest.mark.parametrize("blank", "\t\v\f\r\x1c\x1f\x85\xa0\u2028\u2029\u3000")
def test_white_space_of_every_kind_separates_words(blank: str) -> None:
    assert clean.readable(f"two{blank}words") == clean.line(f"two{blank}words") == "two words"


ALPHABET = st.sampled_from([*"ab1 \n\t$\\{}[]()<>*_`~#&;:!-+|'\"^%=./é\x00\x1b\u202e\ue05f", "\\frac", "\\cite"])


@given(st.lists(ALPHABET, max_size=80).map("".join))
def test_whatever_is_written_reads_as_plain_text(text: str) -> None:
    for read in (clean.readable(text), clean.line(text)):
        assert read == read.strip()
        assert "  " not in read
        assert not any(character in read for character in UNWANTED)
    assert "\n" not in clean.line(text)
    assert "\n\n" not in clean.readable(text)


@given(st.text(alphabet="abc .,;é", max_size=200))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert clean.readable(text) == clean.line(text) == " ".join(text.split())


def test_a_word_that_is_broken_at_the_end_of_a_line_is_one() -> None:
    broken = "at-\ntention to self-\n  attention, pre-\nand post-\ntraining of text-\nto-image"
    assert clean.readable(broken) == "at-tention to self-attention, pre- and post-training of text-to-image"
    assert clean.readable("> atten\xad\n> tion -\n> so far 1-\n> 2-\n>\n> b") == "atten\xadtion - so far 1- 2-\nb"
