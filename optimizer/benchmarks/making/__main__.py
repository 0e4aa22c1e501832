"""`python -m optimizer.benchmarks.making`: fit the packaged set anew, write it, and print how good it is.

`--quick` keeps the held-out scores of the packaged file, which take a minute, where nothing they rest on has changed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date

from optimizer.benchmarks.making.compose import PACKAGED, as_json, compose, fingerprint
from optimizer.benchmarks.making.quality import measured, printed


def main(arguments: Sequence[str]) -> None:
    """Write the set; `arguments` may hold `--quick`."""
    old = json.loads(PACKAGED.read_text(encoding="utf-8"))["made"] if PACKAGED.exists() else {}
    if "--quick" in arguments and old and old["quality"]["rests_on"] == fingerprint():
        widenings, quality = old["widenings"], old["quality"]
    else:
        widenings, quality = measured(date.today(), fingerprint())
    benchmarks = compose(widenings, quality)
    PACKAGED.write_text(as_json(benchmarks), encoding="utf-8")
    print(printed(benchmarks))


if __name__ == "__main__":
    main(sys.argv[1:])
