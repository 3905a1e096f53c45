"""pybreaker and aiobreaker along the timelines."""

import asyncio
import datetime
import threading

import aiobreaker
import pybreaker

from timelines import OPEN_S, timelines
from world import WORLD, recording, write


class Failed(Exception):
    pass


class Ignored(Exception):
    pass


class Gone(BaseException):
    """What a cancelled task raises: no `Exception`."""


def raised(how):
    return {"fail": Failed, "ignored": Ignored, "cancel": Gone}[how]()


class Threads:
    """Calls through `call`, each in a thread of its own. The breaker's lock is held while a call runs, so
    a second one waits; the timelines have at most one waiting, for who comes next is the system's choice."""

    def __init__(self, breaker):
        self.breaker = breaker
        self.running = {}
        self.events = []

    def start(self, name):
        entered, leave = threading.Event(), threading.Event()
        done = threading.Event()
        call = {"entered": entered, "leave": leave, "done": done, "how": None, "told": False}

        def body():
            call["told"] = True
            self.events.append(("entered", name))
            entered.set()
            leave.wait()
            if call["how"] != "ok":
                raise raised(call["how"])

        def thread():
            try:
                self.breaker.call(body)
                self.events.append(("returned", name, "ok"))
            except pybreaker.CircuitBreakerError as error:
                self.events.append(("returned", name, type(error).__name__) if call["told"] else ("refused", name))
            except BaseException as error:
                self.events.append(("returned", name, type(error).__name__))
            done.set()
            entered.set()

        held = any(other["told"] and not other["done"].is_set() for other in self.running.values())
        self.running[name] = call
        threading.Thread(target=thread, daemon=True).start()
        if not held:
            entered.wait()

    def end(self, name, how):
        call = self.running[name]
        if call["done"].is_set() or not call["told"]:
            return False
        call["how"] = how
        call["leave"].set()
        call["done"].wait()
        for other in self.running.values():
            other["entered"].wait()
        return True

    def state(self):
        return self.breaker.current_state


class Blocks:
    """Calls as `with` blocks, which hold no lock."""

    def __init__(self, breaker):
        self.breaker = breaker
        self.running = {}
        self.events = []

    def start(self, name):
        block = self.breaker.calling()
        try:
            block.__enter__()
        except pybreaker.CircuitBreakerError:
            self.events.append(("refused", name))
            return
        self.running[name] = block
        self.events.append(("entered", name))

    def end(self, name, how):
        block = self.running.pop(name, None)
        if block is None:
            return False
        error = None if how == "ok" else raised(how)
        try:
            swallowed = block.__exit__(type(error) if error else None, error, None)
            self.events.append(("returned", name, "ok" if error is None or swallowed else type(error).__name__))
        except BaseException as other:
            self.events.append(("returned", name, type(other).__name__))
        return True

    def state(self):
        return self.breaker.current_state


class Tasks:
    """Calls through `call_async`, each a task."""

    def __init__(self, breaker):
        self.breaker = breaker
        self.running = {}
        self.events = []
        self.loop = asyncio.new_event_loop()

    def turn(self):
        async def nothing():
            for _ in range(5):
                await asyncio.sleep(0)

        self.loop.run_until_complete(nothing())

    def start(self, name):
        answer = self.loop.create_future()
        told = []

        async def body():
            told.append(name)
            self.events.append(("entered", name))
            how = await answer
            if how != "ok":
                raise raised(how)

        async def call():
            try:
                await self.breaker.call_async(body)
                self.events.append(("returned", name, "ok"))
            except aiobreaker.CircuitBreakerError as error:
                self.events.append(("returned", name, type(error).__name__) if told else ("refused", name))
            except asyncio.CancelledError:
                self.events.append(("returned", name, "CancelledError"))
            except Exception as error:
                self.events.append(("returned", name, type(error).__name__))
            self.running.pop(name, None)

        self.running[name] = (self.loop.create_task(call()), answer)
        self.turn()

    def end(self, name, how):
        if name not in self.running:
            return False
        task, answer = self.running[name]
        if how == "cancel":
            task.cancel()
        else:
            answer.set_result(how)
        self.turn()
        return True

    def state(self):
        return self.breaker.current_state.name.lower().replace("_", "-")


