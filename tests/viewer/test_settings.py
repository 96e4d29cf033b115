"""Invalid settings of the viewer are reported together, and production is strict."""

from typing import Any

import pytest
from pydantic import ValidationError

from viewer.settings import Settings

REAL = {
    "deployment": "production",
    "public_url": "https://documents.council.test/",
    "secret_keys": "k" * 32,
    "google_client_secret": "s3cret",
    "edocs_api_key": "s3cret",
}


def test_real_settings_are_accepted(settings_values: dict[str, Any]) -> None:
    settings = Settings(**(settings_values | REAL))
    assert settings.production
    assert settings.public_url == "https://documents.council.test"


def test_keys_are_read_newest_first_and_used_oldest_first(settings_values: dict[str, Any]) -> None:
    new, old = "n" * 32, "o" * 32
    assert Settings(**(settings_values | {"secret_keys": f"{new}, {old}"})).keys == [old, new]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "http://documents.council.test"),
        ("google_authorize_url", "http://google.test/auth"),
        ("google_token_url", "http://google.test/token"),
        ("google_userinfo_url", "http://google.test/userinfo"),
        ("google_directory_url", "http://google.test/directory"),
        ("secret_keys", "demo-" + "k" * 40),
        ("google_client_secret", "demo-secret"),
        ("edocs_api_key", "demo-key"),
    ],
)
def test_production_takes_no_plain_http_and_no_demo_secret(
    settings_values: dict[str, Any], name: str, value: str
) -> None:
    with pytest.raises(ValidationError, match=name.upper()):
        Settings(**(settings_values | REAL | {name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret_keys", "short"),
        ("secret_keys", "k" * 32 + ","),
        ("public_url", "documents.council.test"),
        ("google_domain", "Council Test"),
        ("google_group", "viewers"),
        ("google_group", "a/b@council.test"),
        ("governance_group", "Information governance"),
        ("administrators_group", "a/b@council.test"),
        ("membership_seconds", 301),
        ("link_seconds", 301),
        ("edocs_api_url", "https://edocs.test/documents"),
        ("edocs_attempts", 0),
        ("store_url", "/tmp/store"),
        ("store_url", "http://store.test"),
        ("deployment", "staging"),
        ("port", 0),
    ],
)
def test_a_wrong_value_is_refused(settings_values: dict[str, Any], name: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        Settings(**(settings_values | {name: value}))


def test_everything_that_is_wrong_is_listed_at_once_without_the_values(
    settings_values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (settings_values | {"port": "port-x", "link_seconds": "link-x"}).items():
        monkeypatch.setenv(name.upper(), str(value))
    monkeypatch.delenv("EDOCS_API_KEY")
    with pytest.raises(SystemExit) as stopped:
        Settings.load()
    text = str(stopped.value)
    assert all(name in text for name in ("PORT", "LINK_SECONDS", "EDOCS_API_KEY"))
    assert not any(value in text for value in ("port-x", "link-x", settings_values["secret_keys"]))


def test_settings_cannot_change(settings_values: dict[str, Any]) -> None:
    settings = Settings(**settings_values)
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]  # that is what must fail
