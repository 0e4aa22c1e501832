"""Plans from bold to safe as rows of CSV."""

from __future__ import annotations

from optimizer.report.sections.safety import kept_of
from optimizer.risk.safety.result import Safety, shares_of


def safety_rows(s: Safety) -> list[list[object]]:
    """The header and a row for each plan; numbers unrounded, unknown ones empty.

    Columns: plan, today (1 or 0), origins, k, k_to, value, bound, gap, status (of mean - k sd), sureness, expected, sd,
    p10, p50, p90, dependable_C for each confidence in percent (97_5 is 97.5 %), promise (confidences at which it
    promises most), target_chance, cost, hours, creators, all_kept, kept_LIMIT, share_GROUP (of the
    cost, or of the creators where cost is not known), bookings.
    """
    limits = list(dict.fromkeys(chance.limit for plan in s.plans for chance in plan.chances))
    groups = list(dict.fromkeys(share.group for plan in s.plans for share in plan.mix))
    levels = [f"{100 * confidence:.10g}".replace(".", "_") for confidence in s.confidences]
    header = ["plan", "today", "origins", "k", "k_to", "value", "bound", "gap", "status", "sureness", "expected", "sd",
              "p10", "p50", "p90", *(f"dependable_{level}" for level in levels), "promise", "target_chance", "cost",
              "hours", "creators", "all_kept", *(f"kept_{name}" for name in limits),
              *(f"share_{group}" for group in groups), "bookings"]  # fmt: skip
    rows: list[list[object]] = [list(header)]
    for plan in s.plans:
        c, shares = plan.criterion, shares_of(plan.mix)
        promised = [level for level, p in zip(levels, s.promises, strict=True) if p.plan == plan.number]
        row: list[object] = [plan.number, int(plan.number == s.today), "; ".join(plan.origins)]
        row += [None] * 6 if c is None else [c.k, plan.k_to, c.value, c.bound, c.gap, c.status]
        row += [plan.sureness, plan.expected, plan.sd, plan.p10, plan.p50, plan.p90, *plan.dependable]
        row += ["; ".join(promised), plan.target_chance, plan.cost, plan.hours, plan.creators, plan.all_kept]
        row += [kept_of(plan, name) for name in limits]
        row += [shares.get(group, 0.0) for group in groups]
        row.append("; ".join(f"{b.creators:g} x {b.offer} ({b.posts_per_creator})" for b in plan.bookings))
        rows.append(row)
    return rows
