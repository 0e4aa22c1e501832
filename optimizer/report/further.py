"""What one more of a result costs, in words that are the same wherever two plans stand beside each other."""

from __future__ import annotations

from optimizer.measures import MEASURES, REACH, unit_of
from optimizer.report.format import significant


def each_further(measure: str, currency: str, price: float, *, more: bool = True) -> str:
    """`each further engagement costs 1.04 USD`, or what each one fewer saves.

    Args:
        measure: of the result.
        currency: of the price.
        price: as `measures.cost_of_each` has it.
        more: whether there is more of the result, not less.
    """
    one = unit_of(measure, currency).removesuffix("s")
    one = {"people": " person"}.get(one, f" {one}")
    if measure not in MEASURES and measure != REACH.name:
        one = " one"  # of a measure that the user has named
    words = f"each further{one} costs" if more else f"each{one} fewer saves"
    return f"{words} {significant(price)} {currency}"
