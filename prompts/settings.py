"""The model's settings: one set for everything, from explicit sources that are remembered value by value.

Sources rank: the command line, TRIALCITE_LLM_*, OPENAI_*, the configuration file, our defaults. This module reads no
environment and no file; it is handed what they hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from trialcite.errors import ModelNotConfigured, UsageError

PREFIX = "TRIALCITE_LLM_"
OPENAI_VARIABLES = {"OPENAI_BASE_URL": "base_url", "OPENAI_API_KEY": "api_key", "OPENAI_MODEL": "model"}
DEFAULT = "default"


class ModelSettings(BaseModel):
    """Where the model is, and how much of it may be used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field("https://api.openai.com/v1", description="The OpenAI-compatible endpoint, with its /v1.")
    model: str | None = Field(None, min_length=1, description="The model's name there; without one there is no model.")
    api_key: SecretStr | None = Field(None, description="Sent to the endpoint as a bearer token; many need none.")
    timeout: float = Field(120, gt=0, description="Seconds one attempt may go without a sign of life.")
    deadline: float = Field(600, gt=0, description="Seconds one call may take in all, its retries included.")
    retries: int = Field(2, ge=0, le=10, description="How often a call is sent again after a transport error.")
    concurrency: int = Field(4, ge=1, le=256, description="Calls under way at the same time.")
    context_tokens: int = Field(8192, ge=1024, description="What prompt and reply may fill together.")
    reply_tokens: int = Field(2048, ge=128, description="What one reply may fill; a longer one is cut off and lost.")
    token_budget: int | None = Field(None, ge=0, description="Tokens one run may use; then the rules go on alone.")

    @field_validator("base_url")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        if "@" in value:  # an address is shown and logged; a key is not
            raise ValueError("holds a user name or password; give the key as the key")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or not _has_port(value):
            raise ValueError("not an http or https address")
        return value.rstrip("/")

    @property
    def model_name(self) -> str:
        """The model's name. Raises ModelNotConfigured without one."""
        if self.model is None:
            raise ModelNotConfigured("no model is named", hint=f"set {PREFIX}MODEL or --llm-model")
        return self.model

    @property
    def key(self) -> str | None:
        """The key itself. For the connection and the redactor, nobody else."""
        return self.api_key.get_secret_value() if self.api_key else None

    @property
    def exposes_key(self) -> bool:
        """Whether the key would travel unencrypted to another machine."""
        parts = urlsplit(self.base_url)
        return bool(self.key) and parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Given:
    """One value and where it stands: a flag, a variable's name, a file and its key."""

    value: object
    origin: str


Layer = Mapping[str, Given]
"""Settings from one source, by field name."""


def from_flags(values: Mapping[str, object]) -> Layer:
    """A layer of command-line options by field name; None means not given."""
    return {f: Given(v, "--llm-" + f.replace("_", "-")) for f, v in values.items() if v is not None}


def from_environment(environ: Mapping[str, str]) -> list[Layer]:
    """Two layers: TRIALCITE_LLM_*, then OPENAI_*. Empty variables count as unset. Raises UsageError for an unknown one
    of ours, since a misspelt setting would silently not hold."""
    ours = {}
    for name, value in environ.items():
        if name.startswith(PREFIX) and value:
            field = name.removeprefix(PREFIX).lower()
            _known(field, name)
            ours[field] = Given(value, name)
    theirs = {f: Given(environ[n], n) for n, f in OPENAI_VARIABLES.items() if environ.get(n)}
    return [ours, theirs]


def from_table(table: Mapping[str, object], *, where: str) -> Layer:
    """A layer from the table of a configuration file. Raises UsageError for an unknown key."""
    for field in table:
        _known(field, f"{where}: {field}")
    return {field: Given(value, f"{where}: {field}") for field, value in table.items()}


@dataclass(frozen=True)
class Resolved:
    """The settings in force and where each came from."""

    settings: ModelSettings
    origins: Mapping[str, str]

    def rows(self) -> list[tuple[str, str, str]]:
        """(field, value, origin) of every setting, for people. A key is never among the values."""
        return [(f, self._shown(f), self.origins[f]) for f in ModelSettings.model_fields]

    def _shown(self, field: str) -> str:
        value = getattr(self.settings, field)
        if value is None:
            return "not set"
        return "set, not shown" if isinstance(value, SecretStr) else str(value)


def resolve(layers: Iterable[Layer]) -> Resolved:
    """The settings that the layers give together; an earlier layer wins. Raises UsageError, naming the source of a
    value that cannot be."""
    chosen: dict[str, Given] = {}
    for layer in layers:
        chosen = {**layer, **chosen}
    try:
        settings = ModelSettings.model_validate({f: g.value for f, g in chosen.items()})
    except ValidationError as e:
        fault = e.errors(include_input=False, include_url=False)[0]  # the input may be a key
        field = str(fault["loc"][0])
        raise UsageError(fault["msg"].removeprefix("Value error, "), where=chosen[field].origin) from None
    origins = {f: chosen[f].origin if f in chosen else DEFAULT for f in ModelSettings.model_fields}
    return Resolved(settings, origins)


def _has_port(address: str) -> bool:
    """Whether the address's port, if it names one, is one."""
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def _known(field: str, name: str) -> None:
    if field not in ModelSettings.model_fields:
        near = get_close_matches(field, ModelSettings.model_fields, n=1)
        raise UsageError("no such setting", where=name, hint=f"did you mean {near[0]}?" if near else None)
