"""Rewrite the packaged set, and the generated tables of the documentation where its folder is given."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from optimizer.benchmarks.making.derive import PACKAGED, QUICK, as_json, as_yaml, derive
from optimizer.benchmarks.making.tables import refresh


def main(arguments: Sequence[str]) -> None:
    """Write the set; `arguments` are folders of documentation."""
    benchmarks = derive()
    PACKAGED.write_text(as_yaml(benchmarks), encoding="utf-8")
    QUICK.write_text(as_json(benchmarks), encoding="utf-8")
    print(f"{PACKAGED.name}: {len(benchmarks.figures)} figures")
    for folder in arguments:
        page = Path(folder) / "explanation" / "benchmarks.md"
        page.write_text(refresh(page.read_text(encoding="utf-8"), benchmarks), encoding="utf-8")
        print(f"{page}: tables renewed")


if __name__ == "__main__":
    main(sys.argv[1:])
