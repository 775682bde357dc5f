"""The report: one versioned result object and its renderers. Sees finished results only.

``model`` holds the object and its JSON, ``sections`` its parts; ``words`` and ``explain`` turn
numbers into sentences; ``html``, ``markdown`` and ``text`` render them; ``figures`` draws.
Nothing is imported here, so that asking for help stays fast.
"""
