"""A set that was learnt, as the text of its file."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.benchmarks.learnt import table_of
from optimizer.language.yaml_text import comment, scalar
from optimizer.learning.learned import Learned


def house_text(learned: Learned) -> str:
    """YAML that a scenario names with `benchmarks:`, and from which `learn` goes on."""
    return "\n".join(_lines(learned)) + "\n"


def _lines(learned: Learned) -> Iterator[str]:
    made = learned.benchmarks()
    yield f"# What {learned.results:,} results of our own say against {learned.over}: factors on its figures."
    yield "# In a scenario: benchmarks: <this file>. More results: optimize learn more.csv --house <this file>."
    yield "# An entry of a creator wins over one of a tier and format, and that over the platform's."
    yield f"name: {scalar(made.name)}"
    yield f"as_of: {scalar(made.as_of)}"
    yield f"currency: {scalar(made.currency)}"
    yield f"description: {scalar(comment(made.description))}"
    yield f"over: {scalar(made.over)}"
    yield "learnt: |"
    for line in table_of(made.learnt):
        yield f"  {line}"
    yield "made:"
    yield "  # The results themselves, packed: by them each counts once, however often it is read."
    yield f'  results: "{made.made["results"]}"'
