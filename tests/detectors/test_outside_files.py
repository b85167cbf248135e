"""Files of the repository that code names outside of its source are told, with the line, where no image would hold them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge import catalog
from kforge.domain.source.build_context import ContextPins
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree
from tests.detectors.reading import lay

BESIDE = {
    "shared/tools.py": "def hello(): ...\n",
    "shared/index.ts": "export const x = 1;\n",
    "conf/app.yml": "a: 1\n",
    "conf/.env": "A=1\n",
    "made.txt": "x\n",
    ".gitignore": "made.txt\n",
}
PYTHON = {"svc/requirements.txt": "flask==3.1.0\n"}
NODE = {"svc/package.json": '{"name": "svc", "dependencies": {"express": "5"}}'}
GO = {"svc/go.mod": "module example.test/svc\n\ngo 1.24\n"}


def told(tmp_path: Path, files: dict[str, str | bytes], pins: ContextPins | None = None) -> list[tuple[str, str]]:
    (tmp_path / ".git").mkdir()
    lay(tmp_path, {**BESIDE, **files})
    tree = SourceTree(tmp_path / "svc", tmp_path, pins=pins) if pins else SourceTree(tmp_path / "svc", tmp_path)
    return [
        (str(doubt.evidence[0]), str(doubt.value["said"]).partition(", which")[0])
        for doubt in detect(tree, catalog.detectors()).doubts
        if "not in the source nor in its image" in doubt.value["said"]
    ]


@pytest.mark.parametrize(
    "code",
    [
        'open("../conf/app.yml")\n',
        'open(os.path.join(os.path.dirname(__file__), "..", "conf", "app.yml"))\n',
        'open(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "conf/app.yml"))\n',
        'HERE = Path(__file__).resolve().parent; (HERE.parent / "conf" / "app.yml").read_text()\n',
        'CONF = Path(__file__).parents[1] / "conf" / "app.yml"\n',
        'Path("../conf/app.yml").read_text()\n',
        'yaml.safe_load(open(Path(__file__).parent / "../conf/app.yml"))\n',
    ],
)
def test_a_file_that_python_opens_outside_is_told(tmp_path: Path, code: str) -> None:
    found = told(tmp_path, {**PYTHON, "svc/main.py": f"import os\nfrom pathlib import Path\n{code}"})
    assert found == [("main.py:3", "`main.py` names `../conf/app.yml`")]


def test_the_depth_of_the_file_that_names_it_counts(tmp_path: Path) -> None:
    code = 'from pathlib import Path\nCONF = Path(__file__).parents[2] / "conf" / "app.yml"\n'
    assert told(tmp_path, {**PYTHON, "svc/app/main.py": code}) == [
        ("app/main.py:2", "`app/main.py` names `../conf/app.yml`")
    ]


@pytest.mark.parametrize(
    "code",
    [
        'sys.path.append("../shared")\nimport tools\n',
        'sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "shared"))\nfrom tools import hello\n',
        'sys.path.append(str(Path(__file__).parent.parent / "shared"))\nimport tools\n',
        'site.addsitedir("../shared")\nimport tools\n',
    ],
)
def test_a_module_that_python_finds_outside_is_told(tmp_path: Path, code: str) -> None:
    found = told(tmp_path, {**PYTHON, "svc/main.py": f"import os, sys, site; from pathlib import Path\n{code}"})
    assert found == [("main.py:3", "`main.py` imports `../shared/tools.py`")]


def test_one_that_the_repository_itself_holds_is_told_by_its_import(tmp_path: Path) -> None:
    code = "import sys, flask\nsys.path.append('..')\nfrom shared.tools import hello\n"
    assert told(tmp_path, {**PYTHON, "svc/main.py": code}) == [("main.py:3", "`main.py` imports `../shared`")]


def test_a_folder_on_the_path_of_which_no_import_is_seen_is_told(tmp_path: Path) -> None:
    code = "import sys\nsys.path.append('../shared')\n"
    assert told(tmp_path, {**PYTHON, "svc/main.py": code}) == [("main.py:2", "`main.py` imports from `../shared`")]


@pytest.mark.parametrize(
    "code",
    [
        'import { x } from "../shared";\n',
        'import { x } from "../shared/index.js";\n',
        'const { x } = require("../shared/index.ts");\n',
    ],
)
def test_an_import_of_node_that_leads_outside_is_told(tmp_path: Path, code: str) -> None:
    [(at, said)] = told(tmp_path, {**NODE, "svc/index.ts": f"{code}app.listen(3000);\n"})
    assert (at, "imports `../shared" in said) == ("index.ts:1", True)


@pytest.mark.parametrize(
    "code", ['fs.readFileSync(path.join(__dirname, "..", "conf", "app.yml"))', 'fs.readFileSync("../conf/app.yml")']
)
def test_a_file_that_node_opens_outside_is_told(tmp_path: Path, code: str) -> None:
    found = told(tmp_path, {**NODE, "svc/index.js": f'const fs = require("fs");\n{code};\napp.listen(3000);\n'})
    assert found == [("index.js:2", "`index.js` names `../conf/app.yml`")]


def test_a_file_that_go_opens_outside_is_told(tmp_path: Path) -> None:
    code = 'package main\n\nimport "os"\n\nfunc main() { os.ReadFile("../conf/app.yml") }\n'
    assert told(tmp_path, {**GO, "svc/main.go": code}) == [("main.go:5", "`main.go` names `../conf/app.yml`")]


@pytest.mark.parametrize(
    "code",
    [
        'open("../conf/gone.yml")\n',  # made while it runs
        'open("../made.txt")\n',  # no file of the repository
        'load_dotenv("../conf/.env")\n',
        'BASE = Path(__file__).parent.parent\nopen(BASE / "svc/main.py")\n',
        'redirect("../conf/app.yml")\n',
        'open("/conf/app.yml")\n',
        'open("../../conf/app.yml")\n',  # outside of the repository
        "import sys\nsys.path.append('..')\nimport flask\n",
    ],
)
def test_what_is_not_there_or_not_outside_is_not_told(tmp_path: Path, code: str) -> None:
    assert told(tmp_path, {**PYTHON, "svc/main.py": f"from pathlib import Path\n{code}"}) == []


def test_what_people_run_by_hand_is_not_told(tmp_path: Path) -> None:
    files = {**PYTHON, "svc/main.py": "", "svc/scripts/load.py": 'open("../conf/app.yml")\n'}
    assert told(tmp_path, files) == []


def test_what_a_pinned_context_holds_is_not_told(tmp_path: Path) -> None:
    code = 'import sys\nsys.path.append("../shared")\nimport tools\nopen("../conf/app.yml")\n'
    assert told(tmp_path, {**PYTHON, "svc/main.py": code}, ContextPins(context="")) == []


def test_a_project_that_is_installed_is_not_told(tmp_path: Path) -> None:
    lib = {"shared/pyproject.toml": '[project]\nname = "shared"\nversion = "1"\n'}
    files = {**lib, "svc/requirements.txt": "-e ../shared\n", "svc/main.py": 'open("../shared/tools.py")\n'}
    assert told(tmp_path, files) == []
