"""Settings from outside: the command line, the environment, the configuration file, in that order.

The file is TOML, named by TRIALCITE_CONFIG or else config.toml in the user's configuration folder; its table [llm]
holds the model's settings. Only this layer reads the environment.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialcite.errors import UsageError

if TYPE_CHECKING:
    from prompts.settings import Resolved
    from prompts.store import ReplyStore

_CONFIG = "TRIALCITE_CONFIG"


def config_file() -> Path:
    """Where the configuration file is, or would be."""
    from platformdirs import user_config_path

    named = os.environ.get(_CONFIG)
    return Path(named) if named else user_config_path("trialcite") / "config.toml"


def model_settings(flags: Mapping[str, object] | None = None) -> Resolved:
    """The model's settings and where each came from. Raises UsageError for one that cannot be."""
    from prompts.settings import from_environment, from_flags, from_table, resolve

    path = config_file()
    table = _config(path).get("llm", {})
    if not isinstance(table, dict):
        raise UsageError("[llm] is not a table", where=str(path))
    return resolve([from_flags(flags or {}), *from_environment(os.environ), from_table(table, where=f"{path} [llm]")])


def reply_store() -> ReplyStore:
    """The replies kept for this user, so that what was answered once is not asked again."""
    from platformdirs import user_cache_path

    from prompts.store import ReplyStore
    from trialcite.version import __version__

    folder = user_cache_path("trialcite")
    folder.mkdir(parents=True, exist_ok=True)
    return ReplyStore(folder / "replies.sqlite", program=__version__)


def _config(path: Path) -> dict[str, Any]:
    if not path.is_file():
        if _CONFIG in os.environ:
            raise UsageError("no such configuration file", where=str(path), hint=f"named by {_CONFIG}")
        return {}
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise UsageError(f"the configuration cannot be read ({e})", where=str(path)) from e
    if unknown := set(config) - {"llm"}:
        raise UsageError(
            f"no such table: {', '.join(sorted(unknown))}", where=str(path), hint="[llm] is the one there is"
        )
    return config
