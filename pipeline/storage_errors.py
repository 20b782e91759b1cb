"""What object stores' clients raise, as one sentence each. It imports none of them."""

from __future__ import annotations

EXIT_STATUS = 4
"""Of a command that a store has refused."""

_EXTRAS = {"s3fs": "s3", "gcsfs": "gcs"}
# By the names of classes of botocore, s3fs, gcsfs, google-auth and aiohttp.
_NO_CREDENTIALS = ("NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError", "RefreshError",
                   "ProfileNotFound", "TokenRetrievalError", "CredentialRetrievalError")  # fmt: skip
_UNREACHABLE = ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError",
                "ClientConnectorError", "ClientConnectionError", "ServerDisconnectedError", "ProxyConnectionError",
                "SSLError")  # fmt: skip
_DENIED = (
    "AccessDenied",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "Forbidden",
    "403",
)


class StoreUnusable(RuntimeError):
    """What a store's client has raised in another process, as its sentence."""


def explain(error: BaseException | None) -> str | None:
    """A sentence for what a store's client has raised, here or as the cause of ``error``; ``None`` for other errors."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        sentence = _explain(error)
        if sentence:
            return sentence
        error = error.__cause__ or error.__context__
    return None


def _explain(error: BaseException) -> str | None:
    if isinstance(error, StoreUnusable):
        return str(error)
    name, text = type(error).__name__, " ".join(str(error).split())
    if isinstance(error, ImportError):
        missing = next((package for package in _EXTRAS if package in text), None)
        if missing:
            return f"this path needs the package {missing}: pip install 'gristmill[{_EXTRAS[missing]}]'"
        return None
    if name in _NO_CREDENTIALS:
        return f"the store asks for credentials and none were found ({text}); set them up as its own tools want them"
    if name in _UNREACHABLE and type(error).__module__.partition(".")[0] in (
        "botocore",
        "aiobotocore",
        "aiohttp",
        "gcsfs",
    ):
        return f"the store can't be reached: {text}; is the endpoint right, and is it up?"
    if name == "ClientError" or (
        isinstance(error, PermissionError) and error.errno in (None, 13) and error.filename is None
    ):
        if any(code in text for code in _DENIED) or isinstance(error, PermissionError):
            return f"the store denies access: {text}; may these credentials read the inputs and write to --output?"
        return f"the store refuses: {text}"
    if is_missing_bucket(error):
        return f"there is no such bucket: {text}; buckets are not made here, since a misspelt name would be one"
    return None


def is_missing_bucket(error: BaseException) -> bool:
    """Whether the store says that there is no bucket of this name, rather than no file in it."""
    if not isinstance(error, FileNotFoundError):
        return False
    return "specified bucket does not exist" in str(error).lower()
