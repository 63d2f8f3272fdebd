"""Codes of the city's vocabularies in the query of a page.

Public names: ``known_in``.
"""

from pydantic import AfterValidator, ValidationInfo

from geo.city import City


def known_in(vocabulary: str) -> AfterValidator:
    """Refuses what is no code of a vocabulary of the city (``themes``, ``districts``, …).

    The city is in the validation's context, under ``city``.
    """

    def check(code: str, info: ValidationInfo) -> str:
        city: City = info.context["city"]  # type: ignore[index]
        if code not in {term.code for term in getattr(city, vocabulary)}:
            raise ValueError(code)
        return code

    return AfterValidator(check)
