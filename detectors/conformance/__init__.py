"""The laws that every detector keeps, to be run by whoever writes one."""
