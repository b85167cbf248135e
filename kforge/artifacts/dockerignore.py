""".dockerignore: what stays out of the build context, beside a Dockerfile of kforge's.

Where the user has one, it stays as it is: its patterns begin a `Dockerfile.dockerignore`, which BuildKit reads instead,
and kforge's follow, so that no pattern of theirs brings a secret back in. It was written for another Dockerfile: what
kforge's copies and a pattern keeps out comes back right behind that pattern (`/web/`, where a front end was built before
its image). What the source shows that it needs comes back at the end: a test folder that the program imports, a README
that a package is built with, a public certificate.

What is excluded never reaches the builder: history, secrets, what tools leave behind, and kforge's own files, whose
change would otherwise build every image again.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from kforge.artifacts.dockerfile import beside, built_here, recipe
from kforge.domain.artifact import Artifact
from kforge.domain.dockerfiles import copied_from, numbered
from kforge.domain.document import Dockerfile, Document
from kforge.domain.source.build_context import build_place
from kforge.domain.source.ignore_lines import excluding
from kforge.domain.source.layout import layout
from kforge.domain.topic_names import BUILD
from kforge.domain.view import View

ALWAYS = (
    "**/.git",
    "**/.gitignore",
    "**/.gitattributes",
    "**/.github",
    "**/.gitlab-ci.yml",
    "**/.vscode",
    "**/.idea",
    "**/.DS_Store",
)
# What no image may carry: the same names that kforge itself never opens.
SECRETS = (
    "**/.env",
    "**/.env.*",
    "**/*.pem",
    "**/*.key",
    "**/*.p12",
    "**/*.pfx",
    "**/id_rsa*",
    "**/id_ed25519*",
    "**/id_ecdsa*",
    "**/id_dsa*",
    "**/.npmrc",
    "**/.pypirc",
    "**/.netrc",
    "**/.aws",
    "**/.ssh",
    "**/.kube",
    "**/kubeconfig",
    "**/*.tfstate",
    "**/*.tfstate.*",
)
DOCKER = ("**/Dockerfile*", "**/*.dockerignore", "**/docker-compose*.y*ml", "**/compose.y*ml", "**/compose.*.y*ml")
OWN = ("*.kforge.yaml", "kforge.lock", "kforge.sum", ".kforge")


def _build(view: View) -> Document | None:
    if not built_here(view):
        return None
    found = recipe(view)
    theirs = view.fact("dockerignore")
    groups = (
        ("The project's own .dockerignore", _theirs(theirs, found.stages(view)) if theirs else ()),
        ("History and editors", ALWAYS),
        ("Secrets", SECRETS),
        ("What describes images, not their content", DOCKER),
        ("What tools leave behind", _inside(view, (*found.ignore, *_output(view)))),
        # A type checker fails when files that it is told of are missing.
        ("Tests", () if view.decided(BUILD, "steps") else _inside(view, found.tests)),
        ("kforge's own files", _own(view)),
    )
    lines: list[str] = []
    for title, patterns in groups:
        lines += _group(lines, title, patterns)
    lines += _group(lines, "What the build or the program needs of these", _back(view, lines))
    # BuildKit reads the one beside a Dockerfile first, wherever the context is.
    apart = theirs is not None or build_place(view).inner
    name = "Dockerfile.dockerignore" if apart else ".dockerignore"
    return Document(path=beside(view, name), artifact="dockerignore", service=view.service, lines=tuple(lines))


def _theirs(patterns: Sequence[str], made: Dockerfile) -> tuple[str, ...]:
    """The user's patterns, each that keeps out what the Dockerfile copies followed by what it may not keep out.

    Right behind it, and patterns before it that are about something inside again, so that all others still hold there.
    """
    copies = [copy.args[:-1] for _, copy in numbered(made, "COPY") if not copied_from(copy)]
    copied = dict.fromkeys(posixpath.normpath(path) for paths in copies for path in paths)
    lines: list[str] = []
    for number, line in enumerate(patterns):
        back = [path for path in copied if excluding(path, (line,))]
        back = [path for path in back if not excluding(posixpath.dirname(path) or ".", back)]
        before = [one for one in patterns[:number] if any(_inside_of(path, one) for path in back)]
        lines += [line, *(f"!{path}" for path in back), *before]
    return tuple(lines)


def _inside_of(path: str, line: str) -> bool:
    """Whether a pattern may be about something below a path, and not about the path itself."""
    text = line.strip().removeprefix("!").lstrip("/")
    return (text.startswith(("**/", f"{path}/"))) and not excluding(path, (line.strip().removeprefix("!"),))


def _inside(view: View, patterns: Sequence[str]) -> tuple[str, ...]:
    """Patterns of the source's own folders, as seen from the context."""
    source = build_place(view).source
    if source == ".":
        return tuple(patterns)
    return tuple(pattern if pattern.startswith("**/") else f"{source}/{pattern}" for pattern in patterns)


def _group(before: Sequence[str], title: str, patterns: Sequence[str]) -> list[str]:
    return [*([""] if before else []), f"# {title}", *patterns] if patterns else []


def _back(view: View, lines: Sequence[str]) -> list[str]:
    """Paths that must reach the builder and that a line keeps out; never a secret: facts name none."""
    own, place = view.fact("webserver") if recipe(view).server else None, layout(view)
    wanted = [
        *view.fact("manifests"),
        *([own] if own else ()),
        *view.fact("needed"),
        *(one["from"] for one in view.fact("brought")),
    ]
    paths = (place.inside(path) for path in dict.fromkeys(wanted))
    return [f"!{path}" for path in paths if excluding(path, lines)]


def _output(view: View) -> tuple[str, ...]:
    """Folders that builds make anew; one made on a developer's machine would lie in their way."""
    output = str(view.fact("output") or "")
    own = (output,) if output and view.decided(BUILD, "steps") else ()
    fronts = view.fact("front_ends")
    made = (*own, *(path for each in fronts for path in each["output"]))
    return (*(("**/node_modules",) if fronts else ()), *(path for path in made if not path.startswith("..")))


def _own(view: View) -> tuple[str, ...]:
    """kforge's files, when the context holds them: the spec's folder is the context or lies in it."""
    context = build_place(view).context
    if context.startswith(".."):  # the folders on the way down to the spec's have names that it does not know
        return tuple(f"**/{name}" for name in OWN)
    up = posixpath.relpath(".", context)
    if up.startswith(".."):
        return ()
    paths = view.app("paths")
    roots = (paths.bake, paths.kubernetes, paths.overlays, paths.images)
    return tuple(posixpath.normpath(posixpath.join(up, name)) for name in (*OWN, *roots))


ARTIFACT = Artifact(name="dockerignore", revision=1, output="dockerfile", build=_build, shared=True)
