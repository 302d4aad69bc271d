"""The page in a real browser: pressed, typed, seen and measured."""

from __future__ import annotations

import asyncio
from itertools import product

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from deskphone.core import events as ev
from deskphone.sim.panel.keys import KEYS
from tests.panel.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def calls(visit: Visit) -> list[str]:
    return [str(call.state) for call in visit.phone.runtime.phone.calls]


def test_a_person_dials_the_echo_with_the_mouse_and_hangs_up(visit: Visit) -> None:
    visit.open()
    dark = visit.lit_dots()
    visit.press(*"9196")
    visit.until("the number on the display", lambda: "9196" in visit.reads())
    assert visit.lit_dots() != dark
    visit.press("ok")
    visit.until("the call", lambda: "Talking" in visit.find("#calls").text)
    assert "9196" in visit.find("#calls").text
    assert "G722" in visit.find("#calls").text
    visit.press("cancel")
    visit.until("the end", lambda: visit.find("#calls").text == "")
    assert visit.phone.runtime.counters.illegal == 0
    assert visit.complaints() == []


def test_a_customer_rings_and_the_handset_answers(visit: Visit) -> None:
    visit.open()
    visit.phone.customer()
    visit.until("the ring lamp", lambda: visit.find('.lamps [data-lamp="ring"]').get_attribute("data-state") == "fast")
    visit.until("the words", lambda: "Jane Customer" in visit.reads())
    handset = visit.find("#handset")
    assert "lift" in str(handset.get_attribute("aria-label"))
    handset.click()
    visit.until("the call", lambda: calls(visit) == ["established"])
    assert handset.get_attribute("aria-pressed") == "true"
    assert visit.find("#path").text == "Handset"
    handset.click()
    visit.until("the end", lambda: not calls(visit))
    assert visit.complaints() == []


def test_the_keyboard_is_the_phone(visit: Visit) -> None:
    visit.open()
    ActionChains(visit.driver).send_keys("9197").perform()
    visit.until("the number", lambda: "9197" in visit.reads())
    ActionChains(visit.driver).send_keys(Keys.BACKSPACE + "6" + Keys.ENTER).perform()
    visit.until("the call", lambda: calls(visit) == ["established"])
    ActionChains(visit.driver).send_keys("m").perform()
    visit.until("the mute lamp", lambda: visit.find('.lamps [data-lamp="mute"]').get_attribute("data-state") != "off")
    assert visit.find("#muted").is_displayed()
    ActionChains(visit.driver).send_keys(Keys.ESCAPE).perform()
    visit.until("the end", lambda: not calls(visit))
    ActionChains(visit.driver).send_keys(" ").perform()
    visit.until("the handset lifted", lambda: visit.phone.runtime.phone.sound.hook_off)
    assert visit.phone.runtime.counters.illegal == 0


def test_letters_type_where_the_display_takes_text(visit: Visit) -> None:
    visit.open()
    visit.press("1", "soft2")  # a number, then the A/a/1 softkey: letters
    visit.until("letters", lambda: visit.run("return fetch('/panel/state').then(r => r.json())")["typing"] == "text")
    ActionChains(visit.driver).send_keys("mhr").perform()
    visit.until("the text", lambda: "1mhr" in visit.reads())
    assert not visit.phone.runtime.phone.sound.hook_off


def test_a_long_press_of_zero_is_plus(visit: Visit) -> None:
    visit.open()
    zero = visit.key("0")
    ActionChains(visit.driver).click_and_hold(zero).perform()
    visit.until("the plus", lambda: "+" in visit.reads())
    assert "pressed" in str(zero.get_attribute("class"))
    ActionChains(visit.driver).release().perform()
    visit.until("the key up", lambda: visit.phone.runtime.phone.keys_down == ())


def test_every_key_of_the_phone_is_on_the_page_with_a_name(visit: Visit) -> None:
    visit.open()
    for key in KEYS:
        button = visit.key(key)
        assert button.is_displayed(), key
        assert button.accessible_name, key
        assert button.aria_role == "button", key


def test_a_key_reached_by_tab_is_pressed_by_the_keyboard(visit: Visit) -> None:
    visit.open()
    visit.run("document.querySelector('[data-key=\"7\"]').focus()")
    ActionChains(visit.driver).send_keys(Keys.ENTER).send_keys(" ").perform()
    visit.until("two sevens", lambda: "77" in visit.reads())
    assert not visit.phone.runtime.phone.sound.hook_off


