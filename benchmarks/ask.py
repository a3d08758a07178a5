"""How well ``papersearch ask`` answers 60 questions about real posts, without a model and with models that go wrong.

    python -m benchmarks.ask [POSTS]         # the folder with the posts, or the archive of them

The questions (``ask_questions.jsonl``) were written before anything was tuned: 40 that posts answer, with the
papers and words of the sentence that tells, and 20 that none does. Nothing is tuned on the half that is held out.
*Quoted*: a sentence with the telling words, from a paper that answers, is among those shown. With a scripted model
(``benchmarks.writers``) it is known of each of its sentences whether the passages bear it.

Sentences that a model might write of other posts (``ask_sentences.jsonl``, written before the checks were tuned) are
judged alone, each by the sentence it is about with its neighbours: half are true in other words, half have a number, a
subject or a hedge of another. Of these too half are held out.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import papersearch
from benchmarks.material import POSTS, keep, unpacked
from benchmarks.writers import FAITHFUL, FAITHLESS, Writer, Written, copies, serving
from papersearch.core.records import Answering, Sentence
from papersearch.engine.ask.checking import objection
from papersearch.text import sentences

QUESTIONS = Path(__file__).with_name("ask_questions.jsonl")
SENTENCES = Path(__file__).with_name("ask_sentences.jsonl")


def questions() -> list[dict[str, Any]]:
    """Each with ``question``, ``ids``, ``telling`` words and ``held_out``."""
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def is_quoted(shown: Iterable[Sentence], asked: dict[str, Any]) -> bool:
    """Whether a sentence that tells is among those shown, from a paper that answers."""
    return any(
        set(sentence.sources) & set(asked["ids"]) and any(word in sentence.text.casefold() for word in asked["telling"])
        for sentence in shown
    )


def judged(index: papersearch.Index, held_out: bool) -> dict[str, Any]:
    """How many of the true and the untrue sentences of one half the checks let pass, and which go wrong."""
    found: dict[str, Any] = {"true": 0, "true_shown": 0, "untrue": 0, "untrue_shown": 0, "wrong": []}
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        each = json.loads(line)
        if each["held_out"] is not held_out:
            continue
        told = "true" if each["true"] else "untrue"
        objected = objection(each["text"], passage(index, each["id"], each["near"]))
        found[told] += 1
        found[f"{told}_shown"] += objected is None
        if (objected is None) is not each["true"]:
            found["wrong"].append(f"{told}: {each['text']} ({objected or 'shown'})")
    return found


def passage(index: papersearch.Index, paper_id: str, near: str) -> str:
    """The title of a paper and, on the next line, the sentence with some words in its abstract, and those beside it."""
    paper = index.paper(paper_id)
    text = " ".join(paper.abstract.split())
    ends = sentences.find(text)
    number = next(at for at, spot in enumerate(zip(ends.starts, ends.ends, strict=True)) if near in text[slice(*spot)])
    last = min(number + 1, len(ends.ends) - 1)
    return f"{paper.title}\n{text[ends.starts[max(0, number - 1)] : ends.ends[last]]}"


def without_model(index: papersearch.Index, asked: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Shares of questions, in percent, and processor time of one, in milliseconds."""
    started = time.process_time()
    replies = [(each, index.ask(each["question"])) for each in asked]
    took = (time.process_time() - started) * 1_000 / len(replies)
    answerable = [(each, reply) for each, reply in replies if each["ids"]]
    unanswerable = [reply for each, reply in replies if not each["ids"]]
    return {
        "answerable": len(answerable),
        "unanswerable": len(unanswerable),
        "quoted": _percent([is_quoted(reply.sentences, each) for each, reply in answerable]),
        "quoted_first": _percent([is_quoted(reply.sentences[:1], each) for each, reply in answerable]),
        "wrongly_refused": _percent([not reply.answered for _, reply in answerable]),
        "refused": _percent([not reply.answered for reply in unanswerable]),
        "processor_ms": round(took, 1),
        "missed": [each["question"] for each, reply in answerable if not is_quoted(reply.sentences, each)],
    }


def _percent(are: Sequence[bool]) -> int:
    return round(100 * sum(are) / len(are))


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
        for half, held_out in (("visible", False), ("held_out", True)):
            asked = [each for each in questions() if each["held_out"] is held_out]
            found[half] = without_model(index, asked)
            _tell(half, found[half], "missed", held_out)
            found[f"sentences_{half}"] = judged(index, held_out)
            _tell(f"sentences {half}", found[f"sentences_{half}"], "wrong", held_out)
        answered = [each["question"] for each in questions() if each["ids"]]
        for writer in (*FAITHFUL, *FAITHLESS):
            found[writer.__name__] = with_model(index, answered, writer)
            print(writer.__name__, found[writer.__name__])
        found["stalls"] = stalled(index, answered[0])
        print("stalls", found["stalls"])
    return found


def _tell(name: str, found: dict[str, Any], failures: str, held_out: bool) -> None:
    """Print figures; failures one by one, but not those of the half that nobody is to tune on."""
    print(name, {key: value for key, value in found.items() if key != failures})
    if not held_out:
        print(*(f"    {failures}: {each}" for each in found[failures]), sep="\n")


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
