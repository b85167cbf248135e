"""`kforge init` drafts a spec that builds, says why, and lets nobody write more into it than names and choices."""

import io
import json
import os
import re
import time

import pytest

from kforge.domain.model.price import Price
from kforge.spec.read import read
from tests.conftest import contents, copied, run, write
from tests.models.talking import MODEL, talking
from tests.models.tiny import NAME, tiny_model, tiny_server  # noqa: F401  fixtures

GO = {
    "go.mod": "module acme/api\n\ngo 1.25\n",
    "main.go": 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n',
}


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """No model, no configuration, no terminal."""
    for name in ("KFORGE_MODEL", "KFORGE_BASE_URL", "KFORGE_PROVIDER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "caches"))
    monkeypatch.setattr("sys.stdin", io.StringIO())


def spec(folder):
    return read((folder / "app.kforge.yaml").read_bytes(), "f").data


def bare(name, tmp_path):
    folder = copied(name, tmp_path / name)
    (folder / "app.kforge.yaml").unlink()
    return folder


@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("hello", {"web"}),
        ("shop", {"web", "catalog", "orders", "nightly", "db", "cache"}),
        ("batch", {"import", "migrate", "report", "db"}),
    ],
)
def test_the_draft_of_an_example_builds(name, services, tmp_path):
    folder = bare(name, tmp_path)
    ended = run("init", cwd=folder, code=0)
    assert spec(folder)["services"].keys() == services
    assert all(service in ended.err for service in services)
    run("build", cwd=folder, code=0)
    run("check", cwd=folder, code=0)


def test_what_calls_what_is_drafted_with_it(tmp_path):
    folder = bare("shop", tmp_path)
    run("init", cwd=folder, code=0)
    services = spec(folder)["services"]
    assert services["web"]["env"] == {
        "CATALOG_URL": "${services.catalog.url}",
        "ORDERS_URL": "${services.orders.url}",
        "REDIS_URL": "redis://${services.cache.address}",
    }
    assert services["catalog"]["env"]["DATABASE_URL"] == "postgresql://shop@${services.db.address}/shop"
    assert services["catalog"]["secrets"] == {"PGPASSWORD": {"secret": "shop-db", "key": "password"}}
    assert (services["nightly"]["source"], services["nightly"]["command"]) == ("./catalog", ["python", "nightly.py"])
    assert services["db"]["volumes"][0]["path"] == "/var/lib/postgresql"


def test_jobs_and_schedules_come_from_names(tmp_path):
    folder = bare("batch", tmp_path)
    run("init", cwd=folder, code=0)
    services = spec(folder)["services"]
    assert (services["migrate"]["job"], services["import"]["job"], services["report"]["schedule"]) == (
        True,
        True,
        "0 6 * * *",
    )


@pytest.mark.parametrize(
    ("sentence", "services"),
    [
        ("Go web API with PostgreSQL and a nightly job", {"api": "web", "nightly": "0 3 * * *", "db": "postgres"}),
        (
            "a website, an API and a worker behind redis",
            {"web": "web", "api": "web", "worker": "web", "cache": "redis"},
        ),
        ("API that cleans up every hour, MySQL", {"api": "web", "hourly": "0 * * * *", "db": "mysql"}),
        ("a redis cache", {"cache": "redis"}),
        ("consumer of RabbitMQ", {"worker": "web", "queue": "rabbitmq"}),
        ("migrations for MongoDB", {"migrate": "job", "mongo": "mongo"}),
    ],
)
def test_a_sentence_alone_names_services_and_what_is_missing(sentence, services, tmp_path):
    folder = tmp_path / "thing"
    folder.mkdir()
    ended = run("init", sentence, cwd=folder, code=0)
    held = spec(folder)
    assert held["description"] == sentence
    assert held["services"].keys() == services.keys()
    for name, sign in services.items():
        block = held["services"][name]
        assert "image" in block or block["source"] == f"./{name}"
        assert sign in (
            block.get("schedule"),
            "web" if "source" in block else "",
            "job" if block.get("job") else "",
        ) or sign in block.get("image", "")
        assert "image" in block or f"`./{name}` does not exist yet" in ended.err


