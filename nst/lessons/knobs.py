"""Sliders that paint, and below them a strip of what they made, which is still there when the sliders are gone.

Widgets live as long as the kernel. On GitHub, in a web page, in the notebook opened tomorrow there are none; what was
painted with them, and with which settings, stays.
"""

import ipywidgets
from IPython.display import display

from nst.lessons.figures.gallery import Strip
from nst.painting import Together


def knobs(paint, alt, *, settings, button="Paint", width=3.0, **sliders):
    """Show sliders, and a button that paints with their values; paint once with those they begin with.

    paint: a function of the sliders' values that returns a picture, (H, W, 3) uint8. alt: what the pictures show, for
    those who do not see them. settings: a function of the same values that returns the title of the picture. sliders:
    the name of an argument -> its widget. width: inches per picture.
    """
    strip = Strip(alt, width, columns=4, most=8)
    press = ipywidgets.Button(description=button, button_style="primary")
    bar, words = ipywidgets.FloatProgress(max=1, layout={"width": "460px"}), ipywidgets.Label()
    show_widgets(ipywidgets.VBox([*sliders.values(), press, bar, words]))

    def move(share):
        bar.value = share

    def make(*_):
        press.disabled, words.value, bar.value = True, "Painting …", 0
        values = {name: slider.value for name, slider in sliders.items()}
        words.value = painted(lambda: paint(**values), paint.__name__, settings(**values), strip, move)
        press.disabled = False

    press.on_click(make)
    make()


def painted(paint, name, title, strip, told=None):
    """Put what paint() returns into the strip; what is to be said of it. It raises nothing: a widget shows no error.

    name: of the function that somebody has to mend if paint() raises an error. told: as in Together.
    """
    with Together(told) as block:
        try:
            picture = paint()
            strip[block.titled(title)] = picture
        except KeyboardInterrupt:
            return "interrupted before anything was painted"
        except Exception as error:
            return f"not painted, because {name} stops with {error!r}"
    return "interrupted; below is the picture so far" if block.stopped else "painted"


def show_widgets(box):
    """Display widgets, with a sentence for wherever there are none."""
    bundle = box._repr_mimebundle_()
    words = "Sliders and buttons are here when you run this cell in JupyterLab. What they made last is below."
    display(bundle | {"text/plain": words}, raw=True)
