"""DCR share: are synthetic rows nearer to train than to a holdout of the same size?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import contents_of
from synthaudit.checks._curves import distance_curve
from synthaudit.checks._duel import Duel, duel
from synthaudit.data.views import AuditorView
from synthaudit.parallel import Context, thread_stream
from synthaudit.seeds import Streams
from synthaudit.stats.binomial import z_value
from synthaudit.types import Card, Estimate, Finding, Floats, Notice, ThreatModel

WORK = 20_000_000
"""Neighbour entries looked at over all permutations: bounds the time on large tables."""
BELOW = 4.0
"""Standard deviations below one half from which a share is called reversed (p about 3e-5)."""


def permuted_shares(pair: Duel, streams: Streams, n_most: int, jobs: int = 1) -> Floats:
    """The share under at most ``n_most`` random deals of the real rows, ``(n_deals,)``."""
    n_deals = int(np.clip(WORK // pair.rows.size, min(199, n_most), n_most))
    rng = streams.rng("deals")
    deals = (pair.deal(rng) for _ in range(n_deals))
    return np.array(list(thread_stream(pair.share, deals, jobs)))


@dataclass(frozen=True)
class DcrShare:
    """Share of synthetic rows nearer to train than to an equally large holdout, ties split in half.

    The interval and the p-value come from dealing the real rows to train and holdout at random
    (the synthetic table fixed): many synthetic rows share a nearest real row, so the usual binomial
    error is too small. A share of one half is what chance gives. The share is two-sided: filters
    that drop rows too similar to train push it below one half.

    What it cannot show: who is exposed, how much, or anything after a similarity filter; passing it
    says nothing about membership inference (doi:10.48550/arXiv.2505.01524). When train is much
    larger than the holdout, cutting it to size also cuts most copied rows away: read
    ``excess_copies`` and ``excess_near_copies``, which do not lose them.

    Attributes
    ----------
    n_deals : int
        Random deals at most; fewer for large tables, never below 199.
    """

    confidence: float = 0.95
    n_deals: int = 999

    card: ClassVar[Card] = Card(
        id="dcr_share",
        title="Distance to closest record: share nearer to train",
        question="Do synthetic rows sit closer to the training rows than to rows never seen?",
        how_to_read=(
            "One half is what chance gives. Above it, the generator has stayed too close to its "
            "training rows. A share of one half does not mean that nothing leaked."
        ),
        references=(
            "Platzer and Reutterer (2021), doi:10.3389/fdata.2021.679939: share against a holdout",
            "Yao et al. (2025), arXiv:2505.01524: what passing it does not show",
            "Exact size matching and the permutation interval are this project's own",
        ),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Compare distances; permute; draw the two distance distributions."""
        contents_of(view)  # declines on empty tables and on tables without columns
        pair = duel(view).nearest_only()
        closer, tied = pair.nearer(pair.labels())
        value = float(np.mean(closer + tied / 2))
        null = permuted_shares(pair, context.streams, self.n_deals, context.jobs)
        margin = z_value(self.confidence) * float(np.std(null))
        far = np.abs(null - 0.5) >= abs(value - 0.5) - 1e-12
        p_value = (1 + int(far.sum())) / (1 + null.size)
        far_below = value < 0.5 - BELOW * float(np.std(null))
        n, ties = view.synthetic.n_rows, float(np.mean(tied))
        cut = (
            f"; the larger table is cut to {pair.n_kept} rows in expectation"
            if pair.n_train != pair.n_holdout
            else ""
        )
        method = f"spread over {null.size} random deals of the real rows"
        return Finding(
            estimates=(
                Estimate(
                    "dcr_share", value, max(value - margin, 0.0), min(value + margin, 1.0), n, 0.5,
                    self.confidence, method,
                    f"ties ({ties:.1%} of rows) split in half{cut}",
                ),
                Estimate(
                    "tied_share", ties, ties, ties, n, None, self.confidence,
                    "a count, nothing estimated", "share of synthetic rows equally near to both",
                ),
                Estimate(
                    "p_value", p_value, None, None, n, None, self.confidence,
                    f"{method}, two-sided",
                    "chance of a share this far from one half if nothing leaked; not corrected for "
                    "the other checks and attacks",
                ),
            ),
            curves=(
                distance_curve(view, "train", pair.n_kept),
                distance_curve(view, "holdout", pair.n_kept),
            ),
            notices=(_below(value),) if far_below else (),
        )  # fmt: skip


def _below(value: float) -> Notice:
    return Notice(
        "synthetic-closer-to-holdout",
        f"The synthetic table is closer to the holdout than to train (share {value:.2f} where "
        "chance gives 0.50): were the two files swapped, is the holdout in the training data, or "
        "did a filter remove synthetic rows too close to train?",
        "synthetic",
        None,
        "warn",
    )


PLUGINS = (DcrShare(),)
