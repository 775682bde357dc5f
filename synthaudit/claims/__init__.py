"""What a vendor says about a synthetic table, held against what was measured.

Works from a finished report alone: every figure it needs is there.
"""

from synthaudit.claims.file import Claim, Claims, read_claims
from synthaudit.claims.judge import Answer, Finding, judge_claims
from synthaudit.claims.words import claims_json, claims_markdown, claims_text

__all__ = [
    "Answer",
    "Claim",
    "Claims",
    "Finding",
    "claims_json",
    "claims_markdown",
    "claims_text",
    "judge_claims",
    "read_claims",
]
