"""`suture analyse`: files in, reports out, no server."""

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from api.analyse import Wish, analyse_files, parse_columns, parse_roles
from api.report_files import Format
from nlp.errors import InputError
from nlp.report import to_json
from nlp.transcript import Speaker
from tests.gold_tagger import GoldTagger, gold_turns

SEVERAL = (
    "transcript_id,interlocutor,utterance_text\n"
    "7,therapist,How was it?\n7,client,I dunno.\n7,therapist,Say more?\n7,client,No.\n"
    "9,therapist,Hello again.\n9,client,Hello.\n9,therapist,And now?\n9,client,Well.\n"
)


class Outputs:
    """What one run printed, and how many files failed."""

    def __init__(self, files, wish: Wish | None = None, terminal: bool = False):
        self.taggers: list[GoldTagger] = []
        out, err = io.StringIO(), io.StringIO()
        self.failed = analyse_files(
            files,
            wish or Wish(),
            self._load,
            Console(
                file=out, width=100, force_terminal=terminal, color_system="truecolor" if terminal else None
            ),
            Console(file=err, width=100, force_terminal=terminal),
        )
        self.out, self.err = out.getvalue(), err.getvalue()

    def _load(self) -> GoldTagger:
        self.taggers.append(GoldTagger())
        return self.taggers[-1]


def write_text(folder: Path, session: str, therapist: str = "T", client: str = "C") -> Path:
    names = {"therapist": therapist, "client": client}
    lines = [f"{names[t['speaker']]}: {t['text']}" for t in gold_turns(session)]
    file = folder / f"{session}.txt"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.fixture
def session(tmp_path) -> Path:
    return write_text(tmp_path, "w1-06")


@pytest.fixture
def other(tmp_path) -> Path:
    return write_text(tmp_path, "w1-01")


def test_one_file_gives_a_report_as_text(session):
    run = Outputs([session])
    assert (run.failed, run.err) == (0, "")
    assert "r1: confrontation, turns 16 to 44" in run.out
    assert "«So move the sessions.»" in run.out


def test_on_a_terminal_the_report_is_coloured(session):
    assert "\x1b[1;4;35mSo move the sessions." in Outputs([session], terminal=True).out


def test_one_file_as_json_is_the_report_itself(session):
    report = json.loads(Outputs([session], Wish(Format.JSON)).out)
    assert report["schema"] == "suture.report/1"
    assert report["transcript"]["id"] == "w1-06"


def test_several_files_as_json_are_one_list_in_their_order(session, other):
    reports = json.loads(Outputs([session, other], Wish(Format.JSON)).out)
    assert [r["transcript"]["id"] for r in reports] == ["w1-06", "w1-01"]


def test_several_files_as_html_need_a_folder(session, other):
    with pytest.raises(InputError, match="--out"):
        Outputs([session, other], Wish(Format.HTML))


@pytest.mark.parametrize("format", list(Format))
def test_with_a_folder_each_report_is_a_file_named_after_its_transcript(session, other, tmp_path, format):
    folder = tmp_path / "made" / "here"
    run = Outputs([session, other], Wish(format, folder))
    assert sorted(p.name for p in folder.iterdir()) == [f"w1-01.{format}", f"w1-06.{format}"]
    assert run.out.split() == [str(folder / f"w1-06.{format}"), str(folder / f"w1-01.{format}")]


def test_reports_can_be_read_by_their_owner_only(session, tmp_path):
    Outputs([session], Wish(Format.JSON, tmp_path / "out"))
    mode = stat.S_IMODE(os.stat(tmp_path / "out" / "w1-06.json").st_mode)
    assert mode == 0o600


def test_the_file_holds_the_same_report_as_standard_output(session, tmp_path):
    for format in Format:
        Outputs([session], Wish(format, tmp_path / "out"))
        written = (tmp_path / "out" / f"w1-06.{format}").read_text(encoding="utf-8")
        assert Outputs([session], Wish(format)).out.rstrip("\n") == written.rstrip("\n")


