"""The files that operators are given, and the commands of docs/deploying.md."""