def test_one_source_at_the_top_is_the_service(tmp_path):
    folder = write(tmp_path / "My_API", GO)
    ended = run("init", "an API with a nightly job", cwd=folder, code=0)
    held = spec(folder)
    assert (held["app"], held["services"]) == ("my-api", {"my-api": {"source": "."}}), (
        "the server is not started at night as well"
    )
    assert (
        '`nightly` is left out, since no source shows what it runs: write `nightly: {source: ., schedule: "0 3 * * *", command: […]}`'
        in ended.err
    )
    run("build", cwd=folder, code=0)


def test_a_dockerfile_is_a_source_in_any_language(tmp_path):
    folder = write(
        tmp_path / "x",
        {
            "legacy/Dockerfile": "FROM docker.io/library/php:8.4-apache\nEXPOSE 8080\nUSER 33\n",
            "legacy/index.php": "<?php",
        },
    )
    run("init", cwd=folder, code=0)
    assert spec(folder)["services"] == {"legacy": {"source": "./legacy"}}
    run("build", cwd=folder, code=0)


def test_what_lies_beside_an_application_is_no_service(tmp_path):
    tests = {
        "tests/package.json": '{"name": "e2e", "devDependencies": {"@playwright/test": "1.50.0"}}',
        "tests/shop.spec.ts": "test('x')\n",
    }
    folder = write(tmp_path / "x", {**tests, **{f"api/{file}": text for file, text in GO.items()}})
    run("init", cwd=folder, code=0)
    assert spec(folder)["services"].keys() == {"api"}


def test_a_store_that_the_repository_builds_itself_is_there_once(tmp_path):
    web = "import os\nimport pymongo\nimport flask\ndb = pymongo.MongoClient('mongodb://mongodb:27017')\napp = flask.Flask(__name__)\napp.run(port=8000)\n"
    files = {
        "mongo/Dockerfile": "FROM docker.io/library/mongo:8.0\nCOPY seed.js /docker-entrypoint-initdb.d/\n",
        "mongo/seed.js": "db.x.insertOne({})\n",
    }
    folder = write(tmp_path / "x", {**files, "web/requirements.txt": "pymongo==4.9\nflask==3.0.0\n", "web/app.py": web})
    run("init", cwd=folder, code=0)
    services = spec(folder)["services"]
    assert services.keys() == {"mongodb", "web"}, "by the name that its client uses"
    kept = {"name": "data", "path": "/data/db", "size": "10Gi"}
    assert services["mongodb"] == {"source": "./mongo", "volumes": [kept]}, (
        "what it keeps has a claim, as a store's has"
    )


def test_what_an_own_image_listens_on_is_known_as_build_knows_it(tmp_path):
    web = "import os\nimport flask\napp = flask.Flask(__name__)\ndb = os.environ['DATA_HOST']\napp.run(port=8000)\n"
    files = {
        "data/Dockerfile": "FROM mysql:8.4\nCOPY seed.sql /docker-entrypoint-initdb.d/\n",
        "data/seed.sql": "",
        "pages/Dockerfile": "FROM php:8.4-apache\n",
    }
    folder = write(
        tmp_path / "x", {**files, "web/requirements.txt": "pymysql==1.1.1\nflask==3.0.0\n", "web/app.py": web}
    )
    told = run("init", cwd=folder, code=0).err
    assert "listens on 3306, as mysql images do" in told
    assert "listens on 80, as php images do" in told
    assert spec(folder)["services"].keys() == {"data", "pages", "web"}, "a store that is built here is no second one"
    assert spec(folder)["services"]["web"]["env"] == {"DATA_HOST": "${services.data.host}"}
    run("build", cwd=folder, code=0)


def test_a_reason_is_there_to_its_end(tmp_path):
    place = "services/of-a-team-with-a-long-name/fulfilment-and-shipping"
    folder = write(tmp_path / "x", {f"{place}/Dockerfile": 'FROM docker.io/library/eclipse-temurin:21\nCMD ["java"]\n'})
    run("init", cwd=folder, code=0)
    lines = (folder / "app.kforge.yaml").read_text().splitlines()
    reason = " ".join(line.strip(" #") for line in lines if line.startswith("  # "))
    assert reason.endswith("has no known port: write `port: …` if it listens, `job: true` or a `schedule` if it ends")
    assert all(len(line) < 120 for line in lines)


