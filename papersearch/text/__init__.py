"""Strings in, strings out: cleaning, words, stems and acronyms."""
