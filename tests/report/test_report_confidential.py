"""Row-level findings stay on a page of their own, which says what it is."""

from __future__ import annotations

import re

from example_reports import failing
from test_report_html import Outline

from synthaudit.report.confidential import MOST_ROWS, Exposed, records, render_findings


def exposed(n: int) -> list[Exposed]:
    return [
        Exposed(
            row=90_000 + i,
            rank=n - i,
            p_value=(n - i) / 3001,
            singled_out=i > n // 2,
            synthetic_rows=(70_000 + i, 80_000 + i),
            columns=("age", "<b>fnlwgt</b>"),
        )
        for i in range(n)
    ]


def test_the_page_says_that_it_is_confidential_and_holds_every_row() -> None:
    page = render_findings(failing(), exposed(40))
    assert Outline(page).broken == []
    assert page.count("CONFIDENTIAL") >= 2
    assert "40 training rows are listed, 19 of them singled out" in page
    assert all(str(90_000 + i) in page for i in range(40))
    assert page.index("90039") < page.index("90000"), "the surest first"
    assert "<b>fnlwgt" not in page
    assert "&lt;b&gt;fnlwgt" in page
    assert not re.search(r"<(script|link|img)\b|https?://", page)


def test_the_page_is_bounded_and_the_records_are_not() -> None:
    page = render_findings(failing(), exposed(MOST_ROWS + 100))
    assert len(page) < 1_000_000
    assert "The first 500 of 600 rows" in page
    found = records(exposed(MOST_ROWS + 100))
    assert len(found) == MOST_ROWS + 100
    assert found[0] == {
        "row": 90_599,
        "rank": 1,
        "p_value": 1 / 3001,
        "singled_out": True,
        "synthetic_rows": [70_599, 80_599],
        "columns": ["age", "<b>fnlwgt</b>"],
    }


def test_the_shareable_report_knows_nothing_of_rows() -> None:
    page = failing().to_html()
    assert "CONFIDENTIAL" not in page
    assert "90039" not in page
