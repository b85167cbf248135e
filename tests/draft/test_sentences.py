"""What words of a sentence say beside services and stores: hosts, replicas, environments, calls, and what they leave."""

import pytest

from kforge.domain.draft import WantedService
from kforge.draft.by_sentence import environments, placed, resolved
from kforge.draft.sentence_words import plain
from kforge.draft.times import when
from kforge.draft.unheard import note
from kforge.draft.words import said
from tests.conftest import run


def hosts(sentence, **known):
    return {name: "".join(host) for name, host in said(sentence, known).belongings.hosts.items()}


def scale(sentence, **known):
    return said(sentence, known).belongings.scale


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("web on shop.de, api on api.shop.de", {"web": "shop.de", "api": "api.shop.de"}),
        ("a website at www.acme.io/blog", {"web": "www.acme.io/blog"}),
        ("an API and a frontend (app.acme.io)", {"web": "app.acme.io"}),
        ("an API, a website, api.acme.io", {"api": "api.acme.io"}),
        ("ein Blog, erreichbar unter meinblog.de", {"": "meinblog.de"}),
        ("Next.js storefront with socket.io", {}),
        ("a worker that fetches from api.weather.com", {}),
        ("mails go to ops@acme.io", {}),
        ("an image of ghcr.io/acme/web:1", {}),
        ("web reads db.internal.acme.io:5432", {}),
        ("the API is slow.Then it ends", {}),
    ],
)
def test_a_host_belongs_to_the_service_that_stands_near(sentence, found):
    assert hosts(sentence) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("API with 3 replicas", {"api": (3, 0)}),
        ("3 replicas of the API, two workers", {"api": (3, 0), "worker": (2, 0)}),
        ("a website, autoscaling between 2 and 10 pods", {"web": (2, 10)}),
        ("API; up to 20 workers, normally 2 workers", {"worker": (2, 20)}),
        ("une API en double", {"api": (2, 0)}),
        ("eine API mit mindestens zwei Instanzen", {"api": (2, 0)}),
        ("API のレプリカは3つ", {"api": (3, 0)}),
        ("ワーカー3つ", {"worker": (3, 0)}),
        ("две реплики API", {"api": (2, 0)}),
        ("an API that must never scale above 6 replicas", {"api": (0, 6)}),
        ("an API without 3 replicas", {}),
        ("two services (pricing and stock), five copies of pricing", {"pricing": (5, 0)}),
        ("an API for 200 people", {}),
        ("an API with three microservices", {}),
        ("an API that copies files", {}),
        ("an API with 99999 replicas", {}),
        ("an API with 0 replicas", {}),
    ],
)
def test_replicas_belong_to_the_service_that_stands_near(sentence, found):
    assert scale(sentence) == found


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("an API; dev, staging and prod", ["dev", "staging", "prod"]),
        ("eine API, Test- und Produktivumgebung", ["test", "production"]),
        ("API, ambientes de homologação e produção", ["staging", "production"]),
        ("带 API，测试环境和生产环境", ["test", "production"]),
        ("an API in production", ["production"]),
        ("an API for test results", []),
        ("production planning API", []),
        ("a demo API", []),
    ],
)
def test_environments_are_those_that_stand_together_or_are_called_so(sentence, names):
    assert [*said(sentence).belongings.environments] == names


def test_what_is_said_of_an_environment_holds_there():
    asked = said("API + worker, staging with one replica and production with five replicas of the API at api.foo.dev")
    api = WantedService("api", "web", "./api")
    assert environments([api], asked) == {
        "staging": {"services": {"api": {"scale": {"min": 1}}}},
        "production": {"services": {"api": {"expose": {"host": "api.foo.dev"}, "scale": {"min": 5}}}},
    }
    assert placed([api], asked) == [api]


@pytest.mark.parametrize(
    ("sentence", "calls"),
    [
        ("a frontend that calls the API", {"web": ["api"]}),
        ("services: orders, stock. orders uses stock and MySQL", {"orders": ["stock", "mysql"]}),
        ("an API and a website, both use Postgres", {"api": ["postgres"], "web": ["postgres"]}),
        ("an API and a website, Postgres for the API", {"api": ["postgres"]}),
        ("Postgres is used by the API", {"api": ["postgres"]}),
        ("cart-service uses redis, order-service uses nats", {"cart-service": ["redis"], "order-service": ["nats"]}),
        ("une boutique et une API, la boutique appelle l'API", {"web": ["api"]}),
        ("an API, a website and Postgres", {}),
        ("customers use an API", {}),
    ],
)
def test_who_is_said_to_call_whom(sentence, calls):
    assert said(sentence).links == calls


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("an API on a GPU with sticky sessions", ["GPU", "sticky sessions"]),
        ("an API with Postgres", []),
        ("an API with Postgres 15", ["15"]),
        ("every night a job uploads via SFTP", ["SFTP"]),
        ("Eine API für Zahnärzte", ["Zahnärzte"]),
        ("an API without a GPU", []),
        ("three replicas of the API at api.foo.dev, staging and prod, every night a backup", []),
    ],
)
def test_words_without_effect_are_told_as_they_were_written(sentence, left):
    assert said(sentence).unheard == left


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("an API, a matchmaker that pairs players", ["a matchmaker that pairs players"]),
        ("ett bokningssystem med Postgres", []),
        ("a booking engine with Postgres", ["a booking engine"]),
        ("ETL: hourly import", []),
        ("an API for dentists", []),
        ("dentists use an API", []),
        ("an API, sticky sessions", []),
        ("an API, 15", []),
        ("a website and an API", []),
    ],
)
def test_a_model_is_asked_about_parts_that_may_be_programs(sentence, parts):
    assert said(sentence).open == parts


