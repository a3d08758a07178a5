"""What type checkers and editors know of the library's options is what it takes."""

from __future__ import annotations

import inspect

from papersearch import library
from papersearch.core.frozen import names_of
from papersearch.core.options import BuildOptions, IndexOptions, Options
from papersearch.core.records import Request


def test_the_options_of_a_search_are_the_fields_of_a_request() -> None:
    assert {*Options.__annotations__} == {*names_of(Request), "author", "tag"} - {"query"}


def test_the_options_of_a_run_are_the_arguments_of_index_folder() -> None:
    taken = inspect.signature(library.index_folder).parameters
    named = {name for name, each in taken.items() if each.kind is each.KEYWORD_ONLY}
    assert {*BuildOptions.__annotations__} == named
    assert {*IndexOptions.__annotations__} == named - {"trust"}  # an index that is open has its own
