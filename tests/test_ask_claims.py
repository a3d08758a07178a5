"""What a sentence puts together that its passage says apart falls: numbers, doers and conditions of something else."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from papersearch.engine.ask.checking import objection

FORESTS = (
    "On raw (unfiltered) records, Forest achieved the highest accuracy (71.3%), and Kernel achieved the highest recall "
    "(82.6%). After filtering, both improved: Forest achieved up to 87.1% accuracy and 93.4% recall, while Kernel "
    "reached 80.2% accuracy and 90.9% recall."
)
PENALTIES = (
    "We test on unseen flows. Adding penalties improves slope accuracy by 15% in nearby cases and up to 35% in distant "
    "cases, which suggests that it generalizes."
)
NAMED = "FastNet2.5, our network, reaches 85% on letters, while SlowNet3 (of others) reaches 81%."
RANGE = (
    "FastNet reduces the errors of readers from 40 to 12 on images. Its losses of mice and men are 5 and 7. "
    "Runs take 3 ms per frame and 9 ms per video."
)
OTTER = (
    "We present OtterBench, a new broad dataset that is designed to evaluate if models can spot fabrications in legal "
    "letters. Current spotting methods face severe limits when applied to narrow fields like law, where they can have "
    "costly consequences. Existing legal datasets are small, containing only a few hundred letters. OtterBench closes "
    "this gap by providing many annotated letters. This resource enables faster evaluation of writing systems while "
    "reducing reliance on costly expert review, potentially accelerating the development of legal assistants."
)
PUZZLES = (
    'A plain approach solves 17% of Grid puzzles in our set and a "Steps" approach solves 31% of puzzles, whereas our '
    'strongest "Actor" approach solves 76% of puzzles. When asked to solve a puzzle all at once, mini solves 59% of '
    "Grid puzzles, and when allowed to guess one group at a time, mini solves 90% of the puzzles."
)
SQUEEZE = (
    "Squeeze reduced node and edge counts by 18% and 27%, respectively, with an error of only 2%. In contrast, other "
    "tools reach 4% and 6%."
)
READERS = (
    "Analysis reveals variations (p < 0.05), with older readers (36–70) engaging more with words and younger readers "
    "(13–35) interacting more with images. The new layout reduces reading time by 36.8% and page visits by 39.7%."
)
CORE = (
    "We introduce a tiny core. The memory size of the core is smaller than the same network and the power consumption "
    "is only 3.4 mW. Tests show that the proposed automatic pruning reduces the traffic by 56% with only 0.9% loss."
)
OPTIMIZERS = (
    "Adam converges faster than SGD on small datasets, but SGD generalizes better on large datasets. Dropout reduces "
    "overfitting, and weight decay increases training time by 12%. Training takes 3 hours on 8 machines, while "
    "inference takes 20 ms on one core."
)


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("On raw records, Forest achieved the highest accuracy (71.3%).", FORESTS),
        ("Kernel achieved the highest recall (82.6%).", FORESTS),
        ("Forest achieved up to 87.1% accuracy.", FORESTS),
        ("Adding penalties improves slope accuracy by 15% in nearby cases.", PENALTIES),
        ("Adding penalties improves slope accuracy by up to 35% in distant cases.", PENALTIES),
        (
            "OtterBench is a dataset that is designed to evaluate if models can spot fabrications in legal letters.",
            OTTER,
        ),
        ("OtterBench provides many annotated letters.", OTTER),
        ("OtterBench enables faster evaluation of writing systems.", OTTER),
        ("The strongest Actor approach solves 76% of puzzles.", PUZZLES),
        ("When asked to solve a puzzle all at once, mini solves 59% of Grid puzzles.", PUZZLES),
        ("Squeeze reduced node and edge counts by 18% and 27%, respectively.", SQUEEZE),
        ("Squeeze reduced edge counts by 27%.", SQUEEZE),
        ("The power consumption is only 3.4 mW.", CORE),
        ("Older readers engage more with words.", READERS),
        ("Younger readers (13–35) interact more with images.", READERS),
        ("The new layout reduces page visits by 39.7%.", READERS),
        ("The proposed automatic pruning reduces the traffic by 56%.", CORE),
        ("SGD generalizes better on large datasets.", OPTIMIZERS),
        ("Weight decay increases training time by 12%.", OPTIMIZERS),
        ("Inference takes 20 ms on one core.", OPTIMIZERS),
        ("On small datasets, Adam converges faster than SGD.", OPTIMIZERS),
        ("FastNet reduces the errors of readers to 12 on images.", RANGE),
        ("FastNet reduces the errors of readers from 40 on images.", RANGE),
        ("Runs take 3 ms per frame.", RANGE),
        ("FastNet2.5 reaches 85% on letters.", NAMED),
        ("SlowNet3 reaches 81%.", NAMED),
    ],
)
def test_what_one_sentence_says_of_the_same_stands(text: str, passage: str) -> None:
    assert objection(text, f"A study of 2024\n{passage}") is None


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("On raw records, Kernel achieved the highest accuracy (82.6%).", FORESTS),
        ("Forest achieved an accuracy of 82.6%.", FORESTS),
        ("Kernel achieved 87.1% accuracy.", FORESTS),
        ("Forest achieved 82.6%.", FORESTS),
        ("Adding penalties improves slope accuracy by 35% in nearby cases.", PENALTIES),
        ("Adding penalties improves slope accuracy by up to 35% in nearby cases.", PENALTIES),
        ("Adding penalties improves slope accuracy by up to 35%.", PENALTIES),
        ("A plain approach solves 76% of Grid puzzles.", PUZZLES),
        ("A Steps approach solves 17% of puzzles.", PUZZLES),
        ("Squeeze reduced edge counts by 18%.", SQUEEZE),
        ("Squeeze reduced node and edge counts by 18%.", SQUEEZE),
        ("Other tools reach 6%.", SQUEEZE),
        ("Squeeze reaches 4% and 6%.", SQUEEZE),
        ("The memory size is only 3.4 mW.", CORE),
        ("The new layout reduces reading time by 39.7%.", READERS),
        ("The power consumption of the network is only 3.4 mW.", CORE),
        ("The core reduces the traffic by 56%.", CORE),
        ("Inference takes 3 hours on 8 machines.", OPTIMIZERS),
        ("Dropout increases training time by 12%.", OPTIMIZERS),
        ("FastNet reduces the errors of readers to 40 on images.", RANGE),
        ("FastNet reduces the errors of readers from 12 on images.", RANGE),
        ("FastNet reduces the errors of readers by 12 on images.", RANGE),
        ("Its losses of mice and men are 5.", RANGE),
        ("Runs take 9 ms per frame.", RANGE),
        ("SlowNet3 reaches 85% on letters.", NAMED),
        ("FastNet2.5 reaches 81%.", NAMED),
        ("FastNet3 reaches 85%.", NAMED),
    ],
)
def test_a_number_of_something_else_falls(text: str, passage: str) -> None:
    assert objection(text, f"A study of 2024\n{passage}") is not None


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("OtterBench can have costly consequences.", OTTER),
        ("OtterBench faces severe limits when applied to narrow fields like law.", OTTER),
        ("OtterBench contains only a few hundred letters.", OTTER),
        ("Narrow fields like law can have costly consequences.", OTTER),
        ("This resource enables costly expert review.", OTTER),
        ("OtterBench reduces reliance on legal assistants.", OTTER),
        ("Adam generalizes better on large datasets.", OPTIMIZERS),
        ("Adam converges faster than SGD on large datasets.", OPTIMIZERS),
        ("Dropout increases training time.", OPTIMIZERS),
        ("Older readers interact more with images.", READERS),
    ],
)
def test_a_subject_of_another_sentence_or_clause_falls(text: str, passage: str) -> None:
    assert objection(text, f"OtterBench\n{passage}") is not None


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("OtterBench is a broad dataset that can spot fabrications in legal letters.", OTTER),
        ("Models can spot fabrications in legal letters.", OTTER),
        ("OtterBench is designed to evaluate models.", OTTER),
        ("Current spotting methods face severe limits.", OTTER),
        ("OtterBench accelerates the development of legal assistants.", OTTER),
        ("Existing legal datasets are small, containing a few hundred letters.", OTTER),
        ("OtterBench may close this gap.", OTTER),
        ("OtterBench can provide many annotated letters.", OTTER),
        ("Forest achieved 87.1% accuracy.", FORESTS),
        ("Mini solves 90% of the puzzles.", PUZZLES),
        ("When asked to solve a puzzle all at once, mini solves 90% of the puzzles.", PUZZLES),
        ("Squeeze reduced node and edge counts with an error of 2%.", SQUEEZE),
    ],
)
def test_a_hedge_or_a_condition_that_is_dropped_or_added_falls(text: str, passage: str) -> None:
    assert objection(text, f"A study of 2024\n{passage}") is not None


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("They use GPT for tagging.", "We use BERT instead of GPT for tagging."),
        ("Accuracy depends on depth.", "Accuracy depends on size rather than depth."),
        ("Otter fails the test.", "All models except Otter fail the test."),
        ("Models are robust.", "Models are far from robust."),
        ("Models are accurate.", "Models are too slow to be accurate."),
        ("Dropout improves accuracy.", "Contrary to hopes that dropout improves accuracy, it takes longer."),
        ("Dropout improves accuracy.", "We doubt that dropout improves accuracy."),
        ("Dropout improves accuracy.", "We refute the claim that dropout improves accuracy."),
        ("Dropout improves accuracy.", "It is commonly believed that dropout improves accuracy."),
        ("Dropout improves accuracy.", "Prior work assumed dropout improves accuracy."),
        ("The method avoids overfitting.", "The method avoids pruning and suffers from overfitting."),
    ],
)
def test_what_the_passage_sets_aside_or_others_believe_falls(text: str, passage: str) -> None:
    assert objection(text, f"A study\n{passage}") is not None


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("They use BERT instead of GPT for tagging.", "We use BERT instead of GPT for tagging."),
        ("They use BERT rather than GPT.", "For tagging, we use BERT instead of GPT."),
        ("Accuracy depends on size.", "Accuracy depends on size rather than depth."),
        ("All models except Otter fail.", "All models except Otter fail the test."),
        ("The method avoids pruning.", "The method avoids pruning and suffers from overfitting."),
    ],
)
def test_what_stands_beside_something_that_is_set_aside_stands(text: str, passage: str) -> None:
    assert objection(text, f"A study\n{passage}") is None


@pytest.mark.parametrize("passage", [FORESTS, PENALTIES, OTTER, PUZZLES, SQUEEZE, OPTIMIZERS])
def test_each_sentence_stands_as_it_is_and_as_its_authors_report(passage: str) -> None:
    for sentence in passage.replace("We present", "They present").split(". "):
        assert (
            objection(f"{sentence.rstrip('.')}.", f"A study\n{passage}".replace("We present", "They present")) is None
        )
        assert objection(f"The authors report that {sentence}", f"A study\n{passage}") is None, sentence


@pytest.mark.parametrize(
    "words",
    ["a b c d ", "trains noise with data and improves 5% and ", "1, 2; 3, ", "when 1 on data, reaching 2 with y "],
)
def test_long_sentences_are_judged_in_less_than_two_seconds(words: str) -> None:
    started = time.process_time()
    objection((words * 400)[:999], f"A study\n{(words * 500)[1:1000]}")
    objection((words * 4_000)[:19_000], f"A study\n{(words * 4_000)[1:9_000]}")
    assert time.process_time() - started < 2


def test_a_long_list_of_numbers_without_blanks_is_judged_at_all() -> None:
    """In a process of its own, which can be ended: each two numbers more took twice the time."""
    numbers = "1," * 400
    judged = (
        f"print(objection('We train FastNet on images.', 'FastNet\\nWe train FastNet on images with {numbers} nets.'))"
    )
    command = [sys.executable, "-c", f"from papersearch.engine.ask.checking import objection\n{judged}"]
    assert subprocess.run(command, capture_output=True, text=True, timeout=60).stdout == "None\n"


def test_a_copy_that_differs_in_a_mark_within_a_number_is_none() -> None:
    assert objection("Squeeze takes 125 hours.", "A study\nSqueeze takes 12.5 hours.") is not None


@pytest.mark.parametrize("aside", ["while useful", "while being useful", "but alas", "while", "since"])
def test_an_aside_of_two_words_is_no_clause_of_its_own(aside: str) -> None:
    passage = f"A study\nHowever, these prompts, {aside}, have limits."
    assert objection("These prompts have limits.", passage) is None
    assert objection("The authors report that these prompts have limits.", passage) is None
    assert objection("These prompts have no limits.", passage) is not None


@pytest.mark.parametrize(
    "passage",
    ["We propose a method that reduces noise.", "We propose a tuned framework, which reduces noise on images."],
)
def test_what_a_clause_says_of_the_authors_own_method_stands_under_its_name(passage: str) -> None:
    assert objection("FastNet reduces noise.", f"FastNet\n{passage}") is None


@pytest.mark.parametrize(
    "passage",
    [
        "We start from methods that reduce noise.",
        "We compare the loss with filters, which reduce noise.",
        "Our loss is added to that of SlowNet, which reduces noise.",
    ],
)
def test_what_a_clause_says_of_others_falls_under_the_name_of_the_method(passage: str) -> None:
    assert objection("FastNet reduces noise.", f"FastNet\n{passage}") is not None
