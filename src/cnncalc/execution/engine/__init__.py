"""How a network is run: the program, its schedule, threads, and the task that a kernel gets."""
