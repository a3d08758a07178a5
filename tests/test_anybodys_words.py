"""Words as people type them find the posts that spell them otherwise, through an index, as a query does."""

from __future__ import annotations

from pathlib import Path

import pytest

from papersearch import library

CASES = Path(__file__).parent.parent.parent / "shared" / "cases"

MEETINGS = [
    ("matrices", "matrix"), ("submatrices", "submatrix"), ("indices", "index"), ("vertices", "vertex"),
    ("analyses", "analysis"), ("hypotheses", "hypothesis"), ("criteria", "criterion"), ("phenomena", "phenomenon"),
    ("corpora", "corpus"), ("axes", "axis"), ("bases", "basis"), ("theses", "thesis"), ("mice", "mouse"),
    ("children", "child"), ("lemmata", "lemma"), ("stimuli", "stimulus"), ("spectra", "spectrum"), ("women", "woman"),
    ("lenses", "lens"), ("gases", "gas"), ("aliases", "alias"), ("anti-aliasing", "anti-alias"), ("buses", "bus"),
    ("canvases", "canvas"), ("colourise", "colorize"), ("colourisation", "colorization"), ("manoeuvre", "maneuvers"),
    ("manoeuvred", "maneuvering"), ("counsellor", "counselor"),
    ("knowledge bases", "knowledge base"), ("leaves", "leaf"), ("formulae", "formulas"), ("bacteria", "bacterium"),
    ("colour", "color"), ("behavioural", "behavior"), ("modelling", "modeling"), ("optimisation", "optimize"),
    ("optimised", "optimization"), ("fibre", "fibers"), ("centre", "centers"), ("grey", "gray"),
    ("greyscale", "grayscale"), ("analyse", "analyzing"), ("catalogue", "catalog"), ("sulphur", "sulfur"),
    ("defence", "defenses"), ("tumour", "tumors"), ("tokeniser", "tokenizers"), ("kilometres", "kilometer"),
    ("YOLO v8", "YOLOv8"), ("yolov8", "YOLOV8"), ("H100", "H100s"), ("RTX 3090", "RTX 3090s"), ("1990", "1990s"),
    ("LMs", "lms"), ("LMs", "LMS"), ("IMUs", "imus"), ("GRUs", "GRUS"), ("GPs", "gps"),
    ("IDSs", "idss"), ("MISs", "miss"),
    ("VideoLLMs", "VIDEOLLMS"), ("ReLUs", "relus"), ("H100s", "H100S"), ("1990s", "1990S"), ("3Ds", "3ds"),
    ("β-VAEs", "β-vaes"),
    ("5 GHz", "5GHz"), ("80 GB", "80GB"), ("10 ms", "10ms"), ("3x3", "3×3"), ("3x3", "3 × 3"), ("16X16", "16×16"),
    ("U.S.", "US"), ("A.I.", "AI"), ("N.L.P.", "NLP"), ("N.L.P", "NLP"), ("i.i.d.", "iid"),
    ("non-i.i.d.", "Non-IID"), ("node.js", "nodejs"), ("Vue.js", "vuejs"),
    ("Müller", "Mueller"), ("Schrödinger", "Schroedinger"), ("Mu\u0308ller", "Mueller"), ("Ødegaard", "Oedegaard"),
    ("مُحَمَّد", "محمد"), ("كِتَاب", "كتاب"), ("أحمد", "احمد"), ("שָׁלוֹם", "שלום"),
]  # fmt: skip


NAMES = [
    ("YOLO", "YOLOv8"),
    ("PointNet", "PointNet++"),
    ("PointNet++", "PointNet"),
    ("yolo", "yolov5"),
    ("YOLO", "YOLOV8"),
    ("DINO", "DINOv2"),
    ("SAM", "SAMv2"),
    ("GHz", "5GHz"),
]


def index_of(folder: Path, *texts: str) -> library.Index:
    """An index of one post for each text; their ids are p0, p1 and so on."""
    posts = folder / "posts"
    posts.mkdir()
    for number, text in enumerate(texts):
        (posts / f"p{number}.md").write_text(f"---\ntitle: Post\n---\nSome {text} here.\n", "utf-8")
    library.index_folder(str(folder / "index"), [str(posts)], jobs=1)
    return library.Index(str(folder / "index"))


def found(index: library.Index, query: str) -> list[str]:
    """The ids of the papers that hold every word of a query."""
    return sorted(hit.id for hit in index.search(query, match="all").results)


@pytest.mark.parametrize(("one", "other"), MEETINGS)
def test_each_form_of_a_word_finds_the_other(tmp_path: Path, one: str, other: str) -> None:
    index = index_of(tmp_path, one, other, "nothing of it")
    assert found(index, one) == found(index, other) == ["p0", "p1"]


