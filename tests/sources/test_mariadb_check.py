"""Each diagnosis, met with on a MariaDB that has it."""

import socket
import threading
from contextlib import closing
from dataclasses import replace
from typing import Any

import pymysql
import pytest

from postroad.core.source.connection import Role, SourceTarget, Tls
from postroad.core.source.diagnosis import (
    Diagnosis,
    SourceAnswers,
    SourceRefusal,
    SourceUnfit,
    Trouble,
)
from postroad.sources.asking import check, read_sample
from postroad.sources.mariadb import check as check_module
from postroad.sources.mariadb import connecting
from postroad.sources.mariadb.connecting import connected
from postroad.testing.mariadb import MariaDBServer
from postroad.testing.shop import PASSWORD

from .maria import a_server, schema_of, table_of

DEPLOY, RUN = Role.DEPLOY, Role.RUN


@pytest.fixture
def server(mariadb_server: MariaDBServer) -> MariaDBServer:
    return mariadb_server


@pytest.fixture
def shop(mariadb_shop: SourceTarget) -> SourceTarget:
    return mariadb_shop


def troubles(target: SourceTarget) -> list[tuple[Trouble, Role | None]]:
    outcome = check(target)
    assert isinstance(outcome, SourceUnfit), outcome
    assert all(each.text.endswith(".") for each in outcome.diagnoses)
    return [(each.trouble, each.role) for each in outcome.diagnoses]


def test_both_accounts_as_the_printed_sql_makes_them_work(shop: SourceTarget) -> None:
    outcome = check(shop)
    assert isinstance(outcome, SourceAnswers), outcome
    assert outcome.server.startswith("MariaDB 1")
    assert outcome.tls.startswith("TLSv1.")
    assert (outcome.tables, outcome.warnings) == (6, ())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"host": "no-such-host.invalid"}, [(Trouble.HOST_UNKNOWN, DEPLOY)]),
        ({"deploy_password": "wrong"}, [(Trouble.PASSWORD, DEPLOY)]),
        ({"run_password": ""}, [(Trouble.PASSWORD, RUN)]),
        ({"database": "nowhere"}, [(Trouble.NO_DATABASE, DEPLOY)]),
        ({"schema": "elsewhere"}, [(Trouble.NO_SCHEMA, DEPLOY), (Trouble.NO_USAGE, RUN)]),
        ({"ca_file": ""}, [(Trouble.CERTIFICATE, DEPLOY)]),
        ({"ca_file": "/no/such/file.pem"}, [(Trouble.CERTIFICATE, DEPLOY)]),
        ({"host": "::ffff:127.0.0.1"}, [(Trouble.CERTIFICATE, DEPLOY)]),
    ],
)
def test_what_is_wrong_is_named(
    shop: SourceTarget, changes: dict[str, Any], expected: list[tuple[Trouble, Role]]
) -> None:
    assert troubles(replace(shop, **changes)) == expected


def test_encrypted_only_takes_any_certificate(shop: SourceTarget) -> None:
    encrypted = replace(shop, tls=Tls.ENCRYPTED, ca_file="")
    assert isinstance(check(encrypted), SourceAnswers)


def test_a_port_nobody_listens_on_is_told(shop: SourceTarget) -> None:
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        assert troubles(replace(shop, port=port)) == [(Trouble.REFUSED, DEPLOY)]


