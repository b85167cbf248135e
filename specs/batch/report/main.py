"""Write the revenue of the last days by store as a CSV file."""

import csv
import json
import os
import signal
import sys
from datetime import date, timedelta
from pathlib import Path

import psycopg

QUERY = "select day, store, sum(cents) from sale where day >= %s and day < %s group by day, store order by day, store"


def main(today: date, folder: Path) -> None:
    since = today - timedelta(days=int(os.environ.get("DAYS", "7")))
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=10) as db:
        rows = db.execute(QUERY, [since, today]).fetchall()
    target = folder / f"revenue-{today}.csv"
    partial = target.with_suffix(".partial")
    with partial.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["day", "store", "cents"])
        writer.writerows(rows)
    partial.replace(target)  # whoever collects reports never sees half of one
    print(json.dumps({"level": "info", "message": "report written", "file": str(target), "rows": len(rows)}))


if __name__ == "__main__":
    # Process 1 of a container ignores SIGTERM unless it says otherwise; an interrupted run has failed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(date.today(), Path(os.environ.get("REPORTS", "/reports")))
