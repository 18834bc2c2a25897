"""What Kombo knows: the datapoints of each category and the tools, read from `catalogue.json`."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATEGORIES = ("HRIS", "ATS", "ASSESSMENT", "LMS")

TOOLS: dict[str, dict[str, str]] = {
    "HRIS": {
        "workday": "Workday",
        "successfactors": "SAP SuccessFactors",
        "personio": "Personio",
        "hibob": "HiBob",
        "bamboohr": "BambooHR",
        "factorial": "Factorial",
        "hrworks": "HR WORKS",
        "kenjo": "Kenjo",
        "entraid": "Microsoft Entra ID",
        "azuread": "Microsoft Azure AD",
        "googleworkspace": "Google Workspace",
        "okta": "Okta",
        "adpworkforcenow": "ADP Workforce Now",
        "ukgpro": "UKG Pro",
        "deel": "Deel",
        "remotecom": "Remote",
        "humaans": "Humaans",
        "lucca": "Lucca",
        "planday": "Planday",
        "datevhr": "DATEV",
        "datev": "DATEV LODAS",
        "silae": "Silae",
        "eurecia": "Eurécia",
        "a3innuvanomina": "a3innuva Nómina",
        "youforce": "Visma Raet - Youforce",
        "rippling": "Rippling",
        "gusto": "Gusto",
        "absenceio": "Absence.io",
        "sandbox": "Kombo Sandbox",
    },
    "ATS": {
        "greenhouse": "Greenhouse",
        "greenhousev3": "Greenhouse (V3)",
        "lever": "Lever",
        "ashby": "Ashby",
        "smartrecruiters": "SmartRecruiters",
        "teamtailor": "Teamtailor",
        "recruitee": "Tellent Recruitee",
        "workable": "Workable",
        "icims": "iCIMS",
        "oraclerecruiting": "Oracle Recruiting Cloud",
        "softgarden": "Softgarden",
        "dvinci": "d.vinci",
        "join": "JOIN",
        "bullhorn": "Bullhorn",
        "fountain": "Fountain",
        "avionte": "Avionté",
        "reachmee": "ReachMee",
        "factorial": "Factorial",
        "workday": "Workday",
        "successfactors": "SAP SuccessFactors",
        "personio": "Personio",
    },
    "ASSESSMENT": {
        "smartrecruiters": "SmartRecruiters",
        "greenhouse": "Greenhouse",
    },
    "LMS": {
        "360learning": "360Learning",
        "talentlms": "TalentLMS",
        "docebo": "Docebo",
        "coursera": "Coursera",
        "udemy": "Udemy Business",
        "linkedinlearning": "LinkedIn Learning",
        "moodle": "Moodle",
        "cornerstoneondemand": "Cornerstone OnDemand",
        "successfactors": "SAP SuccessFactors",
        "workday": "Workday",
        "sandbox": "Kombo Sandbox",
    },
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One read model or write action of the catalogue."""

    id: str
    label: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything Kombo offers for one category."""

    read_models: tuple[Entry, ...]
    write_actions: tuple[Entry, ...]


@cache
def catalogue(category: str) -> Catalogue:
    """Return the datapoints of `category` (one of CATEGORIES); raises KeyError for another."""
    part = _load()[category]
    return Catalogue(_entries(part["read_models"]), _entries(part["write_actions"]))


def tool_label(category: str, tool_id: str) -> str:
    """Return the name customers see; an id nobody listed is shown as it is."""
    return TOOLS[category].get(tool_id, tool_id)


type _Raw = dict[str, dict[str, list[dict[str, object]]]]


@cache
def _load() -> _Raw:
    loaded: _Raw = json.loads(
        Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8")
    )
    return loaded


def _entries(raw: list[dict[str, object]]) -> tuple[Entry, ...]:
    return tuple(
        Entry(str(item["id"]), str(item["label"]), tuple(_strings(item["fields"]))) for item in raw
    )


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
