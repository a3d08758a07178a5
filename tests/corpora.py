"""Small corpora for tests: posts as they lie in a folder, segments of documents in memory, and the real posts."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import papersearch
from papersearch.core.records import Post
from papersearch.engine.build.invert import Document, Inverter
from papersearch.engine.index.files import PLAIN_FILES
from papersearch.engine.index.reader import OpenSegment
from papersearch.engine.index.segment import Segment, new_name, segment_files

QWEN = "2412.15115"  # a paper of the sample posts
SAMPLE = Path(__file__).parent.parent / "corpus"
REAL_POSTS = Path(__file__).parent.parent.parent / "shared" / "corpora" / "posts.tar.xz"


def write_post(
    folder: Path,
    paper_id: str,
    title: str,
    abstract: str = "",
    *,
    name: str = "",
    author: str = "Ann Author",
    published: str = "2024-12-19",
    posted: str = "2024-12-23 11:35:38",
    tags: Sequence[str] = ("dataset",),
    qa: str = "coming soon",
) -> Path:
    """One post in the layout of the sample posts."""
    path = folder / f"{name or paper_id}.md"
    lines = [
        "---",
        "author: someone",
        f"pubDate: '{posted}'",
        "tags:",
        *(f"- {tag}" for tag in tags),
        f'title: "{title}"',
        "---",
        "",
        f"# title: {title} ",
        "## publish date: ",
        f"**{published}** ",
        "## authors: ",
        f"  {author} et.al. ",
        "## paper id",
        paper_id,
        "## download",
        f"[{paper_id}](http://arxiv.org/abs/{paper_id})",
        "## abstracts:",
        abstract,
        "## QA:",
        qa,
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def index_of_texts(folder: Path, *texts: str) -> papersearch.Index:
    """An index of one paper for each text: paper a, b, c and so on, all of one day."""
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, text in enumerate(texts):
        name = chr(ord("a") + number) if number < 26 else f"z{number:05}"
        write_post(corpus, name, f"Paper {name}", text)
    return papersearch.build(str(folder / "index"), [str(corpus)])


def segment_of(folder: Path, posts: Iterable[Post], dead: Iterable[int] = ()) -> OpenSegment:
    """A segment of posts, with some of its documents dead."""
    inverter = Inverter()
    inverter.add([Document(post, 1) for post in posts])
    name = new_name()
    with segment_files(str(folder), name, PLAIN_FILES) as (documents, terms):
        inverter.write(documents, terms)
    return OpenSegment(Segment(str(folder), name), dead)


def unpack_real_posts(folder: Path) -> Path:
    """The folder of the real posts, unpacked into ``folder``."""
    with tarfile.open(REAL_POSTS) as archive:
        for member in archive:
            data = archive.extractfile(member) if member.isfile() else None
            if data is not None:
                (folder / Path(member.name).name).write_bytes(data.read())
    return folder


def two_experts(home: Path) -> Path:
    """The folder, with two posts in its ``corpus``."""
    (home / "corpus").mkdir()
    write_post(home / "corpus", "2401.00001v1", "Sparse experts", "Text.")
    write_post(home / "corpus", "2401.00002v1", "Dense experts", "Text.")
    return home
