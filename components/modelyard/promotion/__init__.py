"""What becomes of a canary: the gates' answers, the decision, and the line of the declaration that it changes."""
