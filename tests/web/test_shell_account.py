from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.test import Client

from postroad.app import App

from .conftest import SetClock, make_client, sign_in

GOOD = "four words in a row"


def test_a_stranger_is_sent_to_the_sign_in_page_which_names_the_command(client: Client) -> None:
    response = client.get("/", follow=True)
    assert response.redirect_chain == [("/account/login/?next=/", 302)]
    assert b"postroad link" in response.content


def test_opening_a_link_does_not_use_it_up_and_pressing_the_button_does(
    app: App, client: Client
) -> None:
    path = f"/account/link/{app.account.make_link(app.clock.now())}/"
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 303
    assert client.get("/").status_code == 200


def test_a_link_signs_in_once(app: App, client: Client) -> None:
    path = f"/account/link/{app.account.make_link(app.clock.now())}/"
    assert client.post(path).status_code == 303
    other = make_client(app)
    second = other.post(path)
    assert second.status_code == 410
    assert b"postroad link" in second.content
    assert other.get("/").status_code == 302


def test_of_eight_presses_at_once_one_signs_in(app: App) -> None:
    secret = app.account.make_link(app.clock.now())

    def press(_: int) -> bool:
        try:
            return app.account.use_link(secret, app.clock.now()) is not None
        finally:
            app.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(press, range(8))) == 1


def test_a_link_is_good_for_a_day(app: App, client: Client, clock: SetClock) -> None:
    path = f"/account/link/{app.account.make_link(clock.now())}/"
    clock.move(timedelta(hours=23, minutes=59))
    assert client.get(path).status_code == 200
    clock.move(timedelta(minutes=2))
    assert client.get(path).status_code == 410
    assert client.post(path).status_code == 410


def test_an_unknown_link_does_not_sign_in(client: Client) -> None:
    assert client.post("/account/link/guessed/").status_code == 410
    assert client.get("/").status_code == 302


def test_the_secret_of_a_link_is_not_kept(app: App) -> None:
    from postroad.store.models import SetupLink

    secret = app.account.make_link(app.clock.now())
    (kept,) = SetupLink.objects.all()
    assert secret.encode() not in bytes(kept.secret_sha256)
    assert len(bytes(kept.secret_sha256)) == 32


def test_signing_in_changes_the_sessions_key(app: App, client: Client) -> None:
    session = client.session
    session["before"] = True
    session.save()
    known_before = session.session_key
    assert known_before
    sign_in(client, app)
    assert client.session.session_key != known_before
    assert not client.session.exists(known_before)


def test_a_form_without_its_token_is_refused(app: App) -> None:
    strict = make_client(app, checks_csrf=True)
    response = strict.post(f"/account/link/{app.account.make_link(app.clock.now())}/")
    assert response.status_code == 403
    assert b"out of date" in response.content


def test_a_password_signs_in_and_signing_out_ends_it(app: App, client: Client) -> None:
    app.account.set_password(GOOD)
    answer = client.post("/account/login/?next=/find/", {"username": "manager", "password": GOOD})
    assert (answer.status_code, answer["Location"]) == (303, "/find/")
    assert client.get("/").status_code == 200
    assert client.post("/account/logout/").status_code == 303
    assert client.get("/").status_code == 302


def test_sign_in_never_leads_to_another_host(app: App, client: Client) -> None:
    app.account.set_password(GOOD)
    typed = {"username": "manager", "password": GOOD}
    answer = client.post("/account/login/?next=//evil.example/", typed)
    assert answer["Location"] == "/"


def test_a_wrong_password_keeps_the_stranger_out(app: App, client: Client) -> None:
    app.account.set_password(GOOD)
    answer = client.post("/account/login/", {"username": "manager", "password": "wrong"})
    assert answer.status_code == 422
    assert client.get("/").status_code == 302


def test_five_wrong_passwords_lock_and_a_link_opens_again(app: App, client: Client) -> None:
    app.account.set_password(GOOD)
    typed = {"username": "manager", "password": "wrong"}
    codes = [client.post("/account/login/", typed).status_code for _ in range(5)]
    assert codes == [422, 422, 422, 422, 429]
    right = {"username": "manager", "password": GOOD}
    assert client.post("/account/login/", right).status_code == 429
    sign_in(make_client(app), app)
    assert client.post("/account/login/", right).status_code == 303


def test_who_came_by_link_sets_a_password_without_the_old_one(app: App, manager: Client) -> None:
    typed = {"password": GOOD, "repeated": GOOD}
    assert manager.post("/account/password/", typed).status_code == 303
    assert app.account.has_password()
    assert manager.get("/").status_code == 200


def test_who_came_by_password_must_know_it_to_change_it(app: App, client: Client) -> None:
    app.account.set_password(GOOD)
    client.post("/account/login/", {"username": "manager", "password": GOOD})
    typed = {"password": "another long one", "repeated": "another long one"}
    assert client.post("/account/password/", typed).status_code == 422
    typed["current"] = "not it at all"
    assert client.post("/account/password/", typed).status_code == 422
    typed["current"] = GOOD
    assert client.post("/account/password/", typed).status_code == 303


def test_a_new_password_ends_the_other_sessions(app: App, manager: Client) -> None:
    other = make_client(app)
    sign_in(other, app)
    assert other.get("/").status_code == 200
    manager.post("/account/password/", {"password": GOOD, "repeated": GOOD})
    assert other.get("/").status_code == 302
    assert manager.get("/").status_code == 200


def test_weak_and_differing_passwords_are_refused_with_the_reason(manager: Client) -> None:
    weak = manager.post("/account/password/", {"password": "short", "repeated": "short"})
    assert weak.status_code == 422
    assert b"at least 10 characters" in weak.content
    differing = manager.post("/account/password/", {"password": GOOD, "repeated": GOOD + "s"})
    assert b"The two differ" in differing.content


def test_the_name_is_shown_and_its_markup_is_harmless(manager: Client) -> None:
    answer = manager.post("/account/", {"name": "<b>Clara</b> Voss"}, follow=True)
    assert b"&lt;b&gt;Clara&lt;/b&gt; Voss" in answer.content
    assert b"<b>Clara" not in answer.content


def test_a_toast_is_shown_once(manager: Client) -> None:
    manager.post("/account/", {"name": "Clara Voss"})
    assert b"Name saved" in manager.get("/account/").content
    assert b"Name saved" not in manager.get("/account/").content
