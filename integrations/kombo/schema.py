"""What Kombo answers, as typed values; decoding is the validation.

Strict where the dashboard would otherwise show something false (types, ids, dates), lenient where
Kombo grows: new keys are ignored, keys that older servers lack have defaults, and unknown members
of an enum are kept as they came. Source: https://docs.kombo.dev (GET
/integrations/{integration_id})
"""

import logging
import re
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from .enums import Category as Category
from .enums import CoverageStatus as CoverageStatus
from .enums import ScopeSetting as ScopeSetting
from .enums import SetupStatus as SetupStatus
from .enums import Status as Status
from .errors import BadAnswer
from .field_schema import CustomField as CustomField
from .field_schema import CustomFields as CustomFields
from .field_schema import IntegrationField as IntegrationField
from .field_schema import IntegrationFields as IntegrationFields
from .overrides import drop_overrides
from .tool_schema import Catalogue as Catalogue
from .tool_schema import CatalogueTool as CatalogueTool

logger = logging.getLogger("integrations.kombo")

type Id = Annotated[str, Meta(min_length=1)]
# An id that fits its column.
type StoredId = Annotated[str, Meta(min_length=1, max_length=200)]
type Instant = Annotated[datetime, Meta(tz=True)]


class Datapoint(Struct, frozen=True, kw_only=True):
    """What every row of the grid has. `is_available` already counts in scope and opt-out."""

    id: Id
    is_available: bool
    coverage_status: CoverageStatus


class ScopedDatapoint(Datapoint, frozen=True, kw_only=True):
    """A row that the vendor, and where the scope is OPTIONAL the customer, can switch off."""

    scope_config_setting: ScopeSetting = ScopeSetting.ENABLED
    opted_out_by_customer: bool = False


class ActionField(Datapoint, frozen=True, kw_only=True):
    """An input of a write action; nobody can switch it off."""


class ReadField(ScopedDatapoint, frozen=True, kw_only=True):
    """A field of a read model. Kombo sends no label for it."""


class ReadModel(ScopedDatapoint, frozen=True, kw_only=True):
    """A kind of record read from the tool. Ids of fields are unique within it."""

    label: str
    fields: tuple[ReadField, ...] = ()

    def __post_init__(self) -> None:
        _skip_repeated(self, "fields")


class WriteAction(ScopedDatapoint, frozen=True, kw_only=True):
    """Something written to the tool. Ids of fields are unique within it."""

    label: str
    fields: tuple[ActionField, ...] = ()

    def __post_init__(self) -> None:
        _skip_repeated(self, "fields")


class Coverage(Struct, frozen=True, kw_only=True):
    """The grid of datapoints. Ids are unique among the models and among the actions."""

    read_models: tuple[ReadModel, ...]
    write_actions: tuple[WriteAction, ...] = ()

    def __post_init__(self) -> None:
        _skip_repeated(self, "read_models", "write_actions")


class Tool(Struct, frozen=True, kw_only=True):
    """The HR system.

    `internal_label` is for staff only; the URLs are as Kombo sent them, unchecked.
    """

    id: Id
    label: str
    internal_label: str | None = None
    logo_url: str | None = None
    icon_url: str | None = None


class EndUser(Struct, frozen=True, kw_only=True):
    """The customer; `origin_id` is the vendor's own id for it, `creator_email` is not checked."""

    organization_name: str
    creator_email: str | None = None
    origin_id: str | None = None

    def __repr__(self) -> str:
        return "EndUser(...)"


class ScopeConfig(Struct, frozen=True, kw_only=True):
    """The set of permissions the vendor chose; its name is the vendor's own and for staff only."""

    id: Id
    name: str | None = None


class Details(Coverage, frozen=True, kw_only=True):
    """One integration.

    `data_expired_at` is when a change of settings outdated the synced data, or None.
    """

    id: Id
    tool: Tool
    category: Category
    status: Status
    setup_status: SetupStatus = SetupStatus.COMPLETED
    end_user: EndUser
    scope_config: ScopeConfig | None = None
    data_expired_at: Instant | None = None
    created_at: Instant
    beta: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        for instant in filter(None, (self.created_at, self.data_expired_at)):
            require_storable(instant)

    def __repr__(self) -> str:
        return f"Details(tool={self.tool.id!r}, status={str(self.status)!r})"