def flask(libraries, *lines):
    """A Flask service of some libraries that reads some variables."""
    code = "\n".join(("import os", "import flask", *lines, "app = flask.Flask(__name__)", "app.run(port=8000)", ""))
    return {"web/requirements.txt": "".join(f"{name}==1.0\n" for name in ("flask", *libraries)), "web/app.py": code}


def reading(*names):
    return [f"os.environ.get('{name}')" for name in names]


@pytest.mark.parametrize(
    ("library", "read", "env", "password"),
    [
        ("pymongo", ("ORDER_DB_URI", "ORDER_DB_USERNAME", "ORDER_DB_PASSWORD"), {"ORDER_DB_URI": "mongodb://${services.mongo.address}", "ORDER_DB_USERNAME": "x"}, "mongo"),
        ("pika", ("RABBITMQ_HOST", "RABBITMQ_USER", "RABBITMQ_PASS"), {"RABBITMQ_HOST": "${services.queue.host}", "RABBITMQ_USER": "x"}, "queue"),
        ("pymysql", ("MYSQL_HOST", "MYSQL_USER", "MYSQL_DATABASE", "MYSQL_PASSWORD"), {"MYSQL_HOST": "${services.db.host}", "MYSQL_USER": "x", "MYSQL_DATABASE": "x"}, "db"),
        ("psycopg", ("PGHOST", "PGUSER", "PGPASSWORD"), {"PGHOST": "${services.db.host}", "PGUSER": "x"}, "db"),
    ],
)  # fmt: skip
def test_a_client_logs_in_as_the_store_lets_in(library, read, env, password, tmp_path):
    folder = write(tmp_path / "x", flask([library], *reading(*read)))
    ended = run("init", cwd=folder, code=0)
    web = spec(folder)["services"]["web"]
    assert web["env"] == env
    assert web["secrets"] == {read[-1]: {"secret": f"x-{password}", "key": "password"}}
    assert "x-web" not in ended.err, "no Secret of its own"
    assert "must log in" not in ended.err
    run("build", cwd=folder, code=0)


def test_a_store_that_the_sentence_names_is_wired_by_what_its_login_is_called(tmp_path):
    folder = write(
        tmp_path / "x",
        flask(
            [],
            *reading(
                "ORDER_QUEUE_HOSTNAME",
                "ORDER_QUEUE_PORT",
                "ORDER_QUEUE_USERNAME",
                "ORDER_QUEUE_PASSWORD",
                "ADMIN_PASSWORD",
                "TASK_QUEUE_PASSWORD",
            ),
        ),
    )
    run("init", "a website with RabbitMQ", cwd=folder, code=0)
    web = spec(folder)["services"]["web"]
    assert web["env"] == {
        "ORDER_QUEUE_HOSTNAME": "${services.queue.host}",
        "ORDER_QUEUE_PORT": "${services.queue.port}",
        "ORDER_QUEUE_USERNAME": "x",
    }
    assert web["secrets"]["ORDER_QUEUE_PASSWORD"] == {"secret": "x-queue", "key": "password"}
    assert {web["secrets"][name]["secret"] for name in ("ADMIN_PASSWORD", "TASK_QUEUE_PASSWORD")} == {"x-web"}, (
        "no address begins like these"
    )


def test_a_login_without_an_address_is_an_edge(tmp_path):
    folder = write(tmp_path / "x", flask(["pika"], *reading("RABBITMQ_PASSWORD")))
    run("init", cwd=folder, code=0)
    assert spec(folder)["services"]["web"]["needs"] == ["queue"]


def test_a_client_that_brings_its_own_login_is_told(tmp_path):
    folder = write(
        tmp_path / "x",
        flask(
            ["pika"],
            "host = os.getenv('AMQP_HOST', 'rabbitmq')",
            "import pika",
            "pika.ConnectionParameters(host=host, credentials=pika.PlainCredentials('guest', 'guest'))",
        ),
    )
    told = run("init", cwd=folder, code=0).err
    assert (
        "`rabbitmq` accepts the user `x` with the `password` of the Secret `x-rabbitmq`, and `web` reads neither from a variable: clients must log in as `x`"
        in told
    )


