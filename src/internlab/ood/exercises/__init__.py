"""The checks and hints of labs 30 to 32."""
