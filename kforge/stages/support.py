"""A spec's Kubernetes versions and today's date → findings: which of them get no fixes any more.

Told and never counted: what is committed stays valid, and its check stays 0, on the day after as on the day before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from kforge.domain.finding import Finding
from kforge.domain.kubernetes.releases import HINT, OWN_HINT, RULE, unsupported
from kforge.domain.spec.raw import Raw

SUPPORT_PAGES: Mapping[str, str] = {
    RULE: (
        "The Kubernetes version that a spec names gets fixes.\n\nEach minor gets them for about fourteen months: "
        "<https://kubernetes.io/releases/>. From the day after its last one `build` and `check` say so; nothing else "
        "changes, and `check` ends as it did. `kforge build --upgrade kubernetes` moves the spec to the version that "
        "this kforge takes by itself, and shows what that changes; an environment's own version is changed by hand. Your "
        "provider may support a minor for longer: then this is no more than a reminder. A spec that names no version is not looked at. An info."
    )
}


def support(raw: Raw, today: date) -> tuple[Finding, ...]:
    """One finding a place that names a version out of support, in the order of the text."""
    return tuple(
        Finding(
            rule=RULE,
            level="info",
            message=message,
            file=raw.file,
            field=".".join(path),
            hint=OWN_HINT if len(path) > 1 else HINT,
            where=raw.place(path),
            environment=path[1] if len(path) > 1 else "",
        )
        for path, message in unsupported(raw.data, today.isoformat())
    )
