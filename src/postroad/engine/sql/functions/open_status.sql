-- Lets role postroad_status read the status views, and makes it where we may. Returns
-- whether it can: else who may make roles says CREATE ROLE postroad_status, and calls
-- this again. Roles are the server's and in no backup: done again after a restore.
CREATE FUNCTION open_status() RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'postroad_status') THEN
        CREATE ROLE postroad_status NOLOGIN;
    END IF;
    GRANT SELECT ON status_run, status_queue, status_delivery TO postroad_status;
    RETURN true;
EXCEPTION
    WHEN insufficient_privilege THEN
        RETURN false;
    WHEN duplicate_object OR unique_violation THEN  -- Made at the same time for another database.
        GRANT SELECT ON status_run, status_queue, status_delivery TO postroad_status;
        RETURN true;
END
$$;
