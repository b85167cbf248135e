"""Images of databases and queues → the real servers that play them, in the network namespace of the pods.

A password, user and database are those of the image's variables, as the image's own entry point takes them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

GO_PROGRAMS = Path.home() / "go" / "bin"  # where `go install` leaves what it builds
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
# What a row's own store has, outside of the application: its user, password and database.
OUTSIDE = {
    "postgres": {"POSTGRES_USER": "app", "POSTGRES_PASSWORD": "secret", "POSTGRES_DB": "app"},
    "mysql": {
        "MYSQL_USER": "app",
        "MYSQL_PASSWORD": "secret",
        "MYSQL_DATABASE": "app",
        "MYSQL_ROOT_PASSWORD": "secret",
    },
    "redis": {},
    "nats": {},
    "mongo": {},
    "rabbitmq": {"RABBITMQ_DEFAULT_USER": "app", "RABBITMQ_DEFAULT_PASS": "secret"},
}


class Missing(Exception):
    """No server of that kind is here."""


@dataclass(frozen=True, slots=True)
class Store:
    kind: str
    port: int
    start: Callable[[Path, Mapping[str, str], list[str]], subprocess.Popen[bytes]]


def of_image(image: str) -> Store | None:
    """The store that an image is, by the last part of its name."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return STORES.get({"postgresql": "postgres", "valkey": "redis", "mariadb": "mysql"}.get(name, name))


def _as(user: str, *words: str | Path) -> list[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *map(str, words)]


def _needed(path: str | Path | None, what: str) -> str:
    if path is None or not Path(path).exists():
        raise Missing(f"no {what} here")
    return str(path)


