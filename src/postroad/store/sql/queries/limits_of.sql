-- The limits of one relay, lane or campaign; no row where it never had any.
SELECT per_minute, at_once, per_day, ramp_first, ramp_percent
FROM bucket WHERE kind = %(kind)s AND key = %(key)s
