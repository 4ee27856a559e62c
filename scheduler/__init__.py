"""What must happen later: obligations, reminders, broadcasts, and the clock that ticks."""
