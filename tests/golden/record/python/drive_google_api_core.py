"""google-api-core: `Retry` and its default predicate."""

import importlib.metadata

import requests
from google.api_core import exceptions
from google.api_core.retry import Retry

from helpers import OK, UNIFORMS, run, spelled
from sdk_cases import STATUSES
from world import recording, write

OPTIONS = [
    {},
    {"timeout": 10.0},
    {"timeout": 600.0},
    {"initial": 0.1, "maximum": 5.0, "multiplier": 1.3, "timeout": 30.0},
    {"initial": 100.0, "maximum": 60.0},
]


def raised(step):
    if "status" in step:
        return exceptions.from_http_status(step["status"], "scripted")
    return {
        "connect-error": requests.exceptions.ConnectionError,
        "connect-timeout": requests.exceptions.ConnectTimeout,
        "read-timeout": requests.exceptions.ReadTimeout,
        "chunked-encoding-error": requests.exceptions.ChunkedEncodingError,
        "error": ValueError,
    }[step["raises"]]("scripted")


def record(out):
    cases = []

    def case(name, attempts, uniforms, options, **more):
        cases.append(run(name, options, attempts, uniforms, lambda f: Retry(**options)(f)(), raised, **more))

    for status in STATUSES:
        case(f"one {status}", [{"status": status}, OK], [0.25], {})
    for kind in ("connect-error", "connect-timeout", "read-timeout", "chunked-encoding-error", "error"):
        case(f"one {kind}", [{"raises": kind}, OK], [0.25], {})
    for options in OPTIONS:
        for uniforms in UNIFORMS:
            case(f"503 for ever, {options or 'as it comes'}, uniforms {spelled(uniforms)}", [{"status": 503}], uniforms, options, stop_after=200)
        for takes in (1.0, 25.0):
            case(f"503 for ever, {options or 'as it comes'}, attempts of {takes} s", [{"status": 503}], [0.5], options, takes_s=takes, stop_after=200)
    case("503 for ever, no timeout", [{"status": 503}], [0.5], {"timeout": None}, stop_after=12)
    case("503, 400", [{"status": 503}, {"status": 400}], [0.5], {})
    settings = {"initial_s": 1, "maximum_s": 60, "multiplier": 2, "timeout_s": 120}
    write(out, f"google-api-core-{importlib.metadata.version('google-api-core')}", recording("google-api-core", settings, cases))
