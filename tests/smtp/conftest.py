import datetime as dt

import pytest

from postroad.testing.certificates import Certificates, make_certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    return make_certificates(folder, dt.datetime.now(tz=dt.UTC))
