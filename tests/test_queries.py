"""Which papers a query finds: by words, phrases, patterns and ids, and none that is gone."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

import papersearch
from papersearch import NotFoundError, QueryError, UsageError
from tests.corpora import QWEN, index_of_texts, write_post
from tests.posted import everything, ids

# --- papers that must be found ---


def test_papers_with_all_words_come_before_those_with_some(index: papersearch.Index) -> None:
    answer = index.search("mixture of experts", limit=20)
    found = ids(answer)
    assert answer.total_all == 9
    assert found[0] == "2501.09636"
    assert QWEN in found[:9]
    assert all(not hit.missing for hit in answer.results[:9])
    assert all(hit.missing for hit in answer.results[9:])


def test_mixture_of_experts_finds_two_papers_among_the_first_eight_of_the_real_posts(real: papersearch.Index) -> None:
    assert {QWEN, "2501.09636"} <= set(ids(real.search("mixture of experts", limit=8)))


def test_an_unknown_tag_is_said_to_be_unknown(index: papersearch.Index) -> None:
    with pytest.raises(NotFoundError, match="did you mean 'dataset'"):
        index.search("*", tag="datasett")


@pytest.mark.parametrize(
    "options",
    [
        {"match": "some"},
        {"sort": "best"},
        {"limit": -1},
        {"offset": -1},
        {"limit": "3"},
        {"since": "x"},
        {"since": "2024-06", "until": "2024-05-31"},
    ],
)
def test_options_that_make_no_sense_are_refused(index: papersearch.Index, options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        index.search("model", **options)
    with pytest.raises(QueryError):
        index.search("date:2024-13")


# --- words, phrases, patterns ---


def test_phrases_meet_words_side_by_side_in_any_spelling(tmp_path: Path) -> None:
    index = index_of_texts(
        tmp_path,
        "We do zero-shot transfer.",  # a
        "We do ZeroShot transfer.",  # b
        "We do zero shot transfer.",  # c
        "We do zeroshot transfer.",  # d
        "The shot is zero, not a transfer.",  # e
        "We shot a transfer of zero.",  # f
    )
    for query in ('"zero shot transfer"', '"zero-shot transfer"', '"ZeroShot transfer"', '"zeroshot transfer"'):
        assert sorted(everything(index, query)) == ["a", "b", "c", "d"]
        assert sorted(everything(index, f"{query}~1")) == ["a", "b", "c", "d"]
    assert everything(index, '"shot transfer"~1') == everything(index, '"transfer shot"~1')
    assert sorted(everything(index, '"shot transfer"~1')) == ["a", "b", "c", "f"]
    assert sorted(everything(index, '"zero transfer"~1')) == ["a", "b", "c", "f"]
    assert sorted(everything(index, '"zero transfer"~2')) == ["a", "b", "c", "e", "f"]
    assert sorted(everything(index, 'transfer -"zero shot"')) == ["e", "f"]
    assert everything(index, 'title:"zero shot"') == []


def test_words_near_each_other_are_no_small_words_that_another_is_made_of(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, "An H-and gate.", "On the other hand.", "Others have H, a letter, and more.")
    assert {"a", "b"} <= {*everything(index, "hand")}
    assert everything(index, '"other hand"~3') == ["b"]


def test_a_word_that_a_phrase_holds_twice_must_stand_twice(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, "far and far away", "far away", "far far away", "far, he said, but not too far")
    assert sorted(everything(index, '"far far"')) == ["c"]
    assert sorted(everything(index, '"far far"~1')) == ["a", "c"]
    assert sorted(everything(index, '"far far"~5')) == ["a", "c", "d"]


def test_patterns_and_fuzzy_words_find_what_they_stand_for(tmp_path: Path) -> None:
    index = index_of_texts(
        tmp_path,
        "quantized nets",
        "quantization of a text",
        "the quality test",
        "Qwen2.5-Max",
        "GPT-4o",
        "a transformer",
        "Mesh2Image",
    )
    assert sorted(everything(index, "quant*")) == ["a", "b"]
    assert sorted(everything(index, "te?t")) == ["b", "c"]
    assert sorted(everything(index, "q*l*y")) == ["c"]
    assert everything(index, "qwen2*") == ["d"]
    assert everything(index, "gpt-4*") == everything(index, "gpt4*") == ["e"]
    assert everything(index, "Mesh2Image*") == everything(index, "mesh2im*") == everything(index, "mesh2*") == ["g"]
    assert everything(index, "*2image") == everything(index, "m?sh2image") == everything(index, "*h2*image") == ["g"]
    assert everything(index, "transfomer~") == ["f"]
    assert everything(index, "trnsfomer~") == []
    assert everything(index, "trnsfomer~2") == ["f"]
    assert everything(index, "title:quant*") == []
    assert sorted(everything(index, "quant* -text")) == ["a"]
    assert everything(index, "zz*") == []


def test_the_ends_of_a_pattern_do_not_overlap(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, "nana", "nanxana", "nanana")
    assert set(everything(index, "nan*ana")) == {"b", "c"}
    assert set(everything(index, "na*na")) == {"a", "b", "c"}


@pytest.mark.parametrize("query", ["diffusion -video", "diffusion NOT (video OR image)", 'diffusion -"video model"'])
def test_what_is_forbidden_is_missed_by_no_paper_and_scores_nothing(index: papersearch.Index, query: str) -> None:
    answer = index.search(query, explain=True, limit=100)
    assert answer.total_all == answer.total > 0
    assert {hit.missing for hit in answer.results} == {()}
    assert not any("video" in part.term for hit in answer.results for part in hit.explanation)


def test_a_word_that_occurs_nowhere_empties_nothing_and_is_said_to_be_missing(index: papersearch.Index) -> None:
    answer = index.search("diffusion zzyzx")
    assert answer.total == index.search("diffusion").total
    assert answer.total_all == 0
    assert ids(answer) == ids(index.search("diffusion"))
    assert {hit.missing for hit in answer.results} == {("zzyzx",)}
    assert index.search("diffusion zzyzx", match="all").total == 0


@pytest.mark.parametrize("query", ["", "   ", "...", "?? !!", '"..."', "-"])
@pytest.mark.parametrize("syntax", [True, False])
def test_a_query_without_a_word_finds_nothing(index: papersearch.Index, query: str, syntax: bool) -> None:
    answer = index.search(query, syntax=syntax)
    assert (answer.total, answer.total_all, answer.results, answer.suggestion) == (0, 0, (), None)


@pytest.mark.parametrize("match", ["auto", "all", "any"])
@pytest.mark.parametrize("noise", ['"..."', "!!", "?"])
def test_what_has_no_letter_keeps_nothing_from_matching(index: papersearch.Index, match: str, noise: str) -> None:
    assert everything(index, f"{noise} diffusion", match=match) == everything(index, "diffusion", match=match)


def test_words_that_tell_nothing_are_searched_where_there_are_no_others(tmp_path: Path) -> None:
    index = index_of_texts(tmp_path, "to be or not to be", "what is this about", "otters")
    assert everything(index, "to be or not")[0] == "a"
    assert everything(index, "what is it about?")[0] == "b"
    assert everything(index, "what is it about otters?")[0] == "c"


def test_a_question_as_it_is_typed_is_an_ordinary_query(index: papersearch.Index) -> None:
    answer = index.search("what is the best way to quantize MoE models?")
    assert answer.results[0].id == "2504.02658"
    assert answer.hint is None


# --- ids ---


@pytest.mark.parametrize(
    "text",
    [
        "2412.15115", "2412.15115v1", "2412.15115v7", "arXiv:2412.15115", "arxiv: 2412.15115v1", "id:2412.15115",
        "https://arxiv.org/abs/2412.15115v1", "http://arxiv.org/pdf/2412.15115", "arxiv.org/pdf/2412.15115v1.pdf",
        "10.48550/arXiv.2412.15115", "https://doi.org/10.48550/arXiv.2412.15115",
    ],
)  # fmt: skip
def test_any_usual_form_of_an_id_finds_that_paper_first(index: papersearch.Index, text: str) -> None:
    assert ids(index.search(text))[0] == QWEN
    if ":" not in text[:3]:
        assert ids(index.search(text, syntax=False))[0] == QWEN
    assert index.paper(text.removeprefix("id:")).id == QWEN


def test_an_id_among_words_finds_that_paper_first(index: papersearch.Index) -> None:
    assert ids(index.search("diffusion 2412.15115 video"))[0] == QWEN
    assert ids(index.search("compare 2412.15115v1"))[0] == QWEN


def test_ids_of_any_other_form_are_found_when_typed_as_words(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    write_post(corpus, "cacm1410", "On sorting", "Sorting and searching.")
    write_post(corpus, "cacm1411", "As cacm1410 says", "See cacm1410, cacm1410 and cacm 1410 on sorting.")
    write_post(corpus, "GPT-4", "A report", "Sorting with a large model.")
    write_post(corpus, "W19-5301v2", "Of a workshop", "Sorting of tasks.")
    write_post(corpus, "2023", "The year", "Sorting of years.")
    write_post(corpus, "x1", "Sorting in 2023", "In 2023 and 2023, sorting.")
    index = papersearch.build(str(tmp_path / "index"), [str(corpus)])
    for text in ("cacm1410", "CACM1410", "cacm1410v2", "cacm1410?"):
        for syntax in (True, False):
            assert ids(index.search(text, syntax=syntax)) == ["cacm1410", "cacm1411"]
    assert ids(index.search("sorting cacm1410"))[0] == "cacm1410"
    assert index.search("sorting cacm1410").results[0].missing == ()
    assert ids(index.search("gpt-4"))[0] == "GPT-4"
    assert ids(index.search("w19-5301")) == ["W19-5301"]
    assert ids(index.search("2023"))[0] == "2023"
    assert ids(index.search("sorting 2023"))[0] == "x1", "a number among words is a number"
    (corpus / "cacm1410.md").unlink()
    index.update()
    assert ids(index.search("cacm1410")) == ["cacm1411"]


def test_what_an_acronym_means_is_spelled_alike_in_whatever_order_posts_were_indexed(tmp_path: Path) -> None:
    texts = ["Large Language Models (LLMs)", "large language models (LLMs)", "Large-language Model (LLM)"]
    spelled = set()
    for order in permutations(enumerate(texts)):
        corpus = tmp_path / "".join(str(number) for number, _ in order) / "corpus"
        corpus.mkdir(parents=True)
        for number, text in order:
            (corpus / f"p{number}.md").write_text(f"---\ntitle: Of otters\n---\nAbout {text} of today.\n", "utf-8")
            index = papersearch.build(str(corpus.parent / "index"), [str(corpus)])
        spelled.add(index.search("LLM").expanded["LLM"])
        (corpus / "p0.md").unlink()
        index.update()
        assert index.search("LLM").expanded["LLM"] != ("Large Language Models",)
    assert len(spelled) == 1


def test_an_id_of_letters_alone_that_is_no_word_of_any_paper_is_found_as_the_whole_query(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "kettle.md").write_text("---\ntitle: Otters\n---\nThey swim.\n")
    (corpus / "linked.md").write_text("# Eels\n\nhttps://openreview.net/forum?id=HJgcvJBFvB\n")
    (corpus / "rivers.md").write_text("---\ntitle: Ducks\n---\nThey swim.\n")
    (corpus / "word.md").write_text("---\ntitle: Rivers\n---\nThey flow.\n")
    index = papersearch.build(str(tmp_path / "index"), [str(corpus)])
    for name in ("kettle", "Kettle.", "HJgcvJBFvB"):
        answer = index.search(name)
        assert [(hit.id.casefold(), hit.missing) for hit in answer.results] == [(name.strip(".").casefold(), ())]
        assert answer.total_all == index.search(name, syntax=False).total_all == 1
    assert ids(index.search("rivers")) == ["word"]
    assert index.search("kettle swims").total == 2  # among other words it is one


def test_the_v_of_a_name_is_no_version_in_posts_and_in_queries(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    named = ["yolov8", "mobilenetv2", "rev3", "paper v2", "arxiv12", "yolo"]
    for name in named:
        (corpus / f"{name}.md").write_text("# Of otters\n\nThey dig.\n", "utf-8")
    (corpus / "front.md").write_text("---\ntitle: Of otters\npaper_id: inceptionv3\n---\nThey dig.\n", "utf-8")
    write_post(corpus, "cacm1410v2", "Of otters", "They dig.")
    write_post(corpus, "doc1v1", "Of otters", "They dig.")
    index = papersearch.build(str(tmp_path / "index"), [str(corpus)])
    for name in [*named, "inceptionv3", "cacm1410"]:
        assert ids(index.search(f'id:"{name}"')) == [name]
        if name.isalnum() and not name.isalpha():  # as one word among others only with a digit
            assert ids(index.search(f"otters {name}"))[0] == name
        assert index.paper(name).id == name
    assert ids(index.search("id:cacm1410v2")) == [index.paper("cacm1410v2").id] == ["cacm1410"]
    assert ids(index.search("id:doc1v1")) == [index.paper("doc1v1").id] == [index.paper("doc1").id] == ["doc1"]


def test_a_removed_paper_is_found_by_no_pattern_of_many_words(tmp_path: Path) -> None:
    letters = "abcdefghij"
    for number in range(30):
        forms = " ".join(f"zeta{letters[number // 3]}{letters[number % 3]}{letter}x" for letter in letters)
        write_post(tmp_path, f"2401.{number:05}", "Letters", forms)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert index.search("zeta*").total == 30
    (tmp_path / "2401.00007.md").unlink()
    index.update()
    assert index.stats(look=False).segments == 1  # it is still in there
    answer = index.search("zeta*", limit=100)
    assert answer.total == len(answer.results) == 29
    assert "2401.00007" not in ids(answer)


def test_what_only_removed_posts_have_is_listed_and_suggested_no_more(tmp_path: Path) -> None:
    corpus, place = tmp_path / "corpus", str(tmp_path / "index")
    corpus.mkdir()
    for number in range(30):
        write_post(corpus, f"2401.000{number:02}", f"Otters {number}", "Otters build dams.")
    gone = write_post(corpus, "2402.00001", "Beavers", "Trees.", author="Zoe Zimmermann", tags=["rodents", "dataset"])
    assert "2402.00001" in papersearch.build(place, [str(corpus)]).ids()
    gone.unlink()
    index = papersearch.build(place, [str(corpus)])
    assert index.stats(look=False).segments == 1  # it is still in there
    assert index.ids() == [f"2401.000{number:02}" for number in range(30)]
    assert (index.tags(), index.authors()) == (["dataset"], ["Ann Author"])
    assert (index.ids("2402"), index.tags("rod"), index.authors("zoe")) == ([], [], [])
    assert len(index.titles()) == 30
    assert [index.completions(typed) for typed in ("beav", "rod", "zoe", 'tag:"rod', "author:zim")] == [[]] * 5
    with pytest.raises(NotFoundError) as refused:
        index.paper("2402.00001")
    assert "2402.00001" not in refused.value.hint
    for filters in ({"tag": "rodents"}, {"author": "Zoe Zimmermann"}):
        with pytest.raises(NotFoundError) as refused:
            index.search("otters", **filters)  # type: ignore[arg-type]
        assert "did you mean 'rodents'" not in refused.value.hint
        assert "Zimmermann" not in refused.value.hint
