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
