"""LiteLLM's routing strategies: among which deployments each draws, along a clock.

The handlers are the real ones, told by us what the router tells them: that a request is sent, answered or has
failed. What they would draw at random is recorded instead: among whom, and with which weights.
"""

import asyncio
import datetime
import random
from unittest import mock

import litellm
from litellm.caching.caching import DualCache
from litellm.router_strategy import least_busy, lowest_cost, lowest_latency, lowest_tpm_rpm, lowest_tpm_rpm_v2
from litellm.router_strategy import simple_shuffle as shuffle
from litellm.types.utils import ModelResponse, Usage

from world import WORLD

PROMPT = [{"role": "user", "content": "hello"}]


class Clock(datetime.datetime):
    """The date as the strategies ask for it."""

    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(WORLD.now(), datetime.timezone.utc)


def deployment(name, settings):
    return {
        "model_name": "group",
        "litellm_params": {"model": f"m-{name}", "api_base": f"http://{name}.invalid", **settings},
        "model_info": {"id": name},
    }


def told(deployment, stream=False, **more):
    """What the router tells of a request."""
    return {
        "call_type": "acompletion",
        "stream": stream,
        "litellm_params": {
            "metadata": {"model_group": "group"},
            "model_info": deployment["model_info"],
            "api_base": deployment["litellm_params"]["api_base"],
        },
        "standard_logging_object": {
            "model_group": "group",
            "model_id": deployment["model_info"]["id"],
            "hidden_params": {"litellm_model_name": deployment["litellm_params"]["model"]},
            "total_tokens": more.get("total_tokens", 0),
        },
        **more,
    }


class Strategy:
    def __init__(self, kind, deployments, arguments):
        self.kind, self.deployments = kind, deployments
        cache = DualCache()
        made = {
            "simple-shuffle": lambda: None,
            "least-busy": lambda: least_busy.LeastBusyLoggingHandler(cache),
            "latency-based-routing": lambda: lowest_latency.LowestLatencyLoggingHandler(cache, arguments),
            "cost-based-routing": lambda: lowest_cost.LowestCostLoggingHandler(cache, arguments),
            "usage-based-routing": lambda: lowest_tpm_rpm.LowestTPMLoggingHandler(cache, arguments),
            "usage-based-routing-v2": lambda: lowest_tpm_rpm_v2.LowestTPMLoggingHandler_v2(cache, arguments),
        }
        self.handler = made[kind]()

    async def asks(self, healthy, stream):
        """The deployments it draws among, with their weights if they differ."""
        drawn = {}

        def choice(options):
            drawn["among"] = [x[0] if isinstance(x, tuple) else x for x in options]
            return options[0]

        def choices(options, weights):
            drawn["among"], drawn["weights"] = list(options), list(weights)
            return [options[0]]

        with mock.patch("random.choice", choice), mock.patch("random.choices", choices), mock.patch(
            "random.sample", lambda options, k: list(options)
        ):
            try:
                chosen = await self.ask(healthy, stream)
            except litellm.RateLimitError as error:
                return {"refused": {"status": error.status_code, "retry_after": error.response.headers.get("retry-after")}}
        if chosen is None:
            return {"refused": {}}
        among = drawn.get("among", [chosen])
        out = {"among": sorted(d["model_info"]["id"] for d in among)}
        if "weights" in drawn:
            named = [(d["model_info"]["id"], w) for d, w in zip(among, drawn["weights"])]
            out["among"] = sorted(name for name, w in named if w > 0)
            out["weights"] = dict(named)
        return out

    async def ask(self, healthy, stream):
        if self.kind == "simple-shuffle":
            return shuffle.simple_shuffle(lambda model: None, healthy, "group", None)
        given = {"model_group": "group", "healthy_deployments": healthy}
        if self.kind == "least-busy":
            return await self.handler.async_get_available_deployments(**given)
        if self.kind in ("latency-based-routing", "cost-based-routing"):
            return await self.handler.async_get_available_deployments(
                **given, messages=PROMPT, request_kwargs={"stream": stream, "metadata": {}}
            )
        if self.kind == "usage-based-routing":
            return self.handler.get_available_deployments(**given, messages=PROMPT)
        return await self.handler.async_get_available_deployments(**given, messages=PROMPT)

    async def sent(self, d):
        if self.kind == "least-busy":
            self.handler.log_pre_api_call("m", PROMPT, told(d))
        if self.kind == "usage-based-routing-v2":
            await self.handler.async_pre_call_check(d, None)

    async def answered(self, d, step, stream):
        if self.handler is None:
            return
        begun = Clock.now()
        usage = Usage(prompt_tokens=step["prompt"], completion_tokens=step["answer"], total_tokens=step["prompt"] + step["answer"])
        response = ModelResponse(usage=usage)
        more = {"total_tokens": usage.total_tokens}
        if stream:
            more["completion_start_time"] = begun + datetime.timedelta(seconds=step["first_token_s"])
        ended = begun + datetime.timedelta(seconds=step["took_s"])
        await self.handler.async_log_success_event(told(d, stream, **more), response, begun, ended)

    async def failed(self, d, timed_out):
        if self.handler is None:
            return
        error = litellm.Timeout("late", "m", "openai") if timed_out else litellm.RateLimitError("no", "openai", "m")
        await self.handler.async_log_failure_event(told(d, exception=error), None, Clock.now(), Clock.now())


