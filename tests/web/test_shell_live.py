import re

from django.test import Client

from postroad.app import App

NOW = "/_now/"


def add_run(app: App) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO campaign (name) VALUES ('Winter') RETURNING id")
        (campaign,) = cursor.fetchone() or (0,)
        cursor.execute(
            "INSERT INTO run (campaign_id, state, routine, audience_version_id, revision_id,"
            " relay_id, is_personal, sender_address, recipients, started_at)"
            " VALUES (%s, 'running', 'x', 1, 1, 1, true, 'a@b.example', 100, now()) RETURNING id",
            [campaign],
        )
        (run,) = cursor.fetchone() or (0,)
        cursor.execute(
            "INSERT INTO count_delta VALUES (%s, 'prepared', 100), (%s, 'prepared', -61),"
            " (%s, 'accepted', 61)",
            [run, run, run],
        )


def test_what_was_seen_already_is_not_sent_again(app: App, manager: Client) -> None:
    add_run(app)
    first = manager.get(NOW)
    assert first.status_code == 200
    again = manager.get(NOW, {"seen": first["X-Seen"]})
    assert (again.status_code, again.content) == (204, b"")


def test_what_changed_is_sent(app: App, manager: Client) -> None:
    first = manager.get(NOW)
    add_run(app)
    assert manager.get(NOW, {"seen": first["X-Seen"]}).status_code == 200


def test_a_fragment_is_the_include_of_its_page(app: App, manager: Client) -> None:
    add_run(app)

    def bare(text: bytes) -> str:
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text.decode())

    assert bare(manager.get(NOW).content) in bare(manager.get("/").content)


def test_a_live_region_whose_session_ended_is_told_so(client: Client) -> None:
    answer = client.get(NOW, headers={"HX-Request": "true"}, follow=True)
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_a_run_that_adds_up_and_one_that_does_not(app: App, manager: Client) -> None:
    from django.db import connection

    add_run(app)
    assert app.reads.nav(app.clock.now()).difference == 0
    assert b"Queues match journal" in manager.get("/").content
    with connection.cursor() as cursor:
        cursor.execute("UPDATE run SET recipients = 112")
    assert app.reads.nav(app.clock.now()).difference == 12
    assert b"differ by 12" in manager.get("/").content


def test_the_dashboard_costs_the_same_number_of_queries_at_one_run_and_at_five(
    app: App, manager: Client
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    add_run(app)
    with CaptureQueriesContext(connection) as one:
        manager.get("/")
    for _ in range(4):
        add_run(app)
    with CaptureQueriesContext(connection) as five:
        manager.get("/")
    assert len(one) == len(five)
    assert len(one) <= 14
