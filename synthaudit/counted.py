"""Counts in sentences: ``1 row``, ``3,000 rows``."""

from __future__ import annotations


def plural(n: int, noun: str) -> str:
    """A count with its noun, thousands apart."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def are(n: int) -> str:
    """The verb of a count."""
    return "is" if n == 1 else "are"
