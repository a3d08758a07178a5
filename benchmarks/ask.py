"""How well ``papersearch ask`` answers 60 questions about real posts, without a model and with models that go wrong.

    python -m benchmarks.ask [POSTS]         # the folder with the posts, or the archive of them

The questions (``ask_questions.jsonl``) were written before anything was tuned: 40 that posts answer, with the
papers and words of the sentence that tells, and 20 that none does. Nothing is tuned on the half that is held out.
*Quoted*: a sentence with the telling words, from a paper that answers, is among those shown. With a scripted model
(``benchmarks.writers``) it is known of each of its sentences whether the passages bear it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import papersearch
from benchmarks.material import POSTS, keep, unpacked
from benchmarks.writers import FAITHFUL, FAITHLESS, Writer, Written, copies, serving
from papersearch.core.records import Answering, Reply

QUESTIONS = Path(__file__).with_name("ask_questions.jsonl")


def questions() -> list[dict[str, Any]]:
    """Each with ``question``, ``ids``, ``telling`` words and ``held_out``."""
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def is_quoted(reply: Reply, asked: dict[str, Any]) -> bool:
    """Whether a sentence that tells is shown, from a paper that answers."""
    return any(
        set(sentence.sources) & set(asked["ids"]) and any(word in sentence.text.casefold() for word in asked["telling"])
        for sentence in reply.sentences
    )


def without_model(index: papersearch.Index, asked: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Shares of questions, in percent, and processor time of one, in milliseconds."""
    quoted, first, silent, refused, answerable, unanswerable = 0, 0, 0, 0, 0, 0
    missed = []
    started, count = time.process_time(), 0
    for each in asked:
        reply = index.ask(each["question"])
        count += 1
        if not each["ids"]:
            unanswerable += 1
            refused += not reply.answered
            continue
        answerable += 1
        silent += not reply.answered
        quoted += is_quoted(reply, each)
        first += is_quoted(reply.__class__(reply.question, True, None, reply.sentences[:1]), each)
        if not is_quoted(reply, each):
            missed.append(each["question"])
    took = (time.process_time() - started) * 1_000 / max(1, count)
    return {
        "answerable": answerable,
        "unanswerable": unanswerable,
        "quoted": round(100 * quoted / answerable),
        "quoted_first": round(100 * first / answerable),
        "wrongly_refused": round(100 * silent / answerable),
        "refused": round(100 * refused / unanswerable),
        "processor_ms": round(took, 1),
        "missed": missed,
    }


def with_model(index: papersearch.Index, asked: Iterable[str], writer: Writer) -> dict[str, int]:
    """How many of a scripted model's sentences were true and shown, true and dropped, and shown though not true."""
    true = shown = leaked = 0
    leaks: list[str] = []
    said: list[Written] = []

    def noted(given: dict[str, str]) -> Written:
        said.append(writer(given))
        return said[-1]

    with serving(noted) as server:
        for question in asked:
            said.clear()
            reply = index.ask(question, Answering(server=server.address, model="scripted"))
            if not said or reply.model is None:
                continue
            meant = {" ".join(text.split()) for text in said[0].true}
            told = {sentence.text for sentence in reply.sentences}
            true, shown, leaked = true + len(meant), shown + len(meant & told), leaked + len(told - meant)
            leaks += told - meant
    for leak in leaks[:5]:
        print(f"    LEAK {leak[:150]}")
    return {"true": true, "true_shown": shown, "untrue_shown": leaked}


def measure(posts: Path) -> dict[str, Any]:
    """All figures."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        index = papersearch.build(str(Path(folder) / "index"), [str(posts)])
        index.ask("what is warm?")
        for half, held in (("visible", False), ("held_out", True)):
            found[half] = without_model(index, [each for each in questions() if each["held_out"] is held])
            print(half, {key: value for key, value in found[half].items() if key != "missed"})
            if not held:
                print(*(f"    missed: {question}" for question in found[half]["missed"]), sep="\n")
        answered = [each["question"] for each in questions() if each["ids"]]
        for writer in (*FAITHFUL, *FAITHLESS):
            found[writer.__name__] = with_model(index, answered, writer)
            print(writer.__name__, found[writer.__name__])
        found["stalls"] = stalled(index, answered[0])
        print("stalls", found["stalls"])
    return found


def stalled(index: papersearch.Index, question: str) -> str:
    """Whose sentences are shown if a model falls silent within its first."""
    with serving(copies, stall_after=1, stall_s=0.5, end=False) as server:
        reply = index.ask(question, Answering(server=server.address, model="scripted"))
    return "the papers' own" if reply.answered and reply.model is None else "the model's"


def main(posts: Path) -> None:
    """Measure, print and keep."""
    with unpacked(posts) as folder:
        keep("ask", measure(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else POSTS)
