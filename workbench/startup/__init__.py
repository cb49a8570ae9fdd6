"""What a command needs before it runs: settings, consent, client, documents, tools, keeping, logs, crash reports."""
