"""The benchmark's parts: what is started, what is asked, what is told of it. Python's standard library only."""
