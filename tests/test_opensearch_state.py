"""Who writes an index in a cluster, and in which state it is: leases, versions, damage."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

pytest.importorskip("opensearchpy", reason="the client of OpenSearch is not installed")

from papersearch.core.errors import DamagedIndexError, LockedIndexError, NoIndexError, PapersearchError
from papersearch.engine.index.generation import ANALYSIS
from papersearch.engine.opensearch.failures import LostLeaseError
from tests.recorded import Recorded, error


def test_a_write_that_somebody_else_has_overtaken_ends_the_run(recorded: list[Recorded]) -> None:
    overtaken = {"index": {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "newer"}}}
    recorded.append(Recorded((200, {"errors": True, "items": [overtaken]})))
    with pytest.raises(LostLeaseError):
        recorded[0].connection().bulk([({"index": {"_id": "a"}}, "1")], lambda: None)


def test_a_lease_that_is_held_is_waited_for(recorded: list[Recorded]) -> None:
    from papersearch.engine.opensearch.lease import leased

    data = json.dumps({"term": 4, "holder": "other, process 7", "free": False})
    held = {"found": True, "_seq_no": 1, "_primary_term": 1, "_source": {"data": data}}
    recorded.append(Recorded((200, held)))
    with (
        pytest.raises(LockedIndexError, match=r"another run is writing this index \(other, process 7\)"),
        leased(recorded[0].connection(), 0.1),
    ):
        pass


@pytest.mark.parametrize("taken", [False, True], ids=["its own", "another run's"])
def test_a_run_whose_machine_slept_asks_whether_the_lease_is_still_its_own(
    taken: bool, recorded: list[Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    from papersearch.engine.opensearch import lease

    monkeypatch.setattr(lease.secrets, "token_hex", lambda _: "mine")

    def told(key: str) -> tuple[int, Any]:
        data = json.dumps({"term": 4, "holder": "somebody", "key": key, "free": key == "before"})
        return 200, {"found": True, "_seq_no": 1, "_primary_term": 1, "_source": {"data": data}}

    done = 200, {"_seq_no": 2, "_primary_term": 1}
    recorded.append(Recorded(told("before"), done, told("others" if taken else "mine"), done))
    now = lease._now
    with lease.leased(recorded[0].connection(), 0.1) as held:
        held.check()
        monkeypatch.setattr(lease, "_now", lambda: now() + 40)
        if taken:
            for _ in range(2):
                with pytest.raises(LostLeaseError):
                    held.check()
        else:
            held.check()
            assert held.age < 1


@pytest.mark.parametrize("taken", [False, True], ids=["nobody answers", "another run has it"])
def test_nothing_is_written_by_a_run_that_may_have_lost_its_lease(
    taken: bool, recorded: list[Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    from papersearch.engine.opensearch import lease

    recorded.append(Recorded((503, {})))
    held = lease.Lease(recorded[0].connection(), "/papers.lease/_doc/lease", lease._Held(1, 1, 4, "me", "mine", False))
    held.check()
    if taken:
        held.lost = True
    else:
        now = lease._now()
        monkeypatch.setattr(lease, "_now", lambda: now + lease.LEASE_S - 1)
    with pytest.raises(LostLeaseError):
        held.check()


@pytest.mark.parametrize("ahead_ms", [0, 3_600_000], ids=["by the clock", "by a clock that went back"])
def test_a_lease_that_somebody_removed_has_a_term_later_than_any_before(
    ahead_ms: int, recorded: list[Recorded]
) -> None:
    from papersearch.engine.opensearch.lease import leased

    before = int(time.time() * 1_000) - 1 + ahead_ms  # of an earlier lease it was the time, and one more for each run
    index = {"papers.1": {"mappings": {"_meta": {"papersearch": {}}}, "aliases": {"papers": {}}}}
    state = {"found": True, "_source": {"data": json.dumps({"term": before})}}
    absent = (404, {"found": False})
    made = (200, {}), (200, index), (200, state), (201, {"_seq_no": 0, "_primary_term": 1})
    recorded.append(Recorded(absent, *made, absent))
    with leased(recorded[0].connection(), 0.1) as first:
        assert first.term > before


def test_an_index_without_its_state_asks_for_its_folders(recorded: list[Recorded]) -> None:
    from papersearch.engine.opensearch.state import load

    recorded.append(Recorded((404, {"found": False})))
    with pytest.raises(DamagedIndexError, match="--rebuild FOLDER"):
        load(recorded[0].connection(), "papers.1")


@pytest.mark.parametrize("data", ["{", "[]", '{"folders": [{"path": "/posts"}]}', '{"run": "7"}'])
def test_a_state_that_cannot_be_read_is_damage(data: str, recorded: list[Recorded]) -> None:
    from papersearch.engine.opensearch.state import load

    recorded.append(Recorded((200, {"found": True, "_source": {"data": data}})))
    with pytest.raises(DamagedIndexError, match=r"the state of the index papers\.1 cannot be read"):
        load(recorded[0].connection(), "papers.1")


def test_an_index_that_is_not_there_and_one_of_others_are_told_apart(recorded: list[Recorded]) -> None:
    from papersearch.engine.opensearch.state import opened

    recorded.append(Recorded((404, error("index_not_found_exception", "no such index", 404))))
    with pytest.raises(NoIndexError):
        opened(recorded[0].connection(), "papers")
    recorded.append(Recorded((200, {"papers": {"mappings": {}}})))
    with pytest.raises(PapersearchError, match="not one of papersearch's"):
        opened(recorded[1].connection(), "papers")
    other = {"papers.1": {"mappings": {"_meta": {"papersearch": {"format": 0, "analysis": "0"}}}}}
    recorded.append(Recorded((200, other)))
    with pytest.raises(PapersearchError, match=r"another version of papersearch.*--rebuild"):
        opened(recorded[2].connection(), "papers")


def test_an_index_of_another_version_tells_its_folders_to_a_run_and_is_not_made_anew_by_a_question(
    recorded: list[Recorded],
) -> None:
    from papersearch.apps.session import folders_to_build
    from papersearch.engine.opensearch.engine import ClusterStore

    other = {"papers.1": {"mappings": {"_meta": {"papersearch": {"format": 0, "analysis": "0"}}}}}
    state = {"found": True, "_source": {"data": json.dumps({"folders": ["/posts"], "exclude": ["x"], "unheard": 1})}}
    recorded.append(Recorded((200, other), (200, state)))
    place = f"opensearch://127.0.0.1:{recorded[0].server_port}/papers"
    told = ClusterStore(place, {}, False, None).corpus()
    assert (told.folders, told.exclude) == (("/posts",), ("x",))
    missing = DamagedIndexError("the index was made by another version of papersearch")
    with pytest.raises(DamagedIndexError, match="another version"):
        folders_to_build(missing, place, ["/posts"], False)


def test_an_index_of_which_a_shard_moves_still_says_what_it_holds(recorded: list[Recorded]) -> None:
    from papersearch.engine.opensearch.engine import ClusterEngine
    from papersearch.engine.opensearch.mapping import FORMAT

    meta = {"papersearch": {"format": FORMAT, "analysis": ANALYSIS}}
    moves = {"_all": {"primaries": {}, "total": {}}, "indices": {"papers.1": {}, "papers.1.words": {"primaries": {}}}}
    recorded.append(
        Recorded(
            (200, {"version": {"distribution": "opensearch", "number": "2.19.0"}}),
            (200, {"papers.1": {"mappings": {"_meta": meta}}}),
            (200, {"found": True, "_source": {"data": json.dumps({"posts": 9, "buckets": 4})}}),
            (200, moves),
            *((200, {"responses": [{"hits": {"total": {"value": number}}}]}) for number in (25, 8)),
        )
    )
    stats = ClusterEngine(recorded[0].connection().address).stats()
    assert (stats.terms, stats.papers, stats.posts) == (20, 8, 9)
