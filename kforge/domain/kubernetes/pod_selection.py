"""Workloads of one environment → which of them a selector, a port or a name picks.

Thousands of objects may each select thousands of workloads. A set of workloads is therefore the bits of an integer:
5,000 such sets of 5,000 workloads take 3 MB, and one operation on two of them looks at 64 workloads at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.kubernetes.objects import containers, items, mapping, namespace, pod_labels, text, workloads


class Pods:
    """The workloads of an environment by labels, namespace, kind, name and declared ports of their pods."""

    def __init__(self, documents: Documents) -> None:
        self._all = tuple(workloads(documents))
        self._every = (1 << len(self._all)) - 1
        self._matched: dict[tuple[str, str], int] = {}
        self._bits: dict[tuple[Any, ...], int] = defaultdict(int)
        numbers: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for number, workload in enumerate(self._all):
            for sign in _signs(workload):
                numbers[sign].append(number)
        for sign, some in numbers.items():
            self._bits[sign] = _bits(some)

    def matching(self, selector: Mapping[str, Any], asker: Document) -> int:
        """Workloads in the asker's namespace whose pods a label selector matches.

        https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
        """
        asked = namespace(asker), repr(selector)
        if asked not in self._matched:
            found = self._together(asked[0])
            for key, value in mapping(selector, "matchLabels").items():
                found &= self._labelled(key, value)
            for _, expression in items(selector, "matchExpressions"):
                found &= self._meeting(expression)
            self._matched[asked] = found
        return self._matched[asked]

    def declaring(self, port: str | int, protocol: str) -> int:
        """Workloads with a container that declares a port by its name or number."""
        return self._bits.get(("port", port, protocol), 0)

    def rivals(self, workload: Document, kinds: tuple[str, ...]) -> int:
        """Workloads of some kinds, less those of this one's kind and name."""
        some = 0
        for kind in kinds:
            some |= self._bits.get(("kind", kind), 0)
        return some & ~self._bits.get(("target", workload.target), 0)

    def listed(self, some: int) -> Iterator[Document]:
        """The workloads of a set, in their order."""
        written = f"{some:b}"[::-1]
        number = written.find("1")
        while number >= 0:
            yield self._all[number]
            number = written.find("1", number + 1)

    def _together(self, named: str) -> int:
        """Those in one namespace; an object that names none goes where the others go."""
        if not named:
            return self._every
        return self._bits.get(("namespace", named), 0) | self._bits.get(("namespace", ""), 0)

    def _labelled(self, key: str, value: Any) -> int:
        return self._bits.get(("label", key, value), 0) if isinstance(value, str) else 0

    def _meeting(self, expression: Mapping[str, Any]) -> int:
        key, values = str(expression.get("key")), expression.get("values")
        having, among = self._bits.get(("key", key), 0), 0
        for value in values if isinstance(values, list) else ():
            among |= self._labelled(key, value)
        operators = {
            "In": among,
            "NotIn": self._every & ~among,
            "Exists": having,
            "DoesNotExist": self._every & ~having,
        }
        return operators.get(str(expression.get("operator")), 0)


def _signs(workload: Document) -> set[tuple[Any, ...]]:
    """What a workload can be looked up by."""
    found: set[tuple[Any, ...]] = {
        ("kind", workload.kind),
        ("target", workload.target),
        ("namespace", namespace(workload)),
    }
    for key, value in pod_labels(workload)[1].items():
        found.add(("key", key))
        if isinstance(value, str):
            found.add(("label", key, value))
    for path, container in containers(workload):
        for _, port in items(container, "ports", path):
            number, protocol = port.get("containerPort"), text(port, "protocol") or "TCP"
            found |= {
                ("port", text(port, "name"), protocol),
                ("port", number if isinstance(number, int) else 0, protocol),
            }
    return found


def _bits(numbers: list[int]) -> int:
    """An integer with these bits, made in time in proportion to the greatest: setting one by one would copy it each time."""
    held = bytearray(numbers[-1] // 8 + 1)
    for number in numbers:
        held[number // 8] |= 1 << number % 8
    return int.from_bytes(held, "little")
