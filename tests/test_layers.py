"""The house: imports go strictly downwards, shelves never import each other, and the fast path stays light."""

import ast
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "kforge"
# From the ground up. What shares a line never imports its neighbours.
FLOORS = (
    ("errors",),
    ("domain",),
    ("syntax",),
    ("detectors", "topics", "recipes", "artifacts", "rules", "system", "deciders", "providers"),
    ("languages",),
    ("spec", "catalog"),
    ("llm",),
    ("stages",),
    ("render",),
    ("source_scan", "neighbouring_files", "image_components", "written_images", "merged_versions"),
    ("outcome",),
    ("pipeline", "fast_check"),
    (
        "draft",
        "check_cache",
        "watched_files",
        "changes_since",
        "explanations",
        "prompt_export",
        "model_eval",
        "transaction",
        "image_acceptance",
    ),
    ("build_all", "trusted_base", "image_upgrades"),
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


def test_imports_go_strictly_downwards():
    wrong = [
        f"{path.relative_to(ROOT)} stands at floor {FLOOR[room(path)]} and imports {name}"
        for path in modules()
        for name in imported(path)
        if name != room(path) and FLOOR[name] >= FLOOR[room(path)]
    ]
    assert wrong == []


def test_every_room_is_on_the_plan():
    assert {room(path) for path in modules()} == FLOOR.keys()


def test_every_module_says_what_it_is_for():
    silent = [
        path for path in modules() if path.name != "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


# Words that leave a reader to guess who is meant: a docstring names the model, the user, the process, the caller.
RIDDLES = re.compile(r"\b(?:nobody|anybody|somebody|everybody|whoever|whomever|whatever)\b", re.IGNORECASE)


def test_docstrings_name_who_and_what_they_mean():
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    vague = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, kinds) and (found := RIDDLES.search(ast.get_docstring(node) or ""))
    ]
    assert vague == []


def test_a_public_class_has_a_name_of_its_own():
    names = [
        node.name
        for path in modules()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_no_module_is_longer_than_a_reader_bears():
    long = {path.relative_to(ROOT).as_posix() for path in modules() if len(path.read_text().splitlines()) > 300}
    assert long == set()


def loaded_by(*words, cwd):
    """Modules that a kforge process has imported when it ends, beside those that Python itself starts with."""
    code = (
        "import sys; started = {*sys.modules}; from kforge.cli import main; code = main(sys.argv[1:]);"
        "sys.stderr.write('\\0' + '\\n'.join(sorted({*sys.modules} - started))); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return set(done.stderr.rpartition("\0")[2].split("\n"))


# What may be imported where speed is what a user waits for. Another name here is a few milliseconds in every start.
START = {
    "__future__",
    "kforge",
    "kforge.cli",
    "kforge.errors",
    "kforge.output",
    "kforge.output.safe_stream",
}
REMEMBERED = START | {
    "kforge.catalog",
    "kforge.check_cache",
    "kforge.domain",
    "kforge.domain.own_files",
    "kforge.domain.topic_names",
    "kforge.system",
    "kforge.system.beneath",
    "kforge.system.disk",
    "kforge.system.files",
    "kforge.system.git",
    "kforge.system.git.index",
    "kforge.system.git.tracked",
    "kforge.system.index",
    "kforge.system.specs_index",
    "kforge.system.state",
    "kforge.system.temporary",
}
# Of the standard library, with what its own modules bring.
LIGHT = {"array", "collections", "contextlib", "errno", "functools", "hashlib", "importlib", "itertools", "keyword", "operator", "reprlib", "struct", "types", "warnings", "abc"}  # fmt: skip


def outside(names):
    """Names of neither kforge nor the light part of the standard library."""
    plain = {name.partition(".")[0] for name in names if not name.startswith(("kforge", "_"))}
    return plain - LIGHT


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_a_start_imports_no_more_than_it_needs(words, tmp_path):
    assert loaded_by(*words, cwd=tmp_path) <= START


def test_a_remembered_check_imports_no_more_than_it_needs(built_shop):
    loaded_by("check", cwd=built_shop)
    time.sleep(0.05)  # nothing is remembered of what is younger than a tick of the disk's clock
    loaded_by("check", cwd=built_shop)
    loaded = loaded_by("check", cwd=built_shop)
    assert ({name for name in loaded if name.startswith("kforge")} - REMEMBERED, outside(loaded)) == (set(), set())


def test_an_up_to_date_check_in_a_fresh_clone_imports_nothing_heavy(built_shop):
    assert not {name.partition(".")[0] for name in loaded_by("check", cwd=built_shop)} & set(HEAVY)


@pytest.mark.parametrize(
    "words", [["plan"], ["check", "--full"], ["build"], ["build", "--help"], ["doctor", "--help"], ["mcp", "--help"]]
)
def test_what_asks_no_model_imports_no_http(words, built_shop):
    outside = {name.partition(".")[0] for name in loaded_by(*words, cwd=built_shop)}
    assert not outside & {"httpx", "httpcore", "h11", "anyio", "mcp", "mcp_types"}


def test_difflib_is_asked_only_where_it_is_bounded() -> None:
    """It compares each with each: a repository that says what with what makes it take hours."""
    asking = {
        path.relative_to(ROOT).as_posix()
        for path in modules()
        if re.search(r"^\s*(from|import) difflib", path.read_text(), re.M)
    }
    assert asking == {"domain/near_words.py", "stages/line_diff.py"}