def test_html_is_one_page_with_the_findings(session):
    page = Outputs([session], Wish(Format.HTML)).out
    assert page.lstrip().lower().startswith("<!doctype html")
    assert "So move the sessions." in page


def test_one_bad_file_among_many_is_reported_and_does_not_stop_the_rest(session, other, tmp_path):
    empty, missing = tmp_path / "empty.txt", tmp_path / "missing.vtt"
    empty.write_text("")
    run = Outputs([session, empty, missing, tmp_path, other], Wish(Format.JSON))
    assert run.failed == 3
    assert [r["transcript"]["id"] for r in json.loads(run.out)] == ["w1-06", "w1-01"]
    assert [str(p) in run.err for p in (empty, missing, tmp_path)] == [True] * 3
    assert run.err.count("suture: ") == 3


def test_the_tagger_is_loaded_once_for_all_files_and_not_at_all_for_bad_ones(session, other, tmp_path):
    run = Outputs([tmp_path / "missing.txt", session, other])
    assert len(run.taggers) == 1
    assert run.taggers[0].calls == 2
    assert Outputs([tmp_path / "missing.txt"]).taggers == []


def test_two_files_of_one_name_do_not_write_over_each_other(session, tmp_path):
    (tmp_path / "sub").mkdir()
    twin = write_text(tmp_path / "sub", "w1-06")
    run = Outputs([session, twin], Wish(Format.JSON, tmp_path / "out"))
    assert run.failed == 1
    assert "same name" in run.err


def test_a_folder_that_cannot_be_written_is_said_plainly(session):
    with pytest.raises(InputError, match="--out"):
        Outputs([session], Wish(Format.JSON, session / "below-a-file"))


def test_roles_given_are_used_and_compared_without_case(tmp_path):
    file = write_text(tmp_path, "w1-06", therapist="Ann", client="Bob")
    report = json.loads(
        Outputs([file], Wish(Format.JSON, roles=parse_roles(["ann=client,BOB=therapist"]))).out
    )
    assert report["transcript"]["turns"][0]["speaker"] == "client"


def test_roles_that_fit_no_speaker_are_refused_with_the_names_that_the_file_has(tmp_path):
    file = tmp_path / "short.txt"
    file.write_text("Ann: So, how was it?\nBob: Bad.\nAnn: Say more?\n", encoding="utf-8")
    run = Outputs([file], Wish(roles={"zoe": Speaker.CLIENT}))
    assert run.failed == 1 and not run.taggers
    assert run.err == (
        f"suture: {file}: No speaker in this file has a name that --roles gives. "
        "The file names Ann (2 turns) and Bob (1 turn).\n"
    )


def test_roles_that_leave_no_client_are_refused_with_the_names_that_the_file_has(tmp_path):
    file = write_text(tmp_path, "w1-06", therapist="Ann", client="Bob")
    run = Outputs([file], Wish(roles=parse_roles(["Ann=therapist,Bob=therapist"])))
    assert run.failed == 1
    assert "no client. The file names Ann (" in run.err


def test_a_mistyped_name_beside_a_right_one_is_said_for_one_file_and_meant_for_another_of_several(tmp_path):
    file = write_text(tmp_path, "w1-06", therapist="Ann", client="Bob")
    other = write_text(tmp_path, "w1-07", therapist="Cy", client="Dee")
    roles = parse_roles(["Ann=therapist,Bob=client,Cy=therapist,Dee=client"])
    alone = Outputs([file], Wish(Format.JSON, roles=roles))
    assert not alone.failed and "nobody is called cy or dee here. The file names Ann (" in alone.err
    both = Outputs([file, other], Wish(Format.JSON, roles=roles))
    assert not both.failed and not both.err


