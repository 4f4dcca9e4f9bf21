"""Accounts: signing in, staying signed in, one-time links, members, API tokens."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from api import links, members
from api.accounts import open_accounts, same_token
from api.audit import entries
from api.database import reading
from api.passwords import Passwords, check_password
from api.people import ROLES, SYSTEM
from api.settings import load_settings
from api.tables import api_tokens, logins, one_time_links, sign_in_failures, users
from api.throttle import LONGEST_WAIT, Throttled
from api.tokens import create_token, revoke_token, tokens_of, user_of_token
from nlp.errors import InputError

PASSWORD, OTHER = "correct horse battery", "another long password"
HERE = "192.0.2.7"


def refused(code, action, *arguments, **options):
    with pytest.raises(InputError) as caught:
        action(*arguments, **options)
    assert caught.value.code == code
    return caught.value


def everything_in(store, *tables) -> str:
    with reading(store.engine) as conn:
        return repr([conn.execute(select(table)).all() for table in tables])


def last_rows(store, count=1):
    with reading(store.engine) as conn:
        return [(r.who, r.what, r.other_id, r.outcome) for r in reversed(entries(conn, count))]


def at_once(store, *actions):
    """What the actions give, or the codes they are refused with, when none can finish before all began."""

    def outcome(action):
        try:
            return action()
        except InputError as error:
            return error.code

    with ThreadPoolExecutor(len(actions)) as pool:
        with store.engine.begin() as conn:
            store.trail.append(conn, "system", "audit.verified")  # the others wait here for the commit
            running = [pool.submit(outcome, action) for action in actions]
            time.sleep(0.5)
        return [future.result() for future in running]


# signing in


def test_the_right_password_signs_in_however_the_address_is_spelt(accounts, make_user):
    user = make_user(email="Ada@Example.org")
    login = accounts.sign_in(" ada@example.ORG ", PASSWORD, HERE)
    assert login.user == user
    assert accounts.login(login.token) == login


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(accounts, make_user, clock):
    user, gone = make_user(), make_user()
    members.disable(accounts, SYSTEM, gone.id)
    tries = [
        (user.email, OTHER),
        ("no@example.org", PASSWORD),
        (gone.email, PASSWORD),
        ("\0\ud800", "\ud800"),
    ]
    answers = {str(refused("bad_credentials", accounts.sign_in, *t, HERE)) for t in tries}
    assert len(answers) == 1


def test_a_wrong_password_and_an_unknown_account_take_the_same_time(store, store_settings, make_user):
    hasher = PasswordHasher(time_cost=2, memory_cost=16384, parallelism=1)
    accounts = open_accounts(store, store_settings, Passwords(hasher))
    user = members.add_user(accounts, SYSTEM, "t@example.org", "T", PASSWORD, "tutor")

    def seconds(email):
        start = time.process_time()
        refused("bad_credentials", accounts.sign_in, email, OTHER, HERE)
        return time.process_time() - start

    pairs = [(seconds(user.email), seconds("no@example.org")) for _ in range(4)]
    known, unknown = (median(times) for times in zip(*pairs, strict=True))
    assert 0.5 < known / unknown < 2


def test_a_password_typed_on_another_keyboard_is_the_same_password(accounts):
    members.add_user(accounts, SYSTEM, "z@example.org", "Z", "Zoe\u0308 likes long walks", "tutor")
    assert accounts.sign_in("z@example.org", "Zo\u00eb likes long walks", HERE)


def test_neither_tokens_nor_passwords_are_kept_in_the_clear(accounts, store, make_user):
    user = make_user()
    login = accounts.sign_in(user.email, PASSWORD, HERE)
    text, _ = create_token(store, user, "script")
    link = links.reset_link(accounts, SYSTEM, user.id)
    kept = everything_in(store, users, logins, api_tokens, one_time_links)
    for secret in (login.token, login.csrf, text, link, PASSWORD):
        assert secret not in kept


def test_what_is_typed_as_an_address_is_not_kept(accounts, store):
    refused("bad_credentials", accounts.sign_in, "my-pass-word-typed-here", OTHER, HERE)
    kept = everything_in(store, sign_in_failures)
    assert "my-pass-word" not in kept and HERE not in kept


def test_signing_in_again_ends_the_login_it_came_with(accounts, make_user):
    user = make_user()
    first = accounts.sign_in(user.email, PASSWORD, HERE)
    elsewhere = accounts.sign_in(user.email, PASSWORD, HERE)
    second = accounts.sign_in(user.email, PASSWORD, HERE, old_token=first.token)
    assert accounts.login(first.token) is None
    assert accounts.login(second.token) and accounts.login(elsewhere.token)
    assert len({first.token, second.token, elsewhere.token}) == 3


def test_a_login_ends_when_nobody_was_here_for_a_while(accounts, make_user, clock):
    user = make_user()
    login = accounts.sign_in(user.email, PASSWORD, HERE)
    for _ in range(3):
        clock.advance(minutes=50)
        assert accounts.login(login.token)
    clock.advance(minutes=60)
    assert accounts.login(login.token) is None


def test_a_login_ends_after_its_longest_time_however_busy(accounts, make_user, clock):
    user = make_user()
    login = accounts.sign_in(user.email, PASSWORD, HERE)
    for _ in range(23):
        clock.advance(minutes=30)
        assert accounts.login(login.token)
    clock.advance(minutes=30)
    assert accounts.login(login.token) is None
    accounts.sign_in(make_user().email, PASSWORD, HERE)
    assert login.id not in everything_in(accounts.store, logins)


def test_a_token_nobody_gave_out_is_no_login(accounts):
    for token in ("", "x", "\0", "\ud800", "é" * 10_000):
        assert accounts.login(token) is None


def test_signing_out_ends_this_login_only(accounts, make_user):
    user = make_user()
    one, two = (accounts.sign_in(user.email, PASSWORD, HERE) for _ in range(2))
    accounts.sign_out(one)
    assert accounts.login(one.token) is None and accounts.login(two.token)


def test_signing_out_everywhere_ends_one_s_own_logins_only(accounts, make_user):
    user, other = make_user(), make_user()
    mine = [accounts.sign_in(user.email, PASSWORD, HERE) for _ in range(2)]
    theirs = accounts.sign_in(other.email, PASSWORD, HERE)
    accounts.sign_out_everywhere(user)
    assert [accounts.login(login.token) for login in mine] == [None, None]
    assert accounts.login(theirs.token)


def test_a_form_is_good_for_the_login_it_was_given_to_only(accounts, make_user):
    user = make_user()
    one, two = (accounts.sign_in(user.email, PASSWORD, HERE) for _ in range(2))
    assert same_token(one.csrf, one.csrf)
    assert accounts.login(one.token).csrf == one.csrf
    for wrong in (two.csrf, "", "é", one.csrf[:-1], one.token):
        assert not same_token(one.csrf, wrong)


def test_logins_and_tokens_do_not_show_when_printed(accounts, make_user):
    login = accounts.sign_in(make_user().email, PASSWORD, HERE)
    assert login.token not in repr(login) and login.csrf not in repr(login)


# throttling


def test_guessing_at_one_account_gets_slower_and_slower(accounts, make_user, clock):
    user, waits = make_user(), []
    for guess in range(16):
        refused("bad_credentials", accounts.sign_in, user.email, OTHER, f"192.0.2.{guess}")
        if guess >= 4:
            waits.append(refused("throttled", accounts.sign_in, user.email, PASSWORD, HERE).retry_after)
            clock.advance(seconds=waits[-1])
    assert waits[:6] == [1, 2, 4, 8, 16, 32]
    assert waits[-1] == LONGEST_WAIT.total_seconds()
    assert accounts.sign_in(user.email, PASSWORD, HERE)


def test_guessing_at_an_account_that_does_not_exist_gets_slower_just_the_same(accounts):
    for _ in range(5):
        refused("bad_credentials", accounts.sign_in, "no@example.org", OTHER, HERE)
    assert isinstance(refused("throttled", accounts.sign_in, "no@example.org", OTHER, HERE), Throttled)


def test_guessing_at_many_accounts_from_one_address_gets_slower(accounts, make_user):
    user = make_user()
    for guess in range(20):
        refused("bad_credentials", accounts.sign_in, f"{guess}@example.org", OTHER, HERE)
    refused("throttled", accounts.sign_in, user.email, PASSWORD, HERE)
    assert accounts.sign_in(user.email, PASSWORD, "192.0.2.8")


def test_waiting_attempts_do_not_lengthen_the_wait(accounts, make_user, clock):
    user = make_user()
    for _ in range(5):
        refused("bad_credentials", accounts.sign_in, user.email, OTHER, HERE)
    for _ in range(10):
        assert refused("throttled", accounts.sign_in, user.email, OTHER, HERE).retry_after == 1
    clock.advance(seconds=1)
    assert accounts.sign_in(user.email, PASSWORD, HERE)


def test_signing_in_makes_the_account_s_earlier_failures_forgotten(accounts, make_user):
    user = make_user()
    for _ in range(6):
        for _ in range(4):
            refused("bad_credentials", accounts.sign_in, user.email, OTHER, f"{_}.example")
        accounts.sign_in(user.email, PASSWORD, HERE)


def test_one_s_own_sign_ins_do_not_pay_for_guesses_at_others(accounts, make_user):
    me = make_user()
    for guess in range(10):
        refused("bad_credentials", accounts.sign_in, f"{guess}@example.org", OTHER, HERE)
        accounts.sign_in(me.email, PASSWORD, HERE)
    for guess in range(10):
        refused("bad_credentials", accounts.sign_in, f"{guess}@example.org", OTHER, HERE)
    refused("throttled", accounts.sign_in, me.email, PASSWORD, HERE)


def test_failures_are_forgotten_after_an_hour(accounts, store, make_user, clock):
    user = make_user()
    for _ in range(4):
        refused("bad_credentials", accounts.sign_in, user.email, OTHER, HERE)
    clock.advance(hours=1, seconds=1)
    for _ in range(4):
        refused("bad_credentials", accounts.sign_in, user.email, OTHER, HERE)
    clock.advance(hours=1, seconds=1)
    accounts.sign_in(make_user().email, PASSWORD, "elsewhere")
    with reading(store.engine) as conn:
        assert len(conn.execute(select(sign_in_failures)).all()) == 1


def test_many_guesses_at_once_gain_nothing(accounts, make_user):
    user, barrier = make_user(), threading.Barrier(12)

    def guess(_):
        barrier.wait()
        return refused_with(accounts.sign_in, user.email, OTHER, HERE)

    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(guess, range(12)))
    assert sorted(codes) == ["bad_credentials"] * 5 + ["throttled"] * 7


def refused_with(action, *arguments) -> str:
    with pytest.raises(InputError) as caught:
        action(*arguments)
    return caught.value.code


# passwords


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "elevenchars",
        "a" * 12,
        "x" * 1001,
        "ada@example.org",
        "ADA@example.org ",
        "Ada Lovelace Q",
    ],
)
def test_a_password_too_short_too_long_or_one_s_own_name_is_refused(password):
    refused("bad_password", check_password, password, "ada@example.org", "ada lovelace q")


@pytest.mark.parametrize("password", ["twelve chars", "aaaaaaaaaaab", "ünïcödé wörds", "x1" * 500])
def test_any_other_password_is_fine(password):
    check_password(password, "ada@example.org", "Ada")


def test_changing_the_password_needs_the_old_one_and_ends_the_other_logins(accounts, make_user):
    user = make_user()
    here, there = (accounts.sign_in(user.email, PASSWORD, HERE) for _ in range(2))
    refused("bad_password", accounts.change_password, user, OTHER, OTHER)
    refused("bad_password", accounts.change_password, user, PASSWORD, user.email)
    accounts.change_password(user, PASSWORD, OTHER, keep=here)
    assert accounts.login(here.token) and accounts.login(there.token) is None
    refused("bad_credentials", accounts.sign_in, user.email, PASSWORD, HERE)
    assert accounts.sign_in(user.email, OTHER, HERE)


def test_guessing_at_the_old_password_gets_slower_too(accounts, make_user):
    user = make_user()
    for _ in range(5):
        refused("bad_password", accounts.change_password, user, OTHER, OTHER)
    refused("throttled", accounts.change_password, user, PASSWORD, OTHER)


def test_a_password_kept_at_other_costs_is_kept_anew_at_sign_in(accounts, store, store_settings, make_user):
    user = make_user()
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert "t=2" not in everything_in(store, users)
    open_accounts(store, store_settings, dearer).sign_in(user.email, PASSWORD, HERE)
    assert "m=16,t=2" in everything_in(store, users)
    assert accounts.sign_in(user.email, PASSWORD, HERE)


def test_the_usual_costs_are_those_of_rfc_9106():
    kept = Passwords().hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


# one-time links


def test_the_first_run_link_makes_the_admin_and_works_once(accounts, store):
    token = links.first_run_link(accounts)
    assert links.look_up(accounts, token).kind == "first_run"
    user = links.use(accounts, token, PASSWORD, name="Ada", email="ada@example.org")
    assert user.role == "admin"
    assert accounts.sign_in("ada@example.org", PASSWORD, HERE).user == user
    refused("bad_link", links.use, accounts, token, PASSWORD, name="Eve", email="eve@example.org")
    assert links.first_run_link(accounts) is None
    assert (user.id, "user.created", user.id, "done") in last_rows(store, 3)


def test_each_start_makes_a_new_first_run_link_and_ends_the_old(accounts):
    old, new = links.first_run_link(accounts), links.first_run_link(accounts)
    assert links.look_up(accounts, old) is None
    assert links.look_up(accounts, new)


def test_a_first_run_link_is_void_once_somebody_has_an_account(accounts, make_user):
    token = links.first_run_link(accounts)
    make_user()
    assert links.look_up(accounts, token) is None
    refused("bad_link", links.use, accounts, token, PASSWORD, name="Eve", email="eve@example.org")


def test_a_first_run_link_used_twice_at_once_makes_one_admin(accounts):
    token = links.first_run_link(accounts)

    def use(address):
        return lambda: links.use(accounts, token, PASSWORD, name="Ada", email=address)

    made = at_once(accounts.store, use("one@example.org"), use("two@example.org"))
    assert "bad_link" in made
    assert len(members.all_users(accounts, SYSTEM)) == 1


@pytest.mark.parametrize("kind, hours", [("first_run", 24), ("invitation", 7 * 24), ("reset", 24)])
def test_a_link_ends_after_its_time(accounts, make_user, clock, kind, hours):
    if kind == "first_run":
        token = links.first_run_link(accounts)
    elif kind == "invitation":
        token = links.invite(accounts, SYSTEM, "new@example.org", "New", "tutor")
    else:
        token = links.reset_link(accounts, SYSTEM, make_user().id)
    clock.advance(hours=hours, seconds=-1)
    assert links.look_up(accounts, token).kind == kind
    clock.advance(seconds=1)
    assert links.look_up(accounts, token) is None
    refused("bad_link", links.use, accounts, token, PASSWORD, name="New", email="new@example.org")


def test_an_invitation_makes_the_account_it_was_made_for(accounts, make_user):
    admin = make_user("admin")
    token = links.invite(accounts, admin, "new@example.org", "New Person", "trainee")
    assert [(i.email, i.role) for i in links.invitations(accounts, admin)] == [("new@example.org", "trainee")]
    user = links.use(accounts, token, PASSWORD, email="eve@example.org")
    assert (user.email, user.name, user.role) == ("new@example.org", "New Person", "trainee")
    assert links.invitations(accounts, admin) == ()


def test_a_link_survives_a_password_that_was_refused(accounts, make_user):
    token = links.invite(accounts, make_user("admin"), "new@example.org", "New", "tutor")
    refused("bad_password", links.use, accounts, token, "short")
    refused("bad_password", links.use, accounts, token, "new@example.org")
    assert links.use(accounts, token, PASSWORD)


def test_inviting_again_ends_the_earlier_invitation(accounts, make_user):
    admin = make_user("admin")
    old = links.invite(accounts, admin, "new@example.org", "New", "admin")
    other = links.invite(accounts, admin, "other@example.org", "Other", "tutor")
    links.invite(accounts, admin, "new@example.org", "New", "tutor")
    refused("bad_link", links.use, accounts, old, PASSWORD)
    assert links.look_up(accounts, other)


def test_nobody_is_invited_twice(accounts, make_user):
    admin, user = make_user("admin"), make_user()
    refused("email_taken", links.invite, accounts, admin, user.email.upper(), "Again", "tutor")
    token = links.invite(accounts, admin, "new@example.org", "New", "tutor")
    members.add_user(accounts, admin, "NEW@example.org", "New", PASSWORD, "tutor")
    refused("email_taken", links.use, accounts, token, PASSWORD)


def test_a_reset_link_sets_the_password_once_and_ends_the_logins(accounts, make_user):
    admin, user = make_user("admin"), make_user()
    login = accounts.sign_in(user.email, PASSWORD, HERE)
    token = links.reset_link(accounts, admin, user.id)
    assert links.use(accounts, token, OTHER) == user
    assert accounts.login(login.token) is None
    assert accounts.sign_in(user.email, OTHER, HERE)
    refused("bad_link", links.use, accounts, token, PASSWORD)


def test_only_an_admin_invites_resets_and_changes_members(accounts, make_user):
    user = make_user()
    for role in ROLES[1:]:
        other = make_user(role)
        refused("forbidden", links.invite, accounts, other, "x@example.org", "X", "tutor")
        refused("forbidden", links.reset_link, accounts, other, user.id)
        refused("forbidden", links.invitations, accounts, other)
        refused("forbidden", members.all_users, accounts, other)
        refused("forbidden", members.add_user, accounts, other, "x@example.org", "X", PASSWORD, "admin")
        refused("forbidden", members.disable, accounts, other, user.id)
        refused("forbidden", members.enable, accounts, other, user.id)
        refused("forbidden", members.set_role, accounts, other, other.id, "admin")


# members


def test_somebody_disabled_is_out_at_once_and_can_come_back(accounts, store, make_user):
    admin, user = make_user("admin"), make_user()
    login, (text, _) = accounts.sign_in(user.email, PASSWORD, HERE), create_token(store, user, "script")
    assert members.disable(accounts, admin, user.id).disabled
    assert accounts.login(login.token) is None and user_of_token(store, text) is None
    refused("bad_credentials", accounts.sign_in, user.email, PASSWORD, HERE)
    members.enable(accounts, admin, user.id)
    assert accounts.login(login.token) is None
    assert accounts.sign_in(user.email, PASSWORD, HERE)
    assert (admin.id, "user.disabled", user.id, "done") in last_rows(store, 5)


def test_another_role_shows_in_logins_already_there(accounts, make_user):
    admin, user = make_user("admin"), make_user("trainee")
    login = accounts.sign_in(user.email, PASSWORD, HERE)
    members.set_role(accounts, admin, user.id, "tutor")
    assert accounts.login(login.token).user.role == "tutor"


def test_the_last_admin_stays_one(accounts, make_user):
    admin, second = make_user("admin"), make_user("admin")
    members.disable(accounts, admin, second.id)
    refused("last_admin", members.disable, accounts, admin, admin.id)
    refused("last_admin", members.set_role, accounts, admin, admin.id, "tutor")
    refused("last_admin", members.disable, accounts, SYSTEM, admin.id)
    assert accounts.sign_in(admin.email, PASSWORD, HERE).user == admin
    members.enable(accounts, admin, second.id)
    assert members.set_role(accounts, admin, admin.id, "tutor").role == "tutor"


def test_two_admins_who_disable_each_other_at_once_leave_one(accounts, make_user):
    one, two = make_user("admin"), make_user("admin")
    done = at_once(
        accounts.store,
        lambda: members.disable(accounts, one, two.id),
        lambda: members.disable(accounts, two, one.id),
    )
    assert "last_admin" in done
    assert sum(not u.disabled for u in members.all_users(accounts, SYSTEM)) == 1


def test_an_account_nobody_has_is_not_found(accounts, make_user):
    make_user("admin")
    for nobody in ("", "\0", "x", "00000000-0000-4000-8000-000000000000"):
        refused("not_found", members.disable, accounts, SYSTEM, nobody)
        refused("not_found", links.reset_link, accounts, SYSTEM, nobody)


@pytest.mark.parametrize(
    "code, email, name, role",
    [
        ("bad_email", "ada", "Ada", "tutor"),
        ("bad_email", "a b@c", "Ada", "tutor"),
        ("bad_email", "a@b@c", "Ada", "tutor"),
        ("bad_email", "a\0@b", "Ada", "tutor"),
        ("bad_email", "a" * 250 + "@b.org", "Ada", "tutor"),
        ("bad_name", "a@b", " ", "tutor"),
        ("bad_name", "a@b", "A\0da", "tutor"),
        ("bad_name", "a@b", "A" * 101, "tutor"),
        ("bad_role", "a@b", "Ada", "owner"),
    ],
)
def test_an_account_with_odd_details_is_refused(accounts, code, email, name, role):
    refused(code, members.add_user, accounts, SYSTEM, email, name, PASSWORD, role)
    refused(code, links.invite, accounts, SYSTEM, email, name, role)


# API tokens


def test_an_api_token_acts_for_its_person_until_revoked(store, make_user, clock):
    user = make_user()
    text, made = create_token(store, user, "  my script ")
    assert text.startswith("sut_") and made.name == "my script"
    assert user_of_token(store, text) == user
    assert [t.used_at for t in tokens_of(store, user)] == [clock()]
    refused("not_found", revoke_token, store, make_user(), made.id)
    revoke_token(store, user, made.id)
    assert user_of_token(store, text) is None and tokens_of(store, user) == ()
    refused("not_found", revoke_token, store, user, made.id)


def test_an_api_token_ends_on_its_day(store, make_user, clock):
    text, _ = create_token(store, make_user(), "script", days=2)
    clock.advance(days=2, seconds=-1)
    assert user_of_token(store, text)
    clock.advance(seconds=1)
    assert user_of_token(store, text) is None


def test_a_token_nobody_gave_out_is_nobody_s(store):
    for text in ("", "sut_", "sut_x", "\0", "\ud800"):
        assert user_of_token(store, text) is None


@pytest.mark.parametrize("days", [0, -1, 4000, float("nan")])
def test_a_token_s_days_make_sense(store, make_user, days):
    refused("bad_days", create_token, store, make_user(), "script", days)


def test_what_is_done_with_accounts_is_on_record(accounts, store, make_user):
    user = make_user()
    refused("bad_credentials", accounts.sign_in, user.email, OTHER, HERE)
    refused("bad_credentials", accounts.sign_in, "no@example.org", OTHER, HERE)
    accounts.sign_out(accounts.sign_in(user.email, PASSWORD, HERE))
    assert last_rows(store, 5) == [
        ("system", "user.created", user.id, "done"),
        (user.id, "login.started", "", "refused"),
        ("nobody", "login.started", "", "refused"),
        (user.id, "login.started", "", "done"),
        (user.id, "login.ended", "", "done"),
    ]
    assert store.verify_audit().ok


def test_how_long_a_login_lasts_is_a_setting(store, tmp_path, cheap_passwords, make_user, clock):
    env = {"SUTURE_LOGIN_HOURS": "2", "SUTURE_LOGIN_IDLE_MINUTES": "30", "SUTURE_DATA_DIR": str(tmp_path)}
    accounts = open_accounts(store, load_settings(env), cheap_passwords)
    login = accounts.sign_in(make_user().email, PASSWORD, HERE)
    assert (login.expires_at - clock()).total_seconds() == 7200
    clock.advance(minutes=30)
    assert accounts.login(login.token) is None
