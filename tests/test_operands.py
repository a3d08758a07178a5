"""Words beside operators and fields: a compound is one word there, however it is spelled; ids are conditions."""

from __future__ import annotations

from pathlib import Path

import pytest

import papersearch
from tests.corpora import QWEN, index_of_texts, write_post
from tests.posted import everything, ids

TEXTS = (
    "Learning in real time.",  # a
    "Learning with real-time control.",  # b
    "Learning with realtime control.",  # c
    "Learning from real images.",  # d
    "Learning takes time, and real images.",  # e
    "Nothing of the kind.",  # f
    "Learning with RealTime control, which saves time.",  # g
)
REAL_TIME = ["a", "b", "c", "g"]
SPELLINGS = ("real-time", "realtime", "RealTime", "Real-Time", "real‑time", '"real time"', '"real-time"', '"realtime"')


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    return index_of_texts(tmp_path_factory.mktemp("operands"), *TEXTS)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    """Compounds of every kind, each in a paper of its own beside one with its parts alone."""
    folder = tmp_path_factory.mktemp("kinds")
    for name, text in KINDS:
        write_post(folder, name, "Some title", text)
    return papersearch.build(str(folder / "index"), [str(folder)])


@pytest.mark.parametrize("word", SPELLINGS)
def test_a_compound_beside_an_operator_is_one_word_in_any_spelling(few: papersearch.Index, word: str) -> None:
    def found(query: str, **options: object) -> list[str]:
        return sorted(everything(few, query, **options))

    assert found(f"* AND {word}") == REAL_TIME
    assert found(f"learning AND {word}") == REAL_TIME
    assert found(f"(nothing {word}) AND learning^2") == REAL_TIME
    assert found(f"{word}^2 OR nothing") == sorted([*REAL_TIME, "f"])
    assert found(f"abstract:{word}") == REAL_TIME
    assert found(f"abstract:({word} OR nothing)") == sorted([*REAL_TIME, "f"])
    assert found(f"title:{word}") == []
    for forbidden in (f"-{word}", f"NOT {word}", f"-({word} OR xyzzy)", f"* AND NOT {word}", f"-abstract:{word}"):
        assert found(forbidden) == ["d", "e", "f"]
    assert found(f"learning -{word}") == ["d", "e"]
    assert found(word, match="all") == REAL_TIME
    assert found(f"learning {word}", match="all") == REAL_TIME
    assert found(f"learning -{word}", match="all") == ["d", "e"]
    assert found(word, sort="newest") == REAL_TIME


@pytest.mark.parametrize(("word", "parts"), [("real-time", ["d", "e"]), ("RealTime", [])])
def test_a_compound_among_plain_words_is_evidence_as_its_words_are_but_for_a_name(
    few: papersearch.Index, word: str, parts: list[str]
) -> None:
    for query in (word, f"{word} xyzzy", f"{word} -xyzzy", f"({word} xyzzy)", f"{word} date:2024"):
        assert sorted(everything(few, query)) == sorted([*REAL_TIME, *parts])


