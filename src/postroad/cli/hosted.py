"""The plan of a worker that another program hosts: Celery's processes ask for it."""

from postroad.cli.joining import require_key
from postroad.cli.starting import find_database, read_settings
from postroad.cli.work import STAGES
from postroad.engine.worker import WorkerPlan
from postroad.logs import set_up_log
from postroad.working import worker_plan


def plan() -> WorkerPlan:
    """Raises Refusal while there is no database to work for."""
    settings = read_settings()
    set_up_log(settings)
    dsn = find_database(settings)
    require_key(settings, dsn)
    return worker_plan(settings, dsn, STAGES)
