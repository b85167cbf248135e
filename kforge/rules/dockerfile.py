"""Dockerfiles that kforge writes: pinned, unprivileged, without secrets, and at one with the workloads that run them.

hadolint and BuildKit's checks read the text; these read the instructions, before there is any, and see what those two
do not: other registries in `--from` and mounts, a user or a port that the workload contradicts, a file that is copied
and ignored at once.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from kforge.domain.document import POD_PATHS, Dockerfile, Document, Documents, Instruction, pod_spec
from kforge.domain.finding import Hit, Rule
from kforge.domain.images import SCRATCH, allowed, digest, repository, tag
from kforge.domain.kubernetes.objects import containers, items, mapping

SECRET_NAME = re.compile(r"(?i)(^|_)(secret|token|passwd|password|api_?key|private_?key|credentials?)(_|$)")
SECRET_FILE = re.compile(
    r"(?i)(^|/)(\.env(\..{0,255})?|id_(rsa|dsa|ecdsa|ed25519)\S{0,255}|[^\s/]*\.(pem|key|p12|pfx|tfstate)|\.npmrc|\.pypirc|\.netrc)$"
)
WEAK_WORDS = frozenset(
    {"sudo", "chpasswd", "--insecure", "--allow-untrusted", "--no-check-certificate", "--trusted-host", "--force-yes"}
)
FETCHERS = frozenset({"curl", "wget"})
SHELLS = frozenset({"sh", "bash", "/bin/sh", "/bin/bash"})
RESERVED = frozenset({"scratch", "context"})
IGNORED_AT_LEAST = ("**/.git", "**/.env", "**/*.pem", "**/*.key")
Numbered = Iterator[tuple[str, Instruction]]


def _dockerfiles(documents: Documents) -> Iterator[tuple[Document, Dockerfile]]:
    return ((item, item.dockerfile) for item in documents if item.dockerfile is not None)


def _numbered(dockerfile: Dockerfile, *names: str) -> Numbered:
    """Instructions with their field: `runtime[3].USER`."""
    for stage in dockerfile.stages:
        for index, instruction in enumerate(stage.instructions):
            if not names or instruction.name in names:
                yield f"{stage.name}[{index}].{instruction.name}", instruction


# ---- bases and stages -----------------------------------------------------------------------------------------
def _tags(documents: Documents) -> Iterator[Hit]:
    for document, dockerfile in _dockerfiles(documents):
        for field, image in _images(dockerfile):
            if not digest(image) and tag(image) in ("", "latest"):
                yield Hit(document, field, f"base image `{image}` names no version")


def _registries(documents: Documents) -> Iterator[Hit]:
    for document, dockerfile in _dockerfiles(documents):
        for field, image in _images(dockerfile):
            if not allowed(image, documents.registries):
                yield Hit(document, field, f"base image `{image}` is in none of the allowed registries")


def _images(dockerfile: Dockerfile) -> Iterator[tuple[str, str]]:
    """Images that a build pulls: of FROM, of `--from=` and of mounts."""
    stages: set[str] = set()
    for stage in dockerfile.stages:
        if stage.image != SCRATCH and stage.image not in stages:
            yield f"{stage.name}.FROM", stage.image
        for index, instruction in enumerate(stage.instructions):
            source = _from(instruction)
            if source and source not in stages and "/" in source:
                yield f"{stage.name}[{index}].{instruction.name}", source
        stages.add(stage.name)


def _from(instruction: Instruction) -> str:
    for flag in instruction.flags:
        found = re.search(r"^--from=(.+)|[=,]from=([^,]+)", flag)
        if found:
            return found[1] or found[2]
    return ""


def _stages(documents: Documents) -> Iterator[Hit]:
    for document, dockerfile in _dockerfiles(documents):
        seen: set[str] = set()
        for stage in dockerfile.stages:
            if stage.name in seen or stage.name in RESERVED or stage.name != stage.name.lower():
                yield Hit(
                    document, f"{stage.name}.FROM", f"stage name `{stage.name}` is taken, reserved or not in lower case"
                )
            for index, instruction in enumerate(stage.instructions):
                source = _from(instruction)
                if source and source not in seen and "/" not in source:
                    yield Hit(document, f"{stage.name}[{index}].{instruction.name}", f"`{source}` is no earlier stage")
            seen.add(stage.name)


def _interpreters(documents: Documents) -> Iterator[Hit]:
    """What an interpreted language builds (a virtual environment, a native module) runs only on the version that built it."""
    parts = {one.image.short: one.image.parts for one in documents.languages if one.interpreted}
    for document, dockerfile in _dockerfiles(documents):
        versions: dict[str, set[str]] = {}
        for stage in dockerfile.stages:
            name = repository(stage.image).rpartition("/")[2]
            if name in parts and (version := re.match(rf"\d+(\.\d+){{0,{parts[name] - 1}}}", tag(stage.image))):
                versions.setdefault(name, set()).add(version[0])
        for name, found in sorted(versions.items()):
            if len(found) > 1:
                yield Hit(
                    document,
                    f"{dockerfile.stages[-1].name}.FROM",
                    f"stages use different versions of {name}: {', '.join(sorted(found))}",
                )


# ---- instructions ---------------------------------------------------------------------------------------------
def _users(documents: Documents) -> Iterator[Hit]:
    for document, dockerfile in _dockerfiles(documents):
        last = dockerfile.stages[-1]
        user = _user(dockerfile)
        if not user.isdigit() or int(user) == 0:
            yield Hit(document, f"{last.name}.USER", f"the image runs as `{user or 'root'}`")


def _user(dockerfile: Dockerfile) -> str:
    users = [item.args[0] for item in dockerfile.stages[-1].instructions if item.name == "USER"]
    return users[-1].partition(":")[0] if users else ""


def _secrets(documents: Documents) -> Iterator[Hit]:
    for document, dockerfile in _dockerfiles(documents):
        for field, instruction in _numbered(dockerfile, "ENV", "ARG", "LABEL"):
            for word in instruction.args:
                name = word.partition("=")[0]
                if SECRET_NAME.search(name):
                    yield Hit(document, field, f"`{name}` would stay in the image's history")
        for field, instruction in _numbered(dockerfile, "COPY"):
            for path in instruction.args[:-1]:
                if SECRET_FILE.search(path):
                    yield Hit(document, field, f"`{path}` would stay in the image's history")


def _commands(documents: Documents) -> Iterator[Hit]:
    for document, dockerfile in _dockerfiles(documents):
        for field, instruction in _numbered(dockerfile, "RUN"):
            words = [word for argument in instruction.args for word in re.split(r"[\s;|&()]+", argument)]
            weak = sorted(WEAK_WORDS.intersection(words))
            if weak:
                yield Hit(document, field, f"a build step uses `{weak[0]}`")
            if FETCHERS.intersection(words) and SHELLS.intersection(words):
                yield Hit(
                    document,
                    field,
                    "a build step runs what it downloads, unseen",
                    "download, check the digest, then run",
                )
            for flag in instruction.flags:
                if flag.startswith(("--security=insecure", "--network=host")):
                    yield Hit(document, field, f"a build step runs with `{flag}`")


def _paths(documents: Documents) -> Iterator[Hit]:
    for document, dockerfile in _dockerfiles(documents):
        for field, instruction in _numbered(dockerfile, "WORKDIR"):
            if not instruction.args[0].startswith("/"):
                yield Hit(document, field, f"working directory `{instruction.args[0]}` is relative to another")
        for field, instruction in _numbered(dockerfile, "COPY"):
            for path in instruction.args:
                if ".." in path.split("/"):
                    yield Hit(document, field, f"`{path}` leaves its folder")


def _starts(documents: Documents) -> Iterator[Hit]:
    for document, dockerfile in _dockerfiles(documents):
        last = dockerfile.stages[-1]
        for name in ("CMD", "ENTRYPOINT"):
            found = [item for item in last.instructions if item.name == name]
            if len(found) > 1:
                yield Hit(document, f"{last.name}.{name}", f"{name} stands there {len(found)} times, the last counts")
            if any(not item.json for item in found):
                yield Hit(
                    document, f"{last.name}.{name}", f"{name} runs in a shell, which keeps SIGTERM from the process"
                )


# ---- at one with workloads and the build context --------------------------------------------------------------
class _Running:
    """Containers of every workload by image, and the images of every service: one walk over all documents."""

    def __init__(self, documents: Documents) -> None:
        self._by_image: dict[str, list[tuple[Document, str, Any]]] = {}
        self._images: dict[str, set[str]] = {}
        for workload in documents.objects(*POD_PATHS):
            pod = pod_spec(workload)
            if pod is not None:
                self._add(workload, pod[1])

    def _add(self, workload: Document, spec: Any) -> None:
        for path, container in containers(workload, "containers"):
            image = str(container.get("image"))
            merged = {**mapping(spec, "securityContext"), **mapping(container, "securityContext")}
            held = (workload, path, {**container, "securityContext": merged})
            self._by_image.setdefault(image, []).append(held)
            self._images.setdefault(workload.service, set()).add(image)

    def of(self, service: str) -> Iterator[tuple[Document, str, Any]]:
        """Containers of every workload that run an image of a service, with the pod's security context below theirs."""
        for image in sorted(self._images.get(service, ())):
            yield from self._by_image[image]


