"""Python → two stages: a virtual environment is built in one and copied to the other, which has no compiler.

The dependency layer comes before the source, so that a change of code installs nothing again. uv, poetry, pipenv and pdm
are installed beside the environment, at fixed versions, and stay in the build stage.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from kforge.domain.build_inputs import arguments, secret_mounts
from kforge.domain.commands.started import start_variables
from kforge.domain.document import Dockerfile, Instruction, Stage
from kforge.domain.images import bare, repository
from kforge.domain.images import tag as image_tag
from kforge.domain.instructions import (
    TMP,
    account,
    cache,
    copy,
    ending,
    env,
    folders,
    for_production,
    made_folders,
    no_entrypoint,
    run,
    started_with,
    system_packages,
    taken_folders,
    workdir,
)
from kforge.domain.kubernetes.names import ports, tag
from kforge.domain.source.layout import layout
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.domain.view import View
from kforge.recipes.front_ends import built_files, front_stages

VENV = "/opt/venv"
OFFICIAL_PYTHON, DEBIAN_PYTHON = "/usr/local/bin/python", "/usr/bin/python"
# https://github.com/GoogleContainerTools/distroless/blob/main/python3/README.md#compatibility
PLACE_OF_PYTHON = "The final image has its Python here, and the environment links to it by path."
# Chosen by kforge and raised with it: what installs is part of what is installed.
TOOLS = {
    "uv": "uv==0.13.8",
    "poetry": "poetry==2.5.1",
    "pipenv": "pipenv==2026.10.3",
    "pdm": "pdm==2.29.4 hishel==1.4.0",
}
# pdm 2.29 does not run with hishel 2, which it allows.
# The last releases that Python 3.9 installs: what came after asks for a newer one.
OLDER_TOOLS = {"poetry": "poetry==2.2.1", "pipenv": "pipenv==2025.0.4", "pdm": "pdm==2.26.6 hishel==1.1.8"}
CACHES = {
    "uv": "/root/.cache/uv",
    "poetry": "/root/.cache/pypoetry",
    "pipenv": "/root/.cache/pipenv",
    "pdm": "/root/.cache/pdm",
}
_VERSION = re.compile(r"v?[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc|\.post|\.dev)[0-9]+)?")  # as PEP 440 has it
_EXTRA = {"poetry": "--extras", "pdm": "--group", "uv": "--extra", "pip": "--extra", "pipenv": "--extra", "": "--extra"}
PIP_CACHE = "/root/.cache/pip"
SETTINGS = {
    "uv": {
        "UV_COMPILE_BYTECODE": "1",
        "UV_LINK_MODE": "copy",
        "UV_PROJECT_ENVIRONMENT": VENV,
        "UV_PYTHON_DOWNLOADS": "never",
    },
    "poetry": {"POETRY_NO_INTERACTION": "1"},
    "pipenv": {"PIPENV_VERBOSITY": "-1"},
    "pdm": {"PDM_CHECK_UPDATE": "false", "PDM_NON_INTERACTIVE": "1"},
}


def stages(view: View) -> Dockerfile:
    manifests, steps = list(view.fact("manifests")), list(view.decided(BUILD, "steps"))
    installs = bool(manifests or steps)
    image, writable = view.decided(BUILD, "runtime"), view.decided(PROCESS, "writable")
    made = made_folders(view.decided(BUILD, "base"), writable) if bare(image) else ()
    runtime = _runtime(view, built=bool(steps or view.fact("workspace")), environment=installs, made=made)
    own = (_build(view, manifests, steps), *made, runtime) if installs else (*made, runtime)
    return Dockerfile((*front_stages(view), *own))


def _build(view: View, manifests: Sequence[str], steps: Sequence[Sequence[str]]) -> Stage:
    image = view.decided(BUILD, "base")
    installer = _installer(view, manifests)
    place = layout(view)
    body: list[Instruction] = [
        *place.prepared(),
        *system_packages(image, view.decided(BUILD, "buildPackages"), "build.buildPackages"),
        *arguments(view),
    ]
    body += _environment(installer, image, view.decided(BUILD, "runtime"))
    workspace = view.fact("workspace")
    own, late = (workspace["members"], workspace["late"]) if workspace else ((), False)
    versioned = _versioned(view)
    body += place.manifests(manifests if installer else ())
    whole = [*place.content(), *built_files(view, place)]
    if own and not late:
        body += [*versioned, *(whole if "." in own else place.folders(own))]
        versioned = []
    body += _install(view, installer, manifests, alone=late)
    if (steps or workspace) and (late or "." not in own):
        body += [*versioned, *whole]
    if own and late:
        body += _install(view, installer, manifests)
    if steps:
        body.append(run(*steps, caches=[cache(PIP_CACHE), *secret_mounts(view)], origin="build.steps"))
    why = "Installs the dependencies into a virtual environment; compilers and package managers stay behind here."
    return Stage("build", image, tuple(body), origin="build.base", comment=why)


def _versioned(view: View) -> list[Instruction]:
    """The version for a build that would read it from git's history, which no image has."""
    variable = view.fact("scm_version")
    if variable is None:
        return []
    named = tag(view)
    version = named if _VERSION.fullmatch(named) else "0.0.0"
    return [env({variable: version}, comment="Its version comes from git, whose history stays outside of images.")]


