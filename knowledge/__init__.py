"""What is known: content as YAML, its loader, its checks, its revisions, its search."""
