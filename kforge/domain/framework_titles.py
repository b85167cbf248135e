"""A framework's name as facts have it → as its authors write it: `fastapi` → `FastAPI`."""

from __future__ import annotations

_TITLES = {
    "fastapi": "FastAPI", "fasthtml": "FastHTML", "grpc": "gRPC", "net/http": "", "http.server": "", "http": "", "nest": "NestJS", "next": "Next.js", "nuxt": "Nuxt",
    "react-router": "React Router", "solid-start": "SolidStart", "sveltekit": "SvelteKit", "tanstack-start": "TanStack Start",
    "vue-cli": "Vue CLI", "socket.io": "Socket.IO", "ws": "ws", "cra": "Create React App",
}  # fmt: skip


def framework_title(name: str) -> str:
    """ "" for a library that comes with its language, which says nothing beside that; a path (`gorilla/mux`) as it is."""
    return _TITLES.get(name, name if "/" in name else name[:1].upper() + name[1:])