# Calls left running would end, as errors, when their driver is thrown away.
KEPT = []


def play(driver, steps):
    WORLD.reset()
    KEPT.append(driver)
    out = []
    for step in steps:
        WORLD.elapsed = step["at_s"]
        driver.events.clear()
        if "start" in step:
            driver.start(step["start"])
        elif "end" in step and not driver.end(step["end"], step["as"]):
            continue
        told = {"entered": [], "refused": [], "returned": {}}
        for event in driver.events:
            if event[0] == "returned":
                told["returned"][event[1]] = event[2]
            else:
                told[event[0]].append(event[1])
        out.append({**step, **{k: v for k, v in told.items() if v}, "state": driver.state()})
    return out


def cases(variants):
    groups = timelines()
    out = []
    for label, settings, make, wanted in variants:
        for group in wanted:
            for one in groups[group]:
                if label.startswith("calls in threads") and "at once" in one["name"]:
                    continue
                out.append({"name": f"{label}: {one['name']}", "settings": settings, "steps": play(make(), one["steps"])})
    return out


def record(out):
    def py(**settings):
        return pybreaker.CircuitBreaker(**settings, exclude=[Ignored])

    three = {"fail_max": 3, "reset_timeout": OPEN_S}
    two = {**three, "success_threshold": 2}
    plain = {**three, "throw_new_error_on_trip": False}
    states = ["consecutive", "states"]
    write(
        out,
        f"pybreaker-{_version('pybreaker')}",
        recording(
            "pybreaker",
            {"fail_max": 5, "reset_timeout_s": 60, "success_threshold": 1},
            cases(
                [
                    ("by default", {}, lambda: Blocks(py()), ["defaults"]),
                    ("with blocks", three, lambda: Blocks(py(**three)), states),
                    ("with blocks, two successes", two, lambda: Blocks(py(**two)), ["states"]),
                    ("calls in threads", three, lambda: Threads(py(**three)), ["consecutive"]),
                    ("calls in threads, original error", plain, lambda: Threads(py(**plain)), ["consecutive"]),
                ]
            )
            + locked(py, three),
        ),
    )

    def aio(**settings):
        return aiobreaker.CircuitBreaker(**settings, exclude=[Ignored])

    seconds = datetime.timedelta(seconds=OPEN_S)
    write(
        out,
        f"aiobreaker-{_version('aiobreaker')}",
        recording(
            "aiobreaker",
            {"fail_max": 5, "timeout_duration_s": 60},
            cases(
                [
                    ("by default", {}, lambda: Tasks(aio()), ["defaults"]),
                    ("tasks", {"fail_max": 3, "timeout_duration_s": OPEN_S}, lambda: Tasks(aio(fail_max=3, timeout_duration=seconds)), states),
                ]
            ),
        ),
    )


def locked(py, three):
    """`call` holds the breaker's lock: at most one waits here, so that the order is certain."""
    from timelines import calls, end, start

    stories = {
        "a second call waits for the first": [start(0, "a"), start(0.5, "b"), end(1, "a", "ok"), end(2, "b", "fail")],
        "a call waits for a failing probe and is refused": calls(0, ["fail"] * 3, "t")
        + [start(10, "probe"), start(11, "b"), end(12, "probe", "fail")],
        "a call waits for a good probe and goes ahead": calls(0, ["fail"] * 3, "t")
        + [start(10, "probe"), start(11, "b"), end(12, "probe", "ok"), end(13, "b", "fail")],
    }
    for how in ("cancel", "ignored"):
        stories[f"{how} three times"] = calls(0, [how] * 4)
        stories[f"a probe that ends {how}"] = calls(0, ["fail"] * 3, "t") + calls(10, [how], "probe") + calls(11, ["ok"], "a")
    return [
        {"name": f"calls in threads: {name}", "settings": three, "steps": play(Threads(py(**three)), steps)}
        for name, steps in stories.items()
    ]


def _version(name):
    import importlib.metadata

    return importlib.metadata.version(name)
