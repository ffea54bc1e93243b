"""A music shop's database as a source. Its server is away: what was seen of it is given."""

from postroad.app import App
from postroad.core.criteria.schema import (
    Column,
    ForeignKey,
    Kind,
    Mapping,
    Schema,
    Table,
    TableName,
)
from postroad.core.ids import SourceId
from postroad.core.saved import Saved
from postroad.core.source.connection import Dialect, SourceFields

ACTOR = "manager"
CUSTOMER, INVOICE = TableName("public", "customer"), TableName("public", "invoice")


def a_source(app: App) -> SourceId:
    from postroad.store.writes import source

    fields = SourceFields(
        "Music shop", Dialect.POSTGRESQL, "db.shop.invalid", 5432, "chinook", "postroad_deploy",
        "postroad_run", "x", "y",
    )  # fmt: skip
    made = app.sources.add(fields, ACTOR)
    assert isinstance(made, Saved)
    source.keep_schema(made.id, _schema(), ACTOR)
    mapping = Mapping(
        CUSTOMER, "customer_id", "email", first_name="first_name", last_name="last_name",
        variables=("country", "company"),
    )  # fmt: skip
    app.sources.map(made.id, mapping, ACTOR)
    return made.id


def _schema() -> Schema:
    texts = ("first_name", "last_name", "company", "city", "country", "email")
    customer = (
        Column("customer_id", Kind.INTEGER, is_nullable=False, type_words="integer"),
        *(Column(name, Kind.TEXT, type_words="character varying(60)") for name in texts),
    )
    invoice = (
        Column("invoice_id", Kind.INTEGER, is_nullable=False, type_words="integer"),
        Column("customer_id", Kind.INTEGER, is_nullable=False, type_words="integer"),
        Column("invoice_date", Kind.TIMESTAMP, type_words="timestamp without time zone"),
        Column("total", Kind.DECIMAL, type_words="numeric(10,2)"),
    )
    lists = TableName("reports", "newsletter_readers_of_the_last_twelve_months")
    return Schema(
        (
            Table(CUSTOMER, customer, ("customer_id",), unique=("customer_id",)),
            Table(INVOICE, invoice, ("invoice_id",), unique=("invoice_id",)),
            Table(lists, customer[:1] + customer[-1:], is_view=True),
        ),
        (
            ForeignKey(
                "invoice_customer_id_fkey", INVOICE, ("customer_id",), CUSTOMER, ("customer_id",)
            ),
        ),
    )
