"""Python → two stages: a virtual environment is built in one and copied to the other, which has no compiler.

The dependency layer comes before the source, so that a change of code installs nothing again. uv, poetry and pipenv
are installed beside the environment, at fixed versions, and stay in the build stage.
"""

from __future__ import annotations

from collections.abc import Sequence

from kforge.domain.artifact import Recipe
from kforge.domain.document import Dockerfile, Instruction, Stage
from kforge.domain.instructions import (
    TMP,
    account,
    cache,
    copies,
    copy,
    ending,
    env,
    folders,
    run,
    system_packages,
    workdir,
)
from kforge.domain.view import View

VENV = "/opt/venv"
# Chosen by kforge and raised with it: what installs is part of what is installed.
TOOLS = {"uv": "uv==0.13.8", "poetry": "poetry==2.5.1", "pipenv": "pipenv==2026.10.3"}
CACHES = {"uv": "/root/.cache/uv", "poetry": "/root/.cache/pypoetry", "pipenv": "/root/.cache/pipenv"}
PIP_CACHE = "/root/.cache/pip"
SETTINGS = {
    "uv": {"UV_COMPILE_BYTECODE": "1", "UV_LINK_MODE": "copy", "UV_PROJECT_ENVIRONMENT": VENV, "UV_PYTHON_DOWNLOADS": "never"},
    "poetry": {"POETRY_NO_INTERACTION": "1"},
    "pipenv": {"PIPENV_VERBOSITY": "-1"},
}


def _stages(view: View) -> Dockerfile:
    manifests, steps = list(view.fact("manifests")), list(view.decided("build", "steps"))
    runtime = _runtime(view, built=bool(steps), environment=bool(manifests))
    if not manifests and not steps:
        return Dockerfile((runtime,))
    return Dockerfile((_build(view, manifests, steps), runtime))


def _build(view: View, manifests: Sequence[str], steps: Sequence[Sequence[str]]) -> Stage:
    image = view.decided("build", "base")
    installer = _installer(view, manifests)
    body: list[Instruction] = [workdir("/app"), *system_packages(image, view.decided("build", "buildPackages"), "build.buildPackages")]
    if manifests:
        body += [*_environment(installer), *copies(_first(installer, manifests)), *_install(view, installer, manifests)]
    if steps or (manifests and _whole(view, installer, manifests)):
        body += [copy(["."], "./"), *_project(view, installer, manifests)]
    if steps:
        body.append(run(*steps, origin="build.steps"))
    why = "Installs the dependencies into a virtual environment; compilers and package managers stay behind here."
    return Stage("build", image, tuple(body), origin="build.base", comment=why)


def _runtime(view: View, built: bool, environment: bool) -> Stage:
    image, user = view.decided("build", "runtime"), view.decided("process", "user")
    # Output is seen as it is written, and nobody tries to write byte code below a read-only root.
    settings = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "HOME": TMP}
    if environment:
        settings = {"PATH": f"{VENV}/bin:$PATH", **settings}
    body = [
        workdir("/app"),
        env(settings, origin="kforge: logs without delay, read-only root file system"),
        *system_packages(image, view.decided("build", "packages"), "build.packages"),
        *account(image, user),
    ]
    if environment:
        body.append(copy([VENV], VENV, source="build"))
    body.append(copy(["/app"], "./", source="build") if built else copy(["."], "./"))
    body += folders(view.decided("process", "writable"), user)
    body += ending(view.decided("process", "ports"), user, view.decided("process", "command"))
    why = "What runs: code and environment belong to root, so the process cannot change them."
    return Stage("runtime", image, tuple(body), origin="build.runtime", comment=why)


# ---- installers -----------------------------------------------------------------------------------------------
def _installer(view: View, manifests: Sequence[str]) -> str:
    """pip, uv, poetry or pipenv; a manager whose lock file is missing is replaced by what can do without."""
    manager, lock = str(view.fact("package_manager") or "pip"), view.fact("lockfile")
    if manager in TOOLS and lock:
        return manager
    return "pip" if _requirements(view, manifests) else "uv"  # only uv installs a pyproject.toml's dependencies alone


def _environment(installer: str) -> list[Instruction]:
    """The installer itself, an empty virtual environment, and the settings that aim the one at the other."""
    create = ["python", "-m", "venv", VENV]
    if installer == "pip":
        return [run(create), env({"PATH": f"{VENV}/bin:$PATH"})]
    install = run(["pip", "install", TOOLS[installer]], create, caches=[cache(PIP_CACHE)])
    return [install, env({"VIRTUAL_ENV": VENV, "PATH": f"{VENV}/bin:$PATH", **SETTINGS[installer]})]


def _install(view: View, installer: str, manifests: Sequence[str]) -> list[Instruction]:
    """The dependencies, without the project itself."""
    if installer == "pip":
        return [run(["pip", "install", "--requirement", name], caches=[cache(PIP_CACHE)]) for name in _requirements(view, manifests)[:1]]
    caches = [cache(CACHES[installer])]
    if installer == "poetry":
        return [run(["poetry", "install", "--only", "main", "--no-root"], caches=caches)]
    if installer == "pipenv":
        return [run(["pipenv", "sync"], caches=[*caches, cache(PIP_CACHE)])]
    if view.fact("lockfile") == "uv.lock":
        return [run(["uv", "sync", "--frozen", "--no-dev", "--no-install-project"], caches=caches)]
    return [run(["uv", "pip", "install", "--requirement", "pyproject.toml"], caches=caches)] if "pyproject.toml" in manifests else []


def _project(view: View, installer: str, manifests: Sequence[str]) -> list[Instruction]:
    """The project itself, where it is a package: its console scripts and its metadata are then found."""
    if not _whole(view, installer, manifests):
        return []
    if installer == "poetry":
        return [run(["poetry", "install", "--only", "main"], caches=[cache(CACHES["poetry"])])]
    if view.fact("lockfile") == "uv.lock":
        return [run(["uv", "sync", "--frozen", "--no-dev", "--no-editable"], caches=[cache(CACHES["uv"])])]
    return [run(["uv", "pip", "install", "--no-deps", "."], caches=[cache(CACHES["uv"])])]


def _whole(view: View, installer: str, manifests: Sequence[str]) -> bool:
    """Whether the project is installed too. The facts do not say if it is a package; uv and poetry see for themselves."""
    return installer in ("uv", "poetry") and view.fact("project_name") is not None and "pyproject.toml" in manifests


def _requirements(view: View, manifests: Sequence[str]) -> list[str]:
    """Requirement files, the one that pins first."""
    found = [name for name in manifests if name.endswith(".txt") and "constraint" not in name]
    return sorted(found, key=lambda name: name != view.fact("lockfile"))


def _first(installer: str, manifests: Sequence[str]) -> list[str]:
    """Files of the dependency layer: what the installer reads, nothing else that changes."""
    return [name for name in manifests if installer != "pip" or name.endswith((".txt", ".in"))] or list(manifests)


IGNORE = (
    "**/__pycache__", "**/*.py[cod]", "**/*.egg-info", "**/.venv", "**/venv", "**/.pytest_cache", "**/.mypy_cache",
    "**/.ruff_cache", "**/.tox", "**/.nox", "**/.coverage", "**/htmlcov",
)
RECIPE = Recipe(name="python", stages=_stages, ignore=IGNORE)
