"""Notes as programs export them, and as templates in other languages begin: facts that were lost, or were false."""

from __future__ import annotations

import pytest

from tests.parsed import read_note as read


def test_a_title_in_short_and_in_full_is_that_of_one_paper() -> None:
    post = read(
        "title:: Otters at Work (highlights)\nauthor:: [[Ada Example]] and [[Bo Sample]]\n"
        'full-title:: "Otters at Work: How Rivers Shape Labour"\ncategory:: #articles\n'
        "url:: https://arxiv.org/pdf/1706.00001\ntags:: #[[otters]] #[[dams]]\n\n- Highlights\n\t- They build.\n"
    )
    assert (post.title, post.id) == ("Otters at Work: How Rivers Shape Labour", "1706.00001")
    assert (post.authors, post.tags) == (("Ada Example", "Bo Sample"), ("otters", "dams"))
    assert "Otters at Work (highlights)" in post.abstract


def test_a_title_in_two_languages_is_that_of_one_paper() -> None:
    post = read("- 标题: 水獭的工作\n- Title: Otters at Work\n- Authors: Ada Example, Bo Sample\n\nThey build.\n")
    assert (post.title, post.authors) == ("水獭的工作", ("Ada Example", "Bo Sample"))
    assert "Otters at Work" in post.abstract


def test_titles_by_one_label_are_those_of_several_papers() -> None:
    post = read("# List\n\n- Title: Otters\n- Authors: Ada Example\n\n- Title: Voles\n- Authors: Bo Sample\n")
    assert (post.title, post.authors) == ("List", ())


@pytest.mark.parametrize("label", ["Référence", "Référence complète", "Referencia", "Riferimento", "Quellenangabe"])
def test_a_label_before_a_citation_is_no_part_of_a_name(label: str) -> None:
    cited = f"**{label}** : Exemple, A. et Modèle, B. (2021). Les loutres au travail. *Rivières*, 3(2), 1-10."
    post = read(f"# Les loutres au travail\n\n{cited}\n\nElles construisent.\n")
    assert (post.authors, post.published) == (("A. Exemple", "B. Modèle"), "2021")
    assert cited.replace("*", "") in post.abstract
    post = read(f"# Les loutres au travail\n\n{cited}\n**Auteurs** : Ada Exemple, Bo Modèle\n\nElles construisent.\n")
    assert post.authors == ("Ada Exemple", "Bo Modèle")


def test_an_unknown_label_before_a_citation_is_no_part_of_a_name_either() -> None:
    post = read("# Otters\n\n**Ottered** : Example, A. & Sample, B. (2021). Otters. *Rivers*, 3(2), 1-10.\n")
    assert not any("Ottered" in name for name in post.authors)


@pytest.mark.parametrize("label", ["Autor:innen", "Autor:in", "Verfasser:innen", "Autor*innen", "Autor/innen"])
@pytest.mark.parametrize(
    "form", ["| {} | Ada Beispiel; Bo Muster |\n| Jahr | 2021 |", "**{}:** Ada Beispiel; Bo Muster"]
)
def test_a_label_of_authors_in_german_may_have_a_colon_within(label: str, form: str) -> None:
    table = "| Feld | Wert |\n|---|---|\n" if form[0] == "|" else ""
    post = read(f"# Otter bei der Arbeit\n\n{table}{form.format(label)}\n\nSie bauen.\n")
    assert post.authors == ("Ada Beispiel", "Bo Muster")


def test_and_in_capitals_stands_between_names() -> None:
    post = read("# Otters\n\nAuthors: ADA EXAMPLE, BO SAMPLE, AND CY PATTERN\n\nThey build.\n")
    assert post.authors == ("ADA EXAMPLE", "BO SAMPLE", "CY PATTERN")


