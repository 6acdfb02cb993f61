"""A client that `openapi-python-client` makes of our OpenAPI document, used as the client of the seed's text is.

Nothing of ours is known but the document: an operation is found by its method and path, its function in the
generated package by the operation's id, the class of a body by the function's annotation.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

PREFIX = "/interflex/api/v1"
PACKAGE = "interflex_generated"
CLIENT = {"client_id": "interflex-demo", "client_secret": "interflex-demo"}


class Generated:
    """The generated package in `folder`, which must be on the import path."""

    def __init__(self, document: Mapping[str, Any], folder: Path) -> None:
        self.operations: dict[tuple[str, tuple[str, ...]], str] = {
            (method.upper(), tuple(path.removeprefix(PREFIX).strip("/").split("/"))): operation["operationId"]
            for path, methods in document["paths"].items()
            if path.startswith(PREFIX)
            for method, operation in methods.items()
        }
        self.folder = folder / PACKAGE
        source, settings = folder / "openapi.json", folder / "settings.yaml"
        source.write_text(json.dumps(document))
        settings.write_text("post_hooks: []\n")
        command = ["generate", "--path", str(source), "--config", str(settings), "--meta", "none"]
        done = subprocess.run(
            [sys.executable, "-m", "openapi_python_client", *command, "--output-path", str(self.folder)],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "duplicate models" not in done.stdout + done.stderr
        unmade = [name for name in self.operations.values() if not self._files(name)]
        assert not unmade, f"no function for {unmade}:\n{done.stdout}{done.stderr}"

    def call(self, client: Any, method: str, path: tuple[str, ...], body: Mapping[str, Any] | None) -> Any:
        """The answer of the operation that a path belongs to, as JSON."""
        template, name = self._operation(method, path)
        (file,) = self._files(name)
        module = importlib.import_module(f"{PACKAGE}.api.{file.parent.name}.{file.stem}")
        values = [value for part, value in zip(template, path, strict=True) if part.startswith("{")]
        sent = {} if body is None else {"body": _made(module.sync_detailed, body)}
        answer = module.sync_detailed(*values, client=client, **sent)
        assert 200 <= answer.status_code < 300, answer.content
        return _plain(answer.parsed)

    def client(self, base: str, token: str) -> Any:
        made = importlib.import_module(f"{PACKAGE}.client")
        return made.AuthenticatedClient(base, token) if token else made.Client(base)

    def _files(self, operation_id: str) -> list[Path]:
        return list(self.folder.glob(f"api/*/{operation_id}.py"))

    def _operation(self, method: str, path: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        """The operation of a path: of several that fit, the one with the most parts that are no parameters."""
        fitting = [
            (template, name)
            for (of, template), name in self.operations.items()
            if of == method
            and len(template) == len(path)
            and all(part.startswith("{") or part == given for part, given in zip(template, path, strict=True))
        ]
        return min(fitting, key=lambda entry: sum(part.startswith("{") for part in entry[0]))


class GeneratedParty:
    """One entity on the platform, by the generated client."""

    def __init__(self, generated: Generated, host: str, port: int, entity_id: str) -> None:
        self.generated, self.entity_id = generated, entity_id
        self.base, self.token = f"http://{host}:{port}", ""
        form = {"grant_type": "password", "username": entity_id, "password": f"demo-{entity_id}", **CLIENT}
        self.response = self.post(form, "authentication", "token")
        self.token = self.response["access_token"]

    def refresh(self) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": self.response["refresh_token"], **CLIENT}
        self.token = ""
        self.response = self.post(form, "authentication", "refresh")
        self.token = self.response["access_token"]

    def get(self, *path: str) -> Any:
        return self._call("GET", path)

    def post(self, body: Mapping[str, Any], *path: str) -> Any:
        return self._call("POST", path, body)

    def delete(self, *path: str) -> Any:
        return self._call("DELETE", path)

    def _call(self, method: str, path: tuple[str, ...], body: Mapping[str, Any] | None = None) -> Any:
        return self.generated.call(self.generated.client(self.base, self.token), method, path, body)


def _made(function: Any, body: Mapping[str, Any]) -> Any:
    """A body of the class that the function takes; what the class has no place for is not sent."""
    annotated = get_type_hints(function)["body"]
    (kind,) = [kind for kind in (annotated, *get_args(annotated)) if hasattr(kind, "from_dict")]
    return kind.from_dict(dict(body))


def _plain(parsed: Any) -> Any:
    """What the generated client made of an answer, as JSON again."""
    if isinstance(parsed, list):
        return [_plain(entry) for entry in parsed]
    return parsed.to_dict() if hasattr(parsed, "to_dict") else parsed
