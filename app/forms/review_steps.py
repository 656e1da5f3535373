"""The forms of the steps of an expert review."""

from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_
from wtforms.validators import Length, Optional

from app.core import clock
from app.forms import fields as f
from app.forms.case_steps import NoteForm, ReasonForm, text_field
from app.forms.reply_steps import ServiceForm
from app.forms.rows import Row, RowForm, RowsField
from app.forms.step_form import StepForm, StepPage
from app.models.code_table import CodeItem
from app.models.follow_up import Satisfaction
from app.models.party import Party
from app.models.review import PANEL_LEAST, Verdict
from app.models.room import Room
from app.models.signature import SignatureKind
from app.services import ballot, opinion, review, review_seat, review_session
from app.services.queries.candidates import POOLS, candidates, expert_chooser
from app.services.queries.case_choices import parties_among
from app.services.queries.choices import Chooser, parse_key
from app.services.queries.material import brief_of, handed_out, material_of
from app.services.queries.review_page import opinion_beside
from app.services.queries.tally import lines_of
from app.services.working_calendar import calendar
from app.workflow.guards_review import PICKS_MOST

BY_EXPERT = (SignatureKind.touch, SignatureKind.witness)
STYLE = "portal/review.css"
AGREED = _l("All parties who applied agree")


class _PartyForm(StepForm):
    """A party who applied speaks; where several applied, they agree."""

    def prepare(self, record: Any, facts: Any) -> None:
        """Offer the parties who applied; ask for agreement where there are several."""
        parties = [applicant.party_id for applicant in facts.applicants]
        self.party.chooser = parties_among(record.case_id, parties)
        if len(parties) < 2:
            del self["agreed"]
            self.names = tuple(name for name in self.names if name != "agreed")

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """The party, where there is only one."""
        if len(facts.applicants) != 1:
            return {}
        only = facts.applicants[0].party_id
        return {"party": parties_among(record.case_id, [only]).find([only]).get(only)}


class _ListForm(_PartyForm):
    """Experts in the order chosen, and reserves in theirs; every button works without scripts."""

    layout, style, script = "portal/_review_picker.html", STYLE, "portal/review.js"

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The candidates of all pools, and the list as it stands on the page."""
        rows = candidates(record)
        by_key = {row.id: row for row in rows}
        chosen = [by_key[e.id] for e in self.experts.data or () if e.id in by_key]
        reserves = [by_key[e.id] for e in self.reserves.data or () if e.id in by_key]
        listed = {row.id for row in (*chosen, *reserves)}
        return {
            "pools": [(label, [row for row in rows if row.pool_kind == kind]) for kind, label in POOLS.items()],
            "chosen": chosen,
            "reserves": reserves,
            "listed": listed,
            "least": PANEL_LEAST,
        }

    def rearrange(self, formdata: Any) -> bool:
        """Whether a button only moved an expert on the list."""
        move, _colon, key = str(formdata.get("move", "")).partition(":")
        if not move:
            return False
        number = parse_key(key)
        expert = self.experts.chooser.find([number]).get(number) if number is not None else None
        if expert is not None:
            self._move(move, expert)
        return True

    def _move(self, move: str, expert: Any) -> None:
        lists = {"experts": list(self.experts.data or ()), "reserves": list(self.reserves.data or ())}
        here = next((name for name, rows in lists.items() if expert in rows), None)
        if move in ("up", "down") and here is not None:
            rows, place = lists[here], lists[here].index(expert)
            other = place + (-1 if move == "up" else 1)
            if 0 <= other < len(rows):
                rows[place], rows[other] = rows[other], rows[place]
        elif move in ("pick", "reserve", "drop"):
            if here is not None:
                lists[here].remove(expert)
            if move != "drop":
                lists["experts" if move == "pick" else "reserves"].append(expert)
        self.experts.data, self.reserves.data = lists["experts"], lists["reserves"]


class PickForm(_ListForm):
    """Whom the party picks."""

    experts = f.MultiRemoteSelect(_l("Chosen experts"), chooser=expert_chooser())
    reserves = f.MultiRemoteSelect(_l("Reserves, in their order"), chooser=expert_chooser())
    party = f.RemoteSelectField(_l("Chosen by"), chooser=Chooser(Party), validators=[f.Required()])
    agreed = f.BooleanField(AGREED)
    signature = f.SignatureField(_l("Signature of the party"), validators=[f.Required()])


class DrawForm(_ListForm):
    """How many are drawn, beside those whom the party picks."""

    size = f.IntegerField(_l("Experts on the panel"), least=PANEL_LEAST, most=PICKS_MOST, validators=[f.Required()])
    experts = f.MultiRemoteSelect(_l("Chosen experts"), chooser=expert_chooser())
    reserves = f.MultiRemoteSelect(_l("Reserves, in their order"), chooser=expert_chooser())
    party = f.RemoteSelectField(_l("Asked for by"), chooser=Chooser(Party), validators=[f.Required()])
    agreed = f.BooleanField(AGREED)
    signature = f.SignatureField(_l("Signature of the party"), validators=[f.Required()])

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Five."""
        return {**super().defaults(record, facts), "size": PANEL_LEAST}


