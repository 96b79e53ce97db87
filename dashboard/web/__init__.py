"""The dashboard in the browser: pages, their parts, and the routes beside them."""
