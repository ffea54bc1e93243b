"""What replies mean, as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.outcome import Judgement, Phase, Reply, Verdict, classify

A, D, R, X = Verdict.ACCEPTED, Verdict.DEFERRED, Verdict.REJECTED, Verdict.DEAD
MAIL, RCPT, DATA, DOT = Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.DOT


@pytest.mark.parametrize(
    ("phase", "code", "enhanced", "expected"),
    [
        (DOT, 250, "2.0.0", Judgement(A)),
        (DOT, 251, "", Judgement(Verdict.UNKNOWN)),
        (DOT, 354, "", Judgement(Verdict.UNKNOWN)),
        (RCPT, 450, "4.2.0", Judgement(D)),
        (RCPT, 450, "4.7.1", Judgement(D, slow_down=True)),
        (MAIL, 421, "", Judgement(D, slow_down=True)),
        (DOT, 452, "4.3.1", Judgement(D)),
        (RCPT, 550, "5.1.1", Judgement(R)),
        (RCPT, 550, "", Judgement(R)),
        (RCPT, 501, "5.1.3", Judgement(R)),
        (RCPT, 552, "5.2.2", Judgement(R)),
        (RCPT, 552, "5.2.3", Judgement(X)),
        (RCPT, 550, "5.7.1", Judgement(R)),
        (RCPT, 503, "5.5.1", Judgement(X)),
        (RCPT, 553, "5.6.7", Judgement(X)),
        (RCPT, 530, "5.7.0", Judgement(D, about_account=True)),
        (MAIL, 530, "", Judgement(D, about_account=True)),
        (MAIL, 550, "5.7.1", Judgement(D, about_account=True)),
        (MAIL, 535, "5.7.8", Judgement(D, about_account=True)),
        (MAIL, 552, "5.3.4", Judgement(X)),
        (MAIL, 501, "5.5.4", Judgement(X)),
        (MAIL, 555, "", Judgement(X)),
        (MAIL, 550, "", Judgement(X)),
        (DATA, 554, "", Judgement(X)),
        (DOT, 552, "5.3.4", Judgement(X)),
        (DOT, 552, "", Judgement(X)),
        (DOT, 554, "5.6.0", Judgement(X)),
        (DOT, 554, "", Judgement(X)),
        (DOT, 550, "5.7.1", Judgement(R)),
        (DOT, 550, "5.1.1", Judgement(R)),
        (DOT, 552, "5.2.2", Judgement(R)),
    ],
)
@pytest.mark.fault(11, 12)
def test_a_reply_means(phase: Phase, code: int, enhanced: str, expected: Judgement) -> None:
    assert classify(phase, Reply(code, enhanced, "")) == expected


@given(
    st.sampled_from([MAIL, RCPT, DATA, DOT]),
    st.integers(200, 599),
    st.sampled_from(["", "2.0.0", "4.7.0", "5.1.1", "5.3.4", "5.7.1"]),
)
@pytest.mark.fault(11, 12)
def test_only_250_at_the_dot_is_accepted_and_4yz_never_ends_a_mail(
    phase: Phase, code: int, enhanced: str
) -> None:
    judgement = classify(phase, Reply(code, enhanced, ""))
    assert (judgement.verdict is A) == (phase is DOT and code == 250)
    if code // 100 == 4:
        assert judgement.verdict is D
    if judgement.about_account:
        assert judgement.verdict is D
