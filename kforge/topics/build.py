"""How a source becomes an image: recipe, base images, system packages, build steps. Unaware of Dockerfile syntax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer, Topic
from kforge.domain.secrets.source_secrets import HIDDEN
from kforge.errors import InputError
from kforge.topics import gobuild
from kforge.topics.bases import BaseImage, default_version, language_base, runtime_base

if TYPE_CHECKING:
    from kforge.domain.view import View

LOCKED_BY = {
    "npm": "`npm ci`",
    "pnpm": "`pnpm install --frozen-lockfile`",
    "yarn": "a frozen `yarn install`",
    "go": "`go mod download`",
    "uv": "`uv sync --frozen`",
    "poetry": "`poetry install`",
    "pipenv": "`pipenv sync`",
    "pip": "`pip install`",
}

NAMES = {"python": "Python", "node": "Node.js", "go": "Go"}


def _applies(view: View) -> bool:
    return view.spec("source") is not None and view.fact("dockerfile") is None


def _heuristics(view: View) -> Answer:
    builder = view.builder()
    if builder is not None and builder.decided("build", "recipe") is not None:
        why = f"builds from the folder of `{builder.service}`, and so runs its image"
        return Answer({field: builder.decided("build", field) for field in FIELDS}, dict.fromkeys(FIELDS, why))
    language = view.fact("language")
    if language == "python":
        return _python(view)
    if language == "node":
        return _static(view) if _is_static(view) else _node(view)
    if language == "go":
        return _go(view)
    return _unknown(view)


# ---- languages ------------------------------------------------------------------------------------------------
def _python(view: View) -> Answer:
    version, why = _version(view, "python", parts=2)
    base = language_base(view, "python", version, why)
    runtime = language_base(
        view, "python", version, "the virtual environment runs only on the Python that built it", "runtime"
    )
    return _answer(view, "python", base, runtime, view.fact("build"))


def _node(view: View) -> Answer:
    version, why = _version(view, "node", parts=1)
    base = language_base(view, "node", version, why)
    runtime = language_base(view, "node", version, "native modules run only on the Node.js that built them", "runtime")
    return _answer(view, "node", base, runtime, view.fact("build")[:1])


def _static(view: View) -> Answer:
    version, why = _version(view, "node", parts=1)
    base = language_base(view, "node", version, why)
    runtime = runtime_base(
        view,
        "nginx",
        f"the build leaves static files in `{view.fact('output')}`, so nginx serves them and no Node.js runs",
    )
    answer = _answer(view, "static", base, runtime, view.fact("build")[:1])
    return Answer({**answer.value, "packages": []}, {**answer.reasons, "packages": "static files need none"})


def _go(view: View) -> Answer:
    named = view.fact("version")
    version, why = _newest_go(named)
    base = language_base(view, "go", version, why)
    if view.fact("packages") or view.fact("build_packages"):
        runtime = runtime_base(
            view, "debian", "the program is linked to C libraries, so it needs a distribution around it"
        )
    else:
        runtime = runtime_base(view, "static", "a static program needs only certificates, time zones and a user")
    answer = _answer(view, "go", base, runtime, gobuild.steps(view))
    if "go.mod" in view.fact("manifests"):
        found = gobuild.packages(view)
        why_steps = f"builds {'package' if len(found) == 1 else 'packages'} {', '.join(f'`{name}`' for name in found)}, without paths and symbols of the build machine"
    else:
        why_steps = "there is no `go.mod`, so dependencies are looked up anew by every build: commit one"
    return Answer(answer.value, {**answer.reasons, "steps": why_steps})


def _newest_go(named: str | None) -> tuple[str, str]:
    """Any Go builds older modules as they ask (their `go` line sets the defaults), and only two releases get fixes."""
    default = default_version("go")
    if named is None:
        return default, f"no `go.mod` names a version, so Go {default}"
    wanted = ".".join(named.split(".")[:2])
    if _numbers(wanted) >= _numbers(default):
        return wanted, f"`go.mod` asks for Go {named}"
    return (
        default,
        f"`go.mod` asks for Go {named} or later, and {default} is the oldest that this kforge knows to get fixes",
    )


def _is_static(view: View) -> bool:
    """A front end without a server of its own: its build leaves files, and nothing starts."""
    return bool(view.fact("output")) and bool(view.fact("build")) and not view.fact("start")


# ---- what the answers share -----------------------------------------------------------------------------------
def _answer(view: View, recipe: str, base: BaseImage, runtime: BaseImage, steps: list[list[str]]) -> Answer:
    steps = _spoken(view, steps)
    value: dict[str, Any] = {
        "recipe": recipe,
        "base": base.image,
        "runtime": runtime.image,
        "packages": sorted(view.fact("packages")),
        "buildPackages": sorted(view.fact("build_packages")),
        "steps": [list(step) for step in steps],
    }
    reasons = {
        "recipe": _recipe_reason(view),
        "base": base.reason,
        "runtime": runtime.reason,
        "packages": _packages_reason(value["packages"], "at run time"),
        "buildPackages": _packages_reason(value["buildPackages"], "to build"),
        "steps": f"the project builds with `{' '.join(steps[0])}`" if steps else "nothing is compiled",
    }
    return Answer(value, reasons)


def _spoken(view: View, steps: list[list[str]]) -> list[list[str]]:
    """The steps, where no word of them was hidden: an image's history shows them to whoever pulls it."""
    if not any(HIDDEN in word for step in steps for word in step):
        return steps
    if view.pin("build", "steps") is not None:
        return []
    service = view.service
    raise InputError(
        f"service `{service}`: a command that builds it holds a credential, which everybody could read in its image's history",
        hint=f"pin `services.{service}.build.steps` without it, or write a Dockerfile that mounts it as a secret",
    )


