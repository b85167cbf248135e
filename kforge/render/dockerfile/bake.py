"""Images → docker-bake.hcl: every image of a spec in one `docker buildx bake`. Light: `check` renders it again.

What all images have in common stands once, in a target that the others inherit: for which processors they are built, and
what BuildKit says of them. Revision, source and time come from the environment of the build, so that the file stays the same.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kforge.domain.document import mark
from kforge.domain.image_settings import ImageSettings

COMMON = "_image"  # no service's name begins so
LABEL = "org.opencontainers.image"  # https://github.com/opencontainers/image-spec/blob/main/annotations.md
# https://docs.docker.com/build/metadata/attestations/: a registry keeps them beside the image.
ATTESTATIONS = ("type=provenance,mode=max", "type=sbom")
USUAL = ImageSettings()
VARIABLES = (
    ("IMAGE_REVISION", "Commit that is built, for the label: `git rev-parse HEAD`."),
    ("IMAGE_SOURCE", "Address of the repository, for the label."),
    (
        "SOURCE_DATE_EPOCH",
        "Seconds since 1970 that every file and label of the images gets: `git log -1 --pretty=%ct`.",
    ),
)


class BakeTarget(NamedTuple):
    """One image: a name that is unique in the file, the build context and its Dockerfile, and what it is called."""

    name: str
    context: str  # POSIX, relative to the spec's folder
    dockerfile: str  # relative to the context, where bake looks for it
    tags: tuple[str, ...]  # what it is called: in the base, then in environments with a registry of their own
    target: str = ""  # the stage that is the image; "" for the last one
    args: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()  # as buildx takes them: `id=TOKEN,env=TOKEN`
    labels: Mapping[str, str] = {}


def bake(targets: Iterable[BakeTarget], spec: str = "app.kforge.yaml", settings: ImageSettings = USUAL) -> str:
    """Text of the bake file, targets sorted by name. Contexts are relative: run it in the spec's folder."""
    found = sorted(targets, key=lambda target: target.name)
    names = ", ".join(_quoted(target.name) for target in found)
    group = ['group "default" {', f"  targets = [{names}]", "}"]
    blocks = [mark(spec), *map(_variable, VARIABLES), "\n".join(group), _common(settings), *map(_block, found)]
    return "\n\n".join(blocks) + "\n"


def _variable(known: tuple[str, str]) -> str:
    name, what = known
    return f'# {what}\nvariable {_quoted(name)} {{\n  default = ""\n}}'


def _common(settings: ImageSettings) -> str:
    """What every image is built for and carries. A label without a value is left out: null, not an empty text.

    Layers are written again with the given time only where one is given: the exporter of a plain Docker, which unpacks
    what it builds, refuses `rewrite-timestamp`.
    """
    labels = {"revision": "IMAGE_REVISION", "source": "IMAGE_SOURCE"}
    lines = [
        f"target {_quoted(COMMON)} {{",
        f"  platforms = [{', '.join(map(_quoted, settings.platforms))}]",
        *([f"  attest    = [{', '.join(map(_quoted, ATTESTATIONS))}]"] if settings.attest else ()),
        '  output    = SOURCE_DATE_EPOCH == "" ? [] : ["type=image,rewrite-timestamp=true"]',
        "  labels = {",
        *_labels({key: f'{name} == "" ? null : {name}' for key, name in labels.items()}),
        "  }",
        "}",
    ]
    return "\n".join(lines)


def _block(target: BakeTarget) -> str:
    lines = [
        f"target {_quoted(target.name)} {{",
        f"  inherits   = [{_quoted(COMMON)}]",
        f"  context    = {_quoted(posixpath.normpath(target.context))}",
        f"  dockerfile = {_quoted(target.dockerfile)}",
    ]
    if target.target:
        lines.append(f"  target     = {_quoted(target.target)}")
    if target.args:
        lines += ["  args = {", *(f"    {_quoted(name)} = {_quoted(value)}" for name, value in target.args), "  }"]
    if target.secrets:
        lines.append(f"  secret     = [{', '.join(map(_quoted, target.secrets))}]")
    if target.labels:
        lines += ["  labels = {", *_labels({key: _quoted(text) for key, text in target.labels.items()}), "  }"]
    return "\n".join([*lines, f"  tags       = [{', '.join(map(_quoted, target.tags))}]", "}"])


def _labels(values: Mapping[str, str]) -> Iterator[str]:
    """One line a label, with the values, which are HCL, below each other."""
    widest = max(map(len, values))
    for key, value in sorted(values.items()):
        yield f"    {_quoted(f'{LABEL}.{key}')}{' ' * (widest - len(key))} = {value}"


def _quoted(text: str) -> str:
    """An HCL string; `${` and `%{` would open a template."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return f'"{escaped}"'