def test_what_speaks_another_protocol_is_told(shop: SourceTarget) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def greet() -> None:
            taken, _ = server.accept()
            with closing(taken):
                taken.sendall(b"220 mail.example.org ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        port = server.getsockname()[1]
        assert troubles(replace(shop, port=port)) == [(Trouble.NOT_THIS_KIND, DEPLOY)]
        thread.join(10)


def test_tls_that_is_not_there_is_told_and_no_password_is_sent(shop: SourceTarget) -> None:
    with a_server() as plain:
        assert troubles(replace(shop, port=plain.port)) == [(Trouble.TLS_MISSING, DEPLOY)]


def test_accounts_that_take_tls_only_are_told_so(shop: SourceTarget) -> None:
    """As the printed SQL makes them; the server itself says that the password is wrong."""
    clear = replace(shop, tls=Tls.NONE, ca_file="")
    assert troubles(clear) == [(Trouble.TLS_WANTED, DEPLOY), (Trouble.TLS_WANTED, RUN)]
    assert (Trouble.PASSWORD, RUN) in troubles(replace(clear, run_password="wrong"))


def test_a_server_that_takes_tls_only_is_told_so(server: MariaDBServer, shop: SourceTarget) -> None:
    server.run_script("ALTER USER `shop run`@`%` REQUIRE NONE")
    server.run_script("SET GLOBAL require_secure_transport = ON")
    try:
        clear = replace(shop, tls=Tls.NONE, ca_file="")
        outcome = check(clear)
    finally:
        server.run_script("SET GLOBAL require_secure_transport = OFF")
        server.run_script("ALTER USER `shop run`@`%` REQUIRE SSL")
    assert isinstance(outcome, SourceUnfit)
    assert [each.trouble for each in outcome.diagnoses] == [Trouble.TLS_WANTED] * 2


def test_rights_that_are_missing_are_named(server: MariaDBServer, shop: SourceTarget) -> None:
    deploy, run = "`shop deploy`@`%`", "`shop run`@`%`"
    server.run_script(f"REVOKE CREATE ROUTINE ON postroad.* FROM {deploy}")
    assert troubles(shop) == [(Trouble.NO_CREATE, DEPLOY)]
    server.run_script(f"GRANT CREATE ROUTINE ON postroad.* TO {deploy}")
    server.run_script(f"REVOKE EXECUTE ON postroad.* FROM {run}")
    assert troubles(shop) == [(Trouble.NO_USAGE, RUN)]
    server.run_script(f"GRANT EXECUTE ON postroad.* TO {run}")
    server.run_script(f"GRANT SELECT, DELETE ON sales.invoice TO {run}")
    server.run_script(f"GRANT INSERT ON sales.invoice TO {deploy}")
    outcome = check(shop)
    assert isinstance(outcome, SourceAnswers)
    warned = [(each.trouble, each.role) for each in outcome.warnings]
    assert warned == [(Trouble.MAY_WRITE, DEPLOY), (Trouble.MAY_READ, RUN)]
    server.run_script(f"REVOKE SELECT, DELETE ON sales.invoice FROM {run}")
    server.run_script(f"REVOKE INSERT ON sales.invoice FROM {deploy}")


def test_the_run_account_reads_and_writes_nothing(
    server: MariaDBServer, shop: SourceTarget
) -> None:
    with (
        closing(server.connect(user=shop.run_user, password=PASSWORD)) as connection,
        connection.cursor() as cursor,
    ):
        for statement in (
            "SELECT 1 FROM my_shop.Person",
            "CREATE TABLE postroad.mine (a int)",
            "INSERT INTO sales.line VALUES (1, 1)",
            "CREATE PROCEDURE postroad.mine() SELECT 1",
        ):
            with pytest.raises(pymysql.OperationalError, match="denied"):
                cursor.execute(statement)


def test_deploying_reads_only_unless_it_writes(shop: SourceTarget) -> None:
    with (
        pytest.raises(SourceRefusal) as refused,
        connected(shop, DEPLOY) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO sales.line VALUES (1, 1)")
    assert refused.value.diagnosis.trouble == Trouble.NOT_ALLOWED
    with connected(shop, DEPLOY, is_writing=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE PROCEDURE postroad.mine() SELECT 1")
        cursor.execute("DROP PROCEDURE postroad.mine")


def test_a_statement_that_would_run_for_hours_is_stopped_and_says_so(
    server: MariaDBServer, shop: SourceTarget
) -> None:
    server.run_script(
        """CREATE VIEW my_shop.endless AS SELECT a.seq FROM seq_1_to_1000000 AS a
        JOIN seq_1_to_1000000 AS b ON a.seq + b.seq = -1;""",
        "my_shop",
    )
    try:
        impatient = replace(shop, timeout_seconds=1)
        outcome = read_sample(impatient, table_of(schema_of(impatient), "endless"))
    finally:
        server.run_script("DROP VIEW my_shop.endless")
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble == Trouble.TOO_SLOW


def test_a_locked_table_is_told_and_not_waited_for(
    server: MariaDBServer, shop: SourceTarget
) -> None:
    table = table_of(schema_of(shop), "Person")
    with closing(server.connect("my_shop")) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLES Person WRITE")
        outcome = read_sample(replace(shop, timeout_seconds=1), table)
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble in (Trouble.LOCKED, Trouble.TOO_SLOW)


def test_a_server_that_says_nothing_is_told(
    shop: SourceTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 1)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        mute = replace(shop, port=port, timeout_seconds=1)
        assert troubles(mute) == [(Trouble.NOT_THIS_KIND, DEPLOY)]


def test_an_account_whose_connections_are_all_in_use_is_told(
    server: MariaDBServer, shop: SourceTarget
) -> None:
    server.run_script("ALTER USER `shop run`@`%` WITH MAX_USER_CONNECTIONS 1")
    try:
        with connected(shop, RUN):
            assert troubles(shop) == [(Trouble.TOO_MANY, RUN)]
    finally:
        server.run_script("ALTER USER `shop run`@`%` WITH MAX_USER_CONNECTIONS 0")


def test_a_connection_that_broke_is_told(server: MariaDBServer, shop: SourceTarget) -> None:
    def cut_off() -> None:
        with connected(shop, DEPLOY) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT connection_id()")
            server.run_script(f"KILL {(cursor.fetchone() or ())[0]}")
            cursor.execute("SELECT 1")

    with pytest.raises(SourceRefusal) as refused:
        cut_off()
    assert refused.value.diagnosis.trouble == Trouble.LOST


@pytest.mark.parametrize(
    ("version", "words", "is_old"),
    [
        ("10.5.22-MariaDB-1:10.5.22+maria~ubu2004", "MariaDB 10.5.22", True),
        ("10.6.0-MariaDB", "MariaDB 10.6.0", False),
        ("5.5.5-10.11.6-MariaDB-0+deb12u1", "MariaDB 10.11.6", False),
        ("5.7.44-log", "MySQL 5.7.44", True),
        ("8.0.36", "MySQL 8.0.36", False),
    ],
)
def test_servers_say_what_they_are_and_how_old(
    version: str,
    words: str,
    is_old: bool,  # noqa: FBT001
) -> None:
    assert (check_module._server(version), check_module._is_too_old(version)) == (words, is_old)