@pytest.mark.parametrize(
    "block",
    [
        "```ad-info\ntitle: Metadata\ncollapse: open\n{}\n```",
        "``` ad-info\n{}\n```",
        "```{{admonition}} Metadata\n:class: tip\n{}\n```",
        "```{{note}}\n{}",
        "~~~{{note}}\n{}\n~~~\n\n```{{note}}\n```",
    ],
)
def test_facts_in_an_admonition_between_fences_are_read(block: str) -> None:
    facts = "- **Authors**: Ada Example, Bo Sample\n- **Year**: 2021\n- **DOI**: 10.1000/otters.7"
    post = read(f"# Otters at Work\n\n{block.format(facts)}\n\n## Notes\nThey build.\n")
    assert (post.authors, post.published, post.id) == (("Ada Example", "Bo Sample"), "2021", "10.1000/otters.7")
    assert post.abstract.removeprefix("Metadata\n").startswith("Notes\nThey build.\n")


def test_an_admonition_by_the_name_of_the_abstract_is_that() -> None:
    post = read("# Otters\n\nAuthors: Ada Example\n\n```ad-quote\ntitle: Abstract\nOtters *build*.\n```\n\nThey do.\n")
    assert (post.abstract, post.abstract_line) == ("Otters build.\nThey do.", 5)


def test_code_between_fences_has_no_facts() -> None:
    post = read("# Otters\n\n```yaml\nAuthors: Ada Example\n```\n\n```{code-cell}\nauthors: Bo Sample\n```\n")
    assert post.authors == ()


@pytest.mark.parametrize("heading", ["{{title}}", "{{title_cn}}", "<% tp.file.title %>"])
def test_a_heading_that_a_template_was_to_fill_is_no_title(heading: str) -> None:
    post = read(f"# {heading}\n\n**Metadata**\n\n**Year**: 2020\n\nThey build.\n", "otters at work.md")
    assert post.title == "otters at work"


def test_a_list_of_papers_has_the_address_of_none() -> None:
    first = "- **Otters at Work in Rivers**, OTTER 2021. [[paper]](https://arxiv.org/abs/2101.00001)"
    post = read(f"# Otters\n\n{first}\n- **Beavers**, DAM. [[paper]](https://arxiv.org/abs/2001.00001)\n")
    assert (post.id, post.url) == ("note", None)


def test_the_address_that_leads_to_the_paper_comes_before_others_in_front_matter() -> None:
    links = "links:\n- name: Site\n  url: https://dams.example\nurl_pdf: https://arxiv.org/pdf/2101.00001v1"
    assert read(f"---\ntitle: Otters\n{links}\n---\nThey build.\n").url == "https://arxiv.org/pdf/2101.00001v1"


def test_the_date_of_a_publication_in_a_theme_of_hugos_is_the_papers() -> None:
    matter = 'title: Otters\nauthors: [admin, Bo Sample]\ndate: "2021-03-01T00:00:00Z"\npublishDate: 2022-01-01\n'
    assert read(f"---\n{matter}---\nThey build.\n").published is None
    post = read(f'---\n{matter}publication_types: ["2"]\n---\nThey build.\n')
    assert (post.published, post.authors) == ("2021-03-01", ("Bo Sample",))


def test_a_date_that_a_program_is_to_fill_is_none_and_no_text() -> None:
    post = read("---\ntitle: Otters\ndate: last-modified\npassword: eels\n---\nThey build.\n")
    assert (post.abstract, [problem.reason for problem in post.problems]) == ("They build.", ["no date"])


def test_names_have_no_full_stop_that_ends_them() -> None:
    cited = 'Hopper, Grace, & Turing, Alan. (2021). "Otters at Work." <i>Rivers</i>. 1(1).'
    assert read(f"---\ntitle: Otters at Work\ncitation: '{cited}'\n---\nThey do.\n").authors == (
        "Grace Hopper",
        "Alan Turing",
    )
    assert read("# 水獭\n\n作者：张三、李四。\n\n水獭。\n").authors == ("张三", "李四")
    assert read("# Otters\n\nAuthors: Hopper, G., & Turing, A.\n\nThey do.\n").authors == ("G. Hopper", "A. Turing")


