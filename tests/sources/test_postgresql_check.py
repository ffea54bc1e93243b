"""Each diagnosis, met with on a server that has it."""

import socket
import threading
from contextlib import closing
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from postroad.core.source.connection import Role, SourceTarget, Tls
from postroad.core.source.diagnosis import (
    Diagnosis,
    SourceAnswers,
    SourceRefusal,
    SourceUnfit,
    Trouble,
)
from postroad.sources.asking import check, read_sample, read_schema
from postroad.sources.postgresql import check as check_module
from postroad.sources.postgresql import connecting
from postroad.sources.postgresql.connecting import connected
from postroad.testing.certificates import Certificates
from postroad.testing.customer import CustomerServer


def troubles(target: SourceTarget) -> list[tuple[Trouble, Role | None]]:
    outcome = check(target)
    assert isinstance(outcome, SourceUnfit), outcome
    for diagnosis in outcome.diagnoses:
        assert diagnosis.text.endswith("."), diagnosis
        assert "{" not in diagnosis.text
    return [(each.trouble, each.role) for each in outcome.diagnoses]


def test_both_accounts_as_the_printed_sql_makes_them_work(shop: SourceTarget) -> None:
    outcome = check(shop)
    assert isinstance(outcome, SourceAnswers), outcome
    assert outcome.server.startswith("PostgreSQL 1")
    assert (outcome.tables, outcome.warnings) == (6, ())


def test_what_protects_the_connection_is_told(ciphered: SourceTarget) -> None:
    outcome = check(ciphered)
    assert isinstance(outcome, SourceAnswers), outcome
    assert outcome.tls.startswith("TLSv1.3, TLS_")


def test_no_tls_where_none_is_asked_for(plain: SourceTarget) -> None:
    outcome = check(plain)
    assert isinstance(outcome, SourceAnswers), outcome
    assert outcome.tls == ""


DEPLOY, RUN = Role.DEPLOY, Role.RUN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"host": "no-such-host.invalid"}, [(Trouble.HOST_UNKNOWN, DEPLOY)]),
        ({"deploy_password": "wrong"}, [(Trouble.PASSWORD, DEPLOY)]),
        ({"deploy_password": ""}, [(Trouble.PASSWORD, DEPLOY)]),
        ({"run_password": "wrong"}, [(Trouble.PASSWORD, RUN)]),
        (
            {"deploy_user": "nobody", "run_user": "no one"},
            [(Trouble.PASSWORD, DEPLOY), (Trouble.PASSWORD, RUN)],
        ),
        (
            {"database": "nowhere"},
            [(Trouble.DATABASE_UNKNOWN, DEPLOY), (Trouble.DATABASE_UNKNOWN, RUN)],
        ),
        (
            {"schema": "elsewhere"},
            [(Trouble.NO_SCHEMA, DEPLOY), (Trouble.NO_USAGE, RUN)],
        ),
        ({"run_user": "barred"}, [(Trouble.NOT_ADMITTED, RUN)]),
    ],
)
def test_what_is_wrong_is_named(
    shop: SourceTarget, changes: dict[str, Any], expected: list[tuple[Trouble, Role]]
) -> None:
    assert troubles(replace(shop, **changes)) == expected


@pytest.mark.parametrize("ca_file", ["", "/no/such/file.pem"])
def test_a_certificate_of_an_unknown_authority_is_told(
    ciphered: SourceTarget, ca_file: str
) -> None:
    assert troubles(replace(ciphered, ca_file=ca_file)) == [(Trouble.CERTIFICATE, DEPLOY)]