def _recipe_reason(view: View) -> str:
    manager, lock, manifests = view.fact("package_manager"), view.fact("lockfile"), view.fact("manifests")
    if lock:
        return f"`{lock}` pins the dependencies, {LOCKED_BY.get(manager, manager)} honours it"
    if manifests:
        return f"`{manifests[0]}` names the dependencies; no lock file pins them, so two builds may differ"
    return f"the source is {NAMES[str(view.fact('language'))]}, and no manifest names dependencies"


def _packages_reason(names: list[str], when: str) -> str:
    return f"dependencies need {', '.join(names)} {when}" if names else f"no dependency is known to need one {when}"


def _version(view: View, language: str, parts: int) -> tuple[str, str]:
    named = view.fact("version")
    if named is None:
        default = default_version(language)
        return default, f"the source names no version, so {default}"
    return ".".join(str(named).split(".")[:parts]), f"the source asks for {named}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _unknown(view: View) -> Answer:
    pinned = {field: view.pin("build", field) for field in ("recipe", "base", "runtime")}
    if all(pinned.values()):
        return Answer(
            {**pinned, "packages": [], "buildPackages": [], "steps": []},
            dict.fromkeys(FIELDS, "the spec pins how this is built, and the source shows nothing more"),
        )
    service = view.service
    raise InputError(
        f"service `{service}`: nothing in `{view.spec('source')}` shows how it is built: looked for a Dockerfile and for "
        "files of Python (pyproject.toml, requirements.txt, *.py), Node.js (package.json, *.js) and Go (go.mod, *.go)",
        hint=f"write a Dockerfile there, name an `image:` instead of `source:`, or pin `services.{service}.build.recipe`, `.base` and `.runtime`",
    )


FIELDS = {
    "recipe": "How the image is built: python, node, static (files served by nginx) or go.",
    "base": "Image of the build stage.",
    "runtime": "Image of the final stage.",
    "packages": "Debian packages that the program needs at run time.",
    "buildPackages": "Debian packages that building needs.",
    "steps": "Commands, as argument lists, that run after the source is copied.",
}
TOPIC = Topic(name="build", revision=1, fields=FIELDS, heuristics=_heuristics, applies=_applies, follows=True)
