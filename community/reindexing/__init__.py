"""Building the search index anew beside the running site."""
