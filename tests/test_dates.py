"""Dates as people write them, names as they list them, and what the name of a file says."""

from __future__ import annotations

import pytest

from papersearch.posts import dates, facts
from papersearch.posts.people import authors_of
from papersearch.posts.placeholders import PLACEHOLDER_TAG


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("05.04.2019", "2019-04-05"),
        ("5. 4. 2019", "2019-04-05"),
        ("04/04/2019", "2019-04-04"),
        ("03/04/2019", "2019"),  # in April or in March
        ("13/04/2019", "2019-04-13"),
        ("12/04/2019", "2019"),
        ("04/12/2019", "2019"),
        ("04/13/2019", "2019-04-13"),
        ("2019-13-45", None),
        ("1/2/99 2019", None),
        ("2019-5", "2019-05"),
        ("2024年3月5號", "2024-03-05"),
        ("2024年3月5号", "2024-03-05"),
        ("2024年3月", "2024-03"),
        ("2024년 5월 3일", "2024-05-03"),
        ("2024年", "2024"),
        ("5 Sept 2019", "2019-09-05"),
        ("5. Okt 2019", "2019-10-05"),
        ("3 März 2019", "2019-03-03"),
        ("3 fe\u0301vrier 2019", "2019-02-03"),
        ("1er mars 2019", "2019-03-01"),
        ("5º de mayo de 2019", "2019-05-05"),
        ("March 5th, 2019", "2019-03-05"),
        ("March '2019", "2019-03"),
        ("1709635800", "2024-03-05"),
        ("1709635800000", "2024-03-05"),
        ("2024-03-05 99:99", "2024-03-05"),
        ("19 dic 2024", "2024-12-19"),
        ("3 fev. 2024", "2024-02-03"),
        ("1 maart 2020", "2020-03-01"),
        ("Thu Mar 5 10:00:00 2024 +0100", "2024-03-05"),
        ("03-2024", "2024-03"),
        ("13-2024", None),
        ("２０２４年３月５日", "2024-03-05"),
    ],
)
def test_a_day_is_as_exact_as_it_is_certain(written: str, day: str | None) -> None:
    assert dates.day(written) == day


# Italian and Portuguese short forms such as "set" and "out" are words of other languages.
MONTHS = (
    "January February March April May June July August September October November December",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago sept oct nov dic",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
)


@pytest.mark.parametrize("months", MONTHS)
def test_months_are_known_in_the_languages_of_the_labels(months: str) -> None:
    for number, month in enumerate(months.split(), 1):
        for written in (f"5 {month} 2019", f"5. {month.upper()} 2019", f"2019 {month} 5", f"2019-{month}-05"):
            assert dates.day(written) == f"2019-{number:02}-05"
        assert dates.day(f"{month} 2019") == dates.day(f"2019 {month}") == f"2019-{number:02}"


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("OTTER 2019", "2019"),
        ("RIVER'18 and OTTER 2019", "2019"),
        ("2018 and 2019", None),
        ("OTTER'98", "1998"),
        ("OTTER'21", "2021"),
        ("OTTER 2019, July 2019", "2019-07"),
        ("from 2018-03 on, OTTER 2019", "2019"),
    ],
)
def test_of_several_years_none_counts(written: str, date: str | None) -> None:
    assert dates.only_one(written) == date


@pytest.mark.parametrize(
    ("written", "names", "et_al"),
    [
        ("Ada Example y otros", ["Ada Example"], True),
        ("田中太郎 他", ["田中太郎"], True),
        ("Иван Петров и др.", ["Иван Петров"], True),
        ("Ada Example, Ltd Company", ["Ada Example, Ltd Company"], False),
        (["Ada Example; Bo Sample", "Cy Pattern"], ["Ada Example", "Bo Sample", "Cy Pattern"], False),
        ({"forename": "Ada", "surname": "Example"}, ["Ada Example"], False),
        ("anonymous", [], False),
        ("张三、李四；王五", ["张三", "李四", "王五"], False),
        ("van der Dam Sample, Anna; Sample, Bo", ["Anna van der Dam Sample", "Bo Sample"], False),
        ("Sample Example, Ada; Turing, Alan", ["Ada Sample Example", "Alan Turing"], False),
        ("van Dam, Anna and de Vries, Jan", ["Anna van Dam", "Jan de Vries"], False),
        ("Hopper, Grace, Jr.; Turing, Alan", ["Grace Hopper, Jr.", "Alan Turing"], False),
        ("Ada Example1, Bo Sample2,3", ["Ada Example", "Bo Sample"], False),
        ("R2D2", ["R2D2"], False),
        ("Studio 54", ["Studio 54"], False),
        ("[Ada Example](https://otters.example/ada(1))", ["Ada Example"], False),
        ("Kim, Jisoo, Roe, Jane", ["Jisoo Kim", "Jane Roe"], False),
        ("Kowalska, Jolanta, Nowak, A.", ["Jolanta Kowalska", "A. Nowak"], False),
    ],
)
def test_names_are_those_of_the_people(written: object, names: list[str], et_al: bool) -> None:
    assert authors_of(written) == (tuple(names), et_al)