class AcceptInvitationForm(StepForm):
    """The declaration."""

    reading = "portal/_review_brief.html"
    declared = f.BooleanField(
        _l("I have no interest in this matter"),
        description=_l(
            "I am no party and no kin of one, have not dealt with the matter, and neither work nor worked within three "
            "years for an organisation it concerns."
        ),
    )
    declaration = text_field(_l("Remarks"), rows=2)

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """What it is about, without names."""
        return {"brief": brief_of(record)}


class DeclineInvitationForm(ReasonForm):
    """Why not."""

    reading = "portal/_review_brief.html"

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """What it is about, without names."""
        return {"brief": brief_of(record)}


class SeatForm(StepForm):
    """Which seat, and why."""

    seat = f.OptionsField(_l("Expert"), validators=[f.Required()])
    reason = text_field(_l("Reason"), required=True)


class ReplaceForm(SeatForm):
    """Who is replaced."""

    def prepare(self, record: Any, facts: Any) -> None:
        """Those who have not voted, and the places nobody has taken."""
        seats = [seat for seat in facts.sitting if not seat.voted]
        self.seat.offer_these((seat.id, f"{seat.name} · {seat.state.label}") for seat in (*seats, *facts.vacant))


class VoidForm(SeatForm):
    """Whose seat is void."""

    def prepare(self, record: Any, facts: Any) -> None:
        """The experts who are seated."""
        self.seat.offer_these((seat.id, seat.name) for seat in facts.seated)


class MaterialForm(StepForm):
    """What else is to be hidden; the page shows the material as it would be handed out."""

    reading = "portal/_review_material.html"
    hidden_words = f.LongTextField(
        _l("Further words to hide"),
        description=_l("One on each line: nicknames, shop names, whatever tells who somebody is."),
        validators=[Optional(), Length(max=2000)],
        render_kw={"maxlength": 2000, "rows": 3},
    )
    read_through = f.BooleanField(_l("I have read the material through; it tells of nobody who he or she is"))

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """The words hidden before."""
        return {"hidden_words": record.hidden_words}

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The material with the words typed so far hidden."""
        return {"material": material_of(record, self.hidden_words.data or ""), "look": True}

    def rearrange(self, formdata: Any) -> bool:
        """Whether the button only asked to look again."""
        return bool(formdata.get("look"))


class SessionForm(StepForm):
    """Where and when the panel meets."""

    room = f.RemoteSelectField(
        _l("Room"),
        chooser=Chooser(
            Room,
            lambda statement: statement.where(
                or_(~Room.purposes.any(), Room.purposes.any(CodeItem.code == "expert_review"))
            ),
        ),
        validators=[f.Required()],
    )
    start = f.DateTimeField(_l("Begins"), validators=[f.Required()])
    end = f.DateTimeField(_l("Ends"), validators=[f.Required()])

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """Nine o'clock of the second working day from now, for two hours."""
        day, left = clock.today(), 2
        while left:
            day += timedelta(days=1)
            left -= calendar().is_workday(day)
        start = datetime.combine(day, time(9), clock.LOCAL)
        return {"start": start, "end": start + timedelta(hours=2)}


class MarkRow(RowForm):
    """How an expert finds one claim, or one point of the reply."""

    legality = f.EnumField(_l("Legality"), enum=Verdict, validators=[f.Required()])
    reasonableness = f.EnumField(_l("Reasonableness"), enum=Verdict, validators=[f.Required()])
    comment = f.LongTextField(
        _l("Comment"), validators=[Optional(), Length(max=1000)], render_kw={"maxlength": 1000, "rows": 2}
    )


