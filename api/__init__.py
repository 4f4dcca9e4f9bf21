"""The ways in: REST, web pages, command line, store, accounts, jobs."""
