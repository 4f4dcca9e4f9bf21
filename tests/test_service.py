"""The use cases, on both databases."""

import csv
import io
import json

import pytest

from api import service
from api.accounts import open_accounts
from api.audit import entries
from api.database import reading
from api.exporting import export_report, report_csv, report_json
from api.jobs import open_queue
from api.presence import READY, shown
from api.service import Parts
from api.system_store import save_analysis, start_analysis
from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.reading import read_transcript
from nlp.report import analyse_session
from nlp.segmentation import split_sentences
from nlp.transcript import Speaker
from tests.gold_tagger import GoldTagger
from tests.served import SMALL

UNCLEAR = b"Anna: Hello there.\nBen: Hello.\nAnna: Nice day.\nBen: It is.\n"


@pytest.fixture
def parts(store, store_settings, cheap_passwords):
    accounts = open_accounts(store, store_settings, cheap_passwords)
    return Parts(store_settings, store, accounts, open_queue(store.engine), load_codebook())


@pytest.fixture
def owner(make_user):
    return make_user("supervisor")


def queued(parts) -> int:
    with parts.store.engine.begin() as connection:
        return parts.queue.depth(connection)


def work(parts, session_id: str) -> None:
    found, tagger = start_analysis(parts.store, session_id), GoldTagger()
    transcript = split_sentences(found.reading.transcript)
    scores = tagger.score(transcript)
    save_analysis(parts.store, session_id, found.roles_version, transcript, tagger.info, scores)


def code_of(refused) -> str:
    return refused.value.code


def test_an_upload_with_clear_roles_is_kept_and_enqueued_together(parts, owner):
    uploaded = service.upload(parts, owner, SMALL, "a.txt")
    assert uploaded.created
    assert uploaded.session.status == "queued"
    assert queued(parts) == 1


def test_the_same_upload_again_enqueues_nothing(parts, owner):
    first = service.upload(parts, owner, SMALL, "a.txt")
    second = service.upload(parts, owner, SMALL, "b.txt")
    assert (second.created, second.session.id) == (False, first.session.id)
    assert queued(parts) == 1


def test_unclear_roles_wait_and_are_enqueued_when_somebody_says(parts, owner):
    session_id = service.upload(parts, owner, UNCLEAR, "a.txt").session.id
    assert queued(parts) == 0
    view = service.view_session(parts, owner, session_id)
    assert view.session.status == "needs_roles"
    assert set(view.proposal.roles) == {"Anna", "Ben"}
    changed = service.set_roles(parts, owner, session_id, {"Anna": "therapist", "Ben": "client"})
    assert changed.session.status == "queued"
    assert changed.roles == {"Anna": Speaker.THERAPIST, "Ben": Speaker.CLIENT}
    assert queued(parts) == 1


def test_nothing_is_kept_of_an_upload_that_cannot_be_read(parts, owner):
    for raw in (b"", b"\x89PNG" + bytes(range(256)) * 4):
        with pytest.raises(InputError):
            service.upload(parts, owner, raw, "a.txt")
    assert service.list_sessions(parts, owner).sessions == ()
    assert queued(parts) == 0


def test_nothing_is_kept_when_the_queue_refuses(parts, owner):
    class FullQueue:
        def enqueue(self, connection, session_id):
            raise RuntimeError("full")

    broken = Parts(parts.settings, parts.store, parts.accounts, FullQueue(), parts.codebook)
    with pytest.raises(RuntimeError):
        service.upload(broken, owner, SMALL, "a.txt")
    assert service.list_sessions(parts, owner).sessions == ()


def test_a_trainee_does_not_upload(parts, make_user):
    with pytest.raises(InputError) as refused:
        service.upload(parts, make_user("trainee"), SMALL, "a.txt")
    assert code_of(refused) == "forbidden"


def test_a_report_waits_for_its_analysis(parts, owner):
    session_id = service.upload(parts, owner, SMALL, "a.txt").session.id
    with pytest.raises(InputError) as refused:
        service.report(parts, owner, session_id)
    assert code_of(refused) == "not_ready"
    work(parts, session_id)
    assert service.report(parts, owner, session_id).strictness == "balanced"


def test_strictness_changes_what_is_marked_without_another_analysis(parts, owner):
    session_id = service.start_example(parts, owner).session.id
    work(parts, session_id)
    marked = [len(service.report(parts, owner, session_id, s).tags) for s in ("sensitive", "strict")]
    assert marked[0] > marked[1] > 0
    with pytest.raises(InputError) as refused:
        service.report(parts, owner, session_id, "harsh")
    assert code_of(refused) == "bad_strictness"


