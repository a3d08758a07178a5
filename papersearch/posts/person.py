"""Whether a text may be the name of a person."""

from __future__ import annotations

import re

from papersearch.posts.people import PARTICLES

# ``Ada van der Example``, ``A. d'Example``
_NAME = re.compile(
    rf"[^\W\d_a-z][\w.'’-]{{0,30}}\.?"
    rf"(?: (?:(?:[dl]['’])?[^\W\d_a-z][\w.'’-]{{0,30}}\.?|{'|'.join(sorted(PARTICLES))})){{1,4}}"
)
_EASTERN = re.compile(r"[\u3400-\u9fff·]{2,6}|[\uac00-\ud7af]{2,5}")
_NO_EASTERN_NAME = re.compile(
    "안녕|오늘|지난|이번|저희|大家|今天|今日|今回|本文|本論|这篇|我们|模型|学习|學習|训练|方法|网络|数据|系统|算法|推理|生成|机器|大学|論文|论文|모델|학습|논문|대학"
)
# Words that names of people do not hold, and names of fields and places do.
NO_PERSON = frozenset(
    """learning vision language processing networks network neural deep machine models model systems system data
    computer science intelligence reinforcement university institute research google microsoft facebook openai deepmind
    meta lab labs theory optimization recognition detection generation translation journal conference proceedings
    international attention graph image text speech robotics control statistics mathematics physics biology the and of
    for on in to a with from by large supervised unsupervised self transfer representation technical report reports blog
    post paper note notes talk nature letters review reviews communications annals transactions ieee acm methods
    medicine sciences psychology cognitive computation computational engineering economics neuroscience applied
    artificial workshop symposium press new york san version under submission preprint arxiv
    article chapter book thesis training inference distributed parallelism scheduling memory storage security privacy
    reasoning planning agents transformers multimodal retrieval segmentation classification benchmarks datasets
    applications architectures paradigms hardware software author authors information platform platforms protocol
    protocols exchange framework college school academy laboratory laboratories department faculty""".split()
)


def is_person(name: str) -> bool:
    """Whether a name may be a person's: capitalised words, none of them that of a field or an institution."""
    if not name.isascii() and (found := _EASTERN.search(name)):
        return found.span() == (0, len(name)) and not _NO_EASTERN_NAME.search(name)
    without_initial = name.replace(" A ", " ", 1)  # ``Ada A Example``
    return bool(_NAME.fullmatch(name)) and NO_PERSON.isdisjoint(without_initial.lower().split())