# What is asked, what must be found by it, and what has only parts of it.
KINDS = [
    ("selfwhole", "It is self-supervised."), ("selfparts", "The self is supervised."),
    ("statewhole", "The state of the art."), ("stateparts", "The art of a state."),
    ("endwhole", "From end to end."), ("endparts", "It comes to an end of the end."),
    ("gptwhole", "We ask GPT-4."), ("gptparts", "We ask 4 times, not GPT."),
    ("xraywhole", "An X-ray of it."), ("xrayparts", "A ray for the x."),
    ("yolowhole", "We train YOLOv8."), ("yoloparts", "We train YOLO on 8 cards."),
    ("ghzwhole", "At 5 GHz."), ("ghzparts", "At 3 GHz, 5 times."),
    ("daywhole", "Open 24/7."), ("dayparts", "Open 24 hours, 7 days."), ("daynumber", "Of 247 papers."),
    ("scorewhole", "It ended 3-13."), ("scoreparts", "It ended at 13, after 3."), ("scorenumber", "Of 313 games."),
    ("qwenwhole", "We run Qwen2.5."), ("qwenparts", "We run Qwen and 2.5 others."),
    ("uswhole", "Made in the U.S. by many."), ("usparts", "Let us see it."),
    ("rdwhole", "On R&D of it."), ("rdparts", "On r, and d."),
    ("whowhole", "As the WHO says."), ("whoparts", "Those who say it."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("self-supervised", "self"), ("SelfSupervised", "self"), ('"self supervised"', "self"),
        ("state-of-the-art", "state"), ("end-to-end", "end"), ("EndToEnd", "end"),
        ("GPT-4", "gpt"), ("GPT4", "gpt"), ('"GPT-4"', "gpt"), ("x-ray", "xray"), ("xray", "xray"),
        ("YOLOv8", "yolo"), ("yolo-v8", "yolo"), ("5GHz", "ghz"), ("24/7", "day"), ('"24/7"', "day"),
        ("3-13", "score"), ('"3-13"', "score"),
        ("Qwen2.5", "qwen"), ("qwen-2.5", "qwen"), ("U.S.", "us"), ('"U.S."', "us"), ("US", "us"),
        ("R&D", "rd"), ('"R&D"', "rd"), ("WHO", "who"), ('"WHO"', "who"),
    ],
)  # fmt: skip
def test_a_compound_of_any_kind_is_held_by_what_has_it_whole(kinds: papersearch.Index, word: str, kind: str) -> None:
    others = {name for name, _ in KINDS} - {f"{kind}whole"}
    assert everything(kinds, f"* AND {word}", expand=False) == [f"{kind}whole"]
    assert {*everything(kinds, f"-{word}", expand=False)} == others
    assert everything(kinds, f"abstract:{word}", expand=False) == [f"{kind}whole"]
    assert everything(kinds, word, match="all", expand=False) == [f"{kind}whole"]


def test_a_compound_is_named_and_marked_as_it_is_written(few: papersearch.Index) -> None:
    answer = few.search("images OR real-time")
    missing = {hit.id: hit.missing for hit in answer.results}
    assert missing == dict.fromkeys("de", ("real-time",)) | dict.fromkeys(REAL_TIME, ("images",))
    marked = {
        hit.id: [snippet.text[a:b] for snippet in hit.snippets for a, b in snippet.highlights] for hit in answer.results
    }
    assert marked["a"] == ["real", "time"]
    assert marked["b"] == ["real-time"]
    assert marked["c"] == ["realtime"]
    assert marked["d"] == marked["e"] == ["images"]


def test_authors_and_tags_with_hyphens_are_whole(tmp_path: Path) -> None:
    write_post(tmp_path, "whole", "A", "Text.", author="Ann Smith-Jones", tags=["few-shot"])
    write_post(tmp_path, "parts", "B", "Text.", author="Ann Jones, Bo Smith", tags=["shot", "few"])
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    for query in ("author:smith-jones", "author:SmithJones", "tag:few-shot", "tag:fewshot", "text tag:few-shot"):
        assert everything(index, query) == ["whole"]
    assert everything(index, "*", tag="few-shot") == ["whole"]
    assert everything(index, "*", tag="few") == ["parts"]


def test_a_compound_that_is_the_long_form_of_an_acronym_finds_it(tmp_path: Path) -> None:
    index = index_of_texts(
        tmp_path,
        "Mixture of experts (MoE) and routing.",  # a
        "A mixture of experts (MoE) again.",  # b
        "MoE and routing.",  # c
        "Experts and routing.",  # d
    )
    assert sorted(everything(index, "mixture-of-experts AND routing")) == ["a", "c"]
    assert sorted(everything(index, "MoE AND routing")) == ["a", "c"]
    assert everything(index, "mixture-of-experts AND routing", expand=False) == ["a"]
    assert sorted(everything(index, "mixture-of-experts", match="all")) == ["a", "b", "c"]
    assert sorted(everything(index, "mixtureofexperts", match="all")) == ["a", "b", "c"]


