"""A simulator of Kombo for `manage.py demo` and the tests: its API, its Connect dialog, a page of
switches.

Standard library only, and no Django: the simulator is another origin than the site and shares
nothing with it but the shape of Kombo's JSON.
"""