def _postgres(folder: Path, env: Mapping[str, str], args: list[str]) -> subprocess.Popen[bytes]:
    tools = Path(_needed(POSTGRES[-1] if POSTGRES else None, "PostgreSQL"))
    data, user = folder / "data", env.get("POSTGRES_USER", "postgres")
    password = folder / "password"
    password.write_text(env.get("POSTGRES_PASSWORD", "") + "\n")
    subprocess.run(["chown", "-R", "postgres:postgres", folder], check=True)
    words: list[str | Path] = [
        tools / "initdb",
        "-D",
        data,
        "-U",
        user,
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "-E",
        "UTF8",
    ]
    subprocess.run(_as("postgres", *words), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 0.0.0.0/0 scram-sha-256\n")
    words = [tools / "postgres", "-D", data, "-c", "listen_addresses=*", "-k", folder, "-c", "fsync=off"]
    process = _started(_as("postgres", *words), folder)
    _wait(5432, process)
    outside = OUTSIDE["postgres"]  # what a Secret of the row names, where the draft has a store of its own
    made = [
        f'create database "{name}"' for name in {env.get("POSTGRES_DB", user), outside["POSTGRES_DB"]} - {"postgres"}
    ]
    if user != outside["POSTGRES_USER"]:
        made.append(f"create role {outside['POSTGRES_USER']} superuser login password '{outside['POSTGRES_PASSWORD']}'")
    login = {"PGPASSWORD": env.get("POSTGRES_PASSWORD", ""), "PATH": "/usr/bin:/bin"}
    for statement in made:
        psql = ["psql", "-h", "127.0.0.1", "-U", user, "-d", "postgres", "-qc", statement]
        subprocess.run(psql, check=True, env=login)
    return process


def _redis(folder: Path, env: Mapping[str, str], args: list[str]) -> subprocess.Popen[bytes]:
    server = _needed(shutil.which("redis-server"), "Redis")
    options = args[1:] if args and args[0].endswith("-server") else args
    options = [word for word in options if not word.startswith("/")]
    words = [server, "--dir", str(folder), "--bind", "0.0.0.0", "--protected-mode", "no", *options]
    process = _started(words, folder)
    _wait(6379, process)
    return process


def _mysql(folder: Path, env: Mapping[str, str], args: list[str]) -> subprocess.Popen[bytes]:
    server, install = (
        _needed(shutil.which("mariadbd"), "MariaDB"),
        _needed(shutil.which("mariadb-install-db"), "MariaDB"),
    )
    data, said = folder / "data", {name.replace("MARIADB_", "MYSQL_"): value for name, value in env.items()}
    data.mkdir()
    subprocess.run(["chown", "-R", "mysql:mysql", folder], check=True)
    words = [install, "--user=mysql", f"--datadir={data}", "--skip-test-db", "--auth-root-authentication-method=normal"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lines = ["flush privileges;"]
    if database := said.get("MYSQL_DATABASE"):
        lines.append(f"create database `{database}`;")
    if user := said.get("MYSQL_USER"):
        lines.append(f"create user '{user}'@'%' identified by '{said.get('MYSQL_PASSWORD', '')}';")
        lines.append(f"grant all on `{database or '*'}`.* to '{user}'@'%';")
    root = said.get("MYSQL_ROOT_PASSWORD", "")
    lines.append(f"create user 'root'@'%' identified by '{root}'; grant all on *.* to 'root'@'%' with grant option;")
    (folder / "init.sql").write_text("\n".join(lines))
    words = [server, "--no-defaults", f"--datadir={data}", f"--socket={folder}/s", "--bind-address=0.0.0.0",
             f"--init-file={folder}/init.sql", f"--pid-file={folder}/pid"]  # fmt: skip
    process = _started(_as("mysql", *words), folder)
    _wait(3306, process)
    return process


def _nats(folder: Path, env: Mapping[str, str], args: list[str]) -> subprocess.Popen[bytes]:
    server = _needed(shutil.which("nats-server", path=f"{os.environ['PATH']}:{GO_PROGRAMS}"), "NATS")
    options = [word for word in args if "nats-server" not in word]
    process = _started([server, "-a", "0.0.0.0", "-p", "4222", "-sd", str(folder), *options], folder)
    _wait(4222, process)
    return process


def _mongo(folder: Path, env: Mapping[str, str], args: list[str]) -> subprocess.Popen[bytes]:
    """FerretDB, which keeps what it is told in SQLite: MongoDB itself comes from no registry that a machine always has."""
    server = _needed(shutil.which("ferretdb", path=f"{os.environ['PATH']}:{GO_PROGRAMS}"), "FerretDB")
    (folder / "data").mkdir()
    words = [server, "--handler=sqlite", f"--sqlite-url=file:{folder}/data/", f"--state-dir={folder}", "--debug-addr=-",
             "--listen-addr=0.0.0.0:27017", "--telemetry=disable"]  # fmt: skip
    if user := env.get("MONGO_INITDB_ROOT_USERNAME"):
        password = env.get("MONGO_INITDB_ROOT_PASSWORD", "")
        words += [
            "--test-enable-new-auth",
            "--setup-database=admin",
            f"--setup-username={user}",
            f"--setup-password={password}",
        ]
    process = _started(words, folder)
    _wait(27017, process)
    return process


def _rabbitmq(folder: Path, env: Mapping[str, str], args: list[str]) -> subprocess.Popen[bytes]:
    server = _needed("/usr/lib/rabbitmq/bin/rabbitmq-server", "RabbitMQ")
    outside = OUTSIDE["rabbitmq"]
    logins = {outside["RABBITMQ_DEFAULT_USER"]: outside["RABBITMQ_DEFAULT_PASS"]}
    logins[env.get("RABBITMQ_DEFAULT_USER", "guest")] = env.get("RABBITMQ_DEFAULT_PASS", "guest")
    everything = {"vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
    definitions = {
        "vhosts": [{"name": "/"}],
        "users": [{"name": name, "password_hash": _hashed(word), "hashing_algorithm": "rabbit_password_hashing_sha256",
                   "tags": "administrator"} for name, word in logins.items()],
        "permissions": [{"user": name, **everything} for name in logins],
    }  # fmt: skip
    (folder / "definitions.json").write_text(json.dumps(definitions))
    (folder / "rabbitmq.conf").write_text(f"loopback_users = none\nload_definitions = {folder}/definitions.json\n")
    (folder / "plugins").write_text("[].\n")
    subprocess.run(["chown", "-R", "rabbitmq:rabbitmq", folder], check=True)
    told = {
        "HOME": folder, "RABBITMQ_NODENAME": "rabbit@localhost", "RABBITMQ_MNESIA_BASE": folder / "mnesia",
        "RABBITMQ_LOG_BASE": folder / "logs", "RABBITMQ_CONFIG_FILE": folder / "rabbitmq.conf",
        "RABBITMQ_ENABLED_PLUGINS_FILE": folder / "plugins", "RABBITMQ_CONF_ENV_FILE": "/dev/null",
    }  # fmt: skip
    words = ["env", *(f"{name}={value}" for name, value in told.items()), server]
    process = _started(_as("rabbitmq", *words), folder)
    _wait(5672, process, 120)
    return process


def _hashed(password: str) -> str:
    """As RabbitMQ keeps one: https://www.rabbitmq.com/docs/passwords#computing-password-hash"""
    salt = b"kfrg"
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


STORES = {
    "mongo": Store("mongo", 27017, _mongo),
    "nats": Store("nats", 4222, _nats),
    "rabbitmq": Store("rabbitmq", 5672, _rabbitmq),
    "postgres": Store("postgres", 5432, _postgres),
    "redis": Store("redis", 6379, _redis),
    "mysql": Store("mysql", 3306, _mysql),
}


def _started(words: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def _wait(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise Missing(f"the server for port {port} did not start")
