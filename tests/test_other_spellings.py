"""Words meet whatever their spelling: each found from each, in plain queries, phrases and fields."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

import papersearch
from tests.corpora import write_post

SPELLINGS = [
    ("zero-shot", "zero shot", "ZeroShot", "zeroshot", "Zero-Shot", "zero–shot", "ZEROSHOT"),
    ("end-to-end", "EndtoEnd", "endtoend", "end to end", "End-To-End"),
    ("text-to-image", "TexttoImage", "text to image", "Text-to-Image", "texttoimage"),
    ("Qwen2.5", "Qwen 2.5", "Qwen25", "qwen-2.5"),
    ("GPT-4o", "GPT4o", "gpt4o", "gpt-4o"),
    ("LLM-based", "LLMBased", "llm based", "LLMs-based", "llmbased"),
    ("U-Net", "UNet", "unet", "u-net"),
    ("R&D", "r&d"),
    ("3D", "3-D", "3d"),
    ("C++", "c++"),
    ("Poincaré", "Poincar\\'e", "Poincar\\'{e}", "poincare", "POINCARÉ"),
    ("Erd\\H{o}s-R\\'enyi", "Erdős-Rényi", "Erdos-Renyi", "erdos renyi"),
    ("$\\ell_1$-norm", "$\\ell_1$ norm", "ℓ1 norm", "l1-norm"),
    ("χSPN", "chiSPN", "χ-SPN", "$\\chi$SPN", "chi-SPN"),
    ("naïve", "naive", "NAÏVE"),
    ("retrieval-augmented", "RetrievalAugmented", "retrieval augmented", "retrievalaugmented"),
    ("multi-modal", "multimodal", "MultiModal"),
    ("large language models", "Large Language Model", "large-language models"),
    ("generating", "generation", "generates", "generated"),
    ("networks", "network", "Network's", "network’s"),
    ("ﬁne-tuning", "fine-tuning", "finetuning", "FineTuning"),
]
# Read as what they print in a title; nobody types them.
PRINTED = [
    ("R&amp;D", "R&D"),
    ('na\\"ive', "naïve"),
    ("\\textit{zero-shot}", "zeroshot"),
    ("$\\ell_1$-norm", "ℓ1 norm"),
]
# What an ordinary corpus says often, so that its vocabulary knows the parts of compounds.
FILLERS = [
    "we take a zero and a shot of it from end to end, and shots of an end of the text to an image",
    "an image of a text in the end, based on an llm, with fine nets and a tuned retrieval that is augmented",
    "tuning a fine net based on llms; the multi part and the modal part; text and images; u and net",
    "a model of large data in a language; models of it; shots; end; image; text; retrieval; augmented; based; tuning",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> papersearch.Index:
    """A paper ``g-n`` for spelling n of group g in its title, papers for what is printed, and fillers."""
    folder = tmp_path_factory.mktemp("spellings")
    for group, spellings in enumerate(SPELLINGS):
        for number, spelling in enumerate(spellings):
            write_post(folder, f"g{group}-{number}", in_title(spelling), "Nothing else.")
    for number, (spelling, _) in enumerate(PRINTED):
        write_post(folder, f"printed{number}", in_title(spelling), "Nothing else.")
    for number in range(24):
        write_post(folder, f"filler{number}", f"Filler {number}", FILLERS[number % len(FILLERS)])
    return papersearch.build(str(folder / "index"), [str(folder)])


def in_title(spelling: str) -> str:
    return f"On {spelling} matters".replace("\\", "\\\\").replace('"', '\\"')


def found(index: papersearch.Index, query: str, match: str = "auto") -> set[str]:
    return {hit.id for hit in index.search(query, limit=2_000, snippets=False, match=match).results}


@pytest.mark.parametrize(
    ("form", "match"),
    [
        ("{}", "auto"),
        ("{}", "all"),
        ("on {} matters", "all"),
        ('"{}"', "auto"),
        ('"{} matters"', "auto"),
        ('"on {} matters"', "auto"),
        ("title:{}", "all"),
        ('title:"{}"', "auto"),
        ('title:"{} matters"', "auto"),
    ],
)
def test_each_spelling_is_found_from_each(index: papersearch.Index, form: str, match: str) -> None:
    lost = []
    for group, spellings in enumerate(SPELLINGS):
        for asked in spellings:
            if form == "title:{}" and " " in asked:
                continue
            ids = found(index, form.format(asked), match)
            lost += [
                f"{written} from {form.format(asked)}"
                for number, written in enumerate(spellings)
                if f"g{group}-{number}" not in ids
            ]
    assert lost == []


def test_what_stands_in_a_title_is_read_as_it_prints(index: papersearch.Index) -> None:
    for number, (_, asked) in enumerate(PRINTED):
        assert f"printed{number}" in found(index, asked, "all")
        assert f"printed{number}" in found(index, f'"on {asked} matters"')


def test_other_words_are_not_taken_for_spellings(index: papersearch.Index) -> None:
    for number in range(len(SPELLINGS[0])):
        assert f"g0-{number}" not in found(index, "shot zero", "all") - found(index, "zero shot", "all")
        assert f"g0-{number}" not in found(index, '"shot zero"')
    assert not {f"filler{number}" for number in range(24)} & found(index, '"zero shot"')
    assert not {key for key in found(index, "c++") if key.startswith("filler")}


@pytest.mark.parametrize("title", ["语言模型的推理能力", "日本語の文章", "한국어 언어 모델", "视觉语言模型逐步推理"])
def test_cjk_text_is_found_by_any_two_adjacent_characters(title: str, tmp_path: Path) -> None:
    write_post(tmp_path, "one", title, "无")
    write_post(tmp_path, "two", "Else", "别的东西")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    for first, second in pairwise(title):
        if " " not in first + second:
            assert found(index, first + second) == {"one"}
            assert found(index, f'"{first}{second}"') == {"one"}
            assert found(index, f"title:{first}{second}") == {"one"}
    assert found(index, title, "all") == {"one"}
    assert found(index, f'"{title}"') == {"one"}


@pytest.mark.parametrize("query", ["图神经网络是什么？", "分子的图神经网络", "グラフの分子", "분자는 그래프"])
def test_what_no_paper_has_in_one_piece_is_found_by_its_pairs(query: str, tmp_path: Path) -> None:
    """Chinese and the like have no blanks between words: a query of three to ten characters found nothing."""
    write_post(tmp_path, "one", "图神经网络预测分子", "无")
    write_post(tmp_path, "two", "分子グラフの予測", "无")
    write_post(tmp_path, "three", "분자를 위한 그래프", "无")
    write_post(tmp_path, "four", "Else", "别的东西")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    papers = [hit.id for hit in index.search(query).results]
    wanted = {"图": "one", "分": "one", "网": "one", "グ": "two", "분": "three"}[query[0]]
    assert papers[0] == wanted
    assert "four" not in papers
    assert found(index, query, "all") == set()
    assert found(index, "图神经") == {"one"}
    assert found(index, "分子グ") == {"two"}


# --- the real posts ---

REAL = [
    ("zero-shot", "zero shot", "ZeroShot", "zeroshot"),
    ("end-to-end", "EndtoEnd", "endtoend", "end to end"),
    ("text-to-image", "TexttoImage", "text to image"),
    ("LLM-based", "LLMBased", "llm based"),
    ("fine-tuning", "FineTuning", "finetuning", "fine tuning"),
    ("multi-modal", "MultiModal", "multimodal"),
    ("open-source", "OpenSource", "open source", "opensource"),
    ("real-time", "RealTime", "realtime", "real time"),
    ("large-scale", "LargeScale", "largescale", "large scale"),
    ("out-of-distribution", "OutofDistribution", "out of distribution"),
    ("retrieval-augmented", "RetrievalAugmented", "Retrievalaugmented", "retrieval augmented"),
    ("GPT-4o", "GPT4o"),
    ("Qwen2.5", "Qwen25", "Qwen 2.5"),
    ("3D", "3-D"),
    ("U-Net", "UNet"),
    ("few-shot", "FewShot", "fewshot", "few shot"),
    ("self-supervised", "SelfSupervised", "selfsupervised", "self supervised"),
    ("vision-language", "VisionLanguage", "vision language", "visionlanguage"),
]


def test_nearly_all_titles_of_the_real_posts_are_found_from_every_spelling(real: papersearch.Index) -> None:
    titles = [(hit.id, hit.title) for hit in real.search("*", limit=5_000, snippets=False).results]
    asked = 0
    for spellings in REAL:
        letters = r"[-\s.]?".join(re.sub("[^a-z0-9]", "", spellings[0].lower()))
        holding = [key for key, title in titles if re.search(rf"(?<![a-z0-9]){letters}s?(?![a-z0-9])", title.lower())]
        for spelling in spellings:
            for query in (spelling, f'"{spelling}"', f'title:"{spelling}"'):
                ids = found(real, query, "all")
                asked += len(holding)
                assert len(ids & set(holding)) >= 0.95 * len(holding), query
    assert asked > 2_500
