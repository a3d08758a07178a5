"""Measurements beside other search engines, each in one run. Results are kept in ``results/``."""
