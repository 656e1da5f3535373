"""What a server of one's own serves (deploy/portal.service): the portal with its log switched on, and nothing else."""

from app import create_app, logs

logs.install()
application = create_app()
