"""Any external program as a generator."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from generator_tables import AWKWARD, every_dtype, people

from synthaudit.errors import GeneratorError, UsageError
from synthaudit.generators import fingerprint, parse_generator, synthesize_checked
from synthaudit.generators.command import CommandGenerator
from synthaudit.generators.process import blanked

RESAMPLE = """
import csv, random, sys
train, out, rows, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
lines = list(csv.reader(open(train)))
draw = random.Random(seed)
with open(out, "w", newline="") as stream:
    writer = csv.writer(stream)
    writer.writerow(lines[0])
    writer.writerows(draw.choice(lines[1:]) for _ in range(rows))
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "resample.py"
    path.write_text(RESAMPLE)
    return path


def program(tmp_path: Path, text: str) -> str:
    """A template that runs ``text`` with the four usual arguments."""
    path = tmp_path / "program.py"
    path.write_text(text)
    return f"{sys.executable} {path} {{train}} {{out}} {{rows}} {{seed}}"


def test_a_program_keeps_the_contract(script: Path) -> None:
    generator = parse_generator(
        f"command:{sys.executable} {script} {{train}} {{out}} {{rows}} {{seed}}"
    )
    train = every_dtype(80).drop(columns=["large", "infinite"])
    made = synthesize_checked(generator, train, 50, seed=1)
    assert made.dtypes.to_dict() == train.dtypes.to_dict()
    assert len(made) == 50
    # every row is a training row, bit for bit: nothing was bent on the way out or back
    joined = made.astype(object).merge(
        train.astype(object).drop_duplicates("names"),
        how="left",
        on="names",
        suffixes=("", " of train"),
    )
    for column in train.columns.drop("names"):
        pairs = zip(joined[column], joined[f"{column} of train"], strict=True)
        assert all((pd.isna(a) and pd.isna(b)) or a == b for a, b in pairs), column
    pd.testing.assert_frame_equal(made, synthesize_checked(generator, train, 50, seed=1))
    synthesize_checked(generator, train, 50, seed=2, unlike=made)


@pytest.mark.parametrize("shape", ["ten rows", "one row", "nothing but missing", "odd index"])
def test_awkward_tables(script: Path, shape: str) -> None:
    generator = parse_generator(
        f"command:{sys.executable} {script} {{train}} {{out}} {{rows}} {{seed}}"
    )
    train = AWKWARD[shape]
    assert synthesize_checked(generator, train, 5, seed=1).shape == (5, train.shape[1])


def test_the_script_in_the_docs_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "generators.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n# resample\.py(.*?)```", docs, re.DOTALL)
    spec = re.search(r"'(command:python resample\.py [^']*)'", docs)
    assert found is not None and spec is not None
    (tmp_path / "resample.py").write_text(found.group(1).partition("\n")[2])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    made = synthesize_checked(parse_generator(spec.group(1)), people(40), 30, seed=1)
    assert len(made) == 30


def test_parquet_and_the_directory(tmp_path: Path) -> None:
    copy = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
    train = every_dtype(30).drop(columns="infinite")
    generator = CommandGenerator(f"{sys.executable} -c '{copy}' {{train_parquet}} {{out_parquet}}")
    pd.testing.assert_frame_equal(synthesize_checked(generator, train, 30, 1), train)
    # a container sees the directory under another name
    inside = "import shutil, sys; shutil.copy(sys.argv[1] + '/train.csv', sys.argv[1] + '/out.csv')"
    generator = CommandGenerator(f'{sys.executable} -c "{inside}" {{dir}}')
    assert len(synthesize_checked(generator, people(30), 30, 1)) == 30


