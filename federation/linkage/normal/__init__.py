"""One spelling for what many hands wrote: names, numbers, dates, telephones, addresses.

Unknown becomes null, never a guess.
"""
