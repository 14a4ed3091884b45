"""The arrows between the modules: data flows one way, and witnesses do not know one another; no file is very long."""

import ast
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from support.paths import ROOT

PACKAGE = ROOT / "sheetgpt"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}

# Where the Python files of the repository lie, besides those at its top, and how many lines each may have.
FOLDERS = ["sheetgpt", "tests", "benchmarks", "weights/training", "docs"]
MOST_LINES = 320

# From the top to the bottom of the house: a package imports packages below it only.
ORDER = [
    "__main__",
    "cli",
    "pytest_plugin",
    "lab",
    "verification",
    "split",
    "commands",
    "layout",
    "witnesses",
    "evaluator",
    "schema",
    "hub",
    "functions",
    "testing",
    "xlsx",
    "comparison",
    "gpt2",
    "formula",
    "book",
    "system",
    "errors",
    "version",
]
EVALUATOR = ["calculator", "schedule", "graph", "compile", "forms", "batch", "index"]  # in the same way

# The modules through which a foreign library comes in.
DOORS = {
    "click": {
        "cli.compare_commands",
        "cli.lab_commands",
        "cli.main",
        "cli.options",
        "cli.steering_commands",
        "cli.workbook_commands",
    },
    "distributed": {"lab.workers"},
    "huggingface_hub": {"hub.repository"},
    "ironcalc": {"witnesses.ironcalc"},
    "isal": {"xlsx.decode.zip_stream"},
    "ml_dtypes": {"gpt2.checkpoint"},
    "openpyxl": {"xlsx.decode.cell_values"},
    "orjson": {"gpt2.float32"},
    "pandas": {"lab.table"},  # for those who have it
    "pytest": {"pytest_plugin", "pytest_plugin.unused"},  # not loaded but by pytest
    "safetensors": {"gpt2.checkpoint"},
    "tokenizers": {"gpt2.own_tokenizer", "gpt2.tokenizer"},
    "uno": {"witnesses.libreoffice.uno_session"},
    "xlsxwriter": {"xlsx.charts", "xlsx.writer"},
}
WITNESSES = {
    "evaluator": ["evaluator"],
    "reference": ["gpt2.forward", "witnesses.reference"],
    "LibreOffice": ["witnesses.libreoffice"],
    "IronCalc": ["witnesses.ironcalc"],
}


@cache
def imports(path: Path) -> set[str]:
    """The names of all modules that a file imports; "from package import module" means the module only."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & set(MODULES)) or {node.module}
    return found


def reached_from(*modules: str) -> set[str]:
    """These modules, and what they import sooner or later."""
    seen: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [other for other in imports(MODULES[name]) if other in MODULES]
    return seen


def package_of(module: str) -> str:
    """The package of a module under sheetgpt, or the module where it lies in none; "" for sheetgpt itself."""
    return module.removeprefix("sheetgpt").removeprefix(".").partition(".")[0]


def under(name: str, *rooms: str) -> bool:
    """Whether a module is one of some rooms of sheetgpt, or in one."""
    return any(f"{name}.".startswith(f"sheetgpt.{room}.") for room in rooms)


def test_a_package_imports_packages_below_it_only() -> None:
    assert {package_of(name) for name in MODULES} - {""} == set(ORDER)
    wrong = [
        f"{module} imports {other}"
        for module, path in MODULES.items()
        for other in imports(path) & set(MODULES)
        if package_of(module) and ORDER.index(package_of(module)) > ORDER.index(package_of(other))
    ]
    assert wrong == []


def test_the_evaluator_flows_one_way_too() -> None:
    floors = {f"sheetgpt.evaluator.{name}": floor for floor, name in enumerate(EVALUATOR)}
    wrong = [
        f"{module} imports {other}"
        for module, path in MODULES.items()
        for other in imports(path) & set(MODULES)
        if (here := floors.get(".".join(module.split(".")[:3]))) is not None
        and (there := floors.get(".".join(other.split(".")[:3]))) is not None
        and here > there
    ]
    assert wrong == []


def test_no_exported_name_is_a_module() -> None:
    for name, path in MODULES.items():
        if path.name == "__init__.py":
            package = import_module(name)
            inside = {module.removeprefix(f"{name}.") for module in MODULES if module.startswith(f"{name}.")}
            assert not inside & set(getattr(package, "__all__", ())), name


@pytest.mark.parametrize("witness", WITNESSES)
def test_a_witness_knows_neither_another_one_nor_layout_nor_writer(witness: str) -> None:
    others = [room for name, rooms in WITNESSES.items() if name != witness for room in rooms]
    known = reached_from(*(name for name in MODULES if under(name, *WITNESSES[witness])))
    assert sorted(name for name in known if under(name, *others, "layout", "xlsx.writer", "xlsx.encode")) == []


@pytest.mark.parametrize("witness", ["LibreOffice", "IronCalc"])
def test_a_program_is_asked_by_modules_that_calculate_nothing(witness: str) -> None:
    known = reached_from(*(name for name in MODULES if under(name, *WITNESSES[witness])))
    assert len(known) > 5
    assert sorted(name for name in known if under(name, "evaluator", "functions", "formula", "gpt2", "schema")) == []


def test_the_evaluator_knows_no_gpt2_and_no_files() -> None:
    known = reached_from(*(name for name in MODULES if under(name, "evaluator")))
    assert sorted(name for name in known if under(name, "gpt2", "schema", "xlsx", "system")) == []
    known = reached_from(*(name for name in MODULES if under(name, "functions")))
    assert sorted(name for name in known if under(name, "evaluator", "formula")) == []


@pytest.mark.parametrize(("library", "doors"), DOORS.items())
def test_each_foreign_library_has_its_doors(library: str, doors: set[str]) -> None:
    users = {name for name, path in MODULES.items() if any(m.split(".")[0] == library for m in imports(path))}
    assert users == {f"sheetgpt.{door}" for door in doors}


def test_no_library_comes_in_by_another_way() -> None:
    given = {"numpy", "sheetgpt", "__future__", *sys.stdlib_module_names}
    found = {name.split(".")[0] for path in MODULES.values() for name in imports(path)} - given
    assert found <= set(DOORS), "state the door of a new library in DOORS"


def test_nothing_heavy_is_imported() -> None:
    for path in MODULES.values():
        assert not {name.split(".")[0] for name in imports(path)} & {"torch", "transformers", "scipy"}


def test_no_circles() -> None:
    behind = {module: reached_from(module) for module in MODULES}
    for module, path in MODULES.items():
        for other in imports(path) & set(MODULES):
            assert module not in behind[other], f"{module} <-> {other}"


def test_no_module_is_very_long() -> None:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")] + list(ROOT.glob("*.py"))
    assert set(MODULES.values()) < set(files)
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
