"""The tokenizer: spellings that must meet, offsets that must be true, texts that must not hurt."""

from __future__ import annotations

import re
import threading
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papersearch.text import chunks, folding, words

SPELLINGS = [
    ["zero-shot", "zero shot", "ZeroShot", "zeroshot", "Zero–Shot", "zero‑shot"],
    ["end-to-end", "end to end", "EndtoEnd", "End-to-End", "endtoend"],
    ["text-to-image", "TexttoImage", "text to image", "Text-To-Image", "TextToImage"],
    ["Qwen2.5", "Qwen 2.5", "Qwen25", "qwen2.5", "qwen25", "Qwen-2.5"],
    ["GPT-4o", "GPT4o", "gpt-4o", "gpt4o", "GPT 4o"],
    ["LLM-based", "LLMBased", "llm based", "LLM-Based"],
    ["C++", "c++"],
    ["C#", "c#"],
    ["R&D", "r&d", "RD"],
    ["U-Net", "UNet", "u-net", "unet", "U Net"],
    ["3D", "3-D", "3d", "3 D"],
    ["τ-lepton", "tau lepton", "τlepton", "Tau-Lepton", "taulepton"],
    ["β", "beta", "Β", "ϐ"],
    ["µ", "μ", "mu"],
    ["Poincaré", "Poincare", "Poincare\u0301", "POINCARÉ"],
    ["Straße", "strasse"],
    ["Erdős–Rényi", "Erdos-Renyi", "ErdősRényi", "erdos renyi"],
    ["naïve", "naive"],
    ["Schrödinger's", "Schrodinger’s", "schrodinger"],
    ["don’t", "don't", "dont"],
    ["LLMs", "llms", "LLM", "llm", "LLM's", "LLMs'"],
    ["GPUs", "gpus", "GPU", "gpu"],
    ["VAEs", "vaes", "VAE"],
    ["GNNs", "gnns", "gnn"],
    ["1,000", "1000"],
    ["ﬁne-tuning", "fine-tuning", "FineTuning", "fine tuned", "finetuning"],
    ["ResNet-50", "ResNet50", "resnet 50", "resnet-50"],
    ["ＬＬＭ", "llm"],
    ["ｶﾞﾝ", "ガン"],
    ["mix\u00adture", "mixture"],
    ["كتاب", "كـتاب", "كِتَاب"],
]


def finds(query: str, document: str) -> bool:
    """Whether ``query`` meets ``document`` the way the engine joins them: side by side, or written as one."""
    sequence, extras = words.analyze(document)
    asked = words.query_words(query)
    wanted = [word.term for word in asked]
    together = words.joined([word.word for word in asked])
    if any(sequence[i : i + len(wanted)] == wanted for i in range(len(sequence))):
        return True
    if {term for word in asked for term, count in word.joins if count == len(asked)} & {*sequence, *extras}:
        return True
    return together in sequence or together in extras


def as_one(text: str) -> str:
    """The term of ``text`` written as one word."""
    return words.joined([word.word.replace("&", "") for word in words.query_words(text)])


@pytest.mark.parametrize("group", SPELLINGS)
def test_each_spelling_is_found_from_each_other(group: list[str]) -> None:
    for query, document in product(group, group):
        sequence, extras = words.analyze(document)
        if len(sequence) > 1 and not extras:
            # Written apart: met side by side, or through the words that the corpus has side by side.
            assert finds(query, document) or as_one(query) == as_one(document), (query, document)
        else:
            assert finds(query, document), (query, document)


@pytest.mark.parametrize("hyphen", ["\u2010", "\u2011", "\u2013", "\u2212", "\uff0d"])
def test_a_hyphen_joins_words_however_it_is_typeset(hyphen: str) -> None:
    assert words.analyze(f"a zero{hyphen}shot model") == words.analyze("a zero-shot model")


@pytest.mark.parametrize("group", SPELLINGS)
def test_all_spellings_written_as_one_word_are_one_term(group: list[str]) -> None:
    assert len({as_one(text) for text in group}) == 1


