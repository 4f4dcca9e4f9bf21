"""Settings from the environment."""

from dataclasses import fields
from pathlib import Path

import pytest

from api.jobs import Pace, pace_of
from api.jobs_sqlite import _Lease
from api.scorer import _LOOK_EVERY
from api.settings import SETTINGS, Settings, load_settings
from nlp.errors import InputError


def test_an_empty_environment_gives_a_service_for_this_machine_only():
    settings = load_settings({})
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.data_dir == Path("var").absolute()
    assert settings.database_url == f"sqlite:///{settings.data_dir / 'suture.db'}"
    assert settings.master_key_file == settings.data_dir / "master.key"
    assert settings.model is None
    assert settings.upload_bytes == 20 * 1024 * 1024
    assert not settings.cookie_secure


def test_every_setting_does_something():
    other = {
        "SUTURE_DATA_DIR": "/srv/suture",
        "SUTURE_DATABASE_URL": "postgres://sue:pw@db/suture",
        "SUTURE_HOST": "::1",
        "SUTURE_PORT": "81",
        "SUTURE_PUBLIC_URL": "https://suture.example.org/",
        "SUTURE_MASTER_KEY": "abc",
        "SUTURE_MASTER_KEY_FILE": "/run/key",
        "SUTURE_MODEL": "big",
        "SUTURE_UPLOAD_MB": "0.5",
        "SUTURE_COOKIE_SECURE": "yes",
        "SUTURE_LOGIN_HOURS": "1",
        "SUTURE_LOGIN_IDLE_MINUTES": "5",
        "SUTURE_JOB_LEASE_SECONDS": "2.5",
        "SUTURE_JOB_ATTEMPTS": "9",
    }
    assert set(other) == {s.env for s in SETTINGS}
    plain = load_settings({})
    for name, value in other.items():
        assert load_settings({name: value}) != plain, name
    changed = load_settings(other)
    for field in fields(Settings):
        assert getattr(changed, field.name) != getattr(plain, field.name), field.name


def test_the_defaults_in_the_table_are_the_ones_used():
    assert load_settings({s.env: s.default for s in SETTINGS}) == load_settings({})
    assert all(s.help.endswith(".") for s in SETTINGS)


def test_a_job_is_not_taken_from_a_worker_that_lives_and_soon_from_one_that_died():
    assert load_settings({}).job_lease_seconds == Pace().lease == 20
    assert pace_of(load_settings({"SUTURE_JOB_LEASE_SECONDS": "8"})).lease == 8
    longest_between_looks = max(_LOOK_EVERY, _Lease.LOOK_EVERY)
    assert Pace().lease / 4 + longest_between_looks < Pace().lease / 2  # a heartbeat may be missed


@pytest.mark.parametrize(
    "name, value",
    [
        ("SUTURE_PORT", "0"),
        ("SUTURE_PORT", "80.5"),
        ("SUTURE_PORT", "http"),
        ("SUTURE_UPLOAD_MB", "-1"),
        ("SUTURE_UPLOAD_MB", "nan"),
        ("SUTURE_LOGIN_HOURS", "inf"),
        ("SUTURE_JOB_ATTEMPTS", "0"),
        ("SUTURE_COOKIE_SECURE", "maybe"),
        ("SUTURE_DATABASE_URL", "mysql://x/y"),
        ("SUTURE_DATABASE_URL", "sqlite://"),
        ("SUTURE_DATABASE_URL", "postgresql://"),
        ("SUTURE_PUBLIC_URL", "suture.example.org"),
        ("SUTURE_PUBLIC_URL", "ftp://suture.example.org"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_and_refused(name, value):
    with pytest.raises(InputError, match=name) as caught:
        load_settings({name: value})
    assert caught.value.code == "bad_setting"


@pytest.mark.parametrize(
    "env, secure",
    [
        ({"SUTURE_HOST": "localhost"}, False),
        ({"SUTURE_HOST": "::1"}, False),
        ({"SUTURE_HOST": "0.0.0.0"}, True),
        ({"SUTURE_PUBLIC_URL": "https://localhost"}, True),
        ({"SUTURE_PUBLIC_URL": "http://suture.lan"}, True),
        ({"SUTURE_HOST": "0.0.0.0", "SUTURE_COOKIE_SECURE": "no"}, False),
        ({"SUTURE_COOKIE_SECURE": "yes"}, True),
    ],
)
def test_cookies_need_https_except_on_plain_http_on_loopback(env, secure):
    assert load_settings(env).cookie_secure is secure


def test_secrets_do_not_show_when_settings_are_printed():
    shown = repr(
        load_settings({"SUTURE_MASTER_KEY": "s3cret", "SUTURE_DATABASE_URL": "postgresql://u:pw9@h/d"})
    )
    assert "s3cret" not in shown and "pw9" not in shown


def test_postgresql_is_reached_by_the_driver_we_have():
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        url = load_settings({"SUTURE_DATABASE_URL": f"{scheme}://u@h/d"}).database_url
        assert url == "postgresql+psycopg://u@h/d"
