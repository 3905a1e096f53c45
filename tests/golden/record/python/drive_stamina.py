"""stamina: attempts, timeout and waits."""

import importlib.metadata

import stamina
from stamina import instrumentation

from helpers import FAILS, OK, UNIFORMS, Scripted, run, spelled
from world import recording, write

OPTIONS = [
    {},
    {"attempts": 1},
    {"attempts": 3},
    {"attempts": None},
    {"timeout": None},
    {"timeout": 10.0},
    {"attempts": None, "timeout": 10.0},
    {"wait_initial": 1.0, "wait_max": 60.0, "wait_jitter": 0.0, "timeout": None},
    {"wait_initial": 0.5, "wait_max": 8.0, "wait_jitter": 2.0, "wait_exp_base": 3.0, "timeout": None},
]


def record(out):
    instrumentation.set_on_retry_hooks([])
    cases = []

    def case(name, attempts, uniforms, options, **more):
        decorate = stamina.retry(on=Scripted, **options)
        cases.append(run(name, options, attempts, uniforms, lambda f: decorate(f)(), lambda _: Scripted(), **more))

    for options in OPTIONS:
        for uniforms in UNIFORMS:
            case(f"{options or 'as it comes'}, uniforms {spelled(uniforms)}", [FAILS], uniforms, options)
        for takes in (1.0, 10.0):
            case(f"{options or 'as it comes'}, attempts of {takes} s", [FAILS], [0.25], options, takes_s=takes)
    case("two failures, then a success", [FAILS, FAILS, OK], [0.25], {})
    settings = {"attempts": 10, "timeout_s": 45, "wait_initial_s": 0.1, "wait_max_s": 5, "wait_jitter_s": 1, "wait_exp_base": 2}
    write(out, f"stamina-{importlib.metadata.version('stamina')}", recording("stamina", settings, cases))
