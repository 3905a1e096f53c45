"""LiteLLM's Router: its retries, and which deployments it cools down for how long.

The router and the SDK below it are the real ones; the HTTP client's `send` is ours. A deployment is known
by the host it is called at. What the router draws to choose a deployment is `pick`, not `uniforms`.
"""

import asyncio
import importlib
import importlib.metadata
import logging
import os
import random
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LITELLM_TELEMETRY"] = "False"

import litellm
from litellm.litellm_core_utils import thread_pool_executor
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
from litellm.router_python_host import PythonHost

from litellm_strategies import strategies
from sdk_cases import STATUSES, UNIFORMS, answer, date
from world import WORLD, recording, write

OK = {"status": 200}
ANSWER = {
    "id": "x", "object": "chat.completion", "created": 0, "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


class Now:
    """Work for threads, done at once: the order of events is certain."""

    @staticmethod
    def submit(function, *args, **kwargs):
        try:
            function(*args, **kwargs)
        except Exception:
            pass


class Wire:
    """What the deployments answer."""

    def __init__(self):
        self.answers, self.sent, self.hits = {}, {}, []

    def script(self, answers):
        self.answers, self.sent, self.hits = answers, dict.fromkeys(answers, 0), []

    def send(self, http, request):
        host = request.url.host.split(".")[0]
        attempts = self.answers[host]
        step = attempts[min(self.sent[host], len(attempts) - 1)]
        self.sent[host] += 1
        self.hits.append(host)
        assert len(self.hits) < 200, "retries without end"
        if "raises" in step:
            raise {
                "connect-error": http.ConnectError,
                "connect-timeout": http.ConnectTimeout,
                "read-timeout": http.ReadTimeout,
            }[step["raises"]](step["raises"], request=request)
        body = ANSWER if step["status"] == 200 else step.get("body", {"error": {"message": "scripted"}})
        return http.Response(step["status"], headers=list(step.get("headers", {}).items()), json=body, request=request)


WIRE = Wire()


def wire_up():
    for name in ("httpx", "httpx2"):
        http = importlib.import_module(name)

        async def send(self, request, http=http, **_):
            return WIRE.send(http, request)

        http.AsyncClient.send = send

    async def sleep(self, seconds):
        WORLD.sleep(seconds)

    PythonHost.sleep = sleep
    for module in list(sys.modules.values()):
        if getattr(module, "executor", None) is thread_pool_executor.executor:
            module.executor = Now
    # Choices among deployments: by `pick`, and no draw of the script.
    random.choice = lambda options: options[int(WORLD.pick * len(options))]
    litellm.suppress_debug_info = True
    logging.disable(logging.CRITICAL)


def jitter():
    """Whether the draw is for a wait: by who asks."""
    frame = sys._getframe(2)
    for _ in range(4):
        if frame is None:
            return False
        if "retry_after" in frame.f_code.co_name:
            return True
        frame = frame.f_back
    return False


def start(uniforms):
    WORLD.reset(uniforms)
    WORLD.counts = jitter


def router(names, per_deployment=None, groups=None, **settings):
    deployments = []
    for name in names:
        extra = (per_deployment or {}).get(name, {})
        deployments.append(
            {
                "model_name": (groups or {}).get(name, "group"),
                "litellm_params": {"model": "openai/m", "api_key": "k", "api_base": f"http://{name}.invalid", **extra.get("litellm_params", {})},
                "model_info": {"id": name, **extra.get("model_info", {})},
            }
        )
    return litellm.Router(model_list=deployments, **settings)


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)
    await GLOBAL_LOGGING_WORKER.flush()
    for _ in range(20):
        await asyncio.sleep(0)


async def call(made, answers, pick, model="group"):
    WIRE.script(answers)
    WORLD.pick = pick
    try:
        await made.acompletion(model=model, messages=[{"role": "user", "content": "hello"}])
        ends = {"ok": True}
    except Exception as error:
        ends = {"error": type(error).__name__}
        if getattr(error, "status_code", None) is not None:
            ends["status"] = int(error.status_code)
        if getattr(error, "cooldown_time", None) is not None:
            ends["said_cooldown_s"] = error.cooldown_time
    await settle()
    return ends