def test_a_store_is_called_as_the_source_calls_it(tmp_path):
    source = "import os\nimport redis\nimport flask\nr = redis.Redis.from_url('redis://redis:6379/0')\napp = flask.Flask(__name__)\napp.run(port=8000)\n"
    folder = write(tmp_path / "x", {"web/requirements.txt": "redis==5.0.1\nflask==3.0.0\n", "web/app.py": source})
    run("init", cwd=folder, code=0)
    assert spec(folder)["services"]["redis"]["image"] == "docker.io/library/redis:8.8.3"


@pytest.mark.parametrize("there", ["app.kforge.yaml", "other.kforge.yaml"])
def test_a_spec_that_is_there_stays(there, tmp_path):
    folder = write(tmp_path / "x", {there: "mine\n"})
    before = contents(folder)
    assert there in run("init", "a website", cwd=folder, code=2).err
    assert contents(folder) == before


def test_a_dry_run_prints_the_spec_and_writes_nothing(tmp_path):
    folder = bare("hello", tmp_path)
    before = contents(folder)
    ended = run("init", "--dry-run", cwd=folder, code=0)
    assert read(ended.out.encode(), "f").data["services"] == {"web": {"source": "./web"}}
    assert contents(folder) == before


@pytest.mark.parametrize(
    "sentence", ['x"\nservices: {evil: {image: evil.example/x}}', "*anchor &a !!python/object", "a: b # c", "a\n---\n...", "\x00\x1b[2J\u202e", "${services.x.url}", "{{ template }}", "'" * 50]
)  # fmt: skip
def test_no_sentence_is_more_than_a_description(sentence, tmp_path):
    folder = bare("hello", tmp_path)
    run("init", sentence, cwd=folder, code=0)
    assert spec(folder)["services"].keys() == {"web"}
    assert "\x1b" not in (folder / "app.kforge.yaml").read_text()


def test_odd_folder_names_become_names(tmp_path):
    folder = write(
        tmp_path / "x",
        {f"{name}/{file}": text for name in ("My Web #1", "9lives", "ünï [x]") for file, text in GO.items()},
    )
    run("init", cwd=folder, code=0)
    assert sorted(each["source"] for each in spec(folder)["services"].values()) == [
        "./9lives",
        "./My Web #1",
        "./ünï [x]",
    ]


# ---- with a model -----------------------------------------------------------------------------------------------
PART = "a matchmaker that pairs players"
SENTENCE = f"an API with a database, {PART}"
WORKS = {PART: "works all the time"}


def drafting(tmp_path, monkeypatch, *answers, words=(), code=0, sentence=SENTENCE):
    folder = tmp_path / "hello"
    folder.mkdir()
    said = list(answers)
    with talking(lambda prompt, usual: said.pop(0) if len(said) > 1 else said[0]) as model:
        for variable, value in model.environment(tmp_path / "caches").items():
            monkeypatch.setenv(variable, value)
        ended = run("init", sentence, *words, cwd=folder, code=code)
    return folder, ended, model


@pytest.mark.parametrize(
    ("phrase", "name", "key"),
    [
        ("works all the time", "worker", None),
        ("runs at times", "nightly", "schedule"),
        ("runs once", "job", "job"),
    ],
)
def test_a_model_says_what_a_part_is_and_kforge_writes_it(phrase, name, key, tmp_path, monkeypatch):
    folder, ended, model = drafting(tmp_path, monkeypatch, {PART: phrase})
    services = spec(folder)["services"]
    assert services.keys() == {"api", name, "db"}
    assert key is None or key in services[name]
    assert services["db"]["image"] == "docker.io/library/postgres:18.6"
    assert f"drafted by words, detection and model {MODEL}" in ended.err
    assert f"`{PART}`, as the model reads it" in ended.err
    assert "had no effect on the draft" not in ended.err
    assert "model" not in spec(folder)
    assert len(model.prompts) == 1


def test_a_draft_by_a_model_that_costs_says_what_it_cost(tmp_path, monkeypatch):
    monkeypatch.setattr("kforge.llm.model_client.price_of", lambda endpoint: Price(1000.0, 10_000.0, "a page", "2026"))
    _, ended, _ = drafting(tmp_path, monkeypatch, WORKS)
    assert re.search(r"requests?, \d+ tokens in, \d+ out, \d+\.\d{4} US dollars", ended.err)


def test_a_draft_by_a_model_that_costs_nothing_says_nothing_of_it(tmp_path, monkeypatch):
    assert "US dollars" not in drafting(tmp_path, monkeypatch, WORKS)[1].err


