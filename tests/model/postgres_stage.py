"""The stage on which the real engine plays the model's schedules.

A migrated database whose clock stands still until a test moves it: a schema
in front of pg_catalog has functions `now`, `clock_timestamp` and `random` of
its own. The engine's functions are those of the product, untouched; they ask
these. So a schedule is exact, and repeats exactly.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg

START: Final = datetime(2030, 1, 1, tzinfo=UTC)
MOST_RUNS: Final = 12
PLAYED: Final = (
    "run, batch, prepared, retry, delivery, delivery_state, omission, journal, count_delta,"
    " reply_delta, attention, worker, bucket, bucket_hour, relay_health, slow_reply,"
    " suppression, stage.person"
)
_SCENERY: Final = f"""
    CREATE SCHEMA stage;
    CREATE TABLE stage.clock (at timestamptz NOT NULL);
    INSERT INTO stage.clock VALUES ('{START.isoformat()}');
    CREATE FUNCTION stage.now() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT at FROM stage.clock';
    CREATE FUNCTION stage.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT at FROM stage.clock';
    CREATE FUNCTION stage.random() RETURNS double precision LANGUAGE sql VOLATILE
        AS 'SELECT 0.5::double precision';
    CREATE TABLE stage.person (list integer, place integer, address text);
    INSERT INTO lane_domain VALUES ('a.example', 'a'), ('b.example', 'b');
"""
_AUDIENCE: Final = """
    CREATE FUNCTION stage.people_{0}() RETURNS TABLE (
        contact_key text, address text, address_key text, name text, zone text, data jsonb)
    LANGUAGE sql STABLE BEGIN ATOMIC
        SELECT address, address, address, '', '', '{{}}'::jsonb
        FROM stage.person WHERE list = {0} ORDER BY place;
    END
"""
_DEFAULTS: Final = """
    SELECT format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT stage.%s',
                  d.adrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attrdef d
    JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    JOIN pg_class c ON c.oid = d.adrelid AND c.relnamespace = 'public'::regnamespace
    WHERE pg_get_expr(d.adbin, d.adrelid) IN ('now()', 'clock_timestamp()')
"""


def set_stage(dsn: str, *, has_own_clock: bool) -> None:
    """Once a database: the audiences, the lanes, and the clock if it is not the real one."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_SCENERY)
        for number in range(1, MOST_RUNS + 1):
            connection.execute(_AUDIENCE.format(number).encode())
        if has_own_clock:
            for (statement,) in connection.execute(_DEFAULTS).fetchall():
                connection.execute(statement)


def enter(dsn: str, *, has_own_clock: bool) -> psycopg.Connection:
    """A connection on this stage, by its clock or by the real one."""
    path = "stage,pg_catalog," if has_own_clock else ""
    options = f'-c search_path={path}"$user",public -c jit=off -c statement_timeout=30s'
    return psycopg.connect(dsn, autocommit=True, options=options)


def clear(connection: psycopg.Connection) -> None:
    """For the next schedule: nobody, nothing, and the first moment."""
    connection.execute(f"TRUNCATE {PLAYED} RESTART IDENTITY CASCADE".encode())
    connection.execute("DELETE FROM lane_domain WHERE promoted_at IS NOT NULL")
    set_clock(connection, 0.0)


def set_clock(connection: psycopg.Connection, seconds: float) -> None:
    connection.execute("UPDATE stage.clock SET at = %s", [moment(seconds)])


def moment(seconds: float) -> datetime:
    """Seconds of the schedule, as the database knows them."""
    return START + timedelta(seconds=seconds)
