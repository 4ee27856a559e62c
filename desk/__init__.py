"""The staff's web desk: agency cases, bureau broadcasts, the rule library."""
