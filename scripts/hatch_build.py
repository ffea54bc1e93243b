"""The wheel's build hook: the console's assets are built before the files are collected."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    """An editable install has the assets of the tree, which `make assets` builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        if version == "editable":
            return
        script = Path(self.root) / "scripts" / "build_assets.py"
        subprocess.run([sys.executable, str(script)], check=True)
