"""The challenge: a pool of candidates without labels, and the labels under lock.

Only the corridor (``audit``) holds a :class:`Challenge`; attacks are handed its ``adversary``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from synthaudit.data.fit import Canonical, fit_canonical
from synthaudit.data.order import Keys, copies_apart
from synthaudit.data.persons import draw_persons, n_persons, numbered
from synthaudit.data.tables import Tables
from synthaudit.data.views import AdversaryView, AuditorView
from synthaudit.errors import InputError, UsageError
from synthaudit.types import Bools, ColumnKind, EncodedTable, Ints

if TYPE_CHECKING:
    import pandas as pd

    from synthaudit.data.release import WholeRelease
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
    persons: Ints | None = None
    """(n_candidates,) int64, whose row each candidate is, numbered in the pool's order; None when
    every row is a person of its own. Nobody is on both sides."""

    def with_whole(self, whole: WholeRelease) -> Challenge:
        """The same challenge with every row of the synthetic table at the adversary's hand."""
        return replace(self, adversary=self.adversary.with_whole(whole))

    @property
    def n_candidates(self) -> int:
        """Members and non-members attacked."""
        return int(self.is_member.size)

    @property
    def n_members(self) -> int:
        """Member rows attacked (as many as non-members; of whole persons, about as many)."""
        return int(np.count_nonzero(self.is_member))

    @property
    def n_nonmembers(self) -> int:
        """Non-member rows attacked."""
        return self.n_candidates - self.n_members

    @property
    def n_persons(self) -> tuple[int, int]:
        """Members and non-members as persons; as rows when every row is a person of its own."""
        if self.persons is None:
            return self.n_members, self.n_nonmembers
        sides = (self.persons[self.is_member], self.persons[~self.is_member])
        return n_persons(sides[0]), n_persons(sides[1])


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
    InputError
        When rows are grouped into persons and every person of the holdout is in train.
    """
    if max_candidates is not None and max_candidates < 1:
        msg = f"max_candidates must be at least 1, got {max_candidates}."
        raise UsageError(msg)
    seed = streams.integer("challenge", "order")
    canonical = fit_canonical(tables, seed)
    train, holdout = tables.frames["train"], tables.frames["holdout"]
    members, nonmembers = _drawn(tables, canonical, max_candidates)
    order, is_member, rows = _pooled(tables, canonical, members, nonmembers, seed)
    persons = _whose(tables, members, nonmembers, order)

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
        persons=persons,
    )
    return Challenge(
        adversary,
        auditor,
        is_member,
        rows,
        len(train) - members.size,
        len(holdout) - nonmembers.size,
        persons,
    )


def _drawn(tables: Tables, canonical: Canonical, cap: int | None) -> tuple[Ints, Ints]:
    """Member and non-member rows to attack: equally many, or whole persons of about as many."""
    sizes = {name: len(tables.frames[name]) for name in ("train", "holdout")}
    keys = canonical.tie_keys
    if not tables.persons:
        n_side = min(*sizes.values(), cap or sizes["train"])
        return _sample(keys["train"], n_side), _sample(keys["holdout"], n_side)
    train, holdout = tables.persons["train"], tables.persons["holdout"]
    # a holdout row of a person who is in train belongs to a member: neither a non-member nor,
    # since the generator never saw the row, a fair member
    is_other = ~np.isin(holdout, train)
    if not is_other.any():
        msg = (
            "Every person of the holdout is in train as well, so there is no non-member to compare "
            "with; split by person (synthaudit split --group-key)."
        )
        raise InputError(msg)
    n_side = min(sizes["train"], int(is_other.sum()), cap or sizes["train"])
    everybody = np.ones(train.size, dtype=np.bool_)
    return (
        draw_persons(keys["train"], train, everybody, n_side),
        draw_persons(keys["holdout"], holdout, is_other, n_side),
    )


def _whose(tables: Tables, members: Ints, nonmembers: Ints, order: Ints) -> Ints | None:
    if not tables.persons:
        return None
    sides = (tables.persons["train"][members], tables.persons["holdout"][nonmembers])
    return numbered(np.concatenate(sides)[order])


def _sample(keys: Keys, n: int) -> Ints:
    """The rows with the ``n`` smallest keys: a random choice that no file order can move."""
    return np.sort(np.argsort(keys, kind="stable")[:n]).astype(np.int64)


def _pooled(
    tables: Tables, canonical: Canonical, members: Ints, nonmembers: Ints, seed: int
) -> tuple[Ints, Bools, Ints]:
    """The pool's order over members followed by non-members, the labels and the source rows."""
    sides = [canonical.row_keys["train"][members], canonical.row_keys["holdout"][nonmembers]]
    if tables.persons:
        # drawn by content and person over the whole table, whole persons taken: still fair
        ties = [canonical.tie_keys["train"][members], canonical.tie_keys["holdout"][nonmembers]]
    else:
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
    persons = {}
    if tables.persons:
        # renumbered: the numbers they were read with know the order of the file
        sides = [tables.persons[name][orders[name]] for name in ("train", "holdout")]
        renumbered = numbered(np.concatenate(sides))
        persons = dict(
            zip(("train", "holdout"), np.split(renumbered, [sides[0].size]), strict=True)
        )
    return AuditorView(
        sorted_tables["train"],
        sorted_tables["holdout"],
        sorted_tables["synthetic"],
        tables.schema,
        frames,
        jobs,
        persons or None,
    )
