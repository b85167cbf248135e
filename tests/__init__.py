"""The tests of kforge; they mirror its packages."""
