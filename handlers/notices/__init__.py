"""Who is told of what without asking: composing it, giving it to those concerned, and delivering it."""
