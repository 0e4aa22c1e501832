"""The rooms of `optimizer/` and their order, read from the source with `ast`.

A module imports its own room and rooms before it: at the top, inside functions and for types only. The rooms of one
line do not know each other. `docs/explanation/architecture.md` says what each is for.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "optimizer"

ROOMS = (
    ("__version__",),
    ("language",),
    ("jobs",),
    ("benchmarks",),
    ("scenario",),
    ("roster",),
    ("results",),
    ("program",),
    ("solve",),
    ("plan", "infeasible"),
    ("load",),
    ("mediaplan", "flow"),
    ("whatif", "finance"),
    ("risk", "actuals", "learning"),
    ("report",),
    ("cli",),
    ("__init__", "__main__"),
)
"""From left to right; `load` stands above `plan`, because a saved plan is read wherever a scenario is."""

ELSEWHERE = {
    "pulp": {"solve"},
    "highspy": {"solve"},
    "numpy": {
        "benchmarks",
        "roster",
        "results",
        "program",
        "solve",
        "plan",
        "infeasible",
        "whatif",
        "risk",
        "actuals",
        "learning",
    },
    "pydantic": {
        "language",
        "benchmarks",
        "scenario",
        "program",
        "plan",
        "mediaplan",
        "finance",
        "learning",
        "cli",
    },
    "yaml": {"language", "benchmarks"},
    "click": {"cli"},
    "xlsxwriter": {"report"},
    "jinja2": {"report"},
    "markupsafe": {"report"},
    "vl_convert": {"report"},
    "distributed": {"jobs"},
    "python_calamine": {"roster"},
}
"""Package from elsewhere -> rooms that import it."""

HEAVY = frozenset(ELSEWHERE) - {"markupsafe"}
RANK = {room: rank for rank, rooms in enumerate(ROOMS) for room in rooms}


class Module:
    def __init__(self, path: Path) -> None:
        parts = path.relative_to(ROOT).with_suffix("").parts
        self.label = "/".join(parts)
        self.room = parts[0]
        self.name = ".".join(("optimizer", *(parts[:-1] if parts[-1] == "__init__" else parts)))
        self.text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        self.inside: list[str] = []
        """Every module or name of the package that is imported, wherever in the file, also for types only."""
        self.outside: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, "imports are absolute"
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                if name.split(".")[0] == "optimizer":
                    self.inside.append(name)
                else:
                    self.outside.add(name.split(".")[0])


MODULES = {module.name: module for module in map(Module, sorted(ROOT.rglob("*.py")))}
every_module = pytest.mark.parametrize("module", MODULES.values(), ids=lambda module: module.label)


def imported(module: Module) -> set[str]:
    """The modules it imports: `from a.b import c` is a.b.c where that is a module, else a.b."""
    found = {name if name in MODULES else name.rpartition(".")[0] for name in module.inside}
    return found - {module.name}


@every_module
def test_a_module_imports_its_own_room_and_rooms_before_it(module: Module) -> None:
    for name in imported(module):
        room = MODULES[name].room
        assert room == module.room or RANK[room] < RANK[module.room], f"{module.label} imports {name}"


def test_there_is_no_circle_of_any_kind() -> None:
    order = TopologicalSorter({name: imported(module) for name, module in MODULES.items()})
    assert len(list(order.static_order())) == len(MODULES)  # raises CycleError, which names the modules


def test_every_room_is_in_the_list_and_every_name_of_the_list_is_a_room() -> None:
    assert {module.room for module in MODULES.values()} == set(RANK)


@every_module
def test_packages_from_elsewhere_are_imported_where_the_table_says(module: Module) -> None:
    assert module.outside <= sys.stdlib_module_names | set(ELSEWHERE), "a new dependency is a decision"
    assert not [p for p in module.outside & set(ELSEWHERE) if module.room not in ELSEWHERE[p]]


def test_the_table_of_packages_has_no_room_too_many() -> None:
    for package, rooms in ELSEWHERE.items():
        assert rooms == {module.room for module in MODULES.values() if package in module.outside}, package


@every_module
def test_every_model_is_built_without_a_look_at_callers(module: Module) -> None:
    assert module.label == "language/records" or not re.search(
        r"^ *class \w+\(BaseModel\b", module.text, re.M
    )


@every_module
def test_the_init_of_a_folder_is_a_docstring(module: Module) -> None:
    if module.label.endswith("/__init__"):
        assert ast.get_docstring(module.tree)
        assert len(module.tree.body) == 1


def test_verification_shares_nothing_with_what_it_verifies() -> None:
    verify = MODULES["optimizer.solve.verify"]
    below = [n for n in verify.inside if n.startswith(("optimizer.program", "optimizer.solve"))]
    people = "optimizer.solve.verify_reach"
    assert [name for name in below if not name.startswith(people)] == ["optimizer.program.terms.Terms"]
    reach = MODULES[people]
    assert not [n for n in reach.inside if n.startswith(("optimizer.program", "optimizer.solve"))]
    assert not (verify.outside | reach.outside) & HEAVY


@every_module
def test_files_are_short(module: Module) -> None:
    assert module.text.count("\n") <= 420, "a file with one owner; split it (the aim is 400)"


@every_module
def test_files_are_named_for_what_they_hold(module: Module) -> None:
    assert module.label.split("/")[-1] not in ("utils", "util", "tools", "common", "misc", "helpers")


def test_no_code_reads_the_message_of_an_error() -> None:
    """Messages are for people: what code decides by is a class or a field."""
    read = [
        f"{module.label}:{node.lineno}"
        for module in MODULES.values()
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Compare) and any(says(part) for part in (node.left, *node.comparators)))
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("startswith", "endswith", "partition", "rpartition", "find", "index")
            and says(node.func.value)
        )
    ]
    assert read == []


def test_modules_that_are_named_in_text_exist() -> None:
    """`sys.modules["optimizer..."]` finds nothing, and says nothing, once a module has moved."""
    named = {
        node.value
        for module in MODULES.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("optimizer.")
        and " " not in node.value
    }
    assert named - {"optimizer."}
    assert named - {"optimizer."} <= set(MODULES)


def test_no_module_takes_a_private_name_of_another() -> None:
    private = [
        f"{module.label}: {name}"
        for module in MODULES.values()
        for name in module.inside
        if name.rpartition(".")[2].startswith("_") and not name.endswith("__")
    ]
    assert private == []


def says(node: ast.expr) -> bool:
    """Whether an expression is the message or hint of a problem or an error, or the text of an exception."""
    if isinstance(node, ast.Attribute):
        return node.attr in ("message", "hint") and not (
            isinstance(node.value, ast.Name) and node.value.id == "self"
        )
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str"
    return called and any(isinstance(arg, ast.Name) and arg.id in ("error", "problem") for arg in node.args)  # type: ignore[union-attr]


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
    assert loaded("from optimizer import Plan") <= {"pydantic"}


def test_loading_a_scenario_loads_no_solver() -> None:
    text = "objective: creators\\noffers: [{creators: {max: 3}}]\\n"
    assert loaded(f"from optimizer import parse_scenario; parse_scenario('{text}')") <= {
        "pydantic",
        "numpy",
        "yaml",
    }


def test_a_saved_frontier_is_read_and_drawn_without_a_solver() -> None:
    code = "from optimizer import Frontier; from optimizer.report.formats import text, markdown, csv"
    assert loaded(code) <= {"pydantic"}


def test_what_safety_costs_is_read_and_told_without_a_solver() -> None:
    code = (
        "from optimizer import Safety; import optimizer.report.sections.safety, optimizer.report.sections.safety_csv; "
        "import optimizer.report.workbook.safety_sheet, optimizer.report.page.safety_charts"
    )
    assert not loaded(code) & {"numpy", "pulp", "highspy"}
