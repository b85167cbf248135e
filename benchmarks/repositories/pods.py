"""A plan of units → what each came to. Runs in namespaces of its own: network, processes, mounts.

A unit runs below its image's layers, read-only where the manifest says so, as the manifest's user without
capabilities, with the manifest's variables alone. A pod that is ready by its own probes, stays so, and answers what
the authors call its health is well.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.repositories import stores
from benchmarks.repositories.overlays import mount

ADDRESS = "10.77.0.2"  # of every pod; it is none of loopback's, so a program that listens on loopback is not reached
PATIENCE = 120  # seconds, at the least, since this machine is slower than a node
JOB = 240
STAYS = 8
UNPRIVILEGED = "net.ipv4.ip_unprivileged_port_start"


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    _network(Path(plan["scratch"]), plan["names"])
    reports, kept = [], []
    for store in plan["stores"]:
        folder = Path(tempfile.mkdtemp(dir=plan["scratch"], prefix=f"{store['kind']}-"))
        folder.chmod(0o755)
        kept.append(stores.STORES[store["kind"]].start(folder, store["env"], store["args"]))
    taken: dict[int, subprocess.Popen[bytes]] = {}
    for unit in plan["units"]:
        for port in unit["ports"].values():
            if earlier := taken.pop(port, None):
                _stop(earlier)
        process, report = _run(unit, Path(plan["scratch"]))
        reports.append(report)
        if process:
            taken.update(dict.fromkeys(unit["ports"].values(), process))
    Path(sys.argv[2]).write_text(json.dumps(reports, indent=1))


def _network(folder: Path, names: list[str]) -> None:
    for words in (["link", "set", "lo", "up"], ["addr", "add", f"{ADDRESS}/32", "dev", "lo"]):
        subprocess.run(["ip", *words], check=True)
    hosts = folder / "hosts"
    names = [*names, socket.gethostname()]  # the kubelet writes a pod's own name as well
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{ADDRESS} {name}\n" for name in names))
    mount("--bind", hosts, "/etc/hosts")


# ---- one unit ---------------------------------------------------------------------------------------------------------
def _run(unit: Mapping[str, Any], scratch: Path) -> tuple[subprocess.Popen[bytes] | None, dict[str, Any]]:
    report: dict[str, Any] = {"unit": unit["name"], "kind": unit["kind"], "well": False}
    log = scratch / f"{unit['name']}.log"
    process = _start(unit, scratch, log)
    try:
        why = _job(process) if unit["kind"] in ("Job", "CronJob") else _server(process, unit)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    report["well"], report["why"] = not why, why
    report["log"] = log.read_text(errors="replace")[-2500:]
    if why or unit["kind"] in ("Job", "CronJob"):
        _stop(process)
        return None, report
    return process, report


def _start(unit: Mapping[str, Any], scratch: Path, log: Path) -> subprocess.Popen[bytes]:
    root = _root(unit, scratch)
    # The root is entered first, by a program that needs nothing of it: distroless images have neither shell nor env.
    who = [unit["user"], unit["group"], unit["volumes_group"] or "", int(unit["bounded"])]
    enter = [sys.executable, "-I", "-c", _ENTER, str(root), unit["workdir"] or "/", *map(str, who), *unit["words"]]
    for name, value in {UNPRIVILEGED: "1024", **unit["sysctls"]}.items():
        Path("/proc/sys", name.replace(".", "/")).write_text(value)
    with log.open("wb") as output:
        # A runtime gives the streams to the user of the container, who may open /dev/stderr again.
        os.fchown(output.fileno(), int(unit["user"]), int(unit["group"]))
        return subprocess.Popen(
            enter, env=unit["env"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )


_ENTER = """
import ctypes, os, shutil, sys
root, folder, uid, gid, group, bounded, *words = sys.argv[1:]
os.chroot(root)
os.chdir(folder)
libc = ctypes.CDLL(None)
for capability in range(41) if bounded == "1" else ():
    libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.setgroups([int(group)] if group else [])
