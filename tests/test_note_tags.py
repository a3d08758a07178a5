"""Tags of notes, as people list, link and emphasize them."""

from __future__ import annotations

import re

import pytest

from tests.parsed import read_note as read


def test_tags_below_taxonomies_are_tags() -> None:
    post = read('+++\ntitle = "Otters"\n[taxonomies]\ntags = ["river", "dam"]\n+++\nThey build.\n')
    assert post.tags == ("river", "dam")


def test_categories_of_arxiv_are_a_tag_each_and_words_with_a_name_that_has_a_dot_are_one() -> None:
    categories = ("cs.CL", "cond-mat.dis-nn", "hep-th", "math.ST", "q-bio.NC")
    assert read(f"# Otters\n\nTags: {' '.join(categories)}\n\nText.\n").tags == categories
    for tag in ("fast.ai course notes", "node.js otters", "cs.CL otters"):
        assert read(f'---\ntags: ["{tag}"]\n---\nText.\n').tags == (tag,)


def test_the_full_stop_of_a_list_is_no_part_of_its_last_tag() -> None:
    assert read("# Otters\n\n**Keywords:** otters, deep dams.\n\nText.\n").tags == ("otters", "deep dams")
    assert read("# Otters\n\n**Keywords:** otters, A.I.\n\nText.\n").tags == ("otters", "A.I.")


@pytest.mark.parametrize(
    "line", ["#dams #[[River Otters]]", "[dams](a.md), [River Otters](b.md)", "#dams, [[a|River Otters]]"]
)
def test_tags_are_linked_in_any_way(line: str) -> None:
    assert read(f"# T\n\nTags: {line}\n").tags == ("dams", "River Otters")


@pytest.mark.parametrize(
    "line", ["*dams, River Otters*", "***dams, River Otters***", "_dams, River Otters_", "*dams*, *River Otters*"]
)
def test_tags_may_be_emphasized_each_or_all(line: str) -> None:
    assert read(f"# T\n\n## Keywords\n{line}\n\n## Text\nThey build.\n").tags == ("dams", "River Otters")


@pytest.mark.parametrize(
    "below",
    [
        "Otters call to dams, which we call topics. Dams are wet.",
        "A. Dams built\n\nB. Dams found, and kept\n\nC. Rivers",
        "| Domain | Words |\n|---|---|\n| Dams | mud, walls |\n| Rivers | water |",
    ],
)
def test_sentences_and_tables_below_topics_are_text_and_no_tags(below: str) -> None:
    post = read(f"# Otters\n\nThey build.\n\n## Topics\n\n{below}\n\n## Text\n\nThey swim.\n")
    assert post.tags == ()
    assert all(word in post.abstract for word in re.findall(r"\w{3,}", below))


def test_tags_behind_a_title_are_tags() -> None:
    post = read("# Otters Build #paper #rl/deep\n\nText.\n")
    assert (post.title, post.tags, post.abstract) == ("Otters Build", ("paper", "rl/deep"), "Text.")
    post = read("---\ntags: [x]\n---\n# Otters Build #paper\n\nText.\n")
    assert (post.title, post.tags, "paper" in post.abstract) == ("Otters Build", ("x",), True)
    assert read("# Otters in C #\n\nText.\n").title == "Otters in C"


@pytest.mark.parametrize("tag", ['"Otter" effect', "'Otter' effect"])
def test_a_tag_that_begins_with_a_quotation_keeps_both_of_its_marks(tag: str) -> None:
    assert read(f"# T\n\n**Tags**: `dams` `{tag}` `deep rivers`\n").tags == ("dams", tag, "deep rivers")
    assert read('# T\n\n**Tags**: `dams` `"deep rivers"`\n').tags == ("dams", "deep rivers")


def test_tags_behind_others_in_front_matter_are_no_comment() -> None:
    post = read("---\ntitle: T\ntags: dams, [[deep rivers]],#otter, #river-otters\n---\nText.\n")
    assert post.tags == ("dams", "deep rivers", "otter", "river-otters")
    assert read("---\ntitle: T\ntags: dams # of beavers\n---\nText.\n").tags == ("dams",)
    assert read("---\ntitle: T\ndate: 2020-01-01 #seen\n---\nText.\n").posted == "2020-01-01"


def test_the_topics_of_an_index_with_what_they_are_about_are_text() -> None:
    entries = "- [[dams]] — where otters swim, and why\n- [[reeds]] — what they eat, and when\n"
    post = read(f"# Index\n\n## Papers\n\n- [[otters2020]]\n\n## Topics\n\n{entries}\n## Notes\n")
    assert post.tags == ()
    assert "reeds — what they eat, and when" in post.abstract