@pytest.mark.parametrize(
    ("sentence", "names"),
    [("a booking engine with Postgres", {"web", "db"}), ("a booking engine, its API and Postgres", {"api", "db"})],
)
def test_what_serves_people_is_a_service_where_none_does_yet(sentence, names, tmp_path, monkeypatch):
    folder, _, _ = drafting(tmp_path, monkeypatch, {"a booking engine": "serves people"}, sentence=sentence)
    assert spec(folder)["services"].keys() == names


@pytest.mark.parametrize("phrase", ["no program", "keeps data"])
def test_what_a_model_sees_no_program_in_stays_told(phrase, tmp_path, monkeypatch):
    folder, ended, _ = drafting(tmp_path, monkeypatch, {PART: phrase})
    assert spec(folder)["services"].keys() == {"api", "db"}
    assert "these words had no effect on the draft: `matchmaker`, `pairs players`" in ended.err


@pytest.mark.parametrize("sentence", ["an API with a database", "a website, staging and prod, 3 replicas"])
def test_a_model_is_asked_nothing_where_words_understand_the_sentence(sentence, tmp_path, monkeypatch):
    _, ended, model = drafting(tmp_path, monkeypatch, "no JSON", sentence=sentence)
    assert model.prompts == []
    assert "drafted by words and detection" in ended.err
    assert "a model is asked nothing" in run("init", sentence, "--prompt", "--folder", str(tmp_path), cwd=tmp_path).err


def test_the_prompt_can_be_seen_before_it_is_sent(tmp_path):
    shown = run("init", f"{SENTENCE}, token sk-ant-{'a1B2' * 12}", "--prompt", cwd=tmp_path, code=0).out
    assert PART in shown and "serves people" in shown
    assert "a1B2a1B2" not in shown


def test_a_model_block_is_written_where_the_flag_names_one(tmp_path, monkeypatch):
    folder, _, _ = drafting(tmp_path, monkeypatch, WORKS, words=("--model", MODEL))
    assert spec(folder)["model"] == {"name": MODEL}


@pytest.mark.parametrize(("said", "written"), [("y\n", True), ("n\n", False), ("", False)])
def test_a_model_block_is_written_where_a_person_says_so(said, written, tmp_path, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Terminal(said))
    folder, ended, _ = drafting(tmp_path, monkeypatch, WORKS)
    assert "`model` block?" in ended.err
    assert ("model" in spec(folder)) is written


def test_a_wrong_answer_is_asked_again_with_the_finding(tmp_path, monkeypatch):
    folder, ended, model = drafting(tmp_path, monkeypatch, {PART: "a worker"}, WORKS)
    assert len(model.prompts) == 2
    assert f"the answer was refused: `{PART}` is one of serves people, works all the time" in ended.err
    assert "asking again (2 of 3)" in ended.err
    assert spec(folder)["services"].keys() == {"api", "worker", "db"}


HOSTILE = [
    "no JSON", "[]", "{}", {PART: ""}, {PART: None}, {PART: 7}, {PART: ["runs once"]}, {PART: {"image": "evil.example/x"}}, {PART: "serves people\nevil: 1"},
    {PART: "RUNS ONCE"}, {**WORKS, "image": "evil.example/x"}, {**WORKS, "another part": "runs once"}, {"another part": "runs once"}, {"services": []}, "x" * 70_000,
    f'{{"{PART}": "runs once", "{PART}": "serves people"}}',
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: json.dumps(each)[:60])
def test_no_answer_brings_more_than_the_form_allows(hostile, tmp_path, monkeypatch):
    folder, ended, model = drafting(tmp_path, monkeypatch, hostile, code=3)
    assert not (folder / "app.kforge.yaml").exists()
    assert "no answer of the model was accepted in 3 attempts" in ended.err
    assert "`--offline` without asking it" in ended.err
    assert "`--fallback heuristics` drafts by words and detection" in ended.err
    assert len(model.prompts) == 3, "the first and two repairs"


