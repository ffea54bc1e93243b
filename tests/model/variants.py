"""Ways to get the protocol wrong, to show that the model can fail."""

from enum import StrEnum


class Variant(StrEnum):
    RIGHT = "the protocol"
    # Named in the protocol.
    NO_WATERMARK = "the claim of a batch counts as the intent of all its mails"
    TAKER_RESENDS = "who takes a batch over resends what has no outcome"
    LATE_DROPPED = "a late outcome is fenced like a start"
    NO_SWEEP = "nobody looks by himself and nothing is rung twice"
    EARLY_GIVE_BACK = "a batch without tokens is given back while begun mails are unanswered"
    # Found by this model: the protocol's words can be read so.
    LATE_NOT_BEGUN_LOST = "a late 'not begun' makes no retry row"
    LATE_LEAVES_FINISHED = "a late outcome's retry row does not open a finished run"
    REPEAT_RETRIES = "a fact handed in twice makes its retry row twice"
    REQUEUE_TWICE = "a requeue is remembered by its retry row only"
    DISCARD_FORGETS_RESEND = "a dead letter is discarded though its resend was ordered before"
    DEAD_PASSED_OVER = "a requeued dead letter counts as ended meanwhile"
    DEFERRAL_AFTER_SETTLED = "a late deferral makes a retry row though the manager has settled"
    CLAIM_FORGOTTEN = "a worker that never heard of its claim keeps the batch"
    ANSWER_FORGOTTEN = "a worker that never heard of its window waits for it"
    STALE_TOKENS = "a token is good for ever after its moment"
    BEAT_FORGIVES = "a heartbeat after a lapse makes the windows granted before it good again"
    NO_GUARD = "a cut-off worker goes on beginning mails of its window"
    STOP_PURGES_ONCE = "stop purges what is unowned at that moment and nothing later"
