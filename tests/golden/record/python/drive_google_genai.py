"""google-genai: with and without `HttpRetryOptions`, over a scripted HTTP transport."""

import importlib
import importlib.metadata
import importlib.util

from google import genai
from google.genai import types

from sdk_cases import RAISED, STATUSES, UNIFORMS, answer
from world import WORLD, recording, write

http = next(importlib.import_module(name) for name in ("httpx2", "httpx") if importlib.util.find_spec(name))
OK = {"status": 200}


def run(name, attempts, uniforms=(0.25,), options=None):
    WORLD.reset(uniforms)
    sent = 0

    def transport(request):
        nonlocal sent
        step = attempts[min(sent, len(attempts) - 1)]
        sent += 1
        assert sent < 50, "retries without end"
        if "raises" in step:
            raise {
                "connect-error": http.ConnectError,
                "connect-timeout": http.ConnectTimeout,
                "read-timeout": http.ReadTimeout,
                "read-error": http.ReadError,
            }[step["raises"]](step["raises"], request=request)
        body = {"candidates": []} if step["status"] == 200 else {"error": {"code": step["status"], "message": "scripted", "status": "SCRIPTED"}}
        return http.Response(step["status"], headers=list(step.get("headers", {}).items()), json=body, request=request)

    retry = None if options is None else types.HttpRetryOptions(**options)
    client = genai.Client(
        api_key="k",
        http_options=types.HttpOptions(
            base_url="http://squall.invalid",
            retry_options=retry,
            httpx_client=http.Client(transport=http.MockTransport(transport)),
        ),
    )
    try:
        client.models.generate_content(model="m", contents="hello")
        ends = {"ok": True}
    except Exception as error:
        ends = {"error": type(error).__name__}
        if isinstance(getattr(error, "code", None), int):
            ends["status"] = error.code
    return {
        "name": name,
        "settings": {} if options is None else {"retry_options": options},
        "attempts": attempts,
        "uniforms": list(WORLD.drawn),
        "waits_s": [float(s) for s in WORLD.sleeps],
        "sent": sent,
        "ends": ends,
    }


def cases():
    yield run("without options: a 503 is final", [answer(503), OK])
    yield run("without options: a 429 is final", [answer(429), OK])
    yield run("without options: a connect-error is final", [{"raises": "connect-error"}, OK])
    for status in STATUSES:
        yield run(f"one {status}", [answer(status), OK], options={})
    for kind in RAISED:
        yield run(f"one {kind}", [{"raises": kind}, OK], options={})
        yield run(f"{kind} for ever", [{"raises": kind}], options={})
    for u in UNIFORMS:
        yield run(f"503 for ever at uniform {u}", [answer(503)], [u], options={})
        yield run(f"503 for ever, nine attempts, at uniform {u}", [answer(503)], [u], options={"attempts": 9})
    for options in (
        {"attempts": 1},
        {"attempts": 0},
        {"attempts": 2},
        {"initial_delay": 0.5, "exp_base": 3.0, "max_delay": 10.0, "jitter": 2.0, "attempts": 6},
        {"jitter": 0.0},
        {"initial_delay": 0.0},
        {"http_status_codes": [400, 503]},
    ):
        yield run(f"503 for ever with {options}", [answer(503)], options=options)
    yield run("one 429 that is not listed", [answer(429), OK], options={"http_status_codes": [503]})
    for value in ("0", "7", "90"):
        yield run(f"retry-after {value!r} on a 429", [answer(429, retry_after=value), OK], options={})


def record(out):
    write(
        out,
        f"google-genai-{importlib.metadata.version('google-genai')}",
        recording("google-genai", {"attempts": 1, "attempts_with_options": 5, "initial_delay_s": 1, "exp_base": 2, "max_delay_s": 60, "jitter_s": 1}, list(cases())),
    )
