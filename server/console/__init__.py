"""What the rooms of the console share: who is signed in, the gate, the frame of a page."""
