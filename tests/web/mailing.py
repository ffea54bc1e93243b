"""A campaign brought through its stages by the engine's own SQL functions, without workers."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
import zstandard

SENDER = "ann@letters.example"


@dataclass
class Mailing:
    """Says what happens to a run, as a worker would. `worker` is alive from the start."""

    database: psycopg.Connection[tuple[Any, ...]]
    worker: UUID = field(default_factory=uuid4)
    run: int = 0

    @property
    def actor(self) -> str:
        return f"worker {str(self.worker)[:8]}"

    def ask(self, sql: str, *arguments: object) -> Any:
        """The first column of the first row, None where there is no row."""
        found = self.rows(sql, *arguments)
        return found[0][0] if found else None

    def rows(self, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
        cursor = self.database.execute(sql, arguments or None)
        return cursor.fetchall() if cursor.description else []

    def beat(self, lease: float = 60) -> None:
        self.ask(
            "SELECT beat(%s, 'mars', 4711, '0.1.0', '{prepare,dispatch}', %s, 0, 0)",
            self.worker, lease,
        )  # fmt: skip

    def verify(self, name: str, people: list[tuple[str, str]], **pins: object) -> int:
        """Selects and freezes `people` (address, name) for the campaign of that name; its run."""
        campaign = self.campaign(name)
        routine = self._routine(people)
        version = self.ask(
            "INSERT INTO audience_version (audience_id, version, definition, words, sql, routine,"
            " deployed_by) SELECT id, 1 + (SELECT count(*) FROM audience_version), '{}', 'all', '',"
            " %s, 'manager' FROM audience LIMIT 1 RETURNING id", routine,
        )  # fmt: skip
        made = {
            "campaign_id": campaign, "routine": routine, "audience_version_id": version,
            "revision_id": self.ask("SELECT id FROM revision LIMIT 1"),
            "relay_id": self.ask("SELECT id FROM relay LIMIT 1"),
            "is_personal": True, "sender_name": "Ann", "sender_address": SENDER,
        } | pins  # fmt: skip
        self.run = self.ask("SELECT run_id FROM make_run(%s, 'manager')", json.dumps(made))
        claim = self.ask("SELECT claim FROM claim_selecting(%s)", self.worker)
        self.ask("SELECT select_recipients(%s, %s, %s)", self.run, self.worker, claim)
        return self.run

    def campaign(self, name: str) -> int:
        """Its id; made once, with an audience, a content and a relay for all."""
        if not self.rows("SELECT 1 FROM relay"):
            self.ask(
                "INSERT INTO relay (name, host, port, tls) VALUES ('Frankfurt', 'h', 25, 'none')"
            )
            self.ask("INSERT INTO audience (name) VALUES ('Everybody')")
            self.ask("INSERT INTO content (name) VALUES ('Letter')")
            self.ask(
                "INSERT INTO revision (content_id, number, subject, format, source)"
                " SELECT id, 3, 'Hello {{ name }}', 'txt', '' FROM content"
            )
        known = self.ask("SELECT id FROM campaign WHERE name = %s", name)
        return (
            int(known)
            if known
            else self.ask("INSERT INTO campaign (name) VALUES (%s) RETURNING id", name)
        )

    def _routine(self, people: list[tuple[str, str]]) -> str:
        name = f"postroad.people_{uuid4().hex}"
        self.ask(
            "CREATE TABLE IF NOT EXISTS made_people"
            " (routine text, key int, address text, name text)"
        )
        for key, (address, called) in enumerate(people, 1):
            self.ask("INSERT INTO made_people VALUES (%s, %s, %s, %s)", name, key, address, called)
        self.database.execute(
            f"CREATE FUNCTION {name}() RETURNS TABLE (contact_key text, address text,"
            " address_key text, name text, zone text, data jsonb) LANGUAGE sql STABLE"
            " BEGIN ATOMIC SELECT key::text, address, lower(address), name, ''::text, '{}'::jsonb"
            f" FROM made_people WHERE routine = '{name}' ORDER BY key; END"
        )
        return name

    def prepare(self, failures: dict[int, str] | None = None) -> None:
        """Renders every batch; `failures`: the cause by recipient number. The run is ready then."""
        while row := self.rows("SELECT id, claim FROM claim_batch('prepare', %s)", self.worker):
            self._prepare_batch(row[0][0], row[0][1], failures or {})
        self.ask("SELECT advance_runs()")

    def _prepare_batch(self, batch: int, claim: int, failures: dict[int, str]) -> None:
        loaded = self.rows(
            "SELECT n, index, address, name, message_id FROM load_recipients(%s)", batch
        )
        heads = {index: a_mail(*parts) for _, index, *parts in loaded}
        facts = []
        offsets, lengths, body = [], [], b""
        for n, index, *_ in loaded:
            if n in failures:
                facts.append({"n": n, "attempt": 0, "kind": "failed", "cause": failures[n],
                              "text": f"{failures[n]}: give it a value."})  # fmt: skip
                offsets.append(-1)
                lengths.append(0)
                continue
            offsets.append(len(body))
            lengths.append(len(heads[index]))
            body += heads[index]
        hashes = [hashlib.sha256(heads[index]).digest() for index in sorted(heads)]
        self.ask(
            "SELECT finish_prepare(%s, %s, %s, %s, %s, %s::int[], %s::int[], %s::int[], %s, %s)",
            batch, self.worker, claim, self.actor, zstandard.compress(body, 1), offsets, lengths,
            lengths, hashes, json.dumps(facts),
        )  # fmt: skip

    def launch(self) -> None:
        """At once, with no time to undo."""
        self.ask("SELECT launch_run(%s, NULL, 0, 'UTC', 'manager')", self.run)

    def dispatch(self, answers: dict[int, str] | None = None) -> None:
        """Sends what is due.

        `answers`: the relay's reply to the final dot by recipient number, '' for
        none at all; everybody else gets a 250. It may begin with another phase.
        """
        while self.ask("SELECT make_retry_batch()"):
            pass
        while row := self.rows(
            "SELECT id, claim, item_n, item_attempt FROM claim_batch('dispatch', %s)", self.worker
        ):
            batch, claim, numbers, attempts = row[0]
            self.report(batch, claim, [], len(numbers))
            facts = [
                a_fact(n, attempt, (answers or {}).get(n, "250 2.0.0 kept as 7"))
                for n, attempt in zip(numbers, attempts, strict=True)
            ]
            self.report(batch, claim, facts, None)
        self.ask("SELECT advance_runs()")

    def report(self, batch: int, claim: int, facts: list[dict[str, Any]], upto: int | None) -> None:
        self.ask(
            "SELECT status FROM report_window(%s, %s, %s, %s, %s, %s, NULL)",
            batch, self.worker, claim, self.actor, json.dumps(facts), upto,
        )  # fmt: skip

    def state(self, n: int) -> str:
        return str(
            self.ask("SELECT state FROM delivery_state WHERE run_id = %s AND n = %s", self.run, n)
        )

    def number_of(self, address: str) -> int:
        return int(
            self.ask("SELECT n FROM delivery WHERE run_id = %s AND address = %s", self.run, address)
        )


KINDS = {"2": "accepted", "4": "deferred", "": "unknown"}


def a_fact(n: int, attempt: int, answer: str) -> dict[str, Any]:
    """The fact that an answer makes, as the session tells it."""
    relay = {"n": n, "attempt": attempt, "relay": 1, "lane": "other"}
    if not answer:
        text = "After the final dot, the relay closed the connection."
        said = "mail 250 2.1.0 Ok\nrcpt 250 2.1.5 Ok\ndata 354 go on"
        return relay | {"kind": "unknown", "phase": "dot", "text": text, "dialogue": said}
    phase, _, rest = answer.partition(" ") if answer[0].isalpha() else ("dot", "", answer)
    code, enhanced, text = rest.split(" ", 2)
    before = {"rcpt": "mail 250 2.1.0 Ok\n"}.get(
        phase, "mail 250 2.1.0 Ok\nrcpt 250 2.1.5 Ok\ndata 354 End data with <CR><LF>.<CR><LF>\n"
    )
    is_about_message = enhanced == "5.3.4" or enhanced.startswith("5.6.")
    kind = KINDS.get(code[0]) or ("dead" if is_about_message else "rejected")
    return relay | {
        "kind": kind, "code": int(code), "enhanced": enhanced, "phase": phase, "text": rest,
        "dialogue": f"{before}{phase} {code} {enhanced} {text}",
    }  # fmt: skip


def a_mail(address: str, name: str, message_id: str) -> bytes:
    """A whole mail with an HTML part and a file, as the prepare stage writes it: no Date."""
    return (
        f"Message-ID: <{message_id}>\r\nFrom: Ann <{SENDER}>\r\nTo: <{address}>\r\n"
        f"Subject: Hello {name.encode('ascii', 'replace').decode()}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="=_o"\r\n\r\n'
        '--=_o\r\nContent-Type: multipart/alternative; boundary="=_i"\r\n\r\n'
        f"--=_i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nDear {name or 'friend'},\r\n"
        "here is my letter.\r\n"
        "--=_i\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        f"<p style='color:#234'>Dear <b>{name or 'friend'}</b>,<br>here is my letter.</p>\r\n"
        "--=_i--\r\n"
        "--=_o\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="cv.pdf"\r\n\r\n'
        "JVBERi0xLjQK\r\n--=_o--\r\n"
    ).encode()
