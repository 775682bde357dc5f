"""What a reviewer looks up: regulation, methods, sources, limits, glossary.

The texts are orientation, not legal advice, and say for every clause whether this report covers
it, covers it in part, or leaves it to others.
"""

from __future__ import annotations

from dataclasses import dataclass

from synthaudit.report import attackers, numbers, scope
from synthaudit.report.model import AuditReport
from synthaudit.types import Level, Status

COVERED, PARTLY, NOT_TESTED, OUTSIDE = "covered", "partly", "not tested", "outside this tool"


@dataclass(frozen=True)
class Clause:
    """One clause or criterion: what it asks, how far this report answers, and where."""

    name: str
    asks: str
    state: str
    where: str


def _measured(report: AuditReport) -> bool:
    done = [result for result in report.attacks if result.status is Status.MEASURED]
    return bool(done) and report.level is not Level.INVALID


def criteria(report: AuditReport) -> tuple[Clause, ...]:
    """The three criteria of WP29 Opinion 05/2014 on anonymisation techniques."""
    return (
        Clause(
            "Singling out",
            "Can records that belong to one person be isolated?",
            PARTLY if _measured(report) else NOT_TESTED,
            "Whether a person's record was used for training, members that can be singled out, and "
            "copied rows (sections 1 to 3). Isolating a person by a few known attributes was not "
            "tried.",
        ),
        Clause(
            "Linkability",
            "Can records about one person be linked, within the table or to another one?",
            NOT_TESTED,
            "No attack of this report links tables; identifiers that reappear are counted where "
            "the tables have such columns.",
        ),
        Clause(
            "Inference",
            "Can an unknown value of a person be deduced from the others?",
            NOT_TESTED,
            "No attack of this report infers values. A member who is recognised is also exposed to "
            "inference, so section 1 is a warning sign, not a measurement.",
        ),
    )


def iso_clauses(report: AuditReport) -> tuple[Clause, ...]:
    """Index of ISO/IEC 27559:2022, privacy-enhancing data de-identification framework."""
    done = COVERED if _measured(report) else NOT_TESTED
    some = PARTLY if _measured(report) else NOT_TESTED
    strata = done if report.strata else some
    return (
        Clause("6.2", "Threat modelling", done, "Attackers attempted and not: section 5"),
        Clause(
            "6.3", "Transparency and impact assessment", OUTSIDE, "For the releasing organisation"
        ),
        Clause("7.2", "Data features", PARTLY, "Columns and their kinds: section 9"),
        Clause("7.3", "Attack modelling", done, "Sections 1, 5 and 7"),
        Clause(
            "7.3.2", "Maximum or average exposure", strata, "Average: section 1; groups: section 2"
        ),
        Clause("7.3.3", "Population or sample", some, "Candidates are the rows given: section 4"),
        Clause(
            "8.2.2", "Quantified identifiability", some, "Score, identified members: sections 1, 2"
        ),
        Clause("8.2.3", "Adversarial testing", done, "Every attack with its interval: section 7"),
        Clause("8.3.4", "Re-evaluation", OUTSIDE, "Repeat the audit for every release"),
        Clause("9", "Governance", OUTSIDE, "For the releasing organisation"),
    )


def recital_26(report: AuditReport) -> tuple[str, ...]:
    """The attacker in the terms of GDPR Recital 26: means, cost, time, technology."""
    models = attackers.threat_models(report)
    tried = [entry.title for entry in models if entry.attempted]
    return (
        "Means attempted: " + ("; ".join(tried) if tried else "none") + ".",
        f"Effort: {numbers.duration(report.seconds.total)} of computing in all, on ordinary "
        "hardware; no special skill beyond running published methods.",
        f"Technology: as of {report.created[:10]}. A later attacker may know more.",
        "Not weighed here: the cost of getting hold of a list of possible members, and what else "
        "such an attacker may know.",
    )


NO_REIDENTIFICATION_LIMIT = (
    "No number in this report is a probability of re-identification. Limits of that kind, such as "
    "the 0.09 used with EMA Policy 0070, must not be compared with an advantage, an AUC or a score."
)


