"""How a network is run: the program, when each step runs, threads, and what a kernel is handed."""
