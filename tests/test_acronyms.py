"""Which explanations of acronyms are found, which are left, and how they are keyed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papersearch.text import acronyms, words

EXPLAINED = [
    ("a mixture-of-experts (MoE) layer", "moe", "mixture of experts"),
    ("Mixture of Experts (MoEs)", "moe", "mixture of experts"),
    ("large language models (LLMs)", "llm", "large language models"),
    ("multi-modal large language models (MLLMs)", "mllm", "multi-modal large language models"),
    ("we use graph neural networks (GNNs)", "gnn", "graph neural networks"),
    ("robust to out-of-distribution (OOD) data", "ood", "out of distribution"),
    ("Retrieval-Augmented Generation (RAG)", "rag", "retrieval augmented generation"),
    ("RAG (retrieval-augmented generation) helps", "rag", "retrieval augmented generation"),
    ("Low-Rank Adaptation (LoRA)", "lora", "low rank adaptation"),
    ("trained with Proximal Policy Optimization (PPO)", "ppo", "proximal policy optimization"),
    ("text-to-image (T2I) models", "t2i", "text to image"),
    ("towards Explainable AI (XAI)", "xai", "explainable AI"),
    ("variational autoencoders (VAEs, Kingma)", "vae", "variational autoencoders"),
    ("a state-of-the-art (SOTA) result", "sota", "state of the art"),
    ("research and development (R&D)", "r&d", "research and development"),
    ("3D Gaussian Splatting (3DGS)", "3dgs", "3D Gaussian Splatting"),
    ("k-nearest neighbors (kNN)", "knn", "k-nearest neighbors"),
    ("the first (a) and the second (b)", None, None),
    ("as in Figure 2 (see above)", None, None),
    ("electroencephalography (EEG)", None, None),
    ("the model GPT-4 (GPT)", None, None),
    ("nothing that would match (XYZ)", None, None),
    ("no bracket at all", None, None),
    ("an open bracket (MoE", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "short", "long"), EXPLAINED)
def test_an_explanation_gives_the_terms_of_both_forms(text: str, short: str | None, long: str | None) -> None:
    expected = [(short, " ".join(words.analyze(long)[0]))] if short and long else []
    assert acronyms.pairs(text) == expected


@pytest.mark.parametrize("short", ["MoE", "MoEs", "LLM", "LLMs", "R&D", "U-Net", "GPT-4", "T2I", "VAEs", "RoBERTa"])
def test_the_key_is_a_term_that_the_index_holds_for_the_short_form(short: str) -> None:
    sequence, extras = words.analyze(short)
    assert acronyms.short_term(short) in sequence + extras


def test_several_explanations_come_in_their_order() -> None:
    text = "We join reinforcement learning (RL) with chain-of-thought (CoT)."
    assert [short for short, _ in acronyms.pairs(text)] == ["rl", "cot"]


def test_a_long_form_does_not_reach_back_over_the_end_of_a_sentence() -> None:
    assert acronyms.pairs("It learns to rank. Language (RL)") == []


PIECES = [
    *"aBS2 .,-()&ßİ\n",
    *sorted({piece for text, *_ in EXPLAINED for piece in (text, *re.findall(r"\S+ ?", text))}),
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_any_text_gives_pairs_of_a_term_and_at_least_two_terms(text: str) -> None:
    for short, long in acronyms.pairs(text):
        assert short
        assert len(long.split(" ")) >= 2


@pytest.mark.parametrize("piece", ["(", ")", "(A", "aa" * 100])
def test_a_huge_text_is_read_to_its_end(piece: str) -> None:
    assert acronyms.pairs(f"{piece * 5_000} mixture of experts (MoE)") == [("moe", "mixtur of expert")]
