"""Documents whose look is known: when LibreOffice or a font changes, these tests show what it changes.

`make golden` takes what the converter makes now as what is to be expected.
"""
