"""Jobs that others wait for, as a spec says them: what leads nowhere, or cannot be kept, is told with its place."""

from __future__ import annotations

import pytest

from kforge.errors import InputError
from kforge.spec.read import read
from kforge.spec.resolve import resolve
from tests.growth import LINEAR, growth

HEAD = "apiVersion: kforge.dev/v1\napp: shop\n"
WEB = "  web: {source: ./web}\n"


def messages(services: str, head: str = "namespace: shop\n") -> list[str]:
    try:
        resolve(read(f"{HEAD}{head}services:\n{services}", "f"))
    except InputError as error:
        return [problem.message for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("migrate", "told"),
    [
        ("job: true, before: [web]", []),
        ("before: [web]", ["`migrate` is not a job that ends, so nothing can wait for it"]),
        ('schedule: "0 3 * * *", before: [web]', ["`migrate` is not a job that ends, so nothing can wait for it"]),
        ("job: true, before: [wbe]", ["`wbe` is not a service of this spec"]),
        ("job: true, before: [migrate]", ["`migrate` waits for itself"]),
        ("job: true, before: [web, web]", ["`web` is listed twice in `before` of `migrate`"]),
        ("job: true, needs: [web], before: [web]", ["`migrate` needs `web`, which starts only when `migrate` is done"]),
        ("job: true, before: web", ["`services.migrate.before` must be a list, not `web`"]),
        ("job: true, before: [5]", ["`services.migrate.before[0]` must be a string, not the number 5"]),
        ("job: true, outputs: [dockerfile], before: [web]", ["`migrate` has no manifests that others could wait for"]),
    ],
)
def test_what_a_job_cannot_be_before_is_told(migrate: str, told: list[str]) -> None:
    assert messages(f"{WEB}  migrate: {{source: ./web, {migrate}}}\n") == told


def test_a_circle_of_jobs_is_told_once() -> None:
    jobs = "".join(
        f"  {name}: {{source: ./web, job: true, before: [{other}, web]}}\n" for name, other in ("ab", "bc", "ca", "da")
    )
    assert messages(f"{WEB}{jobs}") == ["jobs wait for each other in a circle: `a` → `b` → `c` → `a`"]


def test_a_namespace_is_wanted_since_a_right_is_given_to_an_account_of_one() -> None:
    migrate = "  migrate: {source: ./web, job: true, before: [web]}\n"
    assert messages(f"{WEB}{migrate}", "") == [
        "`before` of `migrate` needs a namespace: others wait there until it is done"
    ]


def test_what_waits_for_a_job_is_not_among_the_edges_that_the_job_takes() -> None:
    services = "  web: {source: ./web, needs: [worker]}\n  worker: {like: web}\n"
    assert messages(f"{services}  migrate: {{like: web, job: true, before: [web, worker]}}\n") == []


def test_jobs_that_stand_before_each_other_in_very_many_ways_are_refused() -> None:
    names = [f"j{number}" for number in range(40)]
    jobs = "".join(
        f"  {name}: {{source: ./web, job: true, before: [{', '.join([*names[number + 1 :], 'web'])}]}}\n"
        for number, name in enumerate(names)
    )
    assert any("more than 100 chains of jobs" in message for message in messages(f"{WEB}{jobs}"))


def test_many_jobs_before_many_services_are_no_problem() -> None:
    web = "".join(f"  web{number}: {{source: ./web}}\n" for number in range(20))
    names = ", ".join(f"web{number}" for number in range(20))
    jobs = "".join(f"  j{number}: {{source: ./web, job: true, before: [{names}]}}\n" for number in range(20))
    assert messages(f"{web}{jobs}") == []


def test_a_chain_of_jobs_is_followed_in_time_in_proportion_to_it() -> None:
    def work(size: int) -> None:
        jobs = "".join(
            f"  j{number}: {{source: ./web, job: true, before: [j{(number + 1) % size}]}}\n" for number in range(size)
        )
        messages(jobs)

    assert growth(work, 300) < LINEAR