os.setgid(int(gid))
os.setuid(int(uid))
libc.prctl(38, int(bounded), 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
program = shutil.which(words[0])
if program is None:
    sys.exit(f"{words[0]}: not found in the image, or not to be started by this user")
os.execv(program, words)
"""


def _root(unit: Mapping[str, Any], scratch: Path) -> Path:
    made = Path(tempfile.mkdtemp(dir=scratch, prefix=f"pod-{unit['name']}-"))
    made.chmod(0o755)
    top, work, root = made / "top", made / "work", made / "root"
    for folder in (top, work, root):
        folder.mkdir()
    for path in ["/proc", "/dev", "/etc", *(path for path, *_ in unit["volumes"])]:
        _make(top, path, [Path(layer) for layer in unit["layers"]])
    (top / "etc/hosts").write_bytes(Path("/etc/hosts").read_bytes())
    options = f"lowerdir={':'.join(unit['layers'])},upperdir={top},workdir={work}"
    mount("-t", "overlay", "overlay", "-o", options, root)
    mount("-t", "proc", "proc", root / "proc")
    mount("--rbind", "/dev", root / "dev")
    if unit["read_only"]:
        mount("--bind", root, root)
        mount("-o", "remount,bind,ro", root)
        # the second mount hides those below the first
        mount("-t", "proc", "proc", root / "proc")
        mount("--rbind", "/dev", root / "dev")
    for number, (path, files, claim) in enumerate(sorted(unit["volumes"], key=str)):
        folder = scratch / f"claim-{claim}" if claim else made / f"volume-{number}"
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777 if files is None else 0o755)
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        mount("--bind", folder, root / path.lstrip("/"))
        if files is not None:
            mount("-o", "remount,bind,ro", root / path.lstrip("/"))
    return root


def _make(top: Path, path: str, layers: list[Path]) -> None:
    """A folder to mount on; where a layer has one above it, with that one's owner and mode."""
    place = Path()
    for part in Path(path.lstrip("/")).parts:
        place /= part
        if not (top / place).exists():
            (top / place).mkdir()
            if known := next((layer / place for layer in layers if (layer / place).is_dir()), None):
                state = known.stat()
                os.chown(top / place, state.st_uid, state.st_gid)
                (top / place).chmod(state.st_mode & 0o7777)


# ---- whether it is well -------------------------------------------------------------------------------------------------
def _job(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(JOB)
    except subprocess.TimeoutExpired:
        return f"not done after {JOB} s"
    return f"ended with {code}" if code else ""


def _server(process: subprocess.Popen[bytes], unit: Mapping[str, Any]) -> str:
    """Why the unit is not well; empty where it is."""
    probes = unit["probes"]
    wait = [probes[name] for name in ("startupProbe", "readinessProbe") if name in probes]
    if not unit["ports"] and not wait:
        return _stays(process, STAYS * 2)
    if not wait:
        wait = [{"tcpSocket": {"port": next(iter(unit["ports"].values()))}}]
    for probe in wait:
        if why := _until(process, unit, probe):
            return why
    if unit["health"] and (why := _until(process, unit, {"httpGet": unit["health"]}, 20)):
        return why
    if why := _stays(process, STAYS):
        return why
    if "livenessProbe" in probes and (why := _until(process, unit, probes["livenessProbe"], 20)):
        return f"liveness: {why}"
    return ""


def _stays(process: subprocess.Popen[bytes], seconds: float) -> str:
    try:
        return f"ended with {process.wait(seconds)}"
    except subprocess.TimeoutExpired:
        return ""


def _until(
    process: subprocess.Popen[bytes], unit: Mapping[str, Any], probe: Mapping[str, Any], seconds: float = PATIENCE
) -> str:
    until, seen = time.monotonic() + seconds, "nothing was asked"
    while time.monotonic() < until:
        if process.poll() is not None:
            return f"ended with {process.returncode}"
        if not (seen := _asked(unit, probe)):
            return ""
        time.sleep(0.5)
    return seen


def _asked(unit: Mapping[str, Any], probe: Mapping[str, Any]) -> str:
    """Ask once, as the kubelet does; what went wrong, or nothing."""
    timeout = max(5, probe.get("timeoutSeconds", 1))
    if "exec" in probe:
        return ""  # asked by the kubelet within the container; what it needs there was looked at when it was built
    how = probe.get("httpGet") or probe.get("tcpSocket") or probe.get("grpc") or {}
    port = unit["ports"].get(how.get("port"), how.get("port"))
    where = f"{how.get('path', '')} on {port}"
    try:
        if "httpGet" not in probe:
            socket.create_connection((ADDRESS, int(port)), timeout=timeout).close()
            return ""
        status = _get(how, int(port), timeout)
    except (OSError, http.client.HTTPException) as error:
        return f"{where}: {error}"
    return "" if 200 <= status < 400 else f"{where}: status {status}"


def _get(how: Mapping[str, Any], port: int, timeout: float) -> int:
    if how.get("scheme", "HTTP").upper() == "HTTPS":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            ADDRESS, port, timeout=timeout, context=context
        )
    else:
        connection = http.client.HTTPConnection(ADDRESS, port, timeout=timeout)
    headers = {header["name"]: header["value"] for header in how.get("httpHeaders", ())}
    try:
        connection.request("GET", how.get("path") or "/", headers={"User-Agent": "kube-probe/1.36", **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    for entry in Path("/proc").iterdir():  # an init may have put the program into a group of its own
        with contextlib.suppress(OSError, ValueError):
            if os.getsid(int(entry.name)) == process.pid:
                os.kill(int(entry.name), signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    main()
