"""Who may import whom: the design's flow, read from the source with `ast`.

    file -> load -> Scenario -> terms -> packages and rules -> model -> solve -> Plan -> report

Nothing flows back. A line of the table that grows is a decision, so it is made here. Later parts
(explanations, comparisons, ...) stand beside the core, need no line, and depend on it, never the reverse.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "optimizer"

ALLOWED: dict[str, str] = {
    # words, errors, numbers: no package but the standard library
    "names": "",
    "paths": "names",
    "errors": "paths",
    "measures": "",
    "quantities": "errors",
    "files": "",
    # the schema
    "fields": "errors names quantities",
    "offer": "errors fields quantities",
    "scenario": "errors fields offer paths quantities",
    "schema": "offer scenario",
    "problems": "errors quantities scenario",
    # text -> scenario
    "yaml_syntax": "",
    "yaml12": "errors names yaml_syntax",
    "changes": "errors fields offer paths quantities yaml12",
    "each": "changes errors offer quantities yaml12",
    "load": "changes each errors files problems quantities scenario yaml12",
    # scenario -> columns and rows
    "tiers": "errors names offer scenario",
    "terms": "errors quantities scenario tiers",
    "packages": "scenario terms",
    "audience": "",
    "limit_checks": "errors fields measures packages scenario",
    "limits": "audience errors fields limit_checks measures packages scenario",
    "limit_rows": "audience fields limits measures packages scenario",
    "prepare": "audience errors limit_checks limit_rows limits measures packages quantities scenario terms",
    # columns and rows -> solution
    "highs": "errors packages",
    "solve": "errors highs packages",
    "model": "limits packages prepare solve",
    # solution -> plan
    "plan": "terms",
    "stamp": "plan scenario",
    "verify": "fields scenario terms",
    "bookable": "limits packages prepare verify",
    "question": "bookable limits model packages prepare",
    "cuts": "limits model packages prepare",
    "moves": "limits packages prepare",
    "search": "bookable cuts errors limits model moves packages prepare question solve verify",
    "review": "limits measures plan prepare",
    "limit_results": "limits measures packages plan prepare",
    "result": "__version__ bookable limit_results limits packages plan prepare quantities scenario stamp terms verify",
    "flow": "bookable errors limits measures packages plan prepare question scenario search",
    # what people use
    "__init__": "",
}
"""Module of the core -> modules it imports when it is itself imported, all of lines above it."""

LATER: dict[str, str] = {
    "files": "errors",
    "scenario": "load",  # with_changes
    "load": "benchmarks prepare saved",  # saved: the scenario that a plan carries
    "tiers": "benchmarks",
    "terms": "benchmarks",
    "prepare": "solve",  # is an objective limited at all? a question for the solver
    "plan": "measures report",  # a table in a notebook
    "review": "benchmarks",
    "result": "review solve",  # solve: the solver's version, of a plan that was solved just now
    "flow": "model result ways_out",  # ways_out: why there is no plan
}
"""Module -> further modules it imports inside a function: to start fast, or for a method that leads on."""

FOLDERS: dict[str, str] = {
    "benchmarks": "errors files names quantities yaml12",
    "report": "benchmarks errors measures plan",
    "cli": "*",
}
"""Package -> what all its modules may import besides each other; reports also draw the results of later parts."""

OUTSIDE: dict[str, str] = {
    "pulp": "highs model solve",
    "highspy": "highs",
    "click": "cli",
    "yaml": "yaml12 benchmarks",
    "rich": "cli report",
    "xlsxwriter": "report",
    "jinja2": "report",
    "markupsafe": "report",
    "vl_convert": "report",
    "distributed": "cluster",
    "numpy": "audience bookable cuts flow highs limit_checks limit_results limit_rows limits model "
    "moves packages prepare question result review search solve",
    "pydantic": "benchmarks cli fields load offer plan problems scenario schema terms",
}
"""Package from elsewhere -> modules that may import it."""

LATER_PARTS = frozenset({"numpy", "pydantic"})
"""Packages from elsewhere that a later part may import; solving, reading and printing go through the core."""

HEAVY = frozenset(
    {
        "numpy",
        "pulp",
        "highspy",
        "pydantic",
        "yaml",
        "click",
        "rich",
        "xlsxwriter",
        "jinja2",
        "vl_convert",
        "distributed",
    }
)


def imports(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    """Every imported module, and whether inside a function; imports for types only are left out."""

    def visit(node: ast.AST, later: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.Import):
                yield from ((alias.name, later) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, "imports are absolute"
                whole = child.module in ("optimizer", "optimizer.report")
                names = [f"{child.module}.{a.name}" if whole else str(child.module) for a in child.names]
                yield from ((name, later) for name in names)
            yield from visit(child, later or isinstance(child, ast.FunctionDef | ast.Lambda))

    return visit(tree, False)


class Module:
    def __init__(self, path: Path) -> None:
        relative = path.relative_to(ROOT)
        self.folder = relative.parts[0] if len(relative.parts) > 1 else None
        self.name = relative.stem
        self.label = str(relative)
        self.lines = path.read_text(encoding="utf-8").count("\n")
        self.now: set[str] = set()
        self.later: set[str] = set()
        self.outside: set[str] = set()
        for name, later in imports(ast.parse(path.read_text(encoding="utf-8"))):
            top, _, rest = name.partition(".")
            if top != "optimizer":
                self.outside.add(top)
            elif rest:
                (self.later if later else self.now).add(rest.split(".")[0])


MODULES = [Module(path) for path in sorted(ROOT.rglob("*.py"))]
CORE = [module for module in MODULES if module.folder is None and module.name in ALLOWED]
PARTS = {module.name for module in MODULES if module.folder is None and module.name not in ALLOWED}
every_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.label)


@every_module
def test_imports_are_those_of_the_table(module: Module) -> None:
    if module.folder == "cli":
        return
    if module.folder:
        now = later = (
            set(FOLDERS[module.folder].split())
            | {module.folder}
            | (PARTS if module.folder == "report" else set())
        )
    elif module.name == "__main__":  # `python -m optimizer`: the door to the command line and nothing else
        now = later = {"cli"}
    elif module.name not in ALLOWED:
        now = PARTS | set(ALLOWED) - {"__init__"} | {"__version__"}
        later = now | {"report"}  # findings in words are part of an explanation
    else:
        now = set(ALLOWED[module.name].split())
        later = now | set(LATER.get(module.name, "").split())
    assert module.now <= now
    assert module.later <= later


@every_module
def test_packages_from_elsewhere_are_imported_where_the_table_says(module: Module) -> None:
    owner = module.folder or module.name
    known = sys.stdlib_module_names | set(OUTSIDE)
    assert module.outside <= known, "a new dependency is a decision; see OUTSIDE"
    free = LATER_PARTS if owner in PARTS else set()
    wrong = {p for p in (module.outside & set(OUTSIDE)) - free if owner not in OUTSIDE[p].split()}
    assert not wrong


@every_module
def test_files_are_short(module: Module) -> None:
    assert module.lines <= 420, "a room with one owner; split it (the aim is 400)"


@every_module
def test_files_are_named_for_what_they_hold(module: Module) -> None:
    assert module.name not in ("utils", "util", "tools", "common", "misc")


def test_the_table_flows_one_way() -> None:
    above: set[str] = {"__version__"}
    for name, wanted in ALLOWED.items():
        assert set(wanted.split()) <= above, name
        above.add(name)


def test_the_table_has_no_line_too_many() -> None:
    names = {module.name for module in CORE}
    assert set(ALLOWED) <= names
    for name in names:
        module = next(module for module in CORE if module.name == name)
        assert not set(LATER.get(name, "").split()) - module.later, f"{name} no longer imports these"
    for package, owners in OUTSIDE.items():
        users = {module.folder or module.name for module in MODULES if package in module.outside}
        assert set(owners.split()) <= users | {"cli"}, package


def test_nothing_imports_the_command_line() -> None:
    inside = [m for m in MODULES if m.folder != "cli" and m.name != "__main__"]
    assert not [m.label for m in inside if "cli" in m.now | m.later]


def test_verification_shares_nothing_with_what_it_verifies() -> None:
    verify = next(module for module in CORE if module.name == "verify")
    assert not (verify.now | verify.later) & {
        "packages",
        "limits",
        "model",
        "solve",
        "prepare",
        "audience",
        "result",
    }
    assert not verify.outside & HEAVY


def test_results_do_not_draw() -> None:
    """Only the command line and a plan's own table in a notebook know the report."""
    users = {module.name for module in CORE if "report" in module.now | module.later}
    assert users <= {"cli", "plan"}
    assert not [module.label for module in CORE if "report" in module.now]


