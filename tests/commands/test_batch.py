"""`kforge batch` writes what is open and keeps every answer it can use, whatever else is in the file."""

import argparse
import json
import time

import pytest

from kforge.commands import batch
from kforge.errors import InputError, WorldError
from kforge.system.store.completions import CompletionStore
from tests.llm.test_batches import FIRST, QUESTIONS, SECOND, THIRD, lines, result


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "caches"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def options(*words):
    parser = argparse.ArgumentParser()
    batch.arguments(parser)
    return parser.parse_args(words)


def bring(here, *results):
    (here / "results.jsonl").write_bytes(lines(*results))
    with CompletionStore(here / "caches" / "completions") as store:
        return batch.judged(batch.imported(options("import", "results.jsonl"), QUESTIONS, store))


def stored(here):
    with CompletionStore(here / "caches" / "completions") as store:
        return [store.get(question.key) is not None for question in QUESTIONS]


def test_export_writes_the_questions(here, capsys):
    assert batch.exported(options("export", "requests.jsonl"), QUESTIONS) == 0
    assert len((here / "requests.jsonl").read_text().splitlines()) == 3
    assert "wrote 3 questions" in capsys.readouterr().err


def test_nothing_open_writes_nothing(here):
    assert batch.exported(options("export", "requests.jsonl"), []) == 0
    assert not (here / "requests.jsonl").exists()


def test_a_file_that_is_there_stays_unless_told_otherwise(here):
    (here / "requests.jsonl").write_text("mine")
    with pytest.raises(InputError, match="exists"):
        batch.exported(options("export", "requests.jsonl"), QUESTIONS)
    assert (here / "requests.jsonl").read_text() == "mine"
    assert batch.exported(options("export", "requests.jsonl", "--force"), QUESTIONS) == 0


def test_a_whole_batch_goes_out_and_comes_back(here):
    batch.exported(options("export", "requests.jsonl"), QUESTIONS)
    asked = [json.loads(line)["custom_id"] for line in (here / "requests.jsonl").read_text().splitlines()]
    assert bring(here, *(result(key) for key in asked)) == 0
    assert stored(here) == [True] * 3


def test_answers_that_take_their_time_say_so(here, capsys, monkeypatch):
    put = CompletionStore.put
    monkeypatch.setattr(CompletionStore, "put", lambda *given: time.sleep(0.6) or put(*given))
    bring(here, result(FIRST), result(SECOND), result(THIRD))
    assert capsys.readouterr().err.startswith("keeping the answers, 1 s\n")


def test_what_must_be_asked_again_is_listed(here, capsys):
    assert bring(here, result(FIRST, "Sure!"), result(SECOND)) == 1
    said = capsys.readouterr()
    assert said.out == "api/build: it is not in this file\nweb/build: it is not JSON\n"
    assert "2 answers kept, 1 accepted, 2 to be asked again" in said.err
    assert stored(here) == [True, True, False]  # a rejected answer was paid for, too


def test_bad_lines_end_with_their_places_and_the_good_ones_are_kept(here):
    with pytest.raises(InputError) as caught:
        bring(here, result(FIRST), "{\n", result("0" * 64), result(SECOND))
    assert [str(one.where) for one in caught.value.problems] == ["results.jsonl:2", "results.jsonl:3"]
    assert stored(here) == [True, True, False]


def test_importing_twice_changes_nothing(here):
    both = [bring(here, result(FIRST), result(SECOND), result(THIRD)) for _ in range(2)]
    assert both == [0, 0]


def test_what_the_provider_failed_is_listed_and_no_fault_of_the_file(here, capsys):
    assert bring(here, result(FIRST, status=429), result(SECOND), result(THIRD)) == 1
    assert capsys.readouterr().out == "web/build: the provider gave no answer: status 429\n"


def test_of_an_old_file_it_says_that_its_lines_were_imported_before(here, capsys):
    bring(here, result(FIRST))
    (here / "results.jsonl").write_bytes(lines(result(FIRST)))
    with CompletionStore(here / "caches" / "completions") as store:
        assert batch.judged(batch.imported(options("import", "results.jsonl"), QUESTIONS[1:], store)) == 0
    assert "0 answers kept, 0 accepted, 0 to be asked again; 1 line imported before" in capsys.readouterr().err


def test_a_missing_file_is_named(here):
    with pytest.raises(InputError, match=r"`nowhere.jsonl` does not exist"):
        batch.imported(options("import", "nowhere.jsonl"), QUESTIONS, CompletionStore(here / "caches"))


def test_answers_that_cannot_be_kept_are_no_success(here):
    (here / "caches").write_text("")
    with pytest.raises(WorldError, match="1 answer could not be kept"):
        bring(here, result(FIRST))
