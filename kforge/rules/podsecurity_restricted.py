"""Pod Security "restricted": what a namespace that enforces it would refuse, beyond "baseline".

It holds for services with `hardening: restricted`, which is the default, checked as k8s.io/pod-security-admission does
(policy/check_*.go). Two rules go further, and warn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kforge.domain.document import POD_PATHS
from kforge.domain.finding import Level, Rule, rule
from kforge.domain.kubernetes.objects import items, mapping, text
from kforge.domain.kubernetes.pod_security import STANDARDS, Control, Pod, Violation, held_to

_VOLUMES = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"]
_CONTEXTS = "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"


def _control(
    name: str, hint: str, level: Level = "error", sources: tuple[str, ...] = STANDARDS
) -> Callable[[Control], Rule]:
    """A control of this level alone as a rule."""
    made = rule(name, level, hint, kinds=tuple(POD_PATHS), sources=sources)
    return lambda control: made(held_to("restricted")(control))


@_control("volume-types", f"use one of {', '.join(_VOLUMES)}")
def volume_types(pod: Pod) -> Iterator[Violation]:
    """Volumes are of the types that need no rights on the node.

    A network file system or a disk is mounted by a claim, so that the cluster's owners say which.

    Wrong:
        spec:
          volumes: [{name: tmp, nfs: {server: files.example.com, path: /}}]
    Right:
        spec:
          volumes: [{name: tmp, persistentVolumeClaim: {claimName: files}}]
    """
    for path, volume in items(pod.spec, "volumes", pod.path):
        for source in sorted(key for key in volume if key != "name"):
            if source not in _VOLUMES:
                yield (
                    f"{path}.{source}",
                    f"volume `{text(volume, 'name')}` has a source that is not allowed: `{source}`",
                )


@_control("privilege-escalation", "set it to `false` for every container")
def privilege_escalation(pod: Pod) -> Iterator[Violation]:
    """No program of a container gains more rights than the first had.

    Without the field a file with the set-user-ID bit makes its program root.

    Wrong:
        securityContext: {runAsNonRoot: true}
    Right:
        securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false}
    """
    for path, context in pod.of_containers():
        if context.get("allowPrivilegeEscalation") is not False and not pod.windows:
            yield f"{path}.allowPrivilegeEscalation", "`allowPrivilegeEscalation` is not `false`"


@_control("run-as-non-root", "set it to `true` for the pod")
def run_as_non_root(pod: Pod) -> Iterator[Violation]:
    """The kubelet is told to refuse root.

    `runAsNonRoot: true`, of the pod or of each container, keeps a program whose image runs as root from starting.

    Wrong:
        securityContext: {allowPrivilegeEscalation: false}
    Right:
        securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true}
    """
    whole = mapping(pod.spec, "securityContext").get("runAsNonRoot")
    if whole is False:
        yield f"{pod.path}.securityContext.runAsNonRoot", "`runAsNonRoot` is `false`"
    for path, context in pod.of_containers():
        own = context.get("runAsNonRoot")
        if own is False or (own is None and whole is not True):
            yield f"{path}.runAsNonRoot", "`runAsNonRoot` is `false`" if own is False else "`runAsNonRoot` is not set"


@_control("run-as-user", "name a user above 0")
def run_as_user(pod: Pod) -> Iterator[Violation]:
    """No container runs as user 0.

    User 0 is root, in a container as outside of it. In a spec the number is the service's `user`.

    Wrong:
        securityContext: {runAsUser: 0}
    Right:
        securityContext: {runAsUser: 10001}
    """
    for path, context in pod.contexts():
        user = context.get("runAsUser")
        if user == 0 and not isinstance(user, bool):
            yield f"{path}.runAsUser", "the user is root (0)"


@_control("seccomp-set", "set `seccompProfile: {type: RuntimeDefault}` for the pod")
def seccomp_set(pod: Pod) -> Iterator[Violation]:
    """A seccomp profile is set.

    Without one a container may make every system call, unless its node has another default.

    Wrong:
        spec: {securityContext: {runAsNonRoot: true}}
    Right:
        spec: {securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}}
    """
    whole = text(mapping(pod.spec, "securityContext", "seccompProfile"), "type")
    for path, context in pod.of_containers():
        if not whole and not text(mapping(context, "seccompProfile"), "type") and not pod.windows:
            yield f"{path}.seccompProfile", "no seccomp profile is set"


@_control("capabilities-dropped", "set `capabilities: {drop: [ALL]}` for every container")
def capabilities_dropped(pod: Pod) -> Iterator[Violation]:
    """Containers drop all capabilities, and add `NET_BIND_SERVICE` at most.

    A program that is not root needs none of those that runtimes give by default.

    Wrong:
        securityContext: {capabilities: {drop: [NET_RAW]}}
    Right:
        securityContext: {capabilities: {drop: [ALL]}}
    """
    if pod.windows:
        return
    for path, context in pod.of_containers():
        dropped = mapping(context, "capabilities").get("drop")
        if not isinstance(dropped, list) or "ALL" not in dropped:
            yield f"{path}.capabilities.drop", "not all capabilities are dropped"
    for path, name in pod.added():
        if name != "NET_BIND_SERVICE":
            yield path, f"capability `{name}` is added; only `NET_BIND_SERVICE` is allowed"


@_control("numeric-user", "set `user` to the number of the image's user", "warning", (_CONTEXTS,))
def numeric_user(pod: Pod) -> Iterator[Violation]:
    """A container's user is a number.

    With `runAsNonRoot` the kubelet refuses an image whose `USER` is a name, since it cannot tell whether that is root:
    the pod stays in `CreateContainerConfigError`. The standard does not ask for the number, so this warns. A platform that
    assigns users, as OpenShift does, sets the number itself.

    Wrong:
        securityContext: {runAsNonRoot: true}
    Right:
        securityContext: {runAsNonRoot: true, runAsUser: 10001}
    """
    whole = mapping(pod.spec, "securityContext")
    for path, context in pod.of_containers():
        if "runAsUser" not in context and "runAsUser" not in whole and not (pod.windows or pod.assigned):
            yield f"{path}.runAsUser", "no numeric user is set, and the image may have a name as its user"


@_control(
    "read-only-root",
    "set it to `true`, and mount the folders that the program writes to: `process: {writable: [/var/cache/app]}`",
    "warning",
    (_CONTEXTS,),
)
def read_only_root(pod: Pod) -> Iterator[Violation]:
    """A container cannot write beside its own program.

    Where the root file system is read-only, a break-in finds no place to put a program, and data that would go with the
    pod is noticed the first time. Folders that are written to are volumes. The standard does not ask for it, so this
    warns.

    Wrong:
        securityContext: {runAsNonRoot: true}
    Right:
        securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}
    """
    why = "".join(
        f", since the source writes to `{one.value}`, where its files lie{one.where}" for one in pod.occupied[:1]
    )
    for path, context in pod.of_containers():
        if context.get("readOnlyRootFilesystem") is not True and not pod.windows:
            yield f"{path}.readOnlyRootFilesystem", f"the root file system can be written to{why}"


RULES = (
    volume_types,
    privilege_escalation,
    run_as_non_root,
    run_as_user,
    seccomp_set,
    capabilities_dropped,
    numeric_user,
    read_only_root,
)
