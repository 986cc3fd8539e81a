-- All that waits as one pushed request ends with it, and is found by it.
CREATE INDEX parked_requests_pushed ON parked_requests (pushed);
