"""Text of a program → the hosts it calls inside a cluster. Unaware of languages: it sees strings and their names."""

from __future__ import annotations

import re
from collections.abc import Iterator

# What stands before `://` where the authority is a host of the network (not file, sqlite, s3, unix, data, …).
_SCHEME = (
    r"(?:https?|wss?|grpcs?|tcp|udp|tls|ssl|h2c|rediss?|valkeys?|amqps?|postgres(?:ql)?|mysqlx?|mariadb|mongodb|mssql|sqlserver"
    r"|nats|kafka|pulsar|memcached?|mqtts?|stomp|ldaps?|smtps?|ftp|sftp|ssh|bolt|neo4j|clickhouse|cassandra|cockroachdb"
    r"|elasticsearch|influxdb|zk|zookeeper|etcd|consul|oracle|db2|otlp|syslog|statsd|couchbase|couchdb|dns|passthrough)"
)
_URL = re.compile(
    rf"(?<![A-Za-z0-9+.-])(?:jdbc:)?{_SCHEME}(?:\+[a-z0-9]{{1,20}}+)?:///?(?:[^\s/@?#\"'`]*+@)?([^\s/?#\"'`)\]}}>;|\\]++)"
)
_HOST = r"[a-z][a-z0-9]*+(?:-[a-z0-9]++)*+"
_AUTHORITY = re.compile(rf"({_HOST}(?:\.[a-z0-9-]++)*+)(?::(\d{{2,5}}))?", re.IGNORECASE)
_ADDRESS = re.compile(rf"({_HOST}(?:\.[a-z0-9-]+)*):(\d{{2,5}})")
_NAMED = re.compile(
    r"(?:^|[_.-]|(?<=[a-z]))(?:hosts?|host_?names?|server|servers|addr|address|addresses|service_?name|endpoint|endpoints|broker|brokers"
    r"|bootstrap_?servers|nodes|upstream|backend|url|uri|dsn|svc|service)$",
    re.IGNORECASE,
)
_ONLY_HOST = re.compile(
    r"(?:^|[_.-]|(?<=[a-z]))(?:host|hosts|host_?name|server|addr|address|svc|service_?host|broker)$", re.IGNORECASE
)
NOBODY = frozenset((
    "localhost", "host", "hostname", "server", "example", "yourhost", "your-host", "myhost", "domain", "user", "username",
    "none", "null", "true", "false", "unix", "local", "test", "default", "address", "url", "host-name", "hosts", "loopback",
    "ip", "name", "bufnet", "invalid", "any", "all", "undefined", "dev", "production", "development", "broadcasthost",
    "http", "https",  # a scheme before a text that begins with one
    "string", "number", "integer", "boolean", "object", "unknown", "dummy", "placeholder",
)) - {"user", "test", "server"}  # fmt: skip  # these three do name services


def is_host(name: str) -> bool:
    """Whether a name can be a Service of the cluster: one label, or a longer name that says `svc`."""
    labels = name.lower().split(".")
    if labels[0] in NOBODY or any(not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", label) for label in labels):
        return False
    # `new URL(path, "http://x")` needs some host, and one letter says that any would do
    return len(labels[0]) > 1 and labels[0][0].isalpha() and (len(labels) == 1 or "svc" in labels[2:3])


def hosts_in(text: str) -> Iterator[tuple[str, int]]:
    """Hosts in a text of URLs, and of one that is nothing but `host:port[,host:port]`.

    A sentence with a URL in it says something to people: nothing calls what it names.
    """
    if "://" in text and not is_sentence(text):
        for match in _URL.finditer(text):
            if text[match.end() : match.end() + 1] == "\\":  # a pattern of what others send: `^https://sns\.[a-z0-9-]+`
                continue
            for part in match.group(1).split(","):
                found = _AUTHORITY.fullmatch(part.strip().rstrip(".:"))
                # `https://YOUR-HOST/` says where a name is to be written.
                if found and is_host(found.group(1)) and not found.group(1).isupper():
                    yield found.group(1).lower(), int(found.group(2) or 0)
    elif ":" in text and "://" not in text and len(text) < 512:
        parts = [_ADDRESS.fullmatch(part.strip()) for part in text.split(",")]
        if all(part and int(part.group(2)) >= 80 for part in parts):
            for part in parts:
                if part and is_host(part.group(1)):
                    yield part.group(1), int(part.group(2))


def is_sentence(text: str) -> bool:
    """Whether a text has words beside its URLs."""
    words = text.split()
    return len(words) > 1 and any("://" not in word for word in words)


def names_host(name: str) -> bool:
    """Whether a variable, option or argument of this name holds a bare host: `DB_HOST`, `redisHost`, `host`."""
    return bool(_ONLY_HOST.search(name))


def hosts_for(name: str, text: str) -> Iterator[tuple[str, int]]:
    """Hosts in a value that goes by a name: what any text shows, and a bare label where the name asks for one."""
    seen = False
    for found in hosts_in(text):
        seen = True
        yield found
    if not seen and names_host(name) and is_host(text) and text == text.lower():
        yield text, 0