def test_roles_are_read_from_one_option_or_several():
    expected = {"dr lee": Speaker.THERAPIST, "sam": Speaker.CLIENT, "a=b": Speaker.OTHER}
    assert parse_roles(["Dr Lee=therapist, Sam=client", "a=b=other"]) == expected


@pytest.mark.parametrize("given", ["Sam", "Sam=patient", "=client", "Sam=client;Lee=boss"])
def test_roles_in_another_form_are_refused_with_the_right_one(given):
    with pytest.raises(InputError, match="NAME=therapist"):
        parse_roles([given])


def test_a_guess_at_who_is_who_is_said_to_be_one(tmp_path):
    file = tmp_path / "short.txt"
    file.write_text("Ann: Well, hello.\nBob: Yes, hello.\nAnn: So here we are.\nBob: Here we are.\n")
    run = Outputs([file])
    assert run.failed == 0
    assert "only a guess" in run.err


def test_strictness_is_passed_on(session):
    counts = [
        len(json.loads(Outputs([session], Wish(Format.JSON, strictness=s)).out)["tags"])
        for s in ("sensitive", "strict")
    ]
    assert counts[0] > counts[1]


def test_json_is_what_to_json_gives(session):
    from nlp.reading import read_transcript
    from nlp.report import analyse_session

    reading = read_transcript(session.read_bytes(), session.name)
    report = analyse_session(reading.transcript, GoldTagger(), warnings=reading.warnings)
    assert json.loads(Outputs([session], Wish(Format.JSON)).out) == to_json(report)


def test_the_command_itself_tells_a_missing_file_and_exits_with_one(tmp_path):
    command = [Path(sys.executable).with_name("suture"), "analyse", tmp_path / "missing.txt"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "missing.txt: This file cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_command_does_not_load_torch_or_a_database_before_it_must(tmp_path):
    code = "import sys, api.analyse; print([m for m in ('torch', 'sqlalchemy', 'spacy', 'fastapi') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_file_of_several_transcripts_says_how_to_choose_and_takes_the_choice(tmp_path):
    file = tmp_path / "two.csv"
    file.write_text(SEVERAL)
    refused = Outputs([file], Wish(Format.JSON))
    assert refused.failed == 1 and "There are 2: 7, 9." in refused.err
    assert refused.err.rstrip().endswith("Choose with --columns 'choose=ID'.")
    chosen = Outputs([file], Wish(Format.JSON, columns=parse_columns(["choose=9"])))
    assert chosen.failed == 0
    assert json.loads(chosen.out)["transcript"]["turns"][0]["text"] == "Hello again."


def test_a_table_whose_columns_cannot_be_told_says_how_to_name_them_and_takes_the_names(tmp_path):
    file = tmp_path / "odd.csv"
    rows = [("Nr", "Wer, genau", "Was"), ("1", "T", "How was it?"), ("2", "C", "Fine."), ("3", "T", "So.")]
    file.write_text("\n".join(";".join(row) for row in rows))
    refused = Outputs([file], Wish(Format.JSON, columns={"speaker": "Who"}))
    assert refused.failed == 1 and "--columns 'speaker=1,text=2'" in refused.err
    columns = parse_columns(["speaker=Wer, genau,text=Was"])
    assert columns == {"speaker": "Wer, genau", "text": "Was"}
    read = Outputs([file], Wish(Format.JSON, columns=columns))
    assert [t["text"] for t in json.loads(read.out)["transcript"]["turns"]] == [row[2] for row in rows[1:]]


def test_columns_are_given_one_by_one_too_and_unknown_words_are_refused():
    assert parse_columns(["speaker=1", "text=a=b"]) == {"speaker": "1", "text": "a=b"}
    for wrong in ("speaker", "who=1", "speaker=", "1,2"):
        with pytest.raises(InputError, match="speaker, text, start, end, transcript or choose") as refused:
            parse_columns([wrong])
        assert refused.value.code == "bad_columns"
