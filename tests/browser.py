"""A real Chromium without a window, and what the tests of pages ask of it."""

import shutil
import subprocess
import tarfile

import pytest

AXE = "axe-core@4.14.1"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDTHS = (360, 768, 1280)
THEMES = ("light", "dark")


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The source of axe-core, from the npm registry."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed: accessibility is not checked (apt-get install npm)")
    place = tmp_path_factory.mktemp("axe")
    done = subprocess.run(["npm", "pack", AXE], cwd=place, capture_output=True, check=False)
    packed = list(place.glob("*.tgz"))
    if done.returncode or not packed:
        pytest.skip(f"{AXE} cannot be had from the npm registry: accessibility is not checked")
    with tarfile.open(packed[0]) as archive:
        member = archive.extractfile("package/axe.min.js")
        return member.read().decode()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """The browser; a module has one of its own."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("no browser: run apt-get install chromium chromium-driver")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    chrome = webdriver.Chrome(options=options, service=service)
    yield chrome
    chrome.quit()


def show(browser, page, *, width=1280, theme="light", height=740):
    """Open a page with a width that a window could not have, in light or in dark."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    features = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(page.as_uri())


def open_all(browser):
    """Unfold whatever is folded."""
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")


def faults(browser, axe):
    """What axe-core finds serious, with some of the elements."""
    if not browser.execute_script("return 'axe' in window"):
        browser.execute_script(axe)
    options = "{resultTypes: ['violations']}"  # of the others it need not say where
    script = f"axe.run({options}).then(arguments[arguments.length - 1])"
    found = browser.execute_async_script(script)
    assert found["passes"]
    return [
        (v["id"], [n["html"][:200] for n in v["nodes"]][:3])
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]


def assert_readable(browser, axe, page, *, ready=lambda _: None):
    """No fault in either theme, and no scrolling sideways, at three widths, with all unfolded."""
    for theme in THEMES:
        for width in WIDTHS:
            show(browser, page, width=width, theme=theme)
            ready(browser)
            open_all(browser)
            wide = browser.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width, f"{page.name} is {wide} wide in a window of {width}"
            assert faults(browser, axe) == [], f"{page.name}, {theme}, {width}"
    show(browser, page)
