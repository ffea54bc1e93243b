"""Markdown and HTML become mails whose values stay what they are."""

from tests.content.build import a_recipient, a_revision, bytes_of, faults_of, strictly, text_of

HOSTILE = "**x** <b>y</b> [z](http://z) `c` _i_ # 1 | 2 &amp; \\"


def body_of(page: str) -> str:
    return page.partition('<div class="letter">\n')[2].partition("</div>")[0]


def test_a_value_in_markdown_comes_out_literally() -> None:
    revision = a_revision("# Dear {{ name }},\n\n**{{ name }}** and *text*", "md")
    message = strictly(bytes_of(revision, a_recipient(HOSTILE)))
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert body_of(text_of(message, "html")) == (
        f"<h1>Dear {escaped},</h1>\n<p><strong>{escaped}</strong> and <em>text</em></p>\n"
    )
    assert text_of(message).startswith(f"# Dear {HOSTILE},\n")


def test_html_in_markdown_comes_out_as_text() -> None:
    message = strictly(bytes_of(a_revision("<script>x</script>", "md"), a_recipient()))
    assert "&lt;script&gt;" in text_of(message, "html")


def test_a_variable_in_a_markdown_link_becomes_its_address() -> None:
    revision = a_revision("[out]({{ unsubscribe_url }})", "md")
    url = "https://example.com/u?a=1&b=2"
    message = strictly(bytes_of(revision, a_recipient(unsubscribe_url=url)))
    assert 'href="https://example.com/u?a=1&amp;b=2"' in text_of(message, "html")


def test_statements_on_their_own_line_in_markdown_leave_no_paragraph() -> None:
    source = "{% if x %}\nYes, *you*.\n{% else %}\nNo.\n{% endif %}\n"
    page = text_of(strictly(bytes_of(a_revision(source, "md"), a_recipient(x=1))), "html")
    assert body_of(page).strip() == "<p>Yes, <em>you</em>.</p>"


def test_a_word_of_the_source_is_never_mistaken_for_a_tag() -> None:
    source = "zq0x0z ZQ1X0Z {{ name }}"
    page = text_of(strictly(bytes_of(a_revision(source, "md"), a_recipient("Ann"))), "html")
    assert "<p>zq0x0z ZQ1X0Z Ann</p>" in page


def test_very_long_markdown_is_refused() -> None:
    (fault,) = faults_of("[" * 300_000, "md")
    assert "Shorten" in fault.text


def test_the_text_of_html_keeps_order_links_lists_and_loops() -> None:
    source = (
        "<head><title>T</title><style>p{}</style></head><div style='display:none'>hidden</div>"
        "<!-- {{ no }} --><!--[if mso]>mso<![endif]--><h1>Order&nbsp;{{ n }}</h1>"
        "<p>Dear {{ name }},<br>see <a href='{{ url }}'>the  \n shop</a>.</p>"
        "{% if n > 9 %}<p>Many</p>{% endif %}"
        "<ul>{% for row in rows %}<li>{{ row }}</li>{% endfor %}</ul>&lt;3"
    ).replace("{{ no }}", "no")
    recipient = a_recipient(n=3, url="https://example.com/", rows=["a", "b"])
    message = strictly(bytes_of(a_revision(source, "html"), recipient))
    assert text_of(message) == (
        "Order\xa03\n\nDear Ann Lee,\nsee the shop (https://example.com/).\n\n- a\n- b\n\n<3\n"
    )


def test_braces_made_of_entities_are_no_tag_in_the_text() -> None:
    message = strictly(bytes_of(a_revision("<p>&#123;&#123; x }}</p>", "html"), a_recipient()))
    assert text_of(message) == "{{ x }}\n"


def test_html_that_gives_no_text_version_asks_for_one() -> None:
    source = "{% if x %}<style>a{}{% endif %}</style>x"
    (fault,) = faults_of(source, "html")
    assert fault.part == "text"
    a_revision(source, "html", text_source="x")


def test_the_html_of_the_manager_is_not_changed() -> None:
    source = '<p style="color:red" class=a>A &amp; B</p>\n<!-- c -->\n<table><tr><td>x</table>\n'
    message = strictly(bytes_of(a_revision(source, "html"), a_recipient()))
    assert text_of(message, "html") == source


def test_plain_text_has_no_html_part() -> None:
    message = strictly(bytes_of(a_revision("Hi {{ name }} & co"), a_recipient("<Ann>")))
    assert message.get_content_type() == "text/plain"
    assert text_of(message) == "Hi <Ann> & co\n"


def test_parts_left_out_leave_no_gap_in_the_text() -> None:
    source = "<p>A {{ n }}</p>{% if x %}<p>B</p>{% endif %}{% if x %}<p>C</p>{% endif %}<p>D</p>"
    message = strictly(bytes_of(a_revision(source, "html"), a_recipient(n=1)))
    assert text_of(message) == "A 1\n\nD\n"