@pytest.mark.parametrize(
    ("path", "title", "person"),
    [
        ("otters/_index.md", "otters", ""),
        ("notes/.hidden.md", ".hidden", ""),
        ("notes/20240305101112 Otters at Work.md", "Otters at Work", "Otters at Work"),
        ("notes/202403051011 Otters at Work.md", "Otters at Work", "Otters at Work"),
        ("notes/Otters%20at%20Work.md", "Otters at Work", ""),
        ("notes/OTTER.md", "OTTER", ""),
        ("notes/Otters.md", "Otters", "Otters"),
        ("Otters_at_the_River/paper.md", "Otters at the River", ""),
        ("Otters_at_the_River/2.md", "2", ""),
        ("Otters_at_Work/paper.md", "Otters at Work", ""),
        ("otters_work/paper.md", "paper", ""),
        ("Otters_Work/paper.md", "Otters Work", ""),
        ("OtterNet2/paper.md", "OtterNet2", ""),
        ("OTTER/paper.md", "paper", ""),
        ("Notes/paper.md", "paper", ""),
        ("Otters/license.md", "license", ""),
        ("notes/2401.00001 Otters at Work.md", "Otters at Work", "Otters at Work"),
        ("notes/Example et al. - 2017 - Otters at Work.md", "Otters at Work", ""),
        ("notes/2024-03-05 Reading notes.md", "Reading notes", ""),
        ("notes/Related Work.md", "Related Work", ""),
        ("notes/Otters 2019.md", "Otters 2019", ""),
    ],
)
def test_the_name_of_a_file_is_a_title_and_one_that_a_person_gave_if_it_is_as_titles_are(
    path: str, title: str, person: str
) -> None:
    assert (facts.title_of(path), facts.person_named(path)) == (title, person)


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        (["#dam, #river"], ("dam", "river")),
        (["#dam #river,"], ("dam", "river")),
        (["{dam, river}"], ("dam", "river")),
        (["dam, sea", "river"], ("dam, sea", "river")),
        (["C#", "#", "##"], ("C#", "#", "##")),
        (["[[dam]]", "[[river|River]]", "", "key1"], ("dam", "River")),
    ],
)
def test_tags_are_read_without_what_stands_around_them(written: list[str], tags: tuple[str, ...]) -> None:
    assert facts.clean_tags(written, PLACEHOLDER_TAG) == tags


@pytest.mark.parametrize(
    ("path", "year"),
    [
        ("Example et al. - 2017 - Otters at Work.md", "2017"),
        ("notes/Example et al_1999_Otters at Work.md", "1999"),
        ("Otters at Work in 2017.md", None),
    ],
)
def test_the_name_of_a_file_says_the_year_as_programs_cite(path: str, year: str | None) -> None:
    assert facts.year_named(path) == year


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("2017 Otters at Work in Rivers", "2017"),
        ("2017 Otters at Work in River", "2017"),
        ("2017_Otters_at_Work_in_Rivers", "2017"),
        ("2017-otter-otters-at-work-in-rivers", "2017"),
        ("2017-otters-at-work-in-rivers", None),
        ("2017-otter-and-beavers-at-work-elsewhere", None),
        ("2017 Beavers at Rest in Lakes", None),
        ("2017-03-05-otters-at-work-in-rivers", None),
    ],
)
def test_a_name_says_the_year_before_the_title_of_the_note_and_its_venue(name: str, year: str | None) -> None:
    assert facts.year_before(f"notes/{name}.md", "Otters at Work in Rivers (OtterNet)") == year


@pytest.mark.parametrize(("title", "shown"), [("@水獭的未来", "水獭的未来"), ("@otters2020", "@otters2020")])
def test_the_mark_of_a_reference_of_logseq_is_no_part_of_its_title(title: str, shown: str) -> None:
    assert facts.as_in_logseq(title) == shown


def test_an_id_of_arxiv_s_old_kind_is_found_in_a_link() -> None:
    link = "[paper](http://arxiv.org/abs/hep-th/9901001v2)"
    assert facts.linked(link) == facts.identity("", link, "notes/otters.md") == ("hep-th/9901001", 2)
    assert facts.identity("", "[paper](https://otters.example/a)", "notes/otters.md") == ("otters", None)


def test_an_address_has_no_mark_of_the_sentence_and_nothing_that_reorders_text() -> None:
    assert facts.web_address("see https://otters.example/a; then") == "https://otters.example/a"
    assert facts.web_address("https://otters.example/\u202ea") is None


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("see https://arxiv.org/abs/2412.15115v2", ("2412.15115", 2)),
        ("10.1000/x arXiv:2412.15115", ("10.1000/x", None)),
        ("(2412.15115)", ("2412.15115", None)),
        ("(otters) notes", ("(otters)", None)),
        ("otters(2)", ("otters(2)", None)),
    ],
)
def test_an_id_is_what_a_text_begins_with_if_that_is_one(written: str, known: tuple[str, int | None]) -> None:
    assert facts.stated(written) == known
