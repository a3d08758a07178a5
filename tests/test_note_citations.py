"""What a note says of its paper by citing it: in a section, in front matter, in BibTeX."""

from __future__ import annotations

import pytest

from tests.parsed import read_note as read

_CITED = 'Ada Example, Bo Sample, and Cy Pattern. "Otters at work in rivers." arXiv preprint arXiv:1706.00001, 2017'
_APA = "Example, A., Sample, B., … Roe, D. (2017). Otters at work"
_IEEE = 'C. -R. Roe and M. S. -W. Example, "**Otters at work in rivers**," 2017 Otters, doi: 10.1109/OTTER.2017.7. \\'
_MEDICAL = "[^Roe2017]: Roe CD, Example AB. Otters at work in rivers. River J. 2017;2(1):1-9. doi:10.1000/river.9."


@pytest.mark.parametrize(
    ("section", "names", "published", "paper_id"),
    [
        (f"### 論文情報・リンク\n\n* [{_CITED}](https://arxiv.org/abs/1706.00001)",
         ["Ada Example", "Bo Sample", "Cy Pattern"], "2017", "1706.00001"),
        (f'### <font color="Green"> 論文情報・リンク </font>\n\n- [{_APA}](https://arxiv.org/pdf/1706.00001.pdf)',
         ["A. Example", "B. Sample", "D. Roe"], "2017", "1706.00001"),
        (f"##### Full Citation\n\n{_IEEE}\n\n[IEEE Link](https://ieeexplore.ieee.org/document/7)",
         ["C.-R. Roe", "M. S.-W. Example"], "2017", "10.1109/OTTER.2017.7"),
        (f"## Reference\n{_MEDICAL}[PMC7](https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7777777/)",
         ["Roe CD", "Example AB"], "2017", "10.1000/river.9"),
        ('## How to cite\n\ndos Santos, Ada, and Bo Sample. "Otters at work in rivers." OTTER. 2017.',
         ["Ada dos Santos", "Bo Sample"], "2017", "note"),
    ],
)  # fmt: skip
def test_a_section_that_cites_the_paper_says_who_wrote_it_and_when(
    section: str, names: list[str], published: str, paper_id: str
) -> None:
    above = "## What is it?\n\nIt builds on [earlier work](https://arxiv.org/abs/1509.00002) and\n[more](https://example.org).\n"
    post = read(f"---\ntitle: Otters at Work in Rivers\n---\n{above}\n{section}\n")
    assert (list(post.authors), post.published, post.id) == (names, published, paper_id)
    assert "at work" in post.abstract


@pytest.mark.parametrize(
    "section",
    [
        '## Reference\n\n* [Cy Pattern and Dora Roe. "Beavers and their dams." 2014.](https://arxiv.org/abs/1401.00003)',
        f"## Reference\n\n* [{_CITED}](https://arxiv.org/abs/1706.00001)\n" + "* Dora Roe. Dams. 2011.\n" * 3,
    ],
)
def test_a_section_that_cites_other_papers_says_nothing_of_this_one(section: str) -> None:
    post = read(f"# Otters at Work in Rivers\n\nThey build.\n\n{section}\n")
    assert (post.authors, post.published) == ((), None)


def test_how_a_paper_is_cited_does_not_change_the_id_that_a_note_names() -> None:
    cited = "## Citation\n\nAda Example and Bo Sample. Otters at work. River 2, 2017. https://doi.org/10.1000/river.9\n"
    for link in ("arXiv: 1706.00001", "[Paper](https://arxiv.org/abs/1706.00001)"):
        assert read(f"# Otters at Work\n\n{link}\n\n{cited}").id == "1706.00001"


@pytest.mark.parametrize("key", ["Reference", "citation", "full_citation"])
def test_front_matter_may_cite_the_paper_and_of_several_none(key: str) -> None:
    cited = "Example, A., Sample, Ł., & Roe, B. (2016). Otters at work. River, 1–9. https://doi.org/10.1000/river.9"
    post = read(f'---\nPaper Title: Otters at Work\n{key}: "{cited}"\n---\nThey build.\n')
    assert (post.authors, post.published, post.id) == (("A. Example", "Ł. Sample", "B. Roe"), "2016", "10.1000/river.9")
    several = read(
        f'---\ntitle: Otters\n{key}:\n- "{cited}"\n- "Roe, B., & Pattern, C. (2017). Dams."\n---\nThey build.\n'
    )
    assert (several.authors, several.published, several.id) == ((), None, "note")


