"""The tag of a Go struct's field → the environment variable that fills it. Unaware of the struct."""

from __future__ import annotations

import re
from typing import NamedTuple

_ENV_TAG = re.compile(r'\b(?:env|envconfig)\s*+:\s*+"([^"]*+)"')
_ARG_TAG = re.compile(r'\barg\s*+:\s*+"([^"]*+)"')
_DEFAULT_TAG = re.compile(r'\b(?:envDefault|env-default|default)\s*+:\s*+"([^"]*+)"')
_REQUIRED_TAG = re.compile(r'\b(?:env-)?required\s*+:\s*+"(?:true|yes|1)?"')
_PREFIX_TAG = re.compile(r'\b(?:envPrefix|env-prefix)\s*+:\s*+"([^"]*+)"')
_SPLIT_TAG = re.compile(r'\bsplit_words\s*+:\s*+"true"')
_VARIABLE = re.compile(r"[A-Za-z_]\w*+")
_REQUIRED = ("required", "notEmpty")


class Tag(NamedTuple):
    """What a tag says of its field. `name` is "" where the tag leaves it to the field's own."""

    name: str
    default: str | None = None
    required: bool = False
    prefix: str = ""  # before the variables of the struct that the field holds
    split: bool = False  # whether words of the field's name are joined by `_`


def tagged(tag: str) -> Tag | None:
    """A struct tag of envconfig, caarlos0/env, sethvargo, cleanenv, kong, go-flags or go-arg; None for others."""
    found, prefix = _ENV_TAG.search(tag), _PREFIX_TAG.search(tag)
    words = [part.strip() for part in found.group(1).split(",")] if found else []
    if not found and (argument := _ARG_TAG.search(tag)):
        words = [part.strip() for part in argument.group(1).split(",")]
        named = next((word for word in words if word == "env" or word.startswith("env:")), "")
        words = [named.partition(":")[2], *(word for word in words if word != named)] if named else []
    default = _DEFAULT_TAG.search(tag)
    split = bool(_SPLIT_TAG.search(tag))
    if not words and not prefix and not split:
        return None
    name, *options = words or [""]
    given = {key: value for key, _, value in (option.partition("=") for option in options)}
    shown = default.group(1) if default else given.get("default")
    required = bool(_REQUIRED_TAG.search(tag)) or any(one in _REQUIRED for one in options)
    if name and not _VARIABLE.fullmatch(name):
        return None
    return Tag(name, shown, required, prefix.group(1) if prefix else given.get("prefix", ""), split)


def bare(tag: str) -> Tag:
    """What a tag says that names no variable, in a struct whose every field is filled."""
    default = _DEFAULT_TAG.search(tag)
    return Tag("", default.group(1) if default else None, bool(_REQUIRED_TAG.search(tag)))
