"""What is known of the companies of the demo community, and the groups that rules over it fill."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.text import slug
from community.demonstration.shapes import Attribute, DemoContent, Segment
from community.segments import segments
from community.segments.actions import AttributeWish, make_attribute
from community.segments.attributes import set_company_attributes
from community.segments.definitions import checked_choices, get_definition
from community.segments.filling import tend_segments
from community.segments.models import Kind, Subject
from community.segments.rules import Condition, Test
from community.spaces.queries import load_viewer


async def fill_segments(
    content: DemoContent, members: Mapping[str, int], companies: Mapping[str, int]
) -> None:
    """Write attributes, what is known, and segments; members and companies by nickname."""
    for attribute in content.attributes:
        await _add_attribute(attribute, members, companies)
    for segment in content.segments:
        await _add_segment(segment, members)
    await tend_segments()


async def _add_attribute(
    attribute: Attribute, members: Mapping[str, int], companies: Mapping[str, int]
) -> None:
    by, _spaces = await load_viewer(members[attribute.by])
    choices = checked_choices([value.name for value in attribute.values])
    wish = AttributeWish(attribute.label_de, attribute.label_en, choices)
    await make_attribute(attribute.key, wish, subject=Subject.COMPANY, kind=Kind.CHOICE, by=by)
    for (name, *_labels), value in zip(choices, attribute.values, strict=True):
        for nickname in value.of:
            await set_company_attributes(companies[nickname], {attribute.key: name}, "import")


async def _add_segment(segment: Segment, members: Mapping[str, int]) -> None:
    by, _spaces = await load_viewer(members[segment.by])
    await segments.make_segment(segment.name, description=segment.description, purpose=segment.purpose, by=by)
    made = await segments.get_segment(slug(segment.name))
    condition = Condition(Subject.COMPANY, segment.attribute, Test.ONE_OF, segment.values)
    await segments.add_condition(made, condition, await get_definition(segment.attribute))
    await segments.open_segment(await segments.get_segment(made.slug), by=by)