def test_a_stored_report_is_the_report_made_without_a_store(parts, owner):
    raw = service.example_file()
    result = read_transcript(raw, "full-01.json")
    direct = analyse_session(result.transcript, GoldTagger(), warnings=result.warnings)
    session_id = service.upload(parts, owner, raw, "full-01.json").session.id
    work(parts, session_id)
    assert json.loads(report_json(service.report(parts, owner, session_id))) == json.loads(
        report_json(direct)
    )


def test_deleting_takes_the_waiting_work_with_it(parts, owner):
    session_id = service.upload(parts, owner, SMALL, "a.txt").session.id
    service.delete(parts, owner, session_id)
    assert queued(parts) == 0
    with pytest.raises(InputError) as refused:
        service.view_session(parts, owner, session_id)
    assert code_of(refused) == "not_found"


def test_progress_is_the_status_until_a_worker_says_more(parts, owner):
    session_id = service.upload(parts, owner, SMALL, "a.txt").session.id
    seen = service.progress(parts, owner, session_id)
    assert (seen.status, seen.failure, seen.done) == ("queued", "", None)


def test_who_waits_is_told_what_for_and_who_reads_is_not(parts, owner):
    session_id = service.upload(parts, owner, SMALL, "a.txt").session.id
    assert "suture worker" in service.progress(parts, owner, session_id).waits_for
    with shown(parts.store.engine, "a worker", clock=parts.store.clock) as say:
        assert "starting up" in service.progress(parts, owner, session_id).waits_for
        say(READY)
        assert service.progress(parts, owner, session_id).waits_for == ""
    work(parts, session_id)
    assert service.progress(parts, owner, session_id).waits_for == ""


def test_opening_a_report_leaves_one_row_in_the_audit(parts, owner):
    session_id = service.upload(parts, owner, SMALL, "a.txt").session.id
    assert opened_rows(parts, owner, session_id) == ["session.looked_at"]
    work(parts, session_id)
    assert opened_rows(parts, owner, session_id) == ["session.read"]


def opened_rows(parts, owner, session_id: str) -> list[str]:
    """What the audit says after the session was opened once more."""
    with reading(parts.store.engine) as conn:
        before = {row.seq for row in entries(conn, 1000)}
    view, report = service.open_session(parts, owner, session_id)
    assert view.session.id == session_id
    assert (report is not None) == (view.session.status == "ready")
    with reading(parts.store.engine) as conn:
        return [row.what for row in entries(conn, 1000) if row.seq not in before]


def test_a_session_is_renamed_by_who_may_change_it_and_its_report_says_so(parts, owner, make_user):
    session_id = service.upload(parts, owner, SMALL, "a.txt").session.id
    work(parts, session_id)
    assert service.rename(parts, owner, session_id, " Hour  9 ").title == "Hour 9"
    assert service.report(parts, owner, session_id).transcript.title == "Hour 9"
    for title, code in (("", "bad_title"), (" \n", "bad_title")):
        with pytest.raises(InputError) as refused:
            service.rename(parts, owner, session_id, title)
        assert code_of(refused) == code
    reader = make_user("trainee")
    service.grant(parts, owner, session_id, reader.id)
    with pytest.raises(InputError) as refused:
        service.rename(parts, reader, session_id, "Mine")
    assert code_of(refused) == "forbidden"
    with reading(parts.store.engine) as conn:
        rows = [(r.who, r.outcome) for r in entries(conn, 100) if r.what == "session.renamed"]
    assert sorted(rows) == sorted([(owner.id, "done"), (reader.id, "refused")])


def test_a_csv_has_a_row_a_turn_and_no_formulas(parts, owner):
    raw = b'T: =HYPERLINK("x")\nC: Fine, "I guess".\nT: @here +1\nC: -- well.\n'
    session_id = service.upload(parts, owner, raw, "a.txt").session.id
    work(parts, session_id)
    text = report_csv(service.report(parts, owner, session_id))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["text"] for row in rows] == [
        '\'=HYPERLINK("x")',
        'Fine, "I guess".',
        "'@here +1",
        "'-- well.",
    ]
    assert [row["speaker"] for row in rows] == ["therapist", "client", "therapist", "client"]


def test_an_unknown_format_is_refused(parts, owner):
    with pytest.raises(InputError) as refused:
        export_report(None, "pdf", "x")
    assert code_of(refused) == "bad_format"


def test_people_to_share_with_are_those_who_can_sign_in(parts, owner, make_user):
    other = make_user("tutor", name="Tutor")
    assert [person.id for person in service.people(parts, owner)] == [other.id]
    with pytest.raises(InputError):
        service.people(parts, make_user("trainee"))
