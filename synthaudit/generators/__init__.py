"""Generators: a table and a seed in, a table out. One file each, found without being listed.

Importing this package imports nothing heavy; naming a generator may execute code (see
``docs/generators.md``).
"""

from synthaudit.generators.checked import synthesize_checked
from synthaudit.generators.registry import catalog
from synthaudit.generators.spec import fingerprint, parse_generator
from synthaudit.generators.standins import STAND_INS

__all__ = ["STAND_INS", "catalog", "fingerprint", "parse_generator", "synthesize_checked"]
