"""Policy and panel into an outcome, and the questions asked of outcomes."""
