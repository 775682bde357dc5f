"""What is measured about every candidate in one table, a shadow or the release alike.

The outsider attacks that are cheap enough (``card.is_feature``) are the features, so a new outsider
attack is also a new feature of the shadow attack. To them come the plain closeness profile, which a
tree model reads for holes as well as for hills.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthaudit.attacks.shadow.calibration import standardise
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Attack, Floats, Floats32

PROFILE = (1, 2, 5, 10)


def closeness_profile(view: AdversaryView) -> Floats:
    """Log distance to the k-th nearest row of the table, ``(n_candidates, len(PROFILE))``."""
    found = view.nearest_synthetic(max(PROFILE), Geometry.RANK).distances
    floor = 1e-3 * float(np.median(view.nearest_candidates(1).distances)) + 1e-9
    columns = [np.log(found[:, min(k, found.shape[1]) - 1] + floor) for k in PROFILE]
    return np.column_stack(columns)


def affordable(attacks: Sequence[Attack], view: AdversaryView) -> tuple[Attack, ...]:
    """The attacks cheap enough, at these sizes, to be run on every shadow."""
    n_pairs = view.n_candidates * view.synthetic.n_rows
    return tuple(a for a in attacks if a.card.is_feature_at(n_pairs))


def feature_names(attacks: Sequence[Attack]) -> tuple[str, ...]:
    """Names of the columns of :func:`features_of`."""
    return (*(f"log_d{k}" for k in PROFILE), *(attack.card.id for attack in attacks))


def features_of(view: AdversaryView, attacks: Sequence[Attack], context: Context) -> Floats32:
    """Standardised features of every candidate in the table of ``view``.

    Parameters
    ----------
    view : AdversaryView
        Candidates and the table (a shadow's or the released one).
    attacks : sequence of Attack
        The outsider attacks used as features. One that declines on this table contributes a
        constant: a feature must not change its place from table to table.
    context : Context

    Returns
    -------
    (n_candidates, n_features) float32
    """
    columns = [closeness_profile(view)]
    for attack in attacks:
        try:
            scores = attack.score(view, context.child("feature", attack.card.id))
        except NotApplicable:
            scores = np.zeros(view.n_candidates)
        columns.append(np.asarray(scores, dtype=np.float64)[:, None])
    whole = np.nan_to_num(np.concatenate(columns, axis=1), posinf=1e6, neginf=-1e6)
    return standardise(whole).astype(np.float32)
