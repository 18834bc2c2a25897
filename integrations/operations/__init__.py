"""How the installation itself is doing: read once, told by a page, a command and `/metrics`."""
