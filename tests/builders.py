"""What builds an address from its rule is compiled by werkzeug for each rule of each app: 300 times
for ours, which is nine tenths of what ``create_app`` costs. Hundreds of tests have an app of their
own, all with the same rules."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest
from werkzeug.routing import Rule


@contextmanager
def compiled_once() -> Iterator[None]:
    """Within, rules that say the same share what they are compiled to; it knows no rule's self."""
    compile_builder = Rule._compile_builder
    known: dict[Any, Callable[..., tuple[str, str]]] = {}

    @wraps(compile_builder)
    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        said = rule.rule, repr(rule._trace), repr(rule.defaults), append_unknown
        if said not in known:
            known[said] = compile_builder(rule, append_unknown)
        return known[said]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield
