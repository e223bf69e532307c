"""`trialcite criteria`: criteria in, one a line; their constraints out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from trialcite.options import STDOUT, Output, Quiet
from trialcite.output import opened, progress


def criteria(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One criterion a line, or JSON Lines; - is stdin.")],
    output: Output = STDOUT,
    quiet: Quiet = False,
) -> None:
    """Read single criteria into computable constraints.

    Takes plain text, one criterion a line, or JSON Lines with the key "text"; other keys are kept.

    \b
    echo "HbA1c 7.5% to 10%" | trialcite criteria -
    trialcite criteria criteria.jsonl -o constraints.jsonl
    """
    import orjson

    from extract.criteria import parse
    from extract.criteria.topics import topics

    with opened(output) as stream, progress(quiet=quiet or output == STDOUT) as bar:
        for row in bar.track(rows(file), description="reading", total=None):
            text = row["text"]
            constraints = [c.to_json() for c in parse(text)]
            stream.write(orjson.dumps(row | {"constraints": constraints, "topics": topics(text)}))
            stream.write(b"\n")


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """Every criterion of a file as a row with its `text`; blank lines are passed over.

    Raises UnreadableInput, and MalformedRecord naming the line of a row that is no JSON object with a text.
    """
    import sys

    import orjson

    from trialcite.errors import MalformedRecord, UnreadableInput

    is_json: bool | None = None
    try:
        with sys.stdin.buffer if file == Path("-") else file.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                data = line.removeprefix(b"\xef\xbb\xbf").strip()
                if not data:
                    continue
                is_json = data.startswith(b"{") if is_json is None else is_json
                row = orjson.loads(data) if is_json else {"text": data.decode()}
                if not isinstance(row, dict) or not isinstance(row.get("text"), str):
                    raise MalformedRecord(
                        f"line {number} has no text", where=str(file), hint='as in {"text": "Age > 18"}'
                    )
                yield row
    except OSError as e:
        raise UnreadableInput(e.strerror or "cannot be read", where=str(file)) from e
    except orjson.JSONDecodeError as e:
        raise MalformedRecord(f"line {number} is not JSON ({e})", where=str(file)) from e
    except UnicodeDecodeError as e:
        raise MalformedRecord(f"line {number} is not UTF-8", where=str(file)) from e
