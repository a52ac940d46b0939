"""The program at a site: reads, conforms, scores, decides and releases, and loses nothing when it is killed."""
