"""Databases, caches and queues that a draft may name: image, volume, references to Secrets, and the signs of each.

Images are of the table of well-known ones, with a tag that names a version: no sentence and no model can name another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StoreKind:
    """One kind of store. `{app}` and `{name}` in the block stand for the app's and the service's name."""

    key: str
    image: str
    name: str  # of the service, unless the source calls it otherwise
    words: tuple[str, ...]  # in a sentence, lower case
    libraries: tuple[str, ...]  # direct dependencies; one that ends in `/` begins the name of a Go module
    variables: tuple[str, ...]  # first words of variables that hold its address: REDIS_URL
    url: str = ""  # of the address that another service uses; "" where a password stands in it
    path: str = ""  # of the volume, "" for none
    size: str = "10Gi"
    env: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()  # variable → key in the Secret
    client: tuple[tuple[str, str], ...] = ()  # variables that a client reads besides
    plain: str = ""  # the address for a client that is given user and password apart from it

    @property
    def user(self) -> str:
        """Who is let in with the password, "" where everybody is."""
        return next((value for key, value in self.env if "USER" in key), "")

    @property
    def database(self) -> str:
        return next((value for key, value in self.env if key.endswith(("_DB", "_DATABASE"))), "")


_SQL = ("DATABASE", "DB")
STORES = (
    StoreKind(
        "postgres", "docker.io/library/postgres:18.6", "db", ("postgresql", "postgres", "pgvector"),
        ("psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary", "asyncpg", "pg8000", "pg", "postgres", "pg-promise", "github.com/jackc/pgx/", "github.com/lib/pq"),
        ("POSTGRES", "POSTGRESQL", "PG", *_SQL), "postgresql://{app}@${{services.{name}.address}}/{app}", "/var/lib/postgresql",
        env=(("POSTGRES_DB", "{app}"), ("POSTGRES_USER", "{app}")), secrets=(("POSTGRES_PASSWORD", "password"),), client=(("PGPASSWORD", "password"),),
    ),
    StoreKind(
        "mysql", "docker.io/library/mysql:8.4", "db", ("mysql",),
        ("pymysql", "mysqlclient", "mysql-connector-python", "aiomysql", "mysql", "mysql2", "github.com/go-sql-driver/mysql"),
        ("MYSQL", *_SQL), path="/var/lib/mysql", env=(("MYSQL_DATABASE", "{app}"), ("MYSQL_USER", "{app}")),
        secrets=(("MYSQL_PASSWORD", "password"), ("MYSQL_ROOT_PASSWORD", "root-password")), plain="mysql://${{services.{name}.address}}/{app}",
    ),
    StoreKind(
        "mariadb", "docker.io/library/mariadb:11.4", "db", ("mariadb",), ("mariadb",), ("MARIADB", *_SQL), path="/var/lib/mysql",
        env=(("MARIADB_DATABASE", "{app}"), ("MARIADB_USER", "{app}")),
        secrets=(("MARIADB_PASSWORD", "password"), ("MARIADB_ROOT_PASSWORD", "root-password")), plain="mariadb://${{services.{name}.address}}/{app}",
    ),
    StoreKind(
        "mongo", "docker.io/library/mongo:8.0", "mongo", ("mongodb", "mongo"), ("pymongo", "motor", "mongodb", "mongoose", "go.mongodb.org/mongo-driver/"),
        ("MONGO", "MONGODB", *_SQL), path="/data/db", env=(("MONGO_INITDB_ROOT_USERNAME", "{app}"),), secrets=(("MONGO_INITDB_ROOT_PASSWORD", "password"),),
        plain="mongodb://${{services.{name}.address}}",
    ),
    StoreKind(
        "redis", "docker.io/library/redis:8.8.3", "cache", ("redis", "cache"), ("redis", "ioredis", "aioredis", "bullmq", "github.com/redis/go-redis/", "github.com/go-redis/redis/"),
        ("REDIS", "CACHE"), "redis://${{services.{name}.address}}",
    ),
    StoreKind("valkey", "docker.io/valkey/valkey:8.1", "cache", ("valkey",), ("valkey", "iovalkey", "github.com/valkey-io/valkey-go"), ("VALKEY", "CACHE"), "redis://${{services.{name}.address}}"),
    StoreKind("memcached", "docker.io/library/memcached:1.6", "memcached", ("memcached", "memcache"), ("pymemcache", "memjs", "github.com/bradfitz/gomemcache/"), ("MEMCACHED", "MEMCACHE"), "${{services.{name}.address}}"),
    StoreKind(
        "rabbitmq", "docker.io/library/rabbitmq:4.1", "queue", ("rabbitmq", "amqp"), ("pika", "aio-pika", "amqplib", "github.com/rabbitmq/amqp091-go"),
        ("RABBITMQ", "AMQP", "BROKER"), path="/var/lib/rabbitmq", env=(("RABBITMQ_DEFAULT_USER", "{app}"),), secrets=(("RABBITMQ_DEFAULT_PASS", "password"),),
        plain="amqp://${{services.{name}.address}}",
    ),
    StoreKind("nats", "docker.io/library/nats:2.11", "nats", ("nats",), ("nats-py", "nats", "github.com/nats-io/nats.go"), ("NATS",), "nats://${{services.{name}.address}}"),
)  # fmt: skip
BY_KEY = {store.key: store for store in STORES}


def shown_by(dependencies: Iterable[Any]) -> list[StoreKind]:
    """Stores whose client libraries are among a source's direct dependencies."""
    names = {str(name).lower() for name in dependencies}
    return [store for store in STORES if any(_uses(name, library) for name in names for library in store.libraries)]


def _uses(name: str, library: str) -> bool:
    return (
        f"{name}/".startswith(library) if library.endswith("/") else name == library or name.startswith(f"{library}/v")
    )


def filled(text: str, app: str, name: str) -> str:
    return text.format(app=app, name=name)


def block(store: StoreKind, app: str, name: str) -> dict[str, Any]:
    """The service's block: data in a volume, passwords from a Secret that is made elsewhere."""
    held: dict[str, Any] = {"image": store.image}
    if store.env:
        held["env"] = {key: filled(value, app.replace("-", "_"), name) for key, value in store.env}
    if store.secrets:
        held["secrets"] = {variable: {"secret": f"{app}-{name}", "key": key} for variable, key in store.secrets}
    if store.path:
        held["volumes"] = [{"name": "data", "path": store.path, "size": store.size}]
    return held