@pytest.mark.parametrize(
    ("text", "sequence", "extras"),
    [
        ("zero-shot", "zero shot", "zeroshot"),
        ("TexttoImageGeneration", "textto imag generat", "texttoimag texttoimagegener imagegener"),
        ("EndtoEnd", "endto end", "endtoend"),
        ("Qwen25", "qwen 25", "qwen25"),
        ("GPT4o", "gpt 4o", "gpt4o"),
        ("LLMBased", "llm base", "llmbase"),
        ("3DGaussian", "3d gaussian", "3dgaussian"),
        ("2DDPO", "2ddpo", ""),
        ("R&D r&d", "r&d r&d", "rd rd"),
        ("conv2d Univ3 YOLOv8", "conv 2d univ 3 yolo v 8", "conv2d univ3 yolov yolov8 v8"),
        ("AT&T Q&A", "at t q&a", "qa"),
        ("C++, C#; F#!", "c++ c# f#", ""),
        ("PointNet++ ++inserted++", "pointnet++ inserted++", "pointnet insert"),
        ("a--b a—b a_b a^b", "a b a b a b a b", ""),
        ("2.5 1,000 1,2", "25 1000 12", ""),
        ("rock-", "rock", ""),
        ("-rock", "rock", ""),
        ("L’Hôpital", "l hopit", "lhopit"),
        ("一二三", "一二 二三", ""),
        ("一", "一", ""),
        ("基于LLM的方法", "基于 llm 的方 方法", ""),
        ("한국어", "한국 국어", ""),
        ("plus this thus gas gpus pdes", "plus this thus gas gpu pde", ""),
        ("हिन्दी", "हिन्दी", ""),
        ("", "", ""),
        (" \x00\x1b\n…“”", "", ""),
    ],
)
def test_a_text_has_these_terms_and_extras(text: str, sequence: str, extras: str) -> None:
    assert words.analyze(text) == (sequence.split(), extras.split())


TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="aAbBsS1.,-–'’&+# \t\u00a0éßτΣ\u0301一ガ한ﬁ²½ŉİ\u1100\u1161\u3099_\x00", max_size=60),
    st.lists(st.sampled_from([word for group in SPELLINGS for word in group]), max_size=12).map(" ".join),
)


@given(TEXTS)
def test_spans_and_query_words_agree_with_the_analysis(text: str) -> None:
    sequence, extras = words.analyze(text)
    found = words.spans(text)
    assert [term for _, _, term, extra in found if not extra] == sequence
    assert [term for _, _, term, extra in found if extra] == extras
    assert [word.term for word in words.query_words(text)] == sequence
    assert [term for word in words.query_words(text) for term, _ in word.joins] == extras


@given(TEXTS)
def test_offsets_lie_in_the_text_and_hold_word_characters(text: str) -> None:
    for start, end, term, _ in words.spans(text):
        assert 0 <= start < end <= len(text)
        assert 0 < len(term) <= chunks.MAX_TERM
        assert not text[start:end].isspace()
    for word in words.query_words(text):
        assert text[word.start : word.end] == word.text


@given(TEXTS, TEXTS)
def test_what_stands_around_a_text_does_not_change_its_terms(text: str, other: str) -> None:
    both = words.analyze(f"{text} {other}")
    one, two = words.analyze(text), words.analyze(other)
    assert both == (one[0] + two[0], one[1] + two[1])


def forget() -> None:
    """Empty all caches of words."""
    words._places.clear()
    words._known.cache_clear()
    words.stem.cache_clear()


@given(TEXTS)
def test_a_cold_cache_gives_the_same_as_a_warm_one(text: str) -> None:
    warm = words.analyze(text), words.surfaces(text), words.spans(text)
    forget()
    assert (words.analyze(text), words.surfaces(text), words.spans(text)) == warm


@given(st.text(max_size=30))
def test_case_does_not_matter_to_a_word_without_humps(text: str) -> None:
    word = "".join(filter(str.isalpha, text.lower()))
    if word.upper().lower() == word and word.isascii():
        (terms, extras), (loud_terms, loud_extras) = words.analyze(word), words.analyze(word.upper())
        assert terms == loud_terms
        # In capitals a stop word may be an acronym: WHO, IT.
        assert extras == [extra for extra in loud_extras if not (word in words.STOP_WORDS and extra == word.upper())]


def test_surfaces_are_the_words_as_they_would_be_spelled() -> None:
    assert words.surfaces("The LLMBased Poincaré's GNNs, 3D 一二三 zero-shot (C++)") == [
        "the", "llm", "based", "llmbased", "poincare", "gnn", "zero", "shot", "zeroshot",
    ]  # fmt: skip


