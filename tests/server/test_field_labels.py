"""Has every field its Chinese name, and no name without a field?"""

import pytest
from pydantic import BaseModel

from geo.city import City
from geo.listing import Hotline, Site
from geo.transit import BusRoute, Notice
from server.field_labels import FIELDS, code_title, label
from server.listing_fields import FIELDS as FORM_FIELDS


@pytest.mark.parametrize("model", [Site, Hotline, BusRoute, Notice])
def test_has_every_field_a_name_and_every_name_a_field(model: type[BaseModel]) -> None:
    fields = set(model.model_fields)
    assert set(FIELDS[model.model_fields["type"].default]) == fields - {"type"}


def test_what_is_a_place_within_a_field_called() -> None:
    assert label("site", "opening_hours") == "开放时间"
    assert label("bus_route", "trips.0.stop_times.2.arrival") == "班次 1 停靠 3 到站"
    assert label("bus_route", "stops.1.name") == "站点 2 名称"
    assert label("site", "nonsense") == "nonsense"


def test_what_do_codes_stand_for(city: City) -> None:
    assert code_title(city, "district", "boshan") == "博山区"
    assert code_title(city, "facilities", "stroller") == "婴儿车通行"
    assert code_title(city, "effect", "detour") == "改道"
    assert code_title(city, "theme", "no_such") == "no_such"


def test_has_each_field_of_a_form_one_input() -> None:
    for type_, asked in FORM_FIELDS.items():
        names = [field.name for field in asked]
        assert sorted(names) == sorted(set(names)), type_
