"""Checking a pack without any data: nothing changed, nothing missing, the verdict follows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from synthaudit.errors import InputError, SynthauditError, UsageError
from synthaudit.evidence import digests, manifest, pack
from synthaudit.evidence.canonical import canonical
from synthaudit.evidence.statement import statement
from synthaudit.gate.rejudge import policy_of, rejudge
from synthaudit.policy import Policy
from synthaudit.report import inert
from synthaudit.report.model import AuditReport

LARGEST = 256 * 2**20
BESIDE = {"report.json": pack.RESULT, "report.html": "report.html", "report.md": "report.md"}


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at."""

    what: str
    holds: bool | None
    """None: it could not be checked, and the sentence says why."""
    sentence: str


@dataclass(frozen=True)
class Verification:
    """Everything that was looked at."""

    folder: Path
    checks: tuple[Checked, ...]
    report: AuditReport | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing was found to be wrong."""
        return all(check.holds is not False for check in self.checks)

    def to_text(self) -> str:
        """One line a check."""
        marks = {True: "[ok]", False: "[!!]", None: "[--]"}
        lines = [f"{marks[check.holds]} {check.what}: {check.sentence}" for check in self.checks]
        if self.report is not None and self.holds:
            lines.append(f"The pack is intact. Its verdict: {self.report.level}.")
        elif not self.holds:
            lines.append("The pack does not hold: do not rely on it.")
        return "\n".join(lines)


def verify_pack(
    path: Path,
    *,
    public_key: Path | None = None,
    tables: dict[str, Path] | None = None,
    digest_key: bytes | None = None,
) -> Verification:
    """Check a pack, in ``path`` or in ``path/evidence``.

    Parameters
    ----------
    public_key : path, optional
        The signer's public key, had by another way than with the pack. Without it a signature shows
        that the pack is as it was signed, not by whom.
    tables : role to path, optional
        Tables at hand, compared with the ones that were audited.

    Raises
    ------
    InputError
        When there is no pack, or a key or table cannot be read.
    """
    folder = path / pack.FOLDER if (path / pack.FOLDER).is_dir() else path
    if not (folder / manifest.NAME).is_file():
        raise InputError(
            f"There is no {manifest.NAME} in {folder.name}: give the directory that "
            "'synthaudit audit --evidence' wrote."
        )
    listing = (folder / manifest.NAME).read_bytes()
    try:
        listed = manifest.read_manifest(listing)
    except InputError as error:
        return Verification(folder, (Checked(manifest.NAME, False, str(error)),))
    files, checks = _files(folder, listed)
    intact = all(check.holds for check in checks)
    report = None
    if pack.RESULT in files:
        found, report = _result(files)
        checks += found
    if report is not None:
        checks += _derived(files, report) if intact else []
        checks.append(_signature(folder, files, listing, report, public_key))
        checks += _tables(report, tables or {}, digest_key)
    if folder != path:
        checks += _beside(path, files)
    return Verification(folder, tuple(checks), report)


def _files(
    folder: Path, listed: tuple[manifest.Listed, ...]
) -> tuple[dict[str, bytes], list[Checked]]:
    """The files as listed, and what is wrong with the others."""
    files: dict[str, bytes] = {}
    checks: list[Checked] = []
    for item in listed:
        wrong = _wrong(folder, item, files)
        if wrong:
            checks.append(Checked(inert.name(item.path), False, wrong))
    known = {item.path for item in listed} | {manifest.NAME, pack.ATTESTATION}
    strangers = sorted(entry.name for entry in folder.iterdir() if entry.name not in known)
    checks += [Checked(inert.name(n), False, "It is not in the manifest.") for n in strangers]
    missing = sorted(pack.KNOWN - known - {pack.PUBLIC_KEY})
    checks += [Checked(name, False, "The manifest does not list it.") for name in missing]
    if not checks:
        checks.append(Checked("files", True, f"{len(files)} files are as they were written."))
    return files, checks


def _wrong(folder: Path, item: manifest.Listed, files: dict[str, bytes]) -> str:
    """What is wrong with one listed file; empty and read when nothing is."""
    target = folder / item.path
    if item.path not in pack.KNOWN:
        return "A pack has no such file."
    if target.is_symlink() or not target.is_file():
        return "It is missing."
    if target.stat().st_size != item.size or item.size > LARGEST:
        return "It has another size than when it was written."
    content = target.read_bytes()
    if manifest.sha256(content) != item.sha256:
        return "It was changed after it was written."
    files[item.path] = content
    return ""


def _result(files: dict[str, bytes]) -> tuple[list[Checked], AuditReport | None]:
    try:
        report = AuditReport.from_json(files[pack.RESULT])
    except SynthauditError as error:
        return [Checked(pack.RESULT, False, str(error))], None
    if not _reads_back(files, report):
        return [Checked(pack.RESULT, False, "It reads back as another report.")], report
    return [Checked(pack.RESULT, True, "It fits the schema and reads back the same."),
            _verdict(files, report)], report  # fmt: skip


def _reads_back(files: dict[str, bytes], report: AuditReport) -> bool:
    """Byte for byte; from another build, whose reports may have fewer keys, value for value."""
    again = report.to_json().encode()
    if again == files[pack.RESULT]:
        return True
    return not _is_this_build(files) and _holds(json.loads(again), json.loads(files[pack.RESULT]))


def _holds(whole: object, part: object) -> bool:
    """Whether every value of ``part`` stands at the same place in ``whole``."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _holds(whole[key], part[key]) for key in part)
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(_holds, whole, part))
    return whole == part


