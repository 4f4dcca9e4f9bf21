"""Imports point one way: api -> models -> annotation -> nlp; what is heavy is loaded where it is needed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("nlp", "annotation", "models", "api")  # each may use itself and those before it
HEAVY = {"torch", "transformers", "openvino"}
WEB_AND_DATABASE = {"fastapi", "starlette", "uvicorn", "sqlalchemy", "alembic", "psycopg", "procrastinate"}
FORBIDDEN = {
    "nlp": HEAVY | WEB_AND_DATABASE,
    "annotation": HEAVY | WEB_AND_DATABASE,
    "models": WEB_AND_DATABASE,
    "api": HEAVY,
}


def imported(path: Path) -> Iterator[str]:
    """The top-level names that a module imports anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_what_its_package_may(path):
    package = path.relative_to(ROOT).parts[0]
    later = set(PACKAGES[PACKAGES.index(package) + 1 :])
    names = set(imported(path))
    assert not names & later, "imports point the other way"
    assert not names & FORBIDDEN[package], "this belongs into another package"
    assert "tests" not in names


def test_every_module_fits_on_a_few_screens():
    long = {str(p.relative_to(ROOT)): n for p in modules() if (n := len(p.read_text().splitlines())) > 300}
    assert not long


@pytest.mark.parametrize("module", ["api.cli", "api.app", "api.service", "nlp.reading", "nlp.report"])
def test_importing_it_loads_no_model_library(module):
    names = HEAVY | {"spacy", "thinc", "sklearn", "procrastinate"}
    program = f"import sys, {module}; print(*({names!r} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == ""


def test_the_command_line_starts_without_web_and_database():
    program = f"import sys, api.cli; print(*({WEB_AND_DATABASE!r} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == ""
