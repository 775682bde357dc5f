"""The challenge: a pool of candidates without labels, and the labels under lock.

Only the corridor (``audit``) holds a :class:`Challenge`; attacks are handed its ``adversary``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthaudit.data.fit import Canonical, fit_canonical
from synthaudit.data.order import Keys, copies_apart
from synthaudit.data.tables import Tables
from synthaudit.data.views import AdversaryView, AuditorView
from synthaudit.errors import UsageError
from synthaudit.types import Bools, ColumnKind, EncodedTable, Ints

if TYPE_CHECKING:
    import pandas as pd

    from synthaudit.seeds import Streams


@dataclass(frozen=True, eq=False)
class Challenge:
    """Who is attacked, and the answer.

    Attributes
    ----------
    adversary : what attacks see
    auditor : what checks see: whole tables
    is_member : (n_candidates,) bool
    source_rows : (n_candidates,) int64, position in the candidate's own file
    n_members_left_out, n_nonmembers_left_out : rows of train and holdout not attacked
    """

    adversary: AdversaryView
    auditor: AuditorView
    is_member: Bools
    source_rows: Ints
    n_members_left_out: int
    n_nonmembers_left_out: int

    @property
    def n_candidates(self) -> int:
        """Members and non-members attacked."""
        return int(self.is_member.size)

    @property
    def n_members(self) -> int:
        """Members attacked (as many as non-members)."""
        return int(np.count_nonzero(self.is_member))

    @property
    def n_nonmembers(self) -> int:
        """Non-members attacked."""
        return self.n_candidates - self.n_members


def draw_challenge(
    tables: Tables, streams: Streams, *, max_candidates: int | None = None, jobs: int = 1
) -> Challenge:
    """Draw equal numbers of members and non-members and put them in an order without labels.

    Parameters
    ----------
    tables : Tables
    streams : Streams
        Keys the order and, where one side is larger, the choice of rows.
    max_candidates : int, optional
        Cap on members, and on non-members.
    jobs : int
        Threads for neighbour searches.

    Raises
    ------
    UsageError
        When ``max_candidates`` is below 1.
    """
    if max_candidates is not None and max_candidates < 1:
        msg = f"max_candidates must be at least 1, got {max_candidates}."
        raise UsageError(msg)
    seed = streams.integer("challenge", "order")
    canonical = fit_canonical(tables, seed)
    train, holdout = tables.frames["train"], tables.frames["holdout"]
    n_side = min(len(train), len(holdout), max_candidates or len(train))
    members = _sample(canonical.tie_keys["train"], n_side)
    nonmembers = _sample(canonical.tie_keys["holdout"], n_side)
    order, is_member, rows = _pooled(canonical, members, nonmembers, seed)

    encoded = canonical.encoded
    pool = _stack(encoded["train"].take(members), encoded["holdout"].take(nonmembers)).take(order)
    pool_frame = _pool_frame(tables, members, nonmembers, order)
    auditor = _auditor(tables, canonical, encoded, jobs)
    adversary = AdversaryView(
        pool,
        auditor.synthetic,
        tables.schema,
        pool_frame,
        auditor.frames["synthetic"][list(pool_frame.columns)].reset_index(drop=True),
        jobs,
        encoder=canonical.encoder,
    )
    return Challenge(
        adversary,
        auditor,
        is_member,
        rows,
        len(train) - n_side,
        len(holdout) - n_side,
    )


def _sample(keys: Keys, n: int) -> Ints:
    """The rows with the ``n`` smallest keys: a random choice that no file order can move."""
    return np.sort(np.argsort(keys, kind="stable")[:n]).astype(np.int64)


def _pooled(
    canonical: Canonical, members: Ints, nonmembers: Ints, seed: int
) -> tuple[Ints, Bools, Ints]:
    """The pool's order over members followed by non-members, the labels and the source rows."""
    sides = [canonical.row_keys["train"][members], canonical.row_keys["holdout"][nonmembers]]
    ties = [copies_apart(keys[:, 2], side, seed) for side, keys in enumerate(sides)]
    order = _sorted(np.concatenate(sides), np.concatenate(ties))
    is_member = np.arange(order.size) < members.size
    return order, is_member[order], np.concatenate([members, nonmembers])[order]


def _sorted(keys: Keys, ties: Keys) -> Ints:
    """Rows by what they contain, identical ones by their own draws."""
    return np.lexsort((ties, keys[:, 2], keys[:, 1], keys[:, 0])).astype(np.int64)


def _stack(first: EncodedTable, second: EncodedTable) -> EncodedTable:
    return EncodedTable(
        np.concatenate([first.ranks, second.ranks]),
        np.concatenate([first.scaled, second.scaled]),
        np.concatenate([first.values, second.values]),
        np.concatenate([first.codes, second.codes]),
    )


def _pool_frame(tables: Tables, members: Ints, nonmembers: Ints, order: Ints) -> pd.DataFrame:
    """The candidates as a frame for generators, without keys and free text, renumbered.

    A key column can carry the label (train numbered first, holdout after), and the index would.
    """
    import pandas as pd

    kept = [
        column.name
        for column in tables.schema.columns
        if column.kind not in (ColumnKind.IDENTIFIER, ColumnKind.TEXT)
    ]
    parts = [
        tables.frames["train"][kept].iloc[members],
        tables.frames["holdout"][kept].iloc[nonmembers],
    ]
    return pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)


def _auditor(
    tables: Tables, canonical: Canonical, encoded: dict[str, EncodedTable], jobs: int
) -> AuditorView:
    orders = {
        name: _sorted(canonical.row_keys[name], canonical.tie_keys[name]) for name in tables.frames
    }
    frames = {name: frame.iloc[orders[name]] for name, frame in tables.frames.items()}
    sorted_tables = {name: encoded[name].take(orders[name]) for name in encoded}
    return AuditorView(
        sorted_tables["train"],
        sorted_tables["holdout"],
        sorted_tables["synthetic"],
        tables.schema,
        frames,
        jobs,
    )
