"""What pytest itself reads: which tests are long, and what every test is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from support.checkpoints import random_checkpoint
from support.long import LONG
from support.paths import TESTS


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that take long; raises UsageError for one in the list that is not there."""
    lost = {f"{module}.py" for module in LONG if not (TESTS / f"{module}.py").exists()}
    found: dict[str, set[str]] = {}
    for item in items:
        module, function = item.path.relative_to(TESTS).with_suffix("").as_posix(), item.name.partition("[")[0]
        found.setdefault(module, set()).update((item.name, function))
        if {item.name, function}.intersection(LONG.get(module, ())):
            item.add_marker("long")
    if not any("::" in argument for argument in config.args):  # then each module was collected as a whole
        lost |= {f"{module}.py::{name}" for module in found for name in set(LONG.get(module, ())) - found[module]}
    if lost:
        raise pytest.UsageError(f"tests/support/long.py lists what is not there: {', '.join(sorted(lost))}")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or fills the cache of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("SHEETGPT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A random GPT-2 of 2 blocks, 3 heads of 4 columns."""
    return load_checkpoint(random_checkpoint(tmp_path_factory.mktemp("small")))
