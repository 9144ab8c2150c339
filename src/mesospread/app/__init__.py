"""One function per user action: all that the command line and the web call."""
