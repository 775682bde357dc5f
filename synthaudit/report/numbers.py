"""Numbers in words people trust: non-zero never prints as 0, imperfect never as 100%.

Nothing here prints ``-0``, ``nan`` or a number that rounds across a limit it does not cross.
"""

from __future__ import annotations

import math

from synthaudit.types import Interval

UNRESOLVED = "not resolvable"
MINUS = "\N{MINUS SIGN}"


def decimal(value: float | None, digits: int = 3) -> str:
    """A number in [-1, 1] such as an AUC or an advantage: ``0.584``, ``<0.001``, ``>0.999``."""
    if value is None:
        return UNRESOLVED
    if value == round(value):
        return f"{value:.0f}".replace("-", MINUS) if value else "0"
    step = 10.0**-digits
    sign, size = (MINUS, -value) if value < 0 else ("", value)
    if size < step / 2:
        return f"<{step:.{digits}f}" if value > 0 else f">{MINUS}{step:.{digits}f}"
    if 1 - step / 2 <= size < 1:
        return f">{1 - step:.{digits}f}" if value > 0 else f"<{MINUS}{1 - step:.{digits}f}"
    return f"{sign}{size:.{digits}f}"


def percent(value: float | None) -> str:
    """A rate as a percentage: ``12%``, ``0.4%``, ``<0.01%``, ``>99.9%``."""
    if value is None:
        return UNRESOLVED
    if value in (0.0, 1.0):
        return f"{value:.0%}"
    sign, size = (MINUS, -value) if value < 0 else ("", value)
    if size < 0.00005:
        return "<0.01%" if value > 0 else f">{MINUS}0.01%"
    if 0.9995 <= size < 1:
        return f"{sign}>99.9%"
    digits = 2 if size < 0.001 else 1 if size < 0.0995 or 0.99 <= size < 1 else 0
    text = f"{100 * size:.{digits}f}"
    # "1%" reads as the round number it is, "1.0%" as a measurement
    exact = math.isclose(100 * size, round(100 * size), rel_tol=1e-9)
    return f"{sign}{round(100 * size) if exact else text}%"


def score(value: float | None, limit: float = 50.0) -> str:
    """A score from 0 to 100, with as many decimals as keep it on its side of the limit."""
    if value is None:
        return UNRESOLVED
    for digits in (0, 1, 2):
        text = f"{value:.{digits}f}"
        edges = (0.0, limit, 100.0)
        if all((float(text) == edge) == (value == edge) for edge in edges):
            return text
    if 0 < value < 0.01:
        return "<0.01"
    return f"just {'below' if value < limit else 'above'} {limit:.0f}" if value < 99 else ">99.99"


def count(value: int | float) -> str:
    """A count with thousands apart: ``3,000``."""
    return f"{round(value):,}"


def per_thousand(value: float | None) -> str:
    """A rate as people, after *of 1,000*: ``about 120``, ``fewer than 1``, ``all``, ``none``."""
    if value is None:
        return "an unresolved number"
    if value <= 0:
        return "none"
    if value >= 1:
        return "all"
    people = round(1000 * value)
    if people == 0:
        return "fewer than 1"
    return "more than 999" if people == 1000 else f"about {people}"


def thousandths(value: float | None) -> str:
    """The bare number of people in 1,000, for the end of an interval: ``0``, ``<1``, ``24``."""
    if value is None or value <= 0:
        return "0"
    if value < 1:
        people = round(1000 * value)
        return "<1" if people == 0 else ">999" if people == 1000 else f"{people}"
    return "1,000"


def span(interval: Interval, form: str = "decimal", joiner: str = " to ") -> str:
    """The ends of an interval: ``0.571 to 0.640``; empty when it has none."""
    if interval.low is None or interval.high is None:
        return ""
    write = FORMS[form]
    low, high = write(interval.low), write(interval.high)
    if low == high and interval.low != interval.high:
        low, high = _apart(interval.low, interval.high, form) or (low, high)
    return f"{low}{joiner}{high}"


def _apart(low: float, high: float, form: str) -> tuple[str, str] | None:
    """Two ends that would print alike, with one decimal more; None near an edge, where the usual
    forms see to it that nothing rounds to 0 or to the whole."""
    whole = {"percent": 1.0, "score": 100.0}.get(form)
    if whole is None or not 0.01 * whole <= low <= high <= 0.99 * whole:
        return None
    if form == "score":
        return f"{low:.1f}", f"{high:.1f}"
    return f"{100 * low:.2f}%", f"{100 * high:.2f}%"


def with_span(interval: Interval, form: str = "decimal", confidence: float = 0.95) -> str:
    """A value with its interval: ``0.584 (95% interval 0.571 to 0.597)``."""
    if interval.value is None and interval.low is None and interval.high is None:
        return UNRESOLVED
    ends = span(interval, form)
    value = FORMS[form](interval.value) if interval.value is not None else "no single value"
    return f"{value} ({percent(confidence)} interval {ends})" if ends else f"{value} (no interval)"


def beside(interval: Interval, form: str = "decimal", confidence: float = 0.95) -> str:
    """As ``with_span``, to stand inside brackets: ``0.584, 95% interval 0.571 to 0.597``."""
    return with_span(interval, form, confidence).replace(" (", ", ", 1).removesuffix(")")


def p_value(value: float, n_permutations: int | None = None) -> str:
    """A p-value that never claims more than its permutations can show: ``p = 0.003``."""
    if n_permutations and value <= 1.5 / (n_permutations + 1):
        smallest = _significant(1 / (n_permutations + 1))
        return f"p = {smallest}, the smallest {count(n_permutations)} permutations can show"
    return f"p = {_significant(value)}" if value >= 1e-4 else "p < 0.0001"


def duration(seconds: float) -> str:
    """Wall time: ``0.4 s``, ``38 s``, ``4 min 10 s``, ``2 h 5 min``."""
    if seconds < 0.05:
        return "<0.1 s" if seconds > 0 else "0 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def free(value: float | None) -> str:
    """A number of unknown kind, to three significant digits."""
    if value is None:
        return UNRESOLVED
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}".replace("-", MINUS) if value else "0"
    if 1000 <= abs(value) < 1e15:
        return f"{value:,.1f}".replace("-", MINUS)
    return _significant(value)


def _significant(value: float) -> str:
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if -5 <= size < 6:
        text = f"{value:.{max(0, 2 - size)}f}".replace("-", MINUS)
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.2e}".replace("-", MINUS)


FORMS = {"decimal": decimal, "percent": percent, "score": score, "free": free}
