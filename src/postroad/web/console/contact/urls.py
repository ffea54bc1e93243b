from django.urls import path

from . import acts, entering, pages

urlpatterns = [
    path("", pages.contacts, name="contact-list"),
    path("new/", pages.new, name="contact-new"),
    path("paste/", entering.paste, name="contact-paste"),
    path("import/", entering.upload, name="contact-import"),
    path("import/<uuid:key>/", entering.columns, name="contact-columns"),
    path("import/<uuid:key>/result/", entering.result, name="contact-imported"),
    path("import/<uuid:key>/bad-rows/", entering.bad_rows, name="contact-bad-rows"),
    path("tag/", acts.tag, name="contact-tag"),
    path("untag/", acts.untag, name="contact-untag"),
    path("delete/", acts.delete, name="contact-delete"),
    path("restore/", acts.restore, name="contact-restore"),
    path("to-audience/", acts.to_audience, name="contact-to-audience"),
    path("to-suppressions/", acts.to_suppressions, name="contact-to-suppressions"),
    path("<int:contact_id>/", pages.detail, name="contact"),
    path("<int:contact_id>/edit/", pages.edit, name="contact-edit"),
]
