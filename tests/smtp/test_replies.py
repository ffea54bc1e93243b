"""The reply parser takes anything a server may send."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from postroad.core.outcome import Reply
from postroad.engine.smtp.replies import (
    LONGEST_LINE,
    LONGEST_REPLY,
    Garbage,
    Received,
    ReplyParser,
    harmless,
)

codes = st.integers(200, 599)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=60).filter(
    lambda text: not text.endswith("\r")
)


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    code = draw(codes)
    *front, last = draw(st.lists(texts, min_size=1, max_size=4))
    end = draw(st.sampled_from(["\r\n", "\n"]))
    lines = [*(f"{code}-{line}{end}" for line in front), f"{code} {last}{end}"]
    return "".join(lines).encode()


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[start:end] for start, end in pairwise(edges)]


def parsed(chunks: list[bytes]) -> list[Received | Garbage]:
    parser = ReplyParser()
    return [one for chunk in chunks for one in parser.feed(chunk)]


cuts = st.lists(st.integers(0, 10_000), max_size=20)


@given(st.lists(replies(), max_size=5), cuts)
def test_however_it_is_cut_the_replies_are_the_same(sent: list[bytes], places: list[int]) -> None:
    whole = b"".join(sent)
    found = parsed(cut(whole, places))
    assert found == parsed([whole])
    assert [one.reply.code for one in found if isinstance(one, Received)] == [
        int(reply[:3]) for reply in sent
    ]


@given(st.binary(max_size=300), cuts)
def test_anything_at_all_gives_replies_or_one_last_garbage(
    octets: bytes, places: list[int]
) -> None:
    found = parsed(cut(octets, places))
    assert found == parsed([octets])
    assert not any(isinstance(one, Garbage) for one in found[:-1])
    for one in found:
        text = one.text if isinstance(one, Garbage) else one.reply.text
        assert not any(ord(character) < 32 for character in text)


@given(st.text())
def test_a_harmless_text_is_one_line_and_changes_no_further(text: str) -> None:
    assert len(harmless(text).splitlines()) <= 1
    assert harmless(harmless(text)) == harmless(text)


def one(octets: bytes) -> Reply:
    (found,) = parsed([octets])
    assert isinstance(found, Received)
    return found.reply


def test_the_enhanced_code_is_taken_out_of_every_line() -> None:
    assert one(b"250 2.1.5 Ok\r\n") == Reply(250, "2.1.5", "Ok")
    assert one(b"550-5.7.1 Not\r\n550 5.7.1 wanted\r\n") == Reply(550, "5.7.1", "Not wanted")
    assert one(b"250 2.1.5\r\n") == Reply(250, "2.1.5", "")
    assert one(b"550 2.1.5 odd\r\n") == Reply(550, "", "2.1.5 odd")
    assert one(b"250 4.5 GB free\r\n") == Reply(250, "", "4.5 GB free")
    assert one(b"354\r\n") == Reply(354, "", "")


def test_a_reply_that_never_ends_is_garbage_and_not_kept() -> None:
    parser = ReplyParser()
    found = [one for _ in range(LONGEST_LINE // 100 + 2) for one in parser.feed(b"2" * 100)]
    assert len(found) == 1
    assert isinstance(found[0], Garbage)
    line = b"250-" + b"x" * 996 + b"\r\n"
    many = parsed([line] * (LONGEST_REPLY // 1000 + 1))
    assert len(many) == 1
    assert isinstance(many[0], Garbage)


def test_lines_of_one_reply_agree_in_their_code() -> None:
    (found,) = parsed([b"250-one\r\n251 two\r\n250 three\r\n"])
    assert isinstance(found, Garbage)
