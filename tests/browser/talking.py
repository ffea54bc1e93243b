"""Whether a console answers."""

import urllib.error
import urllib.request


def is_answering(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
