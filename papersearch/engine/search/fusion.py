"""One ranking from words and meaning: the only place where the two are weighed.

    score = words + WEIGHT * best * nearness
    nearness = (likeness - floor) / (highest - floor), 0 below the floor

``words`` is what a paper scores by its words, pairs and feedback, 0 without any; ``best`` is the highest of these (1
if no paper has a word), so meaning counts in proportion to what words can bring. ``highest`` and ``floor`` are the
likeness of the nearest paper and of the 400th (of those that all conditions let through). So a sum of contributions
stays one, and a paper that neither list has at its top keeps its place by words.

Where the words hardly match, they were not the right ones: then the nine nearest papers come first, in the order that a
closer look at the 20 nearest gives (``meaning.pieces``), but for the first paper by words if it is the nearest. The
share of what the words weigh together that the best paper by words scores, times the square root of how many words
there are, is below 1.1 there: about two or three words of six, since of a long question no paper holds much. Nothing is
lifted where not even the nearest paper is like the question (0.35), as with the name of an author.

Where the words match well they are right more often than meaning: the first paper by words stays first if it scores
0.55 of what the words of the query weigh together, and 1 % more than the second by words.

Measured on 2026-11-25 with all-MiniLM-L6-v2 (nDCG@10 Cranfield and CACM; share of 30 paraphrased questions whose paper
is among the first three):

    words alone                                  0.393  0.552  0.20
    meaning alone                                0.361  0.408  0.60
    half and half, min-max of 200 each           0.416  0.594  0.40
    this, weight 0.5 / 0.7 / 0.85 / 1 / 1.3      0.410 0.417 0.415 0.414 0.412
                                                 0.602 0.612 0.618 0.594 0.575
                                                 0.33  0.40  0.40  0.40  0.40
    this, 200 / 1,000 of the nearest             0.413 0.417  0.606 0.613  0.40
    and the nearest among the first three        0.414  0.609  0.50
    and two of them where words are far off      0.414  0.602  0.57   this is what is done
    the same, far off below 0.3 / 0.5            0.414 0.413  0.603 0.594  0.53 0.57
    more weight where words match badly          0.415  0.574  0.53   helps paraphrases, harms CACM
    question moved towards its nearest papers    0.416  0.603  0.37   (with half and half)
    with vectors of sentences, averaged          -      0.601  0.40   twice the time of indexing
    what is done, vectors of 60 words, averaged  -      0.584  0.57

The first by words. Added are MRR@10 of 250 queries of SciTLDR, in two halves (their 6,623 best papers by words of
87,288 have vectors; in brackets with a floor at the 60th, as all vectors would put it). Chosen on the first half:

    words alone                                  0.393  0.552  0.870 (0.870)  0.917 (0.917)  0.20
    as above                                     0.414  0.602  0.851 (0.852)  0.900 (0.886)  0.57
    and the first stays, 0.55 and 1 %            0.411  0.601  0.879 (0.880)  0.927 (0.924)  0.57   this is what is done
    the same, 0.5 / 0.65 and 1 %                 0.408 0.412  0.602 0.601  0.879 0.880 (0.880 0.876)  -  0.57
    the same, 0.55 and 3 % / 10 %                0.412 0.413  0.601 0.601  0.874 0.861 (0.875 0.856)  -  0.57
    first stays from 0.7, however near the next  0.412  0.601  0.876 (0.872)  0.911 (0.908)  0.57
    weight falls to 0.2 from 0.4 to 0.8 instead  0.413  0.593  0.871 (0.865)  -              0.57
    weight 0.5 / score of the first instead      0.415  0.600  0.865 (0.848)  -              0.57
    and the nearest first where words are far off 0.412 0.588  0.876 (0.872)  -              0.57   harms CACM

When two are lifted (until then: the nearest to the third place always, and two below 0.35 for the five best), beside
all-mpnet-base-v2 as int8 (768 dimensions), measured on 2026-11-26. SciTLDR stays as it was for all but the last:

                                                 all-MiniLM-L6-v2     all-mpnet-base-v2
    as above                                     0.411  0.601  0.57   0.602  0.70
    never                                        0.412  0.617  0.40   0.609  0.43
    two always                                   0.408  0.589  0.57   0.595  0.77
    two below 0.45 for the ten best              0.412  0.604  0.57   0.602  0.80   this is what is done
    the same, below 0.4                          0.412  0.605  0.57   0.602  0.80
    the same, below 0.5                          0.411  0.602  0.57   0.602  0.80
    the same for the eight best                  0.412  0.603  0.57   0.602  0.77
    and below 0.25 the three nearest first       0.412  0.589  0.60   0.586  0.80   harms CACM and SciTLDR

The first ten on 2026-11-26, with all-MiniLM-L6-v2: nDCG@10 of Cranfield and CACM, the halves of SciTLDR, and of the 30
paraphrases how many have their paper first, among the first three, the first ten. By vectors alone: 11, 18, 27.

    as above                                     0.415  0.600  0.876  0.926   9 18 20
    and not where the nearest is below 0.35      0.415  0.603  0.876  0.926   9 18 20
    lifted by the share of the words, 0.9        0.416  0.609  0.874  0.926   9 17 25
    the same, 1                                  0.416  0.606  0.874  0.926   9 18 25   as in the next but one table
    the same, 1.1 / 1.2 / 1.4                    0.414 0.414 0.414  0.608 0.596 0.583  9 18 26 for all three
    the nearest first too, by both rules         0.415  0.590  0.876  0.926  12 19 25   harms CACM
    more weight there (1.5, 2, 5) instead        0.415  0.583 0.579 0.577  -  10 15 24   10 16 24   12 19 25
    the nine nearest below 0.45 as above         0.415  0.575  0.874  0.926   9 18 26   harms CACM
    the 4th, 6th and 8th place below 0.45        0.416  0.591  0.875  0.926   9 18 21
    nearest first if the first by words is far   0.416  0.606  0.874  0.926  11 19 25   (0.8 times as like)
    the same, 0.7 / 0.85 / 0.9 times as like     0.416  0.606 0.608 0.602  0.874  0.926  11 19 25 for all three
    the same where words match less than 1.2     0.416  0.597  0.874  0.926  11 19 25   (0.6 times as like)

A closer look at the 30 to 60 nearest, by vectors alone (Cranfield, CACM, and the paraphrases as above):

    vectors of title and abstract                0.362  0.434  11 18 27
    and of the title, 0.3                        -      -       9 18 23
    and of the nearest sentence, 0.8             -      -      16 19 24
    what the model gives for each word of the question beside that for each word of the paper (the maximum, as in
    Khattab and Zaharia 2020, weighted by idf)
      ... as the paper says it, twice that       -      -      17 21 27   200 vectors a paper, or 24 ms each
      ... as the corpus says it on average       -      -      16 22 26   a table of words for each corpus
      ... as it goes into the model, twice that  0.384  0.491  13 21 25   fused: 0.414  0.596  8 19 23
      ... as papers of arXiv say it on average   0.390  0.530  15 21 25   a table of 10,000 pieces, made once

The same for the 60 questions that were looked at since (``tune`` and ``more``): how many have their paper first, among
the first three, the first ten. What is learned was learned from real papers that no question is about.

    vectors of title and abstract                              21 36 49
    question moved towards its 10 nearest, by likeness         23 36 50   0.2 of it; 0.4: 23 37 47
    papers moved towards their 5 nearest, 0.1 / 0.2 / 0.4      20 35 49   20 36 50   19 37 49
    papers moved away from them, 0.1 / 0.2                     24 35 46   23 34 44
    the question's word pieces weighed by rarity               24 35 47
    a matrix learned for questions, or for papers too          21 35 48   22 35 47   from 4,000 sentences and the rest
    a sparse model of 2 layers (SPLADE), 0.1 / 0.3 / 0.5       20 35 49   20 36 49   21 37 48
    and of the nearest sentence as the paper says it, 0.8      24 36 48   8 vectors a paper, without time of a model
    word for word, as the paper says it, twice that            28 40 51   as above
      ... the 32 rarest words of the paper, once               26 41 50   32 vectors a paper
      ... as the corpus says it on average, twice              28 39 50   as above
      ... as it goes into the model, 0.25                      21 39 47
      ... the same, made alike what comes out by a matrix      26 39 49   150 kB learned
      ... as papers of arXiv say it on average                 26 41 48   a table of 612 kB

Asking the words of the nearest papers too brought nothing (of the 30: 11-13 first, 17-18 among the first three). So a
look word for word wins much, mostly the first place, and a table that is made once does as well as what would have to
be kept of each paper.

Fused, a closer look adds nothing to the collections where the words bring the papers already: likeness by it in place
of by vectors costs CACM 0.02. So it only puts those in order that are lifted. Measured with an index, beside the 30
paraphrases for 60 by another writer and 30 by a third (among the first one, three, ten); N papers are looked at more
closely, a is the weight of that, beside 1 for the likeness. SciTLDR stays as it was in all rows that were tried there:

    as above                                     0.416  0.606   9 18 25   19 32 47    3 13 22
    nearest first if the first by words is far   0.416  0.606  11 19 25   25 33 47    8 18 22   (0.8 times as like)
    and in the order of a closer look, N 20, a 1 0.416  0.610  13 20 24   26 38 50    9 17 23
    and unless the first by words is the nearest 0.416  0.613  14 21 24   27 40 50    9 18 23
    and where the words match less than 1.1      0.415  0.612  14 21 25   27 40 50   10 19 23   this is what is done
    the same, less than 1.2 / 1.3                0.414 0.413  0.605 0.584  14 21 25   27 41 50   11 20 23 for both
    the same, a 0.7                              0.415  0.606  14 21 25   27 40 50    8 20 23
    the same, a 1.5                              0.415  0.611  14 21 25   27 38 49    9 18 23
    the same, N 30                               0.416  0.611  14 21 24   27 40 51   10 19 23

A table of 384, 192, 128 or 96 dimensions in place of 64 moves one paper or two, in either direction.

Measured with an index, words alone and what is done: Cranfield 0.392 0.416, CACM 0.550 0.601; the halves of the
paraphrases 0.17 0.57 and, kept aside, 0.20 0.57 (0.60 before the last change); since the model multiplies whole numbers
(``meaning.minilm``) 0.415, 0.601, 0.60 and 0.57. With all-mpnet-base-v2 Cranfield 0.418, CACM 0.595, the paraphrases
0.77 and 0.60; by its vectors alone 0.77 and 0.73. SciTLDR, before both changes: 0.899 0.903 (its halves 0.879 0.880 and
0.919 0.927); as in the table above, words alone 0.870 0.917, before 0.879 0.927, and with whole numbers 0.875 0.925.

Since the nine nearest are lifted: Cranfield 0.416, CACM 0.606, the halves of the paraphrases 0.60 and 0.57 for the
first three as before, 0.83 and 0.77 for the first ten (0.67 and 0.73). By all-mpnet-base-v2, computed from kept lists,
Cranfield 0.421, CACM 0.592, the first three 0.67 and 0.63 (0.77 and 0.60), the first ten 0.87 and 0.87 (0.83 and 0.77).

With the closer look, measured at the end on two halves of 30 that were kept apart, by the first and by the third
writer: first 0.47 and 0.37 (0.23 and 0.13 before), among the first three 0.60 and 0.50 (0.57 and 0.47), the first ten
0.77 and 0.80 (0.77 and 0.83).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

# Chosen: what both collections agree on (see above).
WEIGHT = 0.85
# Where words match less than this, and the nearest paper is as like the question as that, the nearest are lifted.
HARDLY_MATCHED = 1.1
LIKE_THE_QUESTION = 0.35
# The first by words stays first from this share of the words' weights on, if it is so much ahead of the second (shares
# of its score).
WELL_MATCHED = 0.55
AHEAD = 0.01
# So many of the nearest papers do not fall below their places.
_LIFTED = 9

Place = tuple[int, int]


class Fused(NamedTuple):
    """A paper's score, and how much of it is for its meaning."""

    score: float
    by_meaning: float


