"""The body of WS/T 500-2016 documents: data elements to columns where there are some, else to `extra`."""
