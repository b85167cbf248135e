"""What an owner wishes in words: the amounts in a text, and what a rule can read of it surely."""
