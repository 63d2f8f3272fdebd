"""The service as one process tree: ``python serve.py``, or ``application`` for another server.

``make serve`` runs this file; for the consumer beside the web workers it runs itself once more,
with ``jobs`` and its own process id. It imports late, so that a port that is taken or a setting
that is wrong is told at once, and after the environment is as the libraries need it.
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


def do_jobs(parent: int) -> None:
    """The consumer of background jobs, which ends with ``parent``. Does not return."""
    from server.consumer_keeper import end_with

    end_with(parent)
    from app import create_app
    from server.consumer import work

    work(create_app())


def main() -> None:
    """Prepare and serve; whatever stops that is one Chinese line and exit code 1."""
    # Until granian takes over, Ctrl-C ends this process the plain way, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    import click

    from server import serving, starting
    from server.consumer_keeper import ConsumerKeeper

    try:
        with starting.told_in_one_line():
            settings = starting.read_settings()
            address = serving.numeric_address(settings)
            starting.private_folder(settings.instance)
            serving.tell_libraries(settings)
            from app import create_app

            serving.prepare(settings, create_app)
            click.echo(serving.places(settings))
            target = f"{Path(__file__).with_suffix('')}:application"
            consumer = ConsumerKeeper([sys.executable, __file__, "jobs"]) if settings.jobs else None
            serving.serve(settings, target, address, consumer)
        click.echo("已停止。")
    except (serving.CannotServe, starting.CannotStart) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    if sys.argv[1:2] == ["jobs"]:
        do_jobs(int(sys.argv[2]))
    main()
