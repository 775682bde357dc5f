"""The gate: a finished report against a policy, told to people, pipelines and test runners.

Everything here works from the report alone: no table is read.
"""

from synthaudit.gate.github import annotation_lines, step_summary
from synthaudit.gate.junit import junit_xml
from synthaudit.gate.rejudge import rejudge
from synthaudit.gate.rules import Outcome, Rule, rules_of

__all__ = [
    "Outcome",
    "Rule",
    "annotation_lines",
    "junit_xml",
    "rejudge",
    "rules_of",
    "step_summary",
]
