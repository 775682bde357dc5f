"""From three sources to a challenge: what fits into memory and into the time is kept.

The rest of the corridor works on what this returns and asks neither for memory nor for time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from synthaudit.budget import budget_notice, choose, pilot
from synthaudit.data import Challenge, Tables, draw_challenge, load_tables
from synthaudit.data.release import encode_whole
from synthaudit.lending import Lending, yardstick
from synthaudit.parallel import Context, Progress
from synthaudit.plan import plan_memory, sampling_notices
from synthaudit.request import AuditRequest, Clock
from synthaudit.types import Attack, Schema
from synthaudit.wide import width_notices


@dataclass(frozen=True)
class Prepared:
    """Tables, candidates, and the request as far as it fits the budget."""

    tables: Tables
    challenge: Challenge
    attacks: tuple[Attack, ...]
    request: AuditRequest


def prepared(
    sources: tuple[Any, Any, Any],
    request: AuditRequest,
    attacks: tuple[Attack, ...],
    lending: Lending | None,
    context: Context,
    clock: Clock,
) -> Prepared:
    """Read the tables, draw the candidates, choose what fits the budget."""
    plan = plan_memory(*sources, request.memory)
    with clock.step("read tables"):
        tables = load_tables(
            *sources,
            schema=schema_source(request.schema),
            group_key=request.group_key,
            most_rows=plan.most_rows if plan is not None else None,
            streams=context.streams,
            digests=True,
        )
    if request.budget is not None:
        with clock.step("choose what fits the budget"):
            tables, attacks, request = _within_budget(
                tables, attacks, request, lending, context, clock
            )
    with clock.step("encode and draw candidates"):
        challenge = draw_challenge(
            tables, context.streams, max_candidates=request.max_candidates, jobs=context.jobs
        )
    notices = width_notices(tables.schema, attacks, request.shadows)
    tables = replace(tables, notices=(*tables.notices, *notices))
    ready = Prepared(tables, challenge, attacks, request)
    if not tables.sampled:
        return ready
    return _with_the_rest(ready, sources[2], clock, context.progress)


def _within_budget(
    tables: Tables,
    attacks: tuple[Attack, ...],
    request: AuditRequest,
    lending: Lending | None,
    context: Context,
    clock: Clock,
) -> tuple[Tables, tuple[Attack, ...], AuditRequest]:
    """Attacks, candidates and shadows that fit into what is left of the budget."""
    assert request.budget is not None  # noqa: S101 - asked by the caller
    generator = (
        lending.in_order(tables.given_order).generator if lending is not None else yardstick()
    )
    laws, of_generator = pilot(tables, attacks, generator if request.shadows else None, context)
    sizes = {name: len(frame) for name, frame in tables.frames.items()}
    cap = request.max_candidates
    if cap is not None:
        sizes |= {name: min(sizes[name], cap) for name in ("train", "holdout")}
    choice = choose(
        laws,
        of_generator,
        attacks,
        sizes,
        request.shadows,
        max(request.budget - clock.total, 0.0),
    )
    full = min(sizes["train"], sizes["holdout"])
    notice = budget_notice(choice, full, request.shadows, request.budget)
    return (
        replace(tables, notices=(*tables.notices, notice)),
        choice.attacks,
        replace(request, max_candidates=choice.max_candidates, shadows=choice.shadows),
    )


def _with_the_rest(ready: Prepared, synthetic: Any, clock: Clock, progress: Progress) -> Prepared:
    """Say what was sampled, and put every row of a sampled synthetic table at hand."""
    tables, encoder = ready.tables, ready.challenge.adversary.encoder
    kept = {name: len(frame) for name, frame in tables.frames.items()}
    tables = replace(
        tables, notices=(*tables.notices, *sampling_notices(kept, tables.sampled)), real={}
    )
    if "synthetic" not in tables.sampled or encoder is None:
        return replace(ready, tables=tables)
    with clock.step("encode the whole synthetic table"):
        whole = encode_whole(
            Path(synthetic),
            ready.tables.real,
            tables.schema,
            encoder,
            tables.sampled["synthetic"],
            progress,
        )
    return replace(ready, tables=tables, challenge=ready.challenge.with_whole(whole))


def schema_source(schema: Schema | str | Path | None) -> Schema | Path | None:
    """A path where the schema is one."""
    return Path(schema) if isinstance(schema, str) else schema