async def cooled(made, names):
    """For how much longer each deployment is left out."""
    found = await made.cooldown_cache.async_get_active_cooldowns(model_ids=list(names), parent_otel_span=None)
    return {name: value["timestamp"] + value["cooldown_time"] - WORLD.now() for name, value in found}


async def retry_case(name, attempts, uniforms=(0.25,), names=("a",), pick=0.0, answers=None, **settings):
    start(uniforms)
    made = router(names, **settings)
    given = answers or {host: attempts for host in names}
    ends = await call(made, given, pick, settings.get("groups", {}).get(names[0], "group"))
    made.discard()
    return {
        "name": name,
        "settings": {"deployments": list(names), **settings},
        "attempts": attempts if answers is None else answers,
        "pick": pick,
        "uniforms": list(WORLD.drawn),
        "waits_s": [float(s) for s in WORLD.sleeps],
        "sent": len(WIRE.hits),
        "hits": list(WIRE.hits),
        "ends": ends,
    }


async def retries():
    out = []

    async def case(*args, **kwargs):
        out.append(await retry_case(*args, **kwargs))

    for status in STATUSES:
        await case(f"one {status}", [answer(status), OK])
    for status in (408, 409, 429, 500, 529):
        await case(f"{status} for ever", [answer(status)])
    for kind in ("connect-error", "connect-timeout", "read-timeout"):
        await case(f"one {kind}", [{"raises": kind}, OK])
        await case(f"{kind} for ever", [{"raises": kind}])
    for u in UNIFORMS:
        await case(f"500 for ever at uniform {u}", [answer(500)], [u])
        await case(f"500 for ever, 8 retries, at uniform {u}", [answer(500)], [u], num_retries=8)
    await case("a new uniform for every wait", [answer(500)], [0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875], num_retries=6)
    await case("no retries", [answer(500)], num_retries=0)
    await case("one retry", [answer(500)], num_retries=1)
    await case("two failures, then a success", [answer(500), answer(503), OK])
    await case("a failure, then a 400", [answer(500), answer(400)])
    for value in ["0", "1", "7", "59", "60", "61", "120", "3600", "-1", "1.5", "0.5", "soon", "", " 7 "]:
        await case(f"retry-after {value!r} on a 429", [answer(429, retry_after=value), OK])
    await case("retry-after 7 on a 500", [answer(500, retry_after="7"), OK])
    await case("retry-after 7 on a 503", [answer(503, retry_after="7"), OK])
    await case("retry-after 7 on a 400", [answer(400, retry_after="7"), OK])
    await case("retry-after 7 for ever", [answer(429, retry_after="7")])
    for offset in (-30, 0, 1, 30, 60, 61):
        await case(f"retry-after as the date {offset:+} s", [answer(429, retry_after=date(offset)), OK])
    await case("retry-after-ms 1500", [answer(429, retry_after_ms="1500"), OK])
    await case("retry-after-ms 1500 with retry-after 7", [answer(429, retry_after_ms="1500", retry_after="7"), OK])
    for word in ("true", "false"):
        await case(f"x-should-retry {word!r} on a 429", [answer(429, x_should_retry=word), OK])
        await case(f"x-should-retry {word!r} on a 400", [answer(400, x_should_retry=word), OK])
    for least in (1, 5, 10):
        await case(f"retry_after {least} of the router", [answer(500)], num_retries=4, retry_after=least)
    quota = {"error": {"code": "insufficient_quota", "message": "no credit", "type": "insufficient_quota"}}
    await case("a 429 of an exhausted quota for ever", [answer(429, quota)])
    context = {"error": {"code": "context_length_exceeded", "message": "This model's maximum context length is 8 tokens", "type": "invalid_request_error"}}
    await case("a context too long", [answer(400, context), OK])
    pair = ("a", "b")
    for status in STATUSES:
        await case(f"two deployments, {status} at both for ever", [answer(status)], names=pair)
        await case(f"two deployments, {status} at the first", [answer(status)], names=pair, answers={"a": [answer(status)], "b": [OK]})
    await case("two deployments, a 429 with retry-after 7 at both", [answer(429, retry_after="7")], names=pair)
    await case("two deployments, 500 at both, 6 retries", [answer(500)], names=pair, num_retries=6)
    await case("two deployments, connect-error at both", [{"raises": "connect-error"}], names=pair)
    await chains(case)
    return out


