"""Coding projects in the store, on SQLite and on PostgreSQL: who may see and code what, and nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from annotation.assigning import Design
from annotation.standoff import Episode
from api.audit import entries
from api.coding import keys
from api.coding.codings import project_codings
from api.coding.entries import CODED, NOTHING, WHOLE, CodeOnTurn, Entry, Ratings, Whole
from api.coding.overview import list_projects, my_tasks, read_project
from api.coding.projects import NewProject, add_sessions, create_project
from api.coding.tables import coding_assignments, coding_entries, project_sessions
from api.coding.work import (
    Sent,
    finish,
    open_assignment,
    save_entries,
    save_first_pass,
    suggestions,
)
from api.database import reading
from api.grants import visible_to
from api.system_store import save_analysis, start_analysis
from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.segmentation import split_sentences
from nlp.transcript import Span
from tests.gold_tagger import GoldTagger

BOOK = load_codebook()
TALK = (
    b"Therapist: How was the week?\nClient: Fine, I guess.\n"
    b"Therapist: You sound unsure. It is your call what we talk about.\nClient: I dunno. Whatever.\n"
)
DENIES = Entry(CODED, (CodeOnTurn("denial", 0, 5, 3),), unsure=True, comment="plays it down: Zebedee")
ANSWERS = Entry(CODED, (CodeOnTurn("validates_position", 18, 36),), answers=(1,))
SEEN = Entry(NOTHING)
RATED = Whole((Episode(1, 3, "withdrawal", "partly"),), Ratings(withdrawal=4, resolution=2))


@pytest.fixture
def lead(make_user):
    return make_user("researcher", name="Lena Lead")


@pytest.fixture
def ann(make_user):
    return make_user("tutor", name="Ann Coder")


@pytest.fixture
def ben(make_user):
    return make_user("supervisor", name="Ben Coder")


@pytest.fixture
def hour(upload, lead):
    """The lead's session, not yet read by the tagger."""
    return upload(lead, TALK, title="Hour one").session.id


@pytest.fixture
def project(store, lead, ann, ben, hour):
    """A project of one session that both code."""
    return create_project(store, lead, NewProject("Pilot", [hour], [ann.id, ben.id], Design(2)), BOOK.version)


@pytest.fixture
def refused():
    """Checks that something is refused with this code."""

    def check(code, act, *given):
        with pytest.raises(InputError) as caught:
            act(*given)
        assert caught.value.code == code

    return check


def task_of(store, user) -> str:
    (task,) = my_tasks(store, user)
    return task.id


def save(store, user, task, *sent, base=0):
    made = [Sent(turn, base, said) for turn, said in sent]
    return [(a.outcome, a.version) for a in save_entries(store, user, task, made, BOOK)]


def code_all(store, user, first=DENIES):
    task = task_of(store, user)
    save(store, user, task, (0, SEEN), (1, first), (2, ANSWERS), (3, SEEN), (WHOLE, RATED))
    save_first_pass(store, user, task)
    return task


def said(store, user, task) -> dict:
    return {one.turn: one.said for one in open_assignment(store, user, task).saved}


def test_a_project_shares_its_sessions_out_at_once_and_shows_who_codes_what(store, project, lead, ann, ben):
    seen = read_project(store, lead, project)
    assert (seen.name, seen.codebook_version, seen.design) == ("Pilot", BOOK.version, Design(2, 1.0))
    assert {m.name: m.roles for m in seen.members} == {
        "Ann Coder": ("coder",),
        "Ben Coder": ("coder",),
        "Lena Lead": ("lead",),
    }
    (session,) = seen.sessions
    assert (session.title, session.turns, session.chosen) == ("Hour one", 4, "hand")
    assert [(t.coder_name, t.state, t.judged) for t in session.tasks] == [
        ("Ann Coder", "open", 0),
        ("Ben Coder", "open", 0),
    ]
    assert [line.name for line in list_projects(store, ann)] == ["Pilot"]


def test_what_is_said_of_every_turn_and_of_the_whole_comes_back_as_it_was(store, project, ann):
    task = task_of(store, ann)
    sent = {0: SEEN, 1: DENIES, 2: ANSWERS, WHOLE: RATED}
    assert save(store, ann, task, *sent.items()) == [("saved", 1)] * 4
    assert said(store, ann, task) == sent
    assert my_tasks(store, ann)[0].judged == 3


