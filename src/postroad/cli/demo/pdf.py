"""A one-page PDF with the standard fonts, written by hand (ISO 32000-1, 7.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

A4: Final = (595, 842)
"""Points."""
FONTS: Final = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Helvetica-Oblique"}
_FONT: Final = b"<< /Type /Font /Subtype /Type1 /BaseFont /%b /Encoding /WinAnsiEncoding >>"
Colour = tuple[float, float, float]


@dataclass(slots=True)
class Page:
    """Drawing operators in order; the origin is at the bottom left."""

    operators: list[str] = field(default_factory=list)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self.operators.append(f"{_numbers(colour)} rg {_numbers((x, y, width, height))} re f")

    def text(self, x: float, y: float, size: float, font: str, colour: Colour, text: str) -> None:
        """One line; signs that the standard fonts lack become '?'."""
        self.operators.append(
            f"BT /{font} {size:g} Tf {_numbers(colour)} rg {_numbers((x, y))} Td"
            f" ({_escaped(text)}) Tj ET"
        )


def write_pdf(page: Page, title: str, author: str) -> bytes:
    """The same octets for the same page, anywhere."""
    content = "\n".join(page.operators).encode("cp1252", "replace")
    fonts = " ".join(f"/{key} {number} 0 R" for number, key in enumerate(FONTS, start=5))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {A4[0]} {A4[1]}] /Contents 4 0 R"
            f" /Resources << /Font << {fonts} >> >> >>"
        ).encode(),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        *(_FONT % name.encode() for name in FONTS.values()),
        f"<< /Title ({_escaped(title)}) /Author ({_escaped(author)}) >>".encode("cp1252"),
    ]
    return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    """Header, numbered objects, their offsets, and where the offsets begin."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (size, size - 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:g}" for value in values)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