def test_softkeys_stand_under_their_quarter_of_the_display(visit: Visit) -> None:
    visit.open()
    display = visit.find("#oled").rect
    for place in range(4):
        box = visit.key(f"soft{place + 1}").rect
        middle = box["x"] + box["width"] / 2
        assert abs(middle - (display["x"] + display["width"] * (place + 0.5) / 4)) < display["width"] / 40
    visit.until("labels", lambda: visit.key("soft1").accessible_name == "Softkey 1: Directory")


def test_the_displays_dots_are_the_phones_pixels(visit: Visit) -> None:
    visit.open()
    seen = visit.run(
        "const c = document.getElementById('oled'), p = c.getContext('2d'), d = c.width / 128, bits = [];"
        "for (let y = 0; y < 64; y++) for (let x = 0; x < 128; x++)"
        "  bits.push(p.getImageData(x * d, y * d, 1, 1).data[3] > 0 ? 1 : 0);"
        "return bits"
    )
    frame = visit.phone.runtime.frame
    assert seen == [1 if frame.getpixel((x, y)) else 0 for y, x in product(range(64), range(128))]
    width = visit.run("return document.getElementById('oled').width")
    assert width % 128 == 0


@pytest.mark.parametrize(("width", "height"), [(320, 568), (375, 667), (820, 1180), (1024, 768), (1280, 800)])
def test_nothing_is_cut_off_sideways(visit: Visit, width: int, height: int) -> None:
    visit.open(width, height, ratio=2)
    visit.phone.customer()
    visit.until("the call", lambda: visit.find("#calls").text != "")
    assert visit.run("return document.documentElement.scrollWidth") <= width
    outside = visit.run(
        "return [...document.querySelectorAll('button, canvas, .card, .lamps li')].filter(e => e.offsetParent)"
        ".map(e => [e.dataset.key || e.id || e.textContent.slice(0, 20), e.getBoundingClientRect()])"
        ".filter(([, b]) => b.left < -1 || b.right > innerWidth + 1).map(([name]) => name)"
    )
    assert outside == []


def test_a_pocket_shows_the_phone_whole_and_its_keys_are_large_enough(visit: Visit) -> None:
    visit.open(375, 667, ratio=2)
    assert visit.run("return document.getElementById('phone').getBoundingClientRect().bottom") <= 667
    small = visit.run(
        "return [...document.querySelectorAll('.key')].map(e => [e.dataset.key, e.getBoundingClientRect()])"
        ".filter(([, b]) => Math.min(b.width, b.height) < 40).map(([name]) => name)"
    )
    assert small == []


