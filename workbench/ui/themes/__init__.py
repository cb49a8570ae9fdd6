"""Themes: one table of what colours are for (`roles`), and the value of each in each theme.

`own` has the themes made by hand, `derived` those that Textual brings, `palette` what Textual and the terminal get.
"""
