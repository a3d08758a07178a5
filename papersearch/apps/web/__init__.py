"""A search page and a JSON API on this machine: ``papersearch serve``. Needs starlette, uvicorn and jinja2."""
