"""What comes of files of results."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.results.result import ResultsAccount
from optimizer.results.table import Results


class ResultsReading(NamedTuple):
    """Files of results, read: what is shown of them, and the results."""

    account: ResultsAccount
    results: Results
