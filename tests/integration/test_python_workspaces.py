"""Whole projects: a Python source is built with the workspace that it is in, and with the projects that it takes by path."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import CURRENT, run
from tests.integration.test_build_contexts import project, target

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
PLAIN = {"lib/setup.py": "from setuptools import setup\nsetup(name='lib')\n", "lib/lib/__init__.py": ""}
PINS = "fastapi==0.118.0\nuvicorn==0.37.0\n"


def manifest(name: str, *needs: str, sources: str = "", more: str = "") -> str:
    listed = ", ".join(f'"{need}"' for need in needs)
    table = f"[tool.uv.sources]\n{sources}\n" if sources else ""
    return f'[project]\nname = "{name}"\nversion = "1.0.0"\ndependencies = [{listed}]\n{table}{more}'


def lock(*names: str) -> str:
    return "version = 1\n" + "".join(f'\n[[package]]\nname = "{name}"\nversion = "1.0.0"\n' for name in names)


WORKSPACE = {
    "pyproject.toml": '[tool.uv.workspace]\nmembers = ["services/*", "libs/*"]\nexclude = ["libs/old"]\n'
    "[tool.uv.sources]\nmoney = { workspace = true }\n",
    "uv.lock": lock("api", "money", "units", "other"),
    "services/api/pyproject.toml": manifest("api", "fastapi", "uvicorn", "money"),
    "services/api/main.py": APP,
    "libs/money/pyproject.toml": manifest("money", "units", "psycopg2", sources="units = { workspace = true }"),
    "libs/money/README.md": "",
    "libs/units/pyproject.toml": manifest("units"),
    "libs/other/pyproject.toml": manifest("other"),
    "libs/old/pyproject.toml": manifest("old"),
}


def dockerfile(tmp_path: Path, files: dict[str, str], source: str, context: str = ".") -> str:
    here = project(tmp_path, files, f"{{api: {{source: {source}}}}}")
    run("build", cwd=here, code=0)
    assert target(here, "api")["context"] == context
    assert CURRENT.fullmatch(run("check", cwd=here, code=0).err)
    return (here / source / "Dockerfile").read_text()


def refused(tmp_path: Path, files: dict[str, str], source: str = "api") -> str:
    return run("build", cwd=project(tmp_path, files, f"{{api: {{source: {source}}}}}"), code=2).err


def test_a_member_is_installed_from_the_lock_of_the_whole(tmp_path: Path) -> None:
    first, _, rest = dockerfile(tmp_path, WORKSPACE, "services/api").partition("--no-install-local")
    for line in ("COPY pyproject.toml uv.lock ./", "COPY libs/money/pyproject.toml ./libs/money/"):
        assert line in first
    assert "COPY libs/units/pyproject.toml ./libs/units/" in first and "WORKDIR /app/services/api" in first
    assert rest.index("COPY libs/units/ /app/libs/units/") < rest.index("COPY libs/money/ /app/libs/money/")
    assert "uv sync --frozen --no-dev --no-install-project" in rest and "COPY --from=build /app /app/" in rest


def test_only_what_the_member_needs_is_copied(tmp_path: Path) -> None:
    text = dockerfile(tmp_path, WORKSPACE, "services/api")
    assert "other" not in text and "old" not in text


def test_what_a_needed_member_requires_is_installed_as_well(tmp_path: Path) -> None:
    assert "libpq5" in dockerfile(tmp_path, WORKSPACE, "services/api")


def test_what_the_build_of_a_needed_member_reads_is_not_left_out(tmp_path: Path) -> None:
    ignoring = {**WORKSPACE, ".dockerignore": "**/*.md\n"}
    dockerfile(tmp_path, ignoring, "services/api")
    assert "!libs/money/README.md" in (tmp_path / "services/api/Dockerfile.dockerignore").read_text()


def test_a_change_of_a_member_that_is_not_needed_changes_nothing(tmp_path: Path) -> None:
    dockerfile(tmp_path, WORKSPACE, "services/api")
    (tmp_path / "libs/other/pyproject.toml").write_text(manifest("other", "requests"))
    assert CURRENT.fullmatch(run("check", "--full", cwd=tmp_path, code=0).err)


def test_a_change_of_a_member_that_is_needed_is_seen(tmp_path: Path) -> None:
    dockerfile(tmp_path, WORKSPACE, "services/api")
    (tmp_path / "libs/units/pyproject.toml").write_text(manifest("units", "weasyprint"))
    run("check", cwd=tmp_path, code=1)


def test_a_root_that_is_the_program_installs_its_members(tmp_path: Path) -> None:
    root = manifest(
        "all", "fastapi", "uvicorn", "kit", sources="kit = { workspace = true }", more='[tool.uv.workspace]\nmembers = ["kit"]\n'
    )  # fmt: skip
    files = {
        "pyproject.toml": root,
        "uv.lock": lock("all", "kit"),
        "main.py": APP,
        "kit/pyproject.toml": manifest("kit"),
    }
    text = dockerfile(tmp_path, files, ".")
    assert "COPY kit/pyproject.toml ./kit/" in text and "COPY . ./" in text


def test_the_python_of_the_workspace_is_that_of_its_members(tmp_path: Path) -> None:
    assert "python:3.12-slim" in dockerfile(tmp_path, {**WORKSPACE, ".python-version": "3.12\n"}, "services/api")


def test_a_workspace_without_a_lock_is_installed_with_its_members_there(tmp_path: Path) -> None:
    files = {name: text for name, text in WORKSPACE.items() if name != "uv.lock"}
    first, _, rest = dockerfile(tmp_path, files, "services/api").partition(
        "uv pip install --requirement pyproject.toml"
    )
    assert "COPY libs/money/ /app/libs/money/" in first and "COPY services/api/ /app/services/api/" in rest


def test_a_lock_that_was_made_without_the_member_is_told(tmp_path: Path) -> None:
    here = project(tmp_path, {**WORKSPACE, "uv.lock": lock("money")}, "{api: {source: services/api}}")
    assert "`uv.lock` knows no package `api`" in run("build", cwd=here, code=0).err


def test_a_member_that_no_workspace_has_is_an_error_with_its_line(tmp_path: Path) -> None:
    files = {"api/pyproject.toml": manifest("api", "kit", sources="kit = { workspace = true }"), "api/main.py": APP}
    said = refused(tmp_path, files)
    assert "`kit` is taken from the workspace, and no workspace above has a member" in said
    assert "api/pyproject.toml:6" in said


def test_a_project_beside_a_workspace_stays_its_own(tmp_path: Path) -> None:
    files = {**WORKSPACE, "tool/pyproject.toml": manifest("tool", "fastapi", "uvicorn"), "tool/main.py": APP}
    assert "uv sync" not in dockerfile(tmp_path, files, "tool", context="tool")


def test_a_source_that_is_only_a_workspace_is_told_which_member_serves(tmp_path: Path) -> None:
    said = refused(tmp_path, WORKSPACE, ".")
    assert "is a workspace and no project itself (pyproject.toml:1)" in said and "`services/api`" in said


def test_one_with_a_pinned_command_has_what_all_its_members_need(tmp_path: Path) -> None:
    here = project(tmp_path, WORKSPACE, "{api: {source: ., command: [python, services/api/main.py]}}")
    run("build", cwd=here, code=0)
    text = (here / "Dockerfile").read_text()
    assert "uv sync --frozen --no-dev --all-packages --no-install-local" in text and "libpq5" in text
    assert "COPY libs/other/pyproject.toml" in text


@pytest.mark.parametrize(
    "more", [{"main.py": APP}, {"Procfile": "web: uvicorn main:app --app-dir services/api --port $PORT\n"}]
)
def test_a_workspace_whose_own_folder_says_how_it_starts_is_built(tmp_path: Path, more: dict[str, str]) -> None:
    assert "--all-packages" in dockerfile(tmp_path, {**WORKSPACE, **more}, ".")


@pytest.mark.parametrize(
    "line", ["../lib", "-e ../lib", "--editable=../lib", "file:../lib", "lib @ file:../lib", "../lib[fast]  # ours"]
)
def test_requirements_take_a_project_beside_the_source(tmp_path: Path, line: str) -> None:
    files = {**PLAIN, "api/requirements.txt": f"{PINS}{line}\n", "api/main.py": APP}
    first, _, rest = dockerfile(tmp_path, files, "api").partition("pip install --requirement requirements.txt")
    assert "COPY lib/ /app/lib/" in first and "WORKDIR /app/api" in first and "COPY api/ /app/api/" in rest


def test_requirements_with_a_project_of_the_source_are_pinned_by_it(tmp_path: Path) -> None:
    files = {**PLAIN, "requirements.txt": f"{PINS}./lib\n", "main.py": APP}
    text = dockerfile(tmp_path, files, ".")
    assert "COPY lib/ /app/lib/" in text and "Nothing pins these" not in text


@pytest.mark.parametrize("line", ["-e .", ".", "--editable .", "-e .[fast]"])
@pytest.mark.parametrize("source", [".", "api"])
def test_a_source_that_its_requirements_install_is_there_before(tmp_path: Path, line: str, source: str) -> None:
    files = {"requirements.txt": f"{line}\n{PINS}", "main.py": APP, "setup.py": PLAIN["lib/setup.py"]}
    text = dockerfile(tmp_path, {f"{source}/{name}": one for name, one in files.items()}, source, source)
    first, _, rest = text.partition("pip install --requirement requirements.txt")
    assert "COPY . ./" in first and "COPY . ./" not in rest and "COPY --from=build /app ./" in rest


def test_one_that_pipenv_installs_is_there_before(tmp_path: Path) -> None:
    pipfile = '[packages]\nfastapi = "*"\nuvicorn = "*"\nlib = {path = ".", editable = true}\n'
    files = {"Pipfile": pipfile, "Pipfile.lock": "{}", "main.py": APP, "setup.py": PLAIN["lib/setup.py"]}
    assert "COPY . ./" in dockerfile(tmp_path, files, ".").partition("pipenv sync")[0]


def test_an_archive_is_there_before_it_is_installed(tmp_path: Path) -> None:
    files = {"requirements.txt": f"{PINS}./wheels/lib-1.0-py3-none-any.whl\n", "main.py": APP}
    files["wheels/lib-1.0-py3-none-any.whl"] = "PK"
    first = dockerfile(tmp_path, files, ".").partition("pip install --requirement")[0]
    assert "COPY wheels/lib-1.0-py3-none-any.whl ./wheels/" in first


def test_requirements_of_a_folder_above_are_copied_and_read(tmp_path: Path) -> None:
    files = {"base.txt": "uvicorn==0.37.0\npsycopg2==2.9.10\n", "api/main.py": APP}
    files["api/requirements.txt"] = "-r ../base.txt\nfastapi==0.118.0\n"
    text = dockerfile(tmp_path, files, "api")
    assert "COPY base.txt ./\n" in text and "libpq5" in text and '"uvicorn"' in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-e ../../lib", "`../../lib` lies outside of the repository"),
        ("../gone", "`../gone` is not in the repository"),
        ("./docs", "`./docs` has no pyproject.toml or setup.py"),
        ("./wheels/x-1-py3-none-any.whl", "is not in the repository"),
        ("-r ../gone.txt", "`../gone.txt` is included, and it is not in the repository"),
    ],
)
def test_a_path_that_leads_to_no_project_is_an_error_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    files = {"api/requirements.txt": f"{PINS}{line}\n", "api/main.py": APP, "api/docs/a.md": ""}
    found = refused(tmp_path, files)
    assert said in found and "api/requirements.txt:3" in found


def poetry(name: str, needs: str) -> str:
    return f'[tool.poetry]\nname = "{name}"\nversion = "1.0.0"\n[tool.poetry.dependencies]\npython = "^3.12"\n{needs}'


POETRY = {
    "api/pyproject.toml": poetry("api", 'fastapi = "*"\nuvicorn = "*"\nlib = { path = "../lib", develop = true }\n'),
    "api/poetry.lock": "",
    "api/main.py": APP,
    "lib/pyproject.toml": poetry("lib", 'core = { path = "../core" }\n'),
    "core/pyproject.toml": poetry("core", ""),
}


def test_poetry_installs_its_path_dependencies_behind_the_others(tmp_path: Path) -> None:
    first, _, rest = dockerfile(tmp_path, POETRY, "api").partition("--no-root --no-directory --compile")
    assert "COPY core/pyproject.toml ./core/" in first and "COPY core/ /app/core/" in rest
    assert "poetry install --only main --no-root --compile" in rest


def test_a_path_dependency_of_development_is_none_of_the_image(tmp_path: Path) -> None:
    more = '[tool.poetry.group.dev.dependencies]\nlib = { path = "../lib" }\n'
    needs = 'fastapi = "*"\nuvicorn = "*"\n'
    files = {**POETRY, "api/pyproject.toml": poetry("api", needs) + more}
    assert "COPY lib" not in dockerfile(tmp_path, files, "api", context="api")


@pytest.mark.parametrize("said", ["file:///${PROJECT_ROOT}/../lib", "{root:parent:uri}/lib", "{root:uri}/../lib"])
def test_direct_references_of_pdm_and_hatch_are_followed(tmp_path: Path, said: str) -> None:
    files = {**PLAIN, "api/pyproject.toml": manifest("api", "fastapi", "uvicorn", f"lib @ {said}"), "api/main.py": APP}
    assert "COPY lib/ /app/lib/" in dockerfile(tmp_path, files, "api")


def test_pipenv_takes_a_path(tmp_path: Path) -> None:
    pipfile = '[packages]\nfastapi = "*"\nuvicorn = "*"\nlib = {path = "../lib", editable = true}\n'
    files = {**PLAIN, "api/Pipfile": pipfile, "api/Pipfile.lock": "{}", "api/main.py": APP}
    first = dockerfile(tmp_path, files, "api").partition("pipenv sync")[0]
    assert "COPY lib/ /app/lib/" in first


def test_a_context_that_is_pinned_and_does_not_hold_a_project_is_an_error(tmp_path: Path) -> None:
    here = project(tmp_path, POETRY, "{api: {source: api, build: {context: api}}}")
    said = run("build", cwd=here, code=2).err
    assert "`../lib` is needed, and the pinned context does not hold it" in said and "api/pyproject.toml:8" in said


SETTINGS = """import os
from pydantic_settings import BaseSettings