def fused(words: Mapping[Place, float], likeness: Mapping[Place, float], near: Sequence[float]) -> dict[Place, Fused]:
    """The score of each paper of ``words`` and ``likeness`` (papers without a vector are not in the latter); ``near``
    are the likenesses of the nearest papers, highest first."""
    best = max(words.values(), default=0.0) or 1.0
    highest, floor = (near[0], near[-1]) if near else (1.0, 0.0)
    span = highest - floor or 1.0
    found = {}
    for place in words.keys() | likeness.keys():
        nearness = max(0.0, (likeness.get(place, floor) - floor) / span)
        by_meaning = WEIGHT * best * nearness
        found[place] = Fused(words.get(place, 0.0) + by_meaning, by_meaning)
    return found


def places_of_nearest(best: float, possible: float, words: int, likeness: float, stays: bool) -> tuple[int, ...]:
    """The places (from 0) below which the nearest papers, in order, must not fall: ``best`` is the highest score by
    ``words``, ``possible`` what these weigh together, ``likeness`` that of the nearest paper; ``stays`` if the first by
    words stays before them."""
    matched = best / possible * words**0.5 if possible else 0.0
    if matched >= HARDLY_MATCHED or likeness < LIKE_THE_QUESTION:
        return ()
    return tuple(range(stays, stays + _LIFTED))


def stays_first(best_by_words: Sequence[float], possible: float) -> bool:
    """Whether the first paper by words stays first, by the scores of the best; ``possible`` is what all words weigh."""
    if not best_by_words or best_by_words[0] <= 0:
        return False
    first, second = best_by_words[0], best_by_words[1] if len(best_by_words) > 1 else 0.0
    return first >= WELL_MATCHED * possible and first - second >= AHEAD * first


def lift(scores: Sequence[float], place: int, target: int) -> float:
    """What a paper at a place of descending ``scores`` is given so as to be at an earlier one: between the scores that
    are its neighbours then, or ``AHEAD`` of the highest."""
    if place <= target:
        return 0.0
    if target == 0:
        return scores[0] * (1 + AHEAD) - scores[place]
    above, below = scores[target - 1], scores[target]
    return (above + below) / 2 - scores[place]
