"""The data room: from files and frames to what an adversary and an auditor see."""

from synthaudit.data.challenge import Challenge, draw_challenge
from synthaudit.data.encode import Encoder
from synthaudit.data.tables import Tables, load_tables

__all__ = ["Challenge", "Encoder", "Tables", "draw_challenge", "load_tables"]
