"""What Kubernetes has from which minor on: a field is written where every API server of the spec's minor keeps it.

Data: a row of `features.json` names the field, the minor from which it is there without a switch (`since`), the one in
which it became stable, its feature gate, where it is right, and its page. Artifacts ask by the row's name.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from kforge.domain.kubernetes.manifest import minor
from kforge.domain.view import View


def has(view: View, feature: str) -> bool:
    """Whether the Kubernetes version of what is looked at has a feature."""
    return minor(view) >= first(feature)


def first(feature: str) -> int:
    """Second number of the minor from which a feature is there: 36."""
    return int(str(features()[feature]["since"]).partition(".")[2])


@cache
def features() -> dict[str, dict[str, Any]]:
    """All rows by name."""
    data: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))[
        "features"
    ]
    return data