async def timeline(name, kind, deployments, steps, stream=False, **arguments):
    """Steps along a clock. After each it is asked among whom it would draw; what is sent goes where the step says."""
    WORLD.reset((0.5,))
    made = {n: deployment(n, settings) for n, settings in deployments.items()}
    strategy = Strategy(kind, made, arguments)
    out = []
    for step in steps:
        WORLD.elapsed = step["at_s"]
        d = made.get(step.get("at"))
        if step["does"] == "sent":
            await strategy.sent(d)
        elif step["does"] == "answered":
            await strategy.answered(d, step, stream)
        elif step["does"] != "asks":
            await strategy.failed(d, step["does"] == "timed-out")
        healthy = [made[n] for n in made if n not in step.get("out", ())]
        out.append({**step, **await strategy.asks(healthy, stream)})
    prompt = litellm.token_counter(messages=PROMPT)
    settings = {"strategy": kind, "deployments": deployments, "prompt_tokens": prompt, "stream": stream, **arguments}
    return {"name": name, "settings": settings, "steps": out}


def asks(at_s, **more):
    return {"at_s": at_s, "does": "asks", **more}


def sent(at_s, at):
    return {"at_s": at_s, "does": "sent", "at": at}


def answered(at_s, at, took_s=1.0, answer=10, prompt=0, **more):
    return {"at_s": at_s, "does": "answered", "at": at, "took_s": took_s, "answer": answer, "prompt": prompt, **more}


def failed(at_s, at, how="failed"):
    return {"at_s": at_s, "does": how, "at": at}


def served(at_s, at, **more):
    return [sent(at_s, at), answered(at_s, at, **more)]


def free(*names):
    return {name: {} for name in names}


def alike(names, **settings):
    return {name: dict(settings) for name in names}


async def shuffles(case):
    kind = "simple-shuffle"
    await case("shuffle: nothing said", kind, free("a", "b", "c"), [asks(0), asks(1, out=["b"])])
    await case("shuffle: by weight", kind, {"a": {"weight": 1}, "b": {"weight": 3}}, [asks(0)])
    await case("shuffle: by requests a minute", kind, {"a": {"rpm": 100}, "b": {"rpm": 300}, "c": {"rpm": 600}}, [asks(0), asks(1, out=["c"])])
    await case("shuffle: by tokens a minute", kind, {"a": {"tpm": 1000}, "b": {"tpm": 4000}}, [asks(0)])
    await case("shuffle: requests before tokens", kind, {"a": {"rpm": 100, "tpm": 9000}, "b": {"rpm": 300, "tpm": 1000}}, [asks(0)])
    await case("shuffle: one that does not say", kind, {"a": {"rpm": 100}, "b": {}, "c": {"rpm": 100}}, [asks(0), asks(1, out=["a", "c"])])


