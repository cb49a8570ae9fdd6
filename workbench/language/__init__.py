"""Words as the documents, the offline engine and the screen understand them: folding, sentences, near meanings, and
headings as the questions of a person."""