async def chains(case):
    """Groups that fall back to one another: x is a and b, y is c, z is d."""
    names, groups = ("a", "b", "c", "d"), {"a": "x", "b": "x", "c": "y", "d": "z"}
    both = {"names": names, "groups": groups, "fallbacks": [{"x": ["y", "z"]}]}
    context = answer(400, {"error": {"code": "context_length_exceeded", "message": "This model's maximum context length is 8 tokens", "type": "invalid_request_error"}})

    async def chain(name, a, b, c, d, **more):
        await case(f"groups: {name}", None, answers={"a": [a], "b": [b], "c": [c], "d": [d]}, **both, **more)

    for status in STATUSES:
        bad = answer(status)
        await chain(f"{status} in the first", bad, bad, OK, OK)
        await chain(f"{status} in the first and the second", bad, bad, bad, OK)
        await chain(f"{status} everywhere", bad, bad, bad, bad)
    await chain("a context too long in the first", context, context, OK, OK)
    await chain("429 in the first, 500 in the second", answer(429), answer(429), answer(500), OK)
    await chain("500 in the first, 429 in the second", answer(500), answer(500), answer(429), OK)
    for retries in (0, 1, 6):
        await chain(f"500 everywhere, num_retries {retries}", *[answer(500)] * 4, num_retries=retries)


async def timeline(name, steps, names=("a", "b"), **settings):
    """Calls without retries along a clock; `pick` says which of the healthy is chosen (0: the first)."""
    start((0.25,))
    made = router(names, num_retries=0, **settings)
    out = []
    for step in steps:
        for n in range(step.get("repeat", 1)):
            WORLD.elapsed = step["at_s"] + n * step.get("every_s", 0.0)
            ends = await call(made, {host: [step["answer"]] for host in names}, step.get("pick", 0.0))
        out.append({**step, "hits": list(WIRE.hits), "ends": ends, "cooled_for_s": await cooled(made, names)})
    made.discard()
    return {"name": name, "settings": {"deployments": list(names), "num_retries": 0, **settings}, "steps": out}


def at(seconds, given, pick=0.0, **more):
    return {"at_s": seconds, "answer": given, "pick": pick, **more}


LAST = 0.999


