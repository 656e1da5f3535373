"""Who should see which file, which large export and which parcel, in plain Python."""

from typing import Any

IMPORTS = {
    "archivist": {"case"},
    "business_admin": {"expert", "adviser", "law_firm", "room", "category", "code_item"},
    "sysadmin": {"organisation"},
}
DECIDES_ON_EXPORTS = {"centre_head", "business_admin"}
READS_PARCELS = {"clerk", "centre_head"}


class DataOracle:
    """The rules of data in and out; mixed into Oracle."""

    def learn_data(self: Any) -> None:
        """Read what the rules look at."""
        self.import_batch = {row.id: row for row in self.rows("import_batch")}

    def sees_import(self: Any, who: Any, row: Any) -> bool:
        """Whoever may bring tables into that register, from the own organisation and below."""
        return row.noun in IMPORTS.get(who.role, ()) and self.inside(who, row.organisation_id)

    def sees_export(self: Any, who: Any, row: Any) -> bool:
        """Who asked, and who decides for the own subtree."""
        return row.asked_by_id == who.user or (who.role in DECIDES_ON_EXPORTS and self.inside(who, row.organisation_id))

    def data_rules(self: Any) -> dict[str, Any]:
        """One rule for each table of data in and out."""
        return {
            "import_batch": self.sees_import,
            "import_row": lambda who, row: self.sees_import(who, self.import_batch[row.batch_id]),
            "export_request": self.sees_export,
            "exchange": lambda who, row: who.role in READS_PARCELS and self.inside(who, row.organisation_id),
        }
