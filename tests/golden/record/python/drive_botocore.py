"""botocore: legacy, standard and adaptive retries, the quota of a client, and its rate limiter.

Clients are real ones; what they send is caught before it leaves, so that everything behind the transport
is the package's own. Each mode has a file of its own.
"""

import importlib.metadata
import json
import threading

import botocore.retries.bucket
import botocore.retries.quota
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from sdk_cases import STATUSES, UNIFORMS
from world import WORLD, plain, recording, write

OK = {"status": 200}
CALLS = {
    "bedrock-runtime": lambda client: client.invoke_model(modelId="m", body=b"{}"),
    "dynamodb": lambda client: client.list_tables(),
    "sqs": lambda client: client.receive_message(QueueUrl="https://squall.invalid/q"),
}
ERRORS = {
    "connect-error": lambda url: EndpointConnectionError(endpoint_url=url),
    "connect-timeout": lambda url: ConnectTimeoutError(endpoint_url=url),
    "read-timeout": lambda url: ReadTimeoutError(endpoint_url=url),
    "read-error": lambda url: ConnectionClosedError(endpoint_url=url),
    "other-http-error": lambda url: HTTPClientError(error="scripted"),
}
CODES = [
    (400, "ThrottlingException"), (429, "ThrottlingException"), (400, "Throttling"), (400, "ThrottledException"),
    (400, "RequestThrottledException"), (400, "TooManyRequestsException"), (400, "ProvisionedThroughputExceededException"),
    (400, "TransactionInProgressException"), (503, "SlowDown"), (400, "RequestLimitExceeded"), (400, "BandwidthLimitExceeded"),
    (400, "LimitExceededException"), (400, "RequestThrottled"), (400, "PriorRequestNotComplete"), (503, "EC2ThrottledException"),
    (400, "RequestTimeout"), (400, "RequestTimeoutException"), (500, "InternalServerException"), (503, "ServiceUnavailableException"),
    (408, "ModelTimeoutException"), (424, "ModelErrorException"), (429, "ModelNotReadyException"), (400, "ServiceQuotaExceededException"),
    (400, "ValidationException"), (403, "AccessDeniedException"), (400, "InternalError"), (400, "IDPCommunicationError"),
]


# One for all: it keeps what it has read of the services.
SESSION = botocore.session.Session()


class Body:
    """The raw body of an answer."""

    def __init__(self, content):
        self.content = content

    def stream(self, *_, **__):
        yield self.content

    def read(self, *_):
        content, self.content = self.content, b""
        return content


class Limited(threading.Condition):
    """The rate limiter waits on this: our clock moves instead. What is left by rounding is added to the wait
    before it, and a nanosecond at least passes."""

    paced = []

    def wait(self, timeout=None):
        timeout = max(timeout, 1e-9)
        if timeout < 1e-6 and Limited.paced:
            Limited.paced[-1] += timeout
        else:
            Limited.paced.append(timeout)
        WORLD.pass_time(timeout)


class LimiterTime:
    """The limiter's clock, from a thousand on: seconds since 1970 are too coarse to compare waits exactly."""

    @staticmethod
    def time():
        return 1000.0 + WORLD.elapsed

    sleep = WORLD.sleep


botocore.retries.bucket.time = LimiterTime


