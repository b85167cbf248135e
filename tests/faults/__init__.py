"""A model client against every fault that a server, a proxy or a network can have, over a real socket."""