async def busy(case):
    kind = "least-busy"
    steps = [asks(0), sent(1, "a"), sent(2, "b"), sent(3, "c"), sent(4, "a"), failed(5, "b"), sent(6, "b"), answered(7, "a"), failed(8, "a", "timed-out"), answered(9, "c"), asks(10, out=["a"])]
    await case("busy: the fewest in flight, of equals the first", kind, free("a", "b", "c"), steps)


async def latencies(case):
    kind = "latency-based-routing"
    two, three = free("a", "b"), free("a", "b", "c")
    await case("latency: untried ones, then the fastest by token", kind, three, [asks(0), *served(1, "a", took_s=2.0, answer=100), *served(2, "b", took_s=1.0, answer=10), *served(3, "c", took_s=3.0, answer=300), *served(4, "c", took_s=30.0, answer=300)])
    await case("latency: an answer without tokens", kind, two, [*served(0, "a", took_s=2.0, answer=0), *served(1, "b", took_s=3.0, answer=2), *served(2, "b", took_s=3.0, answer=2), *served(3, "b", took_s=3.0, answer=2)])
    await case("latency: a zero that stays in the mean", kind, two, [*served(0, "a", took_s=1.0, answer=1), *served(1, "b", took_s=1.5, answer=1), *served(2, "b", took_s=1.5, answer=1), *served(3, "b", took_s=1.5, answer=1)])
    slow = [step for n in range(12) for step in served(10 + n, "b", took_s=4.0, answer=4)]
    await case("latency: the last ten", kind, two, [*served(0, "a", took_s=3.0, answer=4), *served(1, "b", took_s=1.0, answer=4), *slow])
    await case("latency: failures are nothing", kind, two, [*served(0, "a", took_s=1.0, answer=1), *served(1, "b", took_s=8.0, answer=1), failed(2, "a"), failed(3, "a")])
    await case("latency: a timeout is a thousand seconds", kind, two, [*served(0, "a", took_s=1.0, answer=1), *served(1, "b", took_s=8.0, answer=1), failed(2, "a", "timed-out"), asks(3, out=["b"])])
    for share in (0.125, 0.5, 2.0):
        await case(f"latency: a buffer of {share}", kind, three, [*served(0, "a", took_s=2.0, answer=2), *served(1, "b", took_s=2.75, answer=2), *served(2, "c", took_s=4.25, answer=2), *served(3, "b", took_s=2.75, answer=2), *served(4, "c", took_s=4.25, answer=2)], lowest_latency_buffer=share)
    first = lambda s, whole: {"took_s": whole, "answer": 10, "first_token_s": s}
    await case("latency: streamed, by the first token", kind, two, [*served(0, "a", **first(0.5, 9.0)), *served(1, "b", **first(0.25, 90.0)), *served(2, "b", **first(1.5, 2.0))], stream=True)
    await case("latency: streamed, a timeout before and after a first token", kind, two, [failed(0, "a", "timed-out"), *served(1, "b", **first(0.5, 9.0)), *served(2, "a", **first(0.25, 9.0)), failed(3, "a", "timed-out")], stream=True)
    await case("latency: forgotten after an hour", kind, two, [*served(0, "a", took_s=1.0, answer=1), *served(1, "b", took_s=3.0, answer=1), *served(1800, "b", took_s=3.0, answer=1), asks(3599), asks(3601), *served(3602, "a", took_s=1.0, answer=1)])
    await case("latency: requests of a minute", kind, alike("ab", rpm=2), [*served(0, "a", took_s=1.0, answer=1), *served(1, "b", took_s=3.0, answer=1), *served(2, "a", took_s=1.0, answer=1), *served(3, "b", took_s=3.0, answer=1), asks(59), asks(60)])
    await case("latency: tokens of a minute", kind, {"a": {"tpm": 100}, "b": {}}, [*served(0, "a", took_s=1.0, answer=10, prompt=80), *served(1, "b", took_s=30.0, answer=1), *served(2, "a", took_s=1.0, answer=8), asks(61)])