from . import more

class Settings(BaseSettings):
    money_url: str
"""


@pytest.mark.parametrize(
    "line", ["from money.settings import Settings", "import money.settings", "from money import settings"]
)
@pytest.mark.parametrize("below", ["", "src/"])
def test_variables_that_a_needed_member_reads_are_asked_for(tmp_path: Path, line: str, below: str) -> None:
    files = {
        **WORKSPACE,
        "services/api/main.py": f"{line}\n{APP}",
        f"libs/money/{below}money/__init__.py": "",
        f"libs/money/{below}money/settings.py": SETTINGS,
        f"libs/money/{below}money/more.py": "import os\nKEY = os.environ['MORE_KEY']\n",
        f"libs/money/{below}money/batch.py": "import os\nKEY = os.environ['BATCH_KEY']\n",
        "libs/other/other/__init__.py": "import os\nKEY = os.environ['OTHER_KEY']\n",
    }
    here = project(tmp_path, files, "{api: {source: services/api}}")
    said = run("build", cwd=here, code=0).err
    assert "MONEY_URL" in said and "MORE_KEY" in said and "BATCH_KEY" not in said and "OTHER_KEY" not in said


def test_the_port_that_the_settings_of_a_member_name_is_that_of_the_service(tmp_path: Path) -> None:
    files = {
        **WORKSPACE,
        "services/api/main.py": f"from money import settings\nimport uvicorn\n{APP}uvicorn.run(app, port=settings.port)\n",
        "libs/money/money/__init__.py": "from pydantic_settings import BaseSettings\n\nclass Settings(BaseSettings):\n"
        "    port: int = 4321\n\nsettings = Settings()\n",
    }
    assert "EXPOSE 4321" in dockerfile(tmp_path, files, "services/api")


@pytest.mark.parametrize(
    ("more", "folder"),
    [
        ('[tool.poetry]\npackages = [{ include = "kit", from = "../shared" }]\n', "shared/kit"),
        ('[tool.hatch.build.targets.wheel.force-include]\n"../shared/kit" = "kit"\n', "shared/kit"),
        ('[tool.polylith.bricks]\n"../shared/kit" = "kit"\n', "shared/kit"),
        ('[tool.setuptools.packages.find]\nwhere = ["../shared"]\n', "shared"),
    ],
)
def test_code_outside_that_a_package_is_built_with_is_there_and_read(tmp_path: Path, more: str, folder: str) -> None:
    files = {
        "api/pyproject.toml": manifest("api", "fastapi", "uvicorn", more=more),
        "api/main.py": f"from kit.settings import KEY\n{APP}",
        "shared/kit/__init__.py": "",
        "shared/kit/settings.py": "import os\nKEY = os.environ['KIT_KEY']\n",
    }
    assert f"COPY {folder}/ /app/{folder}/" in dockerfile(tmp_path, files, "api")
    assert "KIT_KEY" in run("build", "-v", cwd=tmp_path, code=0).err


def test_code_outside_that_is_nowhere_is_an_error_with_its_line(tmp_path: Path) -> None:
    more = '[tool.poetry]\npackages = [{ include = "kit", from = "../gone" }]\n'
    files = {"api/pyproject.toml": manifest("api", "fastapi", "uvicorn", more=more), "api/main.py": APP}
    said = refused(tmp_path, files)
    assert "`../gone/kit` is not in the repository" in said and "api/pyproject.toml:6" in said
