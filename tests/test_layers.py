"""The house: imports go strictly downwards, shelves never import each other, and the fast path stays light."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kforge.domain.model.vendors import LLAMA

ROOT = Path(__file__).parents[1] / "kforge"
# From the ground up. What shares a line never imports its neighbours.
FLOORS = (
    ("errors",),
    ("domain",),
    ("detectors", "topics", "recipes", "artifacts", "rules", "system", "deciders", "providers"),
    ("spec", "catalog"),
    ("llm",),
    ("stages",),
    ("render",),
    ("source_scan", "neighbouring_files", "image_components"),
    ("outcome",),
    ("pipeline", "fast_check"),
    ("draft", "check_cache", "build_all", "changes_since", "prompt_export", "model_eval", "transaction"),
    ("output",),
    ("commands",),
    ("cli",),
    ("__main__",),
)
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
HEAVY = (
    "pydantic",
    "kubernetes_validate",
    "jsonschema_rs",
    "ruamel",
    "rich",
    "httpcore",
    "httpx",
    "jinja2",
    "diskcache",
)


def modules():
    return sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def room(path):
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imported(path):
    """Rooms of kforge that a module imports, type-only imports included: they are knowledge, too."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "kforge" and len(parts) > 1 and parts[1] in FLOOR:
                yield parts[1]


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_strictly_downwards(path):
    own = room(path)
    wrong = {name for name in imported(path) if name != own and FLOOR[name] >= FLOOR[own]}
    assert not wrong, f"{own} stands at floor {FLOOR[own]} and must not import {wrong}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_room_is_on_the_plan(path):
    assert room(path) in FLOOR


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_says_what_it_is_for(path):
    assert path.name == "__init__.py" or ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_is_longer_than_a_reader_bears(path):
    assert len(path.read_text().splitlines()) <= 300


def loaded_by(*words, cwd):
    """Modules that a kforge process has imported when it ends."""
    code = (
        "import sys; from kforge.cli import main; code = main(sys.argv[1:]);"
        "sys.stderr.write('\\n'.join(sorted(sys.modules))); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return set(done.stderr.split("\n"))


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_version_and_help_import_nothing_but_the_standard_library(words, tmp_path):
    outside = {name.partition(".")[0] for name in loaded_by(*words, cwd=tmp_path)}
    assert not outside & {*HEAVY, "yaml"}


def test_an_up_to_date_check_in_a_fresh_clone_imports_nothing_heavy(built_shop):
    outside = {name.partition(".")[0] for name in loaded_by("check", cwd=built_shop)}
    assert not outside & set(HEAVY)


def test_a_repeated_check_reads_no_yaml(built_shop):
    loaded_by("check", cwd=built_shop)
    outside = {name.partition(".")[0] for name in loaded_by("check", cwd=built_shop)}
    assert not outside & {*HEAVY, "yaml"}


def test_hints_install_what_the_extra_brings_and_nothing_by_a_name_of_others():
    extra = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["project"]["optional-dependencies"]["local"]
    assert f'`pip install "{extra[0]}"`' == LLAMA and len(extra) == 1
    places = [*ROOT.rglob("*.py"), *ROOT.parent.glob("*.md"), *(ROOT.parent / "docs").glob("*.md")]
    by_name = re.compile(r"""pip install (?:-\S+ )*["']?kforge(?!\[local\] @ git)""")
    assert [path.name for path in places if by_name.search(path.read_text())] == []
