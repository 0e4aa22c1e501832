"""What checks of a plan are written with: flags, and numbers and names in their sentences."""

from __future__ import annotations

from optimizer.plan.plan import Flag, Plan
from optimizer.program.program import Program
from optimizer.program.terms import Terms


def warn(code: str, message: str, advice: str) -> Flag:
    """A flag about what may well be wrong."""
    return Flag(code=code, severity="warning", message=message, advice=advice)


def note(code: str, message: str, advice: str) -> Flag:
    """A flag about what is worth knowing."""
    return Flag(code=code, severity="note", message=message, advice=advice)


def percent(share: float) -> str:
    """A share in whole percent."""
    return f"{100 * share:.0f} %"


def amount_text(number: float) -> str:
    """A number of any size."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:,.6g}"


def names_text(names: list[str]) -> str:
    """Three names, and how many more there are."""
    names = list(dict.fromkeys(names))
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def booked_terms(program: Program, plan: Plan) -> list[Terms]:
    """The terms of the offers that are booked."""
    used = {line.offer for line in plan.lines}
    return [terms for terms in program.packages.terms if terms.name in used]
