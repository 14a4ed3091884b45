"""The arrows between the modules: data flows one way, and witnesses do not know one another."""

import ast
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "sheetgpt"
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
           for path in PACKAGE.rglob("*.py")}  # fmt: skip
DOORS = {"xlsxwriter": {"sheetgpt.xlsx.writer"}, "click": {"sheetgpt.cli.main", "sheetgpt.cli.options", "sheetgpt.cli.workbook_commands"},
         "tokenizers": {"sheetgpt.gpt2.tokenizer"},
         "safetensors": {"sheetgpt.gpt2.checkpoint"}, "orjson": {"sheetgpt.gpt2.float32"}, "huggingface_hub": {"sheetgpt.hub.repository"},
         "ironcalc": {"sheetgpt.witnesses.ironcalc"},
         "openpyxl": {"sheetgpt.xlsx.decode.sheet_xml"}}  # fmt: skip
WITNESSES = [
    "sheetgpt.gpt2.forward",
    "sheetgpt.evaluator",
    "sheetgpt.witnesses.libreoffice",
    "sheetgpt.witnesses.ironcalc",
]


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


def reached(module: str) -> set[str]:
    """Every module of the package that a module, or a module in its package, imports sooner or later."""
    return reached_from(*(name for name in MODULES if name == module or name.startswith(module + ".")))


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


@pytest.mark.parametrize("witness", WITNESSES)
def test_witnesses_know_neither_one_another_nor_the_layout(witness: str) -> None:
    others = [name for name in [*WITNESSES, "sheetgpt.layout.build_book"] if name != witness]
    known = {name for name in reached(witness) for other in others if name == other or name.startswith(other + ".")}
    # The package of engines lists both of them.
    assert known <= (
        {"sheetgpt.witnesses.ironcalc", "sheetgpt.witnesses.libreoffice"} if "engines" in witness else set()
    )


def test_the_evaluator_knows_no_gpt2_and_no_files() -> None:
    strange = {"sheetgpt.gpt2.config", "sheetgpt.schema.workbook", "sheetgpt.gpt2.checkpoint", "sheetgpt.gpt2.tokenizer", "sheetgpt.xlsx.reader",
               "sheetgpt.xlsx.writer", "sheetgpt.xlsx.patch"}  # fmt: skip
    assert not reached("sheetgpt.evaluator") & strange
    assert not {
        name for name in reached("sheetgpt.functions") if name.startswith(("sheetgpt.evaluator", "sheetgpt.formula"))
    }


@pytest.mark.parametrize(("library", "doors"), DOORS.items())
def test_each_foreign_library_has_its_doors(library: str, doors: set[str]) -> None:
    users = {name for name, path in MODULES.items() if any(m.split(".")[0] == library for m in imports(path))}
    assert users == doors


def test_nothing_heavy_is_imported() -> None:
    for path in MODULES.values():
        assert not {name.split(".")[0] for name in imports(path)} & {"torch", "transformers", "scipy", "pandas"}


def test_no_circles() -> None:
    behind = {module: reached_from(module) for module in MODULES}
    for module, path in MODULES.items():
        for other in imports(path) & set(MODULES):
            assert module not in behind[other], f"{module} <-> {other}"


def test_no_module_is_very_long() -> None:
    assert {name: n for name, path in MODULES.items() if (n := len(path.read_text().splitlines())) > 320} == {}
