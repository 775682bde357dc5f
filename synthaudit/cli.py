"""The command line: parse, call, print, exit. It holds no rule of its own."""

from __future__ import annotations

import os
import sys
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthaudit._version import __version__
from synthaudit.errors import SynthauditError

if TYPE_CHECKING:
    from synthaudit.parallel import Progress


# typer carries its own click since 0.2x and click's before: one name for "bad usage" in both
ClickError = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


class Exit(IntEnum):
    """Exit codes; part of the public contract."""

    POLICY_MET = 0
    LEAK = 1
    BAD_INPUT = 2
    INCONCLUSIVE = 3
    INTERNAL = 4
    INTERRUPTED = 130


app = typer.Typer(
    name="synthaudit",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Table = Annotated[Path, typer.Option(exists=False, show_default=False)]
Train = Annotated[
    Path,
    typer.Option("--train", help="The real table the generator was fitted on.", show_default=False),
]
Holdout = Annotated[
    Path,
    typer.Option(
        "--holdout",
        help="Real rows of the same population, never shown to the generator.",
        show_default=False,
    ),
]
Synthetic = Annotated[
    Path, typer.Option("--synthetic", help="The synthetic table to be shared.", show_default=False)
]
SchemaFile = Annotated[
    Path | None,
    typer.Option(
        "--schema", help="Column kinds, as written by an earlier audit.", show_default=False
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        help="Workers (default: every core). Changes no number.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"synthaudit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Attack a synthetic table and measure how far it gives its training members away.

    Exit codes: 0 policy met, 1 leak above the policy, 2 bad usage or input, 3 inconclusive or
    invalid, 4 internal error.
    """


@app.command()
def audit(
    train: Train,
    holdout: Holdout,
    synthetic: Synthetic,
    out: Annotated[
        Path, typer.Option("--out", help="Directory for report.json, .html and .md.")
    ] = Path("reports/audit"),
    seed: Annotated[int, typer.Option(min=0, help="Root of every random stream.")] = 0,
    jobs: Jobs = None,
    attacks: Annotated[
        str, typer.Option(help="Attack ids or threat models, separated by commas, or 'all'.")
    ] = "all",
    policy: Annotated[
        str, typer.Option(help="A preset (default, strict, lenient) or a policy.toml.")
    ] = "default",
    schema: SchemaFile = None,
    generator: Annotated[
        str | None,
        typer.Option(
            help="Generator to train shadows with, e.g. 'cart:min_leaf=5' (default: a stand-in, "
            "chosen by measurement).",
            show_default=False,
        ),
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            help="Post-processing that is part of the generator, e.g. 'dcr:0.3' or 'dedup'.",
            show_default=False,
        ),
    ] = None,
    shadows: Annotated[int, typer.Option(min=0, help="Shadows to train; 0 trains none.")] = 16,
    max_candidates: Annotated[
        int | None,
        typer.Option(min=2, help="Cap on candidates attacked on either side.", show_default=False),
    ] = None,
    workdir: Annotated[
        Path | None,
        typer.Option(
            help="Keeps finished shadows, so that an interrupted run resumes.", show_default=False
        ),
    ] = None,
    backend: Annotated[
        str, typer.Option(help="Where shadows are trained: loky (here), dask or ray.")
    ] = "loky",
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of an existing Dask or Ray cluster.", show_default=False),
    ] = None,
    save_scores: Annotated[
        bool,
        typer.Option(help="Also write confidential/candidates.parquet (one row per candidate)."),
    ] = False,
    json: Annotated[
        str | None,
        typer.Option(
            help="Also write the JSON report here; '-' is standard output.", show_default=False
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Attack SYNTHETIC and write a scored privacy report."""
    from synthaudit.corridor import AuditRequest, run_audit
    from synthaudit.outputs import write_outputs
    from synthaudit.parallel import Backend

    request = AuditRequest(
        seed=seed,
        attacks=tuple(name.strip() for name in attacks.split(",") if name.strip()),
        policy=policy,
        schema=schema,
        generator=generator,
        shadows=shadows,
        max_candidates=max_candidates,
        jobs=jobs,
        workdir=workdir,
        backend=Backend(backend, scheduler),
        filters=tuple(filters or ()),
    )
    with _listener(quiet) as progress:
        run = run_audit(train, holdout, synthetic, request, progress)
    written = write_outputs(run, out, save_scores=save_scores)
    if json == "-":
        typer.echo(run.report.to_json())
    elif json is not None:
        from synthaudit.data.files import write_atomically

        write_atomically(Path(json), run.report.to_json().encode())
    if not quiet and json != "-":
        typer.echo(run.report.to_text())
        for path in written:
            typer.echo(f"  wrote {path}")
    raise typer.Exit(_exit_code(run.report.verdict.level))


def _exit_code(level: str) -> Exit:
    return {"PASS": Exit.POLICY_MET, "FAIL": Exit.LEAK}.get(str(level), Exit.INCONCLUSIVE)


@app.command(name="audit-generator")
def audit_generator(
    real: Annotated[Path, typer.Option(help="The real table.", show_default=False)],
    generator: Annotated[
        str, typer.Option(help="The generator, e.g. 'cart:min_leaf=5'.", show_default=False)
    ],
    out: Annotated[
        Path, typer.Option(help="Directory for the summary and each release's report.")
    ] = Path("reports/generator"),
    releases: Annotated[int, typer.Option(min=1, help="Independent releases to audit.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Root of every random stream.")] = 0,
    jobs: Jobs = None,
    policy: Annotated[str, typer.Option(help="A preset or a policy.toml.")] = "default",
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", help="Post-processing of the generator.", show_default=False),
    ] = None,
    shadows: Annotated[int, typer.Option(min=0, help="Shadows to train a release.")] = 16,
    workdir: Annotated[
        Path | None,
        typer.Option(help="Keeps finished shadows, so that a run resumes.", show_default=False),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Split, generate, audit, and repeat: describes the generator, not one lucky draw."""
    from synthaudit.corridor import AuditRequest
    from synthaudit.releases import audit_releases

    request = AuditRequest(
        seed=seed,
        policy=policy,
        generator=generator,
        filters=tuple(filters or ()),
        shadows=shadows,
        jobs=jobs,
        workdir=workdir,
    )
    with _listener(quiet) as progress:
        summary = audit_releases(real, request, releases, out, progress)
    typer.echo(summary.to_text())
    raise typer.Exit(_exit_code(summary.level))


@app.command()
def doctor(train: Train, holdout: Holdout, synthetic: Synthetic, schema: SchemaFile = None) -> None:
    """Look at the inputs only: what was read, inferred, set aside, and what is in the way."""
    from synthaudit.examine import examine

    examination = examine(train, holdout, synthetic, schema=schema)
    typer.echo(examination.to_text())
    raise typer.Exit(Exit.INCONCLUSIVE if examination.in_the_way else Exit.POLICY_MET)


@app.command()
def split(
    real: Annotated[Path, typer.Option(help="The real table to be split.", show_default=False)],
    out: Annotated[
        Path, typer.Option(help="Directory for train, holdout and split.json.", show_default=False)
    ],
    holdout_share: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Share of the rows (or persons) held out.")
    ] = 0.5,
    group_key: Annotated[
        str | None,
        typer.Option(
            help="Column naming the person: one person never lands on both sides.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the split.")] = 0,
) -> None:
    """Make a proper holdout before generating: random, person-disjoint, recorded."""
    from synthaudit.data import split_table

    made = split_table(real, out, holdout_share=holdout_share, group_key=group_key, seed=seed)
    for notice in made.notices:
        typer.echo(f"[{notice.severity}] {notice.message}", err=True)
    for path in made.written:
        typer.echo(f"wrote {path}")


@app.command(name="list")
def list_() -> None:
    """List attacks, checks and generators, with one line and their needs."""
    from synthaudit.catalogue import catalogue_text

    typer.echo(catalogue_text())


@app.command()
def render(
    report: Annotated[Path, typer.Argument(help="A report.json.", show_default=False)],
    to: Annotated[str, typer.Option(help="html, md or text.")] = "html",
    out: Annotated[
        Path | None,
        typer.Option(
            help="File to write (default: beside the JSON; text: printed).", show_default=False
        ),
    ] = None,
) -> None:
    """Render a report again, without the data."""
    from synthaudit.outputs import read_report, render_as

    rendered = render_as(read_report(report), to)
    if to == "text" and out is None:
        typer.echo(rendered)
        return
    from synthaudit.data.files import write_atomically

    target = out if out is not None else report.with_suffix(f".{to}")
    write_atomically(target, rendered.encode())
    typer.echo(f"wrote {target}")


class _listener:  # noqa: N801 - used like the function it stands for
    """Progress for people: a Rich bar on a terminal, plain lines elsewhere, silence if asked."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet

    def __enter__(self) -> Progress:
        from synthaudit.parallel import no_progress

        if self.quiet:
            return no_progress
        if not sys.stderr.isatty():
            return _PlainLines()
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.bars = Progress(
            TextColumn("{task.description:<42}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.bars.start()
        tasks: dict[str, object] = {}

        def listen(task: str, done: int, total: int) -> None:
            if task not in tasks:
                tasks[task] = self.bars.add_task(task, total=total)
            self.bars.update(tasks[task], completed=done, total=total)  # type: ignore[arg-type]

        return listen

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "bars"):
            self.bars.stop()


class _PlainLines:
    """One line per finished step: what logs and pipelines can read."""

    def __call__(self, task: str, done: int, total: int) -> None:
        if done == total:
            print(f"synthaudit: {task} ({total})", file=sys.stderr, flush=True)


def _fail(sentence: str, code: Exit) -> None:
    print(f"synthaudit: {sentence}", file=sys.stderr)
    sys.exit(code)


def main() -> None:
    """Entry point: own errors become one line, foreign ones never print a cell of a table."""
    try:
        outcome = app(standalone_mode=False)
    except SynthauditError as error:
        _fail(str(error), Exit.BAD_INPUT)
    except (typer.Abort, KeyboardInterrupt):
        _fail("Interrupted; finished shadows are kept if --workdir was given.", Exit.INTERRUPTED)
    except BrokenPipeError:
        # the reader (head, less) went away: nothing to tell, and nobody to tell it to
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.POLICY_MET)
    except Exception as error:  # the last door before a traceback with cell values
        if isinstance(error, ClickError):
            error.show()  # type: ignore[attr-defined]
            sys.exit(Exit.BAD_INPUT)
        if os.environ.get("SYNTHAUDIT_DEBUG"):
            raise
        from synthaudit.plugins import place_of

        _fail(
            f"Internal error: {place_of(error)}. The text of the error is withheld, since it may "
            "quote the tables; set SYNTHAUDIT_DEBUG=1 to see it, and please report it.",
            Exit.INTERNAL,
        )
    sys.exit(outcome if isinstance(outcome, int) else 0)
