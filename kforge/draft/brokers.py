"""The name of a variable → the store that a task queue takes as its broker."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from kforge.domain.known_images import Store

# Stems by which task queues are told of it: `CELERY_BROKER_URL`, `TASK_QUEUE_URL`, `RQ_URL`.
NAMED = re.compile(r"(?:^|_)(?:BROKER|CELERY|RQ|HUEY|DRAMATIQ|ARQ|TASKIQ|(?:TASK|JOB)_?QUEUE|RESULT_BACKEND)$")
# Programs and protocols whose own broker a variable names, never a task queue's: `KAFKA_BROKER`, `MQTT_BROKER`.
_OTHERS = re.compile(
    r"(?:^|_)(?P<program>ACTIVEMQ|AMQP|ARTEMIS|EMQX|HIVEMQ|KAFKA|MOSQUITTO|MQTT|NATS|NSQ|PULSAR|RABBIT|RABBITMQ|REDPANDA|RMQ"
    r"|ROCKETMQ|SOLACE|SQS|STOMP|ZEROMQ|ZMQ)_"
)


def queue_of(stem: str, stores: Mapping[str, Store], used: Collection[str]) -> str:
    """The one store that a source's task queue can take; "" where the name is of something else, or several could be."""
    found = [name for name, store in stores.items() if name in used and "queue" in store.roles]
    if len(found) != 1 or not NAMED.search(stem):
        return ""
    another = _OTHERS.search(stem)
    return "" if another and another["program"] not in stores[found[0]].variables else found[0]