def test_the_program_sees_little_and_its_directory_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    monkeypatch.setenv("WANTED", "y")
    report = tmp_path / "report.txt"
    text = f"""
import os, shutil, stat, sys
here = os.path.dirname(sys.argv[1])
mode = stat.S_IMODE(os.stat(here).st_mode)
open({str(report)!r}, "w").write("\\n".join([here, os.getcwd(), oct(mode), os.environ["HOME"],
    ",".join(sorted(os.environ)), os.environ.get("WANTED", "-")]))
shutil.copy(sys.argv[1], sys.argv[2])
"""
    template = program(tmp_path, text)
    parse_generator(f"command:env=WANTED:{template}").synthesize(people(10), 10, 1)
    folder, cwd, mode, home, names, wanted = report.read_text().split("\n")
    assert (cwd, home, mode, wanted) == (folder, folder, "0o700", "y")
    assert "SECRET_TOKEN" not in names
    assert not Path(folder).exists()
    CommandGenerator(template).synthesize(people(10), 10, 1)
    assert report.read_text().endswith("-")


def test_no_shell(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    copy = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
    generator = CommandGenerator(
        f"{sys.executable} -c '{copy}' {{train}} {{out}} ; touch {marker} $(touch {marker})"
    )
    generator.synthesize(people(10), 10, 1)
    assert not marker.exists()


def test_a_late_program_is_ended_with_its_children(tmp_path: Path) -> None:
    child_id = tmp_path / "child"
    text = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(child_id)!r}, "w").write(str(child.pid))
print("still busy", file=sys.stderr, flush=True)
time.sleep(600)
"""
    started = time.monotonic()
    with pytest.raises(GeneratorError, match=r"more than 2 seconds.*still busy"):
        parse_generator(f"command:timeout=2:{program(tmp_path, text)}").synthesize(
            people(10), 10, 1
        )
    assert time.monotonic() - started < 30
    assert not alive(int(child_id.read_text()))


def test_children_that_outlive_the_program_are_ended(tmp_path: Path) -> None:
    child_id = tmp_path / "child"
    text = f"""
import shutil, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(child_id)!r}, "w").write(str(child.pid))
shutil.copy(sys.argv[1], sys.argv[2])
"""
    CommandGenerator(program(tmp_path, text)).synthesize(people(10), 10, 1)
    assert not alive(int(child_id.read_text()))


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie that nobody has collected does not)."""
    for _ in range(50):
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout.strip()
        if not state or state.startswith("Z"):
            return False
        time.sleep(0.1)
    return True


def test_failure_shows_standard_error_without_cells(tmp_path: Path) -> None:
    train = people(10)
    income = train["income"].dropna().iloc[0]
    text = f"""
import sys
print("an early line", file=sys.stderr)
print("loading model\\nbad row: nurse 41 {income}\\nno licence file found", file=sys.stderr)
sys.exit(7)
"""
    with pytest.raises(GeneratorError, match="exit code 7") as caught:
        CommandGenerator(program(tmp_path, text)).synthesize(train, 10, 1)
    message = str(caught.value)
    assert "no licence file found" in message
    assert "nurse" not in message
    assert "41" not in message
    assert str(income) not in message
    # a terminal may show all of it
    assert f"bad row: nurse 41 {income}" in caught.value.__notes__[0]


