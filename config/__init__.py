"""Settings, the city, the programmes, the starting data.

Whatever runs imports a module of this package before it writes a log, so it is here that structlog
is loaded: without ``rich``, which is installed for others, would be taken for pretty tracebacks
(never wanted: they show what people sent, see ``server.logs``), and costs each worker 4 MB.
"""

import sys

if "rich" not in sys.modules:
    # Python's own way to say that a module isn't there.
    sys.modules["rich"] = None  # type: ignore[assignment]
    import structlog  # noqa: F401

    del sys.modules["rich"]
