"""Images at one with the workloads that run them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kforge.domain.dockerfiles import dockerfiles, last_user
from kforge.domain.document import POD_PATHS, Document, Documents, pod_spec
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import items, mapping, programs

_PODS = tuple(POD_PATHS)


class _Running:
    """Containers of every workload by image, and the images of every service: one walk over all documents."""

    def __init__(self, documents: Documents) -> None:
        self._by_image: dict[str, list[tuple[Document, str, Any]]] = {}
        self._images: dict[str, set[str]] = {}
        for workload in documents.objects(*POD_PATHS):
            pod = pod_spec(workload)
            if pod is not None:
                self._add(workload, pod[1])

    def _add(self, workload: Document, spec: Any) -> None:
        for path, container in programs(workload):
            image = str(container.get("image"))
            merged = {**mapping(spec, "securityContext"), **mapping(container, "securityContext")}
            held = (workload, path, {**container, "securityContext": merged})
            self._by_image.setdefault(image, []).append(held)
            self._images.setdefault(workload.service, set()).add(image)

    def of(self, service: str) -> Iterator[tuple[Document, str, Any]]:
        """Containers of every workload that run an image of a service, with the pod's security context below theirs."""
        for image in sorted(self._images.get(service, ())):
            yield from self._by_image[image]


@rule("dockerfile-workload-user", "error", "pin `user:`, which sets both", kinds=_PODS)
def workload_user(documents: Documents) -> Iterator[Hit]:
    """A workload runs as the user that its image is built for.

    The Dockerfile gives the program's files and folders to its `USER`. A pod with another `runAsUser` may not enter or
    write them. It happens where a fragment or a patch names a number, and the spec another: `user` of the service sets
    both.
    """
    running = _Running(documents)
    for document, dockerfile in dockerfiles(documents):
        for workload, field, container in running.of(document.service):
            number = container["securityContext"].get("runAsUser")
            if number is not None and str(number) != last_user(dockerfile):
                yield Hit(
                    workload,
                    f"{field}.securityContext.runAsUser",
                    f"runs as {number}, but its image is built for {last_user(dockerfile)}",
                )


@rule("dockerfile-workload-port", "error", "pin `port:` or `ports:`, which set both", kinds=_PODS)
def workload_port(documents: Documents) -> Iterator[Hit]:
    """A workload declares the ports that its image exposes.

    Both come from one decision. Where they differ, a fragment or a patch has changed one of them, and the Service leads
    to a port on which nothing listens: `port` or `ports` of the service sets both.
    """
    running = _Running(documents)
    for document, dockerfile in dockerfiles(documents):
        exposed = {
            int(port)
            for item in dockerfile.stages[-1].instructions
            if item.name == "EXPOSE"
            for port in item.args
            if port.isdigit()
        }
        for workload, field, container in running.of(document.service):
            ports = {str(port.get("containerPort")) for _, port in items(container, "ports")}
            if workload.service == document.service and ports != {*map(str, exposed)}:
                said = ", ".join(map(str, sorted(exposed))) or "none"
                yield Hit(workload, f"{field}.ports", f"container ports differ from what its image exposes ({said})")


RULES = (workload_user, workload_port)
