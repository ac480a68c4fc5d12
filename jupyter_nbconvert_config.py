"""Settings of `jupyter nbconvert`, run from the root of the clone: pages whose colours weak eyes can read, too."""

from pathlib import Path

c = get_config()  # noqa: F821

c.HTMLExporter.extra_template_basedirs = [str(Path(__file__).resolve().parent / "nst" / "course")]
c.HTMLExporter.template_name = "page"
