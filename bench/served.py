"""The service as a WSGI application with its edition loaded."""

from app import create_app

app = create_app()
app.extensions["atlas_keeper"].start()
