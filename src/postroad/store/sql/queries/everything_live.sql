-- What stopping everything would end now.
SELECT (SELECT count(*) FROM run WHERE state NOT IN ('finished', 'stopped')) AS runs,
       (SELECT coalesce(sum(d.change), 0) FROM count_delta d JOIN run r ON r.id = d.run_id
        WHERE r.state NOT IN ('finished', 'stopped')
          AND d.state IN ('selected', 'prepared', 'deferred'))::bigint AS mails,
       (SELECT coalesce(sum(started_upto - answered), 0) FROM batch
        WHERE owner IS NOT NULL AND stage = 'dispatch')::bigint AS sending
