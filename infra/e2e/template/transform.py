"""Reads CloudFormation templates and translates SAM's, without a network.

Reads requests from standard input, one JSON object a line:
{"template": "<YAML>", "region": "eu-central-1", "lint": true}
and answers each with one line:
{"source": {...}, "template": {...}, "lint": [{"rule", "level", "message", "path"}, ...]}
or {"error": "..."}. "source" is the template as written, "template" what SAM's
translator makes of it (the same for a template without Transform).
"""

import copy
import json
import logging
import os
import sys

logging.disable(logging.CRITICAL)


class NoManagedPolicies:
    """Keyward's roles name no managed policies, so that none are looked up."""

    def load(self):
        return {}


def local_code(template):
    """CodeUri of this directory becomes what `sam package` would make of it."""
    properties = [template.get("Globals", {}).get("Function", {})]
    for resource in template.get("Resources", {}).values():
        if resource.get("Type") == "AWS::Serverless::Function":
            properties.append(resource.get("Properties", {}))
    for p in properties:
        if isinstance(p.get("CodeUri"), str):
            p["CodeUri"] = "s3://packaged/function.zip"
    return template


def parse(text):
    """SAM's own reading of YAML, by libyaml where there is one: it is ten times as fast."""
    import yaml
    from samtranslator.yaml_helper import intrinsics_multi_constructor, yaml_parse

    if not hasattr(yaml, "CSafeLoader"):
        return yaml_parse(text)

    class Loader(yaml.CSafeLoader):
        pass

    Loader.add_multi_constructor("!", intrinsics_multi_constructor)
    return yaml.load(text, Loader=Loader)


def translate(text):
    from samtranslator.translator.transform import transform

    source = parse(text)
    if "Transform" not in source:
        return source, source
    out = transform(local_code(copy.deepcopy(source)), {}, NoManagedPolicies())
    return source, json.loads(json.dumps(out))


def lint(text, region):
    from cfnlint.api import lint as run
    from cfnlint.config import ManualArgs

    found = run(text, config=ManualArgs(regions=[region], ignore_checks=[]))
    return [
        {
            "rule": m.rule.id,
            "level": m.rule.severity,
            "message": m.message,
            "path": "/".join(str(p) for p in (getattr(m, "path", None) or [])),
        }
        for m in found
    ]


def answer(request):
    region = request.get("region", "eu-central-1")
    os.environ["AWS_DEFAULT_REGION"] = region
    try:
        source, template = translate(request["template"])
    except Exception as e:  # whatever is wrong with a template is the answer
        return {"error": f"{type(e).__name__}: {getattr(e, 'message', None) or e}"}
    out = {"source": source, "template": template}
    if request.get("lint"):
        out["lint"] = lint(request["template"], region)
        if template is not source:
            out["lint"] += [m | {"path": "transformed: " + m["path"]} for m in lint(json.dumps(template), region)]
    return out


def main():
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line)), default=str), flush=True)


if __name__ == "__main__":
    main()
