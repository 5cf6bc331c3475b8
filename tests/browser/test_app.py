"""The app: closed to whoever lacks the token, no code shown, nothing asked of other hosts, no kernel left behind."""

import time

import pytest
from browser_driver import COMMAND, app_server, kernel_of, new_page, open_app, wait_for
from playwright.sync_api import expect

from cmpolicy.lab import voila_server
from cmpolicy.lab.data import MOST_UPLOAD
from cmpolicy.lab.serve import bundled

WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def upload(page, files):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload a workbook or CSV files").click()
    chooser.value.set_files(files)


@pytest.fixture(scope="module")
def opened(app, browser):
    """A page that tests only look at, with what it asked for in `page.asked`."""
    page = new_page(browser)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    yield open_app(page, app)
    page.close(run_before_unload=True)


@pytest.fixture
def data_panel(app_page):
    app_page.get_by_role("tab", name="Data").click()
    return app_page


def test_without_the_token_nothing_is_told(app, opened):
    """Page, kernel, its channel and its end are refused to whoever lacks the token, even if a kernel's id is known."""
    kernel = kernel_of(opened)
    assert app.status(f"/?token={app.token}") == 200
    assert app.status("/") == 302
    assert app.status("/?token=wrong") == 302
    assert app.status(f"/api/kernels/{kernel}") == 403
    assert app.status(f"/api/kernels/{kernel}", method="DELETE") == 403
    assert app.status(f"/voila/api/shutdown/{kernel}", method="POST") == 403
    assert app.status(f"/api/kernels/{kernel}/channels", headers=WEBSOCKET) == 403
    assert app.status(f"/voila/query/{kernel}", headers=WEBSOCKET) == 302
    assert app.status("/voila/files/app.ipynb") == 403


def test_the_token_can_be_typed_in(app, page):
    """Who comes without the token is asked for it, in both languages; a wrong one is told."""
    page.goto(f"http://127.0.0.1:{app.port}/")
    field, button = page.get_by_label("Token"), page.get_by_role("button", name="打开 Open")
    field.fill("wrong")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("The token is not right.")
    page.faults.clear()  # the browser notes the refusal
    field.fill(app.token)
    button.click()
    expect(page.locator(".cm-figure svg:visible")).to_be_visible()


def test_another_site_reaches_no_kernel(app, opened):
    """A page of another origin is refused, even in a browser that has the token's cookie."""
    address = f"/api/kernels/{kernel_of(opened)}/channels?token={app.token}"
    assert app.status(address, headers={**WEBSOCKET, "Origin": f"http://127.0.0.1:{app.port}"}) == 101
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in opened.context.cookies())
    address = address.partition("?")[0]
    assert app.status(address, headers={**WEBSOCKET, "Cookie": cookies, "Origin": "http://elsewhere.example"}) == 403


def test_shows_no_code(app, opened):
    """The page holds the workbench and no source, and no file of the server can be had."""
    assert "app_page" not in opened.content()
    assert opened.locator(".jp-InputArea, .jp-CodeMirrorEditor").count() == 0
    assert app.status(f"/voila/files/app.ipynb?token={app.token}") == 403


def test_asks_nothing_of_other_hosts(app, opened):
    """The page opens without a network, and tells nobody that it was opened."""
    own = (f"http://127.0.0.1:{app.port}/", "data:", "blob:")
    assert len(opened.asked) > 10
    assert [url for url in opened.asked if not url.startswith(own)] == []


def test_an_upload_stays_in_its_page(app, browser, data_panel, tmp_path):
    """Each page has a kernel of its own: what one uploads, another does not see."""
    other = open_app(new_page(browser), app)
    other.get_by_role("tab", name="Data").click()
    file = tmp_path / "mine.xlsx"
    file.write_bytes(bundled("datasets/small.xlsx").read_bytes())
    upload(data_panel, file)
    expect(data_panel.get_by_text("mine.xlsx")).to_be_visible()
    expect(other.get_by_text("mine.xlsx")).to_have_count(0)
    assert kernel_of(data_panel) != kernel_of(other)
    other.close(run_before_unload=True)


def test_large_uploads_arrive_or_are_refused_in_words(data_panel, tmp_path):
    """A file just below the limit reaches the panel; one above it is refused at once, in both languages."""
    said = []
    data_panel.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    files = {"below": MOST_UPLOAD - 1, "above": MOST_UPLOAD + 1, "small": 5}
    for name, size in files.items():
        (tmp_path / f"{name}.xlsx").write_bytes(bytes(size))
    upload(data_panel, tmp_path / "below.xlsx")
    expect(data_panel.get_by_role("alert")).to_contain_text("below.xlsx")
    assert said == []
    upload(data_panel, tmp_path / "above.xlsx")
    wait_for(lambda: data_panel.evaluate("true") and said)
    assert "The upload has 51 MB; up to 50 MB are read here." in said[0]
    assert "上传的文件有 51 MB" in said[0]
    upload(data_panel, tmp_path / "small.xlsx")  # the refusal is no obstacle to the next
    expect(data_panel.get_by_role("alert")).to_contain_text("small.xlsx")


def test_a_page_that_closes_ends_its_kernel(app, browser):
    """Closing or reloading a page ends its kernel at once."""
    page = open_app(new_page(browser), app)
    first = kernel_of(page)
    assert first in app.kernels()
    open_app(page, app)
    second = kernel_of(page)
    assert second != first
    page.close(run_before_unload=True)
    wait_for(lambda: not {first, second} & app.kernels())


def test_a_kernel_without_a_page_ends_within_two_minutes():
    """A page that could not tell that it was closed loses its kernel; one that is just opened keeps it."""
    assert voila_server.ALONE_FOR + voila_server.LOOK_EVERY <= 100  # and what ending a kernel takes
    hurried = "from cmpolicy.lab import voila_server; voila_server.ALONE_FOR, voila_server.LOOK_EVERY = 6, 1"
    with app_server("--ready", "1", command=f"{hurried}; {COMMAND}") as server:
        wait_for(server.kernels)
        (ready,) = server.kernels()
        time.sleep(8)
        assert ready in server.kernels()  # it waits for a page
        assert server.status(f"/?token={server.token}") == 200
        time.sleep(3)
        assert ready in server.kernels()  # its page is still on its way
        wait_for(lambda: ready not in server.kernels())
