"""A greeting over HTTP."""

import os

from flask import Flask

app = Flask(__name__)
GREETING = os.environ.get("GREETING", "Hello")


@app.get("/")
def greet():
    return {"message": f"{GREETING}, world"}


@app.get("/hello/<name>")
def greet_somebody(name):
    return {"message": f"{GREETING}, {name}"}


@app.get("/healthz")
def healthz():
    return {"status": "ok"}
