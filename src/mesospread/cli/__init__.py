"""The command line: reads options, calls the app, prints."""
