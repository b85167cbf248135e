"""Rank products by what was sold in the last days, so that the storefront shows bestsellers first."""

import json
import logging
import os
import signal
import sys
import urllib.request

import logs
from store import Store

log = logging.getLogger("nightly")


def sold(days: int) -> dict[str, int]:
    """Quantity sold by product, as the orders service counts it."""
    with urllib.request.urlopen(f"{os.environ['ORDERS_URL']}/sales?days={days}", timeout=30) as response:
        return json.load(response)


def main() -> None:
    store = Store()
    store.pool.open(wait=True, timeout=30)
    with store.pool:
        sales = sold(int(os.environ.get("DAYS", "7")))
        store.rank(sales)
    log.info("ranked %d products", len(sales))


if __name__ == "__main__":
    logs.setup()
    # Process 1 of a container ignores SIGTERM unless it says otherwise; an interrupted run has failed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
