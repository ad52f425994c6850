"""The claims of the research-practice track; importing this package registers them."""