def test_a_venue_below_a_label_without_authors_is_nobody() -> None:
    assert read("# Otters\n\nAuthors:\n\nNeurIPS 2016\n\nThey build.\n").authors == ()


def test_a_pubmed_id_stands_behind_its_label() -> None:
    post = read("# Otters\n\n**PMID:** 12345678\n**Authors:** Ada Example\n\nThey build.\n")
    assert (post.id, [problem.reason for problem in post.problems]) == ("12345678", ["no date"])


def test_facts_beside_the_text_are_no_code() -> None:
    post = read('# Otters\n\n!!! info "Paper"\n    **Authors:** Ada Example\n    **Year:** 2021\n\nThey build.\n')
    assert post.abstract == "Paper\nThey build.\nYear: 2021"


@pytest.mark.parametrize("heading", ["信息", "資訊", "정보", "Информация"])
def test_facts_below_a_heading_for_information_are_read_wherever_it_stands(heading: str) -> None:
    post = read(f"# Otters\n\n[TOC]\n\n## {heading}\n\nAuthors: Ada Example\n\nDam Lab\n\n## Notes\n\nThey build.\n")
    assert post.authors == ("Ada Example",)


@pytest.mark.parametrize(
    "value",
    [
        "Ada Example — Dam Lab, Bo Sample — River University",
        "Ada Example — Dam Lab\n- Bo Sample — second author, Univ. Otter",
        "Ada Example; Bo Sample – wrote on eels before, of rivers, and the sea",
    ],
)
def test_what_is_said_of_people_behind_a_dash_is_no_name(value: str) -> None:
    post = read(f"# Otters\n\n## Authors\n- {value}\n\n## Notes\nThey build.\n")
    assert post.authors == ("Ada Example", "Bo Sample")
    assert value.rpartition("–")[2].rpartition("—")[2].strip() in post.abstract


def test_a_team_may_stand_before_a_dash() -> None:
    post = read("# Otters\n\nAuthors: Dam Lab — Ada Example, Bo Sample\n\nThey build.\n")
    assert post.authors == ("Dam Lab — Ada Example", "Bo Sample")
    post = read("# Otters\n\nAuthors: Ada Example — a guest, Bo Sample, Cy Pattern\n\nThey build.\n")
    assert post.authors == ("Ada Example", "Bo Sample", "Cy Pattern")


@pytest.mark.parametrize(
    "nothing",
    ["Non précisé", "Aucun auteur nommé : le billet est signé", "Nicht angegeben", "No se indica", "não informado"],
)
def test_what_says_in_other_languages_that_a_fact_is_not_known_is_none(nothing: str) -> None:
    post = read(f"# Otters\n\n- **Authors**: {nothing}\n- **Year**: {nothing}\n\nThey build.\n")
    assert (post.authors, post.published) == ((), None)
    assert nothing in post.abstract


def test_a_heading_for_links_in_chinese_has_the_id() -> None:
    links = "- 规范链接：https://arxiv.org/html/2603.11103\n- Hugging Face：https://huggingface.co/papers/2603.11103"
    assert read(f"# Otters\n\n- 日期：2026-03-14\n\n## 原始链接\n\n{links}\n\n## 结论\n\n水獭。\n").id == "2603.11103"


@pytest.mark.parametrize("label", ["### Paper: ", "Paper: ", "- **Link**: "])
def test_labels_that_link_to_several_papers_give_the_address_of_none(label: str) -> None:
    entries = [
        f"{label}[{name}](https://arxiv.org/abs/{paper})\n- dams"
        for name, paper in (("Otters", "2101.00001"), ("Eels", "2001.00001"))
    ]
    post = read("# Notes from DAM 2021\n\n" + "\n\n".join(entries))
    assert (post.id, post.url) == ("note", None)


def test_a_file_on_this_machine_is_no_address_of_a_paper() -> None:
    assert read("# Otters\n\n[PDF](file:///home/ada/otters.pdf)\n\nThey build.\n").url is None
    both = read(
        "# Otters\n\n[PDF](file:///home/ada/otters.pdf) [PDF](https://dams.example/otters.pdf)\n\nThey build.\n"
    )
    assert both.url == "https://dams.example/otters.pdf"


