"""The data room: from files and frames to what an adversary and an auditor see."""

from synthaudit.data.challenge import Challenge, draw_challenge
from synthaudit.data.encode import Encoder
from synthaudit.data.files import file_digest, write_atomically
from synthaudit.data.schema import read_schema, write_schema
from synthaudit.data.split import Split, split_table
from synthaudit.data.tables import Tables, load_tables

__all__ = [
    "Challenge",
    "Encoder",
    "Split",
    "Tables",
    "draw_challenge",
    "file_digest",
    "load_tables",
    "read_schema",
    "split_table",
    "write_atomically",
    "write_schema",
]