def test_blanking() -> None:
    train = pd.DataFrame({"job": ["Head nurse", None], "n": [1.0, 2.0], "day": pd.Timestamp(0)})
    shown = blanked("Nurse no. 3, the HEAD of 2020-01-02, has 1,234.5 in model", train)
    assert shown == "… no. #, the … of #, has # in model"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pass", "without writing out.csv"),
        ("import sys; open(sys.argv[2], 'w').close()", "empty"),
        ("import sys; open(sys.argv[2], 'w').write('a,b\\n1,2\\n')", "left out columns age"),
        ("import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])", "returned 10 of the 99"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
    ],
)
def test_bad_programs(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(GeneratorError, match=said):
        synthesize_checked(CommandGenerator(program(tmp_path, text)), people(10), 99, 1)


def test_a_program_that_does_not_exist() -> None:
    with pytest.raises(GeneratorError, match="'no-such-program' could not be started"):
        CommandGenerator("no-such-program {train} {out}").synthesize(people(10), 10, 1)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("command:", "empty"),
        ("command:prog 'unclosed {train} {out}", "closing"),
        ("command:prog {train}", "where it is to write"),
        ("command:prog {out}", "where the program finds"),
        ("command:prog {train} {out} {row}", "no {row}"),
        ("command:timeout=soon:prog {train} {out}", "number of seconds"),
        ("command:timeout=0:prog {train} {out}", "more than 0"),
        ("command:size=big:prog {train} {out}", "number of megabytes"),
        ("command:size=0:prog {train} {out}", "more than 0 megabytes"),
    ],
)
def test_templates_that_cannot_work(spec: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_generator(spec)


def test_options_and_braces_that_are_not_ours() -> None:
    generator = parse_generator('command:timeout=5:env=A,B:prog {train} {out} {"json":1} a:b')
    assert generator == CommandGenerator('prog {train} {out} {"json":1} a:b', 5.0, ("A", "B"))


def test_an_edited_script_is_another_generator(script: Path) -> None:
    spec = f"command:{sys.executable} {script} {{train}} {{out}}"
    before = fingerprint(parse_generator(spec))
    assert before == fingerprint(parse_generator(spec))
    script.write_text(RESAMPLE + "\n# edited")
    assert fingerprint(parse_generator(spec)) != before


def test_a_script_named_from_here_is_found(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(script.parent)
    generator = parse_generator(
        f"command:{sys.executable} {script.name} {{train}} {{out}} {{rows}} {{seed}}"
    )
    assert len(generator.synthesize(people(10), 7, 1)) == 7


def test_the_table_is_readable_by_the_program_alone(tmp_path: Path) -> None:
    report = tmp_path / "mode"
    text = f"""
import os, shutil, sys
open({str(report)!r}, "w").write(oct(os.stat(os.path.dirname(sys.argv[1])).st_mode))
shutil.copy(sys.argv[1], sys.argv[2])
"""
    before = os.umask(0)
    try:
        CommandGenerator(program(tmp_path, text)).synthesize(people(10), 10, 1)
    finally:
        os.umask(before)
    assert stat.S_IMODE(int(report.read_text(), 8)) == 0o700


def test_a_file_without_end_is_ended(tmp_path: Path) -> None:
    text = "import sys; open(sys.argv[2], 'wb').write(b'x' * (3 << 20))"
    spec = f"command:size=1:{program(tmp_path, text)}"
    with pytest.raises(GeneratorError, match=r"more than 1 MB|exit code"):
        parse_generator(spec).synthesize(people(10), 10, 1)
    # Python is told by an error, a program that does not ask is ended by the signal
    text = "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n" + text
    spec = f"command:size=1:{program(tmp_path, text)}"
    with pytest.raises(GeneratorError, match="wrote a file of more than 1 MB"):
        parse_generator(spec).synthesize(people(10), 10, 1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_when_we_are_killed_the_program_ends_and_its_directory_goes(
    number: signal.Signals, tmp_path: Path
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    text = f"""
import os, time
from pathlib import Path
Path({str(tmp_path / "pid")!r}).write_text(str(os.getpid()))
time.sleep(600)
"""
    code = f"""
import pandas as pd
from synthaudit.generators.command import CommandGenerator
CommandGenerator({program(tmp_path, text)!r}).synthesize(pd.DataFrame({{"a": [1, 2]}}), 2, 1)
"""
    us = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(folder)})
    until = time.monotonic() + 60
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()):
        assert us.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    assert any(folder.rglob("train.csv"))
    us.send_signal(number)
    us.wait()
    pid = int((tmp_path / "pid").read_text())
    while (any(folder.iterdir()) or is_alive(pid)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(folder.iterdir()) and not is_alive(pid)


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False
