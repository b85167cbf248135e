from celery import Celery

from app.settings import BROKER_URL

app = Celery("tasks", broker=BROKER_URL)
app.conf.beat_schedule = {"sweep": {"task": "app.tasks.sweep", "schedule": 300.0}}


@app.task
def announce(number: int) -> None:
    print(f"parcel {number} has moved")


@app.task
def sweep() -> None:
    print("looking for lost parcels")