class Client:
    """A client of one service, with what its retries keep between calls."""

    def __init__(self, mode, service="bedrock-runtime", max_attempts=None):
        self.quotas, self.limiters = [], []
        self.service = service
        self.attempts, self.sent = [], 0
        retries = {}
        if mode:
            retries["mode"] = mode
        if max_attempts:
            retries["total_max_attempts"] = max_attempts
        session = SESSION
        with self.watched():
            self.client = session.create_client(
                service,
                region_name="us-east-1",
                endpoint_url="https://squall.invalid",
                aws_access_key_id="k",
                aws_secret_access_key="s",
                config=Config(retries=retries or None),
            )
        self.client.meta.events.register_last("before-send", self.answer)

    def watched(self):
        """Keeps hold of the quota and the limiter that are made for the client."""
        from contextlib import ExitStack, contextmanager
        from unittest.mock import patch

        from botocore.retries import adaptive, quota

        @contextmanager
        def watching():
            with ExitStack() as stack:
                for owner, name, kept in ((quota, "RetryQuota", self.quotas), (adaptive, "ClientRateLimiter", self.limiters)):
                    made = getattr(owner, name)

                    def keep(*args, made=made, kept=kept, **kwargs):
                        kept.append(made(*args, **kwargs))
                        return kept[-1]

                    stack.enter_context(patch.object(owner, name, keep))
                stack.enter_context(patch.object(botocore.retries.bucket.threading, "Condition", Limited))
                yield

        return watching()

    def answer(self, request, **_):
        step = self.attempts[min(self.sent, len(self.attempts) - 1)]
        self.sent += 1
        assert self.sent < 200, "retries without end"
        WORLD.pass_time(step.get("takes_s", 0.0))
        if "raises" in step:
            raise ERRORS[step["raises"]](request.url)
        headers = {"content-type": "application/json", **step.get("headers", {})}
        content = {}
        if step["status"] != 200:
            content = {"message": "scripted"}
            if "code" in step:
                content["__type"] = step["code"]
                headers["x-amzn-errortype"] = step["code"]
        return AWSResponse(request.url, step["status"], headers, Body(json.dumps(content).encode()))

    def call(self, attempts):
        """One call: what it slept, and how it ended."""
        self.attempts, self.sent = attempts, 0
        WORLD.sleeps.clear()
        Limited.paced = []
        try:
            CALLS[self.service](self.client)
            ends = {"ok": True}
        except ClientError as error:
            ends = {
                "error": error.response["Error"]["Code"],
                "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            }
            if error.response["ResponseMetadata"].get("MaxAttemptsReached"):
                ends["said_attempts_used_up"] = True
            if error.response["ResponseMetadata"].get("RetryQuotaReached"):
                ends["said_quota_reached"] = True
        except Exception as error:
            ends = {"error": type(error).__name__}
        out = {"attempts": attempts, "waits_s": [plain(float(s)) for s in WORLD.sleeps], "sent": self.sent, "ends": ends}
        if Limited.paced:
            out["paced_s"] = list(Limited.paced)
        if self.quotas:
            out["quota_left"] = self.quotas[0].available_capacity
        return out

    def limiter(self):
        limiter = self.limiters[0]
        params = limiter._rate_adjustor.get_params_snapshot()
        return {
            "on": limiter._enabled,
            "rate": limiter._token_bucket.max_rate,
            "capacity": limiter._token_bucket.max_capacity,
            "tokens": limiter._token_bucket.available_capacity,
            "measured_rate": limiter._rate_clocker.measured_rate,
            "w_max": params.w_max,
            "k": params.k if isinstance(params.k, float) else str(params.k),
        }


def one(mode, name, attempts, uniforms=(0.25,), **client):
    WORLD.reset(uniforms)
    made = Client(mode, **client)
    result = made.call(attempts)
    return {"name": name, "settings": client, "uniforms": list(WORLD.drawn), **result}


def singles(mode):
    for status in STATUSES + [509]:
        yield one(mode, f"one {status}", [{"status": status}, OK])
    for status, code in CODES:
        yield one(mode, f"one {status} {code}", [{"status": status, "code": code}, OK])
    for kind in ERRORS:
        yield one(mode, f"one {kind}", [{"raises": kind}, OK])
        yield one(mode, f"{kind} for ever", [{"raises": kind}])
    for u in UNIFORMS:
        for status, code in ((503, None), (429, "ThrottlingException")):
            step = {"status": status, **({"code": code} if code else {})}
            yield one(mode, f"{status} for ever at uniform {u}", [step], [u])
            yield one(mode, f"{status} for ever, nine attempts, at uniform {u}", [step], [u], max_attempts=9)
    yield one(mode, "throttled and failing in turn", [{"status": 429, "code": "ThrottlingException"}, {"status": 500}] * 4, [0.5], max_attempts=8)
    yield one(mode, "one attempt allowed", [{"status": 503}], max_attempts=1)
    for service in ("dynamodb", "sqs"):
        for status, code in ((500, "InternalServerError"), (400, "ThrottlingException")):
            yield one(mode, f"{service}: {code} for ever", [{"status": status, "code": code}], [0.5], service=service)
    for value in ["0", "1", "300", "1500", "5000", "5250", "6000", "60000", "-1", "1.5", "soon", ""]:
        for status, code in ((503, None), (429, "ThrottlingException")):
            step = {"status": status, "headers": {"x-amz-retry-after": value}, **({"code": code} if code else {})}
            yield one(mode, f"x-amz-retry-after {value!r} on a {status}", [step, OK])
    yield one(mode, "x-amz-retry-after 300 on a 429, own wait longer", [{"status": 429, "code": "ThrottlingException", "headers": {"x-amz-retry-after": "300"}}, OK], [0.75])
    for header, value in (("retry-after", "7"), ("retry-after-ms", "1500")):
        yield one(mode, f"{header} {value} on a 429", [{"status": 429, "code": "ThrottlingException", "headers": {header: value}}, OK])


def sequence(mode, name, calls, uniforms=(0.25,), **client):
    """Calls of one client, one after the other."""
    WORLD.reset(uniforms)
    made = Client(mode, **client)
    steps = []
    for attempts in calls:
        drawn = len(WORLD.drawn)
        result = made.call(attempts)
        steps.append({**result, "uniforms": WORLD.drawn[drawn:]})
    return {"name": name, "settings": client, "steps": steps}


def quotas(mode):
    fail, slow, gone = {"status": 503}, {"status": 429, "code": "ThrottlingException"}, {"raises": "read-timeout"}
    yield sequence(mode, "quota: successes at the brim", [[OK]] * 3)
    yield sequence(mode, "quota: one transient retry, then successes", [[fail, OK], [OK], [OK]])
    yield sequence(mode, "quota: two transient retries, then successes", [[fail, fail, OK], [OK], [OK]])
    yield sequence(mode, "quota: one throttled retry, then successes", [[slow, OK], [OK]])
    yield sequence(mode, "quota: throttled, then transient", [[slow, fail, OK], [fail, slow, OK], [OK]])
    yield sequence(mode, "quota: a time-out, a connection error", [[gone, OK], [{"raises": "connect-timeout"}, OK], [{"raises": "connect-error"}, OK], [{"raises": "read-error"}, OK]])
    yield sequence(mode, "quota: failures give nothing back", [[fail], [OK], [fail], [OK]])
    yield sequence(mode, "quota: an error that is not retried", [[fail], [{"status": 400, "code": "ValidationException"}], [OK]])
    yield sequence(mode, "quota: transient failures until it is used up, then recovery", [[fail]] * 60 + [[OK]] * 30 + [[fail]] * 2 + [[fail, OK]] * 2)
    yield sequence(mode, "quota: throttled until it is used up", [[slow]] * 60 + [[fail]] + [[OK]] * 4 + [[slow]] * 2 + [[OK]] * 2 + [[slow, OK]] * 2)
    yield sequence(mode, "quota: time-outs until it is used up", [[gone]] * 40 + [[OK]] * 3 + [[fail]])
    yield sequence(mode, "quota: a long poll sleeps when it is used up", [[fail]] * 25, service="sqs")
    yield sequence(mode, "quota: dynamodb", [[fail]] * 20 + [[OK]] * 2, service="dynamodb")


def paced(mode, name, timeline, uniforms=(0.25,)):
    """A client's rate limiter along a clock: (seconds to the next call, attempts)."""
    WORLD.reset(uniforms)
    made = Client(mode)
    steps = []
    for gap, attempts in timeline:
        WORLD.pass_time(gap)
        at = WORLD.elapsed
        drawn = len(WORLD.drawn)
        result = made.call(attempts)
        steps.append({"at_s": at, **result, "until_s": WORLD.elapsed, "uniforms": WORLD.drawn[drawn:], "limiter": made.limiter()})
    return {"name": name, "settings": {}, "steps": steps}


def limiters(mode):
    slow, fail = {"status": 429, "code": "ThrottlingException"}, {"status": 503}
    yield paced(mode, "limiter: never throttled", [(0.1, [OK])] * 20)
    yield paced(mode, "limiter: ten a second, one throttled, then on", [(0.1, [OK])] * 20 + [(0.1, [slow, OK])] + [(0.1, [OK])] * 40)
    yield paced(mode, "limiter: ten a second, errors that are no throttling", [(0.1, [OK])] * 10 + [(0.1, [slow, OK])] + [(0.1, [fail, OK])] * 10)
    yield paced(mode, "limiter: throttled again and again", [(0.1, [OK])] * 10 + [(0.1, [slow, OK]), (0.1, [OK]), (0.1, [OK])] * 8)
    yield paced(mode, "limiter: the very first call is throttled", [(0.0, [slow, OK])] + [(0.05, [OK])] * 20)
    yield paced(mode, "limiter: throttled for ever", [(0.1, [OK])] * 10 + [(0.1, [slow])] * 5 + [(0.1, [OK])] * 10)
    yield paced(mode, "limiter: throttled, a long silence, then a burst", [(0.1, [OK])] * 10 + [(0.1, [slow, OK])] + [(30.0, [OK])] + [(0.0, [OK])] * 20)
    yield paced(mode, "limiter: fast and throttled", [(0.01, [OK])] * 200 + [(0.01, [slow, OK])] + [(0.01, [OK])] * 100)


def record(out):
    version = importlib.metadata.version("botocore")
    by_default = Client(None).client.meta.config.retries or {}
    for mode in ("legacy", "standard", "adaptive"):
        cases = list(singles(mode))
        if mode != "legacy":
            cases += quotas(mode)
        if mode == "adaptive":
            cases += limiters(mode)
        config = Client(mode).client.meta.config.retries
        settings = {
            "mode": mode,
            "mode_by_default": by_default.get("mode", "legacy"),
            "total_max_attempts": config.get("total_max_attempts", config.get("max_attempts")),
        }
        write(out, f"botocore-{mode}-{version}", recording("botocore", settings, cases))
