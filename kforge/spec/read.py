"""Text → Raw: the YAML of a spec, or of a file of manifests, as plain data. Unaware of what its keys mean.

Reads libyaml's event stream and builds the tree itself, because a YAML loader would silently take the last of two
equal keys and follow anchors and merge keys (700 bytes of them cost minutes). A spec is the JSON of YAML 1.2's core
schema, where `no` is a string: https://yaml.org/spec/1.2.2/#103-core-schema. A manifest is what kubectl reads, where
it is false: `spec/manifest_scalars.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from kforge.domain.spec.raw import Marks, Raw
from kforge.errors import InputError, Place, Problem
from kforge.spec import joining_chars, manifest_scalars
from kforge.spec.core_schema import STARTS, scalar
from kforge.spec.positions import marks, marks_by_document
from kforge.spec.syntax import decoded
from kforge.spec.tree_builder import ReadLimits, TextKind, TreeBuilder

LIMITS = ReadLimits()
MANIFEST_LIMITS = ReadLimits(size=4 << 20)  # of one included file
MINIMUM = "a spec begins with `apiVersion: kforge.dev/v1`, `app: NAME` and `services:`"


def read(text: str | bytes, file: str, limits: ReadLimits = LIMITS, form: TextKind | None = None) -> Raw:
    """The tree of a spec, or of another mapping; raises InputError with every problem that the text shows (bad syntax
    hides what follows).
    """
    form = form or SPEC
    check_size(len(text), file, limits, form)
    plain = decoded(text, file)
    builder = TreeBuilder(plain, file, limits, form)
    data: Any = next(iter(builder.build()), None)
    if not builder.problems and not data and not isinstance(data, (str, int, float)):
        builder.problems.append(Problem(f"{form.noun} is empty", Place(file), form.minimum))
    elif not builder.problems and not isinstance(data, dict):
        kind = "list" if isinstance(data, list) else "single value"
        builder.problems.append(
            Problem(f"{form.noun} is a {kind}, not a mapping of keys", Place(file, 1, 1), form.minimum)
        )
    raw = Raw(data, file, plain, lambda: marks(plain))
    problems = [
        *builder.problems,
        *(joining_chars.problems(raw) if builder.joined or joining_chars.holds(plain) else ()),
    ]
    if problems:
        raise InputError(tuple(problems))
    return raw


def read_manifests(text: str | bytes, file: str, limits: ReadLimits = MANIFEST_LIMITS) -> tuple[Raw, ...]:
    """The documents of a file as kubectl reads them, empty ones left out; `data` may be anything but None.

    Raises InputError with every problem that the text shows.
    """
    check_size(len(text), file, limits, MANIFESTS)
    plain = decoded(text, file, MANIFESTS.invisible)
    builder = TreeBuilder(plain, file, limits, MANIFESTS)
    documents = builder.build()
    if builder.problems:
        raise InputError(tuple(builder.problems))
    found = lru_cache(1)(lambda: marks_by_document(plain))
    return tuple(
        Raw(data, file, plain, partial(_nth, found, number))
        for number, data in enumerate(documents)
        if data is not None
    )


def _nth(found: Callable[[], tuple[Marks, ...]], number: int) -> Marks:
    return found()[number]


def check_size(size: int, file: str, limits: ReadLimits = LIMITS, form: TextKind | None = None) -> None:
    """Refuses a text by its size in bytes, so that a caller can ask before opening it; a spec's unless a form is given."""
    if size > limits.size:
        form = form or SPEC
        message = f"{form.noun} has {size / (1 << 20):.1f} MiB, more than the {limits.size / (1 << 20):.3g} MiB allowed"
        raise InputError(message, Place(file), form.smaller)


SPEC = TextKind("the spec", scalar, STARTS, "split it into several specs, or raise --max-spec-size", MINIMUM)
MANIFESTS = TextKind(
    "the file",
    manifest_scalars.scalar,
    manifest_scalars.STARTS,
    "split it into several files",
    several=True,
    invisible=True,
    kustomize=True,
    private=True,
)
