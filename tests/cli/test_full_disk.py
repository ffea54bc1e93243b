"""A disk that fills up under a running database is named, and nothing is half done."""

import psycopg
import pytest

from postroad.cli.starting import Refusal, telling_when_away


@pytest.mark.fault(10)
@pytest.mark.parametrize("is_wrapped", [False, True])
def test_a_full_disk_is_named_with_what_to_do(*, is_wrapped: bool) -> None:
    from django.db import OperationalError

    full = psycopg.errors.DiskFull('could not extend file "base/1/2": No space left on device')
    error: Exception = full
    if is_wrapped:
        error = OperationalError(str(full))
        error.__cause__ = full
    with pytest.raises(Refusal) as told, telling_when_away():
        raise error
    assert "disk of the database is full" in str(told.value)
    assert "Free some space and try again" in str(told.value)
