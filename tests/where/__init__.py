"""Where kforge is used: pre-commit's hooks, the GitHub Action, and the workflows of this repository."""
