"""Questions of every kind, made from the posts of a corpus, and how far two answers agree."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

import papersearch
from papersearch.core.records import Answer, Post, Request


def requests(posts: Sequence[Post], count: int, seed: int = 1) -> list[Request]:
    """``count`` requests, of all kinds in turn."""
    chance = random.Random(seed)
    kinds = _kinds(posts, chance)
    return [next(kinds) for _ in range(count)]


def _kinds(posts: Sequence[Post], chance: random.Random) -> Iterator[Request]:
    def words(least: int = 4) -> list[str]:
        post = chance.choice(posts)
        found = re.findall(rf"[A-Za-z]{{{least},}}", f"{post.title} {post.abstract}")
        return found or ["model", "learning", "data"]

    def run(length: int) -> str:
        text = words(2)
        start = chance.randrange(max(1, len(text) - length))
        return " ".join(text[start : start + length])

    def some(count: int) -> str:
        found = words()
        return " ".join(chance.choice(found) for _ in range(count))

    def typo(word: str) -> str:
        at = chance.randrange(1, len(word))
        return word[:at] + word[at + 1 :] if len(word) > 4 else word

    def post() -> Post:
        return chance.choice(posts)

    while True:
        yield Request(some(1))
        yield Request(some(2))
        yield Request(some(3))
        yield Request(some(5))
        yield Request(run(12))
        yield Request(post().title or "model")
        yield Request(f"the {(post().title or 'model').split()[0]} paper")
        yield Request(f'"{run(2)}"')
        yield Request(f'"{run(3)}"')
        yield Request(f'"{run(2)}"~{chance.randrange(1, 8)}')
        yield Request(f"title:{some(1)}")
        yield Request(f"{some(2)} title:{some(1)}")
        yield Request(f"{some(1)} AND {some(1)}")
        yield Request(f"{some(1)} OR {some(1)} AND NOT {some(1)}")
        yield Request(f"{some(2)} -{some(1)}")
        yield Request(f"({some(2)}) OR {some(1)}^3")
        yield Request(f"{chance.choice(words(6))[:4]}*")
        yield Request(f"{some(1)} {chance.choice(words(6))[:3]}?{chance.choice(words(6))[4:6]}*")
        yield Request(f"{typo(chance.choice(words(6)))}~")
        yield Request(f"{typo(chance.choice(words(6)))} {some(1)}")
        yield Request(f"year:{chance.choice((2023, 2024, 2025))} {some(1)}")
        yield Request(some(2), since="2024-06", until="2025-03")
        yield Request(some(1), tags=post().tags[:1])
        yield Request(some(1), authors=post().authors[:1])
        yield Request(f'author:"{(post().authors or ("Wang",))[0]}"')
        yield Request(some(2), match="all")
        yield Request(some(3), match="any", expand=False)
        yield Request(some(2), sort=chance.choice(("newest", "oldest", "title")))
        yield Request(post().id)
        yield Request(chance.choice(("LLM", "MoE", "RAG", "GNN", "ViT", "RL", "large language model", "zero-shot")))
        yield Request(f"{some(1)} date:2024-07..2024-12")
        yield Request("*", sort="newest")
        yield Request(some(2), limit=40, offset=chance.choice((0, 10, 35)))
        # Which no paper matches well, and other words are asked for too.
        asked = chance.choice(("cheap drone pictures", "shrink nets for a phone", "spot fake photos of people"))
        yield Request(f"{asked} {some(1)} {some(1)}")


def same_papers(one: Answer, other: Answer) -> bool:
    """Whether two answers find as many papers, and as many with every word."""
    return (one.total, one.total_all) == (other.total, other.total_all)


def overlap(one: Answer, other: Answer) -> float:
    """The share of the papers of two pages that are on both."""
    ids = {hit.id for hit in one.results}, {hit.id for hit in other.results}
    return len(ids[0] & ids[1]) / len(ids[0] | ids[1]) if ids[0] or ids[1] else 1.0


def first_agrees(one: Answer, other: Answer) -> bool:
    """Whether the first papers are the same, those of the same score being equal."""
    if not one.results or not other.results:
        return len(one.results) == len(other.results)
    return one.results[0].id == other.results[0].id or abs(one.results[0].score - other.results[0].score) < 1e-4


def answer_of(index: papersearch.Index, request: Request) -> Answer | str:
    """The answer, or what an error says in place of one."""
    try:
        return index.search(request)
    except papersearch.PapersearchError as error:
        return str(error)


def agreeing(local: papersearch.Index, remote: papersearch.Index, request: Request) -> tuple[Answer, Answer] | None:
    """The answers of two indexes, which must find as many papers and hint at the same; None where both say the same
    error."""
    here, there = answer_of(local, request), answer_of(remote, request)
    if isinstance(here, str) or isinstance(there, str):
        assert here == there, request
        return None
    assert same_papers(here, there), request
    assert here.hint == there.hint, request
    return here, there


def agree_on_all(local: papersearch.Index, remote: papersearch.Index) -> None:
    """See that two indexes of the sample posts answer alike whatever else they can be asked."""
    for by in ("tag", "author", "year", "month"):
        assert local.facets(by) == remote.facets(by)
        assert local.facets(by, "models", since="2024") == remote.facets(by, "models", since="2024")
    assert local.ids() == remote.ids()
    assert local.tags("d") == remote.tags("d")
    assert local.authors() == remote.authors()
    assert local.titles() == remote.titles()
    for typed in ("The ", "a", "Scaling-", "2412.", "Be", "Dataset_"):
        for values in ("titles", "ids", "authors", "tags"):
            assert getattr(local, values)(typed) == getattr(remote, values)(typed), (values, typed)
    assert local.corpus == remote.corpus != ()
    for paper_id in local.ids()[:5]:
        assert local.paper(paper_id) == remote.paper(paper_id)
        mine, other = local.similar(paper_id), remote.similar(paper_id)
        assert [hit.id for hit in mine.results] == [hit.id for hit in other.results]
    for typed in ("mix", "large language mod", "quan", "data", "zero-s"):
        assert local.completions(typed) == remote.completions(typed) != []
    path = local.search("*").results[0].path
    assert local.paper(path) == remote.paper(path)
    here, there = local.stats(), remote.stats()
    assert (here.papers, here.posts, here.corpus, here.stale) == (there.papers, there.posts, there.corpus, there.stale)
    assert [hit.explanation for hit in local.search("mixture of experts", explain=True).results] == [
        hit.explanation for hit in remote.search("mixture of experts", explain=True).results
    ]
    assert [hit.common_tags for hit in local.search("data").results] == [
        hit.common_tags for hit in remote.search("data").results
    ]
    assert any(hit.common_tags for hit in remote.search("data").results)
    for query in ("9999.99999", 'author:"Nobody Atall" OR data'):
        hint = local.search(query).hint
        assert hint
        assert remote.search(query).hint == hint
    for sort in ("newest", "oldest", "title"):
        mine, other = local.search("data which models", sort=sort), remote.search("data which models", sort=sort)
        assert (mine.total, [hit.id for hit in mine.results]) == (other.total, [hit.id for hit in other.results])
    assert [hit.id for hit in local.results("model")] == [hit.id for hit in remote.results("model")]
