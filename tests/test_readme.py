"""The README says what the command does: commands, flags, files and links exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from synthaudit.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GROUP = typer.main.get_command(app)
COMMANDS = GROUP.commands  # type: ignore[attr-defined]


def shell_lines() -> list[str]:
    """Lines of fenced blocks that call the command, and the ones quoted in sentences."""
    blocks = re.findall(r"```\n(.*?)```", README, flags=re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    quoted = re.findall(r"`(synthaudit [a-z][^`]*)`", README)
    return [line for line in (*lines, *quoted) if line.startswith("synthaudit ")]


def test_the_block_of_commands_is_fresh() -> None:
    block = README.split("<!-- begin: commands -->")[1].split("<!-- end: commands -->")[0]
    shown = dict(re.findall(r"^synthaudit (\S+)\s{2,}(.*)$", block, flags=re.MULTILINE))
    actual = {name: command.help.strip().split("\n\n")[0] for name, command in COMMANDS.items()}
    assert shown == {name: " ".join(text.split()) for name, text in actual.items()}


@pytest.mark.parametrize("line", shell_lines())
def test_every_command_and_flag_exists(line: str) -> None:
    _, name, *rest = shlex.split(line)
    assert name in COMMANDS, f"no command {name}"
    flags = {flag for parameter in COMMANDS[name].params for flag in parameter.opts}
    unknown = [word for word in rest if word.startswith("--") and word not in flags]
    assert not unknown, f"{name} has no {unknown}"


def test_nothing_tells_people_to_install_the_namesake() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"pip install [\"']?synthaudit(?![-_./])", text), path.name


def test_links_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_make_targets_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z]+)\b", README)) - {"are", "on"}:
        if f"make {target}   " in README or f"`make {target}`" in README:
            assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_every_attack_is_on_the_page_of_attacks() -> None:
    from synthaudit.registry import discover_attacks

    page = (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8")
    missing = [a.card.id for a in discover_attacks() if f"## `{a.card.id}`" not in page]
    assert not missing, f"run benchmarks/power/attacks_page.py for {missing}"
