"""What a column of MariaDB cannot hold because its character set is smaller than Unicode.

Compared with such a text the server does not say no: it refuses the whole statement ("illegal mix
of collations"). No row can have it, so it is left out of what is asked.
"""

import codecs
import re
from typing import Final

_NAMED: Final = re.compile(r" character set ([a-z0-9]+)$")
_PLANE: Final = frozenset({"utf8", "utf8mb3", "ucs2"})
_WHOLE: Final = frozenset({"utf8mb4", "utf16", "utf16le", "utf32"})
_CODECS: Final = {
    "armscii8": "",
    "binary": "",
    "eucjpms": "euc_jp",
    "euckr": "euc_kr",
    "greek": "iso8859_7",
    "hebrew": "iso8859_8",
    "koi8r": "koi8_r",
    "koi8u": "koi8_u",
    "latin1": "cp1252",
    "latin2": "iso8859_2",
    "latin5": "iso8859_9",
    "latin7": "iso8859_13",
    "macroman": "mac_roman",
    "sjis": "shift_jis",
    "tis620": "tis_620",
    "ujis": "euc_jp",
}
"""Where Python's name is another one; '' where it has none."""


def can_hold(type_words: str, text: str) -> bool:
    """True, too, of a character set that we do not know: the server will say."""
    named = _NAMED.search(type_words)
    if named is None or text.isascii() or named[1] in _WHOLE:
        return True
    if named[1] in _PLANE:
        return max(text) < "\U00010000"
    try:
        codec = codecs.lookup(_CODECS.get(named[1], named[1]))
    except LookupError:
        return True
    try:
        codec.encode(text)
    except UnicodeEncodeError:
        return False
    return True