def loaded(code: str) -> set[str]:
    """Heavy packages in memory after running some code in a fresh interpreter."""
    script = f"import sys\n{code}\nprint('LOADED', *sorted(set(sys.modules) & {set(HEAVY)!r}))"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT.parent
    )
    (line,) = [line for line in run.stdout.splitlines() if line.startswith("LOADED")]
    return set(line.split()[1:])


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded("import optimizer; assert 'optimize' in dir(optimizer)") == set()


def test_an_error_can_be_caught_without_loading_anything_heavy() -> None:
    assert loaded("from optimizer import ScenarioError, InfeasibleError, Problem") == set()


def test_help_loads_nothing_heavy() -> None:
    code = (
        "from optimizer.cli.main import main\n"
        "sys.argv = ['optimize', '--help']\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code"
    )
    assert loaded(code) <= {"click"}


def test_reading_a_plan_loads_no_solver() -> None:
    assert not loaded("from optimizer import Plan") & {"pulp", "highspy", "numpy", "yaml", "click", "rich"}


def test_loading_a_scenario_loads_no_solver() -> None:
    text = "objective: creators\\noffers: [{creators: {max: 3}}]\\n"
    assert not loaded(f"from optimizer import parse_scenario; parse_scenario('{text}')") & {
        "highspy",
        "click",
        "rich",
    }
