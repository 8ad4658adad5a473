from streams.demo.browser import can_show


def test_a_browser_opens_only_for_somebody_who_can_see_it() -> None:
    assert can_show({"DISPLAY": ":0"}, is_watched=True)
    assert can_show({"WAYLAND_DISPLAY": "wayland-0"}, is_watched=True)
    assert not can_show({"DISPLAY": ""}, is_watched=True)
    assert not can_show({"DISPLAY": ":0"}, is_watched=False)
