"""Configuration files without which a program ends.

What is lacking is read off the source, so this rule warns and does not refuse.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from kforge.domain.document import POD_PATHS, Documents, pod_spec
from kforge.domain.facts import Fact
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import EMPTY, items, programs, text, workloads
from kforge.domain.source.kept_data import within


@rule(
    "missing-config-file",
    "warning",
    "add `config`",
    kinds=tuple(POD_PATHS),
    sources=("https://kubernetes.io/docs/concepts/configuration/configmap/",),
)
def missing_config_file(documents: Documents) -> Iterator[Hit]:
    """A configuration file that a program cannot do without is there.

    The program looks for a file at a path of its own, finds none, and ends. The finding names the path, the line that
    shows it, and what of the source shows the form of such a file.

    Write it under `config` of the service, which mounts it from a ConfigMap, or set the variable that names another
    place. Where a fragment mounts it from elsewhere, that is seen; where the program does without it, waive this.
    """
    for workload in workloads(documents):
        path, container = next(programs(workload), ("", EMPTY))
        facts = documents.facts.get(workload.service)
        if facts is None or not path:
            continue
        where, pod = pod_spec(workload) or ("", {})
        fleeting = {text(volume, "name") for _, volume in items(pod, "volumes", where) if "emptyDir" in volume}
        mounts = [mount for _, mount in items(container, "volumeMounts") if text(mount, "name") not in fleeting]
        mounted = [text(mount, "mountPath") for mount in mounts]
        given = {text(entry, "name") for _, entry in items(container, "env")}
        for fact in facts.configured:
            if not within(fact.value["path"], mounted) and given.isdisjoint(fact.value["env"]):
                said = f"the source needs the file `{fact.value['path']}`{fact.where}, and it is neither in the image nor mounted"
                yield Hit(workload, path, said, _hint(workload.service, fact))


def _hint(service: str, fact: Fact) -> str:
    folder, name = posixpath.split(fact.value["path"])
    variables = " or ".join(f"`{each}`" for each in fact.value["env"])
    hint = f"add `services.{service}.config: {{path: {folder}, files: {{{name}: …}}}}`"
    hint += f", or set another path by {variables}" if variables else ""
    return hint + (f"; `{fact.value['example']}` shows its form" if fact.value["example"] else "")


RULES = (missing_config_file,)
