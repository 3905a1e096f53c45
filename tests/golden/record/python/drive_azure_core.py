"""azure-core: `RetryPolicy` in a pipeline of its own, over a scripted transport."""

import importlib.metadata

from azure.core.exceptions import ServiceRequestError, ServiceRequestTimeoutError, ServiceResponseError, ServiceResponseTimeoutError
from azure.core.pipeline import Pipeline
from azure.core.pipeline.policies import RetryMode, RetryPolicy
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest
from azure.core.utils import CaseInsensitiveDict

from sdk_cases import RAISED, STATUSES, UNIFORMS, answer, date
from world import WORLD, recording, write

OK = {"status": 200}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Response:
    def __init__(self, request, step):
        self.request = request
        self.status_code = step["status"]
        self.headers = CaseInsensitiveDict(step.get("headers", {}))


class Transport(HttpTransport):
    def __init__(self, attempts):
        self.attempts = attempts
        self.sent = 0

    def open(self):
        pass

    def close(self):
        pass

    def __exit__(self, *_):
        pass

    def sleep(self, duration):
        WORLD.sleep(duration)

    def send(self, request, **_):
        step = self.attempts[min(self.sent, len(self.attempts) - 1)]
        self.sent += 1
        assert self.sent < 50, "retries without end"
        WORLD.pass_time(step.get("takes_s", 0.0))
        if "raises" in step:
            raise {
                "connect-error": ServiceRequestError,
                "connect-timeout": ServiceRequestTimeoutError,
                "read-error": ServiceResponseError,
                "read-timeout": ServiceResponseTimeoutError,
            }[step["raises"]](step["raises"])
        return Response(request, step)


def run(name, attempts, uniforms=(0.25,), method="POST", **options):
    WORLD.reset(uniforms)
    transport = Transport(attempts)
    given = {key: RetryMode(value) if key == "retry_mode" else value for key, value in options.items()}
    pipeline = Pipeline(transport, policies=[RetryPolicy(**given)])
    try:
        response = pipeline.run(HttpRequest(method, "http://squall.invalid/")).http_response
        ends = {"ok": True} if response.status_code < 400 else {"status": response.status_code}
    except Exception as error:
        ends = {"error": type(error).__name__}
    return {
        "name": name,
        "settings": {"method": method, **options},
        "attempts": attempts,
        "uniforms": list(WORLD.drawn),
        "waits_s": list(WORLD.sleeps),
        "sent": transport.sent,
        "ends": ends,
    }


def cases():
    for method in METHODS:
        for status in STATUSES + [505, 506, 599]:
            yield run(f"one {status} to a {method}", [answer(status), OK], method=method)
        for kind in RAISED:
            yield run(f"one {kind} of a {method}", [{"raises": kind}, OK], method=method)
            yield run(f"{kind} for ever of a {method}", [{"raises": kind}], method=method)
    for u in UNIFORMS:
        yield run(f"503 for ever at uniform {u}", [answer(503)], [u])
    yield run("429 for ever to a GET", [answer(429)], method="GET")
    yield run("a mixture for ever", [answer(503), {"raises": "connect-error"}, answer(500), {"raises": "connect-error"}, answer(503), {"raises": "connect-error"}, answer(500)], method="GET")
    for options in (
        {"retry_status": 12, "retry_total": 12},
        {"retry_status": 12, "retry_total": 12, "retry_backoff_factor": 0.5, "retry_backoff_max": 4},
        {"retry_total": 2},
        {"retry_total": 0},
        {"retry_status": 0},
        {"retry_status": 0, "retry_total": 5},
        {"retry_mode": "fixed"},
        {"retry_mode": "fixed", "retry_status": 5, "retry_backoff_factor": 2.0},
    ):
        yield run(f"503 for ever with {options}", [answer(503)], **options)
        yield run(f"connect-error for ever of a GET with {options}", [{"raises": "connect-error"}], method="GET", **options)
    for value in ["0", "0.5", "1.5", "7", "59", "60", "61", "119", "120", "121", "3600", "86400", "-1", "soon", "", " 7 ", "7s", "1e2"]:
        yield run(f"retry-after {value!r} on a 429", [answer(429, retry_after=value), OK])
    for value in ["0", "1500", "1500.5", "-5", "soon", "3600000"]:
        yield run(f"retry-after-ms {value!r}", [answer(429, retry_after_ms=value), OK])
        yield run(f"x-ms-retry-after-ms {value!r}", [answer(429, x_ms_retry_after_ms=value), OK])
    for offset in [-3600, -1, 0, 1, 30, 60, 120, 121, 3600]:
        yield run(f"retry-after as the date {offset:+} s", [answer(429, retry_after=date(offset)), OK])
    for status in [200, 301, 400, 401, 404, 500, 503, 529]:
        yield run(f"retry-after 7 on a {status}", [answer(status, retry_after="7"), OK])
        yield run(f"retry-after 7 on a {status} to a GET", [answer(status, retry_after="7"), OK], method="GET")
    yield run("retry-after 7 with retry-after-ms 1500", [answer(429, retry_after="7", retry_after_ms="1500"), OK])
    yield run("retry-after-ms 1500 with x-ms-retry-after-ms 2500", [answer(429, retry_after_ms="1500", x_ms_retry_after_ms="2500"), OK])
    yield run("retry-after 0 with retry-after-ms 1500", [answer(429, retry_after="0", retry_after_ms="1500"), OK])
    yield run("retry-after 7 for ever", [answer(429, retry_after="7")])
    yield run("a wait of the server, then own waits", [answer(503, retry_after="7"), answer(503)])
    yield run("x-should-retry 'false' on a 503", [answer(503, x_should_retry="false"), OK])
    yield run("a whole-operation timeout of 10 s, attempts of 4 s", [{"status": 503, "takes_s": 4.0}], timeout=10)
    yield run("a whole-operation timeout of 10 s, errors after 4 s", [{"raises": "read-timeout", "takes_s": 4.0}], method="GET", timeout=10)


def record(out):
    settings = {"retry_total": 10, "retry_connect": 3, "retry_read": 3, "retry_status": 3, "retry_backoff_factor": 0.8, "retry_backoff_max": 120, "timeout_s": 604800}
    write(out, f"azure-core-{importlib.metadata.version('azure-core')}", recording("azure-core", settings, list(cases())))
