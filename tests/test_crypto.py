"""Sealing, wrapping and the master key."""

import base64
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api.crypto import (
    AlteredError,
    DataKey,
    MasterKey,
    load_master_key,
    new_data_key,
    new_master_key_text,
    new_token,
    parse_master_key,
    token_hash,
)
from api.database import reading
from api.keys import load_service_keys, rewrap_all
from api.tables import service_keys, session_keys
from nlp.errors import InputError

KEY = DataKey("session-1", bytes(range(32)))
names = st.sampled_from(["title", "filename", "transcript", "reading", "scores"])


@given(st.binary(max_size=2000), names)
def test_what_was_sealed_opens(plain, name):
    assert KEY.unseal(name, KEY.seal(name, plain)) == plain


@given(st.binary(max_size=300), st.data())
def test_a_change_to_any_byte_shows(plain, data):
    sealed = bytearray(KEY.seal("title", plain))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(AlteredError):
        KEY.unseal("title", bytes(sealed))


@given(st.binary(max_size=100), st.data())
def test_a_field_cut_short_or_made_longer_does_not_open(plain, data):
    sealed = KEY.seal("title", plain)
    cut = sealed[: data.draw(st.integers(0, len(sealed) - 1))]
    for wrong in (cut, sealed + b"\0"):
        with pytest.raises(AlteredError):
            KEY.unseal("title", wrong)


@given(st.binary(max_size=100), names, names)
def test_a_field_moved_to_another_place_does_not_open(plain, name, other):
    sealed = KEY.seal(name, plain)
    elsewhere = DataKey("session-2", KEY.secret)  # even were it the same key
    with pytest.raises(AlteredError):
        elsewhere.unseal(name, sealed)
    if other != name:
        with pytest.raises(AlteredError):
            KEY.unseal(other, sealed)


def test_the_same_text_is_sealed_differently_each_time():
    sealed = {KEY.seal("title", b"the same") for _ in range(500)}
    assert len({s[1:13] for s in sealed}) == 500
    assert {s[0] for s in sealed} == {1}


def test_a_wrapped_key_opens_only_for_its_owner_and_by_its_master():
    master, key = MasterKey(os.urandom(32)), new_data_key("session-1")
    wrapped = master.wrap(key)
    assert key.secret not in wrapped
    assert master.unwrap("session-1", wrapped) == key
    for wrong, owner in ((MasterKey(os.urandom(32)), "session-1"), (master, "session-2")):
        with pytest.raises(AlteredError):
            wrong.unwrap(owner, wrapped)


def test_keys_do_not_show_when_printed():
    secret = b"0123456789abcdef0123456789abcdef"
    assert "0123456789" not in repr(DataKey("session-1", secret)) + repr(MasterKey(secret))


def test_the_master_key_file_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "var" / "master.key"
    master = load_master_key("", path)
    assert load_master_key("", path) == master
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == ["master.key"]


def test_many_that_start_at_once_agree_on_one_master_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: load_master_key("", tmp_path / "master.key"), range(16)))
    assert len({key.id for key in keys}) == 1


def test_a_key_file_others_may_read_is_refused(tmp_path):
    path = tmp_path / "master.key"
    load_master_key("", path)
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        load_master_key("", path)


def test_the_key_in_the_environment_goes_before_the_file(tmp_path):
    text = new_master_key_text()
    assert load_master_key(text, tmp_path / "master.key").secret == base64.b64decode(text)
    assert not (tmp_path / "master.key").exists()


@pytest.mark.parametrize("text", ["", "x", "é" * 44, "A" * 44, base64.b64encode(b"short").decode(), "A" * 88])
def test_a_master_key_of_another_form_is_refused_without_showing_it(text):
    with pytest.raises(InputError, match="32 random bytes") as caught:
        parse_master_key(text, "SUTURE_MASTER_KEY")
    assert len(text) < 2 or text not in str(caught.value)


def test_tokens_are_long_and_kept_as_a_hash():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100 and all(len(t) >= 43 for t in tokens)
    assert {len(token_hash(t)) for t in tokens} == {64}


def test_after_changing_the_master_key_only_the_new_one_opens_everything(store, make_user, upload):
    user, new = make_user(), MasterKey(os.urandom(32))
    session_id = upload(user).session.id
    before = store.read_session(user, session_id)
    with store.engine.begin() as conn:
        assert rewrap_all(conn, store.master, new) == 4 + 1
    assert load_service_keys(store.engine, new) == store.keys
    with pytest.raises(InputError, match="master key"):
        load_service_keys(store.engine, store.master)
    with reading(store.engine) as conn:
        for table in (service_keys, session_keys):
            assert set(conn.execute(select(table.c.master_id)).scalars()) == {new.id}
    with_new = type(store)(store.engine, new, store.keys, store.trail, store.clock)
    assert with_new.read_session(user, session_id) == before
    with pytest.raises(AlteredError):
        store.read_session(user, session_id)


def test_changing_the_master_key_with_the_wrong_old_one_changes_nothing(store):
    with pytest.raises(InputError, match="nothing was changed"):
        with store.engine.begin() as conn:
            rewrap_all(conn, MasterKey(os.urandom(32)), MasterKey(os.urandom(32)))
    assert load_service_keys(store.engine, store.master) == store.keys
