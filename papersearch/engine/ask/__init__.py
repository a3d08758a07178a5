"""Answers to questions from the papers: evidence first, then sentences, each with the papers that say so."""
