"""The REST API: thin, strict, stateless; it calls what the command line calls."""

from mesospread.web.api.routes import router

__all__ = ["router"]
