"""The query language: text in, a tree out. Knows no index."""
