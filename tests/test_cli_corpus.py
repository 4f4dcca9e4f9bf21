"""Researchers' commands: coded sessions in and out, agreement, AnnoMI, and pseudonyms."""

import csv
import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from annotation.corpus import DATA, load_annomi, load_annomi_outlines, load_written
from annotation.exchange.formats import FORMATS, format_named
from api.cli import app
from nlp.errors import InputError
from nlp.reading import read_transcript
from tests.coded import session

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
TALK = """Dr Jones: Hello Anna, how was it at Acme Ltd?
Anna Kowalska: Ring me on 07700 900 123. Sarah moved to Chicago.
Dr Jones: And how was that?
Anna Kowalska: Fine, I think. Zed cried.
"""
ROLES = ("--roles", "Dr Jones=therapist,Anna Kowalska=client")


def told(*words: object, typed: str = "", fails: bool = False):
    shown = CliRunner(env={"COLUMNS": "160", "SUTURE_ANNOMI": ""}).invoke(
        app, [*map(str, words)], input=typed
    )
    assert (shown.exit_code != 0) is fails, (shown.output, shown.exception)
    return shown


def refused(*words: object) -> str:
    """The sentence that a command ends with."""
    error = told(*words, fails=True).exception
    assert isinstance(error, InputError)
    return str(error)


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, raw in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return folder


def read(folder: Path):
    files = {p.name: p.read_bytes() for p in folder.iterdir()}
    return format_named("jsonl").read(files).coded


@pytest.fixture(scope="module")
def few():
    return load_written("dev")[:3]


@pytest.fixture(scope="module")
def ours(few, tmp_path_factory) -> Path:
    return put(tmp_path_factory.mktemp("ours"), dict(format_named("jsonl").write(few).files))


