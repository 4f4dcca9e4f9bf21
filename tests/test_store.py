"""Therapy sessions in the store, on SQLite and on PostgreSQL."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from api import system_store
from api.audit import entries
from api.database import reading
from api.people import SYSTEM, User
from api.store import open_store
from api.tables import analyses, grants, metadata, session_keys, therapy_sessions, transcripts
from nlp.errors import InputError
from nlp.reading import ReadResult
from nlp.roles import RoleProposal
from nlp.tagging import ModelInfo, Strictness, TurnScores
from nlp.transcript import Span, Speaker, Transcript, Turn

SAID = "My sister Wilhelmina never rang back."
ANSWERED = "You sound let down by her."
ON_SQLITE = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
ROLES = {"Ada": Speaker.THERAPIST, "Bo": Speaker.CLIENT}


def a_result(said: str = SAID) -> ReadResult:
    turns = (
        Turn(0, "t0", Speaker.CLIENT, said, "Bo", start=0.5, end=2.25),
        Turn(1, "t1", Speaker.THERAPIST, ANSWERED, "Ada"),
        Turn(2, "t2", Speaker.OTHER, "[laughs] …\u2028 é \N{PILE OF POO}", ""),
    )
    transcript = Transcript("hour-7", turns, "Hour seven of Bo Quist", "text")
    roles = RoleProposal(dict(ROLES), 0.75, "Ada asks more questions")
    return ReadResult(transcript, ("line 3: something odd",), {"lines": 3, "turns": 3}, roles)


def upload(store, user, raw=b"the file", **options):
    return store.create_session(
        user, options.pop("result", a_result()), raw=raw, filename="Quist 7.txt", **options
    )


def some_scores() -> tuple[ModelInfo, tuple[TurnScores, ...]]:
    strictness = Strictness(0.5, 0.4, 0.3, 0.2, {"minimal_response": 0.61})
    scores = (
        TurnScores(
            0, rupture=0.1 + 0.2, withdrawal=0.7, confrontation=0.01, codes={"a": 0.5}, sentences=(0.9, 0.1)
        ),
        TurnScores(1, repair=0.33, intensity=1.5),
        TurnScores(2),
    )
    return ModelInfo("small", "3", "1.2", {"balanced": strictness}), scores


def analyse(store, session_id):
    work = system_store.start_analysis(store, session_id)
    model, scores = some_scores()
    saved = system_store.save_analysis(
        store, session_id, work.roles_version, work.reading.transcript, model, scores
    )
    assert saved


def refused(code, action, *arguments):
    with pytest.raises(InputError) as caught:
        action(*arguments)
    assert caught.value.code == code


def trail_of(store, session_id=None):
    with reading(store.engine) as conn:
        rows = reversed(entries(conn, 10_000))
    return [(r.who, r.what, r.outcome) for r in rows if session_id in (None, r.object_id)]


def count(store, table):
    with reading(store.engine) as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def test_what_is_read_back_equals_what_was_kept(store, make_user):
    user = make_user()
    created = upload(store, user)
    stored = store.read_session(user, created.session.id)
    assert stored.reading == a_result()
    assert stored.analysis is None
    assert stored.session == created.session
    assert (stored.session.title, stored.session.filename) == ("Hour seven of Bo Quist", "Quist 7.txt")
    assert (stored.session.turns, stored.session.size, stored.session.warnings) == (3, 8, 1)
    assert (stored.session.level, stored.session.status, stored.session.roles_version) == ("own", "queued", 1)


def test_the_same_file_again_gives_the_session_already_there(store, make_user):
    user, calls = make_user(), []
    first = upload(store, user, in_transaction=lambda conn, session_id: calls.append(session_id))
    again = upload(store, user, in_transaction=lambda conn, session_id: calls.append(session_id))
    assert (first.new, again.new) == (True, False)
    assert calls == [first.session.id]
    assert again.session.id == first.session.id


def test_the_same_file_by_another_person_is_another_session(store, make_user):
    first, second = upload(store, make_user()), upload(store, make_user())
    assert second.new and first.session.id != second.session.id


def test_the_same_file_uploaded_many_times_at_once_is_one_session(store, make_user):
    user, barrier = make_user(), threading.Barrier(6)

    def one(_):
        barrier.wait()
        return upload(store, user)

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(one, range(6)))
    assert sum(m.new for m in made) == 1
    assert len({m.session.id for m in made}) == 1
    assert store.verify_audit().ok


def test_an_upload_whose_job_cannot_be_queued_is_not_kept(store, make_user):
    user = make_user()

    def fail(conn, session_id):
        raise RuntimeError("no queue")

    with pytest.raises(RuntimeError):
        upload(store, user, in_transaction=fail)
    assert store.list_sessions(user).items == ()
    assert count(store, session_keys) == count(store, transcripts) == 0


def test_the_hook_sees_the_session_in_its_own_transaction(store, make_user):
    seen = []

    def look(conn, session_id):
        query = select(therapy_sessions.c.status).where(therapy_sessions.c.id == session_id)
        seen.append(conn.execute(query).scalar_one())

    upload(store, make_user(), status="needs_roles", in_transaction=look)
    assert seen == ["needs_roles"]


def test_nobody_else_sees_a_session_not_even_an_admin(store, make_user):
    owner, session_id = make_user(), None
    session_id = upload(store, owner).session.id
    for other in (make_user("admin"), make_user("tutor"), SYSTEM, User("", "", "", "admin")):
        assert store.list_sessions(other).items == ()
        for ask in (
            store.get_session,
            store.get_status,
            store.read_session,
            store.delete_session,
            store.retry,
            store.grants,
        ):
            refused("not_found", ask, other, session_id)
        refused("not_found", store.set_roles, other, session_id, ROLES)
        refused("not_found", store.rename, other, session_id, "Mine")
        refused("not_found", store.grant, other, session_id, owner.id)
        refused("not_found", store.revoke, other, session_id, owner.id)
    assert store.read_session(owner, session_id).session.title == "Hour seven of Bo Quist"


def test_a_session_that_is_not_there_and_one_not_shared_look_the_same(store, make_user):
    user, theirs = make_user(), upload(store, make_user()).session.id
    messages = set()
    for session_id in (theirs, str(uuid.uuid4()), "x" * 5000, "", "\0", theirs.upper()):
        with pytest.raises(InputError) as caught:
            store.read_session(user, session_id)
        messages.add((str(caught.value), caught.value.code))
    assert len(messages) == 1


def test_a_reader_may_read_but_not_change(store, make_user):
    owner, reader = make_user(), make_user("trainee")
    session_id = upload(store, owner).session.id
    given = store.grant(owner, session_id, reader.email.upper())
    assert store.grants(owner, session_id) == (given,)
    assert store.read_session(reader, session_id).session.level == "read"
    assert [s.level for s in store.list_sessions(reader).items] == ["read"]
    refused("forbidden", store.set_roles, reader, session_id, ROLES)
    refused("forbidden", store.rename, reader, session_id, "Mine")
    refused("forbidden", store.delete_session, reader, session_id)
    refused("forbidden", store.grants, reader, session_id)
    refused("forbidden", store.grant, reader, session_id, reader.id)


def test_a_writer_may_change_but_not_delete_or_share(store, make_user):
    owner, writer = make_user(), make_user()
    session_id = upload(store, owner).session.id
    store.grant(owner, session_id, writer.id, "write")
    assert store.rename(writer, session_id, "  Hour\n7 ").title == "Hour 7"
    assert store.read_session(owner, session_id).session.title == "Hour 7"
    refused("forbidden", store.delete_session, writer, session_id)
    refused("forbidden", store.grant, writer, session_id, writer.id)


def test_who_does_not_own_a_session_learns_of_nobody_whether_they_are_here(store, make_user):
    owner, reader, stranger, known = make_user(), make_user(), make_user(), make_user()
    session_id = upload(store, owner).session.id
    store.grant(owner, session_id, reader.id)
    for asking in (reader, stranger):
        for change in (store.grant, store.revoke):
            answers = set()
            for person in (known.id, known.email, "nobody@example.org"):
                with pytest.raises(InputError) as caught:
                    change(asking, session_id, person)
                answers.add((str(caught.value), caught.value.code))
            assert len(answers) == 1 and answers.pop()[1] in ("forbidden", "not_found")
    refused("no_such_user", store.grant, owner, session_id, "nobody@example.org")
    assert store.get_session(owner, session_id, "own").id == session_id
    refused("forbidden", store.get_session, reader, session_id, "own")


def test_an_error_of_the_database_tells_no_values(store):
    with pytest.raises(DBAPIError, match="nowhere") as caught, store.engine.begin() as conn:
        conn.execute(text("SELECT :said FROM nowhere"), {"said": SAID})
    assert "Wilhelmina" not in str(caught.value)


def test_what_is_taken_back_is_seen_no_more(store, make_user):
    owner, reader = make_user(), make_user()
    session_id = upload(store, owner).session.id
    store.grant(owner, session_id, reader.id, "write")
    store.grant(owner, session_id, reader.id, "read")
    refused("forbidden", store.rename, reader, session_id, "Mine")
    store.revoke(owner, session_id, reader.id)
    refused("not_found", store.get_session, reader, session_id)
    assert store.list_sessions(reader).items == ()


def test_a_session_is_shared_only_with_others_who_can_sign_in(store, make_user):
    owner = make_user()
    session_id = upload(store, owner).session.id
    refused("bad_grant", store.grant, owner, session_id, owner.id)
    refused("bad_grant", store.grant, owner, session_id, make_user().id, "own")
    refused("no_such_user", store.grant, owner, session_id, "nobody@example.org")


def test_the_list_is_paged_newest_first_and_new_uploads_do_not_shift_it(store, make_user, clock):
    user, made = make_user(), []
    for i in range(7):
        clock.advance(seconds=i % 2)  # some at the same moment
        made.append(upload(store, user, raw=b"%d" % i).session)
    expected = [s.id for s in sorted(made, key=lambda s: (s.created_at, s.id), reverse=True)]
    first = store.list_sessions(user, limit=3)
    clock.advance(seconds=1)
    upload(store, user, raw=b"new")
    second = store.list_sessions(user, limit=3, after=first.next)
    third = store.list_sessions(user, limit=3, after=second.next)
    assert [s.id for page in (first, second, third) for s in page.items] == expected
    assert third.next is None


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!!", "é", "MjAyNi0wMS0wMQ", "bm9uZSBub25l", "MjAyNi0wMS0wMSB4"]
)
def test_a_cursor_we_never_gave_is_refused(sqlite_store, cursor):
    refused("bad_cursor", lambda: sqlite_store.list_sessions(SYSTEM, after=cursor))


def test_other_roles_drop_the_scores_and_queue_the_session_again(store, make_user):
    user, queued = make_user(), []
    session_id = upload(store, user).session.id
    analyse(store, session_id)
    swapped = {"Ada": Speaker.CLIENT, "Bo": Speaker.THERAPIST}
    row = store.set_roles(user, session_id, swapped, lambda conn, i: queued.append(i))
    stored = store.read_session(user, session_id)
    assert (row.status, row.roles_version, queued) == ("queued", 2, [session_id])
    assert stored.session == row and stored.analysis is None
    assert [t.speaker for t in stored.reading.transcript.turns[:2]] == ["therapist", "client"]


def test_roles_set_by_two_people_at_once_count_as_two_changes(store, make_user):
    owner, other = make_user(), make_user()
    session_id = upload(store, owner).session.id
    store.grant(owner, session_id, other.id, "write")
    swapped = {"Ada": Speaker.CLIENT, "Bo": Speaker.THERAPIST}
    with ThreadPoolExecutor(1) as pool:
        running = []

        def meanwhile(conn, _):
            running.append(pool.submit(store.set_roles, other, session_id, ROLES))
            time.sleep(0.3)

        assert store.set_roles(owner, session_id, swapped, meanwhile).roles_version == 2
        assert running[0].result().roles_version == 3
    assert store.read_session(owner, session_id).reading == a_result()


def test_scores_saved_while_other_roles_are_being_set_are_not_kept(store, make_user):
    user = make_user()
    session_id = upload(store, user).session.id
    transcript = system_store.start_analysis(store, session_id).reading.transcript
    with ThreadPoolExecutor(1) as pool:
        running = []

        def meanwhile(conn, _):
            save = (system_store.save_analysis, store, session_id, 1, transcript, *some_scores())
            running.append(pool.submit(*save))
            time.sleep(0.3)

        store.set_roles(user, session_id, {"Ada": Speaker.CLIENT, "Bo": Speaker.THERAPIST}, meanwhile)
        assert running[0].result() is False
    stored = store.read_session(user, session_id)
    assert stored.analysis is None
    assert stored.reading.transcript.turns[0].speaker == "therapist"


def test_the_same_roles_again_change_nothing(store, make_user):
    user, queued = make_user(), []
    session_id = upload(store, user).session.id
    analyse(store, session_id)
    row = store.set_roles(user, session_id, ROLES, lambda conn, i: queued.append(i))
    assert (row.status, row.roles_version, queued) == ("ready", 1, [])
    assert store.read_session(user, session_id).analysis is not None


def test_confirming_the_proposed_roles_queues_a_session_that_waited_for_them(store, make_user):
    user, queued = make_user(), []
    session_id = upload(store, user, status="needs_roles").session.id
    row = store.set_roles(user, session_id, ROLES, lambda conn, i: queued.append(i))
    assert (row.status, queued) == ("queued", [session_id])


@pytest.mark.parametrize(
    "roles",
    [
        {"Nobody": Speaker.CLIENT},
        {"Ada": "shepherd"},
        {"Ada": Speaker.CLIENT},
        {"Ada": Speaker.OTHER, "Bo": Speaker.OTHER},
    ],
)
def test_roles_that_do_not_fit_are_refused_and_change_nothing(store, make_user, roles):
    user = make_user()
    session_id = upload(store, user).session.id
    refused("bad_roles", store.set_roles, user, session_id, roles)
    assert store.read_session(user, session_id).reading == a_result()


def test_scores_come_back_as_they_were_saved_with_the_sentences(store, make_user):
    user = make_user()
    session_id = upload(store, user).session.id
    work = system_store.start_analysis(store, session_id)
    assert store.get_status(user, session_id).status == "analysing"
    assert work.reading == a_result()
    turns = tuple(replace(t, sentences=(Span(0, len(t.text)),)) for t in work.reading.transcript.turns)
    split = replace(work.reading.transcript, turns=turns)
    model, scores = some_scores()
    assert system_store.save_analysis(store, session_id, 1, split, model, scores)
    stored = store.read_session(user, session_id)
    assert (stored.analysis.model, stored.analysis.scores) == (model, scores)
    assert stored.reading.transcript == split
    assert stored.session.status == "ready"


def test_scores_for_roles_that_were_changed_meanwhile_are_not_kept(store, make_user):
    user = make_user()
    session_id = upload(store, user).session.id
    work = system_store.start_analysis(store, session_id)
    store.set_roles(user, session_id, {"Ada": Speaker.CLIENT, "Bo": Speaker.THERAPIST})
    model, scores = some_scores()
    saved = system_store.save_analysis(store, session_id, 1, work.reading.transcript, model, scores)
    assert not saved
    assert not system_store.fail_analysis(store, session_id, 1, "tagger_error")
    stored = store.read_session(user, session_id)
    assert (stored.analysis, stored.session.status) == (None, "queued")
    assert stored.reading.transcript.turns[0].speaker == "therapist"


def test_scores_for_a_session_deleted_meanwhile_are_not_kept(store, make_user):
    user = make_user()
    session_id = upload(store, user).session.id
    work = system_store.start_analysis(store, session_id)
    store.delete_session(user, session_id)
    model, scores = some_scores()
    assert not system_store.save_analysis(store, session_id, 1, work.reading.transcript, model, scores)
    assert system_store.start_analysis(store, session_id) is None
    assert count(store, analyses) == 0


def test_an_analysis_saved_twice_is_kept_once(store, make_user):
    session_id = upload(store, make_user()).session.id
    work = system_store.start_analysis(store, session_id)
    save = (store, session_id, 1, work.reading.transcript, *some_scores())
    assert [system_store.save_analysis(*save), system_store.save_analysis(*save)] == [True, False]
    assert count(store, analyses) == 1


def test_a_failed_session_says_why_and_can_be_tried_again(store, make_user):
    user, queued = make_user(), []
    session_id = upload(store, user).session.id
    refused("wrong_state", store.retry, user, session_id)
    assert system_store.fail_analysis(store, session_id, None, "time_limit")
    assert store.get_status(user, session_id).failure == "time_limit"
    row = store.retry(user, session_id, lambda conn, i: queued.append(i))
    assert (row.status, row.failure, queued) == ("queued", None, [session_id])


def test_what_waits_for_analysis_is_listed_for_the_workers(store, make_user):
    user = make_user()
    ids = [upload(store, user, raw=b"%d" % i).session.id for i in range(3)]
    upload(store, user, raw=b"x", status="needs_roles")
    analyse(store, ids[0])
    system_store.start_analysis(store, ids[1])
    with reading(store.engine) as conn:
        assert set(system_store.waiting(conn)) == set(ids[1:])


def test_deleting_a_session_leaves_no_row_of_it_and_no_key(store, make_user):
    owner, reader = make_user(), make_user()
    kept, gone = upload(store, owner).session.id, upload(store, owner, raw=b"2").session.id
    store.grant(owner, gone, reader.id)
    analyse(store, gone)
    store.delete_session(owner, gone)
    for table in (therapy_sessions, session_keys, transcripts):
        assert count(store, table) == 1
    assert count(store, analyses) == count(store, grants) == 0
    refused("not_found", store.read_session, owner, gone)
    assert store.read_session(owner, kept).reading == a_result()


def test_a_deletion_that_cannot_be_finished_deletes_nothing(store, make_user):
    owner = make_user()
    session_id = upload(store, owner).session.id

    def fail(conn, _):
        raise IntegrityError("", {}, Exception())

    with pytest.raises(IntegrityError):
        store.delete_session(owner, session_id, fail)
    assert store.read_session(owner, session_id).reading == a_result()


def test_every_access_leaves_a_row_with_who_and_what(store, make_user):
    owner, reader, stranger = make_user(), make_user(), make_user()
    session_id = upload(store, owner).session.id
    store.grant(owner, session_id, reader.id)
    store.read_session(reader, session_id)
    store.read_session(reader, session_id, "export")
    refused("forbidden", store.rename, reader, session_id, "x")
    refused("not_found", store.read_session, stranger, session_id)
    refused("not_found", store.get_status, stranger, session_id)
    analyse(store, session_id)
    store.revoke(owner, session_id, reader.id)
    store.delete_session(owner, session_id)
    assert trail_of(store, session_id) == [
        (owner.id, "session.created", "done"),
        (owner.id, "session.granted", "done"),
        (reader.id, "session.read", "done"),
        (reader.id, "session.exported", "done"),
        (reader.id, "session.renamed", "refused"),
        (stranger.id, "session.read", "refused"),
        (stranger.id, "session.looked_at", "refused"),
        ("system", "analysis.started", "done"),
        ("system", "analysis.saved", "done"),
        (owner.id, "session.revoked", "done"),
        (owner.id, "session.deleted", "done"),
    ]
    assert store.verify_audit().ok


def test_a_change_that_fails_leaves_no_row_that_says_it_was_done(store, make_user):
    user = make_user()
    session_id = upload(store, user).session.id
    before = trail_of(store, session_id)

    def fail(conn, _):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.set_roles(user, session_id, {"Ada": Speaker.CLIENT, "Bo": Speaker.THERAPIST}, fail)
    assert trail_of(store, session_id) == before


def test_an_id_that_somebody_typed_never_reaches_the_trail(store, make_user):
    user = make_user()
    refused("not_found", store.read_session, user, "Wilhelmina")
    with reading(store.engine) as conn:
        assert entries(conn, 1)[0].object_id == ""


def test_only_an_admin_reads_the_trail_and_that_is_on_record(store, make_user):
    admin = make_user("admin")
    refused("forbidden", store.read_audit, make_user("supervisor"))
    store.read_audit(admin)
    assert store.read_audit(admin, 1)[0].what == "audit.read"
    assert trail_of(store)[-1] == (admin.id, "audit.read", "done")


def files_of(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


@ON_SQLITE
def test_nothing_said_and_no_name_is_on_the_disk_in_the_clear(store, settings, make_user):
    user = make_user()
    session_id = upload(store, user, title="Wilhelmina's hour").session.id
    analyse(store, session_id)
    store.rename(user, session_id, "Quist seven")
    on_disk = files_of(settings.data_dir)
    assert session_id.encode() in on_disk  # so it is the right files we look at
    for secret in (
        SAID,
        ANSWERED,
        "Wilhelmina",
        "Quist",
        "Ada",
        "hour-7",
        "something odd",
        "minimal_response",
    ):
        for encoding in ("utf-8", "utf-16-le"):
            assert secret.encode(encoding) not in on_disk


@ON_SQLITE
def test_a_deleted_session_s_key_and_text_are_gone_from_the_disk(store, settings, make_user):
    user = make_user()
    session_id = upload(store, user).session.id
    with reading(store.engine) as conn:
        wrapped = conn.execute(select(session_keys.c.wrapped)).scalar_one()
        sealed = conn.execute(select(transcripts.c.sealed_transcript)).scalar_one()
    assert wrapped in files_of(settings.data_dir)
    store.delete_session(user, session_id)
    on_disk = files_of(settings.data_dir)
    assert wrapped not in on_disk
    assert sealed[:40] not in on_disk


def test_what_was_kept_is_there_after_opening_the_store_again(store, store_settings):
    user = User(str(uuid.uuid4()), "a@example.org", "A", "tutor")
    with store.engine.begin() as conn:
        row = vars(user) | {"email_key": user.email, "password_hash": "", "created_at": store.clock()}
        conn.execute(metadata.tables["users"].insert().values(**row))
    session_id = upload(store, user).session.id
    store.close()
    again = open_store(store_settings, store.clock)
    assert again.read_session(user, session_id).reading == a_result()
    assert again.verify_audit().ok
    again.close()


def test_another_master_key_is_refused_before_anything_is_done(store, store_settings):
    wrong = replace(store_settings, master_key="QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY=")
    refused("wrong_master_key", open_store, wrong)


def test_a_missing_master_key_is_said_to_be_missing_and_not_made_anew(store, store_settings):
    store_settings.master_key_file.unlink()
    refused("wrong_master_key", open_store, store_settings)
    assert not store_settings.master_key_file.exists()


@ON_SQLITE
def test_only_its_owner_may_read_the_data_folder_and_its_files(store, settings, make_user):
    upload(store, make_user())
    modes = {p.name: p.stat().st_mode & 0o777 for p in [settings.data_dir, *settings.data_dir.iterdir()]}
    files = {"suture.db", "suture.db-wal", "suture.db-shm", "master.key"}
    assert modes == {settings.data_dir.name: 0o700} | dict.fromkeys(files, 0o600)