def _user_agrees(documents: Documents) -> Iterator[Hit]:
    running = _Running(documents)
    for document, dockerfile in _dockerfiles(documents):
        for workload, field, container in running.of(document.service):
            number = container["securityContext"].get("runAsUser")
            if number is not None and str(number) != _user(dockerfile):
                yield Hit(
                    workload,
                    f"{field}.securityContext.runAsUser",
                    f"runs as {number}, its image is built for {_user(dockerfile)}",
                )


def _ports_agree(documents: Documents) -> Iterator[Hit]:
    running = _Running(documents)
    for document, dockerfile in _dockerfiles(documents):
        exposed = {
            int(port) for item in dockerfile.stages[-1].instructions if item.name == "EXPOSE" for port in item.args
        }
        for workload, field, container in running.of(document.service):
            ports = {str(port.get("containerPort")) for _, port in items(container, "ports")}
            if workload.service == document.service and ports != {*map(str, exposed)}:
                said = ", ".join(map(str, sorted(exposed))) or "none"
                yield Hit(workload, f"{field}.ports", f"container ports differ from what its image exposes ({said})")


def _copied(documents: Documents) -> Iterator[Hit]:
    ignores = {posixpath.dirname(item.path): item for item in documents if item.path.endswith(".dockerignore")}
    for document, dockerfile in _dockerfiles(documents):
        found = ignores.get(posixpath.dirname(document.path))
        patterns = (found.lines or ()) if found else ()
        for field, instruction in _numbered(dockerfile, "COPY"):
            if not _from(instruction):
                for path in instruction.args[:-1]:
                    if pattern := _ignored(path, patterns):
                        yield Hit(
                            document, field, f"`{path}` is copied, and `.dockerignore` excludes it with `{pattern}`"
                        )


