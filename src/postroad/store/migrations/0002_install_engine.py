"""The engine's tables and functions: the sending protocol.

Released files never change; a changed function becomes `_v2` in a later one.
"""

from django.db import migrations

from postroad.store.migration_sql import RunSQLFiles

TABLES = (
    "fact_rule",
    "run",
    "batch",
    "delivery",
    "journal",
    "worker",
    "lanes",
    "audience_schema",
)
FUNCTIONS = (
    "backoff",
    "fact_strength",
    "journal_act",
    "journal_facts",
    "used_in_a_day",
    "next_of_day",
    "unanswered",
    "abandon_verified_run",
    "advance_runs",
    "audience_has",
    "beat",
    "choose_recipients",
    "claim_batch",
    "claim_rung",
    "claim_selecting",
    "compact_counts",
    "count_audience",
    "count_waiting",
    "discard_dead",
    "disown",
    "drain_worker",
    "end_preparing",
    "end_running",
    "end_worker",
    "finish_prepare",
    "follow_facts",
    "free_batch",
    "give_back",
    "hand_back_unbegun",
    "hold_run",
    "is_on_its_way",
    "launch_run",
    "list_attention",
    "load_mails",
    "load_recipients",
    "make_retry_batch",
    "make_run",
    "mark_prepared",
    "open_window",
    "pass_over",
    "patience_began",
    "pause_run",
    "purge_batch",
    "purge_retries",
    "purge_stopped",
    "reap_batch",
    "record_facts",
    "recount_run",
    "release_address",
    "release_run",
    "report_window",
    "requeue_dead",
    "rest_batch",
    "resume_run",
    "run_counts",
    "sample_audience",
    "schedule_retries",
    "select_recipients",
    "set_bucket",
    "settle_unknown",
    "spend_tokens",
    "start_relay",
    "stop_relay",
    "stop_run",
    "stop_selecting",
    "suppress_address",
    "suppressed_in",
    "take_tokens",
    "take_window_tokens",
    "undo_launch",
    "unsubscribe_recipient",
    "window_items",
    "write_deliveries",
    "write_retry",
)


class Migration(migrations.Migration):
    dependencies = [("postroad", "0001_create_store")]

    operations = [
        RunSQLFiles(*(f"tables/{name}.sql" for name in TABLES)),
        RunSQLFiles(*(f"functions/{name}.sql" for name in FUNCTIONS)),
    ]
