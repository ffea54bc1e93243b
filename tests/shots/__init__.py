"""Pictures of every page, and what they show."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from postroad.settings import Settings
from postroad.web.django_settings import configure

# Playwright's synchronous side keeps an event loop in this thread; nothing of ours runs in it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Before anything that reaches the models; each console names its own database.
_HOME = Path(tempfile.mkdtemp(prefix="postroad-test-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
configure(Settings(home=_HOME), "dbname=none")
