"""Images → docker-bake.hcl: every image of a spec in one `docker buildx bake`. Light: `check` renders it again.

What all images have in common stands once, in a target that the others inherit: for which processors they are built, and
what BuildKit says of them. Revision, source and time come from the environment of the build, so that the file stays the
same; so do another tag or registry, other processors, and where layers are kept between builds.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kforge.domain.document import mark
from kforge.domain.image_settings import ImageSettings

COMMON = "_image"  # no service's name begins so
LABEL = "org.opencontainers.image"  # https://github.com/opencontainers/image-spec/blob/main/annotations.md
# https://docs.docker.com/build/metadata/attestations/: a registry keeps them beside the image.
ATTESTATIONS = ("type=provenance,mode=max", "type=sbom")
USUAL = ImageSettings()
VARIABLES = (
    ("IMAGE_TAG", "Tag of every image, instead of the spec's `version`: manifests name it once `deploy/images` does."),
    ("IMAGE_REGISTRY", "Registry of every image, instead of those that the spec and its environments name."),
    ("IMAGE_PLATFORMS", "Processors, with commas between them, instead of the spec's: `linux/arm64`."),
    ("IMAGE_CACHE", "Where layers are kept between builds: a repository, `ghcr.io/acme/cache`, or `gha`."),
    ("IMAGE_REVISION", "Commit that is built, for the label: `git rev-parse HEAD`."),
    ("IMAGE_SOURCE", "Address of the repository, for the label."),
    (
        "SOURCE_DATE_EPOCH",
        "Seconds since 1970 that every file and label of the images gets: `git log -1 --pretty=%ct`.",
    ),
)
# https://docs.docker.com/build/bake/funcs/, https://docs.docker.com/build/cache/backends/
FUNCTIONS = """\
# A tag of the spec, or the one that is given.
function "tagged" {
  params = [tag]
  result = IMAGE_TAG == "" ? tag : IMAGE_TAG
}

# What an image is called in each of its registries.
function "names" {
  params = [registries, image, tag]
  result = [for registry in IMAGE_REGISTRY == "" ? registries : [IMAGE_REGISTRY] : "${registry == "" ? "" : "${registry}/"}${image}:${tagged(tag)}"]
}

# Where the layers of an image are kept: nowhere, in the cache of GitHub Actions, or in a repository under a tag of their own.
function "cached" {
  params = [image, more]
  result = IMAGE_CACHE == "" ? [] : [IMAGE_CACHE == "gha" ? "type=gha,scope=${image}${more}" : "type=registry,ref=${IMAGE_CACHE}:${image}${more}"]
}"""


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
    blocks = [
        mark(spec),
        *map(_variable, VARIABLES),
        FUNCTIONS,
        "\n".join(group),
        _common(settings),
        *map(_block, found),
    ]
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
        f'  platforms = IMAGE_PLATFORMS == "" ? [{", ".join(map(_quoted, settings.platforms))}] : split(",", IMAGE_PLATFORMS)',
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
        lines += ["  labels = {", *_labels({key: _label(key, text) for key, text in target.labels.items()}), "  }"]
    return "\n".join([*lines, *_named(target.tags), "}"])


def _named(tags: Sequence[str]) -> Iterator[str]:
    """What an image is called, and where its layers are kept: under the same name everywhere, with the same tag."""
    registries = [tag.rpartition("/")[0] for tag in tags]
    image, _, tag = tags[0].rpartition("/")[2].partition(":")
    yield f"  cache-from = cached({_quoted(image)}, {_quoted('')})"
    yield f"  cache-to   = cached({_quoted(image)}, {_quoted(',mode=max')})"
    yield f"  tags       = names([{', '.join(map(_quoted, registries))}], {_quoted(image)}, {_quoted(tag)})"


def _label(key: str, text: str) -> str:
    return f"tagged({_quoted(text)})" if key == "version" else _quoted(text)


def _labels(values: Mapping[str, str]) -> Iterator[str]:
    """One line a label, with the values, which are HCL, below each other."""
    widest = max(map(len, values))
    for key, value in sorted(values.items()):
        yield f"    {_quoted(f'{LABEL}.{key}')}{' ' * (widest - len(key))} = {value}"


def _quoted(text: str) -> str:
    """An HCL string; `${` and `%{` would open a template."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return f'"{escaped}"'
