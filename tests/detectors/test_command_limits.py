"""Commands that are never offered, and near ones that are."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.detectors.generic_lines import plain_command
from tests.detectors.reading import facts
from tests.secrets.planted import PLANTED, Planted

FETCHED = """
bundle exec gem install evil | composer create-project evil/pkg | composer -n -q require evil/pkg
mix archive.install hex x | mix escript.install hex x | mix do archive.install hex x, compile | cargo binstall evil
mvn dependency:get -Dartifact=g:a:1 | mvn dependency:copy -Dartifact=g:a:1 | ./mvnw dependency:get
mvn org.evil:plugin:1.0:run | mvn evil:plugin:1:run | mvn archetype:generate | mvn deploy:deploy-file -Dfile=x
deno run npm:cowsay | deno run jsr:@a | deno run --import=jsr:x main.ts | nimble install evil | dart pub add x
dart pub global activate x | bundle exec cpanm Evil::Module | cabal unpack evil | bundle exec curl evil.example
"""
CODE = """
deno eval Deno.exit | perl -eexit | perl -we1 | bundle exec perl -ne1 | php -rphpinfo | ruby -ecode | rake -ecode
make --eval=all | make -Eall | nim --eval:x | bundle exec rails runner Kernel.exit | bin/rails runner Kernel.exit
mix cmd x | dune exec sh x | deno run data:text/javascript,x
"""
OUTSIDE = """
ruby -I/etc app.rb | mvn -f/etc/pom.xml | gradle -I/tmp/x.gradle | gcc -isystem/usr/include main.c
gcc -Wl,-rpath,/etc main.c | nim --out:/bin/x x.nim | deno run file:x.ts | cmake -B/tmp/x
"""
OFFERED = """
bundle install | mix deps.get | mix deps.get --only test | mix do deps.get, compile | mix assets.deploy | mix release
mix phx.server | cargo build --release | cargo build -p shop-api | cargo run --bin push-server | cargo install --path=.
composer install | mvn -B package | mvn spring-boot:run | mvn clean install -DskipTests | mvn dependency:go-offline
mvn -ntp -T4 package | gradle build | gradle :app:build | deno task start | deno run --allow-net main.ts
ruby app.rb | ruby add.rb | ruby -Ilib app.rb | rake db:migrate | rake assets:precompile | rake server:start
bundle exec rails server --binding 0.0.0.0 --port 3000 | bundle exec puma -C config/puma.rb | bin/rails server
bundle config set --local path vendor/bundle | php artisan serve --host=0.0.0.0 | php deploy.php
php -dopcache.enable=1 server.php | perl -Ilib app.pl | java -ea -jar x.jar | gcc -O2 -Isrc/include -o server main.c
gcc -pipe -o server main.c | make install | ./server | bin/server start | bin/get | nim c -d:release src/shop.nim
nimble install | dart pub get | cabal build exe:shop | cmake -S . -B build -DCMAKE_BUILD_TYPE=Release
"""


def each(text: str) -> list[str]:
    return [line.strip() for row in text.strip().splitlines() for line in row.split(" | ")]


@pytest.mark.parametrize("line", each(FETCHED) + each(CODE) + each(OUTSIDE))
def test_what_fetches_runs_its_words_or_reaches_out_is_not_offered(line: str) -> None:
    assert plain_command(line) is None


@pytest.mark.parametrize("line", each(OFFERED))
def test_an_ordinary_command_is_offered(line: str) -> None:
    assert plain_command(line) is not None


# ---- credentials ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "line",
    [
        "rake build PASSWORD=hunter2hunter2",
        "rails server --password hunter2hunter2",
        "bundle config gems.example.com bob:s3cretpassword99",
        "bundle config gems.example.com bob:hunter",
        "composer config http-basic.example.org bob hunter",
        "rake fetch_all bob:s3cretpassword99",
    ],
)
def test_a_command_with_a_credential_is_not_offered(line: str) -> None:
    assert plain_command(line) is None


@pytest.mark.parametrize(
    "line",
    ["rake build PASSWORD_FILE=pass.txt", "rake image:v1.20.3-beta", "rails server -b localhost:30000"],
)  # fmt: skip
def test_a_word_that_is_near_a_credential_is_no_reason(line: str) -> None:
    assert plain_command(line) is not None


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.kind)
def test_no_fact_has_a_credential_of_a_readme(tmp_path: Path, planted: Planted) -> None:
    told = planted.told.replace("\n", " ")
    text = planted.text.replace("\n", " ")
    rows = [f"bundle exec rake {told}", f"bundle exec rails server --token={text}", f"make server --token {text}"]
    files = {"README.md": "```\n" + "\n".join([*rows, "bundle install", "./server"]) + "\n```\n"}
    found = facts(tmp_path, files)
    shown = str(found.value("commands"))
    assert [needle for needle in planted.needles if needle in shown] == []
    assert [one["words"] for one in found.value("commands")] == [["bundle", "install"], ["./server"]]