async def costs(case):
    kind = "cost-based-routing"
    priced = lambda i, o: {"input_cost_per_token": i, "output_cost_per_token": o}
    await case("cost: the lowest sum", kind, {"a": priced(3e-6, 15e-6), "b": priced(5e-6, 5e-6), "c": priced(1e-6, 10e-6)}, [asks(0), asks(1, out=["b"])])
    await case("cost: of equals the first", kind, {"a": priced(2e-6, 4e-6), "b": priced(4e-6, 2e-6)}, [asks(0), *served(1, "b"), asks(2)])
    await case("cost: no price is dear", kind, {"a": {}, "b": priced(1e-6, 1e-6), "c": {"input_cost_per_token": 1e-6}}, [asks(0), asks(1, out=["b"]), asks(2, out=["b", "c"])])
    limited = {"a": {**priced(1e-6, 1e-6), "rpm": 2}, "b": {**priced(2e-6, 2e-6), "tpm": 100}}
    await case("cost: limits of a minute", kind, limited, [*served(0, "a"), *served(1, "a"), *served(2, "b", answer=90), *served(3, "b", answer=10), asks(59.5), asks(60)])


async def usages(case):
    for kind in ("usage-based-routing", "usage-based-routing-v2"):
        short = "usage" if kind == "usage-based-routing" else "usage v2"
        await case(f"{short}: the fewest tokens of the minute", kind, free("a", "b", "c"), [asks(0), *served(1, "a", answer=50), *served(2, "b", answer=20), *served(3, "c", answer=30), *served(4, "b", answer=40), asks(59), asks(60), *served(61, "a", answer=1)])
        await case(f"{short}: what is in flight and what fails", kind, free("a", "b"), [sent(0, "a"), asks(1), failed(2, "a"), sent(3, "b"), answered(4, "b", answer=1)])
        await case(f"{short}: requests of a minute", kind, alike("ab", rpm=3), [*served(0, "a", answer=1), *served(1, "b", answer=9), *served(2, "a", answer=1), asks(3), *served(4, "b", answer=9), asks(59), asks(60)])
        await case(f"{short}: one request a minute", kind, {"a": {"rpm": 1}, "b": {}}, [asks(0), *served(1, "b", answer=9), *served(2, "a", answer=1), asks(60)])
        await case(f"{short}: requests that are not answered", kind, alike("ab", rpm=3), [sent(0, "a"), failed(1, "a"), sent(2, "a"), sent(3, "b"), sent(4, "b"), asks(5), asks(60)])
        await case(f"{short}: tokens of a minute", kind, alike("ab", tpm=100), [*served(0, "a", answer=60), *served(1, "b", answer=70, prompt=20), *served(2, "a", answer=20), *served(3, "a", answer=12), asks(4), *served(5, "b", answer=9), asks(61)])
        await case(f"{short}: equals", kind, free("a", "b", "c"), [*served(0, "c", answer=5), *served(1, "a", answer=5), asks(2, out=["b"]), *served(3, "b", answer=5)])


async def everything():
    out = []

    async def case(*args, **kwargs):
        out.append(await timeline(*args, **kwargs))

    for group in (shuffles, busy, latencies, costs, usages):
        await group(case)
    return out


def strategies():
    modules = (lowest_latency, lowest_cost, lowest_tpm_rpm)
    patched = [mock.patch.object(module, "datetime", Clock) for module in modules]
    patched.append(mock.patch.object(lowest_tpm_rpm_v2, "get_utc_datetime", Clock.now))
    for patch in patched:
        patch.start()
    try:
        return asyncio.new_event_loop().run_until_complete(everything())
    finally:
        for patch in patched:
            patch.stop()
