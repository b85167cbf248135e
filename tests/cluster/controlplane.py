"""Programs → a running control plane on loopback: etcd, API server, controllers, scheduler, and simulated nodes.

Pods become Ready and Jobs complete, though no container runs: images, users and Secrets are for the static checks.
Everything lives in one folder and on free ports, and is ended by process id.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# DER of a P-256 private key (RFC 5915) around its 32 bytes: so that no openssl is needed.
EC_KEY = (bytes.fromhex("30310201010420"), bytes.fromhex("a00a06082a8648ce3d030107"))
ZONES = ("a", "b")
BY_HAND = "kwok.x-k8s.io/status=custom"


@dataclass(slots=True)
class ControlPlane:
    """A running cluster; `kubectl` is the way in."""

    folder: Path
    programs: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    def kubectl(
        self, *args: str, stdin: str | None = None, ok: tuple[int, ...] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl; an exit code that is not in `ok` fails with what it said."""
        # HOME is the folder: neither the user's kuberc nor the user's discovery cache plays a part.
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "KUBECONFIG": str(self.kubeconfig),
            "LC_ALL": "C.UTF-8",
        }
        command = [str(self.programs / "kubectl"), *args]
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, env=environment, timeout=180, check=False
        )
        assert done.returncode in ok, (
            f"kubectl {' '.join(args)}: exit {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        )
        return done

    def get(self, *args: str) -> list[dict[str, Any]]:
        """Objects as the server holds them: `get("deployments", "-n", "shop")`."""
        items: list[dict[str, Any]] = json.loads(self.kubectl("get", *args, "-o", "json").stdout)["items"]
        return items

    def create(self, *objects: Mapping[str, Any]) -> None:
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        # As `kubectl apply` would: a later apply of the same object then has nothing to say.
        self.kubectl("create", "--save-config", "-f", "-", stdin=json.dumps(listed))

    def run(self, name: str, *flags: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            command = [str(self.programs / name), *flags]
            self.processes.append(
                subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder)
            )

    def check_alive(self) -> None:
        for process in self.processes:
            if process.poll() is not None:
                name = Path(str(process.args[0])).name  # type: ignore[index]
                log = (self.folder / f"{name}.log").read_text(errors="replace")
                raise RuntimeError(f"{name} ended with {process.returncode}:\n{log[-3000:]}")

    def stop(self) -> None:
        """End what was started; the API server lingers over open watches, and nothing here is worth waiting for."""
        for process in reversed(self.processes):
            process.terminate()
        end = time.monotonic() + 0.5
        for process in self.processes:
            try:
                process.wait(timeout=max(0.05, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def running(folder: Path, programs: Path) -> Iterator[ControlPlane]:
    """A control plane with two simulated nodes in two zones, up in about ten seconds, gone at the end."""
    plane = ControlPlane(folder, programs)
    try:
        _start_api(plane)
        _start_nodes(plane)
        yield plane
    finally:
        plane.stop()


@contextmanager
def serving(folder: Path, programs: Path) -> Iterator[ControlPlane]:
    """An API server alone, with its store: what it takes, and what it says. No controller runs, no pod is scheduled."""
    plane = ControlPlane(folder, programs)
    try:
        _start_api(plane)
        yield plane
    finally:
        plane.stop()


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _start_api(plane: ControlPlane) -> None:
    folder, (port, client, peer) = plane.folder, free_ports(3)
    etcd, peers, token = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}", secrets.token_hex(16)
    tokens = folder / "tokens.csv"
    tokens.touch(mode=0o600)
    tokens.write_text(f"{token},admin,1,system:masters\n")
    _service_account_key(folder / "service-account.key")
    plane.run(
        "etcd",
        f"--data-dir={folder}/etcd",
        "--unsafe-no-fsync",
        f"--listen-client-urls={etcd}",
        f"--advertise-client-urls={etcd}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=default={peers}",
    )
    plane.run(
        "kube-apiserver",
        f"--etcd-servers={etcd}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={folder}/certs",
        "--service-account-issuer=https://cluster.local",
        "--service-account-key-file=service-account.key",
        "--service-account-signing-key-file=service-account.key",
        "--token-auth-file=tokens.csv",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112",
    )
    _write_kubeconfig(plane, port, token)
    _wait(plane, 90)


def _service_account_key(path: Path) -> None:
    # The first bit stays clear, so the number is below the order of the curve.
    number = bytes([secrets.randbelow(0x7F) + 1]) + secrets.token_bytes(31)
    text = base64.b64encode(EC_KEY[0] + number + EC_KEY[1]).decode()
    path.touch(mode=0o600)
    path.write_text(f"-----BEGIN EC PRIVATE KEY-----\n{text}\n-----END EC PRIVATE KEY-----\n")


def _write_kubeconfig(plane: ControlPlane, port: int, token: str) -> None:
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": f"{plane.folder}/certs/apiserver.crt"}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "local",
        "clusters": [{"name": "local", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": "admin"}}],
    }
    plane.kubeconfig.touch(mode=0o600)
    plane.kubeconfig.write_text(json.dumps(config))


def _wait(plane: ControlPlane, seconds: float) -> None:
    end = time.monotonic() + seconds
    while plane.kubectl("get", "--raw", "/readyz", ok=(0, 1)).returncode:
        plane.check_alive()
        if time.monotonic() > end:
            raise TimeoutError(
                f"the API server is not ready after {seconds:g} s; its log is {plane.folder}/kube-apiserver.log"
            )
        time.sleep(0.3)


def _start_nodes(plane: ControlPlane) -> None:
    kubeconfig = f"--kubeconfig={plane.kubeconfig}"
    plane.run(
        "kube-controller-manager",
        kubeconfig,
        "--service-account-private-key-file=service-account.key",
        "--root-ca-file=certs/apiserver.crt",
        "--leader-elect=false",
        "--secure-port=0",
        "--horizontal-pod-autoscaler-sync-period=1s",
    )
    plane.run("kube-scheduler", kubeconfig, "--leader-elect=false", "--secure-port=0")
    # kwok's default stages make pods Ready at once, and complete those that a Job owns.
    # Without leases the controllers hold the nodes for dead after forty seconds.
    plane.run(
        "kwok",
        kubeconfig,
        "--manage-all-nodes=true",
        "--node-lease-duration-seconds=40",
        f"--disregard-status-with-annotation-selector={BY_HAND}",  # pods whose kubelet a test plays itself
        f"--server-address=127.0.0.1:{free_ports(1)[0]}",
    )
    room = {"cpu": "64", "memory": "512Gi", "pods": "500", "ephemeral-storage": "1Ti"}
    plane.create(
        *(
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {
                    "name": f"node-{zone}",
                    "labels": {
                        "kubernetes.io/hostname": f"node-{zone}",
                        "kubernetes.io/os": "linux",
                        "kubernetes.io/arch": "amd64",
                        "topology.kubernetes.io/zone": zone,
                    },
                },
                "status": {"allocatable": room, "capacity": room},
            }
            for zone in ZONES
        ),
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "provisioner": "kubernetes.io/no-provisioner",
            "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        },
    )
    plane.check_alive()
