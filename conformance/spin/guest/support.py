from componentize_py_types import Err


def fails_with(kind: type, function, *arguments) -> None:
    try:
        function(*arguments)
    except Err as error:
        assert isinstance(error.value, kind), f"{error.value} instead of {kind.__name__}"
    else:
        raise AssertionError(f"{function.__qualname__}{arguments} did not fail")


def header(request, name: str) -> str | None:
    """A field of the request, by its name in lower case."""
    with request.headers() as fields:
        return next((value.decode() for key, value in fields.entries() if key.lower() == name), None)
