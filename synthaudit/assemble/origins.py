"""Where the audit came from: files, who was attacked, versions, and the command that repeats it."""

from __future__ import annotations

import platform
import shlex
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from synthaudit._version import __version__
from synthaudit.report.sections import Coverage, TableInput
from synthaudit.types import AuditConfig, Schema, ThreatModel

if TYPE_CHECKING:
    from synthaudit.corridor import Observations

LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "numba", "pyarrow", "sdv")


def input_of(observed: Observations, name: str) -> TableInput:
    found = observed.tables.inputs[name]
    return TableInput(
        source=found.source,
        format=found.format,
        sha256=found.sha256,
        sha256_content=found.sha256_content or None,
        rows=found.n_rows,
        columns=found.n_columns,
    )


def by_name(schema: Schema) -> Schema:
    """For readers: the audit's own order goes by content and would look like none."""
    return Schema(tuple(sorted(schema.columns, key=lambda column: column.name)))


def coverage_of(observed: Observations) -> Coverage:
    challenge = observed.challenge
    left = challenge.n_members_left_out + challenge.n_nonmembers_left_out
    note = (
        "Equal numbers of members and non-members were attacked; those left out were chosen at "
        "random."
        if left
        else ""
    )
    if challenge.persons is not None:
        members, others = challenge.n_persons
        note = (
            f"Whole persons were attacked, {members:,} members and {others:,} non-members, as many "
            "rows of either as fit; persons are counted everywhere else in this report."
        )
    return Coverage(
        n_members=challenge.n_members + challenge.n_members_left_out,
        n_members_attacked=challenge.n_members,
        n_nonmembers=challenge.n_nonmembers + challenge.n_nonmembers_left_out,
        n_nonmembers_attacked=challenge.n_nonmembers,
        note=note,
    )


def versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "synthaudit": __version__}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _about_the_tables(config: AuditConfig) -> list[str]:
    """What was said about persons, the split and the population."""
    parts = []
    if config.group_key is not None:
        parts.append(f"--group-key {shlex.quote(config.group_key)}")
    if config.split != "assumed":
        parts.append(f"--split {shlex.quote(config.split)}")
    if config.prevalence is not None:
        parts.append(f"--prevalence {config.prevalence:g}")
    parts += [f"--exposure-by {shlex.quote(name)}" for name in config.exposure_by]
    if config.selftest:
        parts.append("--selftest")
    return parts


def command_of(observed: Observations, config: AuditConfig) -> str:
    """The command that repeats the audit, on files of the same names."""
    sources = {name: table.source for name, table in observed.tables.inputs.items()}
    parts = ["synthaudit audit"]
    parts += [f"--{name} {source}" for name, source in sources.items()]
    parts.append(f"--seed {config.seed}")
    if config.attacks != ("all",):
        parts.append(f"--attacks {','.join(config.attacks)}")
    if config.policy != "default":
        parts.append(f"--policy {config.policy}")
    if observed.lending is not None and observed.lending.role is ThreatModel.INSIDER:
        spec, *filters = observed.lending.generator.spec.split(" | ")
        parts.append(f"--generator '{spec}'")
        parts += [f"--filter {text}" for text in filters]
    if config.shadows != AuditConfig.shadows:
        parts.append(f"--shadows {config.shadows}")
    if config.shadow_rows is not None:
        parts.append(f"--shadow-rows {config.shadow_rows}")
    if config.schema == "given":
        parts.append("--schema schema.toml")
    if config.max_candidates is not None:
        parts.append(f"--max-candidates {config.max_candidates}")
    parts += _about_the_tables(config)
    return " ".join(parts)
