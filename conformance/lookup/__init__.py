"""What the rows say of a name or of words: `conformance lookup`.

An index of all rows, made from them beforehand, is asked, so that an answer needs neither PyTorch nor NumPy.
"""
