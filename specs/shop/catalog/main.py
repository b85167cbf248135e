"""Products, prices and stock, over HTTP."""

import asyncio
import logging
import os
import signal
import sys
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import psycopg
import psycopg_pool
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

import logs
from store import OutOfStock, Store

log = logging.getLogger("catalog")
store = Store()


class Reservation(BaseModel):
    order: UUID
    quantities: dict[str, Annotated[int, Field(ge=1, le=100)]] = Field(min_length=1, max_length=50)


@asynccontextmanager
async def lifespan(app: FastAPI):
    store.pool.open()
    app.state.prepared = False
    preparing = asyncio.create_task(prepare(app))
    yield
    preparing.cancel()
    store.pool.close()


async def prepare(app: FastAPI) -> None:
    """Wait for the database without holding up the start: until then the service is alive, but not ready."""
    while not app.state.prepared:
        try:
            await asyncio.to_thread(store.prepare)
            app.state.prepared = True
        except psycopg.Error as error:
            log.warning("database not ready: %s", error)
            await asyncio.sleep(2)


app = FastAPI(title="catalog", lifespan=lifespan)


@app.exception_handler(psycopg_pool.PoolTimeout)
@app.exception_handler(psycopg.OperationalError)
async def unavailable(request: Request, error: Exception) -> JSONResponse:
    log.warning("database unavailable: %s", error)
    return JSONResponse({"detail": "database unavailable"}, status_code=503, headers={"Retry-After": "2"})


@app.get("/healthz")
async def healthz() -> dict:
    return {"status": "ok"}


@app.get("/readyz")
def readyz() -> dict:
    if not app.state.prepared:
        raise HTTPException(503, "waiting for the database")
    store.ping()
    return {"status": "ready"}


@app.get("/products")
def products() -> list[dict]:
    return store.products()


@app.get("/products/{product}")
def product(product: str) -> dict:
    found = store.product(product)
    if found is None:
        raise HTTPException(404, "no such product")
    return found


@app.post("/reservations")
def reserve(reservation: Reservation) -> list[dict]:
    try:
        return store.reserve(str(reservation.order), reservation.quantities)
    except OutOfStock as error:
        raise HTTPException(409, f"not enough of {error}") from error


if __name__ == "__main__":
    logs.setup()
    # uvicorn drains on SIGTERM and then raises it again; a drained exit is a success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        app,
        host="0.0.0.0",
        port=int(os.environ.get("PORT", "8000")),
        log_config=None,
        timeout_graceful_shutdown=20,
    )