@pytest.mark.parametrize("acronym", ["LMs", "IMUs", "GPs", "IDSs"])
def test_the_plural_of_an_acronym_is_found_and_marked_in_any_case_also_in_a_phrase(
    tmp_path: Path, acronym: str
) -> None:
    forms = [acronym, acronym.lower(), acronym.upper()]
    index = index_of(tmp_path, *(f"large {form} of today" for form in forms), "nothing of it")
    for form in forms:
        for query in (form, f'"{form}"', f'"large {form} of"'):
            hits = index.search(query, match="all").results
            assert sorted(hit.id for hit in hits) == ["p0", "p1", "p2"], query
            for hit in hits:
                (snippet,) = hit.snippets
                marked = [snippet.text[start:end] for start, end in snippet.highlights]
                assert forms[int(hit.id[1:])] in marked, (query, marked)


def test_the_plural_of_an_acronym_is_known_as_a_part_of_a_compound(tmp_path: Path) -> None:
    assert found(index_of(tmp_path, "video LLMs", "VideoLLMs", "video alone"), "videollms") == ["p0", "p1"]


def test_the_plural_of_an_acronym_that_papers_explain_means_the_same_in_any_case(tmp_path: Path) -> None:
    index = index_of(
        tmp_path, "language model (LM) and LMs", "language models, or LM", "lms", "language model",
        "greedy algorithm (GA)", "Global Positioning System (GPS) of otters", "Gaussian process (GP) and GPs",
        "natural gas", "gas turbine",
    )  # fmt: skip
    for query in ("LMs", "lms", "LMS"):
        answer = index.search(query)
        assert sorted(hit.id for hit in answer.results) == ["p0", "p1", "p2", "p3"], query
        assert {query: ["language model"]} == {word: [*forms] for word, forms in answer.expanded.items()}
    assert found(index, "gas") == ["p7", "p8"]
    assert found(index, "gps") == ["p5", "p6"]


@pytest.mark.parametrize(("name", "text"), NAMES)
def test_a_name_finds_its_versions_and_a_unit_what_is_measured_in_it(tmp_path: Path, name: str, text: str) -> None:
    assert found(index_of(tmp_path, text), name) == ["p0"]


@pytest.mark.parametrize(
    ("version", "name", "other"),
    [("YOLOv8", "YOLO", "YOLOv5"), ("yolov5", "YOLOs", "YOLOv8"), ("DeepSeek-V2", "DeepSeek", "DeepSeek-V3")],
)
def test_a_version_finds_the_name_and_other_versions_after_itself(
    tmp_path: Path, version: str, name: str, other: str
) -> None:
    index = index_of(tmp_path, f"{name} and {name} again", f"{other} and {other} again", version, "volume 8 v 2")
    hits = index.search(version).results
    assert [hits[0].id, *sorted(hit.id for hit in hits[1:])] == ["p2", "p0", "p1"]
    assert [hit.id for hit in index.search(f'"{version}"').results] == ["p2"]
    assert found(index, f"-{version}") == ["p0", "p1", "p3"]
    assert found(index, f"-{name}") == ["p3"]
    assert [hit.id for hit in index.search(version, expand=False).results] == ["p2"]


@pytest.mark.parametrize("meeting", [*MEETINGS, *NAMES])
def test_every_form_of_a_word_is_marked(tmp_path: Path, meeting: tuple[str, str]) -> None:
    query, text = meeting
    snippet = index_of(tmp_path, text).search(query).results[0].snippets[0]
    marked = "".join(snippet.text[start:end] for start, end in snippet.highlights)
    assert set(marked.replace(" ", "")) <= set(text)
    assert len(marked.replace(" ", "")) >= 2 * len(text.replace(" ", "")) / 3 or meeting in NAMES
    assert marked


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("indices", "indicate indicated"),
        ("four", "for"), ("our", "or"), ("discuss", "disk"), ("universe", "univers8"), ("metric", "meter"),
        ("promise", "prom"), ("exercise", "exert"), ("analyst", "analysis"), ("US", "let us go"), ("YOLO", "yolk"),
    ],
)  # fmt: skip
def test_words_that_only_look_alike_stay_apart(tmp_path: Path, query: str, text: str) -> None:
    assert found(index_of(tmp_path, text, query), query) == ["p1"]


@pytest.mark.parametrize("acronym", ["WHO", "IT", "US"])
def test_an_acronym_in_capitals_is_no_stop_word(tmp_path: Path, acronym: str) -> None:
    index = index_of(tmp_path, f"guidelines of the {acronym} of today", f"guidelines that {acronym.lower()} may follow")
    assert found(index, f"{acronym} guidelines") == ["p0"]
    assert found(index, f"{acronym.lower()} guidelines") == ["p0", "p1"]
    assert found(index, f"WHAT ARE {acronym} GUIDELINES") == ["p0", "p1"]  # shouted


