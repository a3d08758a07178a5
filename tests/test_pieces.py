"""The closer look: how much of a question a text says, word by word."""

from __future__ import annotations

from pathlib import Path

import pytest

from papersearch.engine.meaning.models import Model
from papersearch.engine.meaning.pieces import TABLE, Pieces, Table
from tests.commands import run
from tests.corpora import write_post
from tests.embedders import BACKDOOR, BREAD

numpy = pytest.importorskip("numpy")
QUESTION = "trojan horse planted in a classifier"


@pytest.fixture(scope="module")
def pieces(minilm: Model) -> Pieces:
    assert minilm.pieces
    return minilm.pieces


def test_a_text_that_says_it_otherwise_is_more_like_the_question_than_another_subject(pieces: Pieces) -> None:
    backdoor, bread, both = pieces.likeness(QUESTION, [BACKDOOR, BREAD, f"{BREAD} {BACKDOOR}"])
    assert 1 > backdoor > bread + 0.1
    assert both >= backdoor  # whatever else a text says
    assert pieces.likeness(BREAD, [BREAD])[0] > 1.5 * pieces.likeness(BREAD, [BACKDOOR])[0]


def test_a_text_is_as_like_whatever_is_compared_with_it(pieces: Pieces) -> None:
    texts = [BACKDOOR, "", BREAD, BACKDOOR.upper(), "中文 ∑ 🦦", f"{BREAD} " * 100]
    together = pieces.likeness(QUESTION, texts)
    assert together == [pieces.likeness(QUESTION, [text])[0] for text in texts]
    assert together[0] == together[3]
    assert together[1] == together[4] == 0
    assert together[5] == together[2]  # a word counts once, however often it is said


@pytest.mark.parametrize("question", ["", "?!", "a b", "🦦 otters", "的 中", "the of and", "otter " * 5_000])
def test_any_question_gets_a_number_for_each_text(pieces: Pieces, question: str) -> None:
    found = pieces.likeness(question, [BACKDOOR, ""])
    assert len(found) == 2
    assert all(abs(value) <= Table().share for value in found)
    assert pieces.likeness(question, []) == []


def test_the_table_fits_the_vocabulary_and_holds_whole_numbers() -> None:
    table = Table()
    assert len(table.weights) == len(table.places) == 30_522
    assert len(table.vectors) == (table.places >= 0).sum() > 9_000
    assert table.vectors.dtype == numpy.int8
    lengths = numpy.sqrt((table.vectors.astype(float) ** 2).sum(axis=1))
    assert (abs(lengths - 127) < 3).all()
    assert (table.weights[:1_996] == 0).all()
    assert (table.weights >= 0).all()
    assert 0 < table.share < 4
    assert Path(TABLE).stat().st_size < 1_000_000


class _Blind:
    """The packaged model without its closer look."""

    pieces = None

    def __init__(self, model: Model) -> None:
        self.name, self.dimensions = model.name, model.dimensions
        self.passages, self.query, self.asked = model.passages, model.query, model.asked


def test_the_nearest_come_in_the_order_of_the_closer_look_if_the_model_has_one(
    tmp_path: Path, minilm: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    import papersearch
    from papersearch.engine.search import meaning

    posts = tmp_path / "corpus"
    posts.mkdir()
    for number, title in enumerate(("Hidden triggers", "Poisoned training data", "Attacks on neural networks")):
        write_post(posts, f"2401.0000{number}", title, BACKDOOR)
    assert run(tmp_path, "index", "--meaning").code == 0
    question = "trojan horse planted in a classifier"

    def asked() -> list[str]:
        index = papersearch.open(str(tmp_path / "index"))
        return [hit.id for hit in index.search(question, meaning=True).results]

    seen: list[list[float]] = []

    def reverse(self: Pieces, question: str, texts: list[str]) -> list[float]:
        seen.append([float(number) for number in range(len(texts))])
        return seen[-1]

    plain = asked()
    monkeypatch.setattr(Pieces, "likeness", reverse)
    assert asked() != plain
    assert seen
    monkeypatch.setattr(meaning.Meant, "model", property(lambda self: lambda: _Blind(minilm)))
    before = len(seen)
    assert len(asked()) == 3
    assert len(seen) == before
