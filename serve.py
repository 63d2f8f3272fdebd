"""The service as one process tree: ``python serve.py``, or ``application`` for another server.

``make serve`` runs this file. It imports late, so that a port that is taken or a
setting that is wrong is told at once, and after the environment is as the libraries need it.
"""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def application() -> "Flask":
    """The application of one worker process, watching for editions; call it after forking."""
    from app import create_app

    app = create_app()
    app.extensions["atlas_keeper"].start()
    return app


def main() -> None:
    """Prepare and serve; whatever stops that is one Chinese line and exit code 1."""
    # Until granian takes over, Ctrl-C ends this process the plain way, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    import click

    from server import serving, starting

    try:
        with starting.told_in_one_line():
            settings = starting.read_settings()
            address = serving.numeric_address(settings)
            starting.private_folder(settings.instance)
            serving.tell_libraries(settings)
            from app import create_app

            serving.prepare(settings, create_app)
            click.echo(serving.places(settings))
            serving.serve(settings, f"{Path(__file__).with_suffix('')}:application", address)
        click.echo("已停止。")
    except (serving.CannotServe, starting.CannotStart) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
