"""A learner's first minutes in a lab, in a real JupyterLab and a real browser.

Run All says TODO, a wrong answer says NOT YET and why, a right answer says PASS.
"""

from __future__ import annotations

import pytest
from chromium import browser_or_skip
from lab_page import answers

from internlab.files import project_root

LABS = sorted(project_root().glob("authoring/labs/*.py"))

#: Every exercise of this lab is answered in the browser, the first one of every other.
IN_FULL = "10_train_super_resolution"


@pytest.mark.browser
@pytest.mark.parametrize("source", LABS, ids=lambda path: path.stem)
def test_a_lab_answers_in_the_browser(open_lab, source):
    exercises = answers(source)
    lab = open_lab(source.stem)
    assert lab.page.locator(".jp-Dialog").count() == 0, "something stands in front of the lab"
    lab.run_all()
    for name in exercises:
        lab.wait_for_feedback(name, "TODO")
    for name in exercises if source.stem == IN_FULL else list(exercises)[:1]:
        assert exercises[name].wrong, f"{name} lists no wrong answer"
        for code, says in exercises[name].wrong:
            lab.type_answer(name, code)
            lab.wait_for_feedback(name, "NOT YET", says)
        lab.type_answer(name, exercises[name].right)
        lab.wait_for_feedback(name, "PASS")
    assert lab.errors == []


@pytest.mark.browser
def test_the_first_notebook_opens_with_nothing_in_front_of_it(browser, server):
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.address}/?token={server.token}")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached")
    page.wait_for_selector(".lm-DockPanel-tabBar .lm-mod-current >> text=00_start_here.ipynb")
    assert page.locator(".jp-Dialog").count() == 0
    assert page.locator(".Toastify__toast").count() == 0, "JupyterLab asks about its news"
    # The labs are in reach: the file browser shows the kit, not the notebook's folder alone.
    assert (server.folder / "labs").is_dir()
    page.wait_for_selector(".jp-DirListing-item >> text=start_here")
    page.click(".jp-BreadCrumbs-home")
    page.wait_for_selector(".jp-DirListing-item >> text=labs")
    assert errors == []
    page.close()


def test_a_missing_browser_skips_by_name_and_fails_in_ci():
    assert browser_or_skip("/usr/bin/chromium", in_ci=True) == "/usr/bin/chromium"
    with pytest.raises(pytest.skip.Exception, match="no Chromium or Chrome on PATH"):
        browser_or_skip(None, in_ci=False)
    with pytest.raises(pytest.fail.Exception, match="must run in CI"):
        browser_or_skip(None, in_ci=True)