def limits(report: AuditReport) -> tuple[str, ...]:
    """What this very audit cannot show."""
    lines = [
        "It speaks of the attacks that were run. An attacker with another idea may do better.",
        "It tests the table that was given, not the model that made it, and not a further release.",
        scope.power_sentence(report),
        "Where the tables hold several rows of one person, rows were attacked, not persons, unless "
        "the warnings say otherwise.",
        "Copies or exposure of very few records can hide in an average; sections 2 and 3 look for "
        "them.",
    ]
    cover = report.coverage
    if cover.n_members_attacked < cover.n_members:
        lines.insert(
            1,
            f"{numbers.count(cover.n_members - cover.n_members_attacked)} training members were "
            "not attacked: nothing is known of them.",
        )
    return tuple(lines)


METHODS = (
    "The game: the candidates are training members and held-out non-members, shuffled, without "
    "labels. An attack sees the candidates and the synthetic table and gives each candidate a "
    "score; labels are used only afterwards, to see how well the scores tell the two apart.",
    "Intervals: every value carries one, at 95% confidence unless it says otherwise; the method of "
    "each is named with the attack in section 7.",
    "Strongest attack: chosen on one half of the candidates and measured on the other, and the "
    "other way round, so that running many attacks does not manufacture a leak.",
    "Exact test: labels are shuffled many times, and the largest statistic over all attacks is "
    "compared with the observed one, which corrects for having looked at all of them.",
    "Score: each component is mapped so that 100 is what guessing gives, 50 is exactly the "
    "policy's limit and 0 is total exposure; the score is the lowest component's, never a mean.",
    "Verdict: PASS when the whole interval is at or above 50, FAIL when a component is wholly "
    "beyond its limit, INCONCLUSIVE otherwise, INVALID when the inputs cannot support an audit. "
    "What was not tested never counts as passed.",
)

SOURCES = (
    "Pilgram et al. 2025, on metrics for synthetic data, doi:10.1016/j.patter.2025.101320",
    "Yao et al. 2025, on what distance to the closest record misses, arXiv:2505.01524",
    "Das et al. 2024, blind baselines beat membership inference attacks, arXiv:2406.16201",
    "Ganev and De Cristofaro 2023, on similarity metrics and filters, arXiv:2312.05114",
    "Bates et al. 2023, conformal p-values and false discovery, doi:10.1214/22-AOS2244",
    "DeLong et al. 1988, intervals for areas under ROC curves, doi:10.2307/2531595",
    "Clopper and Pearson 1934, exact binomial intervals, doi:10.2307/2331986",
    "Article 29 Working Party 2014, Opinion 05/2014 on anonymisation techniques (WP216)",
)


def sources(report: AuditReport) -> tuple[str, ...]:
    """Fixed sources, and those of the attacks and checks in this report."""
    found = {
        reference
        for result in report.results
        for reference in result.references
        if "project" not in reference.lower()  # the project's own ideas are told with the attack
    }
    return (*SOURCES, *sorted(found - set(SOURCES)))


GLOSSARY = (
    ("Member", "A person (row) of the training table, from which the generator learned."),
    ("Non-member", "A person (row) of the held-out table, which the generator never saw."),
    ("Candidate", "Anybody who was attacked: members and non-members together."),
    ("Synthetic table", "What the generator made, and what would be released."),
    ("Attack", "A rule that gives every candidate a score: higher means more likely a member."),
    ("AUC", "How often a member scores above a non-member: 0.5 is guessing, 1 is certainty."),
    (
        "Advantage",
        "Share of members flagged less share of non-members flagged, at the best threshold: 0 is "
        "guessing, 1 is certainty.",
    ),
    ("False alarm", "A non-member wrongly named as a member."),
    (
        "95% interval",
        "Where the true value lies in 95 of 100 audits like this one; wide means few rows.",
    ),
    (
        "Singled out",
        "Named as a member by a rule under which at most a stated share of those named are wrong.",
    ),
    ("Shadow", "A generator trained by the attacker on known people, to learn how members look."),
    ("Stand-in", "A generator family used for shadows because the real one is unknown."),
    (
        "Placebo",
        "The same attack against tables that cannot know the members: it must find nothing.",
    ),
    ("Power", "The probability of seeing a leak of a given size if it is there."),
    ("DCR", "Distance from a row to the closest record of another table."),
    ("Epsilon", "The privacy loss of differential privacy; 0 would be none."),
)
