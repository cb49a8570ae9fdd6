"""What stands in a form, as values: fields with what they are, and what comes of changing one. No widgets."""
