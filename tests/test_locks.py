"""What is installed for planning, tests and checks is pinned, with hashes, for every Python and machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PROJECT["dependency-groups"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
PLAN = (*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"], *GROUPS["build"])
TEST = (*PLAN, *EXTRAS["report"], *EXTRAS["xlsx"], *EXTRAS["cluster"], *GROUPS["test"])
NEEDED = {"plan": PLAN, "test": TEST, "lint": (*TEST, *GROUPS["lint"])}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64"))
ENTRY = re.compile(
    r"(?P<pin>(?P<name>[a-z0-9.-]+)==[^ ;]+( ; [^\\]+?)?)(?P<hashes>( \\\n    --hash=sha256:[0-9a-f]{64})+)"
)


def pins(lock: str) -> list[Requirement]:
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    return [Requirement(entry["pin"]) for entry in ENTRY.finditer(text)]


def held(lock: str, python: str, platform: str, machine: str) -> dict[str, str]:
    """Name -> version that is installed there."""
    there = default_environment() | {
        "python_version": python, "python_full_version": f"{python}.1", "sys_platform": platform,
        "platform_machine": machine, "platform_python_implementation": "CPython",
    }  # fmt: skip
    found: dict[str, str] = {}
    for pin in pins(lock):
        if pin.marker is None or pin.marker.evaluate({str(key): str(value) for key, value in there.items()}):
            assert pin.name not in found, f"{pin.name} twice"
            (version,) = pin.specifier
            found[pin.name] = version.version
    return found


@pytest.mark.parametrize("lock", NEEDED)
def test_a_lock_holds_versions_and_hashes_and_nothing_else(lock: str) -> None:
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    rest = ENTRY.sub("", text).strip().splitlines()
    assert [line for line in rest if line and not line.startswith("#")] == []  # no index, no path, no option
    assert all("/" not in line for line in rest), rest


@pytest.mark.parametrize("lock", NEEDED)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(("platform", "machine"), MACHINES)
def test_every_requirement_is_locked_within_its_range(
    lock: str, python: str, platform: str, machine: str
) -> None:
    there = held(lock, python, platform, machine)
    for needed in map(Requirement, NEEDED[lock]):
        assert needed.specifier.contains(there[canonicalize_name(needed.name)]), needed


@pytest.mark.parametrize("python", PYTHONS)
def test_the_locks_agree(python: str) -> None:
    plan, test, lint = (held(lock, python, "linux", "x86_64") for lock in ("plan", "test", "lint"))
    assert plan.items() <= test.items() <= lint.items()


def test_python_3_11_gets_pulp_3_and_newer_ones_pulp_4() -> None:
    versions = {python: held("plan", python, "linux", "x86_64")["pulp"] for python in PYTHONS}
    assert versions.pop("3.11").startswith("3.3.")
    assert all(version.startswith("4.") for version in versions.values())


def test_the_ranges_for_building_are_said_alike() -> None:
    assert set(PROJECT["build-system"]["requires"]) <= set(GROUPS["build"])


def test_make_installs_nothing_but_what_is_locked() -> None:
    """Every `pip install` compares hashes, installs the package alone, or fetches the program that writes locks."""
    lines = [
        line for name in ("Makefile", ".ci/run") for line in (ROOT / name).read_text("utf-8").splitlines()
    ]
    allowed = ("--require-hashes -r locks/", "--no-deps --no-build-isolation -e .", ".venv-lock/bin/")
    installs = [line for line in lines if "PIP_INSTALL)" in line or re.search(r"^[^#].*pip install", line)]
    assert len(installs) >= 5
    assert [line for line in installs if not any(words in line for words in allowed)] == [
        "PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check"
    ]
