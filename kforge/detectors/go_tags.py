"""The tag of a Go struct's field → the environment variable that fills it. Unaware of the struct."""

from __future__ import annotations

import re

_ENV_TAG = re.compile(r'\b(?:env|envconfig|split_words)\s*+:\s*+"([^"]*+)"')
_DEFAULT_TAG = re.compile(r'\b(?:envDefault|env-default|default)\s*+:\s*+"([^"]*+)"')
_REQUIRED_TAG = re.compile(r'\b(?:env-)?required\s*+:\s*+"true"')
_VARIABLE = re.compile(r"[A-Za-z_]\w*+")


def tagged(tag: str) -> tuple[str, str | None, bool] | None:
    """(variable, default, required) of a struct tag: envconfig's, caarlos0/env's, sethvargo's, cleanenv's."""
    found = _ENV_TAG.search(tag)
    if not found:
        return None
    name, *options = [part.strip() for part in found.group(1).split(",")]
    default = _DEFAULT_TAG.search(tag)
    inline = next((option.partition("=")[2] for option in options if option.startswith("default=")), None)
    required = bool(_REQUIRED_TAG.search(tag)) or any(one in ("required", "notEmpty") for one in options)
    return (name, default.group(1) if default else inline, required) if _VARIABLE.fullmatch(name) else None
