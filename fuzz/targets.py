"""What is fuzzed: everything that reads bytes somebody else wrote.

Each target takes any bytes. It may give an answer or raise one of the project's own errors, which
is one sentence; anything else is a finding.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from synthaudit.errors import SynthauditError

Target = Callable[[bytes], None]
LONGEST = 25_000
"""Characters of a message: a name quoted in it may have ten thousand."""
_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-"))
PEOPLE = (
    b"age,income,city,born\n39,2174.5,Oslo,1984-02-29\n50,,Bergen,1970-01-01\n"
    b'38,13.25,"Hamar, Ringsaker",2001-12-31\n28,0,Oslo,1999-09-09\n'
)


def _guarded(work: Callable[[], object]) -> None:
    try:
        work()
    except SynthauditError as error:
        text = str(error)
        if not text or "\n" in text or len(text) > LONGEST:
            raise AssertionError(f"not one sentence: {text[:300]!r}") from error


def _file(content: bytes, name: str) -> Path:
    path = _FOLDER / name
    path.write_bytes(content)
    return path


def table(content: bytes) -> None:
    """One table, whatever its format by content."""
    from synthaudit.data.decimals import plain_numbers
    from synthaudit.data.names import name_columns
    from synthaudit.data.readers import read_table

    path = _file(content, "train.csv")

    def work() -> None:
        raw, _ = plain_numbers(read_table(path, "train"))
        name_columns(raw)

    _guarded(work)


def parquet(content: bytes) -> None:
    """The same behind the first bytes of a Parquet file, which the footer need not fit."""
    table(b"PAR1" + content)


def audit(content: bytes) -> None:
    """Three tables, one of them hostile, up to what an attack would see."""
    from synthaudit.data import draw_challenge, load_tables
    from synthaudit.seeds import Streams

    good, hostile = _file(PEOPLE, "good.csv"), _file(content, "hostile.csv")
    # which of the three is hostile is in the content, so that the fuzzer decides
    place = content[-1] % 3 if content else 0
    three = [good, good, good]
    three[place] = hostile
    _guarded(lambda: draw_challenge(load_tables(*three), Streams(0), jobs=1))


def split(content: bytes) -> None:
    """Cutting a file into records and writing some of them again."""
    from synthaudit.data import split_table

    path = _file(content, "real.csv")
    _guarded(lambda: split_table(path, _FOLDER / "split", holdout_share=0.5, seed=0))


def schema(content: bytes) -> None:
    """A schema file."""
    from synthaudit.data import read_schema

    path = _file(content, "schema.toml")
    _guarded(lambda: read_schema(path))


def policy(content: bytes) -> None:
    """A policy file."""
    from synthaudit.policy import Policy

    path = _file(content, "policy.toml")
    _guarded(lambda: Policy.load(path))


def claims(content: bytes) -> None:
    """A file of a vendor's claims."""
    from synthaudit.claims.file import read_claims

    path = _file(content, "claims.toml")
    _guarded(lambda: read_claims(path))


def report(content: bytes) -> None:
    """A report file; one that is accepted must also be rendered."""
    from synthaudit.report.model import AuditReport

    def work() -> None:
        read = AuditReport.from_json(content)
        read.to_text()
        read.to_markdown()

    _guarded(work)


def manifest(content: bytes) -> None:
    """The manifest of an evidence pack."""
    from synthaudit.evidence.manifest import read_manifest

    _guarded(lambda: read_manifest(content))


def generator(content: bytes) -> None:
    """A generator's specification; Python code and programs are named, never run."""
    from synthaudit.generators import parse_generator

    text = content.decode("utf-8", "replace")
    if text.lstrip().startswith("python"):
        return  # importing what the user names is the point of it
    _guarded(lambda: parse_generator(text))


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        table, parquet, audit, split, schema, policy, claims, report, manifest, generator
    )
}  # fmt: skip


def corpus(name: str) -> list[bytes]:
    """Honest inputs to start from."""
    from importlib import resources

    presets = resources.files("synthaudit") / "policies"
    three = [PEOPLE, PEOPLE.replace(b",", b";"), PEOPLE.decode().encode("utf-16"), _parquet()]
    reports = [path.read_bytes() for path in _ROOT.glob("reports/**/report.json")]
    honest: dict[str, list[bytes]] = {
        "table": three,
        "audit": three,
        "split": three,
        "parquet": [_parquet()[4:]],
        "schema": [b'version = 1\n[columns."age"]\nkind = "numeric"\nn_distinct = 4\n'],
        "policy": [(presets / f"{preset}.toml").read_bytes() for preset in ("default", "strict")],
        "claims": [b'schema = 1\n[[claim]]\nkind = "no-copies"\ntext = "none"\n'],
        "report": [*reports, b"{}"],
        "manifest": [json.dumps({"files": []}).encode()],
    }
    specs = [b"cart:min_leaf=5", b"command:timeout=5:cat {train} {out}", b"sdv:TVAESynthesizer"]
    return honest.get(name, specs)


_ROOT = Path(__file__).parents[1]


def _parquet() -> bytes:
    import io

    import pandas as pd

    sink = io.BytesIO()
    pd.read_csv(io.BytesIO(PEOPLE)).to_parquet(sink)
    return sink.getvalue()
