"""A made-up target in one folder, as CONTRIBUTING.md says: who is on duty, one roster an environment, for people.

`duty/base.yaml` and `duty/NAME.yaml` name every Deployment with its image, `duty/index.yaml` lists them (an aggregate),
`duty/phones.yaml` is a seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kforge.domain.target import Listed, Target
from kforge.domain.yaml_text import marked

if TYPE_CHECKING:
    from kforge.domain.document import Documents
    from kforge.domain.spec.types import Spec

ROOT = "duty"
LISTS = (f"{ROOT}/index.yaml", f"{ROOT}/phones.yaml")


def _files(spec: Spec, documents: Mapping[str, Documents], name: str) -> Iterator[tuple[str, str, str]]:
    for environment, held in documents.items():
        found = {item.service: item.data for item in held.objects("Deployment") if item.data}
        images = {
            service: data["spec"]["template"]["spec"]["containers"][0]["image"] for service, data in found.items()
        }
        yield f"{ROOT}/{environment or 'base'}.yaml", "", marked({"onDuty": images}, name)


def _aggregates(listed: Listed) -> dict[str, str]:
    rosters = sorted(path for path in listed.owned if path.startswith(f"{ROOT}/") and path not in LISTS)
    return {LISTS[0]: marked({"rosters": rosters}, listed.name)}


def _seeds(listed: Listed) -> dict[str, str]:
    return {LISTS[1]: "# Yours: kforge wrote this once.\nphones: []\n"}


TARGET = Target(
    name="roster",
    files=_files,
    made_of=("kubernetes",),
    root=lambda paths: ROOT,
    aggregates=_aggregates,
    seeds=_seeds,
    generated=lambda paths: (f"{ROOT}/**",),
)
