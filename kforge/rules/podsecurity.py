"""Pod Security Standards: what a namespace that enforces `baseline` or `restricted` would refuse.

https://kubernetes.io/docs/concepts/security/pod-security-standards/, checked as k8s.io/pod-security-admission does
(policy/check_*.go). A service's level is its `hardening`; an object of no service has that of `""`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kforge.domain.document import Document, Documents, pod_spec
from kforge.domain.finding import Hit, Rule
from kforge.domain.kubernetes.objects import containers, items, mapping, text, workloads

Violation = tuple[str, str]  # field path, message


@dataclass(frozen=True, slots=True)
class Pod:
    """One workload's pod as the controls see it."""

    path: str
    spec: Mapping[str, Any]
    containers: tuple[tuple[str, Mapping[str, Any]], ...]
    minor: int  # of the Kubernetes version

    def contexts(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Security contexts: the pod's, then each container's."""
        yield f"{self.path}.securityContext", mapping(self.spec, "securityContext")
        yield from self.of_containers()

    def of_containers(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for path, container in self.containers:
            yield f"{path}.securityContext", mapping(container, "securityContext")

    @property
    def windows(self) -> bool:
        return text(mapping(self.spec, "os"), "name") == "windows"


Control = Callable[[Pod], Iterator[Violation]]
LEVELS = ("baseline", "restricted")
_ADDABLE = frozenset(
    [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ]
)
_SYSCTLS = {  # name → the minor that allowed it
    "kernel.shm_rmid_forced": 0, "net.ipv4.ip_local_port_range": 0, "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.tcp_syncookies": 0, "net.ipv4.ping_group_range": 0, "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29, "net.ipv4.tcp_fin_timeout": 29, "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29, "net.ipv4.tcp_rmem": 32, "net.ipv4.tcp_wmem": 32,
}  # fmt: skip
_VOLUMES = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"]
_SELINUX = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")


def _host_namespaces(pod: Pod) -> Iterator[Violation]:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.spec.get(key) is True:
            yield f"{pod.path}.{key}", f"`{key}` shares a namespace with the node"


def _privileged(pod: Pod) -> Iterator[Violation]:
    for path, context in pod.of_containers():
        if context.get("privileged") is True:
            yield f"{path}.privileged", "the container is privileged"


def _added(pod: Pod) -> Iterator[tuple[str, Any]]:
    for path, context in pod.of_containers():
        added = mapping(context, "capabilities").get("add")
        for index, name in enumerate(added if isinstance(added, list) else ()):
            yield f"{path}.capabilities.add[{index}]", name


def _capabilities(pod: Pod) -> Iterator[Violation]:
    for path, name in _added(pod):
        if str(name) not in _ADDABLE:
            yield path, f"capability `{name}` is none that containers have by default"


def _host_path(pod: Pod) -> Iterator[Violation]:
    for path, volume in items(pod.spec, "volumes", pod.path):
        if "hostPath" in volume:
            yield f"{path}.hostPath", f"volume `{text(volume, 'name')}` mounts the node's file system"


def _host_port(pod: Pod) -> Iterator[Violation]:
    for path, container in pod.containers:
        for at, port in items(container, "ports", path):
            if port.get("hostPort"):
                yield f"{at}.hostPort", f"port `{port['hostPort']}` is opened on the node"


def _host_probe(pod: Pod) -> Iterator[Violation]:
    if pod.minor < 34:
        return
    for path, container in pod.containers:
        probes = [
            (f"{path}.{name}", mapping(container, name)) for name in ("livenessProbe", "readinessProbe", "startupProbe")
        ]
        hooks = [
            (f"{path}.lifecycle.{name}", mapping(container, "lifecycle", name)) for name in ("postStart", "preStop")
        ]
        for at, handler in probes + hooks:
            for kind in ("httpGet", "tcpSocket"):
                if host := text(mapping(handler, kind), "host"):
                    yield f"{at}.{kind}.host", f"the kubelet would connect to `{host}` instead of the pod"


def _app_armor(pod: Pod) -> Iterator[Violation]:
    for path, context in pod.contexts():
        kind = text(mapping(context, "appArmorProfile"), "type")
        if kind not in ("", "RuntimeDefault", "Localhost"):
            yield f"{path}.appArmorProfile.type", f"AppArmor profile `{kind}` does not confine"


def _selinux(pod: Pod) -> Iterator[Violation]:
    for path, context in pod.contexts():
        options = mapping(context, "seLinuxOptions")
        if text(options, "type") not in _SELINUX:
            yield f"{path}.seLinuxOptions.type", f"SELinux type `{text(options, 'type')}` is none for containers"
        for key in ("user", "role"):
            if options.get(key):
                yield f"{path}.seLinuxOptions.{key}", f"a custom SELinux {key} is set"


def _proc_mount(pod: Pod) -> Iterator[Violation]:
    for path, context in pod.of_containers():
        if context.get("procMount") not in (None, "Default"):
            yield f"{path}.procMount", "`/proc` is not masked"


def _seccomp_baseline(pod: Pod) -> Iterator[Violation]:
    for path, context in pod.contexts():
        kind = text(mapping(context, "seccompProfile"), "type")
        if kind not in ("", "RuntimeDefault", "Localhost"):
            yield f"{path}.seccompProfile.type", f"seccomp profile `{kind}` does not confine"


def _sysctls(pod: Pod) -> Iterator[Violation]:
    for path, sysctl in items(mapping(pod.spec, "securityContext"), "sysctls", f"{pod.path}.securityContext"):
        name = text(sysctl, "name")
        if _SYSCTLS.get(name, 999) > pod.minor:
            yield f"{path}.name", f"sysctl `{name}` is not among the safe ones"


def _host_process(pod: Pod) -> Iterator[Violation]:
    for path, context in pod.contexts():
        if mapping(context, "windowsOptions").get("hostProcess") is True:
            yield f"{path}.windowsOptions.hostProcess", "the container runs as a process of the node"


def _volume_types(pod: Pod) -> Iterator[Violation]:
    for path, volume in items(pod.spec, "volumes", pod.path):
        for source in sorted(key for key in volume if key != "name"):
            if source not in _VOLUMES:
                yield (
                    f"{path}.{source}",
                    f"volume `{text(volume, 'name')}` has a source that is not allowed: `{source}`",
                )


def _escalation(pod: Pod) -> Iterator[Violation]:
    for path, context in pod.of_containers():
        if context.get("allowPrivilegeEscalation") is not False and not pod.windows:
            yield f"{path}.allowPrivilegeEscalation", "`allowPrivilegeEscalation` is not `false`"


def _non_root(pod: Pod) -> Iterator[Violation]:
    whole = mapping(pod.spec, "securityContext").get("runAsNonRoot")
    if whole is False:
        yield f"{pod.path}.securityContext.runAsNonRoot", "`runAsNonRoot` is `false`"
    for path, context in pod.of_containers():
        own = context.get("runAsNonRoot")
        if own is False or (own is None and whole is not True):
            yield f"{path}.runAsNonRoot", "`runAsNonRoot` is `false`" if own is False else "`runAsNonRoot` is not set"


def _user(pod: Pod) -> Iterator[Violation]:
    for path, context in pod.contexts():
        user = context.get("runAsUser")
        if user == 0 and not isinstance(user, bool):
            yield f"{path}.runAsUser", "the user is root (0)"


def _seccomp_restricted(pod: Pod) -> Iterator[Violation]:
    whole = text(mapping(pod.spec, "securityContext", "seccompProfile"), "type")
    for path, context in pod.of_containers():
        if not whole and not text(mapping(context, "seccompProfile"), "type") and not pod.windows:
            yield f"{path}.seccompProfile", "no seccomp profile is set"


def _dropped(pod: Pod) -> Iterator[Violation]:
    if pod.windows:
        return
    for path, context in pod.of_containers():
        dropped = mapping(context, "capabilities").get("drop")
        if not isinstance(dropped, list) or "ALL" not in dropped:
            yield f"{path}.capabilities.drop", "not all capabilities are dropped"
    for path, name in _added(pod):
        if name != "NET_BIND_SERVICE":
            yield path, f"capability `{name}` is added; only `NET_BIND_SERVICE` may be"


def _numeric_user(pod: Pod) -> Iterator[Violation]:
    whole = mapping(pod.spec, "securityContext")
    for path, context in pod.of_containers():
        # The kubelet refuses `runAsNonRoot` with an image whose USER is a name: it cannot tell whether that is root.
        if "runAsUser" not in context and "runAsUser" not in whole and not pod.windows:
            yield f"{path}.runAsUser", "no numeric user is set, and the image's may be a name"


def _read_only(pod: Pod) -> Iterator[Violation]:
    for path, context in pod.of_containers():
        if context.get("readOnlyRootFilesystem") is not True and not pod.windows:
            yield f"{path}.readOnlyRootFilesystem", "the root file system can be written to"


def _checked(control: Control, *levels: str) -> Callable[[Documents], Iterator[Hit]]:
    def check(documents: Documents) -> Iterator[Hit]:
        for document in workloads(documents):
            if documents.hardening.get(document.service, "restricted") in levels:
                yield from (Hit(document, field, message) for field, message in control(_pod(document, documents)))

    return check


def _pod(document: Document, documents: Documents) -> Pod:
    path, spec = pod_spec(document) or ("", {})
    return Pod(path, spec, tuple(containers(document)), int(documents.kubernetes.partition(".")[2]))


def _baseline(name: str, hint: str, control: Control) -> Rule:
    return Rule(name, "error", hint, _checked(control, *LEVELS))


def _restricted(name: str, hint: str, control: Control) -> Rule:
    return Rule(name, "error", hint, _checked(control, "restricted"))


_LEAVE = "leave the field out"
RULES = (
    _baseline("host-namespaces", "leave the fields out, or set `hardening: none` for this service", _host_namespaces),
    _baseline("privileged", _LEAVE, _privileged),
    _baseline("capabilities", "add none, or only `NET_BIND_SERVICE`", _capabilities),
    _baseline("host-path", "use a claim or an emptyDir", _host_path),
    _baseline("host-port", "use a Service", _host_port),
    _baseline("host-probe", _LEAVE, _host_probe),
    _baseline("app-armor", "use `RuntimeDefault`", _app_armor),
    _baseline("selinux", _LEAVE, _selinux),
    _baseline("proc-mount", _LEAVE, _proc_mount),
    _baseline("seccomp", "use `RuntimeDefault`", _seccomp_baseline),
    _baseline("sysctls", _LEAVE, _sysctls),
    _baseline("host-process", _LEAVE, _host_process),
    _restricted("volume-types", f"use one of {', '.join(_VOLUMES)}", _volume_types),
    _restricted("privilege-escalation", "set it to `false` for every container", _escalation),
    _restricted("run-as-non-root", "set it to `true` for the pod", _non_root),
    _restricted("run-as-user", "name a user above 0", _user),
    _restricted("seccomp-set", "set `seccompProfile: {type: RuntimeDefault}` for the pod", _seccomp_restricted),
    _restricted("capabilities-dropped", "set `capabilities: {drop: [ALL]}` for every container", _dropped),
    Rule(
        "numeric-user", "warning", "set `user` to the number of the image's user", _checked(_numeric_user, "restricted")
    ),
    Rule("read-only-root", "warning", "set it to `true` and mount what is written", _checked(_read_only, "restricted")),
)
