"""An image reference → its parts as a chart's values hold them."""

from __future__ import annotations

from kforge.domain.images import digest, repository, tag


def image_parts(image: str) -> dict[str, str]:
    """Registry, repository, tag and digest; "" for what a reference does not say."""
    name = repository(image)
    head, slash, rest = name.partition("/")
    hosted = bool(slash) and ("." in head or ":" in head or head == "localhost")
    registry, path = (head, rest) if hosted else ("", name)
    return {"registry": registry, "repository": path, "tag": tag(image), "digest": digest(image)}
