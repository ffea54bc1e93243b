"""A disk that is full is named on the page that could not be saved."""

from http import HTTPStatus
from typing import NoReturn

import psycopg
import pytest
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client, RequestFactory

from postroad.web.console.shell.errors import crashed


def a_post(client: Client) -> HttpRequest:
    request = RequestFactory().post("/contacts/paste/")
    request.session = client.session
    return request


def meet_a_full_disk() -> NoReturn:
    """As Django raises what PostgreSQL said."""
    full = psycopg.errors.DiskFull("could not extend file: No space left on device")
    raise OperationalError(str(full)) from full


@pytest.mark.fault(10)
def test_a_full_disk_is_named_and_says_what_to_do(client: Client) -> None:
    try:
        meet_a_full_disk()
    except OperationalError:
        answer = crashed(a_post(client))
    assert answer.status_code == HTTPStatus.INSUFFICIENT_STORAGE
    assert "The disk is full" in answer.content.decode()
    assert "Free space" in answer.content.decode()


def test_another_fault_is_no_full_disk(client: Client) -> None:
    assert crashed(a_post(client)).status_code == HTTPStatus.INTERNAL_SERVER_ERROR
