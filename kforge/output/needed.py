"""Outcome → what is needed from a person before what was built can run: as lines with commands, and as JSON.

After a change of a project that was built before, only what its files did not name then is shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kforge.domain.images import placeholder, qualified
from kforge.output.build_secrets import BuildSecretNeed, build_secrets
from kforge.output.kubectl_lines import command_lines, namespace_command, secret_command
from kforge.output.layout import Line, Span
from kforge.output.marks import ATTENTION
from kforge.output.still_open import still_open
from kforge.stages.cluster_needs import ClusterNeeds, NamespaceNeed, ObjectNeed, cluster_needs, deployed
from kforge.stages.secret_needs import GENERIC, PULL, SecretNeed, joined

if TYPE_CHECKING:
    from kforge.outcome import Outcome

COMMANDS = 12  # that a screen shows; the others are asked for by `-v`, or as JSON
LISTED = 6  # names in a line
KINDS = ("namespaces", "secrets", "hosts", "objects", "registries", "buildSecrets", "open")  # of `record`


@dataclass(frozen=True)
class Needed:
    """What one project needs. `fresh`: only what is new since its last build."""

    outcome: Outcome
    fresh: bool = False

    @cached_property
    def cluster(self) -> ClusterNeeds:
        """Secrets, names and objects that must be there; registries of logins are known by now."""
        found = cluster_needs(self.outcome.documents)
        if not self.fresh:
            return found
        old = _Earlier(self.outcome)
        return ClusterNeeds(
            tuple(need for need in found.namespaces if not old.home(need.name)),
            tuple(need for need in found.secrets if not (old.home(need.namespace) and old.reads(need))),
            tuple(need for need in found.hosts if not old.says(need.host)),
            tuple(need for need in found.objects if not (old.says(need.name) if need.name else old.classless)),
        )

    @cached_property
    def registries(self) -> tuple[str, ...]:
        """Hosts of the registries that images are pushed to."""
        spec = self.outcome.loaded.world.spec
        built = any(service.source for service in spec.services.values())
        named = [spec.registry, *(block.registry for block in spec.environments.values())] if built else []
        hosts = {qualified(f"{each}/x").partition("/")[0] for each in named if each and not placeholder(f"{each}/x")}
        if not self.fresh:
            return tuple(sorted(hosts))
        old = _Earlier(self.outcome, (".yaml", ".hcl"))
        return tuple(sorted(host for host in hosts if not old.says(host)))

    @cached_property
    def build_secrets(self) -> tuple[BuildSecretNeed, ...]:
        """What the builder of the images has to be given."""
        old = _Earlier(self.outcome, (".hcl",))
        return tuple(
            need for need in build_secrets(self.outcome) if not (self.fresh and old.says(need.env or need.file))
        )


class _Earlier:
    """The files as they were before this build."""

    def __init__(self, outcome: Outcome, ends: tuple[str, ...] = (".yaml",)) -> None:
        held = (change.before for change in outcome.changes if change.path.endswith(ends))
        self._texts = [text.decode(errors="replace") for text in held if text]
        self._homes = any("namespace: " in text for text in self._texts)

    def says(self, *words: str) -> bool:
        """Whether one file has all the words."""
        found = [re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])") for word in words]
        return any(all(word in text for word in words) and all(map(_in(text), found)) for text in self._texts)

    @property
    def classless(self) -> bool:
        """Whether an Ingress named no class."""
        return any("kind: Ingress\n" in text and "ingressClassName" not in text for text in self._texts)

    def home(self, name: str) -> bool:
        return not name or not self._homes or self.says("namespace", name)

    def reads(self, need: SecretNeed) -> bool:
        keys = need.keys if need.type == GENERIC else ()
        return all(self.says(need.name, key) for key in keys) if keys else self.says(need.name)


def _in(text: str) -> Any:
    return lambda pattern: pattern.search(text) is not None


@dataclass
class Together:
    """What several projects need that are told one after the other: one command for all of them. `told` are those that
    were shown, by their text.
    """

    all_needed: list[Needed] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def whole(self, need: SecretNeed) -> SecretNeed:
        """A Secret with the keys that every project reads of it."""
        held = (each for needed in self.all_needed for each in needed.cluster.secrets)
        same = [each for each in held if (each.namespace, each.name) == (need.namespace, need.name)]
        return joined(same)[0] if len(same) > 1 else need

    def fresh(self, commands: Iterable[list[str]]) -> list[list[str]]:
        """The commands that were not told before; they are told now."""
        return [each for each in commands if self.is_new(" ".join(each))]

    def is_new(self, text: str) -> bool:
        """Whether a text was not told before; it is told now."""
        new = text not in self.told
        self.told.add(text)
        return new


def parts(needed: Needed, verbose: bool = False, together: Together | None = None) -> list[Line]:
    """Lines below a heading, none where nothing is needed that was not told before."""
    together = together or Together()
    lines = [Line((ATTENTION, Span(f" {text}")), 2, 4) for text in still_open(needed.outcome)]
    commands = together.fresh(_commands(needed, together))
    shown = commands if verbose else _of_each_kind(commands)
    lines += [Line.of(line, "name", 2) for command in shown for line in command_lines(command)]
    if len(commands) > len(shown):
        lines.append(Line.of(f"and {len(commands) - len(shown)} more: `-v` shows all", "dim", 2))
    lines += [Line((Span(text),), 2, label=f"{name}:") for name, text in _names(needed, verbose, together) if text]
    return [Line.of("needed from you", "bold"), *lines] if lines else []


def _of_each_kind(commands: list[list[str]]) -> list[list[str]]:
    """As many commands as a screen shows, in order: some of every kind."""
    ranks: Counter[str] = Counter()
    placed = []
    for number, command in enumerate(commands):
        words = command[0].split()
        kind = " ".join(words[: 4 if words[2] == "secret" else 2])
        placed.append((ranks[kind], number))
        ranks[kind] += 1
    return [commands[number] for number in sorted(number for _, number in sorted(placed)[:COMMANDS])]


def _commands(needed: Needed, together: Together) -> Iterator[list[str]]:
    """Commands that make what is missing, each once: namespaces before what is put into them."""
    cluster = needed.cluster
    filled = {need.namespace for need in cluster.secrets if not need.optional}
    for home in cluster.namespaces:
        if not home.brought or home.name in filled:
            yield namespace_command(home)
    for need in cluster.secrets:
        if _required(need):
            yield secret_command(_with_server(needed, together.whole(need)))
    for host in needed.registries:
        yield [f"docker login {host}"]


def _required(need: SecretNeed) -> bool:
    return bool(need.literals or need.files or need.whole or need.type != GENERIC)


def _with_server(needed: Needed, need: SecretNeed) -> SecretNeed:
    """A login is for the registry that images are pushed to, where pods pull from several."""
    from dataclasses import replace

    own = [host for host in need.about if host in needed.registries] if need.type == PULL else []
    return replace(need, about=(own[0],)) if own else need


def _names(needed: Needed, verbose: bool, together: Together) -> Iterator[tuple[str, str]]:
    cluster = needed.cluster
    most = len(cluster.hosts) + len(cluster.objects) + len(needed.build_secrets) if verbose else LISTED
    yield "to build images", _some([*filter(together.is_new, map(str, needed.build_secrets))], most)
    yield "DNS", _placed(needed, [(need.environments, need.host) for need in cluster.hosts], most)
    objects = [need for need in cluster.objects if together.is_new(f"{need.environments} {_named(need)}")]
    yield "in the cluster", _placed(needed, [(need.environments, _named(need)) for need in objects], most)
    spare = [_spare(need) for need in cluster.secrets if not _required(need)]
    yield "optional", _some([*filter(together.is_new, spare)], most)


def _named(need: ObjectNeed) -> str:
    if not need.name:
        return f"{need}, {need.detail}"
    return f"{need} ({need.detail})" if need.detail else str(need)


def _spare(need: SecretNeed) -> str:
    keys = f" ({', '.join(need.spare)})" if need.spare else ""
    return f"Secret {need.name}{keys}{f' in {need.namespace}' if need.namespace else ''}"


def _placed(needed: Needed, found: Iterable[tuple[tuple[str, ...], str]], most: int) -> str:
    """Names by the environments that need them, which are told where there are several."""
    by_place: dict[tuple[str, ...], list[str]] = {}
    for where, name in found:
        by_place.setdefault(where, []).append(name)
    return "; ".join(f"{_some(names, most)}{_where(needed, where)}" for where, names in by_place.items())


def _where(needed: Needed, environments: tuple[str, ...]) -> str:
    """The environments, where not all are meant."""
    held = deployed(needed.outcome.documents)
    return f" ({', '.join(environments)})" if len(environments) < len(held) else ""


def _some(words: list[str], most: int) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(dict.fromkeys(words[:most])) + more


def record(outcome: Outcome) -> dict[str, list[dict[str, Any]]]:
    """Everything that is needed, by what it is. A command is one line for a shell."""
    needed = Needed(outcome)
    cluster = needed.cluster
    return {
        "namespaces": [_namespace(need) for need in cluster.namespaces],
        "secrets": [_secret(needed, need) for need in cluster.secrets],
        "hosts": [
            {"host": need.host, "through": need.through, "environments": [*need.environments]} for need in cluster.hosts
        ],
        "objects": [
            {
                "kind": need.kind,
                "name": need.name,
                "namespace": need.namespace,
                "detail": need.detail,
                "environments": [*need.environments],
            }
            for need in cluster.objects
        ],
        "registries": [{"host": host, "command": f"docker login {host}"} for host in needed.registries],
        "buildSecrets": [need.record() for need in needed.build_secrets],
        "open": [{"message": text} for text in still_open(outcome)],
    }


def _namespace(need: NamespaceNeed) -> dict[str, Any]:
    return {
        "name": need.name,
        "brought": need.brought,
        "environments": [*need.environments],
        "command": " ".join(namespace_command(need)),
    }


def _secret(needed: Needed, need: SecretNeed) -> dict[str, Any]:
    return {
        "name": need.name,
        "namespace": need.namespace,
        "type": need.type,
        "keys": [*need.keys],
        "optionalKeys": [*need.spare],
        "optional": not _required(need),
        "services": [*need.services],
        "environments": [*need.environments],
        "for": [*need.about],
        "command": " ".join(secret_command(_with_server(needed, need))),
    }
