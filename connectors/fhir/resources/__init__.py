"""The FHIR resource types that have a shared table, one module each, found by walking this folder."""

from importlib import import_module
from pkgutil import iter_modules

from connectors.fhir.resource import Resource


def _found() -> dict[str, Resource]:
    names = sorted(entry.name for entry in iter_modules(__path__))
    resources = [resource for name in names for resource in import_module(f"{__name__}.{name}").RESOURCES]
    return {resource.type: resource for resource in resources}


RESOURCES: dict[str, Resource] = _found()
