-- Before several letters are decided on in one transaction: see lock_letters.sql.
SELECT lock_letters(%(runs)s::bigint[], %(numbers)s::integer[])
