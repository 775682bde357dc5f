"""The local page: an audit for people who do not use a terminal.

``synthaudit serve`` binds to 127.0.0.1, gives out one address with a random token in it, and asks
the network for nothing. The page itself computes nothing: it keeps the three files in a private
folder, has a worker process walk the same corridor as ``synthaudit audit``, and shows what came
out. The worker is a process of its own so that it can be ended at any moment and its memory goes
with it.

Needs the ``serve`` extra; nothing here is imported by any other command.
"""
