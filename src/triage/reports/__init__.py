"""What is given out: screenings, briefs, backtests and sweeps as text, Markdown, HTML, CSV and XLSX."""