class Link(Struct, frozen=True, kw_only=True):
    """A link into Kombo's flow, a secret for as long as it lives; `repr` does not show it."""

    link: Id

    def __repr__(self) -> str:
        return "Link(...)"


class QueuedSync(Struct, frozen=True, kw_only=True):
    """A sync that is queued or runs; `type` may differ from the one asked for."""

    already_queued: bool
    sync_id: Id
    type: str


class ApiKey(Struct, frozen=True, kw_only=True):
    """Which environment an API key belongs to."""

    environment_id: Id


class ConnectedIntegration(Struct, frozen=True, kw_only=True):
    """The integration that an activation token stands for; `tool` is the tool's id."""

    id: StoredId
    tool: StoredId
    end_user_organization_name: str
    end_user_origin_id: str | None = None
    end_user_email: str | None = None
    setup_status: SetupStatus = SetupStatus.COMPLETED

    def __repr__(self) -> str:
        return f"ConnectedIntegration(tool={self.tool!r})"


class Nothing(Struct, frozen=True):
    """An answer that only says it worked."""


class _Envelope[T](Struct, frozen=True):
    status: Literal["success"]
    data: T


def decode[T: Struct](body: bytes, wanted: type[T]) -> T:
    """Return the `data` of a successful answer as `wanted`, one of this module's types.

    Raises BadAnswer, with the path of the offending value where there is one, for anything else.
    """
    data: T = _decode(drop_overrides(body), _answers[wanted]).data
    return data


def encode_coverage(coverage: Coverage) -> bytes:
    """Return the grid of `coverage`, or of a whole Details, as JSON for `decode_coverage`."""
    return msgspec.json.encode(
        Coverage(read_models=coverage.read_models, write_actions=coverage.write_actions)
    )


def decode_coverage(stored: bytes | str) -> Coverage:
    """Return the grid that `encode_coverage` stored. Raises BadAnswer if it is not one."""
    return _decode(stored, _coverages)


# Made at import, and none later: msgspec crashes the process if one thread makes a decoder while
# another decodes.
_answers: dict[type[Struct], msgspec.json.Decoder[Any]] = {
    wanted: msgspec.json.Decoder(_Envelope[wanted])  # type: ignore[valid-type]
    for wanted in (
        *(Details, Link, QueuedSync, ApiKey, ConnectedIntegration, Catalogue, Nothing),
        *(CustomField, CustomFields, IntegrationFields),
    )
}
_coverages = msgspec.json.Decoder(Coverage)


def _decode[T](body: bytes | str, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        value = decoder.decode(body)
        # JSON has one way to write NUL. PostgreSQL has none, and would fail only when storing.
        if (b"\\u0000" if isinstance(body, bytes) else "\\u0000") in body:  # type: ignore[operator]
            _refuse_nul(value, "$")
    except msgspec.ValidationError as error:
        raise BadAnswer(path=_path(str(error))) from None
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or nested without end
        raise BadAnswer(path="$") from None
    return value


def _path(message: str) -> str:
    """Take from msgspec's message where it stumbled; the rest may quote the value."""
    match = re.search(r"`(\$[^`]*)`$", message)
    missing = re.match(r"Object missing required field `([^`]*)`", message)
    return (match[1] if match else "$") + (f".{missing[1]}" if missing else "")


def _skip_repeated(owner: Struct, *names: str) -> None:
    """Of datapoints with one id keep the first, so that one slip of Kombo's does not hide all."""
    for name in names:
        points: tuple[Datapoint, ...] = getattr(owner, name)
        known: dict[str, Datapoint] = {}
        for point in points:
            if known.setdefault(point.id, point) is not point:
                logger.warning("A datapoint that occurs twice was skipped: %.200r", point.id)
        if len(known) < len(points):
            force_setattr(owner, name, tuple(known.values()))


def require_storable(instant: datetime) -> None:
    """Refuse a date that can't be meant. Raises ValueError."""
    # Go's zero time is the year 1, and at either end of the calendar a change of zone overflows.
    if not 1970 <= instant.year <= 9000:
        raise ValueError("a date outside what can be meant")


def _refuse_nul(value: object, path: str) -> None:
    if isinstance(value, str) and "\0" in value:
        raise BadAnswer(path=path)
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            _refuse_nul(item, f"{path}[{index}]")
    if isinstance(value, Struct):
        for name in value.__struct_fields__:
            _refuse_nul(getattr(value, name), f"{path}.{name}")
