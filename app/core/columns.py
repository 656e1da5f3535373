"""What a model says of its columns, read once: kind, label, help, mask, limits.

Lists, filters, forms, exports and REST are all made from these specs, so that a column is named in one place.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import JSON, Boolean, Date, DateTime, Float, Integer, Numeric, String, Text, Time, inspect
from sqlalchemy.orm import ColumnProperty, Mapper, RelationshipProperty
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.core.crypto import EncryptedText
from app.core.db import UtcDateTime
from app.core.labels import EnumCode, LabelledEnum

P = ParamSpec("P")
R = TypeVar("R")

DISPLAY = ("name", "title", "number", "label", "first_name", "code")
SEARCHED = ("code", "number", "short_name", "initials", "pinyin", "username")


class Kind(StrEnum):
    """The few kinds of content a column can hold."""

    text = "text"
    long = "long"
    whole = "whole"
    number = "number"
    flag = "flag"
    day = "day"
    moment = "moment"
    time = "time"
    code = "code"
    json = "json"
    one = "one"
    many = "many"
    attribute = "attribute"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column, relation or attribute of a model, with all that is said of it."""

    model: type
    name: str
    kind: Kind
    label: Any
    help: Any = ""
    mask: str | None = None
    hidden: bool = False
    stamp: bool = False
    required: bool = False
    length: int | None = None
    enum: type[LabelledEnum] | None = None
    target: type | None = None
    keys: tuple[str, ...] = ()
    default: Any = None
    encrypted: bool = False
    path: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether its values may be searched, filtered and sorted by: never a masked, encrypted or secret one."""
        return not (self.mask or self.hidden or self.encrypted or self.kind in (Kind.json, Kind.attribute))

    @property
    def editable(self) -> bool:
        """Whether a form may offer it at all; stamps, versions and secrets never."""
        return not (self.stamp or self.hidden or self.path or self.kind is Kind.attribute)

    @property
    def attribute(self) -> Any:
        """The mapped attribute, for building statements."""
        return getattr(self.model, self.name)


def _remembered(function: Callable[P, R]) -> Callable[P, R]:
    return cast(Callable[P, R], cache(function))


def pretty(name: str) -> str:
    """A readable English label for a column nobody labelled."""
    return name.replace(".", " ").replace("_", " ").capitalize()


def mapper_of(model: type) -> Mapper[Any]:
    """The mapper of a model class."""
    mapper: Mapper[Any] = inspect(model)
    return mapper


@_remembered
def key_of(model: Any) -> str:
    """The name of the one primary key attribute."""
    mapper = mapper_of(model)
    return mapper.get_property_by_column(mapper.primary_key[0]).key


@_remembered
def version_of(model: Any) -> str | None:
    """The name of the optimistic version attribute, if rows carry one."""
    column = mapper_of(model).version_id_col
    return None if column is None else mapper_of(model).get_property_by_column(column).key


@_remembered
def display_of(model: Any) -> str | None:
    """The column whose text names a row to people: `__display__`, or the first of name, title, number ..."""
    names = (getattr(model, "__display__", None), *DISPLAY)
    columns = mapper_of(model).column_attrs
    return next((name for name in names if name and name in columns and spec_of(model, name).open), None)


@_remembered
def searched_of(model: Any) -> tuple[str, ...]:
    """The columns a search-as-you-type looks into: `__choice_search__`, or the display column and its codes."""
    said = getattr(model, "__choice_search__", None)
    names = said if said is not None else (display_of(model), *SEARCHED)
    columns = mapper_of(model).column_attrs
    return tuple(dict.fromkeys(n for n in names if n and n in columns and spec_of(model, n).open))


def _kind(type_: TypeEngine[Any]) -> Kind:
    """The kind of a column type; decorated types count as what they decorate."""
    if isinstance(type_, EnumCode):
        return Kind.code
    if isinstance(type_, UtcDateTime):
        return Kind.moment
    if isinstance(type_, TypeDecorator):
        type_ = type_.impl_instance
    table: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
        (Boolean, Kind.flag),
        (Integer, Kind.whole),
        (Float, Kind.number),
        (Numeric, Kind.number),
        (DateTime, Kind.moment),
        (Date, Kind.day),
        (Time, Kind.time),
        (JSON, Kind.json),
        (Text, Kind.long),
        (String, Kind.text),
    )
    return next((kind for cls, kind in table if isinstance(type_, cls)), Kind.json)


def _default(default: Any) -> Any:
    """What a new row starts with, as a value or a function without arguments; None if nothing is said."""
    if default is None or not (default.is_scalar or default.is_callable):
        return None
    return default.arg if default.is_scalar else lambda: default.arg(None)


def _column(model: type, name: str, prop: ColumnProperty[Any]) -> ColumnSpec:
    column = prop.columns[0]
    info = {**getattr(column, "info", {}), **prop.info}
    type_ = column.type
    kind = _kind(type_)
    encrypted = isinstance(type_, EncryptedText)
    return ColumnSpec(
        model,
        name,
        Kind.text if encrypted and not info.get("long") else kind,
        info.get("label") or pretty(name),
        info.get("help", ""),
        info.get("mask"),
        hidden=bool(info.get("secret")),
        stamp=bool(info.get("stamp") or getattr(column, "primary_key", False)),
        required=not getattr(column, "nullable", True) and kind is not Kind.flag,
        length=getattr(type_, "length", None) if kind is not Kind.code else None,
        enum=type_.enum if isinstance(type_, EnumCode) else None,
        default=_default(getattr(column, "default", None)),
        encrypted=encrypted,
    )


def _relation(model: type, name: str, prop: RelationshipProperty[Any]) -> ColumnSpec:
    mapper = mapper_of(model)
    info = dict(prop.info)
    one = not prop.uselist
    columns = [c for c in prop.local_columns if c in mapper.columns.values()]
    keys = tuple(mapper.get_property_by_column(c).key for c in columns) if one else ()
    if one and "label" not in info and columns:
        info = {**columns[0].info, **info}
    forward = one and prop.direction.name == "MANYTOONE"
    return ColumnSpec(
        model,
        name,
        Kind.one if one else Kind.many,
        info.get("label") or pretty(name),
        info.get("help", ""),
        hidden=bool(info.get("secret")),
        stamp=bool(info.get("stamp")) or prop.viewonly,
        required=bool(info.get("required")) or (forward and bool(columns) and not all(c.nullable for c in columns)),
        target=prop.mapper.class_,
        keys=keys,
    )


@_remembered
def spec_of(model: Any, name: str) -> ColumnSpec:
    """The spec of a column, relation, property or dotted path (`case.number`) of a model."""
    if "." in name:
        first, rest = name.split(".", 1)
        step = spec_of(model, first)
        if step.kind is not Kind.one or step.target is None:
            raise LookupError(f"{model.__name__}.{name}: only a path through single relations can be shown")
        leaf = spec_of(step.target, rest)
        return replace(leaf, path=(first, *leaf.path))
    prop = mapper_of(model).attrs.get(name)
    if isinstance(prop, ColumnProperty):
        return _column(model, name, prop)
    if isinstance(prop, RelationshipProperty):
        return _relation(model, name, prop)
    found = getattr(model, name, None)
    if found is None:
        raise LookupError(f"{model.__name__} has no {name}")
    info = getattr(getattr(found, "fget", found), "info", {})
    return ColumnSpec(model, name, Kind.attribute, info.get("label") or pretty(name), info.get("help", ""))


def specs_of(model: type) -> list[ColumnSpec]:
    """Every column and relation of a model."""
    kinds = (ColumnProperty, RelationshipProperty)
    return [spec_of(model, prop.key) for prop in mapper_of(model).attrs if isinstance(prop, kinds)]