@pytest.mark.parametrize(
    ("field", "names", "et_al"),
    [
        (r"Ex{\'e}mple, Aur{\'e}lien", ("Aurélien Exémple",), False),
        ("de Sample Junior, Bo", ("Bo de Sample Junior",), False),
        ("Example, Ada and others", ("Ada Example",), True),
        (
            r"Example, Ada and Roe, V{\^a}nia and Pattern, Gra{\c{c}}a",
            ("Ada Example", "Vânia Roe", "Graça Pattern"),
            False,
        ),
        ("Example, and Roe, and Pattern, Cy", ("Example", "Roe", "Cy Pattern"), False),
        ("Ada Example, Bo Sample, Cy Pattern", ("Ada Example", "Bo Sample", "Cy Pattern"), False),
        ("{The Otter Team}", ("The Otter Team",), False),
    ],
)
@pytest.mark.parametrize("kind", ["article", "thesis", "report"])
def test_in_bibtex_only_and_stands_between_people(kind: str, field: str, names: tuple[str, ...], et_al: bool) -> None:
    entry = f"@{kind}{{e19,\n  title={{Otters}},\n  author={{{field}}},\n  date={{2019-05-03}}\n}}"
    post = read(f"# Otters\n\nThey build.\n\n```bibtex\n{entry}\n```\n")
    assert (post.authors, post.et_al, post.published) == (names, et_al, "2019-05-03")


@pytest.mark.parametrize("above", ["", "They build.\n\n## Reference\n"])
def test_lines_of_bibtex_that_are_no_code_have_their_values_without_braces(above: str) -> None:
    entry = "@article{e19,\n    author = {Example, Ada and Sample, Bo},\n    title = {Otters at Work in Rivers},\n}\n"
    post = read(f"# Otters at Work\n\n{above}{entry}")
    assert (post.title, post.authors) == ("Otters at Work in Rivers", ("Ada Example", "Bo Sample"))


def test_an_entry_of_bibtex_is_of_a_note_whose_title_is_the_name_of_its_file() -> None:
    entry = "@article{e19,\n  author={Example, Ada},\n  title={Otters at Work},\n  doi={10.1000/otters.7}\n}"
    post = read(f"# Otters_at_Work\n\n[Download](https://dams.example/9142)\n\n```bibtex\n{entry}\n```\n")
    assert (post.authors, post.id) == (("Ada Example",), "10.1000/otters.7")


@pytest.mark.parametrize("heading", ["Referência Completa", "Référence", "Riferimento", "Quellenangabe", "Como citar"])
def test_sections_that_cite_the_paper_have_headings_of_other_languages(heading: str) -> None:
    cited = 'A. Example, B. d’Ample and C. Roe, "Otters at work in rivers," 2024 River Workshops, 2024, pp. 87-94.'
    post = read(f"# Otters at Work in Rivers\n\n## {heading}\n{cited}\n\n## 1. Mais\nThey build.\n")
    assert (post.authors, post.published) == (("A. Example", "B. d’Ample", "C. Roe"), "2024")


@pytest.mark.parametrize(
    "cited",
    [
        "* [Ada Example, Bo Sample，Otters at Work in Rivers，2017](https://arxiv.org/abs/1706.00001)",
        '・ [Ada Example; Bo Sample，"Otters at work in rivers，" 2017 Otters，no.7，2017](https://arxiv.org/abs/1706.00001)',
        '* [Ada Example, Bo Sample，"Otters at work in rivers，2017](https://arxiv.org/abs/1706.00001)',
        "* [code](https://example.org/otters)\n\n* [Ada Example, Bo Sample，Otters at Work in Rivers，2017]"
        "(https://arxiv.org/abs/1706.00001)",
    ],
)
def test_a_citation_may_have_wide_commas(cited: str) -> None:
    earlier = "* [Rivers](https://arxiv.org/abs/1509.00002)"
    post = read(f"---\ntitle: Otters at Work in Rivers\n---\n## もの\n{earlier}\n\n## 論文情報・リンク\n\n{cited}\n")
    assert (post.authors, post.published, post.id) == (("Ada Example", "Bo Sample"), "2017", "1706.00001")


def test_a_numbered_list_of_citations_is_by_none_of_their_authors() -> None:
    items = '1. **{}, "Otters at work," 2024 Rivers, 2024.**\n\n2. **{}, "Dams of beavers," 2023 Dam Days, 2023.**\n'
    post = read("## Lista de Artigos\n\n" + items.format("A. Example and B. Sample", "C. Pattern and D. Roe"))
    assert (post.authors, post.published) == ((), None)


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("Roe, Duarte and Paulo Sample Example, Jo{\\~a}o", ("Duarte Roe", "João Paulo Sample Example")),
        ("Roe, Cy and Paulo Sample Example, Ada and others", ("Cy Roe", "Ada Paulo Sample Example")),
        ("Ada Example, Bo Sample and Cy Pattern", ("Ada Example", "Bo Sample", "Cy Pattern")),
    ],
)
def test_each_of_several_people_in_bibtex_may_have_a_family_name_of_several_words(
    field: str, names: tuple[str, ...]
) -> None:
    post = read(f"# Otters\n\n```\n@article{{x, title={{Otters}}, author={{{field}}}}}\n```\n")
    assert (post.authors, post.et_al) == (names, field.endswith("others"))


