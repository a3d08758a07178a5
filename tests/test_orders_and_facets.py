"""Filters, orders, pages, facets and similar papers, beside what the posts themselves say."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import papersearch
from papersearch import NotFoundError
from papersearch.core.fields import FACETS
from papersearch.core.records import Hit, Post
from papersearch.engine.index.reader import IndexReader
from papersearch.engine.search.facets import PATIENCE, count_facets
from papersearch.text.folding import plain_letters
from tests.corpora import QWEN, SAMPLE, write_post
from tests.posted import date_of, everything, holds, ids, sample_posts


@pytest.fixture(scope="module")
def posts(index: papersearch.Index) -> dict[str, Post]:
    """The sample posts by paper id."""
    found = {post.id: post for post in sample_posts()}
    assert len(found) == index.stats(look=False).papers
    return found


# --- filters, against the posts themselves ---


@pytest.mark.parametrize(
    ("query", "options", "passes"),
    [
        ("author:Qwen", {}, lambda post: holds(post, "qwen", "authors")),
        ("*", {"author": "jun ma"}, lambda post: "Jun Ma" in post.authors),
        ("*", {"author": "MA"}, lambda post: holds(post, "ma", "authors")),
        ("*", {"author": "nobody"}, lambda post: False),
        ("tag:github", {}, lambda post: holds(post, "github", "tags")),
        ("*", {"tag": "dataset"}, lambda post: "dataset" in post.tags),
        ("*", {"tags": ["Dataset", "all  search terms"]}, lambda post: {"dataset", "all search terms"} <= {*post.tags}),
        ("*", {"since": "2025"}, lambda post: date_of(post) >= "2025"),
        ("*", {"until": "2024"}, lambda post: "" < date_of(post) < "2025"),
        ("*", {"since": "2024-12", "until": "2025-01"}, lambda post: date_of(post)[:7] in ("2024-12", "2025-01")),
        ("*", {"since": "2024-12-19", "until": "2024-12-20"}, lambda p: date_of(p) in ("2024-12-19", "2024-12-20")),
        ("year:2024", {}, lambda post: date_of(post)[:4] == "2024"),
        ("date:2024-07..2024-12", {}, lambda post: "2024-07" <= date_of(post)[:7] <= "2024-12"),
        ("date:>=2025-01-09", {}, lambda post: date_of(post) >= "2025-01-09"),
        ("id:2412.15115", {}, lambda post: post.id == QWEN),
        ("model author:Qwen", {}, lambda post: holds(post, "qwen", "authors") and holds(post, "model")),
        ("model year:2025", {}, lambda post: date_of(post)[:4] == "2025" and holds(post, "model")),
        ("model (year:2024 OR year:2023)", {}, lambda post: date_of(post)[:4] == "2024" and holds(post, "model")),
        ("-(year:2024 OR diffusion)", {}, lambda post: not (date_of(post)[:4] == "2024" or holds(post, "diffusion"))),
        ("model id:nosuchpaper", {}, lambda post: False),
        ("-diffusion", {}, lambda post: not holds(post, "diffusion")),
        ("NOT diffusion NOT model", {}, lambda post: not holds(post, "diffusion") and not holds(post, "model")),
        ("year:2024 OR diffusion", {}, lambda post: date_of(post)[:4] == "2024" or holds(post, "diffusion")),
        ("diffusion OR NOT model", {}, lambda post: holds(post, "diffusion") or not holds(post, "model")),
        ("diffusion AND video", {}, lambda post: holds(post, "diffusion") and holds(post, "video")),
        ("diffusion video", {"match": "all"}, lambda post: holds(post, "diffusion") and holds(post, "video")),
        ("diffusion video", {"match": "any"}, lambda post: holds(post, "diffusion") or holds(post, "video")),
        ("diffusion video", {}, lambda post: holds(post, "diffusion") or holds(post, "video")),
        ("diffusion", {"since": "2025"}, lambda post: date_of(post) >= "2025" and holds(post, "diffusion")),
        ("* diffusion", {}, lambda post: True),
        ("* 2412.15115 *", {}, lambda post: True),
        ("title:diffusion", {}, lambda post: holds(post, "diffusion", "title")),
        ("abstract:diffusion", {}, lambda post: holds(post, "diffusion", "abstract")),
    ],
)  # fmt: skip
def test_exactly_the_papers_that_match_are_counted_and_shown(
    index: papersearch.Index,
    posts: dict[str, Post],
    query: str,
    options: dict[str, object],
    passes: Callable[[Post], bool],
) -> None:
    expected = sorted(key for key, post in posts.items() if passes(post))
    assert sorted(everything(index, query, expand=False, **options)) == expected
    assert index.search(query, limit=0, expand=False, **options).total == len(expected)


# --- orders and pages ---


@pytest.mark.parametrize("query", ["*", "model", "diffusion OR NOT model", "-model", "large language model year:2024"])
def test_other_orders_hold_the_same_papers(index: papersearch.Index, posts: dict[str, Post], query: str) -> None:
    found = everything(index, query, match="all")
    newest = everything(index, query, sort="newest")
    assert newest == sorted(sorted(found), key=lambda key: date_of(posts[key]), reverse=True)
    oldest = everything(index, query, sort="oldest")
    assert oldest == sorted(sorted(found), key=lambda key: date_of(posts[key]) or "9999")
    titles = everything(index, query, sort="title")
    assert titles == sorted(found, key=lambda key: (posts[key].title.casefold(), key))


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest", "title"])
@pytest.mark.parametrize(
    "query",
    ["*", "model", "large language model", "mixture of experts for image data", "-model", "year:2024 OR diffusion"],
)
def test_pages_are_slices_of_the_whole(index: papersearch.Index, query: str, sort: str) -> None:
    whole = index.search(query, limit=1_000, sort=sort, snippets=False).results
    assert [hit.rank for hit in whole] == list(range(1, len(whole) + 1))
    for size in (1, 7, 10, 31):
        paged: list[Hit] = []
        for offset in range(0, len(whole) + size, size):
            paged += index.search(query, limit=size, offset=offset, sort=sort, snippets=False).results
        assert paged == list(whole)
    assert index.search(query, limit=5, offset=10_000).results == ()
    assert [hit.id for hit in index.results(query, sort=sort)] == [hit.id for hit in whole]


def test_page_fifty_of_a_larger_corpus_is_a_slice_of_the_whole(tmp_path: Path) -> None:
    for number in range(600):
        text = "red " * (number % 7 + 1) + "blue " * (number % 3) + ("green blue" if number % 11 == 0 else "")
        write_post(tmp_path, f"p{number:03}", f"Paper {number % 5}", text, published=f"2024-01-{number % 28 + 1:02}")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    for query in ("red", "red blue", "red blue green", "blue OR year:2024", '"red blue"'):
        whole = [(hit.id, hit.score) for hit in index.search(query, limit=600, snippets=False).results]
        assert len({key for key, _ in whole}) == len(whole)
        for offset in (0, 10, 20, 30, 40, 490):
            page = index.search(query, limit=10, offset=offset, snippets=False).results
            assert [(hit.id, hit.score) for hit in page] == whole[offset : offset + 10]


def test_equal_papers_come_newest_first_and_then_by_id(tmp_path: Path) -> None:
    days = {"b": "2024-01-02", "a": "2024-01-02", "c": "2024-03-01", "d": "2023-01-01", "e": "2024-01-02"}
    for name, day in days.items():
        write_post(tmp_path, name, "Same title", "same words in all of them", published=day, posted=f"{day} 10:00:00")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    for query in ("words", "same words", '"same words"', "same words in all of them", "-other", "*"):
        assert everything(index, query) == ["c", "a", "b", "e", "d"]
    scores = {hit.score for hit in index.search("same words in all").results}
    assert len(scores) == 1


def test_papers_without_a_date_come_last_in_either_order_of_time_and_have_no_year(tmp_path: Path) -> None:
    for name, day in (("a", None), ("b", "2024-05-01"), ("c", "2023-05-01"), ("d", None)):
        date = f"date: {day}\n" if day else ""
        (tmp_path / f"{name}.md").write_text(f"---\ntitle: Note {name}\n{date}---\nOtters.\n", encoding="utf-8")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    for limit in (2, 4):
        assert ids(index.search("otters", sort="oldest", limit=limit)) == ["c", "b", "a", "d"][:limit]
        assert ids(index.search("otters", sort="newest", limit=limit)) == ["b", "c", "a", "d"][:limit]
    assert index.facets("year") == [("2023", 1), ("2024", 1)]
    assert ids(index.search("otters", since="0001")) == ["b", "c"]
    assert ids(index.search("otters", until="9999")) == ids(index.search("otters date:..2024")) == ["b", "c"]


def test_answers_do_not_depend_on_the_history_of_the_index(index: papersearch.Index, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    paths = sorted(SAMPLE.glob("*.md"), reverse=True)
    for start in range(0, len(paths), 9):
        for path in paths[start : start + 9]:
            (corpus / path.name).write_bytes(path.read_bytes())
        extra = write_post(
            corpus, f"x{start}", "Diffusion models of images", "model diffusion learning data", name="extra"
        )
        late = papersearch.build(str(tmp_path / "index"), [str(corpus)])
    extra.unlink()
    late.update()
    for query in ("model", "mixture of experts", "text-to-image diffusion models", '"language model"', "quant*", "MoE"):
        first, second = (each.search(query, limit=60, snippets=False) for each in (index, late))
        assert (first.total, first.total_all) == (second.total, second.total_all)
        assert ids(first) == ids(second)
        assert [hit.score for hit in first.results] == pytest.approx([hit.score for hit in second.results], abs=2e-6)


def test_titles_that_begin_alike_are_sorted_to_their_end_whatever_page_is_asked_for(tmp_path: Path) -> None:
    titles = ["Neural Nets", "neural nets and more", "NEURAL NEW", "Neural", "", "Straße", "STRASSE 2", "Ζ", "ζ a", "𝔄"]
    titles += ["Éclair", "eclipse", "E\u0301cole", unicodedata.normalize("NFD", "Ðộ ệ ộ ệ ộ ệ một"), "Độ ệ ộ ệ ộ ệ hai"]
    for number, title in enumerate(titles * 2):
        write_post(tmp_path, f"2412.{number:05}", title, "some text", name=f"post{number}")
    made = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    papers = sorted((made.paper(paper_id) for paper_id in made.ids("")), key=lambda p: (plain_letters(p.title), p.id))
    assert [paper.title for paper in papers if paper.title[0:1] in "ÉeE"][1::2] == ["Éclair", "eclipse", "E\u0301cole"]
    for offset in range(len(papers)):
        for limit in (1, 3, 50):
            shown = made.search("*", sort="title", offset=offset, limit=limit).results
            assert [hit.id for hit in shown] == [paper.id for paper in papers[offset : offset + limit]]


# --- similar papers and facets ---


def test_similar_papers_say_what_the_title_says_side_by_side_and_share_more_than_the_rarest_words(
    tmp_path: Path,
) -> None:
    rare = " ".join(f"rare{letter}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    write_post(tmp_path, "asked", "Tidal locking", f"{rare} {rare} harbour lantern")
    write_post(tmp_path, "apart", "Notes", f"{rare} locking of the tidal other sort unit seven", published="2025-01-01")
    write_post(
        tmp_path, "beside", "Notes", f"{rare} of the tidal locking other sort unit seven", published="2024-01-01"
    )
    write_post(
        tmp_path, "more", "Notes", f"{rare} locking of the tidal lantern sort unit seven", published="2023-01-01"
    )
    for number in range(12):
        write_post(tmp_path, f"other{number}", "Lantern", "lantern light")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    answer = index.similar("asked", explain=True)
    assert ids(answer)[:3] == ["beside", "more", "apart"]
    for hit in answer.results:
        assert sum(part.score for part in hit.explanation) == pytest.approx(hit.score)
    assert "tidal lock" in {part.term for part in answer.results[0].explanation}
    assert "lantern" in {part.term for part in answer.results[1].explanation if part.note == "like the text"}


def test_similar_papers_leave_the_paper_itself_out(index: papersearch.Index, posts: dict[str, Post]) -> None:
    for key in list(posts)[:10]:
        answer = index.similar(key, limit=100)
        assert answer.results
        assert key not in ids(answer)
        assert len(answer.results) == answer.total
    assert ids(index.similar("2504.02658", limit=4))[0] in {"2501.19392", "2505.11497"}, "quantization"
    assert ids(index.similar(text="A router of experts for trading", limit=1)) == ["2501.09636"]
    assert index.similar(text="").total == 0
    assert index.similar(text="...").total == 0
    with pytest.raises(NotFoundError):
        index.similar("nosuchpaper")


@pytest.mark.parametrize("query", ["*", "diffusion", "model -diffusion", "year:2024", "zzyzx"])
def test_facets_count_the_papers_that_match(index: papersearch.Index, posts: dict[str, Post], query: str) -> None:
    found = [posts[key] for key in everything(index, query, match="all")]
    values: dict[str, Callable[[Post], Iterator[str]]] = {
        "tag": lambda post: iter(set(post.tags)),
        "author": lambda post: iter(set(post.authors)),
        "year": lambda post: iter([date_of(post)[:4]] if date_of(post) else []),
        "month": lambda post: iter([date_of(post)[:7]] if date_of(post) else []),
    }
    for by, values_of in values.items():
        counts: dict[str, int] = {}
        for post in found:
            for value in values_of(post):
                counts[value] = counts.get(value, 0) + 1
        expected = sorted(counts.items(), key=lambda item: (0 if by in ("year", "month") else -item[1], item[0]))
        assert index.facets(by, query) == expected


def test_what_a_post_says_twice_counts_once(tmp_path: Path) -> None:
    write_post(tmp_path, "2401.00001", "Otters", tags=("dams", "dams"), author="Ann Lee, Ann Lee")
    note = "---\ntitle: Voles\ntags: [dams, dams]\nauthors: [Ann Lee, Ann Lee]\n---\nText.\n"
    (tmp_path / "note.md").write_text(note, encoding="utf-8")
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert (index.facets("tag"), index.facets("author")) == ([("dams", 2)], [("Ann Lee", 2)])


def test_a_tag_counts_as_many_papers_as_its_filter_finds_however_it_is_written(tmp_path: Path) -> None:
    for number, tags in enumerate((["Dams", "rivers"], ["dams"], ["dams"], ["DAMS", "Rivers"])):
        write_post(tmp_path, f"2401.0000{number}", "Otters", tags=tags)
    index = papersearch.build(str(tmp_path / "index"), [str(tmp_path)])
    assert index.facets("tag") == [("dams", 4), ("Rivers", 2)]
    assert [index.search("*", tag=tag).total for tag, _ in index.facets("tag")] == [4, 2]


@pytest.mark.parametrize("by", FACETS)
def test_facets_are_the_same_by_papers_and_by_values(index: papersearch.Index, by: str) -> None:
    reader = IndexReader(index.path)
    matching = [segment.live for segment in reader.segments]
    assert count_facets(by, reader, matching, few=0) == count_facets(by, reader, matching) == dict(index.facets(by))
    for part in (1, 0b1010101010101, *(1 << doc for doc in range(0, 60, 7))):
        some = [bits & part for bits in matching]
        assert count_facets(by, reader, some, few=0) == count_facets(by, reader, some)
    but_three = [bits & ~0b10011 for bits in matching]  # counted as all, without what these three have
    counts = dict(count_facets(by, reader, but_three, few=10))
    assert counts == dict(count_facets(by, reader, but_three))
    assert min(counts.values()) > 0


def test_facets_stay_the_same_however_many_papers_were_counted(index: papersearch.Index) -> None:
    reader = IndexReader(index.path)
    some = [segment.live & 0b1110111 for segment in reader.segments]
    first = count_facets("author", reader, some)
    assert sum(first.values()) > 3
    for _ in range(PATIENCE // 6 + 2):
        again = count_facets("author", reader, some)
    assert again == first


def test_values_that_are_the_same_count_as_one_among_many_as_among_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authors = ["Zoë Hahn", "Zoe\u0308 Hahn", "Zoë Hahn", "ZOË HAHN", "Zoe Hahn", "Bo Ek"]
    for number, author in enumerate(authors):
        write_post(tmp_path, f"2401.0000{number}", "Otters", author=author)
    index = papersearch.build(tmp_path / "index", [tmp_path], jobs=1)
    for query, expected in (
        ("*", {"Zoë Hahn": 4, "Bo Ek": 1, "Zoe Hahn": 1}),
        ("author:hahn AND NOT id:2401.00000 AND NOT id:2401.00002", {"ZOË HAHN": 2, "Zoe Hahn": 1}),
    ):
        few = index.facets("author", query)
        assert dict(few) == expected
        with monkeypatch.context() as patched:
            patched.setattr("papersearch.engine.search.facets.FEW", 0)
            assert index.facets("author", query) == few
