"""What kforge writes for others' tools, held against these tools themselves."""
