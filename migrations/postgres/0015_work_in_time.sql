-- PostgreSQL keeps rows where there is room, by no key, and shares them out by slot: nothing is moved here.
SELECT 1;
