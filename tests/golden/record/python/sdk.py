"""openai, anthropic, groq and cohere for Python, over a scripted HTTP transport."""

import importlib
import importlib.metadata

from sdk_cases import OK, scripts
from world import WORLD, install, recording, write

LIMIT = 50


def http_library(client_module):
    """The HTTP library this release stands on."""
    names = vars(client_module)
    for name in ("httpx2", "httpx"):
        if name in names:
            return importlib.import_module(name)
    return importlib.import_module("httpx")


class Transport:
    """Answers what the script says; the last answer is repeated."""

    def __init__(self, http, attempts):
        self.http = http
        self.attempts = attempts
        self.sent = 0

    def __call__(self, request):
        step = self.attempts[min(self.sent, len(self.attempts) - 1)]
        self.sent += 1
        assert self.sent < LIMIT, "retries without end"
        if "raises" in step:
            kind = {
                "connect-error": self.http.ConnectError,
                "connect-timeout": self.http.ConnectTimeout,
                "read-timeout": self.http.ReadTimeout,
                "read-error": self.http.ReadError,
            }[step["raises"]]
            raise kind(step["raises"], request=request)
        headers = list(step.get("headers", {}).items())
        body = step.get("body", {} if step["status"] == OK["status"] else {"error": {"message": "scripted"}})
        return self.http.Response(step["status"], headers=headers, json=body, request=request)


def run(http, make, call, script, default_retries):
    WORLD.reset(script["uniforms"])
    transport = Transport(http, script["attempts"])
    client = make(http.Client(transport=http.MockTransport(transport)), script.get("max_retries", default_retries))
    try:
        call(client)
        ends = {"ok": True}
    except Exception as error:
        ends = {"error": type(error).__name__}
        status = getattr(error, "status_code", None)
        if status is not None:
            ends["status"] = status
    return {**script, "uniforms": list(WORLD.drawn), "waits_s": list(WORLD.sleeps), "sent": transport.sent, "ends": ends}


def family(name):
    module = importlib.import_module(name)
    http = http_library(importlib.import_module(f"{name}._base_client"))
    kind = {"openai": "OpenAI", "anthropic": "Anthropic", "groq": "Groq"}[name]

    def make(http_client, max_retries):
        return getattr(module, kind)(
            api_key="k", base_url="http://squall.invalid", http_client=http_client, max_retries=max_retries
        )

    def call(client):
        message = [{"role": "user", "content": "hello"}]
        if name == "anthropic":
            client.messages.create(model="m", max_tokens=16, messages=message)
        else:
            client.chat.completions.create(model="m", messages=message)

    defaults = getattr(module, kind)(api_key="k")
    timeout = defaults.timeout
    settings = {
        "max_retries": defaults.max_retries,
        "timeout_s": {k: getattr(timeout, k) for k in ("connect", "read", "write", "pool")}
        if hasattr(timeout, "read")
        else timeout,
    }
    return http, make, call, settings


def cohere_family():
    cohere = importlib.import_module("cohere")
    http = importlib.import_module("httpx")

    class Make:
        def __init__(self, http_client, max_retries):
            self.client = cohere.ClientV2(
                api_key="k", base_url="http://squall.invalid", httpx_client=http_client, log_warning_experimental_features=False
            )
            self.options = {} if max_retries is None else {"max_retries": max_retries}

    def call(made):
        made.client.chat(
            model="m", messages=[cohere.UserChatMessageV2(content="hello")], request_options=made.options or None
        )

    return http, Make, call, {"max_retries": "the package's own"}


def record(out, names):
    install()
    for name in names:
        if name == "cohere":
            http, make, call, settings = cohere_family()
            default = None
        else:
            http, make, call, settings = family(name)
            default = settings["max_retries"]
        cases = [run(http, make, call, script, default) for script in scripts()]
        version = importlib.metadata.version(name)
        write(out, f"{name}-python-{version}", recording(name, settings, cases))
