"""Writes docs/attacks.md from the cards: ``python benchmarks/power/attacks_page.py``."""

from __future__ import annotations

from pathlib import Path

from synthaudit.registry import discover_attacks
from synthaudit.types import Card, Need

PAGE = Path(__file__).parents[2] / "docs" / "attacks.md"
INTRO = """# The attacks

Written from the cards in the code (`python benchmarks/power/attacks_page.py`); the formulas and
the reasons stand in each attack's docstring under `synthaudit/attacks/`. What each of them finds,
case by case and by kind of leak, is measured in
[power.md](power.md). The shadow attack has a page of its own:
[shadow.md](shadow.md).

Every attack is label-blind and returns one score per candidate, higher meaning more likely a
member. The reference, where one is needed, is the unlabelled pool with the candidate left out.

Names a reader of the literature may look for: GAN-Leaks is `closest_record`, its calibrated form
`calibrated_closest_record` (as a log-ratio, not a difference); LOGAN's discriminator, trained
rightly, is `density_ratio`; DOMIAS is `kernel_ratio`; Gen-LRA is `gen_lra`; the counting queries
of TAPAS are `cell_counts`; Homer's and Dwork's tracing is `tracing`; LiRA and RMIA are
`shadow_lira` and `shadow_rmia`. Monte-Carlo and local-neighbourhood counts and DPI are not attacks
here.
"""


def entry(card: Card) -> str:
    """One attack."""
    feature = "It is a feature of the shadow attack. " if card.is_feature else ""
    if card.feature_up_to:
        pairs = f"{card.feature_up_to:,} pairs of candidate and synthetic row"
        feature = f"It is a feature of the shadow attack up to {pairs}. "
    lent = "Needs a generator. " if Need.GENERATOR in card.needs else ""
    sources = "; ".join(card.references)
    return (
        f"## `{card.id}`: {card.title}\n\n*{card.question}*\n\n{card.how_to_read} "
        f"{lent}{feature}\n\nSource: {sources}.\n"
    )


def page() -> str:
    """The whole page."""
    entries = [entry(attack.card) for attack in discover_attacks()]
    return "\n".join([INTRO, *entries]).replace(" \n", "\n")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
