import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.store.secrets import BadKey, Key, decrypt, derive, encrypt, load_key

KEY, OTHER = Key(b"k" * 32), Key(b"o" * 32)


@given(st.text())
def test_what_is_encrypted_comes_back(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert decrypt(KEY, "relay", encrypt(KEY, "relay", text)) == text


def test_the_same_secret_never_looks_the_same() -> None:
    assert encrypt(KEY, "relay", "x") != encrypt(KEY, "relay", "x")


def test_another_key_or_purpose_opens_nothing() -> None:
    token = encrypt(KEY, "relay", "hunter2")
    with pytest.raises(BadKey, match="another key"):
        decrypt(OTHER, "relay", token)
    with pytest.raises(BadKey):
        decrypt(KEY, "source", token)


@given(st.data())
def test_a_changed_token_opens_nothing(data: st.DataObject) -> None:
    token = bytearray(encrypt(KEY, "relay", "hunter2"))
    at = data.draw(st.integers(0, len(token) - 1))
    token[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadKey):
        decrypt(KEY, "relay", bytes(token))


@given(st.binary(max_size=20))
def test_what_is_no_token_opens_nothing(octets: bytes) -> None:
    with pytest.raises(BadKey):
        decrypt(KEY, "relay", octets)


def test_purposes_have_keys_of_their_own() -> None:
    assert derive(KEY, "django") != derive(KEY, "relay")
    assert derive(KEY, "django") == derive(KEY, "django")


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secret.key"
    key = load_key(path)
    assert load_key(path) == key
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_two_starters_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: load_key(tmp_path / "secret.key"), range(8)))
    assert len(keys) == 1


def test_a_damaged_key_file_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(b"short")
    with pytest.raises(BadKey, match="backup"):
        load_key(path)
    assert path.read_bytes() == b"short"
