"""What the drivers of retry helpers share: a function that fails as scripted, and its recording."""

from world import WORLD, plain

UNIFORMS = [[0.0], [0.25], [0.5], [0.999999], [0.0, 0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4, 0.5]]
FAILS = {"raises": "error"}
OK = {"status": 200}


class Scripted(Exception):
    pass


class Enough(BaseException):
    """Stops a loop that would go on for ever."""


def run(name, settings, attempts, uniforms, call, raised, takes_s=0.0, stop_after=None):
    """`call(function)` runs the package over a function that ends as scripted, the last end repeated.

    `raised(step)` makes the exception of a step; an attempt lasts `takes_s`; with `stop_after` the driver
    itself ends the run at that many attempts, which `ends` then says.
    """
    WORLD.reset(uniforms)
    sent = 0

    def function(*_args, **_kwargs):
        nonlocal sent
        step = attempts[min(sent, len(attempts) - 1)]
        sent += 1
        WORLD.pass_time(step.get("takes_s", takes_s))
        if step.get("status") == 200:
            return step["status"]
        if stop_after is not None and sent >= stop_after:
            raise Enough
        raise raised(step)

    try:
        call(function)
        ends = {"ok": True}
    except Enough:
        ends = {"stopped_by_the_driver": True}
    except Exception as error:
        ends = {"error": type(error).__name__}
    out = {
        "name": name,
        "settings": settings,
        "attempts": attempts,
        "uniforms": list(WORLD.drawn),
        "waits_s": [plain(float(wait)) for wait in WORLD.sleeps],
        "sent": sent,
        "ends": ends,
    }
    if takes_s:
        out["takes_s"] = takes_s
    return out


def spelled(uniforms):
    return " ".join(str(u) for u in uniforms)
