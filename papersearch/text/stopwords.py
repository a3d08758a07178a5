"""Words that say nothing about what is searched for; used for queries only, since everything is indexed."""

from __future__ import annotations

_WORDS = """
a about above across after afterwards again against all almost along already also although always am among amongst an
and another any anybody anyhow anyone anything anyway anywhere are arent around as at away be became because become
becomes been before beforehand behind being below beside besides best between beyond both but by can cannot cant
concerning could couldnt describe described describes describing did didnt discuss discussed discusses discussing do
does doesnt doing done dont down due during each eg either else elsewhere enough etc even ever every everybody
everyone everything everywhere except explain explained explaining explains few find finding for from further
furthermore get gets getting give given gives go goes going got had hadnt happening happens has hasnt have havent
having he hence her here hers herself him himself his how however i ie if im in indeed instead interested into is isnt
it its itself ive just keep keeping keeps kept kind know knowing known knows let lets letting like look looking looks
made make makes making many may maybe me meanwhile might mine more moreover most mostly much must my myself namely
neither never nevertheless no nobody none nor not nothing now nowhere of off often on once only onto or other others
otherwise our ours ourselves out over own per perhaps please quite rather really regarding same seem seemed seems
several shall she should shouldnt show showing shown shows since so some somebody somehow someone something sometimes
somewhere still such tell telling tells than that thats the their theirs them themselves then there thereby therefore
therein these they thing things this those though through throughout thus to together told too toward towards under
until unto up upon us use used uses using various versus very via vs want wanted wanting wants was wasnt way ways we
well were werent what whatever whats when whence whenever where whereas whereby wherein wherever whether which while
who whoever whole whom whose why will with within without wont would wouldnt yes yet you your yours yourself
yourselves
"""

STOP_WORDS = frozenset(_WORDS.split())
"""Folded, not stemmed, without apostrophes. Function words and words of asking; collected by hand."""

NO_ACRONYMS = frozenset("a an and as at but by for from i if in of on or not the to with".split())
"""Stop words that are no acronyms even in capitals, as in headings that are set in capitals."""

ENDS_OF_NAMES = frozenset("anything anywhere everything everywhere nothing".split())
"""Stop words that a name may end in: Segment Anything, Depth Anything."""

# Among them conferences, save for ACL, which is a ligament too. Citations, slides and repositories are topics.
_ABOUT_PAPERS = frozenset(
    "aaai article arxiv bib bibtex booktitle cite code cvpr doi eccv emnlp github huggingface iccv iclr icml ijcai"
    " implementation inproceedings naacl neurips nips openreview paper papers pdf ppt preprint springerlink work works"
    " xplore".split()
)


def is_about_papers(word: str) -> bool:
    """Whether a word beside a name asks for a paper, and says nothing of what that is about: ``the NeRF paper``,
    ``nerf 2020``."""
    word = word.casefold()
    return word in _ABOUT_PAPERS or is_year(word)


def is_year(word: str) -> bool:
    """Whether a word is a year in which papers are published."""
    return len(word) == 4 and word.isdecimal() and word[:2] in ("19", "20")


BOUNDS = frozenset(("since", "after", "before", "until"))
"""Words that make of the year behind them a bound of others: papers since 2024 do not name it, nor are they of 2023."""
