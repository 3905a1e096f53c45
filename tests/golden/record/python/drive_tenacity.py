"""tenacity: its waits and its stops."""

import tenacity
from tenacity import stop_after_attempt, stop_after_delay, stop_before_delay

from helpers import FAILS, OK, UNIFORMS, Scripted, run, spelled
from world import recording, write

WAITS = {
    "wait_exponential()": lambda: tenacity.wait_exponential(),
    "wait_exponential(multiplier=1, min=4, max=10)": lambda: tenacity.wait_exponential(multiplier=1, min=4, max=10),
    "wait_exponential(multiplier=0.5, max=8, exp_base=3)": lambda: tenacity.wait_exponential(multiplier=0.5, max=8, exp_base=3),
    "wait_random_exponential()": lambda: tenacity.wait_random_exponential(),
    "wait_random_exponential(min=1, max=60)": lambda: tenacity.wait_random_exponential(min=1, max=60),
    "wait_random_exponential(multiplier=0.5, max=60)": lambda: tenacity.wait_random_exponential(multiplier=0.5, max=60),
    "wait_random_exponential(multiplier=1, min=10, max=60)": lambda: tenacity.wait_random_exponential(multiplier=1, min=10, max=60),
    "wait_exponential_jitter()": lambda: tenacity.wait_exponential_jitter(),
    "wait_exponential_jitter(initial=1, max=10, exp_base=2, jitter=3)": lambda: tenacity.wait_exponential_jitter(initial=1, max=10, exp_base=2, jitter=3),
    "wait_fixed(3)": lambda: tenacity.wait_fixed(3),
    "wait_fixed(3) + wait_random(0, 2)": lambda: tenacity.wait_fixed(3) + tenacity.wait_random(0, 2),
    "wait_random(1, 3)": lambda: tenacity.wait_random(1, 3),
    "wait_incrementing(start=1, increment=2, max=8)": lambda: tenacity.wait_incrementing(start=1, increment=2, max=8),
    "wait_incrementing()": lambda: tenacity.wait_incrementing(),
    "wait_chain(1, 1, 5)": lambda: tenacity.wait_chain(*[tenacity.wait_fixed(s) for s in (1, 1, 5)]),
    "wait_none()": lambda: tenacity.wait_none(),
}
STOPS = {
    "stop_after_attempt(1)": lambda: stop_after_attempt(1),
    "stop_after_attempt(6)": lambda: stop_after_attempt(6),
    "stop_after_delay(10)": lambda: stop_after_delay(10),
    "stop_after_delay(15)": lambda: stop_after_delay(15),
    "stop_before_delay(10)": lambda: stop_before_delay(10),
    "stop_before_delay(15)": lambda: stop_before_delay(15),
    "stop_after_delay(10) | stop_after_attempt(3)": lambda: stop_after_delay(10) | stop_after_attempt(3),
}


def record(out):
    cases = []

    def case(name, settings, attempts, uniforms, options, **more):
        cases.append(
            run(name, settings, attempts, uniforms, lambda f: tenacity.retry(**options)(f)(), lambda _: Scripted(), **more)
        )

    for wait, make in WAITS.items():
        for uniforms in UNIFORMS:
            case(
                f"{wait}, ten attempts, uniforms {spelled(uniforms)}",
                {"wait": wait, "stop": "stop_after_attempt(10)"},
                [FAILS],
                uniforms,
                {"wait": make(), "stop": stop_after_attempt(10)},
            )
    for stop, make in STOPS.items():
        for takes in (0.0, 2.5):
            case(
                f"{stop}, attempts of {takes} s",
                {"wait": "wait_exponential()", "stop": stop},
                [FAILS],
                [0.25],
                {"wait": tenacity.wait_exponential(), "stop": make()},
                takes_s=takes,
            )
    case("the cookbook's, from its first wait to its last attempt", {"wait": "wait_random_exponential(min=1, max=60)", "stop": "stop_after_attempt(6)"},
         [FAILS], [0.5], {"wait": tenacity.wait_random_exponential(min=1, max=60), "stop": stop_after_attempt(6)})
    case("nothing given: for ever and without a wait", {}, [FAILS], [0.5], {}, stop_after=25)
    case("the original error", {"reraise": True}, [FAILS], [0.5], {"stop": stop_after_attempt(2), "reraise": True})
    case("two failures, then a success", {"wait": "wait_fixed(3)"}, [FAILS, FAILS, OK], [0.5], {"wait": tenacity.wait_fixed(3)})
    write(out, f"tenacity-{_version()}", recording("tenacity", {"attempts": "without end", "wait": "none"}, cases))


def _version():
    import importlib.metadata

    return importlib.metadata.version("tenacity")