def test_a_coder_reads_the_transcript_through_the_assignment_but_not_the_report(
    store, project, ann, hour, refused
):
    opened = open_assignment(store, ann, task_of(store, ann))
    assert [t.text for t in opened.transcript.turns][1] == "Fine, I guess."
    refused("not_found", store.read_session, ann, hour)
    with reading(store.engine) as conn:
        assert conn.execute(visible_to(ann)).all() == []
        rows = entries(conn)
    assert ("coding.opened", ann.id, hour) in [(row.what, row.who, row.object_id) for row in rows]
    given = [(row.what, row.object_id, row.other_id) for row in rows]
    assert ("session.assigned", hour, ann.id) in given


def test_nobody_else_opens_saves_or_finishes_a_coders_assignment(
    store, project, lead, ann, ben, make_user, refused
):
    task = task_of(store, ann)
    for other in (ben, lead, make_user("admin"), make_user("trainee")):
        refused("not_found", open_assignment, store, other, task)
        refused("not_found", save_entries, store, other, task, [Sent(0, 0, SEEN)], BOOK)
        refused("not_found", save_first_pass, store, other, task)
        refused("not_found", suggestions, store, other, task, BOOK)
        refused("not_found", finish, store, other, task)
    refused("not_found", read_project, store, make_user("admin"), project)
    refused("not_found", project_codings, store, make_user("researcher"), project)
    refused("not_found", open_assignment, store, ann, "no such id")
    assert said(store, ann, task) == {}
    with reading(store.engine) as conn:
        assert any(row.outcome == "refused" and row.what == "coding.saved" for row in entries(conn))


def test_sending_again_what_is_saved_changes_nothing(store, project, ann):
    task = task_of(store, ann)
    assert save(store, ann, task, (1, DENIES)) == [("saved", 1)]
    assert save(store, ann, task, (1, DENIES)) == [("saved", 1)]  # the answer was lost on the way


def test_a_change_made_from_an_older_version_is_told_so_and_can_be_put_on_top(store, project, ann):
    task = task_of(store, ann)
    save(store, ann, task, (1, DENIES))
    assert save(store, ann, task, (1, SEEN)) == [("conflict", 1)]
    assert said(store, ann, task) == {1: DENIES}
    assert save(store, ann, task, (1, SEEN), base=1) == [("saved", 2)]
    with reading(store.engine) as conn:
        versions = conn.execute(select(coding_entries.c.version).order_by(coding_entries.c.version))
        assert list(versions.scalars()) == [1, 2]  # the earlier one is kept


def test_one_bad_entry_keeps_no_good_one_out(store, project, ann):
    task = task_of(store, ann)
    assert [o for o, _ in save(store, ann, task, (0, SEEN), (1, ANSWERS), (3, SEEN))] == [
        "saved",
        "refused",
        "saved",
    ]


@pytest.mark.parametrize(
    "turn, bad",
    [
        (1, replace(DENIES, state=NOTHING)),
        (1, Entry("whatever")),
        (1, replace(DENIES, codes=DENIES.codes * 2)),
        (1, replace(DENIES, codes=(CodeOnTurn("denial", 3, 3),))),
        (1, replace(DENIES, codes=(CodeOnTurn("denial", 0, 99),))),
        (1, replace(DENIES, codes=(CodeOnTurn("denial", 0, 5, 4),))),
        (1, replace(DENIES, codes=(CodeOnTurn("no_such_code", 0, 5),))),
        (0, DENIES),  # a client's code on a therapist's turn
        (1, replace(DENIES, answers=(0,))),
        (2, replace(ANSWERS, answers=(3,))),
        (2, replace(ANSWERS, answers=(0,))),
        (1, replace(SEEN, comment="x" * 2001)),
        (9, SEEN),
        (-2, SEEN),
        (0, RATED),
        (WHOLE, SEEN),
        (WHOLE, Whole((Episode(2, 1, "mixed", "no"),))),
        (WHOLE, Whole((Episode(0, 4, "mixed", "no"),))),
        (WHOLE, Whole((Episode(0, 1, "sad", "no"),))),
        (WHOLE, Whole((Episode(0, 1, "mixed", "never"),))),
        (WHOLE, Whole(ratings=Ratings(withdrawal=6))),
    ],
)
@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_what_does_not_fit_the_session_is_refused(store, project, ann, turn, bad):
    task = task_of(store, ann)
    assert save(store, ann, task, (turn, bad)) == [("refused", 0)]
    assert said(store, ann, task) == {}


def test_the_first_pass_ends_when_every_turn_was_looked_at(store, project, ann, refused):
    task = task_of(store, ann)
    save(store, ann, task, (0, SEEN), (1, DENIES), (2, SEEN))
    refused("wrong_state", save_first_pass, store, ann, task)
    save(store, ann, task, (3, SEEN))
    assert save_first_pass(store, ann, task).state == "first_pass"
    assert save_first_pass(store, ann, task).state == "first_pass"
    assert finish(store, ann, task).state == "finished"
    refused("wrong_state", save_entries, store, ann, task, [Sent(0, 1, DENIES)], BOOK)


