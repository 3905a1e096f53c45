"""A world without time or chance: a clock that moves only when someone sleeps, and scripted uniforms.

`install` must run before the package under study is imported, so that names it copies
(`from random import random`) are ours too.
"""

import datetime as _datetime
import importlib.metadata
import json
import pathlib
import random
import time

# 2030-01-01T00:00:00Z
EPOCH = 1_893_456_000


class World:
    def __init__(self):
        self.reset()

    def reset(self, uniforms=(0.5,)):
        """`uniforms` are handed out in order; the last one is repeated for ever."""
        self.elapsed = 0.0
        self.supply = list(uniforms)
        self.drawn = []
        self.sleeps = []
        self.counts = None
        self.pick = 0.0

    def now(self):
        return EPOCH + self.elapsed

    def sleep(self, seconds):
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self.sleeps.append(seconds)
        self.elapsed += seconds

    def pass_time(self, seconds):
        self.elapsed += seconds

    def uniform(self):
        """A draw that `counts` denies is for something else, such as a choice among deployments: `pick`."""
        if self.counts and not self.counts():
            return self.pick
        value = self.supply[min(len(self.drawn), len(self.supply) - 1)]
        self.drawn.append(value)
        return value


WORLD = World()


def install(dates=False):
    """Replaces sleeping, clocks and chance; `dates` replaces `datetime.datetime` as well."""
    time.sleep = WORLD.sleep
    time.time = WORLD.now
    time.time_ns = lambda: int(WORLD.now() * 1_000_000_000)
    time.monotonic = WORLD.now
    time.perf_counter = WORLD.now
    # `random.uniform` and its kin go through the generator's own `random`.
    random.random = WORLD.uniform
    random._inst.random = WORLD.uniform
    if dates:
        real = _datetime.datetime

        class Scripted(real):
            @classmethod
            def now(cls, tz=None):
                return cls.fromtimestamp(WORLD.now(), tz or _datetime.timezone.utc).replace(tzinfo=tz)

            @classmethod
            def utcnow(cls):
                return cls.now()

        _datetime.datetime = Scripted


def plain(value):
    """A number as JSON shall show it; what JSON has no word for becomes a string."""
    if isinstance(value, float) and value != value:
        return "nan"
    return value


def recording(name, settings, cases, note=None, language="python", version=None):
    out = {
        "package": name,
        "version": version or importlib.metadata.version(name),
        "language": language,
        "settings": settings,
        "cases": cases,
    }
    if note:
        out["note"] = note
    return out


def write(directory, stem, content):
    names = [case["name"] for case in content["cases"]]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
    pathlib.Path(directory, stem + ".json").write_text(pretty(json.loads(text)) + "\n")


def pretty(value, indent=""):
    """JSON with one case a line (and one step a line where a case has steps): short diffs."""
    dump = lambda v: json.dumps(v, sort_keys=True, ensure_ascii=False, allow_nan=False)
    lines = []
    for key in sorted(value):
        if key != "cases":
            lines.append(f"{dump(key)}: {dump(value[key])}")
            continue
        cases = []
        for case in value[key]:
            if "steps" not in case:
                cases.append(dump(case))
                continue
            steps = ",\n  ".join(dump(step) for step in case["steps"])
            rest = dump({k: v for k, v in case.items() if k != "steps"})
            cases.append(f'{rest[:-1]}, "steps": [\n  {steps}]}}')
        lines.append(f"{dump(key)}: [\n" + ",\n".join(cases) + "\n]")
    return "{\n" + ",\n".join(lines) + "\n}"
