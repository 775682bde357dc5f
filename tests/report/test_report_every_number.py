"""Every number of every section, changed alone, changes what the page says."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from example_reports import failing, inconclusive

from synthaudit.report.model import AuditReport

# sections a person reads; the numbers of single attacks and checks are in `results`
SECTIONS = (
    "verdict", "headline", "strata", "identified", "power", "permutation", "epsilon", "validity",
    "yardstick", "columns", "coverage", "generator", "threat_models", "attempts", "policy",
    "results", "seconds",
)  # fmt: skip
# what is said by another number, or only to a machine
SILENT = re.compile(
    r"\.curves|"  # drawn
    r"\.confidence$|\.delta$|"  # 95% everywhere, said with the methods
    r"\.null$|\.worst$|"  # what was set; the yardstick column shows it where there is one
    r"^yardstick\.\d+\.share$|"  # its label says it
    r"^identified\.top\.0\.|"  # the longest list stands for the others
    r"^identified\.top\.\d\.prevalence$|^identified\.top\.2\.(r|n_members)$|"
    r"^columns\.\d+\.(alone|without|reused)\.(low|high)$|"  # checked with the values below
    r"^strata\.\d+\.(n_nonmembers|fpr)$|"  # one rate for all groups, told once
    r"^validity\.\d+\.estimate\.n$|^permutation\.level$|"
    r"^headline\.p_value$"  # the permutation section tells it
)


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, int | float]]:
    if isinstance(data, bool) or data is None or isinstance(data, str):
        return
    if isinstance(data, int | float):
        yield path, data
    elif isinstance(data, dict):
        for key, item in data.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    else:
        for i, item in enumerate(data):
            yield from leaves(item, f"{path}.{i}")


def put(data: Any, path: str, value: Any) -> Any:
    changed = copy.deepcopy(data)
    # names of estimates hold dots themselves: walk by the longest key that fits
    at, rest = changed, path
    while True:
        keys = [str(i) for i in range(len(at))] if isinstance(at, list) else list(at)
        key = max((k for k in keys if rest == k or rest.startswith(f"{k}.")), key=len)
        place: Any = int(key) if isinstance(at, list) else key
        if rest == key:
            at[place] = value
            return changed
        at, rest = at[place], rest[len(key) + 1 :]


def moved(value: int | float) -> int | float:
    if isinstance(value, int):
        return value + 7
    if abs(value) > 1:
        return 0.9 * value - 1.3
    return value - 0.113 if value > 0.5 else value + 0.113


def words_of(page: str) -> str:
    """The text of the page without drawings: a dot that moves is not a sentence that changes."""
    page = re.sub(r"(?s)<style>.*?</style>|<svg.*?</svg>", " ", page)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize("section", SECTIONS)
def test_a_number_that_changes_changes_its_words(section: str) -> None:
    report = failing()
    data = json.loads(report.to_json())
    before = words_of(report.to_html())
    told, silent = 0, []
    every = 3 if section == "results" else 1  # 250 numbers of one kind
    for path, value in list(leaves(data[section], section))[::every]:
        if SILENT.search(path):
            continue
        try:
            other = AuditReport.model_validate(put(data, path, moved(value)))
        except ValueError:
            continue  # a rate beyond 1: the model refuses it
        if words_of(other.to_html()) == before:
            silent.append(path)
        else:
            told += 1
    assert silent == []
    assert told > 0


def test_rows_to_settle_are_said() -> None:
    data = json.loads(inconclusive().to_json())
    data["verdict"]["rows_to_settle"] += 100
    assert "About 2,000 members" in AuditReport.model_validate(data).to_html()
