"""The service with views that wait outside, for the slow lane's tests: it is run as a program."""

import time
from pathlib import Path

from apiflask import APIFlask
from flask import Response, request

from app import create_app
from server import serving, starting
from server.outside import is_sent_much, outside_call, waiting, waits_outside


def application() -> APIFlask:
    """Without an edition; ``/slow`` waits for a file that lets it go."""
    app = create_app()
    folder: Path = app.extensions["settings"].instance

    @app.post("/slow/<name>")
    @waits_outside
    def slow(name: str) -> Response:
        with outside_call(), waiting():
            (folder / f"{name}.waits").touch()
            while not (folder / f"{name}.go").exists():
                time.sleep(0.01)
        return Response(b"done: " + request.get_data(), 201)

    @app.post("/files")
    @is_sent_much
    @waits_outside
    def files() -> Response:
        request.max_content_length = 8 << 20
        size = 0
        while chunk := request.stream.read(1 << 16):
            size += len(chunk)
        with outside_call(), waiting():
            (folder / "files.waits").touch()
            while not (folder / "files.go").exists():
                time.sleep(0.01)
        return Response(str(size), 201)

    @app.get("/broken")
    @waits_outside
    def broken() -> str:
        raise ZeroDivisionError

    @app.get("/unmarked")
    def unmarked() -> str:
        with outside_call():
            return "never"

    return app


if __name__ == "__main__":
    settings = starting.read_settings()
    serving.tell_libraries(settings)
    target = f"{Path(__file__).with_suffix('')}:application"
    serving.serve(settings, target, serving.numeric_address(settings))