def test_the_authorities_of_this_machine_are_trusted(
    ciphered: SourceTarget, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    assert isinstance(check(replace(ciphered, ca_file="")), SourceAnswers)


def test_a_certificate_holds_for_the_names_in_it(ciphered: SourceTarget) -> None:
    """It names localhost and 127.0.0.1; ::ffff:127.0.0.1 is the same machine."""
    assert isinstance(check(replace(ciphered, host="localhost")), SourceAnswers)
    strange = replace(ciphered, host="::ffff:127.0.0.1")
    assert troubles(strange) == [(Trouble.CERTIFICATE, DEPLOY)]
    encrypted = replace(strange, tls=Tls.ENCRYPTED, ca_file="")
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
                taken.recv(8)
                taken.sendall(b"220 mail.example.org ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        port = server.getsockname()[1]
        assert troubles(replace(shop, port=port)) == [(Trouble.NOT_THIS_KIND, DEPLOY)]
        thread.join(10)


def test_an_account_for_tls_only_is_told_so(ciphered: SourceTarget, plain: SourceTarget) -> None:
    assert troubles(replace(plain, run_user="ciphered")) == [(Trouble.TLS_WANTED, RUN)]


def test_tls_that_is_not_there_is_told(customer: CustomerServer, ciphered: SourceTarget) -> None:
    customer.switch_tls(on=False)
    try:
        assert troubles(ciphered) == [(Trouble.TLS_MISSING, DEPLOY)]
        encrypted = replace(ciphered, tls=Tls.ENCRYPTED, ca_file="")
        assert troubles(encrypted) == [(Trouble.TLS_MISSING, DEPLOY)]
    finally:
        customer.switch_tls(on=True)


def test_rights_that_are_missing_are_named(
    customer: CustomerServer, own_shop: SourceTarget
) -> None:
    database = own_shop.database
    customer.execute('REVOKE CREATE ON SCHEMA postroad FROM "own shop deploy"', database)
    assert troubles(own_shop) == [(Trouble.NO_CREATE, DEPLOY)]
    customer.execute('GRANT CREATE ON SCHEMA postroad TO "own shop deploy"', database)
    customer.execute('REVOKE USAGE ON SCHEMA postroad FROM "own shop run"', database)
    assert troubles(own_shop) == [(Trouble.NO_USAGE, RUN)]
    customer.execute('GRANT USAGE ON SCHEMA postroad TO "own shop run"', database)
    for schema in ("public", "sales"):
        revoke = f'REVOKE SELECT ON ALL TABLES IN SCHEMA {schema} FROM "own shop deploy"'
        customer.execute(revoke, database)
    assert troubles(own_shop) == [(Trouble.NOTHING_TO_READ, DEPLOY)]
    customer.execute('REVOKE CONNECT ON DATABASE "own shop" FROM PUBLIC')
    customer.execute('REVOKE CONNECT ON DATABASE "own shop" FROM "own shop run"')
    assert (Trouble.NO_DATABASE, RUN) in troubles(own_shop)


def test_rights_too_many_are_warned_of(customer: CustomerServer, own_shop: SourceTarget) -> None:
    customer.execute("GRANT SELECT ON sales.invoice TO PUBLIC", own_shop.database)
    customer.execute("GRANT USAGE ON SCHEMA sales TO PUBLIC", own_shop.database)
    customer.execute('GRANT DELETE ON sales.invoice TO "own shop deploy"', own_shop.database)
    outcome = check(own_shop)
    assert isinstance(outcome, SourceAnswers)
    warned = [(each.trouble, each.role) for each in outcome.warnings]
    assert warned == [(Trouble.MAY_WRITE, DEPLOY), (Trouble.MAY_READ, RUN)]


def test_the_run_account_reads_and_writes_nothing(
    customer: CustomerServer, shop: SourceTarget
) -> None:
    with psycopg.connect(
        host=shop.host, port=shop.port, dbname=shop.database, user=shop.run_user,
        password=shop.run_password, autocommit=True,
    ) as connection:  # fmt: skip
        for statement in (
            'SELECT FROM public."Person"',
            "CREATE TABLE postroad.mine ()",
            "CREATE TABLE public.mine ()",
            "INSERT INTO sales.line VALUES (1, 1)",
        ):
            connection.execute("SET default_transaction_read_only = off")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_deploying_reads_only_unless_it_writes(shop: SourceTarget) -> None:
    with pytest.raises(SourceRefusal) as refused, connected(shop, DEPLOY) as connection:
        connection.execute("CREATE TABLE postroad.mine ()")
    assert refused.value.diagnosis.trouble == Trouble.NOT_ALLOWED
    with connected(shop, DEPLOY, is_writing=True) as connection:
        connection.execute("CREATE TABLE postroad.mine ()")
        connection.execute("DROP TABLE postroad.mine")


def test_a_statement_that_would_run_for_hours_is_stopped_and_says_so(
    customer: CustomerServer, own_shop: SourceTarget
) -> None:
    endless = """CREATE VIEW endless AS
        SELECT n FROM generate_series(1, 1000000000000) AS n WHERE n < 0"""
    customer.execute(endless, own_shop.database)
    impatient = replace(own_shop, timeout_seconds=1)
    schema = read_schema(impatient)
    assert not isinstance(schema, Diagnosis)
    table = next(each for each in schema.tables if each.name.name == "endless")
    outcome = read_sample(impatient, table)
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble == Trouble.TOO_SLOW
    assert "after 1 s" in outcome.text


def test_a_locked_table_is_told_and_not_waited_for(
    customer: CustomerServer, own_shop: SourceTarget
) -> None:
    schema = read_schema(own_shop)
    assert not isinstance(schema, Diagnosis)
    table = next(each for each in schema.tables if each.name.name == "Person")
    with psycopg.connect(customer.dsn(own_shop.database)) as other:
        other.execute('LOCK TABLE public."Person" IN ACCESS EXCLUSIVE MODE')
        outcome = read_sample(replace(own_shop, timeout_seconds=1), table)
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble in (Trouble.LOCKED, Trouble.TOO_SLOW)


def test_a_certificate_of_another_authority_is_refused(
    ciphered: SourceTarget, certificates: Certificates
) -> None:
    strange = replace(ciphered, ca_file=str(certificates.self_signed))
    assert troubles(strange) == [(Trouble.CERTIFICATE, DEPLOY)]


def test_a_server_that_says_nothing_is_told_as_unreachable(
    shop: SourceTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 2)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        assert troubles(replace(shop, port=port)) == [(Trouble.UNREACHABLE, DEPLOY)]


def test_an_account_whose_connections_are_all_in_use_is_told(
    customer: CustomerServer, own_shop: SourceTarget
) -> None:
    customer.execute('ALTER ROLE "own shop run" CONNECTION LIMIT 0')
    assert troubles(own_shop) == [(Trouble.TOO_MANY, RUN)]


def test_a_table_that_went_away_is_told(customer: CustomerServer, own_shop: SourceTarget) -> None:
    schema = read_schema(own_shop)
    assert not isinstance(schema, Diagnosis)
    table = next(each for each in schema.tables if each.name.name == "code")
    customer.execute("DROP TABLE code", own_shop.database)
    outcome = read_sample(own_shop, table)
    assert isinstance(outcome, Diagnosis)
    assert outcome.trouble == Trouble.GONE


def test_a_connection_that_broke_is_told(customer: CustomerServer, shop: SourceTarget) -> None:
    def cut_off() -> None:
        with connected(shop, DEPLOY) as connection:
            customer.execute(f"SELECT pg_terminate_backend({connection.info.backend_pid})")
            connection.execute("SELECT pg_sleep(5)")

    with pytest.raises(SourceRefusal) as refused:
        cut_off()
    assert refused.value.diagnosis.trouble == Trouble.LOST


def test_a_mistake_of_ours_is_no_diagnosis(shop: SourceTarget) -> None:
    with pytest.raises(psycopg.errors.SyntaxError), connected(shop, DEPLOY) as connection:
        connection.execute("SELEKT")


@pytest.mark.parametrize(("number", "is_old"), [(110_022, True), (120_000, False)])
def test_servers_before_12_are_too_old(number: int, is_old: bool) -> None:  # noqa: FBT001
    row = {"version_number": number, "has_schema": True, "may_create": True, "readable": 1}
    assert list(check_module._deploy_troubles(row)) == [Trouble.TOO_OLD] * is_old
