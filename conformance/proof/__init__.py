"""What more can be shown of a case than that both sides agree: that it can fail, who is right, whether torch is steady.

Each module is a consumer of cases with a command of its own; none knows of another's figures.
"""
