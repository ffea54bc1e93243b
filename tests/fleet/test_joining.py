"""What a process finds before it works: no schema, another key, a newer database, a role's name."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from postroad.core.protocol_version import SPOKEN, Fit, fit_of
from postroad.dsn import pinned
from postroad.store.secrets import BadKey, load_key
from postroad.testing.database import private_home
from postroad.testing.product import Product

from .conftest import CLOCKS


@pytest.fixture
def product(database: str) -> Iterator[Product]:
    with private_home() as home:
        made = Product(home, database, CLOCKS)
        yield made
        made.end()


def log_of(product: Product) -> str:
    return "".join(each.read_text("utf-8") for each in (product.home / "log").glob("*.log"))


def ended(process: "subprocess.Popen[bytes]") -> int:
    return process.wait(60)


def test_a_worker_waits_for_the_schema_and_works_once_it_is_there(product: Product) -> None:
    with psycopg.connect(product.dsn, autocommit=True) as connection:
        connection.execute("ALTER FUNCTION protocol_versions() RENAME TO not_there_yet")
        worker = product.start_worker()
        product.until(lambda: "postroad migrate" in log_of(product), "it says what it waits for")
        assert worker.poll() is None
        assert product.call("SELECT count(*) FROM worker")[0] == 0
        connection.execute("ALTER FUNCTION not_there_yet() RENAME TO protocol_versions")
    product.until(lambda: product.call("SELECT count(*) FROM worker")[0] == 1, "it works")
    worker.terminate()
    assert ended(worker) == 0


def test_told_to_stop_while_it_waits_it_ends(product: Product) -> None:
    with psycopg.connect(product.dsn, autocommit=True) as connection:
        connection.execute("DROP FUNCTION protocol_versions()")
    worker = product.start_worker()
    product.until(lambda: "waiting" in log_of(product), "it waits")
    worker.terminate()
    assert ended(worker) == 0


def test_a_database_that_serves_this_version_no_more_is_refused(product: Product) -> None:
    with psycopg.connect(product.dsn, autocommit=True) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION public.protocol_versions"
            " (OUT oldest integer, OUT newest integer)"
            " LANGUAGE sql AS 'SELECT 98, 99'"
        )
    assert ended(product.start_worker()) == 1
    assert "Upgrade Postroad on this host" in log_of(product)


def test_a_host_with_another_key_is_refused_until_its_key_is_adopted(product: Product) -> None:
    first = product.start_worker()
    product.until(lambda: product.call("SELECT count(*) FROM worker")[0] == 1, "it works")
    other = product.home / "other.key"
    other.write_text("ab" * 32 + "\n", encoding="ascii")
    named = str(other)
    assert ended(product.start("work", POSTROAD_KEY_FILE=named)) == 1
    assert "POSTROAD_KEY_FILE" in log_of(product)
    assert "abab" not in log_of(product)
    assert ended(product.start("key", POSTROAD_KEY_FILE=named)) == 1
    assert ended(product.start("key", "--adopt", POSTROAD_KEY_FILE=named)) == 0
    assert ended(product.start("key", POSTROAD_KEY_FILE=named)) == 0
    first.terminate()
    assert ended(first) == 0


def test_a_key_that_is_named_is_never_made(product: Product) -> None:
    absent = product.home / "absent.key"
    assert ended(product.start("work", POSTROAD_KEY_FILE=str(absent))) == 1
    assert "openssl rand -hex 32" in log_of(product)
    assert not absent.exists()


def test_a_key_may_be_hex(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(bytes(range(32)))
    (tmp_path / "hex").write_text(bytes(range(32)).hex() + "\n", encoding="ascii")
    (tmp_path / "short").write_text("ab" * 31, encoding="ascii")
    raw, hexed = (load_key(tmp_path / name, makes=False) for name in ("raw", "hex"))
    assert raw == hexed
    with pytest.raises(BadKey):
        load_key(tmp_path / "short", makes=False)


def test_older_waits_newer_refuses_and_both_side_by_side_fit() -> None:
    assert fit_of(None) is Fit.WAITS
    assert fit_of((1, 1), spoken=2) is Fit.WAITS
    assert fit_of((1, 2), spoken=1) is fit_of((1, 2), spoken=2) is Fit.FITS
    assert fit_of((2, 2), spoken=1) is Fit.TOO_OLD


def test_the_schema_serves_what_the_program_speaks(product: Product) -> None:
    row = product.call("SELECT oldest, newest FROM protocol_versions()")
    assert fit_of((int(str(row[0])), int(str(row[1])))) is Fit.FITS
    assert int(str(row[1])) == SPOKEN


def test_a_role_named_like_our_schema_puts_nothing_into_it(product: Product) -> None:
    """The embedded server's own role is named so: its "$user" would come before public."""
    assert product.call("SELECT current_user")[0] == "postroad"
    found = product.call(
        "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'postroad'::regnamespace)"
        " + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'postroad'::regnamespace)"
    )
    assert found[0] == 0


def test_pinning_keeps_what_the_dsn_says_and_is_done_once() -> None:
    once = pinned("postgresql://me@there/it?options=-c%20work_mem%3D8MB&tcp_user_timeout=5")
    assert "search_path=public" in once
    assert "work_mem=8MB" in once
    assert "tcp_user_timeout=5" in once
    assert pinned(once) == once
    assert "jit=off" in pinned(once, "jit=off")
