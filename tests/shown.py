"""What a panel of the lab shows, as a person meets it: its controls, its texts, the rows of its tables, its files."""

import base64
import datetime
import re
from html.parser import HTMLParser

import ipywidgets as widgets

_DAY = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)


def all_widgets(widget):
    """Give a widget and everything in it, from above to below."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from all_widgets(child)


def html_of(widget):
    """Give every piece of HTML in a widget."""
    return [one.value for one in all_widgets(widget) if isinstance(one, widgets.HTML)]


def rows_of(text):
    """Give the cells of every row of the tables in some HTML, as text; the heading row of each table too."""
    reader = _Tables()
    reader.feed(text)
    return reader.rows


def plain(text):
    """Give what a person reads of some HTML."""
    reader = _Tables()
    reader.feed(text)
    return re.sub(r"\s+", " ", " ".join(reader.texts)).strip()


def upload(panel, *files):
    """Hand files to the upload button of a panel, as the browser does: names with their content."""
    panel.upload.value = tuple(
        {"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": _DAY}
        for name, content in files
    )


def file_in(link):
    """Give name and content of the file that a download link hands over."""
    name, data = re.search(r'download="(.*?)" href="data:[^;]*;base64,(.*?)"', link).groups()
    return name, base64.b64decode(data, validate=True)


class _Tables(HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.texts, self._in_cell = [], [], False

    def handle_starttag(self, tag, _attributes):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data):
        self.texts.append(data)
        if self._in_cell:
            self.rows[-1][-1] += data


def start(panel):
    """Press the button of what takes long, and wait until it is done."""
    panel.start.click()
    panel.work.wait()
