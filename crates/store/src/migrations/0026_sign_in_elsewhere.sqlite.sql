-- How a person signed in who did it elsewhere: what somebody trusted says of it, as JSON; NULL: here, by password.
ALTER TABLE grants ADD COLUMN sign_in TEXT;
