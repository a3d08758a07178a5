"""Each fact by itself, in the forms in which people write it: ids, dates, names and web addresses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papersearch.posts import dates, facts, people

_PARTS_OF_NAMES = st.sampled_from(
    """Ada Byron Mary-Ann O'Hara Van De B. BJ Jürgen Élie-Anne Łuk Jr Sr Inc Ltd Others Others. Al Et And and More Otros
    Coll Unknown""".split()
)
_NAMES = st.lists(_PARTS_OF_NAMES, min_size=1, max_size=5).map(" ".join)


class TestFacts:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("cacm1410", ("cacm1410", None)),
            ("cacm1410v1", ("cacm1410", 1)),
            ("resnetv2", ("resnetv2", None)),
            ("doc1v1", ("doc1", 1)),
            ("10.1000/xyz", ("10.1000/xyz", None)),
            ("10.1000/a_b_c(1)", ("10.1000/a_b_c(1)", None)),
            ("doi:10.1000/xyz", ("10.1000/xyz", None)),
            ("https://doi.org/10.1000/xyz", ("10.1000/xyz", None)),
            ("hep-th/9901001v2", ("hep-th/9901001", 2)),
            ("arXiv:hep-th/9901001v2", ("hep-th/9901001", 2)),
            ("math.GT/0309136", ("math/0309136", None)),
            ("http://arxiv.org/abs/hep-th/9901001", ("hep-th/9901001", None)),
            ("arXiv:2412.15115v1", ("2412.15115", 1)),
            ("arXiv: 2412.15115v1 [cs.CL]", ("2412.15115", 1)),
            ("2412.15115V2", ("2412.15115", 2)),
            ("http://arxiv.org/abs/2412.15115v1", ("2412.15115", 1)),
            ("https://arxiv.org/pdf/2412.15115v1.pdf", ("2412.15115", 1)),
            ("[2412.15115v1](http://arxiv.org/abs/2412.15115v1)", ("2412.15115", 1)),
            ("**2412.15115v1**", ("2412.15115", 1)),
            ("`2412.15115`", ("2412.15115", None)),
            ("(2412.15115v3)", ("2412.15115", 3)),
            ("see 2412.15115", ("2412.15115", None)),
            ("a\u202eb\x00c", ("abc", None)),
            ("x" * 5000, ("x" * 200, None)),
            ("", ("looms", None)),
            ("** **", ("looms", None)),
        ],
    )
    def test_an_id_is_read_apart_from_its_version(self, given: str, expected: tuple[str, int | None]) -> None:
        assert facts.identity(given, "", "c/looms.md") == expected

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("c/conv2.md", ("conv2", None)),
            ("c/cacm1410v1.md", ("cacm1410", 1)),
            ("c/math0309136v2.md", ("math0309136", 2)),
            ("c/yolov8.md", ("yolov8", None)),
            ("c/doc12v1.md", ("doc12", 1)),
            ("c/2412.15115v1.md", ("2412.15115", 1)),
            ("c/Looms_2412.15115v2_notes.md", ("2412.15115", 2)),
            ("c/2024-12-19-looms.md", ("2024-12-19-looms", None)),
            ("c/a__b__c.md", ("a__b__c", None)),
            ("c/*a* [b](c).md", ("*a* [b](c)", None)),
            ("c/loo\x1bms\u202e.md", ("looms", None)),
            ("c/.md", (".md", None)),
            ("c/v2.md", ("v2", None)),
        ],
    )
    def test_without_one_the_file_name_is_the_id(self, path: str, expected: tuple[str, int | None]) -> None:
        assert facts.identity("", "", path) == expected

    def test_file_names_that_hold_nothing_printable_still_give_different_ids(self) -> None:
        ids = [
            facts.identity("", "", f"c/{stem}.md")[0]
            for stem in ("\u202e", "\u202d", " ", "\udcff", "\udcfe", "a\udcff")
        ]
        assert len(set(ids)) == len(ids)
        assert all(found.isprintable() and found.strip() for found in ids)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2024-12-19", "2024-12-19"),
            ("**2024-12-19**", "2024-12-19"),
            ("2024/1/2", "2024-01-02"),
            ("2024-12-19 10:11:12", "2024-12-19T10:11:12"),
            ("2024-12-19T10:11:12+02:00", "2024-12-19T10:11:12"),
            ("2024-12-19T10:11", "2024-12-19T10:11:00"),
            ("2024-12-19T25:11:12Z", "2024-12-19"),
            ("Dec 19, 2024", "2024-12-19"),
            ("December 19th, 2024", "2024-12-19"),
            ("Thu, 19 Dec 2024 10:00:00 GMT", "2024-12-19"),
            ("2024-13-40", None),
            ("2024-02-30", None),
            ("2024-12", "2024-12"),
            ("2024", "2024"),
            ("20241219", "2024-12-19"),
            ("19/12/2024", "2024-12-19"),
            ("03/27/2019", "2019-03-27"),
            ("03/04/2019", "2019"),
            ("19.12.2024", "2024-12-19"),
            ("9 Nov 2017", "2017-11-09"),
            ("9th of November 2017", "2017-11-09"),
            ("Nov. 2017", "2017-11"),
            ("3. März 2021", "2021-03-03"),
            ("3 février 2021", "2021-02-03"),
            ("5 de mayo de 2020", "2020-05-05"),
            ("2023年6月", "2023-06"),
            ("2023年6月5日", "2023-06-05"),
            ("2023년 6월", "2023-06"),
            ("NeurIPS 2019", "2019"),
            ("version 2.2019.1", None),
            ("12/2019", "2019-12"),
            ("12024-12-199", None),
            ("soon", None),
            ("", None),
        ],
    )
    def test_a_date_is_read_or_none(self, text: str, expected: str | None) -> None:
        assert dates.moment(text) == expected
        assert dates.day(text) == (expected and expected[:10])

    @given(
        st.sampled_from(["2024-12-19", "2024-02-30", "0000-01-01", "2024-1-2", "12024-12-19", "２０２４-12-19"]),
        st.sampled_from(["", " 11:35:38", " 24:00:00", " 11:60:00", " 1:02:03", " 11:35", "T11:35:38", "  11:35:38"]),
        st.sampled_from(["", "**", "*"]),
    )
    def test_a_date_as_posts_usually_write_it_is_read_as_any(self, day: str, time: str, mark: str) -> None:
        text = f"{mark}{day}{time}{mark}"
        assert dates.moment(text) == dates.moment(f" {text}")  # a blank: the long way

    @pytest.mark.parametrize(
        ("value", "names", "et_al"),
        [
            ("Qwen et.al.", ["Qwen"], True),
            ("Qwen et al.", ["Qwen"], True),
            ("Qwen, et al", ["Qwen"], True),
            ("Qwen et. al.", ["Qwen"], True),
            ("**Qwen ET AL**", ["Qwen"], True),
            ("Ada and others", ["Ada"], True),
            ("Ada, Bob, ...", ["Ada", "Bob"], True),
            ("et al.", [], True),
            ("Ada Byron and Bob Lee", ["Ada Byron", "Bob Lee"], False),
            ("Ada, Bob, and Cy", ["Ada", "Bob", "Cy"], False),
            ("Ada; Bob & Cy", ["Ada", "Bob", "Cy"], False),
            ("Ada\nBob\n\nCy", ["Ada", "Bob", "Cy"], False),
            ("- Ada\n- Bob", ["Ada", "Bob"], False),
            ("1. Ada\n2. Bob", ["Ada", "Bob"], False),
            ("Ada, Ada", ["Ada"], False),
            ("Sandy Andersen", ["Sandy Andersen"], False),
            ("Bob Lee, Jr., Ada", ["Bob Lee, Jr.", "Ada"], False),
            ("Henri Poincar\\'e", ["Henri Poincaré"], False),
            ("[Ada](https://a.example), Bob", ["Ada", "Bob"], False),
            (["Ada", "Bob et al."], ["Ada", "Bob"], True),
            (["Mill and Sons"], ["Mill and Sons"], False),
            ([{"name": "Ada", "at": "x"}, {"at": "y"}, None], ["Ada"], False),
            (7, ["7"], False),
            (None, [], False),
            ("", [], False),
        ],
    )
    def test_authors_are_names_and_whether_there_are_more(self, value: Any, names: list[str], et_al: bool) -> None:
        assert people.authors_of(value) == (tuple(names), et_al)

    @given(st.lists(_NAMES, min_size=1, max_size=6), st.booleans())
    def test_people_with_plain_names_are_read_as_those_with_any(self, names: list[str], single: bool) -> None:
        text = ", ".join(names)
        assert people.authors_of(text, single) == people.authors_of(f"{text}\n", single)  # a line break: the long way

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("[x](http://a.example/p_(q))", "http://a.example/p_(q)"),
            ("[x]( <http://a.example/p> )", "http://a.example/p"),
            ("see http://a.example/p.", "http://a.example/p"),
            ("(http://a.example/p)", "http://a.example/p"),
            ("HTTPS://A.example/p", "HTTPS://A.example/p"),
            ("javascript:alert(1)", None),
            ("http://a.example/\x1b[31m", None),
            ("http://a.example/\u202ep", None),
            ("", None),
        ],
    )
    def test_a_web_address_is_found_and_steers_nothing(self, text: str, expected: str | None) -> None:
        assert facts.web_address(text) == expected
