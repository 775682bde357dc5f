"""Sentences made from one number each: value, interval, direction, what guessing would give."""

from __future__ import annotations

import re

from synthaudit.report import numbers
from synthaudit.types import Interval


def capitalised(sentence: str) -> str:
    """``sentence`` with its first letter in upper case and a full stop at its end."""
    sentence = sentence.strip()
    if not sentence:
        return ""
    end = "" if sentence[-1] in ".!?…" else "."
    return sentence[0].upper() + sentence[1:] + end


def first_sentence(text: str) -> str:
    """``text`` up to its first full stop that ends a sentence; all of it when there is none."""
    return re.split(r"(?<=[a-z0-9)\]])\.\s+(?=[A-Z])", text, maxsplit=1)[0]


def lowered(sentence: str) -> str:
    """First letter in lower case unless the word is an abbreviation or a name in capitals."""
    if len(sentence) > 1 and sentence[1].isupper():
        return sentence
    return sentence[:1].lower() + sentence[1:]


def of_whole(part: int, whole: int) -> str:
    return (
        f"all {numbers.count(whole)}"
        if part == whole
        else (f"{numbers.count(part)} of {numbers.count(whole)}")
    )


def pick_sentence(auc: Interval) -> str:
    """The AUC as a game of picking one of two people."""
    if auc.value is None:
        return "The AUC could not be resolved with these sizes."
    return (
        "Shown one member and one non-member, the attacker picks the member "
        f"{_in_hundred(auc.value)} (AUC {numbers.beside(auc)}); guessing is right 50 times."
    )


def _in_hundred(value: float) -> str:
    times = round(100 * value)
    if times == 100 and value < 1:
        return "more than 99 times in 100"
    if times == 0 and value > 0:
        return "less than once in 100"
    return f"{times} times in 100"


def advantage_sentence(advantage: Interval) -> str:
    """The advantage: members flagged less non-members flagged, at the best threshold."""
    if advantage.value is None:
        return "The advantage could not be resolved with these sizes."
    return (
        "Its advantage, the share of members it flags less the share of non-members it flags, is "
        f"{numbers.with_span(advantage)}; guessing gives 0, naming everybody 1."
    )


def tail_sentence(fpr: str, tpr: Interval) -> str:
    """A true-positive rate at a low false-positive rate, in people."""
    rate = float(fpr)
    alarms = numbers.percent(rate)
    if tpr.value is None:
        return (
            f"With {alarms} false alarms: not resolvable, there are too few non-members to set so "
            "low a rate."
        )
    resolved = tpr.low is not None and tpr.high is not None
    ends = f"{numbers.thousandths(tpr.low)} to {numbers.thousandths(tpr.high)}"
    interval = f"95% interval {ends}; " if resolved else ""
    return (
        f"Of 1,000 members, {numbers.per_thousand(tpr.value)} can be named with {alarms} false "
        f"alarms ({interval}guessing names {1000 * rate:.0f})."
    )