def test_many_words_without_effect_are_counted():
    (line,) = note([f"w{number}" for number in range(30)])
    assert "`w23` and 6 more" in line
    assert [*note([])] == []


@pytest.mark.parametrize(
    ("sentence", "stores", "declined"),
    [
        ("API; Redis is external", [], {"redis"}),
        ("API mit Postgres, Redis läuft extern", ["postgres"], {"redis"}),
        ("API with its own Redis", ["redis"], set()),
        ("API with memcached as cache", ["memcached"], set()),
        ("API with a cache", ["redis"], set()),
    ],
)
def test_a_store_that_runs_elsewhere_is_none_of_the_draft(sentence, stores, declined):
    found = said(sentence)
    assert ([*found.stores], found.declined) == (stores, declined)


@pytest.mark.parametrize(
    ("name", "services", "means"),
    [
        ("api", ["backend", "frontend"], "backend"),
        ("web", ["backend", "frontend"], "frontend"),
        ("", ["backend", "site"], "site"),
        ("", ["orders"], "orders"),
        ("api", ["orders", "stock"], ""),
        ("worker", ["shop"], ""),
    ],
)
def test_a_name_of_the_sentence_is_a_service_of_the_repository(name, services, means):
    found = resolved(name, [WantedService(each, "web", f"./{each}") for each in services])
    assert (found.name if found else "") == means


def test_a_name_of_the_repository_counts_over_words():
    found = said("load gen runs monthly, mailer in the background", {"load-gen": "worker", "mailer": "worker"})
    assert [(one.name, one.kind, one.schedule) for one in found.services] == [
        ("load-gen", "cron", "0 4 1 * *"),
        ("mailer", "worker", ""),
    ]


@pytest.mark.parametrize(
    ("words", "schedule"),
    [
        ("毎晩3時にバックアップ", "0 3 * * *"), ("каждую ночь в 3 часа", "0 3 * * *"), ("каждые 10 минут", "*/10 * * * *"), ("her gece saat 2'de", "0 2 * * *"),
        ("codziennie o 5 raport", "0 5 * * *"), ("toda noite às 3h", "0 3 * * *"), ("ogni giorno alle 6", "0 6 * * *"), ("매일 오후 6시", "0 18 * * *"),
        ("jeden Dienstag um halb drei", "30 2 * * 2"), ("tous les jours à 4h30", "30 4 * * *"), ("every Saturday and Sunday at 10", "0 10 * * 0,6"),
        ("monthly on the 15th", "0 4 15 * *"), ("newsletters Mondays at 8 am", "0 8 * * 1"), ("copia de seguridad diaria a las 3 de la tarde", "0 15 * * *"),
        ("black friday", None), ("sun ui", None), ("every 0 minutes", None), ("every other minute", "*/2 * * * *"), ("monthly on the 31st", "0 4 1 * *"), ("on port 9000", None),
    ],
)  # fmt: skip
def test_times_are_understood_in_several_languages(words, schedule):
    found = when(plain(words))
    assert (found.schedule if found else None) == schedule


def test_a_draft_has_what_the_sentence_says(tmp_path):
    ended = run(
        "init",
        "website on www.acme.io and API, 2 to 5 replicas of the API, staging and prod, on a GPU",
        "--dry-run",
        cwd=tmp_path,
        code=0,
    )
    assert "expose: {host: www.acme.io}" in ended.out
    assert "scale: {min: 2, max: 5}" in ended.out
    assert "environments:\n  staging: {}\n  prod: {}\n" in ended.out
    assert "these words had no effect on the draft: `GPU`" in ended.err
    assert "make the Secret `web-tls`" in ended.err


def test_replicas_of_no_one_are_those_of_the_first_and_told(tmp_path):
    ended = run("init", "a website and an API, 3 replicas", "--dry-run", cwd=tmp_path, code=0)
    assert "the sentence does not say which service the replicas are for: `web` has them" in ended.err