def test_the_words_of_a_query_know_their_place_their_joins_and_whether_they_matter() -> None:
    one, two, three, four = words.query_words("What End-to-End")
    assert (one.text, one.stop, one.joins) == ("What", True, ())
    assert (two.start, two.end, two.word, two.stop) == (5, 8, "end", False)
    assert two.joins == (("endto", 2), ("endtoend", 3))
    assert three.stop
    assert three.joins == (("toend", 2),)
    assert two.chunk == three.chunk == four.chunk != one.chunk


@pytest.mark.parametrize(
    ("query", "telling"),
    [("A.I. safety", "a i safety"), ("the I.T. of it", "i t"), ("in the U.S. army", "u s army"), ("a i", "")],
)
def test_capitals_with_full_stops_are_no_stop_words(query: str, telling: str) -> None:
    assert [word.word for word in words.query_words(query) if not word.stop] == telling.split()


def test_the_s_of_what_is_no_plural_stays() -> None:
    assert [words.stem(word) for word in ("llms", "css", "wcss", "as", "gpus", "plus", "bus")] == (
        ["llm", "css", "wcss", "as", "gpu", "plus", "bus"]
    )


@pytest.mark.parametrize(
    ("query", "telling"),
    [
        ("Ruiz et al. (2024)", "ruiz"), ("Ruiz et al., 1998b: routing", "ruiz routing"), ("Ruiz et. al.", "ruiz"),
        ("Al doping", "al doping"), ("Ruiz et al. 1024 tokens", "ruiz 1024 tokens"), ("et", "et"), ("2024", "2024"),
        ("ruiz-etal-2024-routing", "ruiz routing"), ("Ruiz etal routing et", "ruiz routing et"),
        ("He et al., 2016: of routing", "he routing"), ("see so et al for routing", "see so routing"),
        ("An and Do etal. 2024", "do"),
    ],
)  # fmt: skip
def test_what_only_cites_tells_nothing(query: str, telling: str) -> None:
    assert [word.word for word in words.query_words(query) if not word.stop] == telling.split()


def test_an_extra_covers_all_its_parts() -> None:
    assert words.spans("a Zero-Shot b")[1:4] == [
        (2, 6, "zero", False), (7, 11, "shot", False), (2, 11, "zeroshot", True),
    ]  # fmt: skip


def test_stop_words_are_folded_words_of_one_part() -> None:
    for word in words.STOP_WORDS:
        assert [found.word for found in words.query_words(word)] == [word]
    assert "paper" not in words.STOP_WORDS
    assert len(words.STOP_WORDS) > 200


@pytest.mark.parametrize("piece", ["a", "-", "a-", "aB", "1.", "一", "a\u0301", "\u0301", "'s", "a&", "+", "é", "a "])
def test_a_huge_text_without_mercy_is_read_to_its_end(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    sequence, extras = words.analyze(text)
    assert all(len(term) <= chunks.MAX_TERM for term in sequence + extras)


def test_a_huge_text_of_new_words_does_not_stay_in_memory() -> None:
    forget()
    words.analyze(" ".join(f"new{number}x {number}{'y' * 120}" for number in range(20_000)))
    assert words._known.cache_info().currsize <= words._TOKENS
    assert words.stem.cache_info().currsize <= words._TOKENS
    forget()


def test_many_threads_get_the_same_answer() -> None:
    text = " ".join(f"Word{number}-Shot, x{'y' * 120}{number}" for number in range(300))
    expected = words.analyze(text)
    results = []

    def work() -> None:
        for _ in range(5):
            forget()
            results.append(words.analyze(text) == expected)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 30


def every_character() -> list[str]:
    return [*map(chr, range(0x110000))]


def test_chinese_japanese_and_korean_are_told_by_their_ranges() -> None:
    pattern = re.compile(f"[{folding.CJK}]")
    characters = every_character()
    assert [*map(chunks.is_cjk, characters)] == [*map(bool, map(pattern.match, characters))]


def test_nothing_is_left_out_of_letters_and_digits() -> None:
    assert not any(folding._not_letters().match(character) for character in every_character() if character.isalnum())


@given(st.text("aB1 -'&.ﬁ𝟙é\u0301→☃\ufeff混ᄀ가"))
def test_the_cheapest_pattern_finds_the_same_chunks(text: str) -> None:
    text = folding.plain_typography(text)
    assert [found[0] for found in chunks._pattern(text).finditer(text)] == chunks._any_chunk().findall(text)