def _runtime(view: View, built: bool, environment: bool, made: tuple[Stage, ...]) -> Stage:
    image, user = view.decided(BUILD, "runtime"), view.decided(PROCESS, "user")
    # Output is not buffered, and Python does not try to write byte code below a read-only root.
    settings = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "HOME": TMP}
    if environment:
        settings = {"PATH": f"{VENV}/bin:$PATH", **settings}
    if environment and (view.decided(PROCESS, "command") or [""])[0] == "uwsgi":
        # It embeds Python, which does not find an environment by PATH; configurations say `virtualenv = $(VIRTUAL_ENV)`.
        settings["VIRTUAL_ENV"] = VENV
    place = layout(view)
    body = [
        workdir(place.at()),
        *system_packages(image, view.decided(BUILD, "packages"), "build.packages"),
        env(settings, origin="kforge: logs without delay, read-only root file system"),
        *started_with(start_variables(view)),
        *for_production(view.fact("production")),
        *([] if bare(image) else account(image, user, view.languages.accounts.values())),
    ]
    if environment:
        body.append(copy([VENV], VENV, source="build"))
    inside = f"{place.base}/" if place.inner else "./"
    alone = [*place.source_alone(), *built_files(view, place)]
    body += [copy([place.base], inside, source="build")] if built else alone
    body += [copy([folder], folder, source="build") for folder in view.fact("collected")] if built else []
    if bare(image):
        body += [*taken_folders(made, user), no_entrypoint()]
    else:
        body += folders(view.decided(PROCESS, "writable"), user, view.fact("occupied"))
    body += ending(ports(view), user, view.decided(PROCESS, "command"))
    why = "What runs: code and environment belong to root, so the process cannot change them."
    return Stage("runtime", image, tuple(body), origin="build.runtime", comment=why)


# ---- installers -----------------------------------------------------------------------------------------------
def _installer(view: View, manifests: Sequence[str]) -> str:
    """pip, uv, poetry, pipenv or pdm: who reads the manifests that are there; "" where only the project itself can tell."""
    manager, lock = str(view.fact("package_manager") or "pip"), str(view.fact("lockfile") or "")
    if manager in ("poetry", "pipenv", "pdm") or posixpath.basename(lock) == "uv.lock":
        return "uv" if manager not in TOOLS else manager
    if _requirements(view, manifests):
        return "pip"
    return "uv" if "pyproject.toml" in manifests else ""  # pip would want the source beside a pyproject.toml


def _environment(installer: str, image: str, runtime: str) -> list[Instruction]:
    """The installer itself, an empty virtual environment, and the settings that aim the one at the other.

    A virtual environment links to its Python by path, so it is made by the path that Python has in the final image.
    """
    create, why = [["python", "-m", "venv", VENV]], ""
    if repository(runtime).rpartition("/")[2].startswith("python3-debian"):  # distroless'
        create = [["ln", "-s", OFFICIAL_PYTHON, DEBIAN_PYTHON], [DEBIAN_PYTHON, "-m", "venv", VENV]]
        why = PLACE_OF_PYTHON
    if installer not in TOOLS:
        return [run(*create, comment=why), env({"PATH": f"{VENV}/bin:$PATH"})]
    old = re.match(r"3\.[0-9](?!\d)", image_tag(image)) is not None
    tool = (OLDER_TOOLS if old else TOOLS).get(installer, TOOLS[installer])
    install = run(["pip", "install", *tool.split()], *create, caches=[cache(PIP_CACHE)], comment=why)
    return [install, env({"VIRTUAL_ENV": VENV, "PATH": f"{VENV}/bin:$PATH", **SETTINGS[installer]})]


def _install(view: View, installer: str, manifests: Sequence[str], alone: bool = False) -> list[Instruction]:
    """The dependencies, without the project itself: where it is a package, a build step installs it. `alone`: without
    the projects of the repository, too, which are not there yet.
    """
    locked = view.fact("lockfile") is not None
    note = "" if locked else "Nothing pins these: two builds may install different versions."
    extras = [
        word for one in view.fact("groups") if one["kind"] == "extra" for word in (_EXTRA[installer], one["name"])
    ]
    groups = [one["name"] for one in view.fact("groups") if one["kind"] == "group"]
    apart = any(one.get("alone") for one in view.fact("groups"))  # without a project, which could not be installed
    chosen = [*extras, *(word for name in groups for word in ("--group", name))]
    members = ["--all-packages"] if (view.fact("workspace") or {}).get("all") else []  # the root is no package itself
    commands = {
        "pip": ["pip", "install", "--requirement", *_requirements(view, manifests)[:1]],
        "poetry": [
            "poetry",
            "install",
            "--only",
            ",".join(["main", *groups]),
            *extras,
            "--no-root",
            *(["--no-directory"] if alone else []),
            "--compile",
        ],
        "pdm": ["pdm", "sync", "--prod", *chosen, "--no-editable", "--no-self"],
        "pipenv": ["pipenv", "sync"] if locked else ["pipenv", "install", "--skip-lock"],
        "uv": [
            *("uv", "sync", "--frozen", "--no-dev", *members, *chosen),
            "--no-install-local" if alone else "--no-install-project",
        ]
        if locked
        else ["uv", "pip", "install", *([] if apart else ["--requirement", "pyproject.toml"]), *chosen],
    }
    if installer not in commands:
        return []
    caches = [cache(CACHES.get(installer, PIP_CACHE)), *secret_mounts(view)]
    return [run(commands[installer], caches=caches, comment=note)]


def _requirements(view: View, manifests: Sequence[str]) -> list[str]:
    """Requirement files, the one that pins first."""
    found = [name for name in manifests if name.endswith(".txt") and "constraint" not in name]
    return sorted(found, key=lambda name: name != view.fact("lockfile"))