def _verdict(files: dict[str, bytes], report: AuditReport) -> Checked:
    """The verdict follows from the measured numbers under the policy in the pack."""
    try:
        policy = Policy.parse(files.get("policy.toml", b"").decode(), "policy.toml")
        again = rejudge(report, policy)
    except (SynthauditError, UnicodeDecodeError) as error:
        return Checked("verdict", False, f"It cannot be made again: {error}")
    if policy == policy_of(report) and again.verdict == report.verdict:
        return Checked("verdict", True, "It follows from the measured numbers and the policy.")
    if policy == policy_of(report) and not _is_this_build(files):
        said = f"Another build wrote it; this one says {again.level} of the same numbers."
        return Checked("verdict", None if again.level is not report.level else True, said)
    return Checked("verdict", False, "It does not follow from the numbers and the policy.")


def _is_this_build(files: dict[str, bytes]) -> bool:
    """Whether this very code wrote the pack: only then must every word come out the same."""
    try:
        where = json.loads(files.get(pack.ENVIRONMENT, b"{}"))
    except ValueError:
        return True  # a pack that hides its build is held to this one
    return not isinstance(where, dict) or where.get("code") in (None, pack.code_digest())


def _derived(files: dict[str, bytes], report: AuditReport) -> list[Checked]:
    """What follows from the report must be what the report gives."""
    if not _is_this_build(files):
        said = f"Written by another build (version {report.tool.version}): not compared."
        return [Checked("texts", None, said)]
    wrong = [name for name, text in pack.derived(report).items() if files.get(name) != text]
    return [Checked(name, False, f"It is not what {pack.RESULT} gives.") for name in wrong] or [
        Checked("texts", True, f"Sheet, limitations and report are what {pack.RESULT} gives.")
    ]


def _signature(
    folder: Path, files: dict[str, bytes], listing: bytes, report: AuditReport, given: Path | None
) -> Checked:
    envelope = folder / pack.ATTESTATION
    if not envelope.is_file():
        asked = given is not None or pack.PUBLIC_KEY in files
        return Checked("signature", False if asked else None, "The pack is not signed.")
    from synthaudit.evidence import signing

    try:
        public = signing.load_public(given or folder / pack.PUBLIC_KEY)
        found = signing.opened(envelope.read_bytes(), public)
    except UsageError as error:  # the package is not installed
        if given is not None:
            raise
        return Checked("signature", None, str(error))
    except InputError as error:
        return Checked("signature", False, str(error))
    wanted = statement(report, listing)
    same = canonical(found) == canonical(wanted)
    if not same and (_is_this_build(files) or found.get("subject") != wanted["subject"]):
        return Checked("signature", False, "What was signed is not this pack.")
    return _signed_by(signing.key_id(public)[:16], given)


def _signed_by(key: str, given: Path | None) -> Checked:
    if given is not None:
        return Checked("signature", True, f"It was signed with the key that was given ({key}).")
    said = (
        f"It fits the key that came with the pack ({key}), which does not say whose key that is: "
        "give the signer's with --public-key."
    )
    return Checked("signature", None, said)


def _tables(report: AuditReport, tables: dict[str, Path], key: bytes | None) -> list[Checked]:
    checks = []
    for role, path in tables.items():
        found = digests.match(report.inputs, role, path, key)
        checks.append(Checked(role, found.is_same, found.sentence()))
    return checks


def _beside(path: Path, files: dict[str, bytes]) -> list[Checked]:
    """Reports lying beside the pack are the ones in it."""
    return [
        Checked(name, False, "It is not the report in the pack.")
        for name, packed in BESIDE.items()
        if (path / name).is_file() and (path / name).read_bytes() != files.get(packed)
    ]
