"""Snippets: the right passage, every mark on its word, and the shortcut that finds what taking all apart finds."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import papersearch
from papersearch.engine.search import snippets
from papersearch.engine.search.highlight import Phrase, Places, Terms, Wanted
from papersearch.engine.search.snippets import WIDTH, Passage
from papersearch.posts.parse import parse
from papersearch.text import chunks, words
from tests.corpora import write_post

CORPUS = Path(__file__).parent.parent / "corpus"
ABSTRACTS = [
    post.abstract for path in sorted(CORPUS.glob("*.md")) if (post := parse(str(path), path.read_bytes())).abstract
]
LONG = (
    "Old systems read every word. A new router picks experts for each token, which saves time. "
    "Nobody knows why this works, e.g. for long texts. In the end a mixture of experts wins, and the mixture is small. "
    "We also tried other things that did not help at all, and report them here for those who come after us."
)
TRICKY = (
    "zero-shot ZeroShot zeroshot Zero Shot x's-ray X-Ray xray U-Net unet UNet R&D RD C++ Qwen2.5 2.5 25 2,500 3D LLMs "
    "llm dying die using use used don't D'Arcy β-VAE beta π_0 K\u212a İx naïve Naive “model’s” model's models — "
    "语言模型 言 end-to-end a–b (e.g. of the vying vie studies study ﬁne-tune fine tune ... - & \u00a0 \u3000"
).split(" ")


def highlights(text: str, terms: Terms, phrases: Sequence[Phrase] = ()) -> Places:
    return snippets.highlights(text, Wanted(terms, phrases))


def passages(
    text: str, terms: Terms, width: int = WIDTH, limit: int = 2, phrases: Sequence[Phrase] = ()
) -> list[Passage]:
    return snippets.passages(text, Wanted(terms, phrases), width, limit)


def wanted(query: str) -> dict[str, tuple[int, float]]:
    return {term: (number, 1.0) for number, term in enumerate(words.stem(word) for word in query.split())}


def marked(text: str, marks: tuple[tuple[int, int], ...]) -> list[str]:
    return [text[start:end] for start, end in marks]


def plainly_marked(text: str, terms: set[str], runs: list[tuple[str, ...]]) -> tuple[tuple[int, int], ...]:
    """``highlights``, the slow obvious way."""
    spans = words.spans(text)
    places = {(start, end) for start, end, term, _ in spans if term in terms}
    sequence = [span for span in spans if not span[3]]
    for run in runs:
        for first in range(len(sequence)):
            found = sequence[first : first + len(run)]
            if tuple(span[2] for span in found) == run:
                places.update((start, end) for start, end, _, _ in found)
    covered = {at for start, end in places for at in range(start, end)}
    starts = sorted(start for start, _ in places if not any(a < start < b for a, b in places))
    ends = sorted(end for _, end in places if not any(a < end < b for a, b in places))
    assert covered == {at for a, b in zip(sorted(set(starts)), sorted(set(ends)), strict=True) for at in range(a, b)}
    return tuple(zip(sorted(set(starts)), sorted(set(ends)), strict=True))


# --- which passage ---


def test_the_best_passage_holds_the_words_close_together_and_whole_sentences() -> None:
    (passage,) = passages(LONG, wanted("mixture expert"), width=100)
    assert passage.text == "In the end a mixture of experts wins, and the mixture is small."
    assert marked(passage.text, passage.highlights) == ["mixture", "experts", "mixture"]
    assert LONG[passage.start :].startswith(passage.text)


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("A cat sat here. A cat and a dog ran.", "cat dog", "A cat and a dog ran."),
        ("Cats, cats, cats and cats. One cat, one dog.", "cat dog", "One cat, one dog."),
        ("A cat, far from any old dog. The cat dog.", "cat dog", "The cat dog."),
        ("One cat is here. Two cats are here.", "cat", "One cat is here."),
        ("One cat is here. A cat or two cats.", "cat", "A cat or two cats."),
        ("Some dog was here. Not here, a cat: not a dog.", "cat dog", "Not here, a cat: not a dog."),
    ],
)
def test_more_words_beat_closer_words_and_these_beat_repeated_words(text: str, query: str, expected: str) -> None:
    assert [passage.text for passage in passages(text, wanted(query), width=30, limit=1)] == [expected]


def test_a_weighty_word_beats_a_light_one() -> None:
    text = "This is about cats. That is about dogs."
    assert passages(text, {"cat": (0, 1.0), "dog": (1, 5.0)}, width=25, limit=1)[0].text == "That is about dogs."
    assert passages(text, {"cat": (0, 5.0), "dog": (1, 1.0)}, width=25, limit=1)[0].text == "This is about cats."


def test_words_of_the_same_slot_count_as_one() -> None:
    text = "A car or an automobile. A car on a road."
    terms = {"car": (0, 1.0), "automobil": (0, 1.0), "road": (1, 1.0)}
    assert passages(text, terms, width=25, limit=1)[0].text == "A car on a road."


def test_of_the_words_of_a_slot_the_weightiest_is_shown() -> None:
    text = f"The BO comes first. {'No word of it here. ' * 20}Then Bayesian optimization."
    (passage,) = passages(text, {"bo": (0, 0.6), "bayesian": (0, 1.0)}, width=60)
    assert marked(passage.text, passage.highlights) == ["Bayesian"]
    near = "Such a BO, and then another BO, is known as Bayesian optimization to everybody in the field."
    (passage,) = passages(near, {"bo": (0, 0.6), "bayesian": (0, 1.0)}, width=40)
    assert "Bayesian" in marked(passage.text, passage.highlights)


def test_a_phrase_counts_with_its_whole_weight() -> None:
    text = "All is about cats. It is a mixture of experts."
    phrases = [(("mixtur", "of", "expert"), 0, 2.0)]
    assert passages(text, {"cat": (1, 1.5)}, width=30, limit=1, phrases=phrases)[0].start == text.index("It")


def test_a_word_without_weight_is_shown_as_well() -> None:
    (passage,) = passages(LONG, {"router": (0, 0.0)}, width=80)
    assert marked(passage.text, passage.highlights) == ["router"]


def test_two_passages_where_one_cannot_show_all_words_in_the_order_of_the_text() -> None:
    for query in ("router report", "report router"):
        found = passages(LONG, wanted(query), width=100)
        assert [marked(passage.text, passage.highlights) for passage in found] == [["router"], ["report"]]
        assert found[0].start < found[1].start
    assert len(passages(LONG, wanted("router report"), width=100, limit=1)) == 1


def test_one_passage_where_the_second_would_show_nothing_new() -> None:
    assert len(passages(LONG, wanted("mixture"), width=80)) == 1
    assert len(passages(LONG, wanted("mixture absent"), width=80)) == 1


def test_a_long_sentence_is_cut_with_an_ellipsis_that_moves_the_marks() -> None:
    (passage,) = passages(LONG, wanted("come"), width=70)
    assert passage.text == "… and report them here for those who come after us."
    assert marked(passage.text, passage.highlights) == ["come"]
    assert LONG[passage.start :] == passage.text[2:]
    (passage,) = passages(LONG, wanted("things"), width=60)
    assert passage.text == "We also tried other things that did not help at all, …"


def test_abbreviations_end_no_sentence() -> None:
    (passage,) = passages(LONG, wanted("works"), width=60)
    assert passage.text == "Nobody knows why this works, e.g. for long texts."


def test_without_a_match_it_is_the_head() -> None:
    for terms in ({}, wanted("nothing")):
        (passage,) = passages(LONG, terms, width=60)
        assert passage == ("Old systems read every word.", (), 0)
    assert passages("one two three four", {}, width=15) == [("one two …", (), 0)]


def test_of_nothing_there_is_nothing() -> None:
    assert passages("", wanted("x")) == []
    assert passages(" \n ", wanted("x")) == []
    assert highlights("", wanted("x")) == ()


def test_chinese_is_cut_at_its_own_sentences() -> None:
    text = "今天天气很好。我们研究大语言模型。结果很好。" * 3
    terms = dict.fromkeys((term for _, _, term, _ in words.spans("语言模型")), (0, 1.0))
    (passage,) = passages(text, terms, width=12)
    assert passage.text == "我们研究大语言模型。"
    assert marked(passage.text, passage.highlights) == ["语言模型"]


@pytest.mark.parametrize(
    "text", ["x" * 4_000_000, "x " * 2_000_000, "x's" * 1_000_000, "." * 4_000_000, "a" + " " * 4_000_000 + "x"]
)
def test_only_the_head_of_a_huge_text_is_looked_at(text: str) -> None:
    (passage,) = passages(text, wanted("x"))
    assert len(passage.text) <= snippets.WIDTH
    assert not highlights("a " * snippets.MOST_CHARACTERS + "x", wanted("x"))


def test_a_huge_text_is_not_cut_inside_a_word() -> None:
    text = "a " * (snippets.MOST_CHARACTERS // 2 - 1) + "xylophone"
    assert highlights(text, wanted("x xy")) == ()


# --- what is marked ---


@pytest.mark.parametrize("text", ["A zero-shot method", "A ZeroShot method", "A zeroshot method", "A Zero Shot method"])
def test_words_are_marked_in_whatever_spelling(text: str) -> None:
    marks = highlights(text, {"zeroshot": (0, 1.0)}, [(("zero", "shot"), 0, 1.0)])
    assert "".join(marked(text, marks)).replace("-", "").lower() == "zeroshot"


@pytest.mark.parametrize(
    ("text", "terms", "expected"),
    [
        ("a zero-shot method", ["zeroshot"], ["zero-shot"]),
        ("a zero-shot method", ["zero", "shot"], ["zero", "shot"]),
        ("a zero-shot method", ["zero", "shot", "zeroshot"], ["zero-shot"]),
        ("few-shot", ["shot"], ["shot"]),
        ("Studies of studying", ["studi"], ["Studies", "studying"]),
        ("The β-VAE’s loss", ["beta"], ["β"]),
        ("The β-VAE’s loss", ["betava"], ["β-VAE"]),
        ("An X's-ray", ["xray"], ["X's-ray"]),
        ("LLMs, an LLM", ["llm"], ["LLMs", "LLM"]),
        ("R&D in C++", ["rd", "c++"], ["R&D", "C++"]),
        ("Qwen2.5 and 2.5", ["qwen25", "25"], ["Qwen2.5", "2.5"]),
        ("A dying star, vying", ["die", "vie"], ["dying", "vying"]),
        ("我们研究大语言模型。", ["语言", "言模", "模型"], ["语言模型"]),
        ("İ" * 20 + " models are here", ["model"], ["models"]),
        ("remodel", ["model"], []),
    ],
)
def test_marks_fall_exactly_on_the_words(text: str, terms: list[str], expected: list[str]) -> None:
    assert marked(text, highlights(text, dict.fromkeys(terms, (0, 1.0)))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Experts of mixture; a Mixture-of-Experts.", ["Mixture", "of", "Experts"]),
        ("A mixture, of (experts)", ["mixture", "of", "experts"]),
        ("A mixture & of - experts", ["mixture", "of", "experts"]),
        ("A mixture all of experts", []),
        ("A mixture's of experts", ["mixture", "of", "experts"]),
        ("A mixture é of experts", []),
        ("mixture of mixture of experts of", ["mixture", "of", "experts"]),
    ],
)
def test_a_phrase_is_marked_word_by_word_only_where_its_words_stand_side_by_side(
    text: str, expected: list[str]
) -> None:
    assert marked(text, highlights(text, {}, [(("mixtur", "of", "expert"), 0, 1.0)])) == expected


@pytest.mark.parametrize("text", ABSTRACTS)
def test_the_shortcut_finds_what_taking_all_apart_finds_in_posts(text: str) -> None:
    spans = words.spans(text)
    sequence = [term for _, _, term, extra in spans if not extra]
    for start in range(0, len(spans), 25):
        terms = {term for _, _, term, _ in spans[start : start + 2]}
        runs = [tuple(sequence[start : start + length]) for length in (2, 3) if start < len(sequence)]
        found = highlights(text, dict.fromkeys(terms, (0, 1.0)), [(run, 1, 1.0) for run in runs])
        assert found == plainly_marked(text, terms, runs)


# Of a word with a plural inside (LLMs-based) the parts are marked, and the whole as a run of them: to look for it as
# one would cost every text more than it brings.
PLURAL_INSIDE = re.compile(r"[A-Z0-9]s[-'’.&]*\w")

tokens = st.lists(
    st.one_of(st.sampled_from(TRICKY), st.text("aeynigtszXYZ-'.&25éβ语’s", min_size=1, max_size=8)), max_size=12
)


@settings(max_examples=200, deadline=None)
@given(tokens, st.sampled_from([" ", "  ", "-", "\n", ", "]), st.randoms(use_true_random=False))
def test_the_shortcut_finds_what_taking_all_apart_finds_in_odd_texts(
    chosen: list[str], between: str, random: Random
) -> None:
    text = between.join(chosen)
    assume(not PLURAL_INSIDE.search(text))
    spans = words.spans(text)
    sequence = [term for _, _, term, extra in spans if not extra]
    terms = {random.choice(spans)[2] for _ in range(2) if spans}
    at = random.randrange(len(sequence)) if sequence else 0
    runs = [tuple(sequence[at : at + 2]), tuple(random.sample(sequence, 2))] if len(sequence) > 1 else []
    found = highlights(text, dict.fromkeys(terms, (0, 1.0)), [(run, 1, 1.0) for run in runs])
    assert found == plainly_marked(text, terms, runs)


@settings(max_examples=200, deadline=None)
@given(st.lists(tokens, min_size=2, max_size=6), st.sampled_from([" ", "-", "\n", ". "]), st.booleans(), st.data())
def test_texts_that_are_looked_through_together_have_the_marks_that_each_has_alone(
    chosen: list[list[str]], between: str, phrases: bool, data: st.DataObject
) -> None:
    texts = [*map(between.join, chosen), "", ABSTRACTS[0]]
    spans = [span for text in texts for span in words.spans(text)]
    terms = {span[2]: (number, 1.0) for number, span in enumerate(data.draw(st.lists(st.sampled_from(spans))))}
    runs = [((spans[0][2], spans[1][2]), 9, 2.0)] if phrases else []
    together = Wanted(terms, runs)
    together.look_at(texts)
    for text in [*texts, "not looked at"]:
        assert together.marks(text) == Wanted(terms, runs).marks(text)


ENDINGS = (
    "s ies ied ed edly ing ingly eed y ly ability ibility ization izer ational tional ation ator ency ancy ably ently"
    " alism ality fulness fully ously ousness iveness ivity ogist ogy lessly alize icate icity ical ness ative ance"
    " ement ment ent ion e l ll ise ising isation"
).split()


@settings(max_examples=200, deadline=None)
@given(st.text("abdeilnstuyz", min_size=1, max_size=7), st.sampled_from(["", *ENDINGS]))
@example("bbb", "ise")
def test_a_word_is_found_by_its_stem_whatever_the_stemmer_takes_from_it(root: str, ending: str) -> None:
    word = root + ending
    assert highlights(f"1 {word}.", {words.stem(word): (0, 1.0)}) == ((2, 2 + len(word)),)


def test_a_capital_that_becomes_two_small_ones_moves_no_mark() -> None:
    text = "İİİİİİİİ of the rivers and lakes: an otter swims"
    assert marked(text, highlights(text, wanted("otters"))) == ["otter"]


@pytest.mark.parametrize("width", range(40, 46))
def test_a_mark_that_the_end_of_a_passage_cuts_reaches_into_no_ellipsis(width: int) -> None:
    found = passages("模型压缩" * 100, {"模型": (0, 1.0), "压缩": (1, 1.0)}, width)
    assert found
    for passage in found:
        inner = passage.text.removeprefix("… ").removesuffix(" …")
        assert all(
            passage.text[a:b] in ("模型", "压缩", "模型压缩") or passage.text[a:b] in inner
            for a, b in passage.highlights
        )
        assert not any("…" in passage.text[a:b] for a, b in passage.highlights)


def test_the_passages_are_those_of_the_first_long_text_that_has_the_words(tmp_path: Path) -> None:
    write_post(tmp_path, "1", "Dams", "Otters build dams.", qa="Q1: Do voles build dams? No, voles dig.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)], jobs=1)
    for query, field in (("voles", "qa"), ("otters voles", "abstract"), ("build", "abstract")):
        (snippet, *_) = index.search(query).results[0].snippets
        assert snippet.field == field
        assert snippet.highlights
    (snippet,) = index.search("*").results[0].snippets
    assert (snippet.field, snippet.highlights) == ("abstract", ())


def test_texts_that_hold_the_words_of_a_phrase_apart_mark_nothing(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    write_post(tmp_path / "posts", "1", "Routing", "A mixture here. And experts of a mixture of experts.")
    write_post(tmp_path / "posts", "2", "Routing", "A mixture here. And experts of that.")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path / "posts")], jobs=1)
    marks = {}
    for hit in index.search('"mixture of experts" OR routing').results:
        (snippet,) = hit.snippets
        marks[hit.id] = marked(snippet.text, snippet.highlights)
    assert marks == {"1": ["mixture", "of", "experts"], "2": []}


def is_inside_word(text: str, at: int) -> bool:
    """Whether a cut at ``at`` goes through a word; Chinese may be cut anywhere."""
    return 0 < at < len(text) and text[at - 1 : at + 1].isalnum() and not chunks.is_cjk(text[at])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_every_passage_keeps_its_promises(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(ABSTRACTS))
    spans = words.spans(text)
    chosen = data.draw(st.lists(st.sampled_from(spans), min_size=1, max_size=6))
    terms = {term: (number, float(number + 1)) for number, (_, _, term, _) in enumerate(chosen)}
    sequence = [term for _, _, term, extra in spans if not extra]
    at = data.draw(st.integers(0, len(sequence) - 1))
    phrases = [(tuple(sequence[at : at + data.draw(st.integers(1, 4))]), 9, 3.0)]
    known = set(terms).union(phrases[0][0])
    width = data.draw(st.integers(50, 400))
    limit = data.draw(st.integers(1, 3))
    found = passages(text, terms, width, limit, phrases)
    assert 1 <= len(found) <= limit
    end = 0
    for passage in found:
        inner = passage.text.removeprefix("… ").removesuffix(" …")
        assert text[passage.start : passage.start + len(inner)] == inner
        assert passage.start >= end
        end = passage.start + len(inner)
        assert not is_inside_word(text, passage.start)
        assert not is_inside_word(text, end)
        assert len(passage.text) <= width
        assert passage.highlights
        before = -1
        for a, b in passage.highlights:
            assert before <= a < b <= len(passage.text)
            before = b
            heard = words.query_words(passage.text[a:b])
            assert known & {term for word in heard for term in (word.term, *(join for join, _ in word.joins))}


def test_texts_without_blanks_are_not_kept_in_memory() -> None:
    """Of Chinese a whole text is one token: a process that serves 20,000 of them would keep gigabytes."""
    wanted = Wanted({"机器": (0, 1.0)})
    tracemalloc.start()
    try:
        for number in range(10):
            assert wanted.marks("机器" + "学习" * 3_000 + chr(0x4E00 + number))
            wanted = Wanted(wanted.terms)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 3_000_000