def test_a_stop_word_in_capitals_that_no_post_has_so_is_a_stop_word(tmp_path: Path) -> None:
    assert found(index_of(tmp_path, "guidelines"), "ALSO guidelines") == ["p0"]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("การเรียนรู้ของเครื่องเป็นสาขาหนึ่ง", "เครื่อง"),
        ("ການຮຽນຮູ້ຂອງເຄື່ອງຈັກ", "ເຄື່ອງຈັກ"),
        ("ការរៀនម៉ាស៊ីនគឺជាផ្នែក", "ម៉ាស៊ីន"),
        ("机器学习是一个领域", "学习"),
    ],
)
def test_words_are_found_in_scripts_without_blanks(tmp_path: Path, text: str, query: str) -> None:
    index = index_of(tmp_path, text, "something else")
    assert found(index, query) == ["p0"]
    snippet = index.search(query).results[0].snippets[0]
    assert "".join(snippet.text[start:end] for start, end in snippet.highlights) == query


def test_what_is_marked_in_a_text_is_the_form_that_the_text_has(tmp_path: Path) -> None:
    index = index_of(tmp_path, "YOLOv8 and 5GHz", "U.S. policy", "Müller")
    for query, marked in [("YOLO", ["YOLO"]), ("GHz", ["GHz"]), ("US", ["U.S"]), ("Mueller", ["Müller"])]:
        snippet = index.search(query).results[0].snippets[0]
        assert [snippet.text[start:end] for start, end in snippet.highlights] == marked


def case(tmp_path: Path, name: str) -> library.Index:
    """An index of one of the folders of inputs that are kept beside the project."""
    if not CASES.exists():
        pytest.skip("the inputs are not here")
    library.index_folder(str(tmp_path / "index"), [str(CASES / name)], jobs=1)
    return library.Index(str(tmp_path / "index"))


@pytest.mark.parametrize(
    ("name", "queries", "ids"),
    [
        ("irregular-plurals", "matrix matrices analysis analyses vertex vertices", "plur sing"),
        ("irregular-plurals", "index indices criterion criteria", "plur sing"),
        ("irregular-plurals", "phenomenon phenomena mouse mice child children axis axes thesis theses", "plur sing"),
        ("irregular-plurals", "corpus corpora basis bases", "plur sing"),
        ("irregular-plurals", "colour color modelling modeling behaviour behavior", "color uscolor"),
        ("irregular-plurals", "optimisation optimization", "color uscolor"),
        ("irregular-plurals", "fibre fiber grey gray centre center", "color uscolor"),
        ("min-yolov8", "YOLO YOLOv8 yolo yolov8 YOLO-v8", "c"),
        ("name-version-glued", "YOLO YOLOv8 DINO DINOv2 SAM SAMv2 yolov5", "yolo"),
        ("name-version-glued", "H100 H100s V100 3090 3090s 1990 1990s GHz 5GHz", "h100"),
        ("name-version-glued", "ICLR Web2.0 web Covid Covid-19", "h100"),
        ("min-plural-number", "1990 1990s GHz 5GHz H100 H100s 3x3 3×3", "d"),
        ("times-sign", "3x3 3×3 16x16 16×16 1,024 1024 0.95", "num"),
    ],
)  # fmt: skip
def test_words_of_reported_inputs_find_their_posts(tmp_path: Path, name: str, queries: str, ids: str) -> None:
    index = case(tmp_path, name)
    for query in queries.split():
        assert set(ids.split()) <= set(found(index, query)), query


def test_reported_names_and_older_posts_are_found(tmp_path: Path) -> None:
    people = case(tmp_path, "author-order")
    for name in ("LeCun, Yann", "LeCun Y", "Y. LeCun", "Yann LeCun"):
        assert sorted(hit.id for hit in people.search(f'author:"{name}"').results) == ["n1", "n8"], name
    for name in ("He, Kaiming", "K. He", "Kaiming He"):
        assert [hit.id for hit in people.search("*", author=name).results] == ["n5"], name
    (tmp_path / "older").mkdir()
    older = case(tmp_path / "older", "old-version-words")
    for word, post in [("alpha", "a.md"), ("gamma", "c.md")]:
        answer = older.search(word)
        assert [hit.id for hit in answer.results] == ["2401.00001"]
        assert post in str(answer.hint)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Schrödinger", "Schroedinger"), ("Ålborg", "Aalborg"), ("U.S.", "US"), ("i.i.d.", "iid"), ("N.L.P.", "NLP")],
)
def test_each_form_of_a_word_finds_the_other_in_a_phrase_too(tmp_path: Path, one: str, other: str) -> None:
    index = index_of(tmp_path, f"{one} bridges", f"{other} bridges", f"bridges of {one} and of {other}")
    for form in (one, other):
        for query in (f'"some {form} bridges"', f"abstract:{form.rstrip('.')}-bridges"):
            assert found(index, query) == ["p0", "p1"], query
