from django.test import Client

from postroad.app import App

from .test_shell_live import add_run


def run_sql(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_empty_product_shows_the_road_with_people_next(app: App, manager: Client) -> None:
    text = manager.get("/").content.decode()
    assert "The road is empty" in text
    assert text.count("pr-station-done") == 1
    assert text.index("pr-station-look") < text.index("0 contacts")


def test_bringing_people_moves_the_road_on(app: App, manager: Client) -> None:
    run_sql("INSERT INTO contact (address, address_key) VALUES ('a@b.example', 'a@b.example')")
    text = manager.get("/").content.decode()
    assert text.count("pr-station-done") == 2
    assert "1 contacts" not in text


def test_after_the_first_campaign_the_dashboard_shows_what_runs(app: App, manager: Client) -> None:
    add_run(app)
    text = manager.get("/").content.decode()
    assert "Winter, run 1" in text
    assert "61 of 100 accepted" in text
    assert "61 %" in text


def test_dead_letters_and_unknowns_ask_for_a_person_until_they_are_settled(
    app: App, manager: Client
) -> None:
    add_run(app)
    run_sql(
        "INSERT INTO attention (run_id, n, state, cause, text) VALUES"
        " (1, 1, 'dead', '552 5.3.4', 'too big'), (1, 2, 'dead', '554 5.6.0', 'bad'),"
        " (1, 3, 'unknown', 'no reply', '')"
    )
    text = manager.get("/").content.decode()
    assert "2 dead letters, 2 causes" in text
    assert "1 mail unknown" in text
    run_sql("UPDATE attention SET mark = 'discarded' WHERE n = 1")
    run_sql("UPDATE attention SET requeued_at = now() WHERE n > 1")
    home = app.reads.home(app.clock.now())
    assert (home.nav.dead, home.nav.unknown) == (0, 0)


def test_a_worker_that_fell_silent_is_not_alive(app: App) -> None:
    run_sql(
        "INSERT INTO worker (id, host, pid, version, stages, alive_until) VALUES"
        " (gen_random_uuid(), 'a', 1, '1', '{}', now() + interval '1 minute'),"
        " (gen_random_uuid(), 'b', 2, '1', '{}', now() - interval '1 second')"
    )
    assert app.reads.nav(app.clock.now()).workers == 1
    assert app.reads.home(app.clock.now()).workers.hosts == 1


def test_the_kit_is_not_there_in_production(app: App, manager: Client) -> None:
    import dataclasses

    from .conftest import make_client, sign_in

    assert manager.get("/kit/").status_code == 200
    plain = app.settings.model_copy(update={"debug": False})
    production = dataclasses.replace(app, settings=plain)
    client = make_client(production)
    sign_in(client, production)
    assert client.get("/kit/").status_code == 404


def test_find_takes_special_signs_literally(app: App, manager: Client) -> None:
    run_sql("INSERT INTO campaign (name) VALUES ('100 % jazz'), ('rock')")
    assert [thing.name for thing in app.reads.find("%")] == ["100 % jazz"]
    assert manager.get("/find/", {"q": "a\x00b' --"}).status_code == 200


def test_an_alarm_stands_on_the_dashboard_and_beside_every_page_until_it_is_over(
    app: App, manager: Client
) -> None:
    add_run(app)
    run_sql("SELECT raise_alarm('waiting', 'run 1', 1, 'Run 1: 3 mails that wait <b>nowhere</b>')")
    run_sql("SELECT raise_alarm('journal', 'rest', NULL, 'Journal rows lie outside every month')")
    text = manager.get("/").content.decode()
    assert "3 mails that wait &lt;b&gt;nowhere&lt;/b&gt;" in text
    assert "Journal rows lie outside every month" in text
    assert ", run 1: alarm since" in text, "named as its pages name it"
    assert 'href="/journal/?run=1"' in text
    assert 'href="/journal/?kind=alarm"' in text
    assert "2 alarms" in manager.get("/contacts/").content.decode()
    run_sql("SELECT clear_alarm('waiting', 'run 1'), clear_alarm('journal', 'rest')")
    assert "alarm" not in manager.get("/contacts/").content.decode().lower()
