"""A browser without scripts, for a console that runs as a process of its own."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

BOUNDARY = "a-line-between-the-parts"


class Visitor:
    """Cookies, forms with their token, and whatever is answered. `at`: where the last page was."""

    def __init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self.at = ""
        self._last_token = ""

    def get(self, url: str) -> tuple[int, str]:
        return self._open(url, None)

    def post(self, url: str, **form: str) -> tuple[int, str]:
        body = urllib.parse.urlencode(form | {"csrfmiddlewaretoken": self._token(url)})
        return self._open(url, body.encode())

    def upload(self, url: str, name: str, data: bytes) -> tuple[int, str]:
        """One file, in the field `file`."""
        parts = (
            b'name="csrfmiddlewaretoken"\r\n\r\n' + self._token(url).encode(),
            f'name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'.encode() + data,
        )
        begin = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
        body = b"".join(begin + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()
        return self._open(url, body, f"multipart/form-data; boundary={BOUNDARY}")

    def _token(self, url: str) -> str:
        _, page = self.get(url)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if found:
            self._last_token = found[1]
        # Without one here: the form was opened before, and is sent again now.
        assert self._last_token, page
        return self._last_token

    def _open(
        self, url: str, body: bytes | None, kind: str = "application/x-www-form-urlencoded"
    ) -> tuple[int, str]:
        asked = urllib.request.Request(url, body, {"Content-Type": kind} if body else {})
        try:
            with self._opener.open(asked, timeout=60) as answer:
                self.at = answer.url
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
