from fastapi import FastAPI, HTTPException
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.models import Parcel, engine
from app.tasks import announce

app = FastAPI()


@app.get("/healthz")
def alive() -> dict[str, bool]:
    return {"ok": True}


@app.get("/readyz")
def ready() -> dict[str, bool]:
    with engine.connect() as connection:
        connection.execute(text("select 1"))
    return {"ok": True}


@app.get("/parcels/{number}")
def parcel(number: int) -> dict[str, str]:
    with Session(engine) as session:
        found = session.get(Parcel, number)
    if found is None:
        raise HTTPException(404)
    return {"place": found.place}


@app.put("/parcels/{number}")
def move(number: int, place: str) -> dict[str, str]:
    with Session(engine) as session:
        session.merge(Parcel(id=number, place=place))
        session.commit()
    announce.delay(number)
    return {"place": place}
