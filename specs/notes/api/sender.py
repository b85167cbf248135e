"""Sends on what nobody was told of yet, a note at a time; two senders never take the same."""

import logging
import os
import signal
import threading

import psycopg

DATABASE_URL = os.environ["DATABASE_URL"]
NEXT = "SELECT id, text FROM note WHERE NOT sent ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
logging.basicConfig(level=os.environ.get("LOG_LEVEL", "info").upper())


def send_one() -> bool:
    """Whether there was one."""
    with psycopg.connect(DATABASE_URL) as connection:
        found = connection.execute(NEXT).fetchone()
        if found is None:
            return False
        logging.info("sent note %d: %s", *found)
        connection.execute("UPDATE note SET sent = true WHERE id = %s", (found[0],))
    return True


def main() -> None:
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: ended.set())
    while not ended.is_set():
        if not send_one():
            ended.wait(5)


if __name__ == "__main__":
    main()
