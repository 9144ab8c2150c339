"""What can be set when the server starts."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from mesospread.errors import InputError


class Settings(BaseModel):
    """Settings of the server; frozen, and none of them about a patient.

    Attributes
    ----------
    host, port
        Where it listens.
    token
        Bearer token that calls of the API must carry; None: no token is needed. Needed for any
        host but the machine itself.
    max_body_bytes
        Largest body of a request.
    requests_per_minute
        Most requests from one address within a minute; pages and their files count a tenth.
    time_limit_s
        Seconds after which an answer is given up.
    workers
        Forecasts worked out at the same time.
    max_simulated_patients
        Most patients that one call of the API may simulate.
    warm_up
        Whether to load the engine in the background once the server runs.
    today
        The day that the page takes for today; None for the day it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    token: SecretStr | None = None
    max_body_bytes: int = Field(default=262_144, gt=0)
    requests_per_minute: int = Field(default=240, gt=0)
    time_limit_s: float = Field(default=30.0, gt=0.0)
    workers: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), gt=0)
    max_simulated_patients: int = Field(default=20_000, gt=0)
    warm_up: bool = True
    today: dt.date | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def checked(self) -> Self:
        """Return the settings, or refuse a server open to others without a token.

        Raises
        ------
        InputError
            If other machines can reach the server and no token is set.
        """
        if not self.is_local and self.token is None:
            raise InputError(
                "a server that others can reach needs a token",
                where="--host",
                given=self.host,
                allowed="127.0.0.1, ::1 or localhost without a token",
                remedy="Set a token of 16 characters or more, or listen on 127.0.0.1",
            )
        return self
