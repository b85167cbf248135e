"""Names of the topics: the keys under which decisions stand in specs, locks and views.

They stand here because shelves, which are below the catalog, read decisions by name. `catalog.TOPICS` says which are
built in, and at which revision.
"""

BUILD, PROCESS, PROBES, RESOURCES, ROLLOUT = TOPIC_NAMES = ("build", "process", "probes", "resources", "rollout")
