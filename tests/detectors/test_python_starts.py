"""How Python sources start: Procfiles, groups and extras that bring the server, applications that nothing serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, places, ports, starts, values

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
NAMED = '[project]\nname = "a"\nversion = "1"\n'


@pytest.mark.parametrize(
    ("line", "start", "port"),
    [
        ("gunicorn -b 0.0.0.0:8100 app:app", "gunicorn -b 0.0.0.0:8100 app:app", 8100),
        ("gunicorn app:app", "gunicorn app:app --bind 0.0.0.0:8000", 8000),
        ("gunicorn app:app --bind 0.0.0.0:$PORT", "gunicorn app:app --bind 0.0.0.0:8000", 8000),
        ("waitress-serve --port=8201 app:app", "waitress-serve --port=8201 app:app", 8201),
        ("poetry run gunicorn app:app -b :8000", "gunicorn app:app -b :8000", 8000),
        ("flask run", "gunicorn --bind 0.0.0.0:8000 app:app", 8000),
        ("python manage.py migrate && gunicorn -b :81 app:app", "sh -c python manage.py migrate && exec gunicorn -b :81 app:app", 81),
        ("python app.py --port 7000", "python app.py --port 7000", 7000),
    ],
)  # fmt: skip
def test_the_web_process_of_a_procfile_starts_it(tmp_path: Path, line: str, start: str, port: int) -> None:
    procfile = f"release: true\nworker: python w.py\nweb: {line}\n"
    found = facts(tmp_path, {"requirements.txt": "flask\ngunicorn\nwaitress\n", "app.py": FLASK, "Procfile": procfile})
    assert (starts(found)[0], ports(found)[0][0]) == (start, port)


def test_a_procfile_is_evidence_by_its_line(tmp_path: Path) -> None:
    procfile = "release: true\nweb: gunicorn -b :8100 app:app\n"
    found = facts(tmp_path, {"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK, "Procfile": procfile})
    assert (places(found, "start")[0], places(found, "ports")) == ("Procfile:2", ["Procfile:2"])


def test_assignments_of_a_procfile_are_variables_and_no_words(tmp_path: Path) -> None:
    procfile = "web: PYTHONPATH=lib gunicorn --bind 0.0.0.0:$PORT wsgi:app\n"
    found = facts(tmp_path, {"requirements.txt": "flask\ngunicorn\n", "lib/wsgi.py": FLASK, "Procfile": procfile})
    assert (starts(found)[0], values(found, "variables")) == (
        "gunicorn --bind 0.0.0.0:8000 wsgi:app",
        [{"name": "PYTHONPATH", "value": "lib"}],
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dotenv run -- gunicorn app:app", "`Procfile` gets variables by `dotenv` from a file of variables, which the image does not have: it starts without"),
        ("doppler run -- gunicorn app:app", "`Procfile` gets variables by `doppler` from Doppler, which the image does not have: it starts without"),
        ("poetry run gunicorn app:app", None),
    ],
)  # fmt: skip
def test_what_gives_a_process_variables_and_is_left_out_is_told(tmp_path: Path, line: str, said: str | None) -> None:
    files = {"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK, "Procfile": f"web: {line}\n"}
    found = facts(tmp_path, files)
    assert [one["said"] for one in values(found, "doubts")] == [said] * bool(said)
    assert starts(found)[0].startswith("gunicorn app:app")


def test_a_secret_that_a_procfile_sets_is_no_fact(tmp_path: Path) -> None:
    procfile = "web: DB_PASSWORD=hunter2hunter2 gunicorn app:app\n"
    found = facts(tmp_path, {"requirements.txt": "flask\ngunicorn\n", "app.py": FLASK, "Procfile": procfile})
    assert values(found, "variables") == []


@pytest.mark.parametrize(
    ("manifest", "groups"),
    [
        (f'{NAMED}dependencies = ["fastapi"]\n[project.optional-dependencies]\nserver = ["uvicorn[standard]"]\ntest = ["uvicorn"]\n',
         [{"kind": "extra", "name": "server"}]),
        (f'{NAMED}dependencies = ["fastapi"]\n[dependency-groups]\ndev = ["uvicorn"]\nprod = ["uvicorn"]\n', [{"kind": "group", "name": "prod"}]),
        (f'{NAMED}dependencies = ["fastapi"]\n[dependency-groups]\ndev = ["uvicorn"]\n', [{"kind": "group", "name": "dev"}]),
        (f'{NAMED}dependencies = ["fastapi", "uvicorn"]\n[dependency-groups]\nprod = ["gunicorn"]\n', []),
        ('[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\nfastapi = "*"\n[tool.poetry.group.web.dependencies]\nuvicorn = "*"\n'
         '[tool.poetry.group.dev.dependencies]\npytest = "*"\n', [{"kind": "group", "name": "web"}]),
        ('[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\nfastapi = "*"\n[tool.poetry.group.web]\noptional = true\n'
         '[tool.poetry.group.web.dependencies]\nuvicorn = "*"\n', [{"kind": "group", "name": "web"}]),
        ('[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\nfastapi = "*"\nuvicorn = "*"\n[tool.poetry.group.extra]\noptional = true\n'
         '[tool.poetry.group.extra.dependencies]\nx = "*"\n', []),
    ],
)  # fmt: skip
def test_the_group_that_brings_the_server_is_installed(
    tmp_path: Path, manifest: str, groups: list[dict[str, str]]
) -> None:
    found = facts(tmp_path, {"pyproject.toml": manifest, "main.py": FASTAPI})
    assert (values(found, "groups"), starts(found)[0]) == (groups, "uvicorn main:app --host 0.0.0.0 --port 8000")


@pytest.mark.parametrize(
    ("groups", "taken"),
    [
        ('main = ["fastapi", "uvicorn"]\ndev = ["ruff"]\n', ["main"]),
        ('api = ["fastapi", "uvicorn"]\nlint = ["ruff"]\n', ["api"]),
        ('base = ["fastapi"]\nserver = ["uvicorn"]\ntests = ["pytest"]\n', ["base", "server"]),
    ],
)
def test_groups_without_a_project_are_what_is_installed(tmp_path: Path, groups: str, taken: list[str]) -> None:
    found = facts(tmp_path, {"pyproject.toml": f"[dependency-groups]\n{groups}", "main.py": FASTAPI})
    assert values(found, "groups") == [{"kind": "group", "name": name, "alone": True} for name in taken]
    assert starts(found)[0] == "uvicorn main:app --host 0.0.0.0 --port 8000"


DERIVED = "from flask import Flask\n\n\nclass Shop(Flask):\n    pass\n\n\ndef create_app():\n    app = Shop()\n    return app\n"


@pytest.mark.parametrize(
    ("files", "start"),
    [
        ({"shop/app.py": DERIVED, "shop/wsgi.py": "from shop.app import create_app\napp = create_app()\n"}, "shop.wsgi:app"),
        ({"main.py": DERIVED.partition("def")[0] + "app = Shop(__name__)\n"}, "main:app"),
    ],
)  # fmt: skip
def test_a_class_of_its_own_that_is_an_application_is_served(
    tmp_path: Path, files: dict[str, str | bytes], start: str
) -> None:
    found = facts(tmp_path, {"requirements.txt": "flask\ngunicorn\n", "shop/__init__.py": "", "manage.py": "", **files})
    assert starts(found)[0] == f"gunicorn --bind 0.0.0.0:8000 {start}"
    assert not [one for one in starts(found) if "runserver" in one]


@pytest.mark.parametrize(
    ("requirements", "code"),
    [
        ("fastapi==1\n", FASTAPI),
        ("starlette\n", "from starlette.applications import Starlette\napp = Starlette()\n"),
        (
            "fastapi\n",
            FASTAPI + 'if __name__ == "__main__":\n    import uvicorn\n    uvicorn.run(app, host="0.0.0.0")\n',
        ),
    ],
)
def test_an_application_that_nothing_serves_is_told(tmp_path: Path, requirements: str, code: str) -> None:
    found = facts(tmp_path, {"requirements.txt": requirements, "main.py": code})
    assert (starts(found), values(found, "unserved")["hint"], places(found, "unserved")) == (
        [],
        "add `uvicorn` to `requirements.txt`",
        ["main.py:2"],
    )


@pytest.mark.parametrize(
    "requirements", ["fastapi[standard]\n", "fastapi\nhypercorn\n", "fastapi\nuvicorn\n", "quart\n"]
)
def test_an_application_with_a_server_is_served(tmp_path: Path, requirements: str) -> None:
    code = "from quart import Quart\napp = Quart(__name__)\n" if "quart" in requirements else FASTAPI
    found = facts(tmp_path, {"requirements.txt": requirements, "main.py": code})
    assert (values(found, "unserved"), starts(found)[0].split()[0] in ("uvicorn", "hypercorn")) == (None, True)


def test_a_file_of_uwsgi_that_names_no_port_gets_one(tmp_path: Path) -> None:
    ini = "[uwsgi]\nmodule = app:app\ndie-on-term = true\n"
    found = facts(tmp_path, {"requirements.txt": "flask\nuwsgi\n", "app.py": FLASK, "uwsgi.ini": ini})
    assert (starts(found)[0], ports(found)) == (
        "uwsgi --ini uwsgi.ini --http-socket 0.0.0.0:8080",
        [(8080, "http", "")],
    )


@pytest.mark.parametrize(
    ("requires", "variable"),
    [
        ('["setuptools>=77", "setuptools-scm>=8"]', "SETUPTOOLS_SCM_PRETEND_VERSION"),
        ('["hatchling", "hatch-vcs"]', "SETUPTOOLS_SCM_PRETEND_VERSION"),
        ('["poetry-core", "poetry-dynamic-versioning"]', "POETRY_DYNAMIC_VERSIONING_BYPASS"),
        ('["hatchling"]', None),
    ],
)
def test_a_version_from_git_is_told_by_its_variable(tmp_path: Path, requires: str, variable: str | None) -> None:
    manifest = f'{NAMED}[project.scripts]\na = "a:run"\n[build-system]\nrequires = {requires}\n'
    found = facts(tmp_path, {"pyproject.toml": manifest, "src/a/__init__.py": ""})
    assert values(found, "scm_version") == variable


# ---- frameworks and managers that came later --------------------------------------------------------------------
@pytest.mark.parametrize(
    "made", ["app = FastHTML(hdrs=())", "app, rt = fast_app()", "app, rt, items, Item = fast_app('data/a.db')"]
)
def test_fasthtml_is_served_by_uvicorn_which_it_brings(tmp_path: Path, made: str) -> None:
    code = f"from fasthtml.common import *\n{made}\nserve()\n"
    found = facts(tmp_path, {"requirements.txt": "python-fasthtml==0.12.1\n", "main.py": code})
    assert (values(found, "framework"), starts(found)[0]) == ("fasthtml", "uvicorn main:app --host 0.0.0.0 --port 8000")
    assert ports(found) == [(8000, "http", "")]


def test_the_second_of_two_made_things_is_no_application(tmp_path: Path) -> None:
    code = "from fasthtml.common import *\nrt, app = fast_app()\n"
    found = facts(tmp_path, {"requirements.txt": "python-fasthtml==0.12.1\n", "main.py": code})
    assert "uvicorn main:rt" in starts(found)[0]


@pytest.mark.parametrize(
    ("servers", "start"),
    [
        ("gunicorn\n", "gunicorn --bind 0.0.0.0:8000 shop.wsgi:application"),
        ("gunicorn\nuvicorn\n", "uvicorn shop.asgi:application --host 0.0.0.0 --port 8000"),
    ],
)
def test_of_two_applications_that_is_served_for_which_there_is_a_server(
    tmp_path: Path, servers: str, start: str
) -> None:
    found = facts(
        tmp_path,
        {
            "requirements.txt": f"django==5.1\n{servers}",
            "manage.py": "import os\n",
            "shop/asgi.py": "from django.core.asgi import get_asgi_application\napplication = get_asgi_application()\n",
            "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
        },
    )
    assert starts(found)[0] == start


def test_a_pdm_lock_makes_pdm_the_manager(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "pyproject.toml": f'{NAMED}dependencies = ["fastapi"]\n[dependency-groups]\nserve = ["uvicorn"]\n',
            "pdm.lock": '[[package]]\nname = "fastapi"\nversion = "0.115.6"\nfiles = []\n',
            "requirements.txt": "fastapi\n",
            "main.py": FASTAPI,
        },
    )
    assert (values(found, "package_manager"), values(found, "lockfile")) == ("pdm", "pdm.lock")
    assert values(found, "manifests") == ["pyproject.toml", "pdm.lock"]
    assert (values(found, "groups"), starts(found)[0][:16]) == (
        [{"kind": "group", "name": "serve"}],
        "uvicorn main:app",
    )


@pytest.mark.parametrize("pin", [{".python-version": "3.7\n"}, {"mise.toml": '[tools]\npython = "3.7.9"\n'}])
def test_a_pinned_python_without_fixes_is_taken_and_told_where_pip_installs(
    tmp_path: Path, pin: dict[str, str | bytes]
) -> None:
    found = facts(tmp_path, {"requirements.txt": "pandas\n", "main.py": "print(1)\n", **pin})
    assert (values(found, "version"), len(found.doubts)) == ("3.7", 1)
    assert f"as `{next(iter(pin))}` pins it" in found.doubts[0].value["said"]


def test_a_python_that_uv_does_not_install_on_is_not_taken(tmp_path: Path) -> None:
    table = f'{NAMED}requires-python = ">=3.7"\n'
    found = facts(tmp_path, {"pyproject.toml": table, "uv.lock": "", ".python-version": "3.7", "main.py": "print(1)\n"})
    assert values(found, "version") == "3.14"


def test_a_script_that_brings_its_own_dependencies_is_not_how_a_project_starts(tmp_path: Path) -> None:
    script = '# /// script\n# dependencies = ["typer"]\n# ///\nimport typer\n\nif __name__ == "__main__":\n    typer.run(print)\n'
    work = 'if __name__ == "__main__":\n    print(1)\n'
    found = facts(tmp_path, {"requirements.txt": "", "scripts/one.py": script, "work/two.py": work})
    assert [words[-1] for words in values(found, "start")] == ["work/two.py"]


FACTORY = "from litestar import Litestar\ndef create_app():\n    return Litestar([])\n"


@pytest.mark.parametrize(
    ("needs", "start"),
    [
        (
            "litestar\nlitestar-granian\n",
            "granian --interface asgi --host 0.0.0.0 --port 8000 main:create_app --factory",
        ),
        ("litestar\ngranian\n", "granian --interface asgi --host 0.0.0.0 --port 8000 main:create_app --factory"),
        ("litestar\nuvicorn\n", "uvicorn main:create_app --host 0.0.0.0 --port 8000 --factory"),
        ("litestar\nhypercorn\n", "hypercorn --bind 0.0.0.0:8000 main:create_app()"),
    ],
)
def test_a_server_is_told_that_it_is_given_a_factory(tmp_path: Path, needs: str, start: str) -> None:
    assert starts(facts(tmp_path, {"requirements.txt": needs, "main.py": FACTORY}))[0] == start


def test_a_server_that_calls_no_factory_is_given_none(tmp_path: Path) -> None:
    found = facts(tmp_path, {"requirements.txt": "litestar\ndaphne\n", "main.py": FACTORY})
    assert not any(start.startswith("daphne") for start in starts(found))


MADE = "from shop.core.setup import create_application\napp = create_application()\n"
MAKES = "from fastapi import FastAPI\ndef create_application():\n    return FastAPI()\n"


def test_a_module_of_a_package_that_is_called_setup_is_code(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "fastapi\nuvicorn\n",
        "setup.py": "from setuptools import setup\nsetup()\n",
        "shop/__init__.py": "",
        "shop/main.py": MADE,
        "shop/core/__init__.py": "",
        "shop/core/setup.py": MAKES,
        "scripts/first_user.py": "if __name__ == '__main__':\n    main()\n",
    }
    assert starts(facts(tmp_path, files))[0] == "uvicorn shop.main:app --host 0.0.0.0 --port 8000"


def test_what_people_run_by_hand_starts_nothing_where_another_file_does(tmp_path: Path) -> None:
    guarded = "if __name__ == '__main__':\n    main()\n"
    files: dict[str, str | bytes] = {"requirements.txt": "requests\n", "scripts/a.py": guarded, "shop/work.py": guarded}
    assert starts(facts(tmp_path, files))[0] == "python shop/work.py"


@pytest.mark.parametrize("path", ["setup.py", "packages/core/setup.py"])
def test_what_builds_a_package_is_no_code_of_the_program(tmp_path: Path, path: str) -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "flask\ngunicorn\n",
        "app.py": FLASK,
        path: "import os\nos.environ['X']\n",
    }
    assert values(facts(tmp_path, files), "env") == []
