"""Suggestions, from the vocabulary of the sample posts and from small ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import papersearch
from papersearch.engine.search.spelling import corrections, is_certain
from papersearch.posts.parse import parse
from papersearch.text import words
from tests.corpora import index_of_texts, write_post
from tests.vocabulary import Vocabulary

CORPUS = Path(__file__).parent.parent / "corpus"


def suggest(words: Sequence[str], lexicon: Vocabulary) -> list[str] | None:
    """The words of a query (folded) as they were probably meant; None if nothing is known better."""
    best = [word for _, meant in corrections(words, lexicon) for word in meant]
    return best if best != list(words) else None


def test_of_forms_of_a_word_the_one_with_a_missed_letter_is_suggested() -> None:
    vocabulary = Vocabulary(["speculate", "speculative", "speculates"], times=5)
    assert suggest(["speculatve", "decoding"], vocabulary) == ["speculative", "decoding"]


@pytest.mark.parametrize("typed", ["modelling", "examinations", "experimentation", "normalisation"])
def test_a_form_of_a_word_that_nobody_writes_is_no_slip_beside_one(typed: str) -> None:
    vocabulary = Vocabulary(["modeling examination experiment normalization diffusion"], times=5)
    assert suggest([typed, "difusion"], vocabulary) == [typed, "diffusion"]


def test_a_slip_that_the_stem_forgives_is_certain() -> None:
    vocabulary = Vocabulary(["reinforcement learning"], times=5)
    assert is_certain(["reinforcment"], ("reinforcement",), vocabulary)


@pytest.mark.parametrize(("number", "put_right"), [(12, True), (13, False)])
def test_words_that_nobody_writes_are_left_as_they_are_if_they_are_many(number: int, put_right: bool) -> None:
    written = [f"rein{letter}orcement" for letter in "bcdfghjklmnpqrst"[:number]]
    typed = [word.replace("ement", "ment") for word in written]
    vocabulary = Vocabulary([" ".join([*written, "diffusion"])], times=5)
    assert suggest([*typed, "difusion"], vocabulary) == [*(written if put_right else typed), "diffusion"]


POSTS = [parse(str(path), path.read_bytes()) for path in sorted(CORPUS.glob("*.md"))]
TEXTS = [f"{post.title}\n{post.abstract}" for post in POSTS]
SAMPLES = Vocabulary(TEXTS, times=3)
AS_RARE_AS_THEY_ARE = Vocabulary(TEXTS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("transfomer", "transformer"),
        ("difusion modle", "diffusion model"),
        ("reinforcemnt lerning", "reinforcement learning"),
        ("reinforcment lerning", "reinforcement learning"),
        ("difusion of variabls", "diffusion of variables"),
        ("mixture of exprets", "mixture of experts"),
        ("laguage models", "language models"),
        ("languagemodels", "language models"),
        ("atention", "attention"),
        ("largelanguage", "large language"),
        ("retreival augmented genration", "retrieval augmented generation"),
        ("trans former modle", "transformer model"),
        ("dfifusin", "diffusion"),
    ],
)
def test_a_slip_is_put_right_to_what_was_meant(typed: str, meant: str) -> None:
    assert suggest(typed.split(), SAMPLES) == meant.split()


@pytest.mark.parametrize("post", POSTS, ids=lambda post: post.id)
def test_words_of_the_corpus_are_fine(post: object) -> None:
    title = getattr(post, "title")  # noqa: B009
    assert suggest(words.surfaces(title), SAMPLES) is None
    assert suggest(words.surfaces(title), AS_RARE_AS_THEY_ARE) is None


def test_an_unknown_word_with_nothing_near_stays_as_it_is() -> None:
    assert suggest(["zxqvwk"], SAMPLES) is None
    assert suggest(["zxqvwk", "lerning"], SAMPLES) == ["zxqvwk", "learning"]


def test_neighbours_decide_between_two_candidates() -> None:
    lexicon = Vocabulary(
        ["graph network", "graph network", "graph network", "grape juice", "grape juice", "grape juice"]
    )
    assert suggest(["grapk", "network"], lexicon) == ["graph", "network"]
    assert suggest(["grapk", "juice"], lexicon) == ["grape", "juice"]


def test_a_rare_word_is_mended_only_if_it_is_long_and_the_other_is_much_more_frequent() -> None:
    lexicon = Vocabulary(["transformer"] * 200 + ["transfomer", "role"] + ["rose"])
    assert suggest(["transfomer"], lexicon) == ["transformer"]
    assert suggest(["rose"], lexicon) is None


def test_of_a_shorter_rare_word_one_that_is_far_more_frequent_is_offered_but_never_put_in_its_place() -> None:
    lexicon = Vocabulary(["visual"] * 1_000 + ["visal"])
    assert suggest(["visal"], lexicon) == ["visual"]
    assert not is_certain(["visal"], ["visual"], lexicon)
    assert suggest(["visal"], Vocabulary(["visual"] * 999 + ["visal"])) is None


def test_a_word_that_nobody_writes_so_is_judged_by_the_papers_that_have_it_in_other_inflections() -> None:
    lexicon = Vocabulary(["transformer"] * 200 + ["tranformation"])
    assert words.stem("tranformer") == words.stem("tranformation")
    assert suggest(["tranformer"], lexicon) == ["transformer"]
    assert suggest(["tranformer"], Vocabulary(["transformer"] * 200 + ["tranformation"] * 3)) is None


def test_a_rare_word_with_one_letter_for_another_is_a_word_of_its_own() -> None:
    lexicon = Vocabulary(["tokenization searched"] * 200 + ["tokenisation", "searcher"])
    assert suggest(["tokenisation"], lexicon) is None
    assert suggest(["searcher"], lexicon) is None
    assert suggest(["tokenizatoin", "tokenkzation"], lexicon) == ["tokenization", "tokenization"]


def test_two_known_words_are_one_only_where_hardly_anybody_writes_them_apart() -> None:
    apart = ["trans people", "former work"] * 3
    assert suggest(["trans", "former"], Vocabulary(["transformer"] * 200 + apart)) == ["transformer"]
    assert suggest(["trans", "former"], Vocabulary(["transformer"] * 200 + ["trans former"] * 5 + apart)) is None
    assert suggest(["trans", "former"], Vocabulary(["transformer"] * 200 + ["former"] * 300 + apart)) is None
    assert suggest(["in", "put"], Vocabulary(["input"] * 200 + ["put"])) is None
    assert suggest(["synthe", "t"], Vocabulary(["synthet"] * 200 + ["synthe"])) is None


def test_stop_words_are_never_offered_and_names_only_where_no_word_is_near() -> None:
    lexicon = Vocabulary(["has vitaliy hand"] * 5, names=["vitaliy"])
    assert suggest(["hass"], lexicon) is None
    assert suggest(["vitali"], lexicon) == ["vitaliy"]
    assert suggest(["vitaliy"], lexicon) is None
    assert suggest(["vitaaliyy"], lexicon) is None
    assert suggest(["vitali"], Vocabulary(["has vitaliy hand"] * 5 + ["vital"], names=["vitaliy"])) == ["vital"]
    assert not is_certain(["vitali"], ("vitaliy",), Vocabulary(["vitaliy"] * 500, names=["vitaliy"]))


def test_a_word_whose_stem_is_in_the_corpus_is_fine() -> None:
    lexicon = Vocabulary(["exams exact"] * 5)
    assert suggest(["exam"], lexicon) is None


@pytest.mark.parametrize(
    ("typed", "meant", "certain"),
    [
        ("transfomer", "transformer", True),  # a letter missed
        ("transsformer", "transformer", True),  # doubled
        ("trasnformer", "transformer", True),  # swapped
        ("ransformer", "transformer", True),  # the first
        ("transgormer", "transformer", True),  # the key beside it
        ("transpormer", "transformer", False),  # another letter: chess is not chest
        ("gransformer", "transformer", False),  # another first letter: vulture is not culture
        ("xtransformer", "transformer", False),  # a letter before a word makes a name of it: Kaiming is not aiming
        ("rtransformer", "transformer", True),  # the key beside it, hit with it
        ("ransfomer", "transformer", False),  # two slips
        ("difussion", "diffusion", True),  # the wrong letter doubled
        ("diffussion", "diffusion", True),
        ("duffussion", "diffusion", False),
        ("acomodation", "accommodation", True),  # no letter doubled
        ("chesst", "chest", True),
        ("chess", "chest", False),  # short, and another letter
        ("chst", "chest", False),  # too short
        ("transformer", "transformed", False),  # known as it is
    ],
)
def test_only_a_slip_beyond_doubt_is_put_right_unasked(typed: str, meant: str, certain: bool) -> None:
    lexicon = Vocabulary(["transformer chest diffusion accommodation"] * 5)
    assert is_certain([typed], [meant], lexicon) is certain


def test_a_slip_that_two_words_explain_is_not_beyond_doubt() -> None:
    assert not is_certain(["contet"], ["context"], Vocabulary(["context content"] * 5))
    assert not is_certain(["continnt"], ["continent"], Vocabulary(["continent continnet"] * 5))
    assert is_certain(["continnt"], ["continent"], Vocabulary(["continent"] * 101 + ["continnet"] * 5))


def test_a_slip_that_somebody_else_made_too_is_beyond_doubt_only_beside_a_far_commoner_word() -> None:
    assert is_certain(["transfomer"], ["transformer"], Vocabulary(["transformer"] * 50 + ["transfomer"]))
    assert not is_certain(["transfomer"], ["transformer"], Vocabulary(["transformer"] * 49 + ["transfomer"]))


def test_a_short_word_is_doubted_only_for_one_slip() -> None:
    lexicon = Vocabulary(["tran recursive"] * 7)
    assert suggest(["trojan"], lexicon) is None
    assert suggest(["recusrve"], lexicon) == ["recursive"]


def test_words_too_long_to_be_typed_and_texts_in_another_language_are_left_alone() -> None:
    lexicon = Vocabulary(["a" * 40, "a" * 41, "attention"] * 3)
    assert suggest(["a" * 39 + "b"], lexicon) == ["a" * 40]
    assert suggest(["a" * 40 + "b"], lexicon) is None
    assert suggest(["atention"] * 12, lexicon) == ["attention"] * 12
    assert suggest(["atention"] * 13, lexicon) is None


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("transfomer", "transformer"),
        ("difusion modle", "diffusion model"),
        ("reinforcemnt lerning", "reinforcement learning"),
        ("reinforcment lerning", "reinforcement learning"),
        ("reinforcment", None),
        ("diffusion model", None),
        ("large language models", None),
        ("zzyzx", None),
        ("zzyzx etal", None),
        ('"difusion"', '"diffusion"'),
        ('"difusion" OR image', None),
        ('"experts of mixture"', "experts of mixture"),
        ('"experts of mixture" zzyzx', None),
        ('"zzyzx of mixture"', None),
        ('title:"experts of mixture"', None),
        ('"mixture of experts"', None),
        ("title:difusion", "title:diffusion"),
        ("title:difusion image", None),
        ("tag:datset", "tag:dataset"),
        ("difusion*", None),
    ],
)
def test_a_query_is_suggested_as_it_was_meant_or_not_at_all(
    index: papersearch.Index, query: str, suggestion: str | None
) -> None:
    assert index.search(query).suggestion == suggestion


def test_a_slip_is_doubted_though_papers_happen_to_have_its_letters_in_two_words(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, *["A tran former."] * 4, *["A transformer."] * 6)
    answer = index.search("tranformer")
    assert answer.total == 4
    assert answer.suggestion == "transformer"


def test_of_a_phrase_and_a_name_no_suggestion_is_certain(tmp_path: Path) -> None:
    for number in range(5):
        write_post(tmp_path, f"p{number}", "Diffusion models", "diffusion of old", author="Niklas Quagmire")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    found = {query: index.search(query) for query in ("difusion", '"difusion"', "quagmre", "author:quagmre")}
    assert {query: answer.suggestion for query, answer in found.items()} == {
        "difusion": "diffusion", '"difusion"': '"diffusion"',
        "quagmre": "quagmire", "author:quagmre": "author:quagmire",
    }  # fmt: skip
    assert [query for query, answer in found.items() if answer.certain] == ["difusion"]


def test_the_name_of_somebody_who_wrote_nothing_here_is_no_slip(tmp_path: Path) -> None:
    texts = ("Aiming at otters.", "Damping of otters.", "Diffusion models of otters.")
    for number, (text, author) in enumerate(zip(texts * 3, ("Han He", "Daming Zhou", "Yuexi Zhou") * 3, strict=True)):
        write_post(tmp_path, str(number), f"Otters {number}", text, author=author.replace("Daming", "Ada"))
    with papersearch.build(str(tmp_path / "index"), [str(tmp_path)]) as index:
        for name in ("Kaiming He", "kaiming he", "Daming Zhou", "daming zhou", "Zhou, Daming"):
            assert index.search(name).suggestion is None, name
        assert index.search("Yexi Zhou").suggestion == "Yuexi Zhou"
        assert index.search("Difusion Models").suggestion == "Diffusion Models"
        assert index.search("Difusion Otters").suggestion == "Diffusion Otters"
        assert index.search("daming of otters").suggestion == "damping of otters"


def test_what_only_cites_is_no_slip(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, *["Routing of metal in a city, preparing for VPR to be near a testis."] * 5)
    for query in (
        "ruiz etal 2024 routing",
        "Routing. arXiv preprint, 2024",
        "Routing. In NeurIPS, 2024",
        "cite routing cvpr2024",
        "Routing (CVPR'24)",
        r"\textit{Routing} of zzyzx",
    ):
        assert index.search(query).suggestion is None
    assert index.search(r"\emph{ruiz} retal").suggestion == "ruiz metal"
    assert index.search(r"retal of a c\"ity").suggestion == "metal of a cïty"
    assert index.search("ruiz retal routing").suggestion == "ruiz metal routing"


def test_what_only_asks_is_no_slip(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, *["We write of diffusion in a city."] * 5)
    assert index.search("who wrote zzyzx diffusion").suggestion is None
    assert index.search("who wrote difusion").suggestion == "who wrote diffusion"


def test_what_is_suggested_is_found(tmp_path: Path) -> None:
    for number in range(5):
        write_post(tmp_path, f"p{number}", "Diffusion models", "A quagmire of otters.", tags=["dataset"])
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    typed = ("abstract:quagmre", "title:quagmre", "otters AND title:quagmre", "author:quagmre", '"quagmre of models"')
    assert [index.search(query).suggestion for query in typed] == ["abstract:quagmire", *[None] * 4]
    for limits in ({"match": "all"}, {"until": "1990"}, {"author": "Ann Author", "sort": "title"}):
        assert index.search("difusion dams", **limits).suggestion == "diffusion dams"


def test_a_suggestion_keeps_what_is_fine_as_it_was_typed(index: papersearch.Index) -> None:
    for typed, meant in (
        ("trans former modle of Qwen2.5 (2024)", "transformer model of Qwen2.5 (2024)"),
        ("Mixture  of exprets", "Mixture  of experts"),
    ):
        assert index.search(typed).suggestion == meant


def test_a_coined_word_is_put_right_as_a_whole_and_never_part_by_part_into_one_that_nobody_has(tmp_path: Path) -> None:
    texts = ["SafeMERGE of models beside LLaVA-OneVision.", "A dream of a red tooth, with space and time to test."]
    index = index_of_texts(tmp_path, *[text for text in texts for _ in range(5)])
    for typed, meant in (
        ("SaeMERGE", "SafeMERGE"),
        ("SafeMERRGE of modles", "SafeMERGE of models"),
        ("saemerge", "safemerge"),
        ("SAEMERGE", "SAFEMERGE"),
        ("OneVsion", "OneVision"),  # a part of a longer name
        ("DreamBooth", None),  # no DreamTooth
        ("SpaceTime", None),
        ("SafeMERGE", None),
    ):
        answer = index.search(typed)
        assert answer.suggestion == meant
        assert answer.certain == (meant is not None and typed in ("saemerge", "SAEMERGE"))


def test_a_suggestion_keeps_the_capitals_that_were_typed(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, *["Diffusion of WAVES in water and otters."] * 5)
    typed = ("Difusion", "DIFUSION", "Diffusoin", "iffusion", "DiFusion", "WAETR andotters")
    assert [index.search(query).suggestion for query in typed] == [
        "Diffusion", "DIFFUSION", "Diffusion", "diffusion", None, "WATER and otters",
    ]  # fmt: skip


def test_the_name_of_a_field_is_no_word_to_be_put_right(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, *(f"bags of diffusion {number}" for number in "abcdef"))
    assert index.search("tags difusion").suggestion == "bags diffusion"
    assert index.search("tags:datset").suggestion == "tags:dataset"


def test_a_question_mark_at_the_end_of_a_word_is_no_pattern_that_nobody_misspells(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, *5 * ["otters transform rivers with diffusion"])
    assert index.search("otters with difusion?").suggestion == "otters with diffusion?"
    assert index.search("is it difusion? or otters").suggestion == "is it diffusion? or otters"
    assert index.search("ot?ers with difusion").suggestion is None
