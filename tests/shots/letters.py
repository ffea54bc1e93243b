"""What the invented letters say."""

from importlib.resources import files

READERS = 1_800
LETTER = files("postroad.cli.demo").joinpath("letter.md").read_text(encoding="utf-8")

CATALOGUE = """\
<!doctype html>
<html lang="en"><head><title>Winter</title><style>
body { margin: 0; background: #f4f1ea; font: 16px/1.5 Georgia, serif; color: #222 }
.page { max-width: 560px; margin: 0 auto; padding: 32px; background: #fff }
h1 { font-size: 26px; color: #233a7a } .price { color: #777 }
</style></head><body><div class="page">
<h1>The winter catalogue</h1>
<p>Dear {{ first_name }},</p>
<p>the days are short and the press is warm. Twelve new papers, three inks and the
calendar that everybody asks for are in it.</p>
<p><b>Calendar, letterpress</b> <span class="price">28 €</span><br>
<b>Laid paper, 100 sheets</b> <span class="price">19 €</span></p>
<p>{{ postal_address }}</p>
{% if unsubscribe_url %}<p><a href="{{ unsubscribe_url }}">No more of this</a></p>{% endif %}
</div></body></html>
"""

INVITATION = """\
Dear {{ first_name }},

we open the workshop for an evening and would love to see somebody of **{{ company }}** there.

- Thursday, from six
- Norra Kajen 12, Vikstad

Mara
"""
