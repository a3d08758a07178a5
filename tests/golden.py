"""What an index of this version is made of, kept to notice that it changed: what is read of posts, tokens, and a whole
small index.

    python -m tests.golden

writes all anew, after ``ANALYSIS_VERSION`` (``engine/index/generation``) was raised because posts are read or words
taken apart in another way, or ``FORMAT_VERSION`` (``engine/index/container``) because files are laid out in another
way. Without the first an index would keep, for years, the old reading of whatever does not change.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import papersearch
from papersearch.core.frozen import as_dict
from papersearch.engine.index.container import FORMAT_VERSION
from papersearch.engine.index.generation import ANALYSIS_VERSION
from papersearch.posts.parse import Unreadable, parse
from papersearch.text import words
from tests.corpora import REAL_POSTS, SAMPLE, write_post
from tests.parsed import EXAMPLES

DATA = Path(__file__).parent / "data"
READINGS, TOKENS, INDEX = DATA / "readings.txt", DATA / "tokens.txt", DATA / "index"
# Beside the tokens of the sample posts: what generators, authors and languages do to words.
ODD = """
zero-shot ZeroShot Zero-Shot EndtoEnd end-to-end state-of-the-art LLMBased LLM-based Qwen2.5 Qwen25
GPT-4o gpt4o R&D C++ C# .NET AT&T COVID-19 x86-64 3D 2D 10x 1e-3 4,000 3.14 U-Net UNet mathcalRS_6
H2O CO2 β-VAE π0 Poincaré naïve Müller Erdős Łukasz straße İstanbul ﬁnite Ⅳ ² é 语言模型 機器学習 한국어 データ
بيانات नमस्ते 语言model model's models' models modelling dying lying studies hoping llms gpus pdes
cnns snake_case camelCase HTTPServer iPhone16 a b I II -- ... -- - _ __init__ f(x)=x^2
user@example.org https://example.org/a-b_c?d=e#f 2412.15115v1 10.1145/3397271.3401075
\u200bzero\u00adwidth
""".split()


def line(token: str) -> str:
    """A token, its terms, its compounds, and the words for spelling."""
    return "\t".join([token, *map(" ".join, words.take_apart(token))])


def lines() -> list[str]:
    """A line for each token."""
    found = set(ODD) | {"语言模型 and naïve nets", "Antidisestablishmentarianism" * 20}
    for path in SAMPLE.glob("*.md"):
        found.update(words.tokens(path.read_text(encoding="utf-8")))
    return [*map(line, sorted(found))]


def checksum(path: str, data: bytes) -> int:
    """Of all that is indexed of a post; 0 of what is none."""
    try:
        post = as_dict(parse(path, data))
    except Unreadable:
        return 0
    del post["problems"], post["damage"]
    return crc32(json.dumps(post).encode())


def readings() -> dict[str, str]:
    """The checksum of each sample post, of each example of the documentation, and, where they are, of all the real
    posts and of all notes of other people."""
    found = {f"corpus/{path.name}": checksum(f"corpus/{path.name}", path.read_bytes()) for path in SAMPLE.glob("*.md")}
    found |= {f"docs/{name}": checksum(f"posts/{name}", text.encode()) for name, text, _ in EXAMPLES}
    for archive in (REAL_POSTS, REAL_POSTS.with_name("notes.tar.xz")):
        if archive.exists():
            each = sorted(checksum(path, data) for path, data in _files(archive))
            found[archive.name] = crc32(json.dumps(each).encode())
    return {name: f"{number:08x}" for name, number in sorted(found.items())}


def _files(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as packed:
        for member in packed:
            data = packed.extractfile(member) if member.isfile() else None
            if data is not None:
                yield member.name, data.read()


def kept_readings() -> tuple[str, dict[str, str]]:
    """The version of the analysis, and the checksums, as they are kept."""
    version, *lines = READINGS.read_text(encoding="utf-8").splitlines()
    return version, dict(line.split("\t") for line in lines)  # type: ignore[misc]


def write_three(folder: Path) -> None:
    """The posts that the kept index is made of."""
    write_post(folder, "2412.15115v1", "Qwen25 Technical Report", "A mixture of experts (MoE) and more.", author="Qwen")
    write_post(
        folder, "2501.09636v2", "LLMBased Routing in Mixture of Experts", "A router picks experts.", tags=["trading"]
    )
    write_post(folder, "语言", "语言模型 and naïve nets", "Zero-shot use of U-Net.", published="2023-05-01")


def kept() -> tuple[int, str]:
    """The format and the analysis of the kept index."""
    (manifest,) = INDEX.glob("papersearch_?.json")
    data = json.loads(manifest.read_bytes().splitlines()[0])
    return data["format"], data["analysis"]


def main() -> None:
    """Write everything anew; what is not here to be read keeps its checksum."""
    before = kept_readings()[1] if READINGS.exists() else {}
    now = {name: number for name, number in before.items() if name.endswith(".xz")} | readings()
    lines_of_readings = ["\t".join(each) for each in sorted(now.items())]
    READINGS.write_text("\n".join([f"analysis {ANALYSIS_VERSION}", *lines_of_readings, ""]), encoding="utf-8")
    TOKENS.write_text("\n".join([f"analysis {ANALYSIS_VERSION}", *lines(), ""]), encoding="utf-8")
    shutil.rmtree(INDEX, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        write_three(Path(folder))
        papersearch.build(str(INDEX), [folder], jobs=1)
    print(f"written: readings and tokens of analysis {ANALYSIS_VERSION}, an index of format {FORMAT_VERSION}")


if __name__ == "__main__":
    main()
