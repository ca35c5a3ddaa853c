"""Two runs compared, over time or versions: what fails now, what was fixed, what behaves otherwise, and why.

Nothing here runs an operation or knows PyTorch: two run files are enough, on any machine.
"""
