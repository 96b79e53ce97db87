"""What pages, commands, the watcher and alerts all ask: answers from a store, no Streamlit."""
