"""A campaign that the manager opened, with all that its mails need, made by SQL."""

import json
from typing import Any

import psycopg


def open_campaign(connection: psycopg.Connection, **fields: Any) -> int:
    """Its id. `fields` are columns that differ from those of a complete one."""
    connection.execute(
        "INSERT INTO relay (name, host, port, tls, is_default)"
        " VALUES ('r', '127.0.0.1', 25, 'none', true) ON CONFLICT DO NOTHING"
    )
    row = connection.execute(
        "INSERT INTO content (name) VALUES (gen_random_uuid()) RETURNING id"
    ).fetchone()
    assert row is not None
    connection.execute(
        "INSERT INTO revision (content_id, number, subject, format, source)"
        " VALUES (%s, 1, 'Hello', 'txt', 'Dear {{ name }}, {{ order }}.')",
        row,
    )
    columns = {"content_id": row[0], "sender_address": "me@example.com", "is_open": True} | fields
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    made = connection.execute(
        f"INSERT INTO campaign (name, {names}) VALUES ('Receipts', {marks}) RETURNING id",
        [*columns.values()],
    ).fetchone()
    assert made is not None
    return int(made[0])


def submit(
    connection: psycopg.Connection, campaign: int, key: str = "order 1", **more: Any
) -> tuple[str, int | None]:
    """What came of it, and the run."""
    address = more.get("address", "Ann@example.org")
    row = connection.execute(
        "SELECT outcome, run_id FROM submit_delivery(%s, %s, %s, %s, %s, %s, '', 'outside')",
        [campaign, key, address, address.lower(), more.get("name", "Ann"),
         json.dumps(more.get("data", {}))],
    ).fetchone()  # fmt: skip
    assert row is not None
    return row[0], row[1]
