"""Names of a spec → the expressions by which templates reach values, and lines that several templates share."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kforge.domain.yaml_text import to_yaml
from kforge.render.helm.slots import LineSlot

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEVERAL = 4096  # services whose objects come by kind, not by service
SERVICE = "$service"  # the variable that a service's templates begin with


def below(start: str, name: str) -> str:
    """A value below another: `$.Values.services.web`; names with hyphens are no fields of Go templates."""
    return f"{start}.{name}" if _FIELD.fullmatch(name) else f'(index {start} "{name}")'


@lru_cache(_SEVERAL)
def begin(service: str) -> str:
    """The line that gives a service's values their short name."""
    expression = below("$.Values.services", service).removeprefix("(").removesuffix(")")
    return f"{{{{- {SERVICE} := {expression} }}}}"


def called(app: str, name: str, service: str) -> str:
    """A named template of the chart that takes the root, the service's values and its name."""
    return f'include "{app}.{name}" (list $ {SERVICE} "{service}")'


@lru_cache
def optional(key: str, expression: str, *checks: str) -> LineSlot:
    """A key that is there where its value is not empty. `checks` are actions on that value, which print nothing."""
    return LineSlot(
        (f"{{{{- with {expression} }}}}", *checks, f"{key}:", "  {{- toYaml . | nindent @2 }}", "{{- end }}")
    )


def block(key: str, expression: str) -> LineSlot:
    """A key whose value is a mapping or a list."""
    return LineSlot((f"{key}:", f"  {{{{- toYaml {expression} | nindent @2 }}}}"))


def mapped(key: str, fixed: Mapping[str, Any], lines: tuple[str, ...] = (), expression: str = "") -> LineSlot:
    """A mapping of fixed entries, of lines with actions, and of the entries of a value that have other keys."""
    if not fixed and not lines:
        return optional(key, expression)
    taken = [*fixed, *(line.partition(":")[0] for line in lines if not line.startswith("{{"))]
    others = f"omit {_argument(expression)} {' '.join(map(_quoted, taken))}" if expression and taken else expression
    return _mapped(key, (*fixed_lines(fixed), *lines), others)


def _argument(expression: str) -> str:
    return f"({expression})" if " " in expression else expression


def _quoted(key: str) -> str:
    return json.dumps(key)


@lru_cache(_SEVERAL)
def _mapped(key: str, lines: tuple[str, ...], expression: str) -> LineSlot:
    held = (f"{{{{- with {expression} }}}}", "{{- toYaml . | nindent @2 }}", "{{- end }}") if expression else ()
    return LineSlot((f"{key}:", *(f"  {line}" for line in (*lines, *held))))


def fixed_lines(data: Any) -> list[str]:
    """Plain data as lines of a template, in which nothing is an action."""
    return [line.replace("{{", '{{ "{{" }}') for line in to_yaml(data).splitlines()] if data else []
