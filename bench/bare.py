"""The baseline: a bare Flask view that returns ready bytes (the file named by BENCH_BODY)."""

import os
from pathlib import Path

from flask import Flask, Response

app = Flask(__name__)
BODY = Path(os.environ["BENCH_BODY"]).read_bytes()


@app.get("/api/v1/sites")
def sites() -> Response:
    return Response(BODY, mimetype="application/json")