CONTRAST = """
const context = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgba = (colour) => {
  context.clearRect(0, 0, 1, 1); context.fillStyle = colour; context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
};
const linear = (v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
const ground = (element) => {  // every colour that may stand behind: the stops of a gradient, or one colour
  for (let e = element; e; e = e.parentElement) {
    const style = getComputedStyle(e);
    const stops = style.backgroundImage.match(/(rgba?|color|oklab)\\([^)]*\\)/g);
    if (stops) return stops.map(rgba);
    const plain = rgba(style.backgroundColor);
    if (plain[3] > 250) return [plain];
  }
  return [[255, 255, 255]];
};
const bad = [];
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const box = element.getBoundingClientRect();
  if (!own || box.width < 2 || element.closest('.quiet, [hidden], dialog, .handset')) continue;
  const ink = light(rgba(getComputedStyle(element).color));
  const ratio = (l) => (Math.max(ink, l) + .05) / (Math.min(ink, l) + .05);
  const worst = Math.min(...ground(element).map(light).map(ratio));
  if (worst < 4.5) bad.push(`${element.className || element.id}: ${element.textContent.trim()} ${worst.toFixed(2)}`);
}
return bad;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_words_can_be_read_by_weak_eyes(visit: Visit, scheme: str) -> None:
    """WCAG 2.2 AA: 4.5 to 1."""
    visit.open(scheme=scheme)
    visit.phone.post(ev.HookMoved(True))
    visit.until("the handset", lambda: visit.find("#path").text == "Handset")
    assert visit.run(CONTRAST) == []


def test_the_help_shows_the_keyboard(visit: Visit) -> None:
    visit.open()
    ActionChains(visit.driver).send_keys("?").perform()
    assert visit.find("#help").is_displayed()
    assert "Lift or put down the handset" in visit.find("#help").text
    ActionChains(visit.driver).send_keys(Keys.ESCAPE).perform()
    visit.until("the help closed", lambda: not visit.find("#help").is_displayed())
    assert visit.phone.runtime.counters.events < 50


def test_a_phone_that_stops_is_told_and_one_that_returns_too(visit: Visit) -> None:
    visit.open()
    loop, panel = visit.phone._loop, visit.phone.panel
    port = int(panel.url.rstrip("/").rpartition(":")[2])

    async def stop() -> None:
        await panel.close()

    async def again() -> None:
        panel._port = port
        await panel.open()

    asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
    visit.until("the page to say so", lambda: visit.find("#lost").is_displayed())
    assert "not answering" in visit.find("#lost").text
    asyncio.run_coroutine_threadsafe(again(), loop).result(10)
    visit.until("the page to be back", lambda: visit.link() == "up" and not visit.find("#lost").is_displayed())


def test_the_echo_is_heard_and_said_through_the_page(visit: Visit) -> None:
    visit.open()
    visit.press(*"9196", "ok")
    visit.until("the call", lambda: calls(visit) == ["established"])
    visit.find("#mic").click()
    assert visit.phone.bridge is not None
    bridge = visit.phone.bridge
    # Chromium's microphone beeps once a second: among the frames of the last seconds one is loud.
    visit.until("the microphone's beep at the bridge", lambda: any(loudness(f) > 1000 for f in bridge.frames), 15)
    assert all(len(frame) == 640 for frame in bridge.frames)
    visit.until("the meter", lambda: int(str(visit.find("#level-in").get_attribute("aria-valuenow"))) > 5)
    visit.press("mute")
    visit.until("mute", lambda: visit.find("#muted").is_displayed())
    count = len(bridge.frames)
    visit.find("#mic").click()
    visit.until("the microphone closed", lambda: visit.find("#mic").get_attribute("aria-pressed") == "false")
    assert len(bridge.frames) - count < 10  # nothing leaves a muted page
    assert visit.complaints() == []


def loudness(frame: bytes) -> int:
    return max(abs(int.from_bytes(frame[place : place + 2], "little", signed=True)) for place in range(0, 640, 2))


RESAMPLE = """
const seconds = 2, rate = 48000;
const context = new OfflineAudioContext(1, seconds * rate, rate);
await context.audioWorklet.addModule('/page/worklet.js');
const frames = [];
const into = new AudioWorkletNode(context, 'voice-in', {numberOfOutputs: 1});
into.port.onmessage = ({data}) => frames.push(new Int16Array(data));
const source = new OscillatorNode(context, {frequency: FREQUENCY});
const level = new GainNode(context, {gain: 0.5});
source.connect(level).connect(into).connect(context.destination);
source.start();
await context.startRendering();
await new Promise((go) => setTimeout(go, 300));
const all = frames.flatMap((f) => [...f]).slice(3200);
let re = 0, im = 0, power = 0;
all.forEach((v, i) => {
  const x = v / 32768, a = 2 * Math.PI * FREQUENCY * i / 16000;
  re += x * Math.cos(a); im += x * Math.sin(a); power += x * x;
});
return [frames.length, 2 * Math.hypot(re, im) / all.length, Math.sqrt(power / all.length)];
"""


@pytest.mark.parametrize("frequency", [300, 1000, 6000])
def test_speech_keeps_its_level_on_the_way_to_16_khz(visit: Visit, frequency: int) -> None:
    visit.open()
    frames, amplitude, power = visit.wait_for(RESAMPLE.replace("FREQUENCY", str(frequency)))
    assert 98 <= frames <= 100
    assert amplitude == pytest.approx(0.5, rel=0.03)
    assert power == pytest.approx(0.5 / 2**0.5, rel=0.03)


@pytest.mark.parametrize("frequency", [9500, 12000, 15000])
def test_what_16_khz_cannot_carry_is_not_folded_into_speech(visit: Visit, frequency: int) -> None:
    visit.open()
    _, _, power = visit.wait_for(RESAMPLE.replace("FREQUENCY", str(frequency)))
    assert power < 0.5 / 2**0.5 / 100  # 40 dB down
