"""Programs and data that some tests need: skipped with a reason where one is missing; CI fails without the programs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pulp
import pytest

NAMES = {"chromium": ("chromium", "chromium-browser", "google-chrome"), "soffice": ("soffice", "libreoffice")}


def path_of(program: str) -> str | None:
    """Where a program is, None where it is not installed."""
    return next((found for name in NAMES.get(program, (program,)) if (found := shutil.which(name))), None)


def needs(program: str) -> Any:
    """Mark a test that needs a program; on CI it then fails instead of being skipped."""
    missing = path_of(program) is None and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"{program} is not installed")


def require(program: str) -> str:
    """The path of a program a test marked with `needs` uses."""
    found = path_of(program)
    assert found is not None, f"{program} is not installed, and CI must not skip what needs it"
    return found


def bundled_cbc() -> str | None:
    """The path of the CBC that comes with PuLP 3.3; None where it is not there."""
    engine = pulp.PULP_CBC_CMD(msg=False) if hasattr(pulp, "PULP_CBC_CMD") else None
    return str(engine.path) if engine is not None and engine.available() else None


needs_cbc = pytest.mark.skipif(
    not hasattr(pulp, "PULP_CBC_CMD") or (bundled_cbc() is None and not os.environ.get("CI")),
    reason="PuLP 4 bundles no CBC, and PuLP 3.3 not for every machine",
)
"""Marks a test that needs CBC; on CI it fails where PuLP 3.3 has none."""


def shared_data() -> Path:
    """The folder of data that are not part of the project."""
    return Path(os.environ.get("CREATORMIX_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")


needs_shared_data = pytest.mark.skipif(
    not shared_data().is_dir(), reason="the shared data folder is not here; set CREATORMIX_SHARED_DATA to it"
)