@pytest.mark.parametrize(
    ("opening", "names"),
    [
        ("__Dr. Di Model__ reviewing ", ("Roe CD", "Example AB")),
        ("Reviewing ", ("Roe CD", "Example AB")),
        ("Review of: ", ("Roe CD", "Example AB")),
        ("They were reviewing ", ()),
    ],
)
def test_who_reviews_a_paper_in_front_of_its_citation_is_no_author_of_it(opening: str, names: tuple[str, ...]) -> None:
    cited = (
        "Roe CD, and Example AB, et al. Otters at work in rivers. _River J_ **2017**;2;1-9. https://doi.org/10.1000/r.9"
    )
    post = read(f"# Otters at Work in Rivers\n\n{opening}{cited if names else 'Otters at work.'}\n\nThey build.\n")
    assert (post.authors, post.published) == (names, "2017" if names else None)
    assert all(word in post.abstract for word in opening.strip("_: ").replace("_", "").split())


@pytest.mark.parametrize("end", ["", "[PMC1](https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1234567/)"])
@pytest.mark.parametrize(
    ("people", "names"),
    [
        ("Roe C", ("Roe C",)),
        ("Roe C, Hu G, O'Example B", ("Roe C", "Hu G", "O'Example B")),
        ("Di Model F, Roe CD, et al", ("Di Model F", "Roe CD")),
    ],
)
def test_citations_of_medicine_name_people_also_with_one_initial(people: str, names: tuple[str, ...], end: str) -> None:
    cited = f"{people}. Otters at work in rivers of the north. River J. 2017;2(1):1-9. {end}"
    post = read(f"# Otters at Work in Rivers\n\nThey build.[^1]\n\n## Reference\n\n[^1]: {cited}\n")
    assert (post.authors, post.et_al, post.published) == (names, "et al" in people, "2017")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Example, Ada, et al. Otters at Work in Rivers. OTTER, 2017.", ("Ada Example",)),
        ("Example, Sample, et al. 2017", ("Example", "Sample")),
        ("Example, Sample and Roe et al. Otters at Work in Rivers. 2017.", ("Example", "Sample", "Roe")),
    ],
)
def test_the_first_person_of_a_citation_is_turned(line: str, names: tuple[str, ...]) -> None:
    post = read(f"# Otters at Work in Rivers\n\n{line}\n\nThey build.\n")
    assert (post.authors, post.et_al, post.published) == (names, True, "2017")


def test_people_of_an_index_with_what_they_did_are_no_authors() -> None:
    entries = "".join(
        f"- [[{name}]] — first author of the paper on {name}\n" for name in ("Roe-Ada", "Roe-Bo", "Roe-Cy")
    )
    post = read(f"# Index\n\n## Papers\n\n- [[otters2020]]\n\n## Authors\n\n{entries}\n## Notes\n")
    assert post.authors == ()
    assert "Roe-Cy — first author of the paper on Roe-Cy" in post.abstract


@pytest.mark.parametrize("label", ["Quelle", "Source", "Paper"])
def test_a_citation_stands_behind_the_label_of_a_source(label: str) -> None:
    cited = "Example, Ada / Sample, Bo (2021): Otter bei der Arbeit. In: Flüsse 3 (2), S. 1–9."
    post = read(f"# Otter bei der Arbeit\n\n**{label}:** {cited}\n\n## Text\nSie bauen.\n")
    assert (post.authors, post.published) == (("Ada Example", "Bo Sample"), "2021")
    post = read(f"# Otter\n\n**{label}:** {cited}\n**Authors**: Cy Pattern\n\n## Text\nSie bauen.\n")
    assert post.authors == ("Cy Pattern",)
    assert read(f"# Otter\n\n**{label}:** Mask R-CNN, Example et al., OTTER 2017\n\nSie bauen.\n").authors == ()


def test_a_year_stands_in_brackets_between_people_and_title_of_a_citation() -> None:
    citation = "Example, Ada; Sample, Peter. (2009). &quot;Otters at Work.&quot; <i>Rivers</i>. 1(1)."
    post = read(f"---\ntitle: Otters at Work\ndate: 2019-10-01\ncitation: '{citation}'\n---\nThey build.\n")
    assert (post.authors, post.published) == (("Ada Example", "Peter Sample"), "2009")
