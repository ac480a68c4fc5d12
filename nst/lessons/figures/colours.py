"""The colours of all figures."""

INK, PALE, GREY = "#2b2b33", "#e9e6df", "#8b8579"
CONTENT, STYLE, PICTURE = "#2f6f9f", "#c9572b", "#5b8c5a"
CHANNELS = ["#d1495b", "#3f8f6b", "#3b6fb5", "#e3a33c", "#7a5195", "#5f6b73"]
