"""The catalog's tables. The connection comes from DATABASE_URL, the password from PGPASSWORD, which libpq reads."""

import os
from pathlib import Path

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

SCHEMA = Path(__file__).with_name("schema.sql").read_text()


class OutOfStock(Exception):
    """A product that does not exist, or not often enough."""


class Store:
    def __init__(self) -> None:
        self.pool = ConnectionPool(
            os.environ["DATABASE_URL"],
            min_size=1,
            max_size=int(os.environ.get("DATABASE_POOL", "8")),
            timeout=3,  # seconds a request waits for a connection before it is answered with 503
            kwargs={"row_factory": dict_row, "connect_timeout": 3},
            check=ConnectionPool.check_connection,
            open=False,
        )

    def prepare(self) -> None:
        """Create what is missing; replicas that start together take turns."""
        with self.pool.connection() as db:
            db.execute("select pg_advisory_xact_lock(hashtext('catalog'))")
            db.execute(SCHEMA)

    def ping(self) -> None:
        with self.pool.connection() as db:
            db.execute("select 1 from catalog.product limit 1")

    def products(self) -> list[dict]:
        with self.pool.connection() as db:
            return db.execute("select id, name, cents, stock from catalog.product order by sold desc, name").fetchall()

    def product(self, product: str) -> dict | None:
        with self.pool.connection() as db:
            return db.execute("select id, name, cents, stock from catalog.product where id = %s", [product]).fetchone()

    def reserve(self, order: str, quantities: dict[str, int]) -> list[dict]:
        """Take an order's products off the stock, all or none; asked again, it takes nothing more."""
        with self.pool.connection() as db:
            db.execute("select pg_advisory_xact_lock(hashtext(%s))", [order])
            known = db.execute("select 1 from catalog.reservation where order_id = %s limit 1", [order]).fetchone()
            if not known:
                for product, quantity in sorted(quantities.items()):  # in one order, so that two orders never deadlock
                    self._take(db, order, product, quantity)
            return db.execute(
                "select r.product, p.name, r.quantity, p.cents from catalog.reservation r"
                " join catalog.product p on p.id = r.product where r.order_id = %s order by p.name",
                [order],
            ).fetchall()

    def _take(self, db: Connection, order: str, product: str, quantity: int) -> None:
        taken = db.execute(
            "update catalog.product set stock = stock - %s where id = %s and stock >= %s",
            [quantity, product, quantity],
        )
        if not taken.rowcount:
            raise OutOfStock(product)
        db.execute("insert into catalog.reservation values (%s, %s, %s)", [order, product, quantity])

    def rank(self, sold: dict[str, int]) -> None:
        """Replace the sales figures that the storefront sorts by."""
        with self.pool.connection() as db:
            db.execute("update catalog.product set sold = coalesce((%s ->> id)::integer, 0)", [Jsonb(sold)])