def test_a_compound_that_is_still_being_typed_goes_on(few: papersearch.Index) -> None:
    for query in ("learning AND real-tim", "abstract:real-tim", "learning AND RealTim"):
        assert {"a", "b", "g"} <= {*ids(few.search(query, prefix=True))} <= {*REAL_TIME}


# --- ids ---


@pytest.mark.parametrize("form", ["id:{}", "ID:{}", "id:{}v1", "id:arXiv:{}", "id:http://arxiv.org/abs/{}", 'id:"{}"'])
def test_an_id_after_its_field_is_a_condition_beside_words(index: papersearch.Index, form: str) -> None:
    asked = form.format(QWEN)
    assert everything(index, asked) == [QWEN]
    assert everything(index, f"language models {asked}") == [QWEN]
    assert everything(index, f"{asked} language models") == [QWEN]
    assert everything(index, f"language AND {asked}") == [QWEN]
    assert everything(index, f"xyzzy {asked}") == []
    assert QWEN not in everything(index, f"language models -{asked}")


@pytest.mark.parametrize("form", ["{}", "arXiv:{}", "http://arxiv.org/abs/{}", "https://doi.org/10.48550/arXiv.{}"])
def test_an_id_beside_operators_and_words_is_one_of_them_in_any_form(index: papersearch.Index, form: str) -> None:
    asked, other = map(form.format, (QWEN, "2504.02658"))
    others = {*everything(index, "*")} - {QWEN}
    for forbidding in ("-{}", "(-{})", "(* -{})", "NOT {}", "-id:{}", "* -{}", "* AND NOT {}"):
        assert {*everything(index, forbidding.format(asked))} == others
    assert everything(index, f"{asked} OR diffusion") == [QWEN, *everything(index, "diffusion")]
    assert {*everything(index, f"{asked} OR {other}")} == {QWEN, "2504.02658"}
    assert {*everything(index, f"{asked} {other}")} == {QWEN, "2504.02658"}
    assert everything(index, f"{asked} AND year:1999") == []
    for syntax in (True, False):
        found = everything(index, f"diffusion {asked}", syntax=syntax)
        assert found[0] == QWEN
        assert {*found} >= {*everything(index, "diffusion")}


def test_an_unknown_id_after_its_field_is_not_searched_as_words(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, "On diffusion.")
    for query in ("id:10.1000/diffusion", "diffusion id:10.1000/diffusion", "id:2412.99999 diffusion"):
        answer = index.search(query)
        assert answer.total == 0
        assert "there is no paper" in (answer.hint or "")


def test_of_an_address_with_an_unknown_id_the_title_is_searched(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, "On routing experts.", "On experts.", "Gray.")
    address = f"https://www.semanticscholar.org/paper/Routing-Experts-Ruiz-Gray/{'204e3073' * 5}"
    assert everything(index, address)[0] == "a"
    assert "there is no paper 204e3073" in (index.search(address).hint or "")
    for before in ("see", r"see Schr\"odinger at", "seen%20w/o"):
        assert everything(index, f"{before} {address}")[0] == "a"
    once, twice = (index.search(asked).results[0].score for asked in (address, f"{address}^2"))
    assert twice == pytest.approx(2 * once)
    assert everything(index, address.replace("Routing-Experts-Ruiz-Gray/", "")) == []


@pytest.mark.parametrize(
    "where",
    ["doi = {10.1000/proceedings.17}", 'url = "https://openreview.net/forum?id=aB3dEfGhIj"', "eprint={2412.99999}"],
)
def test_of_a_bibtex_entry_with_an_unknown_id_the_title_is_searched(tmp_path: Path, where: str) -> None:
    index = index_of_texts(tmp_path, "On routing experts.", "On experts.", "Gray.")
    entry = (
        f"@inproceedings{{ruiz2024,\n  title = {{{{R}}outing E{{x}}perts}},\n  author = {{Gray, Ann}},\n  {where}\n}}"
    )
    answer = index.search(entry)
    assert [hit.id for hit in answer.results] == ["a", "b"]
    assert "there is no paper" in (answer.hint or "")
    assert everything(index, entry.replace("title", "series")) == []