def test_suggestions_come_after_the_first_pass_and_what_changes_after_them_is_kept_apart(
    store, project, lead, ann, hour, refused
):
    task = task_of(store, ann)
    refused("wrong_state", suggestions, store, ann, task, BOOK)
    code_all(store, ann)
    refused("not_ready", suggestions, store, ann, task, BOOK)
    work, tagger = start_analysis(store, hour), GoldTagger()
    transcript = split_sentences(work.reading.transcript)
    save_analysis(store, hour, work.roles_version, transcript, tagger.info, tagger.score(transcript))
    assert suggestions(store, ann, task, BOOK) == ()  # the tagger for tests marks nothing it does not know
    assert save(store, ann, task, (1, SEEN), base=1) == [("saved", 2)]
    finish(store, ann, task)
    shown = read_project(store, lead, project).sessions[0].tasks
    assert [t.changed_after for t in shown if t.coder_id == ann.id] == [1]
    (after,) = project_codings(store, lead, project)
    (blind,) = project_codings(store, lead, project, before_suggestions=True)
    assert [t.code for t in after.tags[ann.id]] == ["validates_position"]
    assert [t.code for t in blind.tags[ann.id]] == ["denial", "validates_position"]


def test_finished_codings_are_given_as_coded_transcripts(store, project, lead, ann, hour):
    finish(store, ann, code_all(store, ann))
    (coded,) = project_codings(store, lead, project)
    assert (coded.transcript.id, coded.transcript.title, coded.source) == (hour, "Hour one", "project")
    assert list(coded.tags) == [ann.id]
    denial, validation = coded.tags[ann.id]
    assert (denial.turn, denial.code, denial.evidence, denial.intensity) == (1, "denial", Span(0, 5), 3)
    assert (denial.source, validation.turn) == (ann.id, 2)
    assert coded.episodes == {ann.id: (Episode(1, 3, "withdrawal", "partly"),)}
    assert coded.looked_at == {ann.id: frozenset(range(4))}
    assert coded.ratings == {ann.id: {"withdrawal": 4, "resolution": 2}}


def test_a_coder_sees_others_work_only_when_their_own_is_finished(store, project, lead, ann, ben):
    finish(store, ann, code_all(store, ann))
    assert project_codings(store, ben, project) == ()
    assert [t.judged for t in read_project(store, ben, project).sessions[0].tasks] == [None, 0]
    task = code_all(store, ben, first=SEEN)
    assert project_codings(store, ben, project) == ()  # a first pass is not yet finished
    finish(store, ben, task)
    (coded,) = project_codings(store, ben, project)
    assert set(coded.tags) == {ann.id, ben.id}


def test_a_lead_who_codes_sees_nobodys_work_before_finishing_their_own(store, lead, ann, hour):
    project = create_project(
        store, lead, NewProject("Both", [hour], [lead.id, ann.id], Design(2)), BOOK.version
    )
    finish(store, ann, code_all(store, ann))
    assert project_codings(store, lead, project) == ()
    finish(store, lead, code_all(store, lead))
    assert len(project_codings(store, lead, project)) == 1


def test_an_adjudicator_sees_what_is_finished_and_codes_nothing(store, lead, ann, ben, hour):
    new = NewProject("Judged", [hour], [ann.id], adjudicators=[ben.id])
    project = create_project(store, lead, new, BOOK.version)
    assert project_codings(store, ben, project) == ()
    finish(store, ann, code_all(store, ann))
    assert len(project_codings(store, ben, project)) == 1
    assert my_tasks(store, ben) == ()


def test_who_may_lead_and_who_may_code(store, make_user, upload, ann, refused):
    for role in ("tutor", "trainee"):
        person = make_user(role)
        session = upload(person).session.id
        refused(
            "forbidden", create_project, store, person, NewProject("No", [session], [ann.id]), BOOK.version
        )
    lead = make_user("supervisor")
    session = upload(lead).session.id
    bad = [[make_user("trainee").id], [], ["nobody"], [ann.email]]
    for coders in bad:
        refused("bad_coders", create_project, store, lead, NewProject("No", [session], coders), BOOK.version)
    refused("bad_sessions", create_project, store, lead, NewProject("No", [], [ann.id]), BOOK.version)
    refused("bad_name", create_project, store, lead, NewProject(" ", [session], [ann.id]), BOOK.version)
    refused(
        "bad_design",
        create_project,
        store,
        lead,
        NewProject("No", [session], [ann.id], Design(2)),
        BOOK.version,
    )
    assert list_projects(store, lead) == ()


