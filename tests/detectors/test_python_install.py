"""Which Python projects are installed as packages."""

from __future__ import annotations

import pytest

from kforge.detectors import python_install

SYSTEM = '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "shop"\n'


class Tree:
    def __init__(self, files: dict[str, str]) -> None:
        self._files, self.files = files, tuple(sorted(files))

    def text(self, path: str) -> str:
        return self._files.get(path, "")


@pytest.mark.parametrize(
    ("files", "build"),
    [
        (
            {"pyproject.toml": f"{SYSTEM}[project.scripts]\nshop = 'shop:main'\n"},
            [["pip", "install", "--no-deps", "."]],
        ),
        ({"pyproject.toml": f"{SYSTEM}scripts = {{shop = 'shop:main'}}\n"}, [["pip", "install", "--no-deps", "."]]),
        ({"pyproject.toml": SYSTEM, "src/shop/__init__.py": ""}, [["pip", "install", "--no-deps", "."]]),
        ({"pyproject.toml": SYSTEM, "main.py": ""}, None),
        ({"pyproject.toml": SYSTEM.partition("[project]")[2], "src/shop/__init__.py": ""}, None),
        ({"setup.py": "setup()", "shop.py": ""}, [["pip", "install", "."]]),
        ({"setup.py": "setup()", "requirements.txt": "flask"}, [["pip", "install", "--no-deps", "."]]),
        ({"setup.py": "setup()", "go.mod": "module a", "package.json": "{}"}, [["pip", "install", "."]]),
        ({"main.py": "", "requirements.txt": ""}, None),
        ({"package.json": "{}", "server.js": ""}, None),
    ],
)
def test_a_package_is_installed_and_nothing_else(files: dict[str, str], build: object) -> None:
    found = python_install.detect(Tree(files))
    assert (found.value("build") if found else None) == build
