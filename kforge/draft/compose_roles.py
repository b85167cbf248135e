"""What services of Compose files usually are, by image, profile and name: the table `compose_roles.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kforge.domain.draft import UNKNOWN
from kforge.domain.images import qualified, repository
from kforge.domain.known_images import called, stores
from kforge.draft.compose_services import ComposeService


@cache
def table() -> Mapping[str, Any]:
    held: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return held


def last_name(image: str) -> str:
    """`postgres` of `docker.io/library/postgres:16`."""
    return repository(qualified(image)).rpartition("/")[2]


def beside(one: ComposeService) -> str:
    """Why a service is none of a deployment, in words that follow its name; "" where it may be one."""
    known = table()
    if one.image and not one.build and (why := known["beside"].get(last_name(one.image))):
        return str(why)
    if profile := next((each for each in one.profiles if each.lower() in known["profiles"]), ""):
        return f"is started by the profile `{profile}` only"
    if one.profiles:
        return f"is started by the profile `{one.profiles[0]}` only, so it may be optional"
    word = next((word for word in one.name.lower().replace("_", "-").split("-") if word in known["names"]), "")
    return "runs tests" if word else ""


def store_of(image: str) -> str:
    """The key of the store that an image is, "" for none."""
    name = last_name(image)
    row = called(image)
    key = row.key if row else str(table()["alike"].get(name, ""))
    return key if key in stores() and UNKNOWN not in image else ""