class BallotForm(StepForm):
    """Every claim and every point of the reply."""

    layout, style = "portal/_review_ballot.html", STYLE
    reading = "portal/_review_material.html"
    marks = RowsField(_l("Ballot"), MarkRow, key="line", description=_l("What is not sound needs a comment."))

    def prepare(self, record: Any, facts: Any) -> None:
        """A row for each claim, and for each point of the reply."""
        known = handed_out(record) or material_of(record)
        texts = {f"claim-{row['id']}": row["text"] for row in known["claims"]}
        texts |= {f"point-{row['id']}": row["text"] for row in known["points"]}
        titles = {
            "claim": lambda line: _l("Claim %(number)s", number=line.number),
            "point": lambda line: _l("Reply, point %(number)s", number=line.number),
        }
        self.marks.fix(Row(line.key, titles[line.kind](line), texts.get(line.key, "")) for line in lines_of(record))

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The material, to look at while voting."""
        return {"material": handed_out(record) or material_of(record), "folded": True}


class OpinionForm(StepForm):
    """The reasons; what the panel says is counted, not typed."""

    reading, style = "portal/_review_tally.html", STYLE
    text = f.LongTextField(
        _l("Reasons of the opinion"),
        description=_l("The outcome is counted from the ballots, and every dissenting voice is added by itself."),
        validators=[f.Required(), Length(max=10_000)],
        render_kw={"maxlength": 10_000, "rows": 8},
    )

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The count, and what was written."""
        return opinion_beside(record)


class SignForm(StepForm):
    """The expert's signature."""

    reading, style = "portal/_review_tally.html", STYLE
    signature = f.SignatureField(_l("Signature"), kinds=BY_EXPERT, validators=[f.Required()])

    def beside(self, record: Any, facts: Any) -> dict[str, Any]:
        """The opinion with the count and the dissent."""
        return opinion_beside(record)


class ServeOpinionForm(ServiceForm):
    """To whom the opinion is served, how, and how satisfied an applicant is."""

    satisfied = f.EnumField(
        _l("Satisfied with the review"),
        enum=Satisfaction,
        description=_l("Asked of a party who applied; nothing is chosen before."),
    )

    @classmethod
    def defaults(cls, record: Any, facts: Any) -> dict[str, Any]:
        """As for every paper; the party, when only one is left."""
        given, left = super().defaults(record, facts), list(facts.not_served)
        if len(left) == 1:
            given["party"] = parties_among(record.case_id, left).find(left).get(left[0])
        return given

    def prepare(self, record: Any, facts: Any) -> None:
        """Those who have not received it."""
        self.party.chooser = parties_among(record.case_id, facts.not_served)


class WithdrawForm(_PartyForm):
    """Who takes the application back."""

    party = f.RemoteSelectField(_l("Party"), chooser=Chooser(Party), validators=[f.Required()])
    reason = text_field(_l("Reason"), required=True)
    agreed = f.BooleanField(AGREED)
    signature = f.SignatureField(_l("Signature of the party"), validators=[f.Required()])


REVIEW_PAGES: dict[str, StepPage] = {
    "accept_review": StepPage(NoteForm, review.accept_review),
    "refuse_review": StepPage(ReasonForm, review.refuse_review),
    "pick_experts": StepPage(PickForm, review_seat.pick_experts),
    "draw_experts": StepPage(DrawForm, review_seat.draw_experts),
    "invite": StepPage(NoteForm, review_seat.invite),
    "accept_invitation": StepPage(AcceptInvitationForm, review_seat.accept_invitation),
    "decline_invitation": StepPage(DeclineInvitationForm, review_seat.decline_invitation),
    "replace_expert": StepPage(ReplaceForm, review_seat.replace_expert),
    "serve_material": StepPage(MaterialForm, review_session.serve_material),
    "fix_session": StepPage(SessionForm, review_session.fix_session),
    "open_ballots": StepPage(NoteForm, ballot.open_ballots),
    "cast_ballot": StepPage(BallotForm, ballot.cast_ballot),
    "void_ballot": StepPage(VoidForm, ballot.void_ballot),
    "assemble_opinion": StepPage(OpinionForm, opinion.assemble_opinion),
    "sign_opinion": StepPage(SignForm, opinion.sign_opinion),
    "serve_opinion": StepPage(ServeOpinionForm, opinion.serve_opinion),
    "withdraw_review": StepPage(WithdrawForm, review.withdraw_review),
}