async def cooldowns():
    out = []

    async def case(*args, **kwargs):
        out.append(await timeline(*args, **kwargs))

    bad, good, limited = answer(500), OK, answer(429)
    await case("cooldown: a 429 takes it out at once, for five seconds", [
        at(0, limited), at(1, good), at(4.875, good), at(5, good), at(5.125, good), at(6, good, LAST)])
    for status in STATUSES + [402, 405]:
        await case(f"cooldown: one {status} of two deployments", [at(0, answer(status)), at(1, good)])
        await case(f"cooldown: one {status} of a single deployment", [at(0, answer(status)), at(1, good)], names=("a",))
    for kind in ("connect-error", "connect-timeout", "read-timeout"):
        await case(f"cooldown: seven {kind}s of two deployments", [at(n / 8, {"raises": kind}) for n in range(7)])
    for value in ["0", "1", "7", "60", "3600", "-1", "1.5", "soon", ""]:
        await case(f"cooldown: a 429 with retry-after {value!r}", [at(0, answer(429, retry_after=value)), at(1, good)])
    await case("cooldown: a 429 with a date in 30 s", [at(0, answer(429, retry_after=date(30))), at(1, good)])
    await case("cooldown: a 401 with retry-after 60", [at(0, answer(401, retry_after="60")), at(1, good)])
    await case("cooldown: five failures in a row", [at(n, bad) for n in range(7)])
    await case("cooldown: three good, three bad, one bad", [at(n / 8, good) for n in range(3)] + [at(1 + n / 8, bad) for n in range(5)])
    await case("cooldown: two good, three bad", [at(n / 8, good) for n in range(2)] + [at(1 + n / 8, bad) for n in range(4)])
    await case("cooldown: one good, five bad", [at(0, good)] + [at(1 + n / 8, bad) for n in range(6)])
    await case("cooldown: the two counters end at different times", [at(0, good), at(1, good), at(50, good), at(55, bad), at(56, bad), at(59, bad), at(61, bad), at(62, bad), at(63, bad), at(114, bad), at(116, bad)])
    await case("cooldown: failures that leave the minute", [at(0, bad), at(10, bad), at(20, bad), at(30, bad), at(61, bad), at(62, bad)])
    await case("cooldown: cooled, back, and failing on", [at(n / 8, bad) for n in range(5)] + [at(3, good), at(6, bad), at(7, bad), at(12, good), at(13, good, LAST)])
    await case("cooldown: all are out", [at(0, limited), at(2, limited), at(3, good), at(4.5, good), at(5.5, good), at(7.5, good, LAST)])
    await case("cooldown: all are out after a long retry-after", [at(0, answer(429, retry_after="60")), at(1, answer(429, retry_after="30")), at(2, good), at(30, good), at(31.5, good)])
    await case("cooldown: a single deployment, failing for long", [at(0, bad, repeat=30, every_s=0.125), at(4, bad), at(5, limited), at(6, good)], names=("a",))
    await case("cooldown: a single deployment, a thousand failures", [at(0, bad, repeat=998, every_s=0.015625), at(16, bad), at(16.5, bad), at(17, good)], names=("a",))
    for allowed in (0, 1, 3):
        await case(f"cooldown: allowed_fails {allowed}, quick failures", [at(n / 8, bad) for n in range(6)], allowed_fails=allowed)
    await case("cooldown: allowed_fails 3, failures two seconds apart", [at(2.0 * n, bad) for n in range(10)], allowed_fails=3)
    await case("cooldown: allowed_fails 3, failures one second apart", [at(1.0 * n, bad) for n in range(8)], allowed_fails=3)
    await case("cooldown: allowed_fails 3, cooldown_time 30", [at(7.0 * n, bad) for n in range(8)], allowed_fails=3, cooldown_time=30)
    await case("cooldown: allowed_fails 3, a success between", [at(0, bad), at(0.5, bad), at(1, good), at(1.5, bad), at(2, bad), at(2.5, bad)], allowed_fails=3)
    await case("cooldown: allowed_fails 3, a 429", [at(0, limited), at(0.5, limited)], allowed_fails=3)
    await case("cooldown: allowed_fails 3, a 401", [at(0, answer(401)), at(0.5, answer(401))], allowed_fails=3)
    await case("cooldown: allowed_fails 3 of a single deployment", [at(n / 8, bad) for n in range(6)], names=("a",), allowed_fails=3)
    policy = {"RateLimitErrorAllowedFails": 2, "InternalServerErrorAllowedFails": 1}
    await case("cooldown: a policy by kind, rate limits", [at(n / 8, limited) for n in range(5)], allowed_fails_policy=policy)
    await case("cooldown: a policy by kind, failures", [at(n / 8, bad) for n in range(4)], allowed_fails_policy=policy)
    await case("cooldown: a policy by kind, a kind not named", [at(n / 8, answer(401)) for n in range(4)], allowed_fails_policy=policy)
    await case("cooldown: cooldown_time 30 of the router", [at(0, limited), at(29.875, good), at(30.125, good)], cooldown_time=30)
    await case("cooldown: cooldown_time 0", [at(0, limited), at(1, good)], cooldown_time=0)
    await case("cooldown: a deployment's own time", [at(0, answer(429, retry_after="60")), at(11, good), at(13, good)],
               per_deployment={"a": {"litellm_params": {"cooldown_time": 12}}})
    await case("cooldown: off", [at(0, limited), at(1, good)], disable_cooldowns=True)
    await case("cooldown: three deployments, two out", [at(0, limited), at(1, limited), at(2, good), at(5.5, good)], names=("a", "b", "c"))
    return out


async def everything():
    return await retries() + await cooldowns()


def record(out):
    wire_up()
    cases = asyncio.new_event_loop().run_until_complete(everything())
    write(out, f"litellm-strategies-{importlib.metadata.version('litellm')}", recording("litellm", {}, strategies()))
    made = router(("a",))
    settings = {
        "num_retries": made.num_retries,
        "retry_after_s": made.retry_after,
        "cooldown_time_s": made.cooldown_time,
        "allowed_fails": litellm.allowed_fails,
        "routing_strategy": str(made.routing_strategy),
        "openai": importlib.metadata.version("openai"),
    }
    write(out, f"litellm-router-{importlib.metadata.version('litellm')}", recording("litellm", settings, cases))
