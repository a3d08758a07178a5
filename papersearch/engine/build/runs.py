"""Runs of words that are counted while indexing as if they were one word, as queries look for them again and again.

Whoever asks for an LLM means large language models too, and for SOTA the state of the art. To find such a run is to
look through the rows of all papers that hold its words: 0.3 s for "state of the art" in 698,304 papers, of which a
fifth has it. Counted beforehand it takes what a word takes. These are what acronyms stand for that one of 2,000 papers
explains, and whose words stand in one of a hundred (measured on 87,288 papers), with some of other fields than
computer science. Any other run is looked for when it is asked for.
"""

from __future__ import annotations

from collections.abc import Container

from papersearch.text import words

COMMON = """
active learning, autonomous vehicle, Bayesian optimization, computer vision, contrastive learning, continual learning,
convolutional neural network, deep convolutional neural network, deep learning, deep neural network,
deep reinforcement learning, domain adaptation, end to end, field of view, Gaussian process,
generative adversarial network, gradient descent, graph neural network, ground truth, high resolution,
human robot interaction, imitation learning, in context learning, knowledge base, knowledge graph, language model,
large language model, learning from demonstration, long short term memory, machine learning, Markov decision process,
model predictive control, multi task learning, natural language processing, neural network,
neural machine translation, out of distribution, pre trained language model, question answering,
recurrent neural network, reinforcement learning, robot operating system, state of the art,
stochastic gradient descent, structure from motion, variational autoencoder, vision language model,
vision transformer, cosmic microwave background, dark matter, density functional theory, electronic health record,
large hadron collider, magnetic resonance imaging, molecular dynamics, Monte Carlo, ordinary differential equation,
partial differential equation, quantum field theory, standard model
"""


def of_terms(known: Container[str]) -> list[tuple[str, ...]]:
    """The terms of the common runs whose words are all known."""
    runs = (tuple(map(words.stem, run.lower().split())) for run in COMMON.replace("\n", " ").split(","))
    return [run for run in sorted(set(runs)) if all(term in known for term in run)]
