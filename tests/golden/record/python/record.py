"""Records one group of packages: `record.py DIRECTORY GROUP`, run in the environment of the group."""

import importlib
import os
import sys

GROUPS = {
    "sdk-2026": ("sdk", ["openai", "anthropic", "groq", "cohere"]),
    "sdk-2025": ("sdk", ["openai", "anthropic"]),
    "sdk-1.109": ("sdk", ["openai", "anthropic"]),
    "sdk-1.0": ("sdk", ["openai", "anthropic"]),
    "tools": ("tools", ["tenacity", "backoff", "stamina", "google_api_core", "azure_core", "urllib3", "breakers", "botocore"]),
    "aws-2020": ("tools", ["botocore"]),
    "genai": ("tools", ["google_genai"]),
    "litellm": ("tools", ["litellm"]),
    "river": ("tools", ["river"]),
    "envoy": ("exports", ["envoy"]),
}
# Loaded beside what is driven, in the same environment.
EXPORTS = {"litellm": "litellm"}


def main(out, group):
    kind, names = GROUPS[group]
    if kind == "sdk":
        importlib.import_module("sdk").record(out, names)
        return
    if kind == "exports":
        for name in names:
            importlib.import_module(f"drive_exports_{name}").record(out)
        return
    from world import install

    install(dates=group == "tools")
    for name in names:
        importlib.import_module(f"drive_{name}").record(out)
    if group in EXPORTS:
        importlib.import_module(f"drive_exports_{EXPORTS[group]}").record(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    # Calls that a timeline left running must not come to an end now.
    os._exit(0)
