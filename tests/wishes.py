"""A wish of which every topic hears something, and the small questions that come of it, for tests that ask a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from kforge.domain.topic_names import TOPIC_NAMES
from kforge.llm.wish_settings import settings

MEMORY = "300_MiB"  # the key of its amount: `{MEMORY: "memory"}` gives it to what is usual otherwise
WISH = (
    "Of {}: ffmpeg may be called where it is installed. It may write to /var/things. An open port says enough. 300 MiB is a "
    "guess. An overlap of copies is harmless. A run that fails is not repeated."
)
_ASKED = re.compile(r"^Of ([\w.-]{1,63}): ", re.MULTILINE)


def wish(spec: Path, text: str = WISH) -> None:
    """Write it into every service of a spec; `{}` becomes the service's name."""
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = 4096, True
    held = yaml.load(spec.read_text(encoding="utf-8"))
    for name, service in held["services"].items():
        service["requirements"] = text.format(name)
    with spec.open("w", encoding="utf-8") as file:
        yaml.dump(held, file)


def target(prompt: str) -> str:
    """`web/build`: what a question is about; "" for one that is no question about this wish."""
    service = _ASKED.search(prompt)
    return f"{service[1]}/{topic_of(prompt)}" if service else ""


def topic_of(prompt: str) -> str:
    """The topic of a question about wishes: that of the setting which it names first."""
    known = {f"{one.name}: {one.meaning}": name for name in TOPIC_NAMES for one in settings(name)}
    places = {prompt.find(words): topic for words, topic in known.items() if words in prompt}
    return places[min(places)]


def silent(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The answer that nothing is asked for, so that all stays usual; to several questions, of each."""
    return {name: one["enum"][-1] if "enum" in one else silent(one) for name, one in schema["properties"].items()}
