"""What a field of choices offers is written as a template would write it."""

from django.template import Context, Engine

from integrations.templatetags.choices import options

HOSTILE = [("a", "Plain"), ('"><b>', "<i>&'"), ("", "Nothing"), ("ü", "Ü\u202e")]
LOOP = (
    "{% for value, label in choices %}"
    '<option value="{{ value }}"{% if value == chosen %} selected{% endif %}>{{ label }}</option>'
    "{% endfor %}"
)


def test_every_text_is_escaped_and_the_chosen_one_marked() -> None:
    for chosen in ("a", '"><b>', "", "ü", "none of them"):
        by_loop = Engine().from_string(LOOP).render(Context({"choices": HOSTILE, "chosen": chosen}))
        assert options(HOSTILE, chosen) == by_loop
        assert by_loop.count(" selected") == (chosen != "none of them")
