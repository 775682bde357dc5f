"""Nothing that may be forwarded holds a cell: secrets are planted everywhere and looked for.

The three tables are filled with values that occur nowhere else: in categories frequent and rare,
free texts, identifiers, numbers, dates, and in columns that only one table has. A whole audit is
run, with row-level findings and saved scores, and every shareable file, every figure, the terminal
text, a comparison and the log are searched for them. Names of the columns all three tables share
may appear, and have to: as text, never as markup.
"""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthaudit.comparing import compare
from synthaudit.corridor import AuditRun, run_audit
from synthaudit.evidence.pack import write_pack
from synthaudit.gate.github import annotation_lines, step_summary
from synthaudit.gate.junit import junit_xml
from synthaudit.outputs import write_comparison, write_outputs
from synthaudit.request import AuditRequest

N_ROWS = 90
ATTACKS = ("closest_record", "value_fingerprint", "value_combinations", "tracing", "combined")
INJECTIONS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://evil.example")',
    "+cmd|' /C calc'!A0",
    "\x1b]8;;http://evil.example\x07link",
    "{{ 7 * 7 }}",
    "</title></svg><svg onload=alert(1)>",
)


class Planted:
    """Three tables in which every value is a secret, and the secrets."""

    def __init__(self, seed: int, leak: float, injection: str = "") -> None:
        self.rng = np.random.default_rng(seed)
        self.secrets: set[str] = set()
        self.injection = injection
        self.levels = [self.token() for _ in range(4)]
        train, holdout, fresh = (self.table() for _ in range(3))
        n_leaked = round(leak * N_ROWS)
        synthetic = pd.concat([train.iloc[:n_leaked], fresh.iloc[n_leaked:]], ignore_index=True)
        # a column that two tables lack is set aside, and its name is said: its cells are not
        train = train.assign(only_train=[self.token() for _ in range(N_ROWS)])
        self.tables = (train, holdout, synthetic)

    def token(self) -> str:
        letters = "".join(chr(97 + int(x)) for x in self.rng.integers(0, 26, 9))
        self.secrets.add(f"zq{letters}")
        return f"{self.injection}zq{letters}"

    def number(self) -> float:
        value = round(float(self.rng.uniform(1e6, 9e6)), 3)
        self.secrets.add(f"{value:.3f}".rstrip("0"))
        return value

    def day(self) -> pd.Timestamp:
        value = pd.Timestamp("1931-01-01") + pd.Timedelta(days=int(self.rng.integers(3000)))
        self.secrets.add(f"{value:%Y-%m-%d}")
        return value

    def table(self) -> pd.DataFrame:
        rng, n = self.rng, N_ROWS
        ward = rng.choice(self.levels, n).astype(object)
        ward[:2] = [self.token(), self.token()]
        return pd.DataFrame(
            {
                f"ward{self.injection}": ward,
                "note": [f"{self.token()} {self.token()} {self.token()}" for _ in range(n)],
                "patient_id": [self.token() for _ in range(n)],
                "income": [self.number() for _ in range(n)],
                "visits": rng.poisson(3, n),
                "born": [self.day() for _ in range(n)],
            }
        )


def everything(planted: Planted, folder: Path) -> tuple[AuditRun, dict[str, str]]:
    """A whole audit and every text of it that may leave the building."""
    request = AuditRequest(shadows=0, attacks=ATTACKS, jobs=1)
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        run = run_audit(*planted.tables, request)
        other = run_audit(*Planted(1, 0.0).tables, request)
    texts = {"log": said.getvalue(), "terminal": run.report.to_text(), "repr": repr(run.report)}
    for name, audit in (("one", run), ("two", other)):
        write_outputs(audit, folder / name, save_scores=True, findings=True)
    write_comparison(compare([folder / "one", folder / "two"]), folder / "comparison")
    for path in [*(folder / "one").iterdir(), *(folder / "comparison").iterdir()]:
        if path.is_file():
            texts[path.name] = path.read_text(encoding="utf-8")
    texts |= {
        f"pack {p.name}": p.read_text("utf-8") for p in write_pack(run.report, folder).iterdir()
    }
    texts |= {"junit": junit_xml(run.report), "summary": step_summary(run.report)}
    texts["annotations"] = "\n".join(annotation_lines(run.report))
    texts |= {f"figure {name}": f.svg for name, f in run.report.figures().items()}
    texts["card"] = run.report._repr_html_()
    texts["rows"] = repr(run.report.rows()) + repr(run.report.metrics())
    return run, texts


def leaked(secrets: set[str], text: str) -> list[str]:
    words = set(re.findall(r"zq[a-z]{9}|\d{4}-\d\d-\d\d|\d{7}\.\d+", text))
    return sorted(secrets & words)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(2, 10_000), leak=st.sampled_from([0.0, 0.5, 1.0]))
def test_no_secret_leaves_the_building(
    seed: int, leak: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    planted = Planted(seed, leak)
    assert len(planted.secrets) > 1000
    _, texts = everything(planted, tmp_path_factory.mktemp("out"))
    wanted = {"report.html", "report.json", "report.md", "schema.toml", "comparison.html", "junit"}
    assert wanted | {"pack sheet.md"} <= set(texts)
    found = {name: leaked(planted.secrets, text) for name, text in texts.items()}
    assert {name: secrets for name, secrets in found.items() if secrets} == {}
    # the search would find them: the tables themselves are full of them
    assert len(leaked(planted.secrets, planted.tables[0].to_csv())) > 300


def test_not_even_the_confidential_files_copy_a_cell(tmp_path: Path) -> None:
    planted = Planted(5, 1.0)
    everything(planted, tmp_path)
    folder = tmp_path / "one" / "confidential"
    page = (folder / "findings.html").read_text(encoding="utf-8")
    assert leaked(planted.secrets, page) == []
    for path in folder.glob("*.parquet"):
        assert leaked(planted.secrets, pd.read_parquet(path).to_csv()) == [], path.name


class Tags(HTMLParser):
    """Every element and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


@pytest.mark.parametrize("injection", INJECTIONS)
def test_injected_cells_and_column_names_are_inert(injection: str, tmp_path: Path) -> None:
    planted = Planted(7, 0.5, injection)
    run, texts = everything(planted, tmp_path)
    assert leaked(planted.secrets, "".join(texts.values())) == []
    names = {column.name for column in run.report.inputs.schema_.columns}
    assert any(name.startswith("ward") for name in names), "the column takes part"
    for name in ("report.html", "comparison.html", "card"):
        for tag, attributes in Tags(texts[name]).seen:
            assert tag not in {"script", "img", "iframe", "object", "a"} or (
                tag == "a" and all(k != "href" or str(v).startswith("#") for k, v in attributes)
            )
            assert not any(key.startswith("on") for key, _ in attributes)
    for name in ("terminal", "report.md", "log"):
        assert "\x1b" not in texts[name] and "\x07" not in texts[name]
    # no line of a shareable text starts as a spreadsheet's formula would
    for name in ("report.md", "terminal", "comparison.txt"):
        for line in texts[name].splitlines():
            assert not re.match(r"[=+@](HYPERLINK|cmd)", line.lstrip("| "))
