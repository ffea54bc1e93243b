-- Where audiences are deployed, each version a routine of its own.
CREATE SCHEMA postroad;