def _ignored(path: str, patterns: tuple[str, ...]) -> str:
    """The pattern that excludes a path or a folder above it, "" where none does."""
    parts = posixpath.normpath(path).split("/")
    above = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    found = ""
    for pattern in patterns:
        if not pattern or pattern.startswith("#"):
            continue
        bare = pattern.lstrip("!").removeprefix("**/").strip("/")
        anywhere = "**/" in pattern
        if any(fnmatch.fnmatchcase(one.rpartition("/")[2] if anywhere else one, bare) for one in above):
            found = "" if pattern.startswith("!") else pattern
    return found


def _excluded(documents: Documents) -> Iterator[Hit]:
    for document in documents:
        if document.lines is not None and document.path.endswith(".dockerignore"):
            for pattern in IGNORED_AT_LEAST:
                if pattern not in document.lines:
                    yield Hit(document, "", f"`{pattern}` is not excluded from the build context")


RULES = (
    Rule(
        "dockerfile-tag",
        "error",
        "name a version or a digest under `bases`, or pin `build.base` and `build.runtime`",
        _tags,
    ),
    Rule(
        "dockerfile-registry",
        "error",
        "name an allowed image under `bases`, or add its registry to `registries`",
        _registries,
    ),
    Rule(
        "dockerfile-stage", "error", "give each stage a lower-case name of its own, and copy from earlier ones", _stages
    ),
    Rule("dockerfile-interpreter", "error", "pin `build.base` and `build.runtime` to the same version", _interpreters),
    Rule("dockerfile-user", "error", "pin `user:` to the number of an account other than root", _users),
    Rule(
        "dockerfile-secret",
        "error",
        "pass it when the container starts: `secrets:` in the spec",
        _secrets,
        waivable=False,
    ),
    Rule(
        "dockerfile-command",
        "error",
        "write the step so that it downloads nothing unseen and needs no other rights",
        _commands,
    ),
    Rule("dockerfile-path", "error", "write absolute working directories, and copy from inside the source", _paths),
    Rule("dockerfile-start", "error", "write one command as an argument list", _starts),
    Rule("dockerfile-workload-user", "error", "pin `user:`, which sets both", _user_agrees),
    Rule("dockerfile-workload-port", "error", "pin `port:` or `ports:`, which set both", _ports_agree),
    Rule("dockerfile-context", "error", "copy another file, or rename it", _copied),
    Rule("dockerfile-ignore", "error", "keep history and secrets out of the build context", _excluded),
)
