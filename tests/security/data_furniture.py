"""Files brought in, large exports asked for and parcels exchanged, for city and towns alike."""

from datetime import date, timedelta

from app.core.db import db
from app.models.exchange import CodeMapping, Direction, Exchange, MappedField, Partner
from app.models.export_request import ExportRequest
from app.models.import_batch import ImportBatch, ImportRow, ImportState
from app.models.report_subscription import ReportDelivery, ReportForm, ReportSubscription, Rhythm
from security.cast import CANARIES


class DataFurniture:
    """Puts the same files and parcels into three centres; mixed into World."""

    home: dict[str, int]
    users: dict[str, int]

    def _data(self) -> None:
        add = db.session.add
        partner = Partner(code="SAMPLE", name="样例系统")
        add(partner)
        add(CodeMapping(partner=partner, field=MappedField.channel, ours="visit", theirs="01"))
        for place, user in enumerate(("clerk", "clerk.t1", "clerk.t2")):
            home = self.home[user]
            for noun in ("case", "expert", "organisation"):
                file = f"import-{noun}-{place}"
                batch = ImportBatch(
                    organisation_id=home,
                    noun=noun,
                    name=f"旧台账{place}.xlsx",
                    size=9,
                    sha256="0" * 64,
                    storage_key=file,
                    state=ImportState.tried,
                    total=2,
                    good=1,
                )
                add(batch)
                db.session.flush()
                fault = [["id_number", "身份证号有误"]]
                add(ImportRow(batch_id=batch.id, row=2, content=CANARIES[place].name[0], faults=fault))
            subscription = ReportSubscription(
                user_id=self.users[user], rhythm=Rhythm.weekly, form=ReportForm.page, organisation_id=home
            )
            add(subscription)
            db.session.flush()
            week = date(2026, 11, 2)
            add(ReportDelivery(subscription_id=subscription.id, since=week, until=week + timedelta(days=6)))
            add(
                ExportRequest(
                    organisation_id=home,
                    asked_by_id=self.users[user],
                    page="Case",
                    path="/case",
                    form="xlsx",
                    rows=20_000,
                    reason="年度统计",
                )
            )
            add(
                Exchange(
                    organisation_id=home,
                    partner_id=partner.id,
                    direction=Direction.sent,
                    batch_code=f"B-{place}",
                    sha256="0" * 64,
                    records=1,
                )
            )