@pytest.fixture(scope="module")
def annomi_csv(tmp_path_factory) -> Path:
    """A table like AnnoMI's: the same people speak in the same order, in other words of sufficient length."""
    longest: dict = defaultdict(int)
    outlines = load_annomi_outlines()
    for c in outlines:
        for tag in (tag for tags in c.tags.values() for tag in tags):
            longest[c.transcript.id, tag.turn] = max(longest[c.transcript.id, tag.turn], tag.evidence.end)
    path = tmp_path_factory.mktemp("annomi") / "AnnoMI-simple.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("mi_quality", "transcript_id", "topic", "interlocutor", "utterance_text"))
        for c in outlines:
            id_ = c.transcript.id.removeprefix("annomi-")
            for t in c.transcript.turns:
                said = "hush " * (longest[c.transcript.id, t.index] // 5 + 2)
                rows.writerow(("high", id_, "a topic", t.speaker.value, said))
        rows.writerow(("low", "9999", "another", "client", "nobody coded this"))
    return path


@pytest.fixture(scope="module")
def annomi_coded(annomi_csv):
    return tuple(load_annomi(csv_path=annomi_csv))


def test_the_list_says_how_much_there_is_and_who_coded_it():
    shown = told("corpus", "list").stdout
    assert re.search(r"written +dev +46 +2675 +writer, blind", shown)
    assert re.search(r"annomi +dev +24 +1344 +balanced, sensitive", shown)
    assert "489 pairs" in shown and "SUTURE_ANNOMI" in shown


def test_formats_are_listed_with_what_they_cannot_carry():
    shown = told("corpus", "formats").stdout
    assert all(f"{known.name} " in shown and known.title in shown for known in FORMATS)
    assert "Cannot carry the tags' intensities" in shown and "Carries all." in shown


@pytest.mark.parametrize("format", [known.name for known in FORMATS])
def test_sessions_go_out_in_every_format_and_come_back(format, few, ours, tmp_path):
    out = told("corpus", "export", format, "--data", ours, "--out", tmp_path / "out")
    assert out.stdout.startswith("3 sessions in ")
    told("corpus", "import", format, tmp_path / "out", "--out", tmp_path / "back")
    back = {c.transcript.id: c for c in read(tmp_path / "back")}
    for c in few:
        again = back[c.transcript.id]
        assert [t.text for t in again.transcript.turns] == [t.text for t in c.transcript.turns]
        for coder, tags in c.tags.items():
            before, after = ({(t.turn, t.code, t.evidence) for t in of} for of in (tags, again.tags[coder]))
            assert before == after


def test_a_split_of_a_set_is_exported_and_what_gets_lost_is_said_once_with_its_places(tmp_path):
    shown = told("corpus", "export", "elan", "--set", "contrast", "--split", "dev", "--out", tmp_path / "out")
    assert "56 sessions in 56 files" in shown.stdout
    assert shown.stderr.count("they were made up") == 1 and "session 55; session 56:" in shown.stderr


def test_what_import_left_out_is_said_with_its_place(tmp_path):
    table = "session,turn,speaker,text,mood,coder,code,evidence_start,evidence_end\n"
    table += "s,0,client,I am fine.,low,ann,denail,0,4\n"
    (tmp_path / "coded.csv").write_text(table)
    shown = told("corpus", "import", "csv", tmp_path / "coded.csv", "--out", tmp_path / "out")
    assert "1 sessions, 1 turns, 1 tags by ann" in shown.stdout
    assert "Warning: coded.csv: columns that are not known were left out: mood." in shown.stderr
    assert "Warning: session s, turn 0: “denail” is no code of the codebook" in shown.stderr


def test_mistakes_are_told_with_where_what_and_what_was_expected(ours, tmp_path):
    out = ("--out", tmp_path / "out")
    assert "label-studio" in refused("corpus", "export", "docx", *out)
    assert "no such file" in refused("corpus", "import", "csv", tmp_path / "none.csv", *out)
    assert "nothing is written over" in refused("corpus", "export", "csv", "--out", ours)
    assert "SUTURE_ANNOMI" in refused("corpus", "export", "csv", "--set", "annomi", *out)
    bad = put(tmp_path / "bad", {"text.jsonl": b'{"id": "s"}\n'})
    assert "text.jsonl, line 1: “turns” is missing; a list was expected" in refused(
        "corpus", "import", "jsonl", bad, *out
    )
    assert "“text.jsonl” is missing" in refused("corpus", "agreement", DATA / "annomi")
    assert "blind" in refused("corpus", "agreement", ours, "--coders", "writer,nobody")
    assert "withdrawal" in refused("corpus", "agreement", ours, "--turns", "sadness")
    assert not (tmp_path / "out").exists()


def test_agreement_keeps_sets_apart_says_who_the_coders_are_and_the_readme_quotes_it():
    shown = told("corpus", "agreement").stdout
    annomi, written = re.split(r"^## written", shown, flags=re.MULTILINE)
    assert "## annomi: 76 sessions" in annomi and "balanced and sensitive" in annomi
    assert "writer and blind" in written and ": 790 sessions" in written
    for part in (annomi, written):
        assert "language models" in part and "ICC(2,1)" in part and "Shrout & Fleiss" in part
    assert "Not estimable, because the words of these turns are not here: evidence F1 of rupture" in annomi
    for kind in ("rupture", "withdrawal", "confrontation", "repair"):
        cells = next(line for line in annomi.splitlines() if line.startswith(f"| {kind} |")).split(" | ")
        assert f"{kind} {cells[5]}" in README


def test_only_sets_that_the_named_coders_coded_are_compared():
    shown = told("corpus", "agreement", "--coders", "balanced,sensitive", "--rounds", 20).stdout
    assert "## annomi" in shown and "## written" not in shown


def test_agreement_by_code_as_json_says_why_a_figure_is_missing(tmp_path):
    coded = [
        session(f"s{n}", "tctc", ann={1: "denial"}, bob={1: "denial", 3: "deferential"}) for n in range(3)
    ]
    data = put(tmp_path, dict(format_named("jsonl").write(coded).files))
    (shown,) = json.loads(
        told("corpus", "agreement", data, "--by", "code", "--format", "json", "--rounds", 50).stdout
    )["sets"]
    by_code = {row["what"]: row for row in shown["agreement"]}
    assert by_code["denial"]["positive"] == [3, 3] and by_code["denial"]["kappa"]["value"] == 1
    assert by_code["denial"]["evidence"]["value"] == 1
    assert by_code["redirects"]["kappa"] == {
        "value": None,
        "low": None,
        "high": None,
        "why": "nobody used it",
    }
    assert {"ICC(2,1)", "ICC(2,k)"} <= shown["counts"][0].keys()
    assert "people should be expected to agree less" in shown["caveat"]


def test_the_turns_behind_a_kind_are_listed_with_words_only_where_they_may_be_shown(ours, few, tmp_path):
    shown = told("corpus", "agreement", ours, "--turns", "withdrawal").stdout
    assert "### writer and not blind" in shown and "### neither: " in shown
    both = shown.partition("### writer and blind")[2]
    id_, turn, said = re.search(r"^- (\S+), turn (\d+) \([^)]*\): (.+)$", both, re.MULTILINE).groups()
    (c,) = (c for c in few if c.transcript.id == id_)
    assert said == " ".join(c.transcript.turns[int(turn)].text.split())


def test_annomi_becomes_our_layout_in_one_command_and_its_words_are_not_shown(
    annomi_csv, annomi_coded, tmp_path
):
    shown = told("corpus", "annomi", annomi_csv, "--out", tmp_path / "out")
    assert shown.stdout.startswith("76 sessions, 6204 turns, 446 tags by balanced, 747 tags by sensitive")
    assert "may not be passed on" in shown.stdout
    assert read(tmp_path / "out") == annomi_coded
    listed = told("corpus", "agreement", tmp_path / "out", "--turns", "rupture", "--format", "json").stdout
    (pair,) = json.loads(listed)["sets"][0]["pairs"]
    both = len(pair["both"])
    assert (both + len(pair["first_only"]), both + len(pair["second_only"])) == (290, 485)
    assert "hush" not in listed


def test_a_table_that_does_not_fit_the_tags_is_refused(annomi_csv, tmp_path):
    text = annomi_csv.read_text()
    other = tmp_path / "other.csv"
    out = ("--out", tmp_path / "out")
    lines = text.splitlines(keepends=True)
    for changed, says in (
        ("".join(lines[:1] + lines[2:]), "transcript 0: it has"),
        (text.replace("hush hush ", "", 200), "evidence ends at"),
        (text.replace("transcript_id", "id", 1), "line 1: no column transcript_id"),
        ("".join(lines[:1] + lines[-1:]), "it has none"),
    ):
        other.write_text(changed)
        assert says in refused("corpus", "annomi", other, *out)
    other.write_bytes(b"\xff\xfe")
    assert "UTF-8" in refused("corpus", "annomi", other, *out)
    assert not (tmp_path / "out").exists()


def test_transcripts_that_the_table_lacks_are_named(annomi_csv, tmp_path):
    rows = [line for line in annomi_csv.read_text().splitlines() if not line.startswith("high,0,")]
    part = tmp_path / "part.csv"
    part.write_text("\n".join(rows))
    shown = told("corpus", "annomi", part, "--out", tmp_path / "out")
    assert "75 sessions" in shown.stdout
    assert "1 of the 76 coded transcripts are not in it and are left out: annomi-0." in shown.stderr


def test_the_whole_training_set_is_rebuilt_in_one_folder_laid_out_as_ours(annomi_csv, annomi_coded, tmp_path):
    out = tmp_path / "all"
    shown = told("corpus", "rebuild", "--annomi", annomi_csv, "--out", out).stdout
    assert "790 written sessions, 48915 turns" in shown
    assert "76 AnnoMI transcripts" in shown and "489 contrast pairs" in shown
    for own in (p for p in DATA.rglob("*") if p.is_file()):
        assert (out / own.relative_to(DATA)).read_bytes() == own.read_bytes()
    assert tuple(load_annomi(csv_path=out / "annomi" / "AnnoMI-simple.csv")) == annomi_coded
    assert "nobody coded this" not in (out / "annomi" / "AnnoMI-simple.csv").read_text()


@pytest.fixture
def talk(tmp_path) -> Path:
    (tmp_path / "talk.txt").write_text(TALK)
    (tmp_path / "names.txt").write_text("Anna Kowalska\n\nAcme Ltd = organisation\n")
    return tmp_path


def test_names_are_shown_side_by_side_with_how_they_were_found_and_replaced(talk):
    roster = ("--roster", talk / "names.txt", *ROLES)
    shown = told("deidentify", talk / "talk.txt", "--out", talk / "out.json", *roster, typed="y\n").stdout
    for how in ("Anna: person, on the roster", "07700 900 123: phone, by a rule", "Chicago: place, by spaCy"):
        assert how in shown
    assert "Hello Anna" in shown and "Hello [Person 1]" in shown
    assert "Dr Jones becomes Therapist" in shown and "A person must read all of it" in shown
    written = read_transcript((talk / "out.json").read_bytes(), "out.json").transcript
    assert written.turns[0].text == "Hello [Person 1], how was it at [Organisation 1]?"
    assert [t.speaker for t in written.turns[:2]] == ["therapist", "client"]
    assert not {"Anna", "Kowalska", "Jones", "talk.txt"} & set(
        re.findall(r"[\w.]+", (talk / "out.json").read_text())
    )


def test_nothing_is_written_until_a_person_says_so_or_yes_is_given(talk):
    words = ("deidentify", talk / "talk.txt", "--out", talk / "out.json", *ROLES)
    assert "Nothing was written." in told(*words, typed="n\n", fails=True).stdout
    assert not (talk / "out.json").exists()
    told(*words, "--yes")
    assert "nothing is written over" in refused(*words, "--yes")


def test_a_review_decides_on_each_name(talk):
    words = ("deidentify", talk / "talk.txt", "--out", talk / "out.json", "--review", *ROLES)
    shown = told(*words, typed="\nn\na friend\ny\n\ny\n").stdout
    assert "Anna (person, on the roster, 1 place): [Person 1]?" in shown
    assert "07700 900 123 (phone, by a rule, 1 place): [Phone 1]?" in shown
    text = (talk / "out.json").read_text()
    assert (
        "Hello [Person 1]" in text
        and "Acme Ltd" in text
        and "a friend. [Person 2] moved" in text
        and "kept" in shown
    )


def test_mistakes_in_what_deidentify_is_given_are_told_in_a_sentence(talk):
    out = ("--out", talk / "out.json")
    (talk / "bad.txt").write_text("Anna\nAcme = firm\n")
    bad = refused("deidentify", talk / "talk.txt", *out, "--roster", talk / "bad.txt")
    assert "bad.txt, line 2: a name was expected" in bad and "organisation" in bad
    assert "cannot be read" in refused("deidentify", talk / "none.txt", *out)
    assert "give one of them" in refused("deidentify", talk / "talk.txt", *out, "--yes", "--review")
