-- Run once by Patroni on the new cluster's first primary. The password is OMNIPORT_DATABASE_PASSWORD (patroni.env).
CREATE ROLE omniport LOGIN PASSWORD :'password';
CREATE DATABASE omniport OWNER omniport ENCODING 'UTF8' TEMPLATE template0;
