"""The time, waiting and chance that a client needs: an ordinary value, so that tests bring their own."""

import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """`now` in seconds since 1970, `wait` for some, `chance` from 0 to 1, `nonce` never the same twice."""

    now: Callable[[], float] = time.time
    wait: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    nonce: Callable[[], str] = secrets.token_urlsafe
