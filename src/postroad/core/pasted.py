"""The paste box: people as they are written in mails, lists and notes.

    Ann Lee <ann@example.org>, bob@example.org; "Lee, Carl" <carl@example.org>

One person a piece; pieces end at a line's end, a comma or a semicolon. Nothing
is lost: every piece is either a good entry or a bad one with its reason, and
the text of the bad ones is what stays in the box.
"""

from dataclasses import dataclass

from .address import BadAddress, parse_address
from .contact import NewContact, complete_names, text_fault

MAX_PASTED = 1_000_000
"""Characters of one paste; larger lists are a file."""


@dataclass(frozen=True, slots=True)
class BadPiece:
    """`line` and `column` count from 1 and point at the piece; `reason` ends with what to do."""

    line: int
    column: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pasted:
    good: tuple[NewContact, ...]
    bad: tuple[BadPiece, ...]

    @property
    def rest(self) -> str:
        """What stays in the box: the bad pieces, a line each."""
        return "\n".join(piece.text for piece in self.bad)


@dataclass(frozen=True, slots=True)
class _Piece:
    line: int
    column: int
    text: str


def parse_pasted(text: str) -> Pasted:
    """Reads a whole paste. Never raises, whatever the text."""
    if len(text) > MAX_PASTED:
        reason = f"is longer than {MAX_PASTED:,} characters: import it as a CSV file instead."
        return Pasted((), (BadPiece(1, 1, text, reason),))
    good: list[NewContact] = []
    bad: list[BadPiece] = []
    for number, line in enumerate(_lines(text), start=1):
        for piece in _pieces(line, number):
            entry = _entry(piece.text)
            if isinstance(entry, NewContact):
                good.append(entry)
            else:
                bad.append(BadPiece(piece.line, piece.column, piece.text, entry))
    return Pasted(tuple(good), tuple(bad))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _pieces(line: str, number: int) -> list[_Piece]:
    """Cuts a line at commas and semicolons that stand outside quotes and <>.

    An unquoted 'Last, First <address>' is one person: a piece without @ whose
    next piece carries an address in brackets belongs to it.
    """
    pieces: list[_Piece] = []
    start = 0
    for end in [*_cuts(line), len(line)]:
        whole = line[start:end]
        text = whole.strip()
        if text:
            column = start + len(whole) - len(whole.lstrip()) + 1
            pieces.append(_Piece(number, column, text))
        start = end + 1
    return _join_names(line, pieces)


def _cuts(line: str) -> list[int]:
    """Positions of the separators. A quote that never closes is an ordinary character."""
    cuts: list[int] = []
    position = 0
    while position < len(line):
        character = line[position]
        if character in ",;":
            cuts.append(position)
        elif character == '"' and _opens(line, position):
            position = _closing(line, position) or position
        elif character == "<":
            position = _bracket_end(line, position)
        position += 1
    return cuts


def _opens(line: str, position: int) -> bool:
    """A quote opens a quoted name or local part only at the beginning of a word."""
    return position == 0 or line[position - 1] in " \t,;<\u00a0"


def _closing(line: str, opening: int) -> int | None:
    position = opening + 1
    while position < len(line):
        if line[position] == "\\":
            position += 1
        elif line[position] == '"':
            return position
        position += 1
    return None


def _bracket_end(line: str, opening: int) -> int:
    """The '>' that closes, or the opening itself when another piece begins before it."""
    end = line.find(">", opening)
    if end < 0 or "<" in line[opening + 1 : end]:
        return opening
    return end


def _join_names(line: str, pieces: list[_Piece]) -> list[_Piece]:
    joined: list[_Piece] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        if before and "@" not in before.text and "<" in piece.text and piece.text[0] != "<":
            between = line[before.column - 1 : piece.column - 1]
            if between.rstrip().endswith(",") and '"' not in before.text:
                joined[-1] = _Piece(before.line, before.column, between + piece.text)
                continue
        joined.append(piece)
    return joined


def _entry(piece: str) -> NewContact | str:
    """The person of one piece, or why there is none."""
    if piece.endswith(">") and "<" in piece:
        before, _, rest = piece.rpartition("<")
        return _contact(_unquoted(before.strip()), rest[:-1])
    if "<" in piece and "@" in piece:
        return "has a '<' without its '>' at the end: write it as Name <name@example.org>."
    name, address = _name_in_front(piece)
    return _contact(name, address)


def _name_in_front(piece: str) -> tuple[str, str]:
    """'Ann Lee ann@example.org' and 'Ann Lee<TAB>ann@example.org', as tables are pasted."""
    if piece.startswith('"'):
        return "", piece
    name, space, address = piece.replace("\t", " ").rpartition(" ")
    if space and "@" in address and "@" not in name:
        return name.strip(), address
    return "", piece


def _unquoted(name: str) -> str:
    """A display name without its quotes (RFC 5322, 3.2.4); inner backslashes are undone."""
    if len(name) < 2 or name[0] != '"' or _closing(name, 0) != len(name) - 1:
        return name
    out: list[str] = []
    position = 1
    while position < len(name) - 1:
        if name[position] == "\\" and position + 1 < len(name) - 1:
            position += 1
        out.append(name[position])
        position += 1
    return "".join(out).strip()


def _contact(name: str, text: str) -> NewContact | str:
    address = parse_address(text)
    if isinstance(address, BadAddress):
        return address.text
    fault = text_fault(name)
    if fault:
        return f"the name {fault}"
    names = complete_names(name)
    return NewContact(address, names.name, names.first_name, names.last_name)
