"""How a Node project brings its store's tables up to date: by its scripts, a data source of TypeORM, a file of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import facts, places

SERVES = "import http from 'http'\nhttp.createServer().listen(3000)\n"


def found(
    folder: Path, scripts: dict[str, str], needs: str = "", dev: str = "", files: dict[str, str] | None = None
) -> tuple[str, list[str]]:
    """The command that migrates, "" for none, and what of development stays for it."""
    manifest = {
        "scripts": {"build": "tsc", "start": "node dist/main.js", **scripts},
        "dependencies": dict.fromkeys(needs.split(), "1.0.0"),
        "devDependencies": dict.fromkeys(("typescript", *dev.split()), "1.0.0"),
    }
    source: dict[str, str | bytes] = {
        "package.json": json.dumps(manifest, indent=1),
        "tsconfig.json": '{"compilerOptions": {"outDir": "dist"}}',
        "src/main.ts": SERVES,
        **(files or {}),
    }
    seen = facts(folder, source)
    beside: list[dict[str, Any]] = [one for one in seen.value("beside") if one["role"] == "migration"]
    return " ".join(beside[0]["command"]) if beside else "", [*seen.value("unpruned")]


@pytest.mark.parametrize(
    ("scripts", "tools", "command"),
    [
        ({"migrate:deploy": "prisma migrate deploy", "migrate": "prisma migrate dev"}, "prisma", "prisma migrate deploy"),
        ({"db:migrate": "drizzle-kit migrate"}, "drizzle-kit", "drizzle-kit migrate"),
        ({"migrate": "knex migrate:latest --knexfile config/knex.js"}, "knex", "knex migrate:latest --knexfile config/knex.js"),
        ({"db:migrate": "npx sequelize-cli db:migrate"}, "sequelize-cli", "sequelize-cli db:migrate"),
        ({"migrate": "node-pg-migrate up"}, "node-pg-migrate", "node-pg-migrate up"),
        ({"migration:up": "mikro-orm migration:up"}, "@mikro-orm/cli", "mikro-orm migration:up"),
        ({"typeorm": "typeorm-ts-node-commonjs", "migration:run": "npm run typeorm -- migration:run -d ./src/data-source.ts"}, "typeorm",
         "typeorm migration:run -d dist/data-source.js"),
        ({"typeorm": "ts-node -r tsconfig-paths/register ./node_modules/typeorm/cli.js",
          "migration:run": "yarn typeorm --dataSource=src/db/data-source.ts migration:run"}, "typeorm",
         "typeorm --dataSource=dist/db/data-source.js migration:run"),
        ({"migrate": "cross-env DB_SSL=off typeorm migration:run -d dist/ds.js"}, "typeorm", "env DB_SSL=off typeorm migration:run -d dist/ds.js"),
        ({"migrate": "knex migrate:latest", "migrate:prod": "npm run build && knex migrate:latest --env production"}, "knex",
         "knex migrate:latest --env production"),
    ],
)  # fmt: skip
def test_a_script_that_migrates_says_how(tmp_path: Path, scripts: dict[str, str], tools: str, command: str) -> None:
    assert found(tmp_path, scripts, needs=tools)[0] == command


def test_a_tool_of_development_stays_for_it(tmp_path: Path) -> None:
    assert found(tmp_path, {"db:migrate": "drizzle-kit migrate"}, dev="drizzle-kit")[1] == ["drizzle-kit"]


@pytest.mark.parametrize(
    "scripts",
    [
        {"migrate:make": "knex migrate:make"},
        {"migrate:rollback": "knex migrate:rollback"},
        {"migrate:dev": "prisma migrate dev"},
        {"db:push": "drizzle-kit push"},
        {"typeorm": "typeorm-ts-node-commonjs", "migration:generate": "npm run typeorm -- migration:generate"},
        {"migrate:legacy-users": "node scripts/legacy.js"},
        {"migrate": "docker compose run api npm run up"},
        {"migrate": "flyway migrate"},
    ],
)
def test_what_makes_or_undoes_migrations_is_none(tmp_path: Path, scripts: dict[str, str]) -> None:
    assert found(tmp_path, scripts, needs="knex prisma drizzle-kit typeorm")[0] == ""


def test_a_script_starts_a_file_of_its_own(tmp_path: Path) -> None:
    files = {"src/db/migrate.ts": "import {migrate} from 'drizzle-orm/node-postgres/migrator'\nmigrate(db)\n"}
    assert found(tmp_path, {"db:migrate": "tsx src/db/migrate.ts"}, files=files)[0] == "node dist/db/migrate.js"
    assert (
        found(tmp_path / "2", {"migrate": "node tools/up.js"}, files={"tools/up.js": "up()\n"})[0] == "node tools/up.js"
    )


def test_typescript_that_nothing_compiles_keeps_its_loader(tmp_path: Path) -> None:
    scripts = {"migrate": "knex migrate:latest --knexfile knexfile.ts"}
    files = {"knexfile.ts": "export default {}\n"}
    command, kept = found(tmp_path, scripts, needs="knex", dev="ts-node", files=files)
    assert (command, kept) == ("knex migrate:latest --knexfile knexfile.ts", ["ts-node"])
    assert found(tmp_path / "2", scripts, needs="knex", files=files)[0] == ""


SOURCE = "import {DataSource} from 'typeorm'\nexport const source = new DataSource({type: 'postgres', migrations: ['dist/migrations/*.js']})\n"
TYPEORM = {"src/data-source.ts": SOURCE, "src/migrations/1-init.ts": "export class Init {}\n"}


def test_a_data_source_of_typeorm_with_migrations_is_enough(tmp_path: Path) -> None:
    assert found(tmp_path, {}, needs="typeorm", files=TYPEORM)[0] == "typeorm migration:run -d dist/data-source.js"


@pytest.mark.parametrize(
    "files",
    [
        {**TYPEORM, "src/data-source.ts": SOURCE.replace("type:", "migrationsRun: true, type:")},
        {"src/data-source.ts": SOURCE},
        {**TYPEORM, "src/data-source.ts": SOURCE.replace("migrations: ['dist/migrations/*.js']", "synchronize: true")},
    ],
    ids=["runs-them-itself", "none-there", "synchronizes"],
)
def test_a_data_source_that_needs_no_job_has_none(tmp_path: Path, files: dict[str, str]) -> None:
    assert found(tmp_path, {}, needs="typeorm", files=files)[0] == ""


def test_a_file_that_only_migrates_is_started_unless_another_loads_it(tmp_path: Path) -> None:
    files = {"src/migrate.ts": "import {migrate} from 'drizzle-orm/postgres-js/migrator'\nmigrate(db)\n"}
    assert found(tmp_path, {}, files=files)[0] == "node dist/migrate.js"
    for number, load in enumerate(
        ("import './migrate'\n", "require('./migrate')\n", "fork('./migrate.js')\n", "export * from './migrate'\n")
    ):
        other = {**files, "src/main.ts": load + SERVES}
        assert found(tmp_path / str(number), {}, files=other)[0] == ""


def test_its_place_is_the_scripts_line(tmp_path: Path) -> None:
    manifest = '{\n "scripts": {"start": "node s.js",\n  "migrate": "knex migrate:latest"},\n "dependencies": {"knex": "3.0.0"}\n}'
    seen = facts(tmp_path, {"package.json": manifest, "s.js": SERVES})
    assert places(seen, "beside") == ["package.json:3"]
