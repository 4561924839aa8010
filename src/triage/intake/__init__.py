"""Files of requests make requests, and rows that cannot be read make rejected rows."""
