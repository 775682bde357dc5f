"""What is kept of a finished audit: keyed digests, the attempt log, the evidence pack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from synthaudit.corridor import AuditRun
    from synthaudit.evidence.signing import Signer

PackDirectory = Annotated[
    Path,
    typer.Argument(help="What 'audit --evidence' wrote (OUT or OUT/evidence).", show_default=False),
]
EvidenceFlag = Annotated[
    bool, typer.Option("--evidence", help="Also write OUT/evidence: a pack others can verify.")
]
SignKey = Annotated[
    Path | None,
    typer.Option(
        "--sign-key", help="Sign the evidence with this Ed25519 key (PEM).", show_default=False
    ),
]
DigestKey = Annotated[
    Path | None,
    typer.Option(
        "--digest-key",
        help="File with a key for the tables' digests: plain ones of small tables can be guessed.",
        show_default=False,
    ),
]
Log = Annotated[
    Path | None,
    typer.Option(
        "--log",
        help="Append this audit here, and say how many came before it on the same training data.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class Keeping:
    """Where a finished audit is kept; everything that can be refused is refused before it runs."""

    evidence: bool
    signer: Signer | None
    digest_key: bytes | None
    log: Path | None

    @classmethod
    def of(
        cls, evidence: bool, sign_key: Path | None, digest_key: Path | None, log: Path | None
    ) -> Keeping:
        """Read the keys and check the log."""
        from synthaudit.errors import UsageError

        signer = key = None
        if sign_key is not None:
            if not evidence:
                raise UsageError("A signature goes with the evidence: give --evidence as well.")
            from synthaudit.evidence.signing import Signer

            signer = Signer.load(sign_key)
        if digest_key is not None:
            from synthaudit.evidence.digests import read_key

            key = read_key(digest_key)
        if log is not None:
            from synthaudit.evidence.attempts import check_log

            check_log(log)
        return cls(evidence, signer, key, log)

    def settle(self, run: AuditRun) -> AuditRun:
        """The run with its report as it will be written: keyed, and counted in the log."""
        report = run.report
        if self.digest_key is not None:
            from synthaudit.evidence.digests import keyed

            report = keyed(report, self.digest_key)
        if self.log is not None:
            from synthaudit.evidence.attempts import record

            report = record(report, self.log)
        return replace(run, report=report)

    def pack(self, run: AuditRun, out: Path) -> tuple[Path, ...]:
        """Write the evidence, if asked for; what was written."""
        if not self.evidence:
            return ()
        from synthaudit.evidence.pack import write_pack

        return (write_pack(run.report, out, self.signer),)
