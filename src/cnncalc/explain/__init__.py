"""Why a number is what it is: the rules read as sums, for layers, totals and topics."""
