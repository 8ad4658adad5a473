"""The pages of the desk: one module a page, which asks the read model and fills a template."""