def test_a_session_of_somebody_else_is_coded_by_those_it_is_shared_with(
    store, lead, ann, ben, upload, refused
):
    theirs = upload(ben, TALK + b"Client: Bye.\n").session.id
    new = NewProject("Shared", [theirs], [ann.id])
    refused("not_found", create_project, store, lead, new, BOOK.version)
    store.grant(ben, theirs, lead.id, "write")
    refused("bad_sessions", create_project, store, lead, new, BOOK.version)
    store.grant(ben, theirs, ann.id)
    create_project(store, lead, new, BOOK.version)
    task = task_of(store, ann)
    assert len(open_assignment(store, ann, task).transcript.turns) == 5
    store.revoke(ben, theirs, ann.id)
    refused("not_found", open_assignment, store, ann, task)
    assert my_tasks(store, ann) == ()


def test_sessions_are_added_by_the_lead_with_how_they_were_chosen(
    store, project, lead, ann, ben, upload, hour, refused
):
    more = upload(lead, TALK + b"Client: Bye.\n", title="Hour two").session.id
    refused("forbidden", add_sessions, store, ann, project, [more])
    add_sessions(store, lead, project, [hour, more], "random")
    shown = read_project(store, lead, project).sessions
    assert [(s.title, s.chosen, len(s.tasks)) for s in shown] == [
        ("Hour one", "hand", 2),
        ("Hour two", "random", 2),
    ]
    refused("bad_sessions", add_sessions, store, lead, project, [hour])
    refused("bad_chosen", add_sessions, store, lead, project, [hour], "whim")


def test_deleting_a_session_destroys_all_its_coding(store, project, lead, ann, hour):
    code_all(store, ann)
    store.delete_session(lead, hour)
    with reading(store.engine) as conn:
        for table in (project_sessions, coding_assignments, coding_entries):
            assert conn.execute(select(table)).all() == []
    assert read_project(store, lead, project).sessions == ()
    assert my_tasks(store, ann) == ()


def test_no_code_comment_or_name_is_in_the_database_in_the_clear(store, project, ann):
    save(store, ann, task_of(store, ann), (1, DENIES))
    with reading(store.engine) as conn:
        for table in ("projects", "coding_entries", "coding_assignments", "audit"):
            for row in conn.exec_driver_sql(f"SELECT * FROM {table}"):
                kept = b" ".join(
                    bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row
                )
                assert not any(word in kept for word in (b"Zebedee", b"denial", b"Pilot"))


def test_an_entry_moved_to_another_coder_does_not_open(store, project, ann, ben):
    save(store, ann, task_of(store, ann), (1, DENIES))
    with store.engine.begin() as conn:
        conn.execute(coding_entries.update().values(assignment_id=task_of_row(conn, ben)))
    with pytest.raises(Exception, match="does not open"):
        open_assignment(store, ben, task_of(store, ben))


def task_of_row(conn, user) -> str:
    a = coding_assignments.c
    return conn.execute(select(a.id).where(a.coder_id == user.id)).scalar_one()


def test_two_coders_and_two_windows_at_once_lose_nothing(store, project, ann, ben):
    tasks = {user.id: task_of(store, user) for user in (ann, ben)}

    def window(user, turn):
        base, done = 0, []
        for n in range(5):
            entry = Entry(NOTHING, comment=f"{user.name} {turn} {n}")
            (answer,) = save_entries(store, user, tasks[user.id], [Sent(turn, base, entry)], BOOK)
            base = answer.version
            done.append(answer.outcome)
        return done

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(window, user, turn) for user in (ann, ben) for turn in (0, 1)]
        assert [f.result() for f in running] == [["saved"] * 5] * 4
    for user in (ann, ben):
        kept = said(store, user, tasks[user.id])
        assert {t: e.comment for t, e in kept.items()} == {t: f"{user.name} {t} 4" for t in (0, 1)}


def test_every_code_has_a_key_and_people_may_have_their_own(store, ann, ben, refused):
    usual = keys.keys_of(store, ann)
    assert set(usual) == {code.id for code in BOOK.codes}
    assert keys.set_keys(store, ann, usual, BOOK) == usual  # the usual keys are themselves allowed
    keys.set_keys(store, ann, {"denial": "w", "redirects": "w"}, BOOK)
    assert keys.keys_of(store, ann) == usual | {"denial": "w", "redirects": "w"}
    assert keys.keys_of(store, ben) == usual
    for bad in ({"denial": "m"}, {"denial": "z"}, {"denial": "dd"}, {"denial": "3"}, {"sorrow": "w"}):
        refused("bad_keys", keys.set_keys, store, ann, bad, BOOK)
    assert keys.set_keys(store, ann, {}, BOOK) == usual
