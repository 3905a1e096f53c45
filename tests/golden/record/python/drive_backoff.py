"""backoff: exponential, Fibonacci and constant waits, its jitters, tries and time."""

import importlib.metadata
import logging

import backoff

from helpers import FAILS, OK, UNIFORMS, Scripted, run, spelled
from world import recording, write

KINDS = {
    "expo": (backoff.expo, {}),
    "expo base 3 factor 0.5 max 20": (backoff.expo, {"base": 3, "factor": 0.5, "max_value": 20}),
    "expo max 8": (backoff.expo, {"max_value": 8}),
    "fibo": (backoff.fibo, {}),
    "fibo max 10": (backoff.fibo, {"max_value": 10}),
    "constant 2": (backoff.constant, {"interval": 2}),
}
JITTERS = {"full jitter": backoff.full_jitter, "random jitter": backoff.random_jitter, "no jitter": None}


def record(out):
    logging.getLogger("backoff").disabled = True
    cases = []

    def case(name, settings, attempts, uniforms, kind, options, **more):
        generator, arguments = KINDS[kind]
        decorate = backoff.on_exception(generator, Scripted, **options, **arguments)
        cases.append(run(name, settings, attempts, uniforms, lambda f: decorate(f)(), lambda _: Scripted(), **more))

    for kind in KINDS:
        for label, jitter in JITTERS.items():
            for uniforms in UNIFORMS:
                case(f"{kind}, {label}, ten tries, uniforms {spelled(uniforms)}", {"wait": kind, "jitter": label, "max_tries": 10},
                     [FAILS], uniforms, kind, {"jitter": jitter, "max_tries": 10})
    for u in (0.0, 0.5, 0.999999):
        for takes in (0.0, 2.5):
            for limits in ({"max_time": 10}, {"max_time": 60, "max_tries": 6}, {"max_time": 30}):
                case(f"expo, full jitter, {limits}, uniform {u}, attempts of {takes} s", {"wait": "expo", "jitter": "full jitter", **limits},
                     [FAILS], [u], "expo", limits, takes_s=takes, stop_after=300)
    for takes in (0.0, 2.5):
        case(f"expo without jitter in 10 s, attempts of {takes} s", {"wait": "expo", "jitter": "no jitter", "max_time": 10}, [FAILS], [0.5], "expo",
             {"jitter": None, "max_time": 10}, takes_s=takes, stop_after=300)
    case("nothing given: for ever", {"wait": "expo", "jitter": "full jitter"}, [FAILS], [0.5], "expo", {}, stop_after=14)
    case("two failures, then a success", {"wait": "expo", "jitter": "full jitter"}, [FAILS, FAILS, OK], [0.5], "expo", {})
    case("one try", {"wait": "expo", "jitter": "full jitter", "max_tries": 1}, [FAILS], [0.5], "expo", {"max_tries": 1})
    settings = {"jitter": "full jitter", "max_tries": "without end", "max_time": "without end"}
    write(out, f"backoff-{importlib.metadata.version('backoff')}", recording("backoff", settings, cases))
