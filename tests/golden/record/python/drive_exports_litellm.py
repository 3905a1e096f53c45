"""Files of `squall export --to litellm`, loaded by LiteLLM's own Router: the settings that it took."""

import importlib.metadata
import inspect
import os
import pathlib

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LITELLM_TELEMETRY"] = "False"

import litellm
import yaml
from litellm import Router

from world import recording, write

EXPORTS = pathlib.Path(__file__).parents[2] / "exports"


def load(path):
    config = yaml.safe_load(path.read_text())
    settings = config["router_settings"]
    known = set(inspect.signature(Router.__init__).parameters)
    unknown = sorted(set(settings) - known)
    assert not unknown, f"{path.name}: the Router has no {unknown}"
    router = Router(model_list=config["model_list"], **settings)
    policy = router.retry_policy.model_dump(exclude_none=True) if router.retry_policy else {}
    return {
        "name": path.name,
        "num_retries": router.num_retries,
        "cooldown_time_s": router.cooldown_time,
        "allowed_fails": settings.get("allowed_fails") and router.allowed_fails,
        "disable_cooldowns": bool(router.disable_cooldowns),
        "timeout_s": settings.get("timeout") and router.timeout,
        "stream_timeout_s": router.stream_timeout,
        "max_fallbacks": router.max_fallbacks,
        "routing_strategy": str(getattr(router.routing_strategy, "value", router.routing_strategy)),
        "retry_policy": policy,
        "fallbacks": router.fallbacks,
        "deployments": [
            {
                "id": d["model_info"]["id"],
                "group": d["model_name"],
                "model": d["litellm_params"]["model"],
                "rpm": d["litellm_params"].get("rpm"),
                "tpm": d["litellm_params"].get("tpm"),
                "weight": d["litellm_params"].get("weight"),
            }
            for d in router.model_list
        ],
    }


def record(out):
    litellm.suppress_debug_info = True
    for vendor in ("OPENAI", "ANTHROPIC", "AZURE"):
        os.environ[f"{vendor}_API_KEY"] = "none"
    cases = [load(path) for path in sorted(EXPORTS.glob("litellm-*.yaml"))]
    version = importlib.metadata.version("litellm")
    write(out, f"exports-litellm-{version}", recording("litellm", {}, cases))
