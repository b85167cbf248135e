"""How many copies of a service run: the least, the most, and who counts them."""

from __future__ import annotations

from kforge.domain.view import View


def fewest(view: View) -> int:
    scale = view.spec("scale")
    return 1 if scale is None else int(scale.min)


def most(view: View) -> int:
    scale = view.spec("scale")
    return 1 if scale is None else max(int(scale.min), int(scale.max or 0))


def autoscaled(view: View) -> bool:
    """Whether a HorizontalPodAutoscaler counts; the workload then names no number, or each apply would undo it."""
    return most(view) > fewest(view)
