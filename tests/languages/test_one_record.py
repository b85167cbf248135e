"""What lists languages loops over their records: outside of them, no module names one."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from kforge import catalog

ROOT = Path(__file__).parents[2] / "kforge"
OWN = ("languages", "detectors", "syntax", "recipes", "catalog.py")
# A node is a machine of a cluster there; `[node, server.js]` is an example of a command; nginx is a server, whatever it
# serves. A version names the Python that kforge runs in; a Secret may be
# a generic one.
MEANT = {
    "artifacts/ingress.py": {"nginx"},
    "artifacts/webserver.py": {"nginx"},
    "draft/words.py": {"nginx"},
    "llm/image_choices.py": {"nginx"},
    "stages/secret_needs.py": {"generic"},
    "commands/version.py": {"python"},
    "commands/graph.py": {"html"},
    "domain/kubernetes/platforms.py": {"generic"},
    "domain/kubernetes/pod.py": {"node"},
    "domain/model/answer_fields.py": {"node"},
    "domain/spec/pin_types.py": {"node"},
    "domain/spec/types.py": {"nginx", "node", "server.js"},
}
NAMED = {
    word
    for language in catalog.languages()
    for word in (
        language.name,
        language.title,
        language.image.short,
        *(recipe.name for recipe in language.recipes),
        *language.managers,
        *language.programs,
        *language.code,
        *language.lock_files,
        *language.signs,
    )
}


def modules() -> list[Path]:
    return [path for path in sorted(ROOT.rglob("*.py")) if path.relative_to(ROOT).parts[0] not in OWN]


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_but_a_languages_own_names_it(path: Path) -> None:
    texts = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
    assert not (texts & NAMED) - MEANT.get(path.relative_to(ROOT).as_posix(), set())


def loaded(code: str, cwd: Path) -> set[str]:
    """Modules that a fresh Python has imported after some code."""
    whole = f"import sys; {code}; print(*sorted(sys.modules), sep='\\n', file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", whole], cwd=cwd, capture_output=True, text=True, check=True)
    return set(done.stderr.split("\n"))


def test_records_import_nothing_but_nouns(tmp_path: Path) -> None:
    names = loaded("from kforge import catalog; catalog.languages()", tmp_path)
    assert {name.split(".")[1] for name in names if name.startswith("kforge.")} == {"catalog", "domain", "languages"}


def test_a_repeated_check_reads_no_record(built_shop: Path) -> None:
    check = "from kforge.cli import main; main(['check'])"
    loaded(check, built_shop)
    assert not [name for name in loaded(check, built_shop) if name.startswith("kforge.languages")]
