"""The JSON API against its own description: schemathesis asks what that allows, and checks each answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the server's libraries are not installed")
pytest.importorskip("jinja2", reason="the server's libraries are not installed")

from hypothesis import HealthCheck, given, settings

from tests.servers import serving


@pytest.fixture(scope="module")
def api(home: Path) -> Iterator[Any]:
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    with serving(home) as address:
        yield schemathesis.openapi.from_url(address + "api/openapi.json")


def test_parameters_are_described_with_their_bounds_choices_and_defaults() -> None:
    from papersearch.apps.web.openapi import document

    described = document()["paths"]["/api/search"]["get"]["parameters"]
    assert {each["in"] for each in described} == {"query"}
    assert not any(each["required"] for each in described)
    said = {each["name"]: each["schema"] for each in described}
    assert said["q"] == {"type": "string", "default": ""}
    assert said["limit"] == {"type": "integer", "minimum": 0, "maximum": 100, "default": 10}
    assert said["sort"]["enum"] == ["relevance", "newest", "oldest", "title"]
    assert said["sort"]["default"] == "relevance"
    assert said["author"] == {"type": "array", "items": {"type": "string"}}
    assert (said["since"], said["snippets"]) == ({"type": "string"}, {"type": "boolean", "default": True})


def test_every_answer_is_as_described(api: Any) -> None:
    from schemathesis.checks import positive_data_acceptance  # takes longer than any other test module to load

    operations = [found.ok() for found in api.get_all_operations()]
    assert len(operations) == 7
    for operation in operations:

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            # A schema cannot say which strings are dates or queries, so a 400 for one of them is no contradiction.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        holds()
