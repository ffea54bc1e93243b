-- The lane of a domain that has one by name.
SELECT lane FROM lane_domain WHERE domain = %(domain)s
