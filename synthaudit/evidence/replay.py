"""Running a recorded audit again and naming every number that differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from synthaudit.assemble.origins import versions
from synthaudit.corridor import run_audit
from synthaudit.errors import InputError, UsageError
from synthaudit.evidence import digests
from synthaudit.evidence.attempts import NOTICE
from synthaudit.evidence.verify import verify_pack
from synthaudit.parallel import Progress, no_progress
from synthaudit.policy import Policy
from synthaudit.report.model import AuditReport
from synthaudit.request import AuditRequest
from synthaudit.types import AuditConfig

APART = {
    *("created", "seconds", "versions", "tool", "command", "attempts", "warnings"),
    *("inputs", "schema_version", "config"),
}
"""Top-level keys that may differ, or are compared on their own."""


@dataclass(frozen=True)
class Difference:
    """One value that came out differently."""

    where: str
    recorded: Any
    replayed: Any


@dataclass(frozen=True)
class Replay:
    """A recorded audit and the same one made again."""

    recorded: AuditReport
    replayed: AuditReport
    differences: tuple[Difference, ...]
    other_versions: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def to_text(self) -> str:
        """Every difference, and the versions that may explain them."""
        lines = [
            f"{d.where}: recorded {json.dumps(d.recorded)}, replayed {json.dumps(d.replayed)}"
            for d in self.differences
        ]
        lines += [
            f"version of {d.where}: recorded {d.recorded}, here {d.replayed}"
            for d in self.other_versions
        ]
        if self.is_same:
            lines.append(f"Replayed: nothing differs. The verdict is {self.replayed.level}.")
        else:
            lines.append(f"Replayed: {len(self.differences)} values differ.")
        return "\n".join(lines)


def replay(
    path: Path,
    tables: dict[str, Path],
    *,
    digest_key: bytes | None = None,
    jobs: int | None = None,
    workdir: Path | None = None,
    progress: Progress = no_progress,
) -> Replay:
    """Check the pack and the tables, run the recorded audit again, compare.

    Parameters
    ----------
    tables : ``train``, ``holdout``, ``synthetic`` to paths

    Raises
    ------
    InputError
        When the pack does not verify, or a table is not the one that was audited.
    UsageError
        When the recorded generator cannot be made from its name.
    """
    found = verify_pack(path)
    if not found.holds or found.report is None:
        raise InputError("The pack does not verify, so there is nothing to replay: verify it.")
    recorded = found.report
    matches = [
        digests.match(recorded.inputs, role, table, digest_key) for role, table in tables.items()
    ]
    for matched in matches:
        if not matched.is_same:
            raise InputError(f"{matched.sentence()} Give the table with the recorded digest.")
    policy = Policy.parse((found.folder / "policy.toml").read_text("utf-8"))
    request = request_of(recorded.config, policy, found.folder / "schema.toml")
    run = run_audit(
        tables["train"],
        tables["holdout"],
        tables["synthetic"],
        _with(request, jobs, workdir),
        progress,
    )
    here = versions()
    others = tuple(
        Difference(name, recorded.versions.get(name), here.get(name))
        for name in sorted({*recorded.versions, *here})
        if recorded.versions.get(name) != here.get(name)
    )
    # another container may be spoken of in other words; no number may differ
    words = all(matched.same_bytes for matched in matches)
    return Replay(recorded, run.report, differences(recorded, run.report, words=words), others)


OWN = {"policy", "generator", "schema", "jobs"}
"""Settings recorded in another form than they were asked for, or that change no number."""


def request_of(config: AuditConfig, policy: Policy, schema: Path) -> AuditRequest:
    """The request that a recorded configuration came from."""
    if config.plugin_settings:
        raise UsageError("The audit had settings of plug-ins that this version cannot replay.")
    asked = {field.name for field in fields(AuditRequest)} - OWN
    kept: dict[str, Any] = {
        field.name: getattr(config, field.name)
        for field in fields(AuditConfig)
        if field.name in asked
    }
    spec, *filters = (config.generator or "").split(" | ")
    kept |= {"generator": spec or None, "filters": tuple(filters)}
    kept["schema"] = schema if config.schema == "given" else None
    return AuditRequest(policy=policy, **kept)


def _with(request: AuditRequest, jobs: int | None, workdir: Path | None) -> AuditRequest:
    return replace(request, jobs=jobs, workdir=workdir)


def differences(
    recorded: AuditReport, replayed: AuditReport, *, words: bool = True
) -> tuple[Difference, ...]:
    """Every value that differs, apart from times, versions and where the tables lay.

    ``words`` False leaves the warnings out.
    """
    first, second = (_compared(report, words) for report in (recorded, replayed))
    return tuple(
        Difference(where, first.get(where), second.get(where))
        for where in dict.fromkeys((*first, *second))
        if first.get(where, ...) != second.get(where, ...)
    )


def _compared(report: AuditReport, words: bool) -> dict[str, Any]:
    data = json.loads(report.to_json())
    leaves = dict(_leaves({key: data[key] for key in data if key not in APART}, ""))
    if words:
        notices = [notice for notice in data["warnings"] if notice["code"] != NOTICE]
        leaves |= _leaves(notices, ".warnings")
    if report.config.schema == "given":
        # a file that named some of the kinds is replayed by one that names all of them
        for column in data["inputs"]["schema"]["columns"]:
            column.pop("reason")
    leaves |= _leaves(data["inputs"]["schema"], ".inputs.schema")
    leaves |= _leaves({k: v for k, v in data["config"].items() if k != "jobs"}, ".config")
    return {
        where.lstrip("."): value
        for where, value in leaves.items()
        if not (where.startswith(".results[") and where.endswith("].seconds"))
    }


def _leaves(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{where}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _leaves(item, f"{where}[{i}]")
        yield f"{where}.length", len(value)
    else:
        yield where, value
