"""The name of a variable says whether a task queue is told of its store by it."""

from __future__ import annotations

import pytest

from kforge.domain import known_images
from kforge.draft import brokers

STORES = known_images.stores()


@pytest.mark.parametrize(
    "stem", ["BROKER", "CELERY_BROKER", "SHOP_BROKER", "RQ", "TASK_QUEUE", "CELERY_RESULT_BACKEND"]
)
def test_a_task_queues_broker_is_the_one_store_that_can_be(stem: str) -> None:
    assert brokers.queue_of(stem, STORES, {"redis", "postgres"}) == "redis"


@pytest.mark.parametrize("stem", ["KAFKA_BROKER", "MQTT_BROKER", "SHOP_KAFKA_BROKER", "RABBITMQ_BROKER", "AMQP_BROKER"])
def test_a_broker_of_another_program_is_no_store_of_a_task_queue(stem: str) -> None:
    assert brokers.queue_of(stem, STORES, {"redis", "postgres"}) == ""


def test_a_broker_of_the_program_that_is_used_is_it() -> None:
    assert brokers.queue_of("RABBITMQ_BROKER", STORES, {"rabbitmq"}) == "rabbitmq"


def test_where_two_stores_can_be_a_broker_none_is_taken() -> None:
    assert brokers.queue_of("CELERY_BROKER", STORES, {"redis", "rabbitmq"}) == ""
