"""The Python examples of README and docs, type-checked as a reader would: `mypy --strict` and nothing else.

`make lint` runs it. One file for each page, whose blocks follow on one another.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.documents import ROOT, blocks, pages


def main() -> int:
    """The exit code of mypy over all examples."""
    with tempfile.TemporaryDirectory() as folder:
        for page in pages():
            code = ["\n".join(block.lines) for block in blocks(page) if block.language == "python"]
            if code:
                name = "_".join(page.relative_to(ROOT).with_suffix("").parts).replace("-", "_")
                Path(folder, f"{name}.py").write_text("\n\n".join(code) + "\n", encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--config-file",
            "",
            "--no-error-summary",
            folder,
        ]
        return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
