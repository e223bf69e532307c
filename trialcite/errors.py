"""Every error that trialcite raises on purpose, in one tree.

    TrialciteError
    ├── UsageError                 the call itself is wrong                        exit 2
    ├── GoldRefused                gold labels that do not hold                    exit 1
    ├── InputError                 one input could not be read                     exit 3 (4 when none could)
    │   ├── UnreadableInput        missing, no permission, a device, too large
    │   ├── NotText                binary, or text in no encoding we can tell
    │   ├── EmptyInput             nothing but white space
    │   └── MalformedRecord        its format was recognised, its content is broken
    ├── LibraryError               the stored library cannot do what was asked     exit 1
    │   ├── LibraryNotFound        no library here or above
    │   ├── LibraryLocked          another process is writing
    │   ├── LibraryDamaged         its database does not open or contradicts itself
    │   ├── LibraryUnwritable      no space, no permission, a medium that fails
    │   ├── LibraryTooNew          written by a later trialcite
    │   ├── EmbedderMismatch       its vectors come from another embedder
    │   └── UnknownDocument        no such document in it
    ├── EmbedderError              the embedder cannot be used                     exit 1
    │   ├── WeightsMissing         the weights are not installed, or no model is in the folder
    │   ├── WeightsCorrupt         the weights are not the ones we know
    │   └── EmbedderUnavailable    its endpoint does not answer, or not with vectors
    └── ModelError                 the language model was no help                  exit 5
        ├── ModelNotConfigured     a model was asked for, none is named            exit 2
        ├── EndpointError          the endpoint failed, its retries used up
        │   ├── EndpointUnreachable    refused, reset, no such host
        │   ├── EndpointTimeout    no whole answer in time
        │   ├── KeyRefused         401 or 403
        │   ├── ModelUnknown       404: no such model, or no such path
        │   ├── RateLimited        429
        │   └── EndpointFault      5xx, or an answer that is no chat completion
        ├── NoWorkingMode          the model gives valid replies in no mode
        ├── RequestRefused         400 or 422, as for a prompt longer than the model's context
        ├── ReplyError             one reply cannot be used; the next may be
        │   ├── ReplyEmpty         no choices
        │   ├── ReplyRefused       the model declined, or a content filter did
        │   ├── ReplyTruncated     cut off at the reply's token limit
        │   └── ReplyInvalid       still not as asked after one re-ask
        ├── TokenBudgetSpent       the run's token budget is used up
        ├── ReplyNotStored         a run without calls has no stored reply for this one
        └── ReplyStoreError        the store of replies cannot be read or written

A message says what happened and where; `hint` says what to do next. Expected errors are printed as one line, without
a traceback. This module imports nothing of ours, so that every layer may raise from it.
"""

from __future__ import annotations


class TrialciteError(Exception):
    """Root of all errors. `exit_code` is what the command line returns when the error ends a command."""

    exit_code = 1

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}" + (f" ({self.hint})" if self.hint else "")

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are lost by Exception's own pickling, and workers hand errors back pickled.
        return (_rebuild, (type(self), self.message, self.where, self.hint))


def _rebuild(kind: type[TrialciteError], message: str, where: str | None, hint: str | None) -> TrialciteError:
    return kind(message, where=where, hint=hint)


class UsageError(TrialciteError):
    """The command or call was given arguments that cannot be meant."""

    exit_code = 2


class GoldRefused(TrialciteError):
    """Gold labels are of another schema, contradict themselves, or do not stand in their record: scores on them would
    mean nothing."""


class InputError(TrialciteError):
    """One input could not be read; the others go on."""

    exit_code = 3


class UnreadableInput(InputError):
    """The input is missing, may not be read, is no regular file, or is larger than a record can be."""


class NotText(InputError):
    """The input is binary, or text in an encoding that cannot be told for certain."""


class EmptyInput(InputError):
    """The input has no characters besides white space."""


class MalformedRecord(InputError):
    """The format was recognised, but the record breaks it: truncated JSON, a study without identification."""


class LibraryError(TrialciteError):
    """The stored library cannot do what was asked; nothing stored is changed."""


class LibraryNotFound(LibraryError):
    """There is no library in this folder or above it, nor where the option names one."""


class LibraryLocked(LibraryError):
    """Another process is writing to the library."""


class LibraryDamaged(LibraryError):
    """The library's database does not open, or what it holds contradicts itself."""


class LibraryUnwritable(LibraryError):
    """The library's disk is full, or may not or cannot be written; what was stored before is still there."""


class LibraryTooNew(LibraryError):
    """The library was written by a later version of trialcite."""


class EmbedderMismatch(LibraryError):
    """The library's vectors were made by another embedder than the one at hand."""


class UnknownDocument(LibraryError):
    """The library holds no document of that id."""


class EmbedderError(TrialciteError):
    """The embedder cannot be used."""


class WeightsMissing(EmbedderError):
    """The package that carries the embedding weights is not installed, or a folder holds no model that can be run."""


class WeightsCorrupt(EmbedderError):
    """The embedding weights are not, byte for byte, the ones this program was measured with."""


class EmbedderUnavailable(EmbedderError):
    """The embedder's endpoint cannot be reached, refuses, or answers with what are no vectors."""


class ModelError(TrialciteError):
    """The language model was no help. Where rules can stand in, this is a value; it ends a command only where not."""

    exit_code = 5


class ModelNotConfigured(ModelError):
    """A model was asked for, but no setting names one."""

    exit_code = 2


class EndpointError(ModelError):
    """The endpoint failed and its retries are used up."""


class EndpointUnreachable(EndpointError):
    """No connection, or it broke before the answer was whole."""


class EndpointTimeout(EndpointError):
    """The whole answer did not come in time, however much of it did."""


class KeyRefused(EndpointError):
    """The endpoint does not accept the key, or wants one where none is set (401, 403)."""


class ModelUnknown(EndpointError):
    """The endpoint has no such model, or is no chat-completions endpoint (404)."""


class RateLimited(EndpointError):
    """The endpoint asks to slow down, also after the waits it asked for (429)."""


class EndpointFault(EndpointError):
    """The endpoint broke (5xx), or what it sent is no chat completion."""


class NoWorkingMode(ModelError):
    """The model gave a valid reply in none of the modes in which one can be asked for."""


class RequestRefused(ModelError):
    """The endpoint will not take this request (400, 413, 422); most often it is longer than the model's context."""


class ReplyError(ModelError):
    """One reply cannot be used; other calls may fare better."""


class ReplyEmpty(ReplyError):
    """The reply holds no choices."""


class ReplyRefused(ReplyError):
    """The model declined to answer, or a content filter withheld the answer."""


class ReplyTruncated(ReplyError):
    """The reply was cut off at its token limit, so it is no whole object."""


class ReplyInvalid(ReplyError):
    """The reply is not of the shape that was asked for, also after it was asked again with the fault named."""


class TokenBudgetSpent(ModelError):
    """The run's token budget is used up; what is left is left to the rules."""


class ReplyNotStored(ModelError):
    """A run that may make no calls needs a reply that is not in the store."""


class ReplyStoreError(ModelError):
    """The store of replies cannot be read or written."""
