-- The standard interface for eyes that only read: three views, documented in
-- docs/status.md. Their columns are a promise: added to, never changed. They read as
-- their owner, so the role that may read them needs no other right.
CREATE VIEW status_run AS
SELECT r.id AS run_id, r.campaign_id, c.name AS campaign, r.state, r.reason,
       r.priority > 0 AS is_urgent, r.submission_id IS NOT NULL AS is_single, r.recipients,
       s.*, r.created_at, r.ready_at, r.started_at, r.finished_at
FROM run r
LEFT JOIN campaign c ON c.id = r.campaign_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(d.change) FILTER (WHERE d.state = 'selected'), 0) AS selected,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'prepared'), 0) AS prepared,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'deferred'), 0) AS deferred,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'accepted'), 0) AS accepted,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'delivered'), 0) AS delivered,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'bounced'), 0) AS bounced,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'complained'), 0) AS complained,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'rejected'), 0) AS rejected,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'failed'), 0) AS failed,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'dead'), 0) AS dead,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'unknown'), 0) AS unknown,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'held'), 0) AS held,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'skipped'), 0) AS skipped,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'suppressed'), 0) AS suppressed,
           coalesce(sum(d.change) FILTER (WHERE d.state = 'purged'), 0) AS purged
    FROM count_delta d WHERE d.run_id = r.id
) s;

CREATE VIEW status_queue AS
SELECT q.stage, q.lane, q.waiting_batches, q.waiting_mails, q.retries, q.due_batches, q.due_mails,
       q.owned_batches, q.owned_mails, q.sending, q.next_due_at, q.oldest_due_at, c.at AS counted_at
FROM queue_figure q CROSS JOIN queue_count c;

-- No address, name or variable: the key says who it is to whoever has the source.
CREATE VIEW status_delivery AS
SELECT d.run_id, d.n, d.contact_key, d.message_id, d.lane, s.state, s.attempt, s.fact,
       a.cause, a.mark, a.since
FROM delivery d
JOIN delivery_state s USING (run_id, n)
LEFT JOIN attention a USING (run_id, n);
