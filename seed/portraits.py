"""Photos of the demo's experts: flat figures that nobody takes for a person, drawn when the demo is loaded."""

import io

from PIL import Image, ImageDraw
from sqlalchemy import select

from app.access.actor import Actor, acting
from app.core.db import db
from app.models.expert import Expert
from app.services.expert_photo import SIZE, put_photo

GROUNDS = ("#dfe7ef", "#e8e3d6", "#dde9de", "#ecdfdf", "#e3dfec", "#d9e8ea")
COATS = ("#33475b", "#5c4a3d", "#3d5645", "#6b3f44", "#4b4366")
SKIN, HAIR = "#d9b99b", "#3a3633"


def portrait(number: int) -> bytes:
    """One figure: ground, shoulders, head, hair; the same number gives the same picture."""
    width, height = SIZE
    picture = Image.new("RGB", SIZE, GROUNDS[number % len(GROUNDS)])
    draw = ImageDraw.Draw(picture)
    middle, head = width // 2, width // 5
    draw.ellipse((middle - 2 * head, height * 0.62, middle + 2 * head, height * 1.4), fill=COATS[number % len(COATS)])
    draw.rectangle((middle - head * 0.4, height * 0.5, middle + head * 0.4, height * 0.68), fill=SKIN)
    draw.ellipse((middle - head, height * 0.2, middle + head, height * 0.58), fill=HAIR)
    draw.ellipse((middle - head * 0.85, height * 0.27, middle + head * 0.85, height * 0.58), fill=SKIN)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def load_portraits(actor: Actor) -> None:
    """A photo for every expert."""
    with acting(actor):
        for number, expert in enumerate(db.session.scalars(select(Expert).order_by(Expert.id)).all()):
            put_photo(actor, expert, f"{expert.id}.png", io.BytesIO(portrait(number)))
