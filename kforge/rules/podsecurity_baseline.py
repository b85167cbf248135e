"""Pod Security "baseline": what a namespace that enforces it would refuse.

It holds for services with `hardening: baseline` and `restricted`, checked as k8s.io/pod-security-admission does
(policy/check_*.go).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kforge.domain.document import POD_PATHS
from kforge.domain.finding import Rule, rule
from kforge.domain.kubernetes.objects import items, mapping, text
from kforge.domain.kubernetes.pod_security import STANDARDS, Control, Pod, Violation, held_to

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
_SELINUX = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
_LEAVE = "leave the field out"


def _control(name: str, hint: str) -> Callable[[Control], Rule]:
    """A control of both levels as a rule."""
    made = rule(name, "error", hint, kinds=tuple(POD_PATHS), sources=STANDARDS)
    return lambda control: made(held_to("baseline", "restricted")(control))


@_control("host-namespaces", "leave the fields out, or set `hardening: none` for this service")
def host_namespaces(pod: Pod) -> Iterator[Violation]:
    """A pod shares no namespace with its node.

    With `hostNetwork`, `hostPID` or `hostIPC` a program sees the traffic, the processes or the memory of everything on
    the node, and network policies do not hold for it.

    Wrong:
        spec: {hostNetwork: true}
    Right:
        spec: {hostNetwork: false}
    """
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.spec.get(key) is True:
            yield f"{pod.path}.{key}", f"`{key}` shares a namespace with the node"


@_control("privileged", _LEAVE)
def privileged(pod: Pod) -> Iterator[Violation]:
    """No container is privileged.

    A privileged container is root on its node: it may mount its disks and change its kernel.

    Wrong:
        securityContext: {privileged: true}
    Right:
        securityContext: {privileged: false}
    """
    for path, context in pod.of_containers():
        if context.get("privileged") is True:
            yield f"{path}.privileged", "the container is privileged"


@_control("capabilities", "leave it out, or add only `NET_BIND_SERVICE`")
def capabilities(pod: Pod) -> Iterator[Violation]:
    """Containers add no capability beyond those that container runtimes give anyway.

    Others, `SYS_ADMIN` and `NET_ADMIN` among them, are ways out of the container.

    Wrong:
        securityContext: {capabilities: {add: [SYS_ADMIN]}}
    Right:
        securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}
    """
    for path, name in pod.added():
        if str(name) not in _ADDABLE:
            yield path, f"capability `{name}` is not one that containers have by default"


@_control("host-path", "use a claim or an emptyDir")
def host_path(pod: Pod) -> Iterator[Violation]:
    """No volume is a folder of the node.

    A program that writes to its node may change what the node runs, and reads what other pods left there.

    Wrong:
        spec:
          volumes: [{name: tmp, hostPath: {path: /var/lib/web}}]
    Right:
        spec:
          volumes: [{name: tmp, emptyDir: {}}]
    """
    for path, volume in items(pod.spec, "volumes", pod.path):
        if "hostPath" in volume:
            yield f"{path}.hostPath", f"volume `{text(volume, 'name')}` mounts the node's file system"


@_control("host-port", "use a Service")
def host_port(pod: Pod) -> Iterator[Violation]:
    """No container opens a port of its node.

    It would be reachable past every Service and policy, and each node could run one such pod only.

    Wrong:
        ports: [{name: http, containerPort: 3000, hostPort: 80}]
    Right:
        ports: [{name: http, containerPort: 3000}]
    """
    for path, container in pod.containers:
        for at, port in items(container, "ports", path):
            if port.get("hostPort"):
                yield f"{at}.hostPort", f"port `{port['hostPort']}` is opened on the node"


@_control("host-probe", _LEAVE)
def host_probe(pod: Pod) -> Iterator[Violation]:
    """Probes and hooks connect to their own pod.

    With `host` the kubelet, which is inside the cluster's network, would call any address that a manifest names. The
    standard refuses it since Kubernetes 1.34; for an earlier version this rule does not look.

    Wrong:
        livenessProbe: {httpGet: {host: example.com, path: /live, port: http}}
    Right:
        livenessProbe: {httpGet: {path: /live, port: http}}
    """
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


@_control("app-armor", "use `RuntimeDefault`")
def app_armor(pod: Pod) -> Iterator[Violation]:
    """An AppArmor profile, where one is set, confines.

    `Unconfined` takes away what the runtime puts around every container on nodes that have AppArmor.

    Wrong:
        securityContext: {appArmorProfile: {type: Unconfined}}
    Right:
        securityContext: {appArmorProfile: {type: RuntimeDefault}}
    """
    for path, context in pod.contexts():
        kind = text(mapping(context, "appArmorProfile"), "type")
        if kind not in ("", "RuntimeDefault", "Localhost"):
            yield f"{path}.appArmorProfile.type", f"AppArmor profile `{kind}` does not confine the container"


@_control("selinux", _LEAVE)
def selinux(pod: Pod) -> Iterator[Violation]:
    """SELinux options are a type for containers, without a user or role.

    Another type, `spc_t` for one, is not held apart from the node.

    Wrong:
        securityContext: {seLinuxOptions: {type: spc_t}}
    Right:
        securityContext: {seLinuxOptions: {type: container_t}}
    """
    for path, context in pod.contexts():
        options = mapping(context, "seLinuxOptions")
        if text(options, "type") not in _SELINUX:
            yield f"{path}.seLinuxOptions.type", f"SELinux type `{text(options, 'type')}` is not for containers"
        for key in ("user", "role"):
            if options.get(key):
                yield f"{path}.seLinuxOptions.{key}", f"a custom SELinux {key} is set"


@_control("proc-mount", _LEAVE)
def proc_mount(pod: Pod) -> Iterator[Violation]:
    """`/proc` stays masked.

    Its unmasked parts show and change settings of the node's kernel.

    Wrong:
        securityContext: {procMount: Unmasked}
    Right:
        securityContext: {procMount: Default}
    """
    for path, context in pod.of_containers():
        if context.get("procMount") not in (None, "Default"):
            yield f"{path}.procMount", "`/proc` is not masked"


@_control("seccomp", "use `RuntimeDefault`")
def seccomp(pod: Pod) -> Iterator[Violation]:
    """A seccomp profile, where one is set, confines.

    `Unconfined` leaves every system call open, those by which programs break out of containers among them.

    Wrong:
        securityContext: {seccompProfile: {type: Unconfined}}
    Right:
        securityContext: {seccompProfile: {type: RuntimeDefault}}
    """
    for path, context in pod.contexts():
        kind = text(mapping(context, "seccompProfile"), "type")
        if kind not in ("", "RuntimeDefault", "Localhost"):
            yield f"{path}.seccompProfile.type", f"seccomp profile `{kind}` does not confine the container"


@_control("sysctls", _LEAVE)
def sysctls(pod: Pod) -> Iterator[Violation]:
    """Only sysctls that are a pod's own are set.

    Others change the kernel for every pod of the node. Which ones are safe grows with the Kubernetes version.

    Wrong:
        spec: {securityContext: {sysctls: [{name: kernel.msgmax, value: "65536"}]}}
    Right:
        spec: {securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: "1"}]}}
    """
    for path, sysctl in items(mapping(pod.spec, "securityContext"), "sysctls", f"{pod.path}.securityContext"):
        name = text(sysctl, "name")
        if _SYSCTLS.get(name, 999) > pod.minor:
            yield f"{path}.name", f"sysctl `{name}` is not among the safe ones"


@_control("host-process", _LEAVE)
def host_process(pod: Pod) -> Iterator[Violation]:
    """No container is a process of its Windows node.

    It would have the rights of the node's own services.

    Wrong:
        securityContext: {windowsOptions: {hostProcess: true}}
    Right:
        securityContext: {windowsOptions: {hostProcess: false}}
    """
    for path, context in pod.contexts():
        if mapping(context, "windowsOptions").get("hostProcess") is True:
            yield f"{path}.windowsOptions.hostProcess", "the container runs as a process of the node"


RULES = (
    host_namespaces,
    privileged,
    capabilities,
    host_path,
    host_port,
    host_probe,
    app_armor,
    selinux,
    proc_mount,
    seccomp,
    sysctls,
    host_process,
)
