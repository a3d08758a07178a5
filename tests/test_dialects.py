"""Marks of editors and site generators: readers see nothing of them, and all that stands between them."""

from __future__ import annotations

import pytest

from papersearch.posts.parse import parse
from papersearch.text import clean


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # Obsidian
        ("See [[Otters ]], [[a/Beavers|dams]], [[Voles#Teeth#Two]] and [[#Below]].",
         "See Otters, dams, Voles > Teeth > Two and Below."),
        ("![[stoat.png|300]] and ![[Weasels#^a1b2c3]], 见[[水獭]]。", "stoat.png and Weasels, 见水獭。"),
        ("| a | b |\n|---|---|\n| [[Voles\\|vole]] | c |", "a | b\nvole | c"),
        ("[[Dams]][[Otters|an otter]], x[[1]][[2]] and ~~**a**~~ **~~b~~** __**c**__",
         "Dams an otter, x[[1]][[2]] and a b c"),
        ("a ![Untitled 3](x/a%20b.png) ![image-20230101](a.png) ![[Pasted image 2.png|30]] "
         "![屏幕快照 2020 下午2.5](/a b/c (1).png)b", "a b"),
        ("![image of a dam](a.png) ![alt text](a) ![stoat](/a folder/b.png) [Voles](/a folder/b.pdf) [Untitled](a.md)",
         "image of a dam stoat Voles Untitled"),
        ("if [[ -f x ]]; grid[[0]] and f()[[1]] and [[0, 1], [2, 3]]",
         "if [[ -f x ]]; grid[[0]] and f()[[1]] and [[0, 1], [2, 3]]"),
        ("a ==bright== otter, 一只==水獭==游泳, x == y and a==b==c",
         "a bright otter, 一只水獭游泳, x == y and a==b==c"),
        ("seen %%unseen%% seen\n\n%%\nunseen\n\nunseen\n%%\n\n100%% or 50%%", "seen seen\n100%% or 50%%"),
        ("a\n\n%% board:settings\n```\n{}\n```\n%%\n\n%% unseen\nunseen %%\nb\n\n> %%\n> unseen\n> %%\n> c", "a\nb\nc"),
        ("%% one\n\n50%% of two\n\n%% three\nfour %", "%% one\n50%% of two\n%% three four %"),
        ("%% one\n\ntwo is 50%%\n\n> %%\n> three\n\nfour\n%%", "%% one\ntwo is 50%%\n%% three\nfour %%"),
        ("> [!note] On otters\n> They build.\n\n> [!tip]-\n> Dams", "On otters\nThey build.\nTip\nDams"),
        ("A claim. ^a1b2c3\n\nx ^y", "A claim.\nx ^y"),
        # Logseq and Roam
        ("- otters\n  id:: 65a1b2c3-1234-4321-aaaa-bbbbccccdddd\n  collapsed:: true\n- rating:: five",
         "otters\nrating:: five"),
        ("as ((aB3dEfGh1)) and ((otherwise)) say ((3.14159))", "as and ((otherwise)) say ((3.14159))"),
        ("as ((65a1b2c3-1234-4321-aaaa-bbbbccccdddd)) {{embed ((65a1b2c3-1234-4321-aaaa-bbbbccccdddd))}} says",
         "as says"),
        ("{{[[TODO]]}} see ^^this^^ ![dam](a.png){:height 30, :width 20}", "see this dam"),
        ("See [dams]([[rivers/dams]]) and [eels](((a1b2c3d4e))).", "See dams and eels."),
        ("- :LOGBOOK:\n  CLOCK: [2024]\n  :END:\n- #+BEGIN_QUOTE\n  voles\n  #+END_QUOTE", "voles"),
        ("- otters\n  :PROPERTIES:\n  :year: 2014\n  :END:\n  build", "otters\n:year: 2014\nbuild"),
        ('[full](a.pdf) {{zotero-imported-file AB12, "a.pdf"}} {{zotero-linked-file "a b.pdf"}}end', "full end"),
        # Jekyll, Hugo, Zola, Eleventy
        ('{{< figure src="a.png" caption="<span class=\\"n\\">Figure 1: </span>A \\"dam\\"" >}}', 'Figure 1: A "dam"'),
        ("\\textsc{#SAT}, \\texttt{.npz}, $n_{.j}$ and *x*{: .c} `y`{.c} z {.c}", "#SAT, .npz, n_(.j) and x y z"),
        ("a {% comment %}voles{% endcomment %} b\n\n{%- comment -%}\n\nstoats\n\n{%- endcomment -%}\n\nc {% comment %}",
         "a b\nc"),
        ('{% include f.html src="a.png" caption="A dam" %} {{ site.baseurl }} {{ x | upper }}\n{: .note}', "A dam"),
        ("[dams]({{ '/a/b.html' | relative_url }}) ![eel]({{\"/x.png\"|absolute_url}} \"An eel\") [reeds][1]\n\n"
         "[1]: {{ site.baseurl }}/reeds", "dams eel reeds"),
        ("{% raw %}shown{% endraw %} {%- comment -%}hidden{%- endcomment -%} {{title}}", "shown {{title}}"),
        ('{{ figure(src="a.png", caption="Two voles") }} {% image "a", "An eel" %} {% asset_img a.png 水坝 %}',
         "Two voles An eel 水坝"),
        ("{{% note %}}\nOtters\n{{% /note %}}", "Otters"),
        ('{{< details "How they dig" >}}voles{{< /details >}} {{% notice tip "水坝" %}}\n{{< hl "a=1 b" >}}',
         "How they dig voles 水坝"),
        ('[dams]({{< relref "big dams.md" >}}) {{% ref "big dams.md" %}}end', "dams end"),
        ("{% details How they dig %}\nvoles\n{% enddetails %}\n{% if how they %}", "How they dig voles"),
        ("Say {{query}} of {{ document.text }}, {{zotero}} and {{ f(x) }}.\n\n{{video https://v.example/a}}",
         "Say {{query}} of {{ document.text }}, {{zotero}} and {{ f(x) }}."),
        # kramdown, Pandoc, Quarto, CriticMarkup
        ('# Otters {#otters .big}\n[dams](a){target="_blank"} [small]{.caps} ![x](y){#x fig-alt="A vole" width=5%}',
         "Otters\ndams small x A vole"),
        ("[ [[Text]{#S1.p1.1 .bold} of\ntwo ]{.name}[lines]{.note\n.role}]{.outer} [5, 6] x{.5}",
         "Text of two lines [5, 6] x{.5}"),
        ("sets {a, b}, {.5}, {a=1, b=2}, f(x){y=1}", "sets {a, b}, {.5}, {a=1, b=2}, f(x){y=1}"),
        ("**x** Ada^1^, the 10^th^, x^2 + y^2, n^2*m^2 and a^^b", "x Ada1, the 10th, x^2 + y^2, n^2*m^2 and a^^b"),
        ("so^[it is said of voles] {++in++}{--out--} {~~old~>new~~} {==x==}{>>why<<}",
         "so (it is said of voles) inout old new xwhy"),
        # Docusaurus, Quarto, MyST, MkDocs, VuePress, Zenn
        (":::tip[On dams]\nOtters\n:::\n::: {.callout-note title=\"Heads up\"}\nvoles\n:::",
         "On dams\nOtters\nHeads up\nvoles"),
        (":::{admonition} A title\n:class: tip\nstoats\n:::\n\n:::note Otters here\nweasels\n:::\n\na ::: b",
         "A title\nstoats\nOtters here\nweasels\na ::: b"),
        ('!!! note "On dams"\n    They *hold*.\n\n??? tip\n    Otters', "On dams\nThey hold.\nTip\nOtters"),
        (":::message\nstoats\n:::", "Message\nstoats"),
        ("::::: page_main\n::: {#x.1 .abstract}\nstoats\n:::\n:::::", "stoats"),
        ("(sec:one)=\n# Otters\n[TOC]\n\n@[toc](x)\n\n[[_TOC_]]\n\nend", "Otters\nend"),
        ('+++ {"part": "abstract"}\nstoats\n+++\n\na +++ b', "stoats\na +++ b"),
        ("``` {note} On dams\n:class: tip\nThey *hold*.\n```\n\n```{python}\na*b*c\n```", "On dams\nThey hold.\na*b*c"),
        ("```{figure} a.png\n:alt: An eel\n:width: 3px\nTwo **eels**\n```\n```{math}\n:label: e\nx^2\n```",
         "An eel\nTwo eels\nx²"),
        ("``` ad-info\ntitle: On dams\ncolor: 1, 2, 3\n\nThey **hold**.\n```\n\n```ad-note\nVoles\n```",
         "On dams\nThey hold.\nVoles"),
        ("a\n\n```dataview\nTABLE dams\n```\n\n```{bibliography}\n:filter: x\n```\n\n```js\ndams()\n```", "a\ndams()"),
        ('=== "On *land*"\n    voles\n\n===+ "Below"\n    eels === "x"', 'On land\nvoles\nBelow\neels === "x"'),
        (r"rivers \[[code](https://dams.example)\] and \[x^2\] and \([dams](a)\)", "rivers [code] and x² and (dams)"),
        ('- dams\n\n        <figure><img src="a.png" alt=""><figcaption><p>A vole.</p></figcaption></figure>',
         "dams\nA vole."),
        ("{cite:p}`a2020` and {ref}`Dams <dams>` and {sub}`two` f{x}`y`", "and Dams and two f{x}y"),
    ],
)  # fmt: skip
def test_what_editors_and_generators_add_is_no_text_and_what_it_shows_is(written: str, read: str) -> None:
    assert clean.readable(written) == read


def test_marks_of_footnotes_are_gone_if_the_note_has_these() -> None:
    note = "# Otters\n\nThey[^a] build, as `x[^a]` and [^b] say.\n\n## More\n\n[^a]: Some do.\n\n    And *others*.\n"
    assert parse("a.md", note.encode()).abstract == "They build, as x[^a] and [^b] say.\nMore\nSome do.\nAnd others."


@pytest.mark.parametrize("mark", ["==", "%%", "^^"])
def test_a_text_with_no_other_mark_is_read_like_others(mark: str) -> None:
    assert clean.readable(f"a {mark}b{mark} c").split() == (["a", "c"] if mark == "%%" else ["a", "b", "c"])
