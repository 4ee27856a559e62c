"""Goals: what the person and the bot work on over several messages.

A goal kind says what to ask next and how it ends (`port`); asking, reading the answer, echoing it, going back and resuming
are the same for all of them and stand in `work`.
"""
