"""What is checked: one module for each family of rules, and the shipped document with its bindings."""
