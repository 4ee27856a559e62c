"""The conversation: channels in and out, understanding, dialogue, handoff, delivery."""