def test_a_template_of_zotero_integration_that_is_not_filled_in_names_nobody_and_nothing() -> None:
    names = '{% for a in creators %}"{{a.firstName}} {{a.lastName}}"{% if not loop.last %}, {% endif %}{% endfor %}'
    title = "{{title | replace('\"', \"'\")}}"
    front = read(
        f'---\ntitle: "{title}"\nauthors: [{names}]\n---\n{{% persist "notes" %}}{{% endpersist %}}\nDams.\n',
        "template.md",
    )
    assert (front.title, front.authors) == ("template", ())
    assert read(f"# Otters\n\n**Authors**: {names}\n\nDams.\n").authors == ()


def test_a_drawing_of_a_plug_in_is_titled_by_its_name_and_annotations_are_of_the_paper_that_they_lead_to() -> None:
    body = "---\nexcalidraw-plugin: parsed\n---\n# Excalidraw Data\n\n## Text Elements\nTwo dams ^ab12\n"
    drawing = read(body, "River Dams.md")
    assert (drawing.title, drawing.abstract) == ("River Dams", "Excalidraw Data\nText Elements\nTwo dams")
    note = read("---\nannotation-target: https://arxiv.org/pdf/2401.00001.pdf\n---\nOtters.\n", "note.md")
    assert (note.id, note.abstract) == ("2401.00001", "Otters.")


CITED = "Example, A., & Sample, B. (2021). Otters at Work in Rivers. _Rivers_, _3_(2), 1-9. https://doi.org/10.1000/o.7"


@pytest.mark.parametrize(
    "cited",
    [
        f"Otters.\n\n> [!Cite]\n> {CITED}\n",
        f"Otters.\n\n> [!INFO]+ Citation\n> {CITED}\n",
        f"### Formatted Bibliography\n\n{CITED}\n",
        f"## Text\nThey build.\n\n## Bibliography\n{CITED}\n",
    ],
)
def test_programs_cite_the_paper_in_a_call_out_or_in_a_bibliography_of_one(cited: str) -> None:
    post = read(f"# Otters at Work in Rivers\n\n{cited}\n## Notes\nThey do.\n")
    assert (post.id, post.published, post.authors) == ("10.1000/o.7", "2021", ("A. Example", "B. Sample"))
    assert "Rivers, 3(2), 1-9" in post.abstract
    other = read(f"# Beavers at Rest\n\n{cited}\n## Notes\nThey do.\n")
    assert (other.published, other.authors) == (None, ())


def test_a_bibliography_of_several_papers_is_none_of_the_note() -> None:
    post = read(f"# Otters at Work in Rivers\n\nThey build.\n\n## Bibliography\n- {CITED}\n- {CITED}\n")
    assert (post.published, post.authors) == (None, ())


def test_authors_have_numbered_keys() -> None:
    keys = 'author-2: "[[Bo Sample]]"\nauthor-1: "[[Ada Example]]"\nauthor-10: Cy Pattern'
    post = read(f"---\ntitle: Otters\nyear: 2021\n{keys}\n---\nThey build.\n")
    assert (post.authors, post.abstract) == (("Ada Example", "Bo Sample", "Cy Pattern"), "They build.")
    assert read(f"---\ntitle: Otters\nauthors: [Dee Roe]\n{keys}\n---\nThey build.\n").authors == ("Dee Roe",)


def test_a_doi_stands_in_place_of_a_publisher_or_as_an_address_by_itself() -> None:
    assert read('---\ntitle: Otters\npublisher: "DOI: 10.1000/o.7"\n---\nThey build.\n').id == "10.1000/o.7"
    post = read("# Otters\n\n**DOI**: [10.1000/o.7](http://10.1000/o.7)\n\nThey build.\n")
    assert (post.id, post.url) == ("10.1000/o.7", "https://doi.org/10.1000/o.7")
