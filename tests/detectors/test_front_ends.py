"""Front ends that a back end of another toolchain embeds or serves: found where they belong together, told where not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.facts import Facts
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree
from tests.detectors.reading import facts, lay, places, values
from tests.detectors.test_node import package

VITE: dict[str, Any] = {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "^6"}}
GO = {"go.mod": "module example.com/notes\n\ngo 1.24\n"}
MAIN = 'package main\n\nimport "embed"\n\n//go:embed {}\nvar files embed.FS\n\nfunc main() {{}}\n'
FLASK = {"requirements.txt": "flask==3.1.0\n"}
EXPRESS = {"package.json": package(dependencies={"express": "4"}, scripts={"start": "node server.js"})}


def fronts(found: Facts) -> list[tuple[str, list[str]]]:
    return [(each["folder"], each["output"]) for each in values(found, "front_ends")]


@pytest.mark.parametrize(
    ("files", "folder", "output"),
    [
        ({**GO, "main.go": MAIN.format("ui/dist"), "ui/package.json": package(**VITE)}, "ui", "ui/dist"),
        ({**GO, "main.go": MAIN.format("all:ui/dist/*"), "ui/package.json": package(**VITE)}, "ui", "ui/dist"),
        ({**GO, "main.go": MAIN.format("ui/dist/index.html"), "ui/package.json": package(**VITE)}, "ui", "ui/dist"),
        ({**GO, "main.go": MAIN.format("`ui/dist`"), "ui/package.json": package(**VITE), "ui/dist/.gitkeep": ""}, "ui", "ui/dist"),
        ({**GO, "web/web.go": MAIN.format("build"), "web/package.json": package(scripts={"build": "react-scripts build"}, dependencies={"react-scripts": "5"})},
         "web", "web/build"),
        ({**GO, "main.go": MAIN.format("server/static"), "web/vite.config.ts": 'export default {build: {outDir: "../server/static"}}\n',
          "web/package.json": package(**VITE)}, "web", "server/static"),
        ({**GO, "server/s.go": MAIN.format("dist/*"), "web/package.json": package(scripts={"release": "vite build --outDir=../server/dist"}, devDependencies={"vite": "6"})},
         "web", "server/dist"),
        ({**GO, "main.go": MAIN.format("ui/public"), "ui/package.json": package(scripts={"build": "node build.mjs"})}, "ui", "ui/public"),
        ({**FLASK, "app.py": 'from flask import Flask\napp = Flask(__name__, static_folder="../client/dist")\n'.replace("../", ""), "client/package.json": package(**VITE)},
         "client", "client/dist"),
        ({**FLASK, "app/main.py": 'import os\nROOT = os.path.join(os.path.dirname(__file__), "..", "client", "dist")\n', "client/package.json": package(**VITE)},
         "client", "client/dist"),
        ({"requirements.txt": "django==5.1\n", "manage.py": "1\n", "shop/settings.py": 'STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]\n',
          "frontend/package.json": package(**VITE)}, "frontend", "frontend/dist"),
        ({"requirements.txt": "django==5.1\n", "manage.py": "1\n", "shop/settings.py": 'STATICFILES_DIRS = ["assets/dist"]\n',
          "vite.config.js": 'export default {build: {outDir: "assets/dist"}}\n', "package.json": package(**VITE)}, ".", "assets/dist"),
        ({**FLASK, "app.py": "1\n", "web/vite.config.js": 'export default {build: {outDir: "../static/app"}}\n', "web/package.json": package(**VITE)}, "web", "static/app"),
        ({**GO, "web/web.go": MAIN.format("all:build"), "web/package.json": package(scripts={"build": "vite build"}, devDependencies={"vite": "7", "@sveltejs/kit": "2", "@sveltejs/adapter-static": "3"})},
         "web", "web/build"),
        ({**EXPRESS, "server.js": 'app.use(express.static(path.join(__dirname, "client/dist")))\n', "client/package.json": package(**VITE)}, "client", "client/dist"),
        ({**EXPRESS, "src/server.js": 'app.use(express.static("../client/dist"))\n', "client/package.json": package(**VITE)}, "client", "client/dist"),
    ],
)  # fmt: skip
def test_a_front_end_that_the_back_end_takes_is_built(
    tmp_path: Path, files: dict[str, str], folder: str, output: str
) -> None:
    found = facts(tmp_path, {**files})
    assert (fronts(found), values(found, "faults")) == ([(folder, [output])], [])


@pytest.mark.parametrize(
    "files",
    [
        {**FLASK, "app.py": "1\n", "client/package.json": package(**VITE)},
        {**FLASK, "app.py": 'open("client/dist")\n', "client/package.json": package(dependencies={"vite": "6"})},
        {**FLASK, "app.py": 'open("docs/dist")\n', "docs/package.json": package(**VITE)},
        {**EXPRESS, "server.js": "1\n", "client/package.json": package(**VITE)},
        {"package.json": package(workspaces=["client"]), "server.js": 'x("client/dist")\n', "client/package.json": package(**VITE)},
        {"package.json": package(scripts={"build": "cd client && npm ci && npm run build"}), "server.js": 'x("client/dist")\n', "client/package.json": package(**VITE)},
    ],
)  # fmt: skip
def test_a_folder_that_nothing_takes_or_that_another_build_makes_is_none(tmp_path: Path, files: dict[str, str]) -> None:
    assert fronts(facts(tmp_path, {**files})) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"main.go": MAIN.format("ui/build/*")}, "`//go:embed ui/build/*` takes `ui/build`, which is not in the source and which no step makes"),
        ({"main.go": MAIN.format("ui/build"), "ui/package.json": package(**VITE)},
         "`//go:embed ui/build` takes `ui/build`, which is not in the source and which no step makes, and `npm run build` of `ui` leaves `ui/dist`"),
        ({"main.go": MAIN.format("version.txt")}, "`//go:embed version.txt` takes `version.txt`, which is not in the source and which no step makes"),
    ],
)  # fmt: skip
def test_what_is_embedded_and_made_by_no_step_is_told_with_its_line(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    found = facts(tmp_path, {**GO, **files})
    assert ([fault["said"] for fault in values(found, "faults")], places(found, "faults")) == ([said], ["main.go:5"])


def test_what_a_dockerfile_of_the_author_s_may_make_is_no_fault(tmp_path: Path) -> None:
    own = 'FROM golang:1.24\nCOPY . .\nRUN date > version.txt && go build -o /app .\nCMD ["/app"]\n'
    found = facts(tmp_path, {**GO, "main.go": MAIN.format("version.txt"), "Dockerfile": own})
    assert found.dockerfile and not found.faults


@pytest.mark.parametrize(
    "files",
    [
        {"main.go": MAIN.format("templates/*.html"), "templates/a.html": "x"},
        {"main.go": MAIN.format("a/b.txt `c d.txt`"), "a/b.txt": "x", "c d.txt": "y"},
        {"main.go": MAIN.format("all:static"), "static/x/y.css": "x"},
        {"main.go": MAIN.format("third_party/swagger"), "third_party/swagger/a.js": "x"},
        {"main.go": MAIN.format("certs/root.pem"), "certs/root.pem": "x"},
        {"main.go": "package main\n\n// go:embed nothing\nfunc main() {}\n"},
    ],
)
def test_what_is_embedded_and_there_is_no_fault(tmp_path: Path, files: dict[str, str]) -> None:
    assert values(facts(tmp_path, {**GO, **files}), "faults") == []


def beside(tmp_path: Path, files: dict[str, str | bytes], source: str) -> Facts:
    (tmp_path / ".git").mkdir()
    return detect(SourceTree(lay(tmp_path, files) / source, tmp_path), catalog.detectors())


def test_a_front_end_beside_the_source_that_fills_it_is_built_from_the_folder_above(tmp_path: Path) -> None:
    config = 'export default {build: {outDir: "../api/app/web"}}\n'
    files = {
        "web/package.json": package(**VITE),
        "web/vite.config.js": config,
        "api/app.py": "1\n",
        "api/requirements.txt": "",
    }
    found = beside(tmp_path, {**files}, "api")
    assert fronts(found) == [("../web", ["app/web"])]
    assert values(found, "context") == {"folder": "..", "source": "api", "dockerfile": "api/Dockerfile"}


def test_a_front_end_beside_the_source_that_serves_it_is_built_from_the_folder_above(tmp_path: Path) -> None:
    files = {
        "client/package.json": package(**VITE),
        "server/package.json": package(),
        "server/index.js": 'x("../client/dist")\n',
    }
    assert fronts(beside(tmp_path, {**files}, "server")) == [("../client", ["../client/dist"])]


def test_the_installation_of_a_front_end_is_told_what_its_development_would_fetch(tmp_path: Path) -> None:
    developing = {**VITE, "devDependencies": {"vite": "^6", "puppeteer": "^24"}}
    files = {**GO, "main.go": MAIN.format("ui/dist"), "ui/package.json": package(**developing)}
    front = values(facts(tmp_path, {**files}), "front_ends")[0]
    assert front["variables"] == [{"name": "PUPPETEER_SKIP_DOWNLOAD", "value": "true"}]
    plain = {**GO, "main.go": MAIN.format("ui/dist"), "ui/package.json": package(**VITE)}
    assert "variables" not in values(facts(tmp_path / "plain", {**plain}), "front_ends")[0]


def test_a_script_of_an_installation_that_needs_the_source_runs_before_the_build(tmp_path: Path) -> None:
    preparing = {**VITE, "scripts": {"build": "vite build", "postinstall": "node scripts/icons.js"}}
    files = {**GO, "main.go": MAIN.format("ui/dist"), "ui/package.json": package(**preparing)}
    front = values(facts(tmp_path, {**files}), "front_ends")[0]
    assert (front["scripts"], front["steps"]) == (
        ["postinstall"],
        [["npm", "run", "postinstall"], ["npm", "run", "build"]],
    )


def test_the_script_that_leaves_what_is_embedded_builds(tmp_path: Path) -> None:
    scripts = {"build": "vite build", "release": "vite build --mode release --outDir=../server/dist --emptyOutDir"}
    files = {**GO, "server/s.go": MAIN.format("dist/*"), "web/package.json": package(**{**VITE, "scripts": scripts})}
    found = facts(tmp_path, {**files})
    assert (fronts(found), values(found, "front_ends")[0]["steps"], values(found, "faults")) == (
        [("web", ["server/dist"])],
        [["npm", "run", "release"]],
        [],
    )


def test_what_the_sources_own_build_writes_to_a_file_fills_its_folder(tmp_path: Path) -> None:
    scripts = {
        "build": "npm run js && npm run css",
        "js": "rollup -c",
        "css": "postcss -o shop/static/a.css styles/a.css",
    }
    files = {"manage.py": "", "requirements.txt": "django==5.1\n", "package.json": package(scripts=scripts)}
    assert fronts(facts(tmp_path, {**files})) == [(".", ["shop/static"])]
