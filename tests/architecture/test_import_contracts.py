"""Every import contract holds, and each breaks on a deliberate violation in a copy of the tree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CYCLES = "No cycles"
PACKAGES = ("app", "views", "domain", "engine")
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["name"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def _imports_each_forbidden(name: str, package: str) -> dict[str, str]:
    """One module per forbidden package, so that each is seen."""
    modules = CONTRACTS[name]["forbidden_modules"]
    return {f"{package}/violation_{module.replace('.', '_')}.py": f"import {module}\n" for module in modules}


def _cycle_in(package: str) -> dict[str, str]:
    return {
        f"{package}/cycle_a.py": f"import {package}.cycle_b\n",
        f"{package}/cycle_b.py": f"import {package}.cycle_a\n",
    }


# contract -> files that break it; every line of every file is a violation of its own
VIOLATIONS: Mapping[str, Mapping[str, str]] = {
    "Layers": {
        "domain/violation.py": "import engine\nimport app.bus\n",
        "engine/violation.py": "import domain\n",
        "app/bus.py": "import app.auth\n",
        "app/bridge/violation.py": "import app.usecases\nimport app.auth\n",
        "app/usecases/violation.py": "import app.queries\nimport app.desk\n",
        "app/desk.py": "import app.rest\n",
        "app/rest/violation.py": "import views\nimport app.bootstrap\nimport app.scheduler\n",
        "views/violation.py": "import app.rest\nimport app.cli\n",
        "app/clients/violation.py": "import domain\nimport app.rest\nimport app.queries\n",
    },
    "Inside views: pages > state > plots": {
        "views/plots/violation.py": "import views.pages\nimport views.state\n",
        "views/state/violation.py": "import views.pages\nimport views.plots\n",
    },
    "Inside a platform": {
        "app/platform/usecases/violation.py": "import app.platform.rest\nimport app.platform.queries\n",
        "app/platform/queries/violation.py": "import app.platform.bootstrap\n",
    },
    "Only the bridge knows the engine": {
        "app/usecases/violation.py": "import engine\n",
        "app/rest/violation.py": "import engine\n",
        "views/violation.py": "import engine\n",
    },
    "Only bootstrap knows the database": {
        "app/usecases/violation.py": "import app.persistence\n",
        "app/rest/violation.py": "import app.persistence\n",
        "views/violation.py": "import app.persistence\n",
    },
    "Domain is plain Python": _imports_each_forbidden("Domain is plain Python", "domain"),
    "Engine is numbers only": _imports_each_forbidden("Engine is numbers only", "engine"),
    "Clients need nothing of the product": _imports_each_forbidden(
        "Clients need nothing of the product", "app/clients"
    ),
    "Plots hold no state": _imports_each_forbidden("Plots hold no state", "views/plots"),
    CYCLES: {path: text for package in PACKAGES for path, text in _cycle_in(package).items()},
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source tree."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=lambda folder, names: _not_source(Path(folder), names)
        )
    return tmp_path


def _not_source(folder: Path, names: list[str]) -> list[str]:
    return [n for n in names if n == "__pycache__" or ((folder / n).is_file() and not n.endswith(".py"))]


def lint(tree: Path) -> str:
    """What import-linter says about a tree, on one line per thing."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


def test_all_contracts_hold(tree: Path) -> None:
    said = lint(tree)
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in said, said


def test_each_contract_has_a_violation() -> None:
    assert set(VIOLATIONS) == set(CONTRACTS)


@pytest.mark.parametrize("name", VIOLATIONS)
def test_contract_breaks(tree: Path, name: str) -> None:
    for path, text in VIOLATIONS[name].items():
        file = tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as opened:
            opened.write(text)
    said = lint(tree)
    assert re.search(rf"^{re.escape(name)} .*BROKEN", said, re.MULTILINE), said
    report = " ".join(said.split())
    unseen = [edge for edge in _edges(name) if edge not in report]
    assert not unseen, said


def _edges(name: str) -> list[str]:
    """What the report must say of a contract's violations."""
    if name == CYCLES:
        return [f"No cycles are allowed in {package}." for package in PACKAGES]
    return [
        f"{path.removesuffix('.py').replace('/', '.')} -> {line.removeprefix('import ')}"
        for path, text in VIOLATIONS[name].items()
        for line in text.splitlines()
    ]


def test_every_module_of_app_has_a_floor() -> None:
    layers = " | ".join(CONTRACTS["Layers"]["layers"])
    placed = set(layers.split(" | "))
    there = {f"app.{item.stem}" for item in (ROOT / "app").iterdir() if item.suffix == ".py" or item.is_dir()}
    assert there - {"app.__init__", "app.__pycache__"} <= placed
