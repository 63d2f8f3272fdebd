"""Our TypeScript run by node, bundled as for the browser: for modules that need no page."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from config.settings import ROOT

WEB = ROOT / "web"
BESIDE = Path(sys.executable).parent
_RUN = """
import {{ build }} from "esbuild";
const {{ outputFiles }} = await build({{
  bundle: true, format: "esm", logLevel: "error", write: false,
  stdin: {{ contents: {code}, loader: "ts", resolveDir: "src" }},
}});
const code = Buffer.from(outputFiles[0].contents).toString("base64");
const made = await import("data:text/javascript;base64," + code);
console.log(JSON.stringify(made.default));
"""


def run(code: str) -> Any:
    """What the module ``code``, which may import from ``web/src``, exports as its default."""
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", _RUN.format(code=json.dumps(code))],
        cwd=WEB,
        env=os.environ | {"PATH": f"{BESIDE}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