def test_a_slow_model_is_waited_for_aloud(tmp_path, monkeypatch):
    monkeypatch.setattr("kforge.output.progress.PATIENCE", 0.2)
    with talking(lambda prompt, usual: [time.sleep(1.5), json.dumps(WORKS)][1]) as model:
        for variable, value in model.environment(tmp_path / "caches").items():
            monkeypatch.setenv(variable, value)
        ended = run("init", SENTENCE, cwd=tmp_path, code=0)
    assert f"asking `{MODEL}` about 1 part of the sentence" in ended.err
    assert "asking about the draft, " in ended.err


def test_an_answer_that_was_cut_is_asked_again(tmp_path, monkeypatch):
    from kforge.domain.model.request import Fault
    from kforge.system.http.transport import Transport

    genuine, drafts = Transport.complete, []

    def complete(self, request, deadline=None):
        drafts.extend([request] if request.target == "the draft" else [])
        if len(drafts) == 1:
            raise Fault("cut", "the answer ran into the limit of tokens")
        return genuine(self, request, deadline)

    monkeypatch.setattr(Transport, "complete", complete)
    folder, _, _ = drafting(tmp_path, monkeypatch, WORKS)
    assert "was cut off; keep every text short" in drafts[1].messages[-1].content
    assert "worker" in spec(folder)["services"]


def test_a_model_that_nobody_named_is_called_by_its_name(tmp_path, monkeypatch):
    """Where only a server is named, `auto` is asked, and one of its models answers."""
    with talking(lambda prompt, usual: WORKS) as model:
        for variable, value in model.environment(tmp_path / "caches").items():
            monkeypatch.setenv(variable, value)
        monkeypatch.delenv("KFORGE_MODEL", raising=False)
        for words in (["--dry-run"], []):  # asked, and from the cache
            assert f"and model {MODEL}" in run("init", SENTENCE, *words, cwd=tmp_path, code=0).err
    assert "model" not in spec(tmp_path)


def test_the_fallback_drafts_without_the_model(tmp_path, monkeypatch):
    folder, ended, _ = drafting(tmp_path, monkeypatch, "nonsense", words=("--fallback", "heuristics"))
    assert "drafted without" in ended.err
    assert spec(folder)["services"].keys() == {"api", "db"}


def test_a_server_that_is_gone_writes_nothing(tmp_path, monkeypatch):
    folder = bare("hello", tmp_path)
    monkeypatch.setenv("KFORGE_BASE_URL", "http://127.0.0.1:9/v1")
    before = contents(folder)
    assert "`--offline` without asking it" in run("init", SENTENCE, cwd=folder, code=75).err
    run("init", SENTENCE, "--offline", "--dry-run", cwd=folder, code=0)
    assert contents(folder) == before


@pytest.mark.model
@pytest.mark.parametrize("words", [(), ("--fallback", "heuristics")])
def test_a_real_server_drafts_a_spec_or_nothing(words, tiny_server, tmp_path, monkeypatch):  # noqa: F811
    """What random weights say is counted, not judged: a spec that is valid, or none and the way out."""
    folder = bare("hello", tmp_path)
    monkeypatch.setenv("KFORGE_BASE_URL", tiny_server)
    ended = run("init", SENTENCE, *words, cwd=folder)
    print(f"init against {NAME}: exit {ended.code}; {ended.err.strip()}")
    assert ended.code in ((0,) if words else (0, 3))
    if ended.code:
        assert not (folder / "app.kforge.yaml").exists()
        assert "`--offline` without asking it" in ended.err
    else:
        run("build", "--offline", cwd=folder, code=0)


@pytest.mark.parametrize("words", [["--keep-stale"], ["--ask", "web/build"]])
def test_a_draft_has_no_decisions_to_keep_or_to_ask_again(words, tmp_path):
    run("init", "web API with PostgreSQL", *words, cwd=tmp_path, code=2)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_no_spec_can_name_is_left_out_and_told(tmp_path):
    odd = os.fsdecode(b"caf\xe9")
    for folder in ("api", odd, f"{odd}/inner"):
        write(tmp_path / folder, GO)
    ended = run("init", cwd=tmp_path, code=0)
    assert ({*spec(tmp_path)["services"]}, ended.err.count("its name is not UTF-8")) == ({"api"}, 2)


def test_a_repository_of_nothing_but_such_folders_is_bad_input(tmp_path):
    write(tmp_path / os.fsdecode(b"caf\xe9"), GO)
    assert "its name is not UTF-8" in run("init", cwd=tmp_path, code=2).err
