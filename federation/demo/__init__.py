"""The whole chain on a made-up city, as a newcomer would type it: sites, contracts, exports, questions, report."""
